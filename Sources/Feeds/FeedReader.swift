public import EventSourcing
public import NIOCore
internal import Synchronization

/// Somebody who reads a feed as it grows, over one connection.
///
/// A reader that is level with the log gets what comes from the connection's own thread, without waking anybody. One
/// that lags behind, because its connection takes no more, is served by its task, which waits for the connection;
/// nothing is queued for it.
public final class FeedReader: Sendable {
  /// How bytes reach a reader that is level with the log.
  public struct Connection: Sendable {
    let eventLoop: any EventLoop
    let isWritable: @Sendable () -> Bool
    let push: @Sendable (_ bytes: ByteBuffer, _ chunk: ByteBuffer) -> Void
    let cut: @Sendable () -> Void

    /// - Parameters:
    ///   - isWritable: whether the connection takes more; asked on its event loop.
    ///   - push: sends bytes, or what is the same, a chunk of HTTP/1.1 with these bytes in it; called on the event
    ///     loop.
    ///   - cut: closes the connection, whatever it is doing.
    public init(
      eventLoop: any EventLoop, isWritable: @escaping @Sendable () -> Bool,
      push: @escaping @Sendable (_ bytes: ByteBuffer, _ chunk: ByteBuffer) -> Void, cut: @escaping @Sendable () -> Void
    ) {
      self.eventLoop = eventLoop
      self.isWritable = isWritable
      self.push = push
      self.cut = cut
    }
  }

  /// Something for all readers that are level with the log.
  struct News: Sendable {
    /// What a reader has read to whom this follows.
    let first: Position
    let next: Position
    /// Set when this is a checkpoint of that size.
    let covered: LogSize?
    let bytes: ByteBuffer
    /// The bytes in chunked transfer coding (RFC 9112, 7.1): made once, where otherwise each connection would make it.
    let chunk: ByteBuffer

    init(first: Position, next: Position, covered: LogSize?, bytes: ByteBuffer) {
      self.first = first
      self.next = next
      self.covered = covered
      self.bytes = bytes
      var chunk = ByteBuffer()
      chunk.reserveCapacity(bytes.readableBytes + 12)
      chunk.writeString(String(bytes.readableBytes, radix: 16))
      chunk.writeStaticString("\r\n")
      chunk.writeImmutableBuffer(bytes)
      chunk.writeStaticString("\r\n")
      self.chunk = chunk
    }
  }

  private struct State {
    var next: Position
    /// The size of the newest checkpoint that was sent.
    var covered = LogSize.zero
    var isLevel = false
    var task: CheckedContinuation<Void, Never>?
    var sendingSince: ContinuousClock.Instant?

    mutating func takeTask() -> CheckedContinuation<Void, Never>? {
      isLevel = false
      defer { task = nil }
      return task
    }
  }

  /// Until when it may read, and whether it still may; asked before everything that is sent.
  public struct Admission: Sendable {
    let expires: Int
    let isValid: @Sendable () -> Bool

    /// - Parameters:
    ///   - expires: when its token does, in seconds since 1970.
    ///   - isValid: whether nobody has shut it out meanwhile; must not block.
    public init(expires: Int, isValid: @escaping @Sendable () -> Bool = { true }) {
      self.expires = expires
      self.isValid = isValid
    }
  }

  let admission: Admission
  let connection: Connection
  private let state: Mutex<State>

  /// - Parameters:
  ///   - next: the first position that it has not read.
  ///   - admission: what lets it in.
  public init(from next: Position, admission: Admission, connection: Connection) {
    self.admission = admission
    self.connection = connection
    state = Mutex(State(next: next))
  }

  var next: Position { state.withLock { $0.next } }

  // MARK: Served by its task

  /// Whether the reader lacks a checkpoint that it can understand: one that covers nothing it has not read.
  func lacks(_ checkpoint: StoredCheckpoint?) -> Bool {
    guard let checkpoint else { return false }
    return state.withLock { checkpoint.size > $0.covered && checkpoint.size.value <= $0.next.value }
  }

  /// Sends something and notes how far it goes; the time until the connection has taken it is watched.
  func send(
    through next: Position? = nil, covering size: LogSize? = nil, _ body: () async throws -> Void
  ) async throws {
    guard admission.isValid() else {
      connection.cut()
      throw ShutOut()
    }
    state.withLock { $0.sendingSince = .now }
    defer { state.withLock { $0.sendingSince = nil } }
    try await body()
    state.withLock { state in
      state.next = next ?? state.next
      state.covered = size ?? state.covered
    }
  }

  /// Whether it may no longer read.
  func isShutOut(at seconds: Int) -> Bool { admission.expires <= seconds || !admission.isValid() }

  func hasStalled(since limit: ContinuousClock.Instant) -> Bool {
    state.withLock { $0.sendingSince.map { $0 <= limit } ?? false }
  }

  // MARK: Level with the log

  func becomeLevel() { state.withLock { $0.isLevel = true } }

  /// Gives the reader back to its task.
  func stopBeingLevel() { state.withLock { $0.takeTask() }?.resume() }

  /// Suspends the task until the reader lags behind, the feed ends, or the task is cancelled.
  func whileLevel() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { task in
        let isOver = state.withLock { state in
          guard state.isLevel, !Task.isCancelled else {
            state.isLevel = false
            return true
          }
          state.task = task
          return false
        }
        if isOver { task.resume() }
      }
    } onCancel: {
      stopBeingLevel()
    }
  }

  /// Sends the news if they follow what the reader has. Called on its event loop, which keeps the order.
  func deliver(_ news: News) {
    enum Outcome { case pushed, passedOver, lagging(CheckedContinuation<Void, Never>?) }
    guard admission.isValid() else { return connection.cut() }
    let outcome = state.withLock { state -> Outcome in
      guard state.isLevel, state.next == news.first else { return .passedOver }
      guard connection.isWritable() else { return .lagging(state.takeTask()) }
      state.next = news.next
      state.covered = news.covered ?? state.covered
      connection.push(news.bytes, news.chunk)
      return .pushed
    }
    if case .lagging(let task?) = outcome { task.resume() }
  }
}

/// A reader was shut out while its answer went on; its connection is cut in the middle of it.
public struct ShutOut: Error {}

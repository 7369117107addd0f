internal import DequeModule
public import EventSourcing
public import NIOCore
internal import Synchronization

/// The newest events of one log, and those who wait for more.
///
/// What is here is a copy for speed: a reader that finds nothing here, or is behind it, asks the store. Readers that
/// are level with the log are handed what comes, the same bytes for all; the others look themselves what is new for
/// them, so no queue grows with a slow one.
public final class FeedTail: Sendable {
  private struct State {
    var pages: Deque<FeedPage> = []
    var byteCount = 0
    /// The position after the newest event here; nil until the store was asked.
    var next: Position?
    var checkpoint: StoredCheckpoint?
    /// Whether those that are level have yet to get the checkpoint.
    var owesCheckpoint = false
    var isClosed = false
    /// Counts what happens here, so that nobody falls asleep over it.
    var change: UInt64 = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var waiterCount = 0
    var readers: [ObjectIdentifier: FeedReader] = [:]
    /// Those that are level with the log, by their event loops.
    var level: [ObjectIdentifier: Level] = [:]

    /// The checkpoint that is owed, unless it covers events beyond a position.
    mutating func takeCheckpoint(through next: Position) -> StoredCheckpoint? {
      guard owesCheckpoint, let checkpoint, checkpoint.size.value <= next.value else { return nil }
      owesCheckpoint = false
      return checkpoint
    }

    /// Sends news, each event loop to its own readers. Under the lock, so that all loops get all news in one order.
    func send(_ news: FeedReader.News) {
      for level in level.values {
        level.eventLoop.execute { for reader in level.readers { reader.deliver(news) } }
      }
    }
  }

  private struct Level {
    let eventLoop: any EventLoop
    var readers: [FeedReader] = []
  }

  public let log: LogID
  private let state = Mutex(State())
  private let byteCountMax: Int

  init(_ log: LogID, byteCountMax: Int) {
    self.log = log
    self.byteCountMax = byteCountMax
  }

  // MARK: What there is

  /// A mark to take before looking for news, and to wait with when there are none.
  public var change: UInt64 { state.withLock { $0.change } }
  /// The newest known checkpoint of the log.
  public var checkpoint: StoredCheckpoint? { state.withLock { $0.checkpoint } }
  public var isClosed: Bool { state.withLock { $0.isClosed } }
  var next: Position? { state.withLock { $0.next } }

  public enum News: Sendable {
    /// Blocks, and the position that follows them.
    case blocks([ByteBuffer], next: Position)
    /// The store may have more; here it is too old, or not known.
    case inStore
    case none
    /// The log has been cut or replaced: what is read on from here would not continue what was read before.
    case closed
  }

  public func news(from position: Position) -> News {
    state.withLock { state in
      if state.isClosed { return .closed }
      guard let next = state.next else { return .inStore }
      guard position < next else { return .none }
      guard let first = state.pages.first?.first, position >= first else { return .inStore }
      // Nearly everybody lacks the newest page only.
      var index = state.pages.endIndex - 1
      while state.pages[index].first > position { index -= 1 }
      return .blocks(state.pages[index...].map { $0.blocks(from: position) }, next: next)
    }
  }

  /// Suspends until something happens after the mark, or the task is cancelled.
  public func wait(after mark: UInt64) async {
    let number = state.withLock { state in
      state.waiterCount += 1
      return state.waiterCount
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.change == mark, !Task.isCancelled else { return true }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }

  // MARK: What happens

  private func change(_ body: (inout State) -> Void) {
    let waiters = state.withLock { state in
      body(&state)
      state.change &+= 1
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The log holds this many events; whoever has read less finds the rest in the store.
  func begin(at size: LogSize) { change { $0.next = size.nextPosition } }

  /// Adds events that follow the newest ones.
  func append(_ page: FeedPage) {
    change { state in
      precondition(state.next == page.first, "a feed has no gaps")
      state.pages.append(page)
      state.byteCount += page.byteCount
      state.next = page.next
      var blocks = page.blocks(from: page.first)
      let checkpoint = state.takeCheckpoint(through: page.first)
      if let checkpoint { blocks = .checkpoint(checkpoint, after: page.first).followed(by: blocks) }
      state.send(.init(first: page.first, next: page.next, covered: checkpoint?.size, bytes: blocks))
      while state.byteCount > byteCountMax, state.pages.count > 1, let oldest = state.pages.popFirst() {
        state.byteCount -= oldest.byteCount
      }
    }
  }

  /// Those that are level get a checkpoint with the next events, in one write; if none come soon, with `settle`.
  func show(_ checkpoint: StoredCheckpoint) {
    guard self.checkpoint != checkpoint else { return }
    change { state in
      state.checkpoint = checkpoint
      state.owesCheckpoint = true
    }
  }

  /// Sends a checkpoint after which no event has come.
  func settle() {
    state.withLock { state in
      guard let next = state.next, let checkpoint = state.takeCheckpoint(through: next) else { return }
      state.send(
        .init(first: next, next: next, covered: checkpoint.size, bytes: .checkpoint(checkpoint, after: next)))
    }
  }

  /// Tells the silent streams that the server lives.
  func beat() {
    state.withLock { state in
      if let next = state.next { state.send(.init(first: next, next: next, covered: nil, bytes: .heartbeat)) }
    }
  }

  /// Ends all streams.
  func close() {
    change { $0.isClosed = true }
    for reader in state.withLock({ Array($0.readers.values) }) { reader.stopBeingLevel() }
  }

  // MARK: Readers

  var readerCount: Int { state.withLock { $0.readers.count } }

  func add(_ reader: FeedReader) { state.withLock { $0.readers[ObjectIdentifier(reader)] = reader } }

  func remove(_ reader: FeedReader) { state.withLock { $0.readers[ObjectIdentifier(reader)] = nil } }

  /// Hands a reader what comes until it lags behind, the feed ends or the task is cancelled; returns at once when there
  /// is something already that it lacks.
  func keepLevel(_ reader: FeedReader) async {
    let loop = ObjectIdentifier(reader.connection.eventLoop)
    let isLevel = state.withLock { state in
      guard !state.isClosed, state.next == reader.next else { return false }
      guard state.owesCheckpoint || !reader.lacks(state.checkpoint) else { return false }
      reader.becomeLevel()
      state.level[loop, default: Level(eventLoop: reader.connection.eventLoop)]
        .readers.append(reader)
      return true
    }
    guard isLevel else { return }
    await reader.whileLevel()
    state.withLock { $0.level[loop]?.readers.removeAll { $0 === reader } }
  }

  /// Cuts off those who have not taken what they were sent for too long, and those who may no longer read.
  func cutOff(stalledSince limit: ContinuousClock.Instant, shutOutAt seconds: Int) -> Int {
    let readers = state.withLock { Array($0.readers.values) }
    let cut = readers.filter { $0.isShutOut(at: seconds) || $0.hasStalled(since: limit) }
    for reader in cut { reader.connection.cut() }
    return cut.count
  }
}

extension ByteBuffer {
  /// A comment, which clients skip.
  fileprivate static let heartbeat = ByteBuffer(staticString: ":\n\n")

  fileprivate func followed(by other: ByteBuffer) -> ByteBuffer {
    var buffer = self
    buffer.writeImmutableBuffer(other)
    return buffer
  }

  /// A block that repeats the id before it, so that a reader resumes after the same event.
  static func checkpoint(_ checkpoint: StoredCheckpoint, after next: Position) -> ByteBuffer {
    var buffer = ByteBuffer()
    if let last = LogSize(next.value).lastPosition {
      buffer.writeStaticString("id: ")
      buffer.write(last)
      buffer.writeStaticString("\n")
    }
    let data: JSON = ["note": .string(checkpoint.note), "size": .integer(checkpoint.size.value)]
    buffer.writeStaticString("event: checkpoint\ndata: ")
    buffer.writeBytes(data.canonicalBytes)
    buffer.writeStaticString("\n\n")
    return buffer
  }
}

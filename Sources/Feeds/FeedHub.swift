public import EventSourcing
public import Logging
public import NIOCore
public import ServiceLifecycle
internal import Synchronization

/// The feeds that somebody reads at this moment: each log is followed once, however many read it.
public final class FeedHub: Service {
  private struct State {
    var tails: [LogID: FeedTail] = [:]
    var readers = 0
    var isClosed = false
  }

  private let store: any EventLog
  private let configuration: FeedConfiguration
  private let now: @Sendable () -> Int
  private let logger: Logger
  private let catchUps: Turns
  private let lookups: Turns
  private let catchingUp = Atomic<Int>(0)
  private let state = Mutex(State())
  private let starts: AsyncStream<FeedTail>
  private let start: AsyncStream<FeedTail>.Continuation

  /// - Parameter now: seconds since 1970, against which tokens expire.
  public init(
    store: any EventLog, configuration: FeedConfiguration = FeedConfiguration(), now: @escaping @Sendable () -> Int,
    logger: Logger
  ) {
    self.store = store
    self.configuration = configuration
    self.now = now
    self.logger = logger
    catchUps = Turns(countMax: configuration.catchUpsMax, waitingMax: configuration.readersMax)
    lookups = Turns(countMax: configuration.lookupsMax, waitingMax: configuration.readersMax)
    (starts, start) = AsyncStream.makeStream(of: FeedTail.self)
  }

  /// Follows the logs that are read. Streams end when this ends.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for await tail in self.starts { group.addTask { await self.follow(tail) } }
        self.state.withLock { $0.isClosed = true }
        group.cancelAll()
      }
    }
    // Those that were never followed.
    for tail in state.withLock({ Array($0.tails.values) }) { tail.close() }
  }

  /// Whether one more would be let in now.
  public var hasRoom: Bool { state.withLock { !$0.isClosed && $0.readers < configuration.readersMax } }

  /// Asks the store for what one request needs. Thousands of readers come back at once after a restart, or wait for the
  /// same event; in line they get it, while the store's connections let far fewer wait.
  /// - Throws: what the body throws; `NoTurnLeft` at once when too many wait; `CancellationError` when the task is
  ///   cancelled while it waits.
  public func lookUp<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await lookups.withTurn(body)
  }

  /// Lends the tail of a log to a reader; nil when there are too many, or when the server stops.
  public func withTail<Result>(
    of log: LogID, for reader: FeedReader, _ body: (FeedTail) async throws -> Result
  ) async throws -> Result? {
    guard let tail = join(log, reader) else { return nil }
    defer { leave(tail, reader) }
    return try await body(tail)
  }

  private func join(_ log: LogID, _ reader: FeedReader) -> FeedTail? {
    state.withLock { state in
      guard !state.isClosed, state.readers < configuration.readersMax else { return nil }
      state.readers += 1
      let tail = state.tails[log] ?? FeedTail(log, byteCountMax: configuration.tailByteCountMax)
      tail.add(reader)
      if state.tails.updateValue(tail, forKey: log) == nil { start.yield(tail) }
      return tail
    }
  }

  private func leave(_ tail: FeedTail, _ reader: FeedReader) {
    tail.remove(reader)
    state.withLock { $0.readers -= 1 }
  }

  /// Whether nobody reads a tail any more; nobody will then, because the next reader gets another one.
  private func isAbandoned(_ tail: FeedTail) -> Bool {
    state.withLock { state in
      guard tail.readerCount == 0 else { return false }
      Self.forget(tail, &state)
      return true
    }
  }

  private func forget(_ tail: FeedTail) { state.withLock { Self.forget(tail, &$0) } }

  private static func forget(_ tail: FeedTail, _ state: inout State) {
    if state.tails[tail.log] === tail { state.tails[tail.log] = nil }
  }

  // MARK: Following

  private func follow(_ tail: FeedTail) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.growth(of: tail) }
      group.addTask { await self.tick(tail) }
      // The clock sees when nobody reads any more, and when the log was cut.
      await group.next()
      group.cancelAll()
    }
    forget(tail)
    // Whoever still reads it would wait for ever.
    tail.close()
  }

  private func growth(of tail: FeedTail) async {
    while !Task.isCancelled {
      do {
        try await store.withGrowthHints(of: tail.log) { hints in
          try await self.drain(tail)
          for await _ in hints { try await self.drain(tail) }
        }
      } catch {
        logger.debug("feed interrupted", metadata: ["plan": "\(tail.log.plan)", "reason": "\(error)"])
        // Cancellation ends the pause early; the loop condition sees it.
        try? await Task.sleep(for: configuration.storeRetryPause)
      }
    }
  }

  private func drain(_ tail: FeedTail) async throws(EventLogFailure) {
    guard var next = tail.next else {
      return tail.begin(at: try await store.head(of: tail.log)?.size ?? .zero)
    }
    while true {
      let page = try await page(of: tail.log, from: next, countMax: configuration.catchUpCount)
      guard !page.isEmpty else { return }
      tail.append(page)
      next = page.next
    }
  }

  private func page(
    of log: LogID, from position: Position, countMax: Int
  ) async throws(EventLogFailure) -> FeedPage {
    var page = FeedPage(from: position)
    _ = try await store.lendEntries(of: log, from: position, limit: countMax) { page.append($1) }
    return page
  }

  private func tick(_ tail: FeedTail) async {
    var beaten = ContinuousClock.now
    while !Task.isCancelled, !tail.isClosed, !isAbandoned(tail) {
      // Ends early on cancellation; the loop condition sees it.
      try? await Task.sleep(for: configuration.tickInterval)
      let cut = tail.cutOff(stalledSince: .now - configuration.stallMax, shutOutAt: now())
      if cut > 0 { logger.info("feed readers cut off", metadata: ["count": "\(cut)", "plan": "\(tail.log.plan)"]) }
      tail.settle()
      await look(at: tail)
      if beaten + configuration.heartbeatInterval <= .now {
        beaten = .now
        tail.beat()
      }
    }
  }

  /// Looks for a newer checkpoint, and whether the log still is the one that was read.
  private func look(at tail: FeedTail) async {
    do {
      if let checkpoint = try await store.checkpoint(of: tail.log, sizeMax: nil) { tail.show(checkpoint) }
      let size = try await store.head(of: tail.log)?.size ?? .zero
      if let next = tail.next, size.nextPosition < next { tail.close() }
    } catch {
      logger.debug("no checkpoint for a feed", metadata: ["plan": "\(tail.log.plan)", "reason": "\(error)"])
    }
  }

  // MARK: One stream

  /// Sends a reader the events that it has not read, as they come, until it goes, is cut off or the log is.
  ///
  /// Order is the log's, nothing is left out and nothing repeated. After the events that a checkpoint covers comes a
  /// block of type `checkpoint` with the note.
  public func stream(
    _ tail: FeedTail, to reader: FeedReader, _ write: ([ByteBuffer]) async throws -> Void
  ) async throws {
    while !Task.isCancelled {
      let mark = tail.change
      switch tail.news(from: reader.next) {
      case .closed: return
      case .blocks(let blocks, let next): try await reader.send(through: next) { try await write(blocks) }
      case .inStore:
        let isAnything = try await catchUp(tail.log, reader, write)
        if !isAnything { await tail.wait(after: mark) }
      case .none:
        if let checkpoint = tail.checkpoint, reader.lacks(checkpoint) {
          let block = ByteBuffer.checkpoint(checkpoint, after: reader.next)
          try await reader.send(covering: checkpoint.size) { try await write([block]) }
        } else if let next = tail.next, reader.next > next {
          // The store was asked before the tail had the newest events.
          await tail.wait(after: mark)
        } else {
          await tail.keepLevel(reader)
        }
      }
    }
  }

  /// Sends what the store has, each page while the next one is read; false when there is nothing.
  ///
  /// Only reading takes a turn: a connection that takes its bytes slowly holds nobody else up. What it holds is little:
  /// once more than a few catch up, each has one short page.
  private func catchUp(
    _ log: LogID, _ reader: FeedReader, _ write: ([ByteBuffer]) async throws -> Void
  ) async throws -> Bool {
    catchingUp.add(1, ordering: .relaxed)
    defer { catchingUp.subtract(1, ordering: .relaxed) }
    var (page, isLast) = try await pageInTurn(of: log, from: reader.next)
    let isAnything = !page.isEmpty
    while !page.isEmpty {
      let sent = page
      let readsAhead = !isLast && !isCrowded
      async let ahead = readsAhead ? pageInTurn(of: log, from: sent.next) : nil
      try await reader.send(through: sent.next) { try await write([sent.blocks(from: sent.first)]) }
      if isLast { break }
      let following = try await ahead
      (page, isLast) = if let following { following } else { try await pageInTurn(of: log, from: sent.next) }
    }
    return isAnything
  }

  /// Whether more streams catch up than may each hold long pages.
  private var isCrowded: Bool { catchingUp.load(ordering: .relaxed) > configuration.catchUpsMax }

  /// A page, and whether there was no more.
  private func pageInTurn(of log: LogID, from position: Position) async throws -> (page: FeedPage, isLast: Bool) {
    let count = isCrowded ? configuration.crowdedCatchUpCount : configuration.catchUpCount
    let page = try await catchUps.withTurn { try await self.page(of: log, from: position, countMax: count) }
    return (page, page.count < count)
  }

  /// Waits until the log has an event at a position, at most this long.
  public func wait(for position: Position, in tail: FeedTail, atMost time: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        while !Task.isCancelled, !tail.isClosed {
          let mark = tail.change
          if let next = tail.next, position < next { return }
          await tail.wait(after: mark)
        }
      }
      // Cancelled as soon as the event is there.
      group.addTask { try? await Task.sleep(for: time) }
      await group.next()
      group.cancelAll()
    }
  }
}

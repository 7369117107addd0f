internal import Crypto
internal import Synchronization

/// An event log in memory: for tests and dry exploration, with the promises of `EventLog` except durability.
public final class InMemoryEventLog: EventLog {
  private struct Log {
    var head: LogHead
    var events: [StoredEvent] = []
    var disclosures: [StoredDisclosure] = []
    var checkpoints: [StoredCheckpoint] = []
    var tiles: [TileKey: StoredTile] = [:]
  }

  private struct TileKey: Hashable {
    let level: Int
    let index: Int64
  }

  private struct State {
    var logs: [LogID: Log] = [:]
    var slugs: [String: EntityID] = [:]
    var receipts: [EntityID: [ReceiptKey: Receipt]] = [:]
    var watchers: [Int: (log: LogID, hints: AsyncStream<LogSize?>.Continuation)] = [:]
    var watcherCount = 0
    var failures: [EventLogFailure] = []
    var failuresAfterCommit: [EventLogFailure] = []
  }

  private let state = Mutex(State())
  private let clock: @Sendable () -> Timestamp

  public init(clock: @escaping @Sendable () -> Timestamp) { self.clock = clock }

  /// Makes the next append fail before it writes.
  public func failNextAppend(_ failure: EventLogFailure) { state.withLock { $0.failures.append(failure) } }

  /// Makes the next append write and then report this failure: the connection that broke at the worst moment.
  public func failNextAppendAfterCommit(_ failure: EventLogFailure) {
    state.withLock { $0.failuresAfterCommit.append(failure) }
  }

  public func head(of log: LogID) async throws(EventLogFailure) -> LogHead? {
    state.withLock { $0.logs[log]?.head }
  }

  public func append(_ batch: AppendBatch) async throws(EventLogFailure) -> AppendOutcome {
    let result = state.withLock { Self.append(batch, to: &$0, storeTime: clock()) }
    return try result.get()
  }

  private static func append(
    _ batch: AppendBatch, to state: inout State, storeTime: Timestamp
  ) -> Result<AppendOutcome, EventLogFailure> {
    if !state.failures.isEmpty { return .failure(state.failures.removeFirst()) }
    if let creation = batch.creation {
      if let owner = state.slugs[creation.slug], owner != batch.log.plan { return .success(.slugTaken) }
    }
    let current = state.logs[batch.log]
    let size = current?.head.size ?? .zero
    let epoch = current?.head.epoch ?? batch.expectedEpoch
    guard size == batch.expectedSize, epoch == batch.expectedEpoch, (current == nil) == (batch.creation != nil) else {
      return .success(.conflict(size: size, epoch: epoch))
    }
    let known = state.receipts[batch.log.plan] ?? [:]
    let used = batch.receipts.map(\.key).filter { known[$0] != nil }
    guard used.isEmpty else { return .success(.keysUsed(used)) }
    for (index, event) in batch.events.enumerated() {
      guard event.position.value == batch.expectedSize.value + Int64(index),
        event.leafHash == Array(SHA256.hash(data: [0] + event.body))
      else { return .failure(EventLogFailure(.broken, "an event has the wrong position or leaf hash")) }
    }
    guard batch.newHead.size.value == batch.expectedSize.value + Int64(batch.events.count) else {
      return .failure(EventLogFailure(.broken, "the new head does not fit the events"))
    }
    guard batch.erasures.isEmpty || !batch.events.isEmpty else {
      return .failure(EventLogFailure(.broken, "an erasure needs an event that says so"))
    }
    var log = current ?? Log(head: batch.newHead)
    log.head = batch.newHead
    log.events += batch.events
    log.disclosures += batch.disclosures
    if !batch.erasures.isEmpty {
      log.disclosures.removeAll { disclosure in batch.erasures.contains { $0.covers(disclosure) } }
    }
    state.logs[batch.log] = log
    if let creation = batch.creation { state.slugs[creation.slug] = batch.log.plan }
    for receipt in batch.receipts { state.receipts[batch.log.plan, default: [:]][receipt.key] = receipt }
    for watcher in state.watchers.values where watcher.log == batch.log { watcher.hints.yield(log.head.size) }
    if !state.failuresAfterCommit.isEmpty { return .failure(state.failuresAfterCommit.removeFirst()) }
    return .success(.appended(storeTime: storeTime))
  }

  public func receipts(of plan: EntityID, for keys: [ReceiptKey]) async throws(EventLogFailure) -> [Receipt] {
    state.withLock { state in keys.compactMap { state.receipts[plan]?[$0] } }
  }

  public func withReceiptAnswers<Result: Sendable>(
    of plan: EntityID, _ body: (_ next: @escaping () async throws -> [UInt8]?) async throws -> Result
  ) async throws -> Result {
    let answers = state.withLock { state in (state.receipts[plan] ?? [:]).values.map(\.answer) }
    func size(_ answer: [UInt8]) -> Int64 { (try? JSONParser.parse(answer))?["size"]?.integer ?? -1 }
    var ordered = answers.map { ($0, size($0)) }.sorted { $0.1 < $1.1 }.map(\.0)[...]
    return try await body { ordered.popFirst() }
  }

  public func events(of log: LogID, matching query: EventQuery) async throws(EventLogFailure) -> [StoredEvent] {
    state.withLock { state in
      guard let events = state.logs[log]?.events else { return [] }
      let matches = { (event: StoredEvent) in
        (query.subject == nil || event.subject == query.subject) && (query.type == nil || event.type == query.type)
      }
      let limit = min(query.limit, EventQuery.limitMax)
      switch query.order {
      case .oldestFirst:
        let from = Int(max(query.from?.value ?? 0, 0))
        return Array(events.dropFirst(from).lazy.filter(matches).prefix(limit))
      case .newestFirst:
        let last = min(query.from?.value ?? .max, Int64(events.count) - 1)
        return Array(events.prefix(Int(max(last, -1)) + 1).reversed().lazy.filter(matches).prefix(limit))
      }
    }
  }

  public func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(EventLogFailure) -> Int {
    let events = try await events(of: log, matching: EventQuery(from: start, limit: limit))
    for event in events { event.body.withUnsafeBytes { body(event.position, $0) } }
    return events.count
  }

  public func disclosures(
    of log: LogID, at positions: [Position]
  ) async throws(EventLogFailure) -> [StoredDisclosure] {
    let wanted = Set(positions)
    return state.withLock { $0.logs[log]?.disclosures.filter { wanted.contains($0.position) } ?? [] }
  }

  public func logs(of plan: EntityID) async throws(EventLogFailure) -> [LogID] {
    state.withLock { state in
      state.logs.keys.filter { $0.plan == plan }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
  }

  public func plans(after slug: String?, limit: Int) async throws(EventLogFailure) -> [PlanEntry] {
    state.withLock { state in
      state.slugs.sorted { $0.key < $1.key }.filter { slug == nil || $0.key > slug ?? "" }.prefix(limit).map {
        PlanEntry(plan: $0.value, slug: $0.key, size: state.logs[LogID(plan: $0.value)]?.head.size ?? .zero)
      }
    }
  }

  public func plan(withSlug slug: String) async throws(EventLogFailure) -> EntityID? {
    state.withLock { $0.slugs[slug] }
  }

  public func storeTime() async throws(EventLogFailure) -> Timestamp { clock() }

  public func publish(_ checkpoint: StoredCheckpoint, of log: LogID) async throws(EventLogFailure) -> Bool {
    state.withLock { state in
      guard let current = state.logs[log], current.head.size >= checkpoint.size,
        current.head.epoch == checkpoint.epoch
      else { return false }
      let same = current.checkpoints.first { $0.epoch == checkpoint.epoch && $0.size == checkpoint.size }
      if let same { return same.root == checkpoint.root }
      state.logs[log]?.checkpoints.append(checkpoint)
      return true
    }
  }

  public func checkpoints(
    of log: LogID, after size: LogSize, limit: Int
  ) async throws(EventLogFailure) -> [StoredCheckpoint] {
    let later = state.withLock { $0.logs[log]?.checkpoints.filter { $0.size > size } ?? [] }
      .sorted { ($0.size, $0.epoch) < ($1.size, $1.epoch) }
    guard let last = later.prefix(limit).last else { return [] }
    return later.filter { $0.size <= last.size }
  }

  public func checkpoint(
    of log: LogID, sizeMax: LogSize?
  ) async throws(EventLogFailure) -> StoredCheckpoint? {
    state.withLock { state in
      state.logs[log]?.checkpoints.filter { stored in sizeMax.map { stored.size <= $0 } ?? true }
        .max { ($0.epoch, $0.size) < ($1.epoch, $1.size) }
    }
  }

  public func withGrowthHints<Result: Sendable>(
    of log: LogID, _ body: @Sendable (AsyncStream<LogSize?>) async throws -> Result
  ) async throws -> Result {
    let (stream, continuation) = AsyncStream.makeStream(of: LogSize?.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.watcherCount += 1
      state.watchers[state.watcherCount] = (log, continuation)
      return state.watcherCount
    }
    defer {
      state.withLock { state in _ = state.watchers.removeValue(forKey: number) }
      continuation.finish()
    }
    return try await body(stream)
  }
}

extension InMemoryEventLog: TileStore {
  public var tiles: any TileStore { self }

  public func hashes(of parts: [TreePart], in log: LogID) async throws(EventLogFailure) -> [[UInt8]] {
    state.withLock { state in
      let log = state.logs[log]
      return parts.map { part in
        switch part {
        case .leafHashes(let first, let count):
          return log?.events.dropFirst(Int(first.value)).prefix(count).flatMap(\.leafHash) ?? []
        case .tile(let level, let index): return log?.tiles[TileKey(level: level, index: index)]?.hashes ?? []
        case .tileRoots(let level, let first, let count):
          return (first..<first + Int64(count)).lazy.map { log?.tiles[TileKey(level: level, index: $0)] }
            .prefix { $0 != nil }.flatMap { $0?.root ?? [] }
        }
      }
    }
  }

  public func storeTiles(_ tiles: [StoredTile], of log: LogID) async throws(EventLogFailure) {
    let areSound = state.withLock { state in
      for tile in tiles {
        guard tile.hashes == Self.hashes(below: tile, in: state.logs[log]) else { return false }
        let key = TileKey(level: tile.level, index: tile.index)
        if state.logs[log]?.tiles[key] == nil { state.logs[log]?.tiles[key] = tile }
      }
      return true
    }
    guard areSound else { throw EventLogFailure(.broken, "a tile is not made of what lies below it") }
  }

  private static func hashes(below tile: StoredTile, in log: Log?) -> [UInt8] {
    let width = StoredTile.width
    guard let log else { return [] }
    if tile.level == 0 {
      return log.events.dropFirst(Int(tile.index) * width).prefix(width).flatMap(\.leafHash)
    }
    let children = (0..<Int64(width)).map { TileKey(level: tile.level - 1, index: tile.index * Int64(width) + $0) }
    return children.flatMap { log.tiles[$0]?.root ?? [] }
  }

  public func tileCount(of log: LogID) async throws(EventLogFailure) -> Int64 {
    state.withLock { state in
      let last = state.logs[log]?.tiles.keys.filter { $0.level == 0 }.map(\.index).max()
      return (last ?? -1) + 1
    }
  }
}

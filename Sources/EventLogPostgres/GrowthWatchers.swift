internal import EventSourcing

/// Who wants to know when which log grows, and which logs have grown since others were last told.
struct GrowthWatchers: Sendable {
  private var watchers: [Int: (log: LogID, hints: AsyncStream<Void>.Continuation)] = [:]
  private var count = 0
  private var grown: Set<LogID> = []

  mutating func add(_ log: LogID, _ hints: AsyncStream<Void>.Continuation) -> Int {
    count += 1
    watchers[count] = (log, hints)
    return count
  }

  mutating func remove(_ number: Int) { watchers[number] = nil }

  /// Wakes those here, and remembers to tell the other servers.
  mutating func hasGrown(_ log: LogID) {
    grown.insert(log)
    hint(log)
  }

  mutating func takeGrown() -> [LogID] {
    defer { grown = [] }
    return Array(grown)
  }

  func hint(_ log: LogID) {
    for watcher in watchers.values where watcher.log == log { watcher.hints.yield() }
  }

  func hintAll() {
    for watcher in watchers.values { watcher.hints.yield() }
  }
}

internal import EventSourcing

/// Who wants to know when which log grows, and which logs have grown since others were last told.
struct GrowthWatchers: Sendable {
  private var watchers: [Int: (log: LogID, hints: AsyncStream<LogSize?>.Continuation)] = [:]
  private var count = 0
  private var grown: [LogID: LogSize] = [:]

  mutating func add(_ log: LogID, _ hints: AsyncStream<LogSize?>.Continuation) -> Int {
    count += 1
    watchers[count] = (log, hints)
    return count
  }

  mutating func remove(_ number: Int) { watchers[number] = nil }

  /// Wakes those here, and remembers to tell the other servers.
  mutating func hasGrown(_ log: LogID, to size: LogSize) {
    grown[log] = size
    hint(log, size)
  }

  mutating func takeGrown() -> [LogID: LogSize] {
    defer { grown = [:] }
    return grown
  }

  func hint(_ log: LogID, _ size: LogSize) {
    for watcher in watchers.values where watcher.log == log { watcher.hints.yield(size) }
  }

  func hintAll() {
    for watcher in watchers.values { watcher.hints.yield(nil) }
  }
}

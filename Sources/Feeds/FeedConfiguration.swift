/// The limits of what is handed out as feeds.
package struct FeedConfiguration: Sendable {
  /// Streams and waiting readers at a time, of all feeds together; past it a caller gets `too-many-streams`.
  package var readersMax = 10_000
  /// Bytes of the newest events kept encoded for each followed log; whoever is behind them reads from the store.
  package var tailByteCountMax = 1 << 20
  /// Events read from the store at once by whoever catches up.
  package var catchUpCount = 1000
  /// How many streams may read ahead from the store at a time; others wait for their turn.
  package var catchUpsMax = 32
  /// How often a silent stream gets a comment, so that nobody between takes it for dead.
  package var heartbeatInterval: Duration = .seconds(15)
  /// How long a stream may leave bytes untaken before it is closed.
  package var stallMax: Duration = .seconds(30)
  /// How often the newest checkpoint is looked for, and streams that stalled or whose token has expired.
  package var tickInterval: Duration = .seconds(1)
  /// Pause before the store is asked again after it failed.
  package var storeRetryPause: Duration = .milliseconds(100)

  package init() {}
}

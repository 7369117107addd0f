/// The limits of what is handed out as feeds.
public struct FeedConfiguration: Sendable {
  /// Streams and waiting readers at a time, of all feeds together; past it a caller gets `too-many-streams`.
  public var readersMax = 10_000
  /// Bytes of the newest events kept encoded for each followed log; whoever is behind them reads from the store.
  public var tailByteCountMax = 1 << 20
  /// Events read from the store at once by whoever catches up.
  public var catchUpCount = 1000
  /// The same while more streams than `catchUpsMax` catch up, each of which holds what it read until it is sent.
  public var crowdedCatchUpCount = 50
  /// How many streams may read from the store at a time; others wait for their turn, which ends before what was read is
  /// sent.
  public var catchUpsMax = 32
  /// How many requests may ask the store at a time; others wait for their turn, as many as there may be readers.
  public var lookupsMax = 64
  /// How often a silent stream gets a comment, so that nobody between takes it for dead.
  public var heartbeatInterval: Duration = .seconds(15)
  /// How long a stream may leave bytes untaken before it is closed.
  public var stallMax: Duration = .seconds(30)
  /// How often the newest checkpoint is looked for, and streams that stalled or may no longer be read.
  public var tickInterval: Duration = .seconds(1)
  /// Pause before the store is asked again after it failed.
  public var storeRetryPause: Duration = .milliseconds(100)

  public init() {}
}

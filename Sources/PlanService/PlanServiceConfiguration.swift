/// The limits and intervals of the service. Every queue, batch and retry has its limit here.
public struct PlanServiceConfiguration: Sendable {
  /// Commands that may wait for one plan; past it a caller gets `queue-full`.
  public var queueCountMax = 4096
  /// Commands decided and committed together.
  public var batchCountMax = 512
  /// Commands in one atomic list; it is never split and may exceed the batch.
  public var atomicListCountMax = 2000
  /// Plans held in memory besides those with feeds for partner systems; the least recently used idle one makes room.
  public var residentPlansMax = 64
  /// Plans held in memory as far as readers with the same rights may know them.
  public var knownViewsMax = 32
  /// Moments of a plan's past kept in memory, from which older ones are folded.
  public var pastMomentsMax = 128
  /// Events between two kept moments, as long as there are not too many.
  public var pastMomentDistance = 512
  /// Slugs and ids of plans remembered, so that a request does not ask the store for them.
  public var knownPlansMax = 10_000
  /// How long a caller waits for its answer before it is told to retry with the same key.
  public var commandTimeout: Duration = .seconds(15)
  /// How long a reader waits for a position that this server does not show yet.
  public var visibilityTimeout: Duration = .seconds(5)
  /// Pause between two tries to reach the store.
  public var storeRetryPause: Duration = .milliseconds(100)
  /// Pause before a log that needs an operator is looked at again; looking means reading all of it.
  public var troubleRetryPause: Duration = .seconds(2)
  /// Decisions on a head that another server moved are taken again this often before the callers are told to retry.
  public var conflictRetriesMax = 50
  /// How far this server's clock may differ from the store's before it refuses to write.
  public var clockSkewMax: Duration = .seconds(5)
  /// At most one checkpoint per log in this time.
  public var checkpointInterval: Duration = .seconds(1)
  /// How often the clock service looks for deadlines.
  public var clockInterval: Duration = .seconds(30)
  /// How often it is looked for plans that have feeds for partner systems.
  public var feedLookInterval: Duration = .seconds(1)
  /// Events read per page while a plan is loaded.
  public var replayPageSize = 2000

  public init() {}
}

/// The limits and intervals of the service. Every queue, batch and retry has its limit here.
package struct PlanServiceConfiguration: Sendable {
  /// Commands that may wait for one plan; past it a caller gets `queue-full`.
  package var queueCountMax = 4096
  /// Commands decided and committed together.
  package var batchCountMax = 512
  /// Commands in one atomic list; it is never split and may exceed the batch.
  package var atomicListCountMax = 2000
  /// Plans held in memory; the least recently used idle one makes room.
  package var residentPlansMax = 64
  /// Plans held in memory as far as readers with the same rights may know them.
  package var knownViewsMax = 32
  /// Moments of a plan's past kept in memory, from which older ones are folded.
  package var pastMomentsMax = 128
  /// Events between two kept moments, as long as there are not too many.
  package var pastMomentDistance = 512
  /// Slugs and ids of plans remembered, so that a request does not ask the store for them.
  package var knownPlansMax = 10_000
  /// How long a caller waits for its answer before it is told to retry with the same key.
  package var commandTimeout: Duration = .seconds(15)
  /// How long a reader waits for a position that this server does not show yet.
  package var visibilityTimeout: Duration = .seconds(5)
  /// Pause between two tries to reach the store.
  package var storeRetryPause: Duration = .milliseconds(100)
  /// Pause before a log that needs an operator is looked at again; looking means reading all of it.
  package var troubleRetryPause: Duration = .seconds(2)
  /// Decisions on a head that another server moved are taken again this often before the callers are told to retry.
  package var conflictRetriesMax = 50
  /// How far this server's clock may differ from the store's before it refuses to write.
  package var clockSkewMax: Duration = .seconds(5)
  /// At most one checkpoint per log in this time.
  package var checkpointInterval: Duration = .seconds(1)
  /// How often the clock service looks for deadlines.
  package var clockInterval: Duration = .seconds(30)
  /// How often it is looked for plans that have feeds for partner systems.
  package var feedLookInterval: Duration = .seconds(1)
  /// Events read per page while a plan is loaded.
  package var replayPageSize = 2000

  package init() {}
}

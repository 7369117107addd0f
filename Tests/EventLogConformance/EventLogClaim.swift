public import EventSourcing
public import Testing

/// One promise of an event log, with the check that fails without it. Every store runs all of them.
public struct EventLogClaim: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  public let check: @Sendable (_ makeLog: () async throws -> any EventLog) async throws -> Void

  private init(_ claim: String, _ check: @escaping @Sendable (() async throws -> any EventLog) async throws -> Void) {
    testDescription = claim
    self.check = check
  }

  public static let all: [EventLogClaim] = [
    EventLogClaim("the head of a log is the one that was last appended", checkEventLogHead),
    EventLogClaim("positions are gapless over batches of any size", checkEventLogPositionsAreGapless),
    EventLogClaim("two plans in one store have nothing in common", checkEventLogPlansAreApart),
    EventLogClaim("a conflict leaves nothing behind", checkEventLogConflictLeavesNothing),
    EventLogClaim("a log that was never begun takes no append without a creation", checkEventLogNeedsCreation),
    EventLogClaim("the identical batch sent again conflicts and doubles nothing", checkEventLogResendConflicts),
    EventLogClaim("an append that expects an old epoch conflicts", checkEventLogEpochs),
    EventLogClaim("a batch with a wrong leaf hash or position is refused as broken", checkEventLogRefusesBrokenBatches),
    EventLogClaim("a key is used at most once in a plan", checkEventLogReceipts),
    EventLogClaim("a success without events leaves its receipt", checkEventLogReceiptsWithoutEvents),
    EventLogClaim("a slug belongs to one plan", checkEventLogSlugs),
    EventLogClaim("the logs of a plan are listed, its own and those of its feeds", checkEventLogLogsOfPlan),
    EventLogClaim("plans are listed by the bytes of their slugs", checkEventLogPlanList),
    EventLogClaim("events are read in both directions", checkEventLogReadsBothWays),
    EventLogClaim("pages follow each other whole and in order", checkEventLogPages),
    EventLogClaim("entries are lent as they are stored", checkEventLogLendsEntries),
    EventLogClaim("events are read by subject and by type", checkEventLogReadsBySubjectAndType),
    EventLogClaim("disclosures are found by position", checkEventLogDisclosures),
    EventLogClaim("an append that erases takes the values and leaves every event", checkEventLogErasure),
    EventLogClaim("an append that fails to commit erases nothing", checkEventLogErasureNeedsTheAppend),
    EventLogClaim("there is one root per size and none ahead of the head", checkEventLogCheckpoints),
    EventLogClaim("full tiles are kept when they are made of what lies below them", checkEventLogTiles),
    EventLogClaim("an append reports the clock of the store", checkEventLogStoreTime),
    EventLogClaim(
      "a follower sees everything once and in order while somebody writes", checkEventLogFollowSeesEverything),
    EventLogClaim("32 writers that retry after conflicts end without a gap", checkEventLogConcurrentAppends),
  ]
}

internal import Coordination
public import EventSourcing
internal import TamperEvidence

extension PlanService {
  /// What an operator sees before opening a new epoch.
  public struct LogStatus: Sendable {
    public let head: LogHead
    /// The largest head that was ever published from here; nil when none was.
    public let published: HighWater.Mark?
    public let checkpoint: StoredCheckpoint?
    public let trouble: Unavailability?
  }

  public func logStatus(of plan: EntityID) async throws -> LogStatus? {
    let log = LogID(plan: plan)
    guard let head = try await store.head(of: log) else { return nil }
    _ = try? await snapshot(of: plan)
    return LogStatus(
      head: head, published: try highWater.mark(of: LogIDPath(log)),
      checkpoint: try await store.checkpoint(of: log, sizeMax: nil), trouble: trouble(of: plan))
  }

  /// Opens a new epoch: the log goes on from what the database holds, under a new origin, and its first event says why.
  ///
  /// This is for a log that is behind or beside what was published. It goes around the writer, which refuses such a
  /// log; servers that hold the plan must be restarted or will find the new epoch at their next look.
  /// - Returns: the head with the new epoch.
  public func openEpoch(of plan: EntityID, reason: FreeText) async throws -> LogHead {
    let log = LogID(plan: plan)
    guard let head = try await store.head(of: log) else { throw Unavailability.storeUnavailable }
    let mark = try highWater.mark(of: LogIDPath(log))
    let replay = try await replay(log, to: head)
    let storeTime = try await store.storeTime()
    let recordedAt = max(storeTime, head.lastRecordedAt ?? storeTime)
    let epoch = max(head.epoch, mark?.epoch ?? head.epoch) + 1
    let command = OpenLogEpoch(
      previousEpoch: mark?.epoch ?? head.epoch, publishedSize: Int(mark?.size ?? head.size.value),
      publishedRoot: try Label(mark?.root ?? replay.frontier.root.base64, field: "publishedRoot"), reason: reason)
    let request = CommandRequest(
      system: "operator", key: "open-epoch:\(epoch)", command: command, recordedSource: .operatorCommand)
    var decision = BatchDecision(onto: replay, log: log, recordedAt: recordedAt, epoch: epoch)
    decision.decide(request, today: replay.plan.today(at: recordedAt))
    if case .refused(let refusal)? = decision.verdicts.first { throw refusal }
    let newHead = LogHead(
      size: decision.plan.size, epoch: epoch, root: decision.frontier.root.bytes,
      frontier: decision.frontier.bytes, origin: origin(of: log, epoch: epoch), lastRecordedAt: recordedAt)
    let outcome = try await store.append(
      AppendBatch(
        log: log, expectedSize: head.size, expectedEpoch: head.epoch, newHead: newHead, events: decision.events,
        disclosures: decision.disclosures, erasures: decision.erasures, receipts: []))
    guard case .appended = outcome else { throw Unavailability.contended }
    return newHead
  }

  private func replay(_ log: LogID, to head: LogHead) async throws -> LogReplay {
    var replay = LogReplay(plan: log.plan)
    try await store.forEachPage(
      of: log, from: Position(0), through: head.size.lastPosition, pageSize: configuration.replayPageSize,
      reading: PreparedLeaf.init, failing: { $0 as any Error }
    ) { page in
      for leaf in page { try replay.apply(leaf) }
      return true
    }
    guard replay.plan.size == head.size, replay.frontier.root.bytes == head.root else {
      throw Unavailability.logRegressed(published: head.size, found: replay.plan.size)
    }
    return replay
  }
}

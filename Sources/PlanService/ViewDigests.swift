internal import Coordination
public import EventSourcing
internal import Projections

extension PlanService {
  /// What recording the digests of all views came to.
  public enum DigestRecording: Sendable {
    /// The newest event is a recording, so nothing was shown since that is not recorded.
    case nothingNew
    /// The position that the digests are of, and what the plan's writer answered.
    case asked(Position, CommandAnswer)
  }

  /// Records what all views show after the newest event, read for the day of that event.
  ///
  /// Where this version shows the position recorded last in another way, its digests of that position are recorded
  /// first, so that old and new stand side by side.
  public func recordViewDigests(of id: EntityID) async throws(Unavailability) -> DigestRecording {
    let plan = try await snapshot(of: id).plan
    if let mark = plan.lastViewDigest?.fact, !mark.isOfThisVersion {
      let position = Position(Int64(mark.position))
      if let past = try await self.plan(id, at: .position(position)) {
        _ = await record(
          ViewDigest.all(of: past, validAt: mark.validAt), of: past, at: position, validAt: mark.validAt)
      }
    }
    guard let position = plan.size.lastPosition, let recordedAt = plan.lastRecordedAt,
      plan.lastViewDigest?.recordedAt != position
    else { return .nothingNew }
    let day = plan.today(at: recordedAt)
    return .asked(
      position, await record(ViewDigest.all(of: plan, validAt: day), of: plan, at: position, validAt: day))
  }

  private func record(
    _ digests: [RecordedViewDigest], of plan: Plan, at position: Position, validAt day: LocalDate
  ) async -> CommandAnswer {
    let command = RecordViewDigests(
      position: Int(position.value), validAt: day, foldVersion: Plan.foldVersion, digests: digests)
    let versions = digests.map { String($0.version) }.joined(separator: ".")
    return await submit(
      CommandRequest(
        system: "clock", key: "view-digests:\(position.value):\(Plan.foldVersion):\(versions)", command: command,
        recordedSource: .clock), to: plan.id)
  }
}

extension ViewDigestRecorded {
  /// Whether this program would work out the same digests.
  var isOfThisVersion: Bool { foldVersion == Plan.foldVersion && digests.map(\.version) == ViewDigest.versions }
}

package import EventSourcing

/// What one view showed: which, in which version, and the digest of it.
package struct RecordedViewDigest: RecordFieldValue, Hashable {
  package let view: Slug
  package let version: Int
  /// base64url of a SHA-256.
  package let digest: Label

  package static let record = Record(
    Self.init(view:version:digest:), Field("view", \.view), Field("version", \.version), Field("digest", \.digest))

  private init(view: Slug, version: Int, digest: Label) {
    self.view = view
    self.version = version
    self.digest = digest
  }

  /// Traps where the name is none that a view of ours may have.
  package init(view: String, version: Int, digest: String) {
    do {
      self.init(
        view: try Slug(view, field: "view"), version: version, digest: try Label(digest, field: "digest"))
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// Records what all views showed at a position, so that whoever replays the log later can compare. Sent by the clock
/// once a day on which something happened, and by the operator.
package struct RecordViewDigests: PlanCommand {
  package static let name = "record-view-digests"
  package static let summary = LocalizedText(de: "Prüfsummen der Sichten festhalten", en: "Record digests of the views")
  package static let roles: Set<Role> = [.system]
  package static let facts: [any PlanFact.Type] = [ViewDigestRecorded.self]
  package static let isForClosedPlans = true
  package static let record = Record(
    Self.init(position:validAt:foldVersion:digests:), Field("position", \.position), Field("validAt", \.validAt),
    Field("foldVersion", \.foldVersion), Field("digests", \.digests))

  package let position: Int
  package let validAt: LocalDate
  package let foldVersion: Int
  package let digests: [RecordedViewDigest]

  package init(position: Int, validAt: LocalDate, foldVersion: Int, digests: [RecordedViewDigest]) {
    self.position = position
    self.validAt = validAt
    self.foldVersion = foldVersion
    self.digests = digests
  }

  package func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try ensure(
      Position(Int64(position)) < plan.size.nextPosition,
      Refusal(
        .rule, "position-in-future", field: "position", de: "So weit reicht das Log nicht.",
        en: "The log does not reach that position."))
    return [
      NewEvent(
        plan.subject,
        ViewDigestRecorded(position: position, validAt: validAt, foldVersion: foldVersion, digests: digests))
    ]
  }
}

/// What all views showed once the event at `position` was folded, read for the day `validAt`.
///
/// Views are worked out from the log alone, so the digests prove nothing that the log does not say; they show whether
/// the program that replays it understands it as the one did that people worked with. Where a later version of the fold
/// or of a view shows something else, it records its own digests at the same position, beside the earlier ones.
package struct ViewDigestRecorded: PlanFact {
  package static let type = "org.federwerk.plan.view-digest-recorded.v1"
  /// Of what those see who see everything: whoever may not could guess at it.
  package static let circle = Circle.internal
  package static let record = Record(
    Self.init(position:validAt:foldVersion:digests:), Field("position", \.position), Field("validAt", \.validAt),
    Field("foldVersion", \.foldVersion), Field("digests", \.digests))

  package let position: Int
  package let validAt: LocalDate
  package let foldVersion: Int
  package let digests: [RecordedViewDigest]

  package init(position: Int, validAt: LocalDate, foldVersion: Int, digests: [RecordedViewDigest]) {
    self.position = position
    self.validAt = validAt
    self.foldVersion = foldVersion
    self.digests = digests
  }

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.lastViewDigest = ViewDigestMark(recordedAt: record.position, fact: self)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Was die Sichten nach Ereignis \(position) zeigen, wurde als Prüfsummen festgehalten.",
      en: "What the views show after event \(position) was recorded as digests.")
  }
}

/// The digests that were recorded last, and by which event.
package struct ViewDigestMark: Sendable {
  package let recordedAt: Position
  package let fact: ViewDigestRecorded
}

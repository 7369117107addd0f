public import EventSourcing

/// What one view showed: which, in which version, and the digest of it.
public struct RecordedViewDigest: RecordFieldValue, Hashable {
  public let view: Slug
  public let version: Int
  /// base64url of a SHA-256.
  public let digest: Label

  public static let record = Record(
    Self.init(view:version:digest:), Field("view", \.view), Field("version", \.version), Field("digest", \.digest))

  private init(view: Slug, version: Int, digest: Label) {
    self.view = view
    self.version = version
    self.digest = digest
  }

  /// Traps where the name is none that a view of ours may have.
  public init(view: String, version: Int, digest: String) {
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
public struct RecordViewDigests: PlanCommand {
  public static let name = "record-view-digests"
  public static let summary = LocalizedText(de: "Prüfsummen der Sichten festhalten", en: "Record digests of the views")
  public static let roles: Set<Role> = [.system]
  public static let facts: [any PlanFact.Type] = [ViewDigestRecorded.self]
  public static let isForClosedPlans = true
  public static let record = Record(
    Self.init(position:validAt:foldVersion:digests:), Field("position", \.position), Field("validAt", \.validAt),
    Field("foldVersion", \.foldVersion), Field("digests", \.digests))

  public let position: Int
  public let validAt: LocalDate
  public let foldVersion: Int
  public let digests: [RecordedViewDigest]

  public init(position: Int, validAt: LocalDate, foldVersion: Int, digests: [RecordedViewDigest]) {
    self.position = position
    self.validAt = validAt
    self.foldVersion = foldVersion
    self.digests = digests
  }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
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
public struct ViewDigestRecorded: PlanFact {
  public static let type = "org.federwerk.plan.view-digest-recorded.v1"
  /// Of what those see who see everything: whoever may not could guess at it.
  public static let circle = Circle.internal
  public static let record = Record(
    Self.init(position:validAt:foldVersion:digests:), Field("position", \.position), Field("validAt", \.validAt),
    Field("foldVersion", \.foldVersion), Field("digests", \.digests))

  public let position: Int
  public let validAt: LocalDate
  public let foldVersion: Int
  public let digests: [RecordedViewDigest]

  public init(position: Int, validAt: LocalDate, foldVersion: Int, digests: [RecordedViewDigest]) {
    self.position = position
    self.validAt = validAt
    self.foldVersion = foldVersion
    self.digests = digests
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.lastViewDigest = ViewDigestMark(recordedAt: record.position, fact: self)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Was die Sichten nach Ereignis \(position) zeigen, wurde als Prüfsummen festgehalten.",
      en: "What the views show after event \(position) was recorded as digests.")
  }
}

/// The digests that were recorded last, and by which event.
public struct ViewDigestMark: Sendable {
  public let recordedAt: Position
  public let fact: ViewDigestRecorded
}

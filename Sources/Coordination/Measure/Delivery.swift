public import EventSourcing

extension Measure {
  /// When a measure comes in time (§9): a rank among all, a horizon of the plan, or both.
  public struct Priority: Hashable, Sendable {
    public let rank: Int?
    public let horizon: String?
  }

  /// From when until when it is planned, both days included.
  public struct Schedule: Hashable, Sendable {
    public let from: LocalDate?
    public let until: LocalDate?
  }

  /// A date that a measure works towards (Meilenstein, §10).
  public struct Milestone: Hashable, Sendable {
    public let id: EntityID
    public let title: String
    /// Whether the measure cannot be completed before it is reached.
    public let isMandatory: Bool
    public internal(set) var dues: Timeline<Due>
    public internal(set) var reachedOn: LocalDate?
    /// The events that say so, the one that set it first.
    public internal(set) var events: [Position]
    public let source: [Citation]

    /// When it is due once everything recorded has taken effect.
    public var due: Due? { dues.last }
  }

  public struct Due: Hashable, Sendable {
    public let date: LocalDate
    /// Whether that is outside the plan's term, as was said and explained (§10).
    public let isBeyondTerm: Bool
  }

  /// A phase (Testphase, Aufbau, Umsetzung …) as it was lived, beside what the assignments say of it.
  public struct PhaseSpan: Hashable, Sendable {
    public let phase: String
    public let from: LocalDate
    /// First day on which it no longer holds.
    public internal(set) var until: LocalDate?
    /// The event that began it, and the one that ended it.
    public internal(set) var events: [Position]

    public func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }
  }

  /// Something that a measure brought forth.
  public struct DeliverableMark: Hashable, Sendable {
    public let deliverable: String
    /// Where it can be found.
    public let reference: String?
    public let on: LocalDate
    public let position: Position
    public let source: [Citation]
  }

  /// How an examination ended (§13); a no is a result, not a failure.
  public enum ExaminationResult: String, ChoiceFieldValue { case yes, no, partly }

  /// A lead's request for help by the office (§49).
  public struct SupportRequest: Hashable, Sendable {
    public let id: EntityID
    public let institution: PartyID
    public let requested: Mark
    public internal(set) var granted: Mark?
  }

  /// What was noted of a measure's means.
  public struct ResourceNote: Hashable, Sendable {
    public let fund: String?
    /// In euros.
    public let amount: Int?
    public let on: LocalDate
    public let position: Position
  }

  /// A report, or a correction of one, as rules and views need it; its text is not part of the plan.
  public struct ReportMark: Hashable, Sendable {
    public let position: Position
    /// The report that this goes back to: itself, or the one that it corrects.
    public let origin: Position
    public let institution: PartyID
    /// Whether the office recorded it for the institution, which said it in another way.
    let isRelayed: Bool
    public let part: ProgressReported.Part
    public let condition: String
    public let percent: Int?
    /// The day that it is about.
    public let effectiveDate: LocalDate
    /// The correction that stands in its place.
    public internal(set) var correctedBy: Position?
  }
}

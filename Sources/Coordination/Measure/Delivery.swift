package import EventSourcing

extension Measure {
  /// When a measure comes in time (§9): a rank among all, a horizon of the plan, or both.
  package struct Priority: Hashable, Sendable {
    package let rank: Int?
    package let horizon: String?
  }

  /// From when until when it is planned, both days included.
  package struct Schedule: Hashable, Sendable {
    package let from: LocalDate?
    package let until: LocalDate?
  }

  /// A date that a measure works towards (Meilenstein, §10).
  package struct Milestone: Hashable, Sendable {
    package let id: EntityID
    package let title: String
    /// Whether the measure cannot be completed before it is reached.
    package let isMandatory: Bool
    package internal(set) var dues: Timeline<Due>
    package internal(set) var reachedOn: LocalDate?
    /// The events that say so, the one that set it first.
    package internal(set) var events: [Position]
    package let source: [Citation]

    /// When it is due once everything recorded has taken effect.
    package var due: Due? { dues.last }
  }

  package struct Due: Hashable, Sendable {
    package let date: LocalDate
    /// Whether that is outside the plan's term, as was said and explained (§10).
    package let isBeyondTerm: Bool
  }

  /// A phase (Testphase, Aufbau, Umsetzung …) as it was lived, beside what the assignments say of it.
  package struct PhaseSpan: Hashable, Sendable {
    package let phase: String
    package let from: LocalDate
    /// First day on which it no longer holds.
    package internal(set) var until: LocalDate?
    /// The event that began it, and the one that ended it.
    package internal(set) var events: [Position]

    package func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }
  }

  /// Something that a measure brought forth.
  package struct DeliverableMark: Hashable, Sendable {
    package let deliverable: String
    /// Where it can be found.
    package let reference: String?
    package let on: LocalDate
    package let position: Position
    package let source: [Citation]
  }

  /// How an examination ended (§13); a no is a result, not a failure.
  package enum ExaminationResult: String, ChoiceFieldValue { case yes, no, partly }

  /// A lead's request for help by the office (§49).
  package struct SupportRequest: Hashable, Sendable {
    package let id: EntityID
    package let institution: PartyID
    package let requested: Mark
    package internal(set) var granted: Mark?
  }

  /// What was noted of a measure's means.
  package struct ResourceNote: Hashable, Sendable {
    package let fund: String?
    /// In euros.
    package let amount: Int?
    package let on: LocalDate
    package let position: Position
  }

  /// A report, or a correction of one, as rules and views need it; its text is not part of the plan.
  package struct ReportMark: Hashable, Sendable {
    package let position: Position
    /// The report that this goes back to: itself, or the one that it corrects.
    package let origin: Position
    package let institution: PartyID
    /// Whether the office recorded it for the institution, which said it in another way.
    let isRelayed: Bool
    package let part: ProgressReported.Part
    package let condition: String
    package let percent: Int?
    /// The day that it is about.
    package let effectiveDate: LocalDate
    /// The correction that stands in its place.
    package internal(set) var correctedBy: Position?
  }
}

public import EventSourcing

public struct MilestoneSet: PlanFact {
  public static let type = "org.federwerk.measure.milestone-set.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(milestone:title:due:mandatory:beyondTerm:reason:source:), Field("milestone", \.milestone),
    Field("title", \.title), Field("due", \.due), Field("mandatory", \.mandatory), Field("beyondTerm", \.beyondTerm),
    Field("reason", \.reason), Field("source", \.source))

  public let milestone: Identifier<Measure.Milestone>
  public let title: Label
  public let due: LocalDate
  public let mandatory: Bool?
  public let beyondTerm: Bool?
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.milestones.append(
      Measure.Milestone(
        id: milestone.value, title: title.text, isMandatory: mandatory ?? false,
        dues: Timeline(
          Measure.Due(date: due, isBeyondTerm: beyondTerm ?? false), from: record.effectiveDate, at: record.position),
        events: [record.position], source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    return LocalizedText(
      de: "\(code) soll bis \(due.german) den Meilenstein „\(title)“ erreichen.",
      en: "\(code) is to reach the milestone “\(title)” by \(due.english).")
  }
}

public struct MilestoneRescheduled: PlanFact {
  public static let type = "org.federwerk.measure.milestone-rescheduled.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(milestone:due:beyondTerm:reason:), Field("milestone", \.milestone), Field("due", \.due),
    Field("beyondTerm", \.beyondTerm), Field("reason", \.reason))

  public let milestone: Identifier<Measure.Milestone>
  public let due: LocalDate
  public let beyondTerm: Bool?
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.changeMilestone(milestone, record) {
      $0.dues.record(
        Measure.Due(date: due, isBeyondTerm: beyondTerm ?? false), from: record.effectiveDate, at: record.position)
    }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, title) = (plan.name(of: record), plan.title(of: milestone, in: record.subject))
    return LocalizedText(
      de: "Der Meilenstein „\(title)“ von \(code) wird auf \(due.german) verschoben.",
      en: "The milestone “\(title)” of \(code) is moved to \(due.english).")
  }
}

public struct MilestoneReached: PlanFact {
  public static let type = "org.federwerk.measure.milestone-reached.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(milestone:on:), Field("milestone", \.milestone), Field("on", \.on))

  public let milestone: Identifier<Measure.Milestone>
  public let on: LocalDate

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.changeMilestone(milestone, record) { $0.reachedOn = on }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, title) = (plan.name(of: record), plan.title(of: milestone, in: record.subject))
    return LocalizedText(
      de: "\(code) hat am \(on.german) den Meilenstein „\(title)“ erreicht.",
      en: "\(code) reached the milestone “\(title)” on \(on.english).")
  }
}

extension Plan {
  fileprivate mutating func changeMilestone(
    _ id: Identifier<Measure.Milestone>, _ record: EventRecord, _ change: (inout Measure.Milestone) -> Void
  ) {
    measures[MeasureID(record.subject.id)]?.changeMilestone(id) {
      change(&$0)
      $0.events.append(record.position)
    }
  }

  fileprivate func title(of id: Identifier<Measure.Milestone>, in subject: Subject) -> String {
    measures[MeasureID(subject.id)]?.milestones.first { $0.id == id.value }?.title ?? id.description
  }
}

extension Measure {
  fileprivate mutating func changeMilestone(_ id: Identifier<Milestone>, _ change: (inout Milestone) -> Void) {
    guard let index = milestones.firstIndex(where: { $0.id == id.value }) else { return }
    change(&milestones[index])
  }
}

package import EventSourcing

package struct MilestoneSet: PlanFact {
  package static let type = "org.federwerk.measure.milestone-set.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(milestone:title:due:mandatory:beyondTerm:reason:source:), Field("milestone", \.milestone),
    Field("title", \.title), Field("due", \.due), Field("mandatory", \.mandatory), Field("beyondTerm", \.beyondTerm),
    Field("reason", \.reason), Field("source", \.source))

  package let milestone: Identifier<Measure.Milestone>
  package let title: Label
  package let due: LocalDate
  package let mandatory: Bool?
  package let beyondTerm: Bool?
  package let reason: Disclosable
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.milestones.append(
      Measure.Milestone(
        id: milestone.value, title: title.text, isMandatory: mandatory ?? false,
        dues: Timeline(
          Measure.Due(date: due, isBeyondTerm: beyondTerm ?? false), from: record.effectiveDate, at: record.position),
        events: [record.position], source: source))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    return LocalizedText(
      de: "\(code) soll bis \(due.german) den Meilenstein „\(title)“ erreichen.",
      en: "\(code) is to reach the milestone “\(title)” by \(due.english).")
  }
}

package struct MilestoneRescheduled: PlanFact {
  package static let type = "org.federwerk.measure.milestone-rescheduled.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(milestone:due:beyondTerm:reason:), Field("milestone", \.milestone), Field("due", \.due),
    Field("beyondTerm", \.beyondTerm), Field("reason", \.reason))

  package let milestone: Identifier<Measure.Milestone>
  package let due: LocalDate
  package let beyondTerm: Bool?
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.changeMilestone(milestone, record) {
      $0.dues.record(
        Measure.Due(date: due, isBeyondTerm: beyondTerm ?? false), from: record.effectiveDate, at: record.position)
    }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, title) = (plan.name(of: record), plan.title(of: milestone, in: record.subject))
    return LocalizedText(
      de: "Der Meilenstein „\(title)“ von \(code) wird auf \(due.german) verschoben.",
      en: "The milestone “\(title)” of \(code) is moved to \(due.english).")
  }
}

package struct MilestoneReached: PlanFact {
  package static let type = "org.federwerk.measure.milestone-reached.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(milestone:on:), Field("milestone", \.milestone), Field("on", \.on))

  package let milestone: Identifier<Measure.Milestone>
  package let on: LocalDate

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.changeMilestone(milestone, record) { $0.reachedOn = on }
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
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

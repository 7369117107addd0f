package import EventSourcing

/// An event that takes a measure to another state; the state is in its type.
package protocol MoveFact: PlanFact {
  static var state: Measure.State { get }
  var reason: Disclosable { get }
  init(reason: Disclosable)
}

extension MoveFact {
  package static var record: Record<Self> { .shared { Record({ Self(reason: $0) }, Field("reason", \.reason)) } }

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.states.record(
      Self.state, from: record.effectiveDate, at: record.position)
  }
}

package struct MeasurePaused: MoveFact {
  package static let type = "org.federwerk.measure.paused.v1"
  package static let circle = Circle.public
  package static let state = Measure.State.paused
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ruht ab \(day.german).", en: "\(code) rests from \(day.english).")
  }
}

package struct MeasureResumed: MoveFact {
  package static let type = "org.federwerk.measure.resumed.v1"
  package static let circle = Circle.public
  package static let state = Measure.State.running
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) läuft ab \(day.german) wieder.", en: "\(code) runs again from \(day.english).")
  }
}

package struct MeasureCompleted: MoveFact {
  package static let type = "org.federwerk.measure.completed.v1"
  package static let circle = Circle.public
  package static let state = Measure.State.completed
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist am \(day.german) abgeschlossen.", en: "\(code) is completed on \(day.english).")
  }
}

package struct MeasureReopened: MoveFact {
  package static let type = "org.federwerk.measure.reopened.v1"
  package static let circle = Circle.public
  package static let state = Measure.State.running
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.states.record(Self.state, from: record.effectiveDate, at: record.position)
    // An examination that goes on has no result yet.
    guard plan.measures[id]?.examinations.last != nil else { return }
    plan.measures[id]?.examinations.record(nil, from: record.effectiveDate, at: record.position)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist ab \(day.german) wieder geöffnet.", en: "\(code) is open again from \(day.english).")
  }
}

package struct MeasureMadePermanent: MoveFact {
  package static let type = "org.federwerk.measure.made-permanent.v1"
  package static let circle = Circle.public
  package static let state = Measure.State.permanent
  package let reason: Disclosable
  package init(reason: Disclosable) { self.reason = reason }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist ab \(day.german) verstetigt.", en: "\(code) is permanent from \(day.english).")
  }
}

package struct MeasureDiscontinued: PlanFact {
  package static let type = "org.federwerk.measure.discontinued.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(decision:reason:), Field("decision", \.decision), Field("reason", \.reason))

  package let decision: Label?
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.states.record(
      .discontinued, from: record.effectiveDate, at: record.position)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    let (german, english) = decision.map { (" (Beschluss: \($0))", " (decision: \($0))") } ?? ("", "")
    return LocalizedText(
      de: "\(code) ist ab \(day.german) eingestellt\(german).",
      en: "\(code) is discontinued from \(day.english)\(english).")
  }
}

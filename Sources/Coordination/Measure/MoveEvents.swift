public import EventSourcing

/// An event that takes a measure to another state; the state is in its type.
public protocol MoveFact: PlanFact {
  static var state: Measure.State { get }
  var reason: Disclosable { get }
  init(reason: Disclosable)
}

extension MoveFact {
  public static var record: Record<Self> { .shared { Record({ Self(reason: $0) }, Field("reason", \.reason)) } }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.states.record(
      Self.state, from: record.effectiveDate, at: record.position)
  }
}

public struct MeasurePaused: MoveFact {
  public static let type = "org.federwerk.measure.paused.v1"
  public static let circle = Circle.public
  public static let state = Measure.State.paused
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ruht ab \(day.german).", en: "\(code) rests from \(day.english).")
  }
}

public struct MeasureResumed: MoveFact {
  public static let type = "org.federwerk.measure.resumed.v1"
  public static let circle = Circle.public
  public static let state = Measure.State.running
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) läuft ab \(day.german) wieder.", en: "\(code) runs again from \(day.english).")
  }
}

public struct MeasureCompleted: MoveFact {
  public static let type = "org.federwerk.measure.completed.v1"
  public static let circle = Circle.public
  public static let state = Measure.State.completed
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist am \(day.german) abgeschlossen.", en: "\(code) is completed on \(day.english).")
  }
}

public struct MeasureReopened: MoveFact {
  public static let type = "org.federwerk.measure.reopened.v1"
  public static let circle = Circle.public
  public static let state = Measure.State.running
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.states.record(Self.state, from: record.effectiveDate, at: record.position)
    // An examination that goes on has no result yet.
    guard plan.measures[id]?.examinations.last != nil else { return }
    plan.measures[id]?.examinations.record(nil, from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist ab \(day.german) wieder geöffnet.", en: "\(code) is open again from \(day.english).")
  }
}

public struct MeasureMadePermanent: MoveFact {
  public static let type = "org.federwerk.measure.made-permanent.v1"
  public static let circle = Circle.public
  public static let state = Measure.State.permanent
  public let reason: Disclosable
  public init(reason: Disclosable) { self.reason = reason }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist ab \(day.german) verstetigt.", en: "\(code) is permanent from \(day.english).")
  }
}

public struct MeasureDiscontinued: PlanFact {
  public static let type = "org.federwerk.measure.discontinued.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(decision:reason:), Field("decision", \.decision), Field("reason", \.reason))

  public let decision: Label?
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.states.record(
      .discontinued, from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    let (german, english) = decision.map { (" (Beschluss: \($0))", " (decision: \($0))") } ?? ("", "")
    return LocalizedText(
      de: "\(code) ist ab \(day.german) eingestellt\(german).",
      en: "\(code) is discontinued from \(day.english)\(english).")
  }
}

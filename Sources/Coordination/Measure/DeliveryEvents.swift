public import EventSourcing

public struct MeasurePrioritised: PlanFact {
  public static let type = "org.federwerk.measure.prioritised.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(rank:horizon:reason:), Field("rank", \.rank), Field("horizon", \.horizon), Field("reason", \.reason))

  public let rank: Int?
  public let horizon: Slug?
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.priorities.record(
      Measure.Priority(rank: rank, horizon: horizon?.text), from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    let horizon = horizon.map { plan.wording(of: $0) }
    let german = [rank.map { "Rang \($0)" }, horizon?.german].compactMap(\.self).joined(separator: ", ")
    let english = [rank.map { "rank \($0)" }, horizon?.english].compactMap(\.self).joined(separator: ", ")
    return LocalizedText(
      de: "\(code) wird ab \(record.effectiveDate.german) priorisiert: \(german).",
      en: "\(code) is prioritised from \(record.effectiveDate.english): \(english).")
  }
}

public struct MeasureScheduled: PlanFact {
  public static let type = "org.federwerk.measure.scheduled.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(from:until:reason:), Field("from", \.from), Field("until", \.until), Field("reason", \.reason))

  public let from: LocalDate?
  public let until: LocalDate?
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.schedules.record(
      Measure.Schedule(from: from, until: until), from: record.effectiveDate, at: record.position)
    plan.measures[id]?.advance(.schedule, record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let german = (from.map { " von \($0.german)" } ?? "") + (until.map { " bis \($0.german)" } ?? "")
    let english = (from.map { " from \($0.english)" } ?? "") + (until.map { " until \($0.english)" } ?? "")
    let code = plan.name(of: record)
    return LocalizedText(de: "\(code) ist\(german) geplant.", en: "\(code) is planned\(english).")
  }
}

public struct PhaseStarted: PlanFact {
  public static let type = "org.federwerk.measure.phase-started.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(phase:), Field("phase", \.phase))

  public let phase: Label

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.phases.append(
      Measure.PhaseSpan(phase: phase.text, from: record.effectiveDate, events: [record.position]))
    plan.measures[id]?.advance(.start, record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "In \(code) beginnt am \(day.german) die Phase „\(phase)“.",
      en: "In \(code) the phase “\(phase)” starts on \(day.english).")
  }
}

public struct PhaseEnded: PlanFact {
  public static let type = "org.federwerk.measure.phase-ended.v1"
  public static let circle = Circle.partners
  public static let record = Record(Self.init(phase:), Field("phase", \.phase))

  public let phase: Label

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let index = plan.measures[id]?.phases.lastIndex(where: { $0.phase == phase.text && $0.until == nil }) else {
      return
    }
    plan.measures[id]?.phases[index].until = record.effectiveDate
    plan.measures[id]?.phases[index].events.append(record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "In \(code) endet am \(day.german) die Phase „\(phase)“.",
      en: "In \(code) the phase “\(phase)” ends on \(day.english).")
  }
}

public struct DeliverableRecorded: PlanFact {
  public static let type = "org.federwerk.measure.deliverable-recorded.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(deliverable:reference:source:), Field("deliverable", \.deliverable), Field("reference", \.reference),
    Field("source", \.source))

  public let deliverable: Label
  public let reference: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.recordedDeliverables.append(
      Measure.DeliverableMark(
        deliverable: deliverable.text, reference: reference?.text, on: record.effectiveDate, position: record.position,
        source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) hat seit \(day.german) ein Ergebnis: \(deliverable).",
      en: "\(code) has a deliverable since \(day.english): \(deliverable).")
  }
}

public struct ExaminationConcluded: PlanFact {
  public static let type = "org.federwerk.measure.examination-concluded.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(result:reason:), Field("result", \.result), Field("reason", \.reason))

  public let result: Measure.ExaminationResult
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.examinations.record(result, from: record.effectiveDate, at: record.position)
    plan.measures[id]?.states.record(.completed, from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    let german =
      switch result {
      case .yes: "ja"
      case .no: "nein"
      case .partly: "teilweise"
      }
    return LocalizedText(
      de: "Der Prüfauftrag \(code) ist am \(day.german) abgeschlossen, Ergebnis: \(german).",
      en: "The examination \(code) is concluded on \(day.english), result: \(result.rawValue).")
  }
}

public struct ResourcesNoted: PlanFact {
  public static let type = "org.federwerk.measure.resources-noted.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(fund:amount:text:), Field("fund", \.fund),
    Field("amount", \.amount, circle: .internal), Field("text", \.text))

  public let fund: Label?
  /// In euros.
  public let amount: Int?
  public let text: Disclosable

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] { [record.subject.id] }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.resourceNotes.append(
      Measure.ResourceNote(fund: fund?.text, amount: amount, on: record.effectiveDate, position: record.position))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    let what = [fund?.text, amount.map { "\($0) €" }].compactMap(\.self).joined(separator: ", ")
    let ending = what.isEmpty ? "." : ": \(what)."
    return LocalizedText(
      de: "Zu \(code) sind Ressourcen festgehalten\(ending)", en: "Resources of \(code) are noted\(ending)")
  }
}

public struct MeasureHighlighted: PlanFact {
  public static let type = "org.federwerk.measure.highlighted.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(reason:), Field("reason", \.reason))

  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.highlighted = Mark(record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) ist ab \(day.german) herausgehoben.", en: "\(code) is highlighted from \(day.english).")
  }
}

public struct SupportRequested: PlanFact {
  public static let type = "org.federwerk.measure.support-requested.v1"
  public static let circle = Circle.internal
  public static let record = Record(
    Self.init(request:institution:text:), Field("request", \.request), Field("institution", \.institution),
    Field("text", \.text))

  public let request: Identifier<Measure.SupportRequest>
  public let institution: PartyID
  public let text: Disclosable

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] { [institution.value, record.subject.id] }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.supportRequests.append(
      Measure.SupportRequest(
        id: request.value, institution: institution, requested: Mark(record)))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (who, code) = (plan.name(of: institution, record), plan.name(of: record))
    return LocalizedText(
      de: "\(who) bittet die Geschäftsstelle um Unterstützung für \(code).",
      en: "\(who) asks the office for support with \(code).")
  }
}

public struct SupportGranted: PlanFact {
  public static let type = "org.federwerk.measure.support-granted.v1"
  public static let circle = Circle.internal
  public static let record = Record(
    Self.init(request:text:), Field("request", \.request), Field("text", \.text))

  public let request: Identifier<Measure.SupportRequest>
  public let text: Disclosable

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] {
    let asked = plan.measures[MeasureID(record.subject.id)]?.supportRequests.first { $0.id == request.value }
    return [asked?.institution.value, record.subject.id].compactMap(\.self)
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    guard let index = plan.measures[id]?.supportRequests.firstIndex(where: { $0.id == request.value }) else { return }
    plan.measures[id]?.supportRequests[index].granted = Mark(record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    let asked = plan.measures[MeasureID(record.subject.id)]?.supportRequests.first { $0.id == request.value }
    let who = asked.map { plan.name(of: $0.institution, record) } ?? request.description
    return LocalizedText(
      de: "Die Geschäftsstelle sagt \(who) Unterstützung für \(code) zu.",
      en: "The office grants \(who) support with \(code).")
  }
}

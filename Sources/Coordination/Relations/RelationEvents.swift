package import EventSourcing

package struct StrategyRegistered: PlanFact {
  package static let type = "org.federwerk.strategy.registered.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(slug:title:source:), Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  package let slug: Slug
  package let title: Label
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.strategies.append(
      Strategy(id: record.subject.id, slug: slug.text, title: title.text, source: source))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Der Plan nimmt Bezug auf \(slug): \(title).", en: "The plan refers to \(slug): \(title).")
  }
}

package struct StrategyLinked: PlanFact {
  package static let type = "org.federwerk.measure.strategy-linked.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(link:strategy:source:), Field("link", \.link), Field("strategy", \.strategy), Field("source", \.source))

  package let link: Identifier<Link>
  package let strategy: Identifier<Strategy>
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.links.append(
      Link(.strategy, link, from: MeasureID(record.subject.id), to: .strategy(strategy.value), source, record))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.name(of: strategy, record))
    return LocalizedText(
      de: "\(code) ist mit der Strategie \(target) verknüpft.", en: "\(code) is linked to the strategy \(target).")
  }
}

package struct ExternalMeasureLinked: PlanFact {
  package static let type = "org.federwerk.measure.external-measure-linked.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(programme:externalID:source:), Field("programme", \.programme), Field("externalID", \.externalID),
    Field("source", \.source))

  package let programme: Slug
  package let externalID: Label
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.leadElsewhere(programme.text, externalID.text, record)
    plan.measuresByExternalID[ExternalReference.key(programme.text, externalID.text)] = id
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) wird ab \(day.german) im Programm \(programme) als \(externalID) geführt.",
      en: "\(code) is led by the programme \(programme) as \(externalID) from \(day.english).")
  }
}

package struct MeasuresLinked: PlanFact {
  package static let type = "org.federwerk.measure.linked.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(link:measure:cluster:source:), Field("link", \.link), Field("measure", \.measure),
    Field("cluster", \.cluster), Field("source", \.source))

  package let link: Identifier<Link>
  package let measure: MeasureID?
  package let cluster: Identifier<ThemeCluster>?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? cluster.map({ .cluster($0.value) }) else { return }
    plan.links.append(Link(.seeAlso, link, from: MeasureID(record.subject.id), to: target, source, record))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.target(of: link, record))
    return LocalizedText(
      de: "\(code) und \(target) verweisen aufeinander.", en: "\(code) and \(target) refer to each other.")
  }
}

package struct DependencyDeclared: PlanFact {
  package static let type = "org.federwerk.measure.dependency-declared.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(link:measure:act:source:), Field("link", \.link), Field("measure", \.measure), Field("act", \.act),
    Field("source", \.source))

  package let link: Identifier<Link>
  package let measure: MeasureID?
  package let act: Label?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? act.map({ .externalAct($0.text) }) else { return }
    plan.links.append(Link(.dependsOn, link, from: MeasureID(record.subject.id), to: target, source, record))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.target(of: link, record))
    return LocalizedText(de: "\(code) wartet auf \(target).", en: "\(code) waits for \(target).")
  }
}

package struct DependencyLifted: PlanFact {
  package static let type = "org.federwerk.measure.dependency-lifted.v1"
  package static let circle = Circle.public
  package static let record = Record(Self.init(link:reason:), Field("link", \.link), Field("reason", \.reason))

  package let link: Identifier<Link>
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) { plan.endLink(link, record) }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target, day) = (plan.name(of: record), plan.target(of: link, record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) wartet ab \(day.german) nicht mehr auf \(target).",
      en: "\(code) no longer waits for \(target) from \(day.english).")
  }
}

package struct CrossCuttingDeclared: PlanFact {
  package static let type = "org.federwerk.plan.cross-cutting-declared.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(link:cluster:theme:source:), Field("link", \.link), Field("cluster", \.cluster),
    Field("theme", \.theme), Field("source", \.source))

  package let link: Identifier<Link>
  package let cluster: Identifier<ThemeCluster>?
  package let theme: Label?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = cluster.map({ Link.Target.cluster($0.value) }) ?? theme.map({ .theme($0.text) }) else { return }
    plan.links.append(Link(.crossCutting, link, from: nil, to: target, source, record))
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (target, day) = (plan.target(of: link, record), record.effectiveDate)
    return LocalizedText(
      de: "\(target) ist ab \(day.german) Querschnittsthema.",
      en: "\(target) is a cross-cutting theme from \(day.english).")
  }
}

package struct LinkEnded: PlanFact {
  package static let type = "org.federwerk.plan.link-ended.v1"
  package static let circle = Circle.public
  package static let record = Record(
    Self.init(link:programme:externalID:reason:), Field("link", \.link), Field("programme", \.programme),
    Field("externalID", \.externalID), Field("reason", \.reason))

  /// The link that ended; where it is that to another programme, the id there.
  package let link: Identifier<Link>?
  package let programme: Slug?
  package let externalID: Label?
  package let reason: Disclosable

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    if let link { plan.endLink(link, record) }
    guard let programme, let externalID else { return }
    let id = MeasureID(record.subject.id)
    let key = ExternalReference.key(programme.text, externalID.text)
    guard plan.measuresByExternalID[key] == id else { return }
    plan.measures[id]?.endExternal(record)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (name, day) = (plan.name(of: record), record.effectiveDate)
    let target = link.map { plan.target(of: $0, record) } ?? "\(programme?.text ?? "") \(externalID?.text ?? "")"
    return LocalizedText(
      de: "Der Verweis von \(name) auf \(target) endet am \(day.german).",
      en: "The link from \(name) to \(target) ends on \(day.english).")
  }
}

extension Measure {
  fileprivate mutating func leadElsewhere(_ programme: String, _ externalID: String, _ record: EventRecord) {
    let state = state(on: record.effectiveDate)
    externals.append(
      ExternalReference(
        programme: programme, externalID: externalID, stateBefore: state == .external ? .planned : state,
        from: record.effectiveDate, events: [record.position]))
    states.record(.external, from: record.effectiveDate, at: record.position)
  }

  fileprivate mutating func endExternal(_ record: EventRecord) {
    guard let index = externals.lastIndex(where: { $0.until == nil }) else { return }
    externals[index].until = record.effectiveDate
    externals[index].events.append(record.position)
    states.record(externals[index].stateBefore, from: record.effectiveDate, at: record.position)
  }
}

package struct ExternalStatusRecorded: PlanFact {
  package static let type = "org.federwerk.measure.external-status-recorded.v1"
  package static let circle = Circle.partners
  package static let record = Record(
    Self.init(programme:externalID:statusID:status:percent:date:), Field("programme", \.programme),
    Field("externalID", \.externalID), Field("statusID", \.statusID), Field("status", \.status),
    Field("percent", \.percent), Field("date", \.date))

  package let programme: Slug
  package let externalID: Label
  /// The source system's own id of the status.
  package let statusID: Label
  package let status: Label
  package let percent: Int?
  /// The source system's own date of the status.
  package let date: LocalDate

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.measures[MeasureID(record.subject.id)]?.apply(self, record)
  }

  package func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let code = plan.name(of: record)
    let percent = percent.map { ", \($0) %" } ?? ""
    return LocalizedText(
      de: "\(programme) meldet für \(code) (\(externalID)) zum \(date.german): \(status)\(percent).",
      en: "\(programme) reports \(code) (\(externalID)) as of \(date.english): \(status)\(percent).")
  }
}

extension Measure {
  fileprivate mutating func apply(_ fact: ExternalStatusRecorded, _ record: EventRecord) {
    let isMeant = { (external: ExternalReference) in
      external.programme == fact.programme.text && external.externalID == fact.externalID.text
    }
    guard let index = externals.lastIndex(where: isMeant) else { return }
    let status = ExternalStatus(
      id: fact.statusID.text, status: fact.status.text, percent: fact.percent, date: fact.date)
    externals[index].statuses.record(status, from: fact.date, at: record.position)
    externals[index].received[status.id] = status
  }
}

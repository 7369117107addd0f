public import EventSourcing

public struct StrategyRegistered: PlanFact {
  public static let type = "org.federwerk.strategy.registered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(slug:title:source:), Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.strategies.append(
      Strategy(id: record.subject.id, slug: slug.text, title: title.text, source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Der Plan nimmt Bezug auf \(slug): \(title).", en: "The plan refers to \(slug): \(title).")
  }
}

public struct StrategyLinked: PlanFact {
  public static let type = "org.federwerk.measure.strategy-linked.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(link:strategy:source:), Field("link", \.link), Field("strategy", \.strategy), Field("source", \.source))

  public let link: Identifier<Link>
  public let strategy: Identifier<Strategy>
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.links.append(
      Link(.strategy, link, from: MeasureID(record.subject.id), to: .strategy(strategy.value), source, record))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.name(of: strategy, record))
    return LocalizedText(
      de: "\(code) ist mit der Strategie \(target) verknüpft.", en: "\(code) is linked to the strategy \(target).")
  }
}

public struct ExternalMeasureLinked: PlanFact {
  public static let type = "org.federwerk.measure.external-measure-linked.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(programme:externalID:source:), Field("programme", \.programme), Field("externalID", \.externalID),
    Field("source", \.source))

  public let programme: Slug
  public let externalID: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.leadElsewhere(programme.text, externalID.text, record)
    plan.giveExternalID(ExternalReference.key(programme.text, externalID.text), to: id)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, day) = (plan.name(of: record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) wird ab \(day.german) im Programm \(programme) als \(externalID) geführt.",
      en: "\(code) is led by the programme \(programme) as \(externalID) from \(day.english).")
  }
}

public struct MeasuresLinked: PlanFact {
  public static let type = "org.federwerk.measure.linked.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(link:measure:cluster:source:), Field("link", \.link), Field("measure", \.measure),
    Field("cluster", \.cluster), Field("source", \.source))

  public let link: Identifier<Link>
  public let measure: MeasureID?
  public let cluster: Identifier<ThemeCluster>?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? cluster.map({ .cluster($0.value) }) else { return }
    plan.links.append(Link(.seeAlso, link, from: MeasureID(record.subject.id), to: target, source, record))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.target(of: link, record))
    return LocalizedText(
      de: "\(code) und \(target) verweisen aufeinander.", en: "\(code) and \(target) refer to each other.")
  }
}

public struct DependencyDeclared: PlanFact {
  public static let type = "org.federwerk.measure.dependency-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(link:measure:act:source:), Field("link", \.link), Field("measure", \.measure), Field("act", \.act),
    Field("source", \.source))

  public let link: Identifier<Link>
  public let measure: MeasureID?
  public let act: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? act.map({ .externalAct($0.text) }) else { return }
    plan.links.append(Link(.dependsOn, link, from: MeasureID(record.subject.id), to: target, source, record))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target) = (plan.name(of: record), plan.target(of: link, record))
    return LocalizedText(de: "\(code) wartet auf \(target).", en: "\(code) waits for \(target).")
  }
}

public struct DependencyLifted: PlanFact {
  public static let type = "org.federwerk.measure.dependency-lifted.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(link:reason:), Field("link", \.link), Field("reason", \.reason))

  public let link: Identifier<Link>
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) { plan.endLink(link, record) }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (code, target, day) = (plan.name(of: record), plan.target(of: link, record), record.effectiveDate)
    return LocalizedText(
      de: "\(code) wartet ab \(day.german) nicht mehr auf \(target).",
      en: "\(code) no longer waits for \(target) from \(day.english).")
  }
}

public struct CrossCuttingDeclared: PlanFact {
  public static let type = "org.federwerk.plan.cross-cutting-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(link:cluster:theme:source:), Field("link", \.link), Field("cluster", \.cluster),
    Field("theme", \.theme), Field("source", \.source))

  public let link: Identifier<Link>
  public let cluster: Identifier<ThemeCluster>?
  public let theme: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = cluster.map({ Link.Target.cluster($0.value) }) ?? theme.map({ .theme($0.text) }) else { return }
    plan.links.append(Link(.crossCutting, link, from: nil, to: target, source, record))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (target, day) = (plan.target(of: link, record), record.effectiveDate)
    return LocalizedText(
      de: "\(target) ist ab \(day.german) Querschnittsthema.",
      en: "\(target) is a cross-cutting theme from \(day.english).")
  }
}

public struct LinkEnded: PlanFact {
  public static let type = "org.federwerk.plan.link-ended.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(link:programme:externalID:reason:), Field("link", \.link), Field("programme", \.programme),
    Field("externalID", \.externalID), Field("reason", \.reason))

  /// The link that ended; where it is that to another programme, the id there.
  public let link: Identifier<Link>?
  public let programme: Slug?
  public let externalID: Label?
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    if let link { plan.endLink(link, record) }
    guard let programme, let externalID else { return }
    let id = MeasureID(record.subject.id)
    let key = ExternalReference.key(programme.text, externalID.text)
    guard plan.measure(linkedAs: key, on: record.effectiveDate)?.id == id else { return }
    plan.endExternal(of: id, record)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (name, day) = (plan.name(of: record), record.effectiveDate)
    let target = link.map { plan.target(of: $0, record) } ?? "\(programme?.text ?? "") \(externalID?.text ?? "")"
    return LocalizedText(
      de: "Der Verweis von \(name) auf \(target) endet am \(day.german).",
      en: "The link from \(name) to \(target) ends on \(day.english).")
  }
}

extension Plan {
  /// Ends what another programme's id says of a measure. What continues it only later begins without the id.
  fileprivate mutating func endExternal(of id: MeasureID, _ record: EventRecord) {
    guard let link = measures[id]?.endExternal(record) else { return }
    var next = measures[id]?.successor
    // As many steps as there are versions: a circle, whatever recorded it, must not keep anyone walking.
    for _ in versions {
      guard let successor = next else { return }
      measures[successor]?.forgetExternal(linkedAt: link, record)
      next = measures[successor]?.successor
    }
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

  /// - Returns: the event that linked what ends; nil where nothing does.
  fileprivate mutating func endExternal(_ record: EventRecord) -> Position? {
    guard let index = externals.lastIndex(where: { $0.until == nil }) else { return nil }
    let (link, from) = (externals[index].events[0], externals[index].from)
    // What was recorded only later of the days before it tells better where the measure stood than the link could.
    let before = states.entries.last { $0.effectiveDate < from }
    let state = if let before, before.position > link { before.value } else { externals[index].stateBefore }
    externals[index].until = record.effectiveDate
    externals[index].events.append(record.position)
    states.record(state, from: record.effectiveDate, at: record.position)
    return link
  }

  /// Leaves out what was carried over but ended before the measure began, as if it had ended before that was recorded.
  fileprivate mutating func forgetExternal(linkedAt link: Position, _ record: EventRecord) {
    externals.removeAll { $0.events[0] == link }
    guard let first = states.entries.first, first.value == .external else { return }
    states.record(.planned, from: first.effectiveDate, at: record.position)
  }
}

public struct ExternalStatusRecorded: PlanFact {
  public static let type = "org.federwerk.measure.external-status-recorded.v1"
  public static let circle = Circle.partners
  public static let record = Record(
    Self.init(programme:externalID:statusID:status:percent:date:), Field("programme", \.programme),
    Field("externalID", \.externalID), Field("statusID", \.statusID), Field("status", \.status),
    Field("percent", \.percent), Field("date", \.date))

  public let programme: Slug
  public let externalID: Label
  /// The source system's own id of the status.
  public let statusID: Label
  public let status: Label
  public let percent: Int?
  /// The source system's own date of the status.
  public let date: LocalDate

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.apply(self, record)
    // What is to continue it begins with all that the programme had said by then.
    if let successor = plan.measures[id]?.successor { plan.measures[successor]?.apply(self, record) }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
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

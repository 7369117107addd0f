package import EventSourcing

package struct StrategyRegistered: PlanFact {
  package static let type = "org.federwerk.strategy.registered.v1"
  package static let record = Record(
    Self.init(slug:title:source:), Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  package let slug: Slug
  package let title: Label
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.strategies.append(
      Strategy(id: record.subject.id, slug: slug.text, title: title.text, source: source))
  }
}

package struct StrategyLinked: PlanFact {
  package static let type = "org.federwerk.measure.strategy-linked.v1"
  package static let record = Record(
    Self.init(link:strategy:source:), Field("link", \.link), Field("strategy", \.strategy), Field("source", \.source))

  package let link: Identifier<Link>
  package let strategy: Identifier<Strategy>
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.links.append(
      Link(
        id: link.value, kind: .strategy, measure: MeasureID(record.subject.id), target: .strategy(strategy.value),
        source: source))
  }
}

package struct ExternalMeasureLinked: PlanFact {
  package static let type = "org.federwerk.measure.external-measure-linked.v1"
  package static let record = Record(
    Self.init(programme:externalID:source:), Field("programme", \.programme), Field("externalID", \.externalID),
    Field("source", \.source))

  package let programme: Slug
  package let externalID: Label
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = MeasureID(record.subject.id)
    plan.measures[id]?.external = ExternalReference(programme: programme.text, externalID: externalID.text)
    plan.measures[id]?.states.record(.external, from: record.effectiveDate, at: record.position)
    plan.measuresByExternalID["\(programme)/\(externalID)"] = id
  }
}

package struct MeasuresLinked: PlanFact {
  package static let type = "org.federwerk.measure.linked.v1"
  package static let record = Record(
    Self.init(link:measure:cluster:source:), Field("link", \.link), Field("measure", \.measure),
    Field("cluster", \.cluster), Field("source", \.source))

  package let link: Identifier<Link>
  package let measure: MeasureID?
  package let cluster: Identifier<ThemeCluster>?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? cluster.map({ .cluster($0.value) }) else { return }
    plan.links.append(
      Link(
        id: link.value, kind: .seeAlso, measure: MeasureID(record.subject.id), target: target, source: source))
  }
}

package struct DependencyDeclared: PlanFact {
  package static let type = "org.federwerk.measure.dependency-declared.v1"
  package static let record = Record(
    Self.init(link:measure:act:source:), Field("link", \.link), Field("measure", \.measure), Field("act", \.act),
    Field("source", \.source))

  package let link: Identifier<Link>
  package let measure: MeasureID?
  package let act: Label?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let target = measure.map(Link.Target.measure) ?? act.map({ .externalAct($0.text) }) else { return }
    plan.links.append(
      Link(
        id: link.value, kind: .dependsOn, measure: MeasureID(record.subject.id), target: target, source: source))
  }
}

public import EventSourcing

/// Links a measure to another one or to a whole cluster: "see there" (§29).
public struct LinkMeasures: PlanCommand {
  public static let name = "link-measures"
  public static let summary = LocalizedText(de: "Querverweis setzen", en: "Cross-reference measures")
  public static let roles = Set<Role>.office
  public static let isForClosedPlans = true
  public static let facts: [any PlanFact.Type] = [MeasuresLinked.self]
  public static let record = Record(
    Self.init(id:measure:to:source:), Field("id", \.id), Field("measure", \.measure),
    Field(
      "to", \.to, de: "Code einer Maßnahme oder Kurzname eines Clusters", en: "a measure's code or a cluster's slug"),
    Field("source", \.source))

  public let id: Identifier<Link>?
  public let measure: MeasureReference
  public let to: MeasureReference
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try plan.requireCited(source)
    let link = id ?? Identifier(context.newID())
    if let cluster = plan.cluster(slug: to.text) {
      try plan.requireNewLink(
        .seeAlso, link, from: measure.id, to: .cluster(cluster.id), on: context.effectiveDate, field: "to")
      return [
        NewEvent(
          measure.subject,
          MeasuresLinked(link: link, measure: nil, cluster: Identifier(cluster.id), source: source))
      ]
    }
    let other = try plan.require(to, field: "to", context)
    try ensure(
      other.id != measure.id,
      Refusal(
        .rule, "self-link", field: "to", de: "Eine Maßnahme verweist nicht auf sich selbst.",
        en: "A measure does not refer to itself."))
    try plan.requireNewLink(
      .seeAlso, link, from: measure.id, to: .measure(other.id), on: context.effectiveDate, field: "to")
    return [NewEvent(measure.subject, MeasuresLinked(link: link, measure: other.id, cluster: nil, source: source))]
  }
}

extension Plan {
  /// Refuses a link that there is already, a cross-reference also when the other end made it, and a taken id.
  func requireNewLink(
    _ kind: Link.Kind, _ id: Identifier<Link>, from measure: MeasureID?, to target: Link.Target, on date: LocalDate,
    field: String
  ) throws(Refusal) {
    let open = links.filter { $0.isOpen(after: date) }
    try ensure(
      !open.contains {
        $0.kind == kind
          && ($0.measure == measure && $0.target == target || measure.flatMap($0.otherEnd(from:)) == target)
      },
      Refusal(
        .conflict, "already-linked", field: field, de: "Diesen Verweis gibt es schon.", en: "This link already exists.")
    )
    if let holder = open.first(where: { $0.id == id.value }) {
      throw .taken("id", id.description, by: name(of: subject(of: holder).id, on: date), field: "id")
    }
  }
}

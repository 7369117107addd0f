public import EventSourcing

/// Declares that a measure waits for another one, or for an act outside the plan (§29).
public struct DeclareDependency: PlanCommand {
  public static let name = "declare-dependency"
  public static let summary = LocalizedText(de: "Abhängigkeit angeben", en: "Declare a dependency")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [DependencyDeclared.self]
  public static let record = Record(
    Self.init(id:measure:on:act:source:), Field("id", \.id), Field("measure", \.measure),
    Field("on", \.on, de: "Code der Maßnahme, auf die gewartet wird", en: "code of the measure waited for"),
    Field("act", \.act, de: "oder: Akt außerhalb des Plans", en: "or: an act outside the plan"),
    Field("source", \.source)
  ).withEither("on", "act")

  public let id: Identifier<Link>?
  public let measure: MeasureReference
  public let on: MeasureReference?
  public let act: Label?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(measure, field: "measure", context)
    try plan.requireCited(source)
    try ensure((on == nil) != (act == nil), .either("on", "act"))
    let link = id ?? Identifier(context.newID())
    guard let on else {
      if let act {
        try plan.requireNewLink(
          .dependsOn, link, from: measure.id, to: .externalAct(act.text), on: context.effectiveDate, field: "act")
      }
      return [NewEvent(measure.subject, DependencyDeclared(link: link, measure: nil, act: act, source: source))]
    }
    let other = try plan.require(on, field: "on", context)
    if let path = plan.dependencyPath(from: other.id, to: measure.id, on: context.effectiveDate) {
      throw Refusal(
        .rule, "cycle", field: "on", de: "Das wäre ein Kreis von Abhängigkeiten.",
        en: "This would be a cycle of dependencies.",
        facts: [.init("path", .array(path.map { .string($0) }))])
    }
    try plan.requireNewLink(
      .dependsOn, link, from: measure.id, to: .measure(other.id), on: context.effectiveDate, field: "on")
    return [NewEvent(measure.subject, DependencyDeclared(link: link, measure: other.id, act: nil, source: source))]
  }
}

extension Plan {
  /// The way from a measure to another one along dependencies that have not ended by a day, as codes.
  func dependencyPath(from start: MeasureID, to goal: MeasureID, on date: LocalDate) -> [String]? {
    var seen: Set<MeasureID> = []
    func walk(_ at: MeasureID) -> [String]? {
      guard seen.insert(at).inserted else { return nil }
      let code = code(of: at, on: date) ?? ""
      if at == goal { return [code] }
      for link in links where link.kind == .dependsOn && link.measure == at && link.isOpen(after: date) {
        if case .measure(let next) = link.target, let rest = walk(next) { return [code] + rest }
      }
      return nil
    }
    return walk(start)
  }
}

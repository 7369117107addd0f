public import EventSourcing

/// Carries a measure and its parts, but for those that were discontinued, over into a version that continues its own
/// (Übernahme, §38).
///
/// What is carried over begins anew there, with its wording but without leads and reports, which each version settles
/// for itself; the link to the measure that it continues keeps their history readable. Until the version begins nothing
/// is in it, so what is carried over earlier is carried over with an effective date (`before-start`).
public struct CarryOverMeasure: PlanCommand {
  public static let name = "carry-over-measure"
  public static let summary = LocalizedText(
    de: "Maßnahme in die Fortschreibung übernehmen", en: "Carry a measure over into the successor version")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [MeasureCarriedOver.self]
  public static let isForClosedPlans = true
  public static let record = Record(
    Self.init(id:measure:version:cluster:taskField:numeral:source:),
    Field("id", \.id, de: "Kennung der übernommenen Maßnahme", en: "id of the measure that continues it"),
    Field("measure", \.measure, de: "Code oder Kennung", en: "code or id"),
    Field(
      "version", \.version, de: "Fortschreibung; sonst die laufende", en: "successor; the current one unless given"),
    Field(
      "cluster", \.cluster, de: "Themencluster dort; sonst der bisherige",
      en: "theme cluster there; the same unless given"),
    Field(
      "taskField", \.taskField, de: "Aufgabenfeld dort; sonst das bisherige",
      en: "task field there; the same unless given"),
    Field("numeral", \.numeral, de: "Nummer dort; sonst die bisherige", en: "numeral there; the same unless given"),
    Field("source", \.source))

  public let id: MeasureID?
  public let measure: MeasureReference
  public let version: Slug?
  public let cluster: Slug?
  public let taskField: Int?
  public let numeral: Numeral?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let newID = id ?? MeasureID(context.newID())
    try plan.requireUnused(newID.value)
    let measure = try plan.require(measure, field: "measure", context)
    try measure.requireWhole(field: "measure")
    try plan.requireCited(source)
    if let successor = measure.successor { throw .carriedOver(to: successor, field: "measure") }
    let version = try plan.requireVersion(version)
    try ensure(
      plan.versions(continuedBy: version).contains { $0.id == measure.version },
      Refusal(
        .rule, "not-successor", field: "version",
        de: "Die Fassung \(version.slug) schreibt die der Maßnahme nicht fort.",
        en: "The version \(version.slug) does not continue that of the measure.",
        facts: [.init("version", .string(version.slug))]))
    // The version that is left may be closed, the one that takes the measure may not.
    if let closed = version.closedOn, closed <= context.today { throw .closed(closed, field: "version") }
    // Else the measure would leave its own version before there is another one to be in.
    try ensure(
      context.effectiveDate >= version.from,
      Refusal(
        .rule, "before-start", field: "effectiveDate",
        de: "Die Fassung \(version.slug) beginnt erst am \(version.from.german).",
        en: "The version \(version.slug) begins only on \(version.from.english).",
        facts: [.init("start", .string(version.from.description))]))
    let place = measure.place(on: context.effectiveDate)
    let field = try targetField(from: place, plan)
    let numeral = numeral ?? place.numeral
    let code = "\(plan.code(of: field)).\(numeral)"
    try plan.requireFreeCode(code, in: version.id, from: context.effectiveDate, field: "numeral")
    func carriedOver(_ measure: Measure, part: String? = nil) throws(Refusal) -> MeasureCarriedOver {
      MeasureCarriedOver(
        predecessor: measure.id, version: Identifier(version.id), taskField: Identifier(field.id),
        parent: part == nil ? nil : newID, numeral: numeral,
        part: try part.map { part throws(Refusal) in try Label(part, field: "measure") },
        code: try Label(part.map { "\(code).\($0)" } ?? code, field: "numeral"), source: source)
    }
    var events = [NewEvent(Subject("measures", newID.value), try carriedOver(measure))]
    for part in measure.parts.compactMap({ plan.measures[$0] })
    where part.state(on: context.effectiveDate) != .discontinued {
      events.append(NewEvent(Subject("measures", context.newID()), try carriedOver(part, part: part.place.part)))
    }
    return events
  }

  private func targetField(from place: Measure.Place, _ plan: Plan) throws(Refusal) -> TaskField {
    guard let known = plan.taskField(id: place.taskField), let home = plan.cluster(id: known.cluster) else {
      throw .unknown(
        "task-field", place.taskField.description, field: "taskField", de: "Aufgabenfeld", en: "task field")
    }
    let cluster = if let cluster { try plan.requireCluster(cluster, field: "cluster") } else { home }
    return try plan.requireTaskField(taskField ?? known.codeNumber, of: cluster)
  }
}

extension Plan {
  /// The versions before one, from the one that it continues back to the first.
  public func versions(continuedBy version: PlanVersion) -> [PlanVersion] {
    var found: [PlanVersion] = []
    var next = version.predecessor
    // As many steps as there are versions: a circle, whatever recorded it, must not keep anyone walking.
    while let id = next, found.count < versions.count, let known = versions.first(where: { $0.id == id }) {
      found.append(known)
      next = known.predecessor
    }
    return found
  }

  /// The measures of earlier versions that one continues, the last first.
  public func predecessors(of measure: Measure) -> [Measure] {
    var found: [Measure] = []
    var next = measure.predecessor
    while let id = next, found.count < versions.count, let known = measures[id] {
      found.append(known)
      next = known.predecessor
    }
    return found
  }
}

extension Refusal {
  /// The 409 for a measure that another one continues.
  static func carriedOver(to successor: MeasureID, field: String) -> Refusal {
    Refusal(
      .conflict, "already-carried-over", field: field, de: "Die Maßnahme ist schon übernommen.",
      en: "The measure has already been carried over.", facts: [.init("successor", .string(successor.description))])
  }
}

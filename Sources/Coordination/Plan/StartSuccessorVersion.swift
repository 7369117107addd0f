public import EventSourcing

/// Starts the version that continues the current one (Fortschreibung); what it does not say of its rules it inherits.
public struct StartSuccessorVersion: PlanVersionCommand {
  public static let name = "start-successor-version"
  public static let summary = LocalizedText(de: "Fortschreibung beginnen", en: "Start a successor version")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [PlanVersionRegistered.self, SuccessorVersionStarted.self]
  /// A plan that is closed can only be carried on by the next version.
  public static let isForClosedPlans = true

  public let terms: PlanVersionTerms

  public init(terms: PlanVersionTerms) { self.terms = terms }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let current = try plan.requireVersion()
    let registered = try terms.inheriting(from: current).registered(in: plan, &context)
    try ensure(
      registered.from > current.from,
      Refusal(
        .rule, "before-predecessor", field: "from",
        de: "Die Fortschreibung beginnt nach der Fassung \(current.slug) (\(current.from.german)).",
        en: "A successor begins after the version that it continues, \(current.slug) (\(current.from.english)).",
        facts: [.init("predecessor", .string(current.slug)), .init("from", .string(current.from.description))]))
    return [
      NewEvent(plan.subject, registered),
      NewEvent(
        plan.subject, SuccessorVersionStarted(version: registered.version, predecessor: Identifier(current.id))),
    ]
  }
}

extension PlanVersionTerms {
  fileprivate func inheriting(from version: PlanVersion) -> PlanVersionTerms {
    var terms = self
    terms.timeZone = timeZone ?? Label(normalized: version.timeZone)
    terms.leadCap = leadCap ?? version.leadCap
    if conditions.isEmpty { terms.conditions = version.conditions.compactMap(Slug.init(normalized:)) }
    if ladder.isEmpty { terms.ladder = version.ladder }
    return terms
  }
}

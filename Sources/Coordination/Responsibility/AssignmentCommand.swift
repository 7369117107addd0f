public import EventSourcing

/// What all commands that assign have in common.
public struct AssignmentTerms: Hashable, Sendable {
  public let id: EntityID?
  public let measure: MeasureReference
  public let institution: PartyReference
  public let phase: Label?
  public let subject: Label?
  public let condition: Label?
  public let wording: Label?
  public let range: Label?
  public let from: LocalDate?
  public let until: LocalDate?
  public let source: [Citation]
}

/// A command that gives an institution a role in a measure. The roles differ in their rules, not in their data.
public protocol AssignmentCommand: PlanCommand {
  associatedtype Fact: AssignmentFact
  var terms: AssignmentTerms { get }
  init(terms: AssignmentTerms)
}

extension AssignmentCommand {
  public static var roles: Set<Coordination.Role> { .office }
  public static var facts: [any PlanFact.Type] { [Fact.self] }

  public static var record: Record<Self> {
    .shared {
      Record(
        {
          Self(
            terms: AssignmentTerms(
              id: ($0 as Identifier<Assignment>?)?.value, measure: $1, institution: $2, phase: $3, subject: $4,
              condition: $5, wording: $6, range: $7, from: $8, until: $9, source: $10))
        },
        Field("id", \.identifier),
        Field("measure", \.terms.measure, de: "Code oder Kennung", en: "code or id"),
        Field(
          "institution", \.terms.institution, de: "Institution, Gruppe oder Platzhalter",
          en: "institution, group or placeholder"),
        Field("phase", \.terms.phase, de: "nur in dieser Phase", en: "in this phase only"),
        Field("subject", \.terms.subject, de: "nur für diesen Gegenstand", en: "for this subject only"),
        Field(
          "condition", \.terms.condition, de: "Bedingung; ruht, bis sie eintritt",
          en: "condition; dormant until it comes true"),
        Field(
          "wording", \.terms.wording, de: "abweichender Wortlaut der Rolle", en: "the plan's own wording of the role"),
        Field("range", \.terms.range, de: "gedruckter Bereich, z. B. I-III", en: "range as printed, such as I-III"),
        Field("from", \.terms.from), Field("until", \.terms.until, de: "erster Tag danach", en: "first day after"),
        Field("source", \.terms.source))
    }
  }

  private var identifier: Identifier<Assignment>? { terms.id.map { Identifier($0) } }

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let measure = try plan.require(terms.measure, field: "measure", context)
    let holder = try plan.require(terms.institution, field: "institution")
    try plan.requireCited(terms.source)
    let start = terms.from ?? context.effectiveDate
    try ensure(
      terms.until.map { $0 > start } ?? true,
      Refusal(
        .rule, "end-before-start", field: "until", de: "Das Ende liegt vor dem Beginn.",
        en: "The end precedes the start."))
    try plan.requireBegun(measure.subject, by: start, field: terms.from == nil ? "effectiveDate" : "from")
    let facts = AssignmentFacts(
      assignment: Identifier(terms.id ?? context.newID()), holder: holder.id, phase: terms.phase,
      subject: terms.subject, condition: terms.condition, wording: terms.wording, range: terms.range, from: start,
      until: terms.until, source: terms.source)
    try plan.requireUnusedAssignment(facts.assignment)
    try plan.requireActive(holder, on: start, field: "institution")
    try plan.requireLedHere(measure, for: Fact.role, from: start, until: terms.until)
    try plan.check(
      Assignment(facts, role: Fact.role, at: plan.size.nextPosition), in: measure, field: "institution")
    return [NewEvent(measure.subject, Fact(facts))]
  }
}

package import EventSourcing

/// Assigns a lead (Federführung): at most as many per measure and phase as the plan allows (§1).
package struct AssignLead: AssignmentCommand {
  package typealias Fact = LeadAssigned
  package static let name = "assign-lead"
  package static let summary = LocalizedText(de: "Federführung zuordnen", en: "Assign a lead")
  package static let role = Assignment.Role.lead

  package let terms: AssignmentTerms
  package init(terms: AssignmentTerms) { self.terms = terms }

  package func check(_ assignment: Assignment, _ measure: Measure, _ plan: Plan) throws(Refusal) {
    try refuse(.leadPartner, besides: assignment, in: measure)
    try refuse(.consulted, besides: assignment, in: measure)
    let version = try plan.requireVersion()
    let leads = measure.assignments.filter {
      $0.role == .lead && $0.phase == assignment.phase && $0.overlaps(from: assignment.from, until: assignment.until)
    }
    // The number of leads only grows on a day on which one begins.
    let days = ([assignment.from] + leads.map(\.from)).filter { $0 >= assignment.from }
    let holdersByDay = days.map { day in Set(leads.filter { $0.holds(on: day) }.map(\.holder)) }
    let tooMany = holdersByDay.first { !$0.contains(assignment.holder) && $0.count >= version.leadCap }
    guard let holders = tooMany else { return }
    throw Refusal(
      .rule, "lead-cap", field: "institution",
      de:
        "Höchstens \(version.leadCap) Federführungen je Phase; eine Ausnahme gewährt die Geschäftsstelle mit Begründung.",
      en: "At most \(version.leadCap) leads per phase; the office may grant an exception with a reason.",
      facts: [
        .init("leadCap", .integer(Int64(version.leadCap))),
        .init("leads", .array(holders.compactMap { plan.parties[$0]?.slug }.sorted().map { .string($0) })),
      ])
  }
}

public import EventSourcing

extension Measure {
  /// How many leads an exception allows in a phase on a day; nil without one.
  public func leadCapException(phase: String?, on date: LocalDate) -> Int? {
    leadCapExceptions[spelling(ofExceptedPhase: phase)]?.value(at: date)
  }

  /// A phase as it was spelled when an exception was first granted for it.
  func spelling(ofExceptedPhase phase: String?) -> String? {
    guard let phase else { return nil }
    return leadCapExceptions.keys.compactMap { $0 }.first { Plan.isSameName($0, phase) } ?? phase
  }
}

extension PlanVersion {
  /// How many leads a measure may have in a phase on a day: as many as the plan allows, or an exception (§1).
  public func leadCap(of measure: Measure, phase: String?, on date: LocalDate) -> Int {
    max(leadCap, measure.leadCapException(phase: phase, on: date) ?? 0)
  }
}

extension Plan {
  /// At most as many leads per measure and phase as the plan allows, or an exception for just that phase (§1). Whoever
  /// leads without a phase leads in each of them; whoever leads for two subjects counts once, a group counts one, and
  /// dormant or declined leads do not count.
  func requireRoomForLead(_ candidate: Assignment, in measure: Measure, field: String) throws(Refusal) {
    guard candidate.role == .lead else { return }
    let others = measure.assignments.filter { $0.id != candidate.id }
    let phases = candidate.phase.map { [$0] } ?? [nil] + Set(others.compactMap(\.phase)).sorted()
    for phase in phases { try requireRoom(for: candidate, beside: others, in: phase, of: measure, field: field) }
  }

  private func requireRoom(
    for candidate: Assignment, beside all: [Assignment], in phase: String?, of measure: Measure, field: String
  ) throws(Refusal) {
    let version = try requireVersion(of: measure)
    let others = all.filter { $0.isPart(of: phase) }
    // On the days in between neither the number of leads grows nor the number allowed falls.
    let exceptions =
      measure.leadCapExceptions[measure.spelling(ofExceptedPhase: phase)]?.entries.map(\.effectiveDate) ?? []
    let days = Set(([candidate] + others).flatMap(\.turningDays) + exceptions).filter { candidate.leads(on: $0) }
    for day in days.sorted() {
      let holders = Set(others.filter { leads($0, on: day) }.map(\.holder))
      let cap = version.leadCap(of: measure, phase: phase, on: day)
      guard !holders.contains(candidate.holder), holders.count >= cap else { continue }
      throw Refusal(
        .rule, "lead-cap", field: field,
        de: "Höchstens \(cap) Federführungen je Phase; eine Ausnahme gewährt die Geschäftsstelle mit Begründung.",
        en: "At most \(cap) leads per phase; the office may grant an exception with a reason.",
        facts: [
          .init("leadCap", .integer(Int64(cap))),
          .init("leads", .array(holders.compactMap { parties[$0]?.slug }.sorted().map { .string($0) })),
          .init("exception", .string(GrantLeadCapException.name)),
        ])
    }
  }

  /// Phases and subjects are named in free words; how they are capitalised makes no other one.
  static func isSameName(_ left: String, _ right: String) -> Bool { left.lowercased() == right.lowercased() }

  /// The phases in which somebody leads a measure on a day, each under its first spelling; nil stands for all phases.
  public func phasesLed(in measure: Measure, on date: LocalDate) -> [String?] {
    var phases: [String?] = []
    for lead in measure.assignments where leads(lead, on: date) {
      let isKnown = phases.contains { known in
        if let known, let phase = lead.phase { Self.isSameName(known, phase) } else { known == lead.phase }
      }
      if !isKnown { phases.append(lead.phase) }
    }
    return phases.sorted { $0 ?? "" < $1 ?? "" }
  }

  /// Who leads a measure in a phase on a day, each once.
  public func leads(of measure: Measure, in phase: String?, on date: LocalDate) -> Set<PartyID> {
    Set(measure.assignments.filter { $0.isPart(of: phase) && leads($0, on: date) }.map(\.holder))
  }
}

extension Assignment {
  /// Whether it holds in a phase: whoever is named without one is named for each of them.
  fileprivate func isPart(of phase: String?) -> Bool {
    self.phase.map { own in phase.map { Plan.isSameName(own, $0) } ?? false } ?? true
  }

  /// The days on which it may begin to count as a lead.
  fileprivate var turningDays: [LocalDate] {
    [from] + roles.entries.map(\.effectiveDate) + [activeFrom].compactMap { $0 }
  }
}

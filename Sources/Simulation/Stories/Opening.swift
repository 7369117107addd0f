internal import Coordination
internal import EventSourcing

/// Takes over the copy of the plan that the history is about.
struct Import: Appointment {
  let opening: SimulationOpening

  func keep(in plan: Plan, on stage: inout Stage) {
    let actor = PlanActor(id: .system("import"), role: .system)
    for command in opening.commands { stage.send(command, as: actor, effective: opening.effectiveDate) }
  }
}

/// Looks at the plan once it is all there, and plans what is going to happen.
struct Survey: Appointment {
  func keep(in plan: Plan, on stage: inout Stage) {
    for measure in plan.measures.values.sorted(by: { $0.code < $1.code }) {
      for assignment in measure.assignments { planAnswer(assignment, &stage) }
      planDelivery(of: measure, on: &stage)
    }
    for issue in plan.issues.values.filter(\.isOpen).sorted(by: { $0.raisedAt < $1.raisedAt }) {
      stage.plan(NextIssueStep(issue: issue.id), inDays: 10...540)
    }
    for placeholder in plan.parties.values.sorted(by: { $0.slug < $1.slug }) {
      guard let due = placeholder.due, placeholder.resolution == nil else { continue }
      stage.plan(
        NamePlaceholder(placeholder: placeholder.id), on: due.advanced(byDays: Int32(stage.number(in: -60...40))))
    }
    planRounds(&stage)
    planInstitutionChanges(in: plan, on: &stage)
    if stage.terms.closesPlan, let version = plan.currentVersion {
      stage.plan(Close(), exactlyOn: min(version.until, stage.terms.period.upperBound))
    }
  }

  private func planAnswer(_ assignment: Assignment, _ stage: inout Stage) {
    switch assignment.state(on: stage.today) {
    case .named where assignment.role == .unclear:
      stage.plan(ClarifyUnclearRole(assignment: assignment.id), inDays: 60...500)
    case .named, .active: stage.plan(AnswerAssignment(assignment: assignment.id), inDays: 20...150)
    case .dormant where stage.chance(50):
      stage.plan(MeetCondition(assignment: assignment.id), inDays: 150...800)
    default: break
    }
    if assignment.role == .lead, stage.chance(12) {
      stage.plan(PassLeadOn(assignment: assignment.id), inDays: 200...1100)
    }
  }

  private func planDelivery(of measure: Measure, on stage: inout Stage) {
    if measure.external != nil { return stage.plan(ReceiveExternalStatus(measure: measure.id), inDays: 60...140) }
    if measure.parent == nil, stage.chance(70) {
      stage.plan(Prioritise(measure: measure.id), inDays: 20...90)
    }
    if stage.chance(8) { stage.plan(Highlight(measure: measure.id), inDays: 60...700) }
    if stage.chance(50) { stage.plan(NoteMeans(measure: measure.id), inDays: 100...900) }
    // What a measure with parts does follows from its parts.
    if measure.parts.isEmpty { stage.plan(BeginDelivery(measure: measure.id), inDays: 20...420) }
  }

  /// Two rounds a year, on the last day of each half.
  private func planRounds(_ stage: inout Stage) {
    let years = stage.today.components.year...stage.terms.period.upperBound.components.year
    for year in years {
      for day in [LocalDate(year: year, month: 6, day: 30), LocalDate(year: year, month: 12, day: 31)] {
        guard let day, day >= stage.today else { continue }
        stage.plan(ReportingRound(cutoff: day), on: max(stage.today, day.advanced(byDays: -24)))
      }
    }
  }
}

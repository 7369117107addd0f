internal import Coordination
internal import EventSourcing

/// A measure that goes badly rests for a while.
struct LetRest: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.parts.isEmpty, measure.state(on: stage.today) == .running,
      let (_, actor) = stage.lead(of: measure, in: plan)
    else { return }
    stage.send(
      PauseMeasure.self,
      ["measure": .string(measure.id.description), "reason": stage.text(Wording.worsening)], as: actor)
    stage.plan(EndRest(measure: measure.id), inDays: 90...260)
  }
}

/// What rested goes on, or is given up by a decision.
struct EndRest: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.state(on: stage.today) == .paused else { return }
    if stage.chance(30) { return stage.planToday(GiveUp(measure: measure.id)) }
    stage.send(
      ResumeMeasure.self, ["measure": .string(measure.id.description), "reason": stage.text(Wording.reason)],
      as: stage.lead(of: measure, in: plan)?.actor ?? stage.office)
  }
}

/// A decision gives up what goes badly, or what nobody cares for.
struct GiveUp: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.parts.isEmpty, stage.isOpen(measure, in: plan) else { return }
    stage.send(
      DiscontinueMeasure.self,
      [
        "measure": .string(measure.id.description), "decision": .string("Simulation: Beschluss vom \(stage.today)"),
        "reason": stage.text(Wording.worsening),
      ], as: stage.office)
  }
}

/// A measure is done: what it cannot do without is reached first, and its last report says so.
struct Finish: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.parts.isEmpty, measure.state(on: stage.today) == .running,
      let (_, actor) = stage.lead(of: measure, in: plan), let best = plan.assessedConditions.first
    else { return }
    let reference: JSON = .string(measure.id.description)
    for milestone in measure.milestones where milestone.isMandatory && milestone.reachedOn == nil {
      stage.send(
        ReachMilestone.self, ["measure": reference, "milestone": .string(milestone.id.description)], as: actor)
    }
    stage.send(
      ReportProgress.self,
      ["measure": reference, "condition": .string(best), "percent": 100, "text": stage.text(Wording.done)], as: actor)
    if measure.kind == .examine {
      let result: Measure.ExaminationResult = stage.chance(50) ? .yes : stage.chance(60) ? .partly : .no
      stage.send(
        ConcludeExamination.self,
        ["measure": reference, "result": .string(result.rawValue), "reason": stage.text(Wording.result)], as: actor)
    } else {
      stage.send(CompleteMeasure.self, ["measure": reference, "reason": stage.text(Wording.done)], as: actor)
    }
    planAfterwards(&stage)
  }

  private func planAfterwards(_ stage: inout Stage) {
    if stage.chance(60) { stage.plan(ShowResult(measure: measure), inDays: 5...60) }
    if stage.chance(25) {
      stage.plan(KeepUp(measure: measure), inDays: 30...150)
    } else if stage.chance(8) {
      stage.plan(OpenAgain(measure: measure), inDays: 60...200)
    }
  }
}

/// What is done is kept up for good.
struct KeepUp: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.state(on: stage.today) == .completed else { return }
    stage.send(
      MakePermanent.self, ["measure": .string(measure.id.description), "reason": stage.text(Wording.reason)],
      as: stage.office)
  }
}

/// What was thought to be done turns out not to be.
struct OpenAgain: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.state(on: stage.today) == .completed else { return }
    stage.send(
      ReopenMeasure.self, ["measure": .string(measure.id.description), "reason": stage.text(Wording.reason)],
      as: stage.office)
    stage.plan(Finish(measure: measure.id), inDays: 90...300)
  }
}

/// The office closes the plan on the day after its last.
struct Close: Appointment {
  func keep(in plan: Plan, on stage: inout Stage) {
    guard let version = plan.currentVersion, version.closedOn == nil else { return }
    stage.send(
      ClosePlan.self,
      [
        "date": .string(max(version.until, stage.today).advanced(byDays: 1).description),
        "reason": stage.text(Wording.reason),
      ], as: stage.office)
  }
}

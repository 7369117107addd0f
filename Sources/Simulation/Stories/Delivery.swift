internal import Coordination
internal import EventSourcing

/// A lead sets to work: a schedule, milestones, the first phase.
struct BeginDelivery: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], let (party, actor) = stage.lead(of: measure, in: plan),
      let version = plan.currentVersion, stage.isOpen(measure, in: plan)
    else { return }
    let reference: JSON = .string(measure.id.description)
    let end = stage.day(in: 300...1000)
    stage.send(
      ScheduleMeasure.self,
      ["measure": reference, "from": .string(stage.today.description), "until": .string(end.description)], as: actor)
    for number in 1...stage.number(in: 1...3) {
      let due = stage.day(in: (number * 120)...(number * 300))
      let isBeyond = due > version.until
      let id = stage.newID()
      stage.send(
        SetMilestone.self,
        [
          "id": .string(id.description), "measure": reference, "title": .string("Simulation: Meilenstein \(number)"),
          "due": .string(due.description), "mandatory": .bool(number == 1), "beyondTerm": isBeyond ? true : .null,
          "reason": isBeyond ? stage.text(Wording.reason) : .null,
        ], as: actor)
      let delay = Int32(stage.number(in: stage.temperament(of: party).delay))
      stage.plan(WorkOnMilestone(measure: measure.id, milestone: id), on: due.advanced(byDays: delay))
    }
    stage.planToday(ChangePhase(measure: measure.id))
  }
}

/// One phase ends where the next begins. Where the plan names none, all delivery is one.
struct ChangePhase: Appointment {
  private static let usual = "Umsetzung"
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], let (_, actor) = stage.lead(of: measure, in: plan) else { return }
    let state = measure.state(on: stage.today)
    guard state.after(.start) != nil else { return }
    var phases: [String] = []
    for phase in measure.assignments.filter({ $0.leads(on: stage.today) }).map({ $0.phase ?? Self.usual })
    where !phases.contains(phase) { phases.append(phase) }
    let lived = measure.phases.map(\.phase)
    guard let next = phases.first(where: { !lived.contains($0) }) else { return }
    // Only who leads may speak, and who leads one phase need not lead the next, so the office records the change.
    let speaker = lived.isEmpty ? actor : stage.office
    let reference: JSON = .string(measure.id.description)
    if let running = measure.phases.last(where: { $0.until == nil }) {
      stage.send(EndPhase.self, ["measure": reference, "phase": .string(running.phase)], as: speaker)
    }
    stage.send(StartPhase.self, ["measure": reference, "phase": .string(next)], as: speaker)
    stage.plan(ChangePhase(measure: measure.id), inDays: 200...450)
  }
}

/// A milestone is reached, or put off once or twice.
struct WorkOnMilestone: Appointment {
  private static let delaysMax = 2
  let measure: MeasureID
  let milestone: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], stage.isOpen(measure, in: plan),
      let known = measure.milestones.first(where: { $0.id == milestone }), known.reachedOn == nil,
      let (party, actor) = stage.lead(of: measure, in: plan), let version = plan.currentVersion
    else { return }
    if measure.state(on: stage.today) == .paused { return stage.plan(self, inDays: 60...120) }
    let fields: [JSON.Member] = [
      .init("measure", .string(measure.id.description)), .init("milestone", .string(milestone.description)),
    ]
    let slips = known.events.count - 1 < Self.delaysMax && stage.chance(stage.temperament(of: party).slips)
    guard slips else {
      stage.send(ReachMilestone.self, .object(fields), as: actor)
      if stage.chance(45) { stage.plan(ShowResult(measure: measure.id), inDays: 3...40) }
      return
    }
    let due = stage.day(in: 30...150)
    let isBeyond = due > version.until
    stage.send(
      RescheduleMilestone.self,
      .object(
        fields + [
          .init("due", .string(due.description)), .init("beyondTerm", isBeyond ? true : .null),
          .init("reason", stage.text(Wording.worsening)),
        ]), as: actor)
    stage.plan(self, on: due)
  }
}

/// Something has come out: what the plan promised first.
struct ShowResult: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.state(on: stage.today) != .discontinued,
      let (_, actor) = stage.lead(of: measure, in: plan)
    else { return }
    let recorded = measure.recordedDeliverables.map(\.deliverable)
    let promised = measure.deliverables.first { !recorded.contains($0) }
    stage.send(
      RecordDeliverable.self,
      [
        "measure": .string(measure.id.description),
        "deliverable": .string(promised ?? "Simulation: Ergebnis \(recorded.count + 1)"),
        "reference": "Simulation: Ablage der Geschäftsstelle",
      ], as: actor)
  }
}

/// A lead asks the office for help, which mostly grants it.
struct AskForSupport: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], stage.isOpen(measure, in: plan),
      let (_, actor) = stage.lead(of: measure, in: plan)
    else { return }
    let id = stage.newID()
    stage.send(
      RequestSupport.self,
      [
        "id": .string(id.description), "measure": .string(measure.id.description), "text": stage.text(Wording.support),
      ], as: actor)
    if stage.chance(80) { stage.plan(GiveSupport(measure: measure.id, request: id), inDays: 7...45) }
  }
}

struct GiveSupport: Appointment {
  let measure: MeasureID
  let request: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], measure.state(on: stage.today) != .discontinued else { return }
    stage.send(
      GrantSupport.self,
      [
        "measure": .string(measure.id.description), "request": .string(request.description),
        "text": stage.text(Wording.support),
      ], as: stage.office)
  }
}

struct NoteMeans: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], stage.isOpen(measure, in: plan),
      let (_, actor) = stage.lead(of: measure, in: plan)
    else { return }
    stage.send(
      NoteResources.self,
      [
        "measure": .string(measure.id.description), "fund": "Simulation: Haushaltsmittel",
        "amount": .integer(Int64(stage.number(in: 2...80) * 5000)),
      ], as: actor)
  }
}

// MARK: - The office

struct Prioritise: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], stage.isOpen(measure, in: plan),
      let horizon = stage.one(of: plan.currentVersion?.horizons ?? [])
    else { return }
    stage.send(
      PrioritiseMeasure.self,
      [
        "measure": .string(measure.id.description), "horizon": .string(horizon), "reason": stage.text(Wording.reason),
      ], as: stage.office)
    if stage.chance(15) { stage.plan(self, inDays: 200...600) }
  }
}

struct Highlight: Appointment {
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], stage.isOpen(measure, in: plan), measure.highlighted == nil else {
      return
    }
    stage.send(
      HighlightMeasure.self,
      ["measure": .string(measure.id.description), "reason": stage.text(Wording.reason)], as: stage.office)
  }
}

extension Stage {
  /// Whether something is still being delivered.
  func isOpen(_ measure: Measure, in plan: Plan) -> Bool { plan.isReportable(measure, on: today) }
}

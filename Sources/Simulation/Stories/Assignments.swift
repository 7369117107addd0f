internal import Coordination
internal import EventSourcing

/// The named institution says yes, seldom no, or nothing at all.
struct AnswerAssignment: Appointment {
  let assignment: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let (known, _) = plan.assignment(assignment), known.answer == nil, known.counts(on: stage.today),
      let voice = stage.voice(of: known.holder, in: plan), !stage.chance(stage.temperament(of: voice).misses)
    else { return }
    let actor = stage.actor(for: voice.slug, known.role == .lead ? .lead : .contributor)
    let reference: JSON = .string(assignment.description)
    guard stage.chance(3) else {
      return stage.send(AcceptAssignment.self, ["assignment": reference], as: actor)
    }
    stage.send(
      DeclineAssignment.self, ["assignment": reference, "reason": stage.text(Wording.reason)], as: actor)
    stage.plan(ReplaceDeclined(assignment: assignment), inDays: 10...40)
  }
}

/// What was declined ends; a lead passes to somebody else where there is anybody.
struct ReplaceDeclined: Appointment {
  let assignment: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let (known, measure) = plan.assignment(assignment), known.holds(on: stage.today), known.followedBy == nil
    else { return }
    if known.role == .lead, let heir = stage.heir(of: known, in: measure, plan) {
      return stage.handOver(known, to: heir, as: stage.office)
    }
    stage.send(
      EndAssignment.self, ["assignment": .string(assignment.description), "reason": stage.text(Wording.reason)],
      as: stage.office)
  }
}

/// A lead changes hands within a measure.
struct PassLeadOn: Appointment {
  let assignment: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let (known, measure) = plan.assignment(assignment), known.leads(on: stage.today), known.followedBy == nil,
      !plan.state(of: measure, on: stage.today).isFinished, let heir = stage.heir(of: known, in: measure, plan)
    else { return }
    let voice = stage.voice(of: known.holder, in: plan)
    let isSilent = voice.map { stage.temperament(of: $0) == .silent } ?? true
    stage.handOver(known, to: heir, as: isSilent ? stage.office : stage.actor(for: voice?.slug, .lead))
  }
}

/// The office finds out what a role that the plan leaves open means.
struct ClarifyUnclearRole: Appointment {
  let assignment: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let (known, measure) = plan.assignment(assignment), known.role == .unclear, known.holds(on: stage.today),
      !measure.assignments.contains(where: { $0.holder == known.holder && $0.role == .contributor })
    else { return }
    stage.send(
      ClarifyRole.self,
      [
        "assignment": .string(assignment.description), "role": .string(Assignment.Role.contributor.rawValue),
        "reason": stage.text(Wording.reason),
      ], as: stage.office)
    stage.plan(AnswerAssignment(assignment: assignment), inDays: 10...60)
  }
}

/// The condition of a dormant assignment comes true.
struct MeetCondition: Appointment {
  let assignment: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let (known, measure) = plan.assignment(assignment), known.holds(on: stage.today),
      known.state(on: stage.today) == .dormant
    else { return }
    // A lead that wakes up needs room beside those that are there.
    let leads = measure.assignments.filter { $0.phase == known.phase && $0.leads(on: stage.today) }
    guard known.role != .lead || Set(leads.map(\.holder)).count < plan.currentVersion?.leadCap ?? 0 else { return }
    stage.send(
      ActivateCondition.self,
      ["assignment": .string(assignment.description), "reason": stage.text(Wording.reason)], as: stage.office)
    stage.plan(AnswerAssignment(assignment: assignment), inDays: 10...90)
  }
}

/// Those still to be identified are found: institutions that have no role in the measures concerned yet.
struct NamePlaceholder: Appointment {
  let placeholder: PartyID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let known = plan.parties[placeholder], known.resolution == nil else { return }
    let measures = plan.measures.values.filter { $0.assignments.contains { $0.holder == placeholder } }
    let busy = Set(measures.flatMap { $0.assignments.map(\.holder) })
    var free = plan.parties.values
      .filter { $0.noun == .institutions && $0.dissolution == nil && !busy.contains($0.id) }
      .sorted { $0.slug < $1.slug }
    var named: [JSON] = []
    while named.count < 2, !free.isEmpty {
      named.append(.string(free.remove(at: stage.number(in: 0...free.count - 1)).slug))
    }
    stage.send(
      ResolvePlaceholder.self,
      [
        "placeholder": .string(known.slug), "institutions": .array(named), "reason": stage.text(Wording.reason),
      ], as: stage.office)
  }
}

extension Stage {
  /// Who could take a lead on: a contributor of the measure that holds no role there which excludes it.
  mutating func heir(of lead: Assignment, in measure: Measure, _ plan: Plan) -> Party? {
    let held = measure.assignments.filter { $0.holds(on: today) }
    let excluded = Set(held.filter { [.lead, .leadPartner, .consulted].contains($0.role) }.map(\.holder))
    let candidates = held.filter { $0.role == .contributor && !excluded.contains($0.holder) && $0.counts(on: today) }
      .compactMap { plan.parties[$0.holder] }
      .filter { $0.noun == .institutions && $0.dissolution == nil }
    return one(of: candidates)
  }

  mutating func handOver(_ lead: Assignment, to heir: Party, as actor: PlanActor) {
    let successor = newID()
    send(
      HandOverLead.self,
      [
        "id": .string(successor.description), "assignment": .string(lead.id.description), "to": .string(heir.slug),
        "reason": text(Wording.reason),
      ], as: actor)
    plan(AnswerAssignment(assignment: successor), inDays: 10...60)
  }
}

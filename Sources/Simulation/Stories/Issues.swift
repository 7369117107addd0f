internal import Coordination
internal import EventSourcing

/// Somebody with a part in a measure has a question, or cannot go on.
struct RaiseConcern: Appointment {
  let measure: MeasureID
  let institution: PartyID
  let kind: Issue.Kind

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], let party = plan.parties[institution], stage.isOpen(measure, in: plan),
      measure.assignments.contains(where: {
        $0.holds(on: stage.today) && plan.covers($0.holder, institution, on: stage.today)
      })
    else { return }
    let id = stage.newID()
    stage.send(
      RaiseIssue.self,
      [
        "id": .string(id.description), "measure": .string(measure.id.description), "kind": .string(kind.rawValue),
        "text": stage.text(kind == .question ? Wording.question : Wording.obstacle), "wish": stage.text(Wording.wish),
      ], as: stage.actor(for: party.slug, .contributor))
    stage.plan(NextIssueStep(issue: IssueID(id)), inDays: 2...25)
  }
}

/// Takes an issue on by one step from wherever it stands.
struct NextIssueStep: Appointment {
  let issue: IssueID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let issue = plan.issues[issue] else { return }
    let desk = IssueDesk(issue: issue, measure: issue.measure.flatMap { plan.measures[$0] }, plan: plan)
    switch issue.state {
    case .raised, .reopened, .returned:
      if stage.chance(4) { return desk.plainly(WithdrawIssue.self, as: desk.raiser(stage), &stage) }
      desk.plainly(TakeUpIssue.self, as: stage.office, &stage)
      stage.plan(self, inDays: 10...50)
    case .takenUp:
      if stage.chance(30), desk.escalate(&stage) { return }
      desk.propose(&stage)
      stage.plan(self, inDays: 5...35)
    case .solutionProposed:
      switch stage.number(in: 1...100) {
      case ...72: desk.plainly(AcceptSolution.self, as: desk.raiser(stage), &stage)
      case ...86: desk.propose(&stage)
      default: if desk.escalate(&stage) { return }
      }
      stage.plan(self, inDays: 5...40)
    case .escalated: desk.goOnAbove(&stage)
    case .accepted:
      desk.plainly(ResolveIssue.self, as: stage.office, &stage)
      stage.plan(self, inDays: 10...60)
    case .decided:
      // A decision is carried out before the issue is at an end.
      if issue.followUps.contains(where: { $0.completed == nil && stage.today <= $0.due.advanced(byDays: 60) }) {
        return stage.plan(self, inDays: 20...50)
      }
      desk.plainly(stage.chance(70) ? ResolveIssue.self : CloseIssue.self, as: stage.office, &stage)
      stage.plan(self, inDays: 10...60)
    case .resolved:
      let isOver = stage.chance(94)
      desk.plainly(isOver ? CloseIssue.self : ReopenIssue.self, as: stage.office, &stage)
      if !isOver { stage.plan(self, inDays: 5...30) }
    case .closed, .withdrawn: break
    }
  }
}

/// What has been ordered gets done, more or less on time.
struct FollowUpOn: Appointment {
  let issue: IssueID
  let followUp: EntityID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let known = plan.issues[issue]?.followUps.first(where: { $0.id == followUp }), known.completed == nil,
      let voice = stage.voice(of: known.responsible, in: plan)
    else { return }
    stage.send(
      CompleteFollowUp.self, ["followUp": .string(followUp.description), "text": stage.text(Wording.done)],
      as: stage.actor(for: voice.slug, .lead))
  }
}

/// An issue with all that is needed to act on it.
private struct IssueDesk {
  let issue: Issue
  let measure: Measure?
  let plan: Plan

  private var reference: JSON.Member { .init("issue", .string(issue.id.description)) }

  /// Who raised it; the office where nobody else did.
  func raiser(_ stage: Stage) -> PlanActor {
    guard let slug = issue.institution.flatMap({ plan.parties[$0] })?.slug else { return stage.office }
    return stage.actor(for: slug, .contributor)
  }

  func plainly(_ kind: any PlanCommand.Type, as actor: PlanActor, _ stage: inout Stage) {
    stage.send(kind, .object([reference]), as: actor)
  }

  func propose(_ stage: inout Stage) {
    let lead = stage.chance(40) ? measure.flatMap { stage.lead(of: $0, in: plan) }?.actor : nil
    stage.send(
      ProposeSolution.self, .object([reference, .init("text", stage.text(Wording.proposal))]), as: lead ?? stage.office)
  }

  /// Takes the issue to the next level that may decide.
  /// - Returns: false where there is none.
  func escalate(_ stage: inout Stage) -> Bool {
    let ladder = plan.currentVersion?.ladder ?? []
    let current = ladder.firstIndex { $0.slug.text == issue.level } ?? 0
    guard let next = ladder.indices.first(where: { $0 > current && ladder[$0].mandate != .advise }) else {
      return false
    }
    let deadline = stage.day(in: 30...75)
    var fields = [
      reference, .init("deadline", .string(deadline.description)), .init("reason", stage.text(Wording.escalation)),
    ]
    if next > current + 1 {
      fields += [.init("level", .string(ladder[next].slug.text)), .init("urgent", true)]
    }
    stage.send(EscalateIssue.self, .object(fields), as: stage.office)
    awaitDecision(deadline, &stage)
    return true
  }

  /// Bodies meet before the deadline or after it.
  private func awaitDecision(_ deadline: LocalDate, _ stage: inout Stage) {
    let delay = stage.chance(55) ? stage.number(in: -12 ... -4) : stage.number(in: 6...40)
    stage.plan(NextIssueStep(issue: issue.id), on: deadline.advanced(byDays: Int32(delay)))
  }

  /// The body decides; after a missed deadline it may also get another one, or the issue goes further up.
  func goOnAbove(_ stage: inout Stage) {
    guard let slug = issue.level.flatMap({ plan.ladderLevel($0, on: stage.today) })?.body?.text,
      let body = plan.party(slug)
    else {
      return
    }
    let actor = slug == stage.office.institution ? stage.office : stage.actor(for: slug, .steering)
    let isMissed = issue.deadline.map { $0 < stage.today } ?? false
    if isMissed, stage.chance(40), escalate(&stage) { return }
    if isMissed, stage.chance(35) {
      let deadline = stage.day(in: 20...60)
      stage.send(
        SetDecisionDeadline.self,
        .object([
          reference, .init("deadline", .string(deadline.description)), .init("reason", stage.text(Wording.reason)),
        ]), as: actor)
      return awaitDecision(deadline, &stage)
    }
    decide(body, actor, &stage)
  }

  private func decide(_ body: Party, _ actor: PlanActor, _ stage: inout Stage) {
    var fields = [reference, .init("body", .string(body.slug)), .init("text", stage.text(Wording.decision))]
    let outcome: Issue.Decision.Outcome
    switch stage.number(in: 1...100) {
    case ...62: outcome = .decide
    case ...74: outcome = .refuse
    case ...86: outcome = .return
    default: outcome = .defer
    }
    fields.append(.init("outcome", .string(outcome.rawValue)))
    if outcome == .decide, stage.chance(75), let responsible = responsible(stage) {
      fields.append(.init("followUps", .array([order(responsible, &stage)])))
    } else {
      fields.append(.init("noFollowUp", true))
    }
    if outcome == .defer {
      let deadline = stage.day(in: 25...70)
      fields.append(.init("deferredTo", .string(deadline.description)))
      awaitDecision(deadline, &stage)
    } else {
      stage.plan(NextIssueStep(issue: issue.id), inDays: 10...60)
    }
    stage.send(DecideEscalation.self, .object(fields), as: actor)
  }

  private func responsible(_ stage: Stage) -> Party? {
    measure.flatMap { stage.lead(of: $0, in: plan) }?.party ?? stage.office.institution.flatMap { plan.party($0) }
  }

  private func order(_ responsible: Party, _ stage: inout Stage) -> JSON {
    let id = stage.newID()
    let due = stage.day(in: 30...120)
    if stage.chance(80) {
      let delay = Int32(stage.number(in: stage.temperament(of: responsible).delay))
      stage.plan(FollowUpOn(issue: issue.id, followUp: id), on: due.advanced(byDays: delay))
    }
    return [
      "id": .string(id.description), "text": stage.text(Wording.order), "responsible": .string(responsible.slug),
      "due": .string(due.description),
    ]
  }
}

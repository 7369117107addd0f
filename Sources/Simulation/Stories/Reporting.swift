internal import Coordination
internal import EventSourcing

/// A half-yearly round: whoever has a part in a measure reports on the same day, sooner or later.
struct ReportingRound: Appointment {
  let cutoff: LocalDate

  func keep(in plan: Plan, on stage: inout Stage) {
    for measure in plan.measures.values.sorted(by: { $0.id < $1.id }) {
      guard plan.isReportable(measure, on: stage.today) else { continue }
      var isFirstLead = true
      for assignment in measure.assignments where assignment.counts(on: stage.today) {
        guard let voice = stage.voice(of: assignment.holder, in: plan), let share = share(assignment, isFirstLead)
        else {
          continue
        }
        if assignment.role == .lead { isFirstLead = false }
        let temperament = stage.temperament(of: voice)
        guard stage.chance(share), !stage.chance(temperament.misses) else { continue }
        stage.plan(
          MakeReport(measure: measure.id, assignment: assignment.id, cutoff: cutoff),
          on: max(stage.today, cutoff.advanced(byDays: Int32(stage.number(in: temperament.delay)))))
      }
      stage.plan(LookForSilence(measure: measure.id, cutoff: cutoff), on: cutoff.advanced(byDays: 90))
    }
  }

  /// How many in a hundred report: the first lead for all, others beside it.
  private func share(_ assignment: Assignment, _ isFirstLead: Bool) -> Int? {
    switch assignment.role {
    case .lead: isFirstLead ? 100 : 25
    case .leadPartner: 80
    case .contributor: 70
    case .consulted, .unclear: nil
    }
  }
}

struct MakeReport: Appointment {
  let measure: MeasureID
  let assignment: EntityID
  let cutoff: LocalDate

  func keep(in plan: Plan, on stage: inout Stage) {
    // A late report is about the day of the round, an early one about its own.
    let about = min(stage.today, cutoff)
    guard let measure = plan.measures[measure],
      let assignment = measure.assignments.first(where: { $0.id == assignment }),
      plan.counts(assignment, on: about), plan.isReportable(measure, on: about),
      (plan.subjects[measure.id.value]?.start).map({ $0 <= about }) ?? false,
      let voice = stage.voice(of: assignment.holder, in: plan)
    else { return }
    let leads = measure.assignments.contains {
      plan.leads($0, on: about) && plan.covers($0.holder, voice.id, on: about)
    }
    guard assignment.role == .lead else {
      // Whoever leads as well has said it there.
      if !leads { contribute(to: measure, voice, about, plan, &stage) }
      return
    }
    let progress = stage.progress(of: measure, on: about, in: plan)
    report(progress, on: measure, as: stage.actor(for: voice.slug, .lead), about, &stage)
    planWhatFollows(progress, measure, voice, &stage)
  }

  private func report(
    _ progress: Progress, on measure: Measure, as actor: PlanActor, _ about: LocalDate, _ stage: inout Stage
  ) {
    stage.send(
      ReportProgress.self,
      [
        "measure": .string(measure.id.description), "condition": .string(progress.condition),
        "percent": progress.percent.map { .integer(Int64($0)) } ?? .null, "text": progress.text,
      ], as: actor, effective: about)
  }

  private func contribute(
    to measure: Measure, _ voice: Party, _ about: LocalDate, _ plan: Plan, _ stage: inout Stage
  ) {
    let conditions = plan.assessedConditions
    let before = measure.reports.last { $0.institution == voice.id }?.percent ?? 0
    let percent = stage.chance(40) ? min(100, before + 5 * stage.number(in: 1...5)) : nil
    let isWell = percent == 100 || stage.chance(75)
    let condition = isWell ? conditions.first : stage.one(of: conditions)
    stage.send(
      ReportProgress.self,
      [
        "measure": .string(measure.id.description), "condition": .string(condition ?? "not-assessed"),
        "percent": percent.map { .integer(Int64($0)) } ?? .null,
        "text": stage.chance(60) ? stage.text(Wording.contribution) : .null,
      ], as: stage.actor(for: voice.slug, .contributor), effective: about)
    if stage.chance(2) {
      stage.plan(RaiseConcern(measure: measure.id, institution: voice.id, kind: .question), inDays: 3...40)
    }
    if stage.chance(3) { stage.plan(CorrectLastReport(measure: measure.id, institution: voice.id), inDays: 4...40) }
  }

  private func planWhatFollows(_ progress: Progress, _ measure: Measure, _ voice: Party, _ stage: inout Stage) {
    if stage.chance(4) { stage.plan(CorrectLastReport(measure: measure.id, institution: voice.id), inDays: 4...40) }
    if progress.isTroubled {
      if stage.chance(25) {
        let kind: Issue.Kind = stage.chance(40) ? .decisionNeeded : .obstacle
        stage.plan(RaiseConcern(measure: measure.id, institution: voice.id, kind: kind), inDays: 1...20)
      }
      if stage.chance(14) { stage.plan(AskForSupport(measure: measure.id), inDays: 2...30) }
      if progress.isWorst, stage.chance(40) { stage.plan(LetRest(measure: measure.id), inDays: 10...50) }
    }
    if let percent = progress.percent, percent >= 88 { stage.plan(Finish(measure: measure.id), inDays: 14...70) }
  }
}

/// Somebody finds a slip in the own last report.
struct CorrectLastReport: Appointment {
  let measure: MeasureID
  let institution: PartyID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], let slug = plan.parties[institution]?.slug,
      let report = measure.reports.last(where: { $0.institution == institution && $0.correctedBy == nil })
    else { return }
    let percent = report.percent.map { min(100, max(0, $0 + (stage.chance(50) ? 5 : -5))) }
    let other = plan.assessedConditions.first { $0 != report.condition }
    stage.send(
      CorrectReport.self,
      [
        "measure": .string(measure.id.description), "report": .integer(report.position.value),
        "percent": percent.map { .integer(Int64($0)) } ?? .null,
        "condition": percent == nil ? other.map { .string($0) } ?? .null : .null,
        "text": stage.text(Wording.correction), "reason": stage.text(Wording.correction),
      ], as: stage.actor(for: slug, report.part == .lead ? .lead : .contributor))
  }
}

/// The office notices of which measure nothing has been heard for a year. Sometimes it finds another lead; a few are
/// given up.
struct LookForSilence: Appointment {
  let measure: MeasureID
  let cutoff: LocalDate

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let measure = plan.measures[measure], plan.isReportable(measure, on: stage.today) else { return }
    let year = cutoff.advanced(byDays: -366)
    guard (plan.subjects[measure.id.value]?.start).map({ $0 < year }) ?? false,
      measure.lastReports.last.map({ $0.effectiveDate < year }) ?? true
    else { return }
    if stage.chance(20), let lead = measure.assignments.first(where: { $0.leads(on: stage.today) }) {
      stage.planToday(PassLeadOn(assignment: lead.id))
    } else if stage.chance(6) {
      stage.planToday(GiveUp(measure: measure.id))
    }
  }
}

/// How a measure goes, as a lead sees it.
struct Progress {
  let condition: String
  let percent: Int?
  let text: JSON
  let isTroubled: Bool
  let isWorst: Bool
}

extension Stage {
  /// One step on from what was valid: the condition moves by at most one place, the percentage as fast as the condition
  /// and the nature of the measure let it.
  mutating func progress(of measure: Measure, on day: LocalDate, in plan: Plan) -> Progress {
    let conditions = plan.assessedConditions
    let before = measure.conditions.value(at: day).flatMap { conditions.firstIndex(of: $0) }
    let percentBefore = measure.percents.value(at: day) ?? nil
    if measure.state(on: day) == .paused {
      return Progress(
        condition: before.map { conditions[$0] } ?? "not-assessed", percent: percentBefore, text: text(Wording.resting),
        isTroubled: false, isWorst: false)
    }
    if before == nil, chance(12) || conditions.isEmpty {
      return Progress(
        condition: "not-assessed", percent: percentBefore, text: text(Wording.going), isTroubled: false, isWorst: false)
    }
    let rank = nextRank(after: before, worst: conditions.count - 1)
    let percent = measure.isCounted ? nextPercent(after: percentBefore ?? 0, of: measure, rank) : nil
    let isWorse = rank > before ?? 0 || percent.map { $0 < percentBefore ?? 0 } ?? false
    // Whoever repeats what was said before has to explain it.
    let isRepeated = rank == before && percent == percentBefore
    return Progress(
      condition: conditions[rank], percent: percent,
      text: isWorse || isRepeated || chance(45) ? text(isWorse ? Wording.worsening : Wording.going) : .null,
      isTroubled: rank > 0, isWorst: rank > 0 && rank == conditions.count - 1)
  }

  private mutating func nextRank(after before: Int?, worst: Int) -> Int {
    guard let before else { return chance(80) ? 0 : min(1, worst) }
    switch number(in: 1...100) {
    case ...(before == 0 ? 0 : 38): return max(0, before - 1)
    case (before == 0 ? 84 : 76)...: return min(worst, before + 1)
    default: return before
    }
  }

  private mutating func nextPercent(after before: Int, of measure: Measure, _ rank: Int) -> Int {
    let pace = 60 + Int(StableHash.of(measure.id.description, seed: terms.seed) % 140)
    let step = rank == 0 ? number(in: 4...20) : rank == 1 ? number(in: 0...9) : number(in: -6...4)
    return min(96, max(0, before + step * pace / 100))
  }
}

extension Measure {
  /// Whether a lead says how much is done: not of what recurs without an end, nor of what follows from parts.
  fileprivate var isCounted: Bool { kind != .recurring && parts.isEmpty }
}

extension Plan {
  /// The plan's conditions from best to worst, without the one that says nothing.
  var assessedConditions: [String] { (currentVersion?.conditions ?? []).filter { $0 != "not-assessed" } }

  func isReportable(_ measure: Measure, on day: LocalDate) -> Bool {
    let state = state(of: measure, on: day)
    return !state.isFinished && state != .external && state != .proposed
  }
}

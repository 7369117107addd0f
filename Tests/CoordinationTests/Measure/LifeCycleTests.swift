import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §11, §50 and the life cycle of a measure
struct LifeCycleTests {
  private static let one: JSON = ["measure": "fachkraefte.1.I"]
  private static let reasoned = one.replacing("reason", "R")
  private static let report = one.replacing("condition", "on-track")

  private var running: DeciderSpecification {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 60)
    spec.given("report-progress", Self.report, as: .lead("tu"))
    return spec
  }

  private var completed: DeciderSpecification {
    var spec = running
    spec.given("complete-measure", Self.one)
    return spec
  }

  @Test func `the table has these moves and no other`() {
    let moves: [(Measure.State.Move, [Measure.State], Measure.State)] = [
      (.admit, [.proposed], .admitted), (.schedule, [.admitted], .planned),
      (.start, [.admitted, .planned, .running], .running), (.pause, [.running], .paused),
      (.resume, [.paused], .running), (.complete, [.running], .completed),
      (.conclude, [.planned, .running], .completed), (.reopen, [.completed], .running),
      (.makePermanent, [.completed], .permanent),
      (
        .discontinue, [.proposed, .admitted, .planned, .running, .paused, .completed, .permanent], .discontinued
      ),
    ]
    #expect(moves.map(\.0) == Measure.State.Move.allCases)
    for (move, from, to) in moves {
      #expect(Measure.State.allowing(move) == from)
      for state in from { #expect(state.after(move) == to) }
    }
  }

  @Test func `a running measure rests and is taken up again`() throws {
    var spec = running
    spec.when("pause-measure", Self.reasoned)
      .yields("measure.paused.v1", on: "measures/\(id(21))", ["reason": "R"])
    spec.given("pause-measure", Self.reasoned, as: .lead("tu"), on: day("2019-04-01"))
    #expect(try spec.measure.state(on: day("2019-03-31")) == .running)
    #expect(try spec.measure.state(on: day("2019-04-01")) == .paused)
    spec.today = day("2019-05-01")
    spec.when("pause-measure", Self.reasoned).isRefused(
      .conflict, "wrong-state", field: "measure", facts: ["state": "paused", "allowed": ["running"]])
    spec.when("report-progress", Self.report, as: .lead("tu")).isAccepted()
    spec.when("resume-measure", Self.one).yields("measure.resumed.v1", on: "measures/\(id(21))", [:])
    spec.given("resume-measure", Self.one)
    #expect(try spec.measure.states.last == .running)
  }

  @Test func `pausing, reopening and discontinuing need a reason`() {
    running.when("pause-measure", Self.one).isRefused(.rule, "reason-needed", field: "reason")
    completed.when("reopen-measure", Self.one).isRefused(.rule, "reason-needed", field: "reason")
    running.when("discontinue-measure", Self.one).isRefused(.malformed, "missing-field", field: "reason")
  }

  @Test func `a planned measure is neither paused nor completed`() {
    let spec = DeciderSpecification.masterplan()
    for command in ["pause-measure", "complete-measure"] {
      spec.when(command, Self.reasoned).isRefused(
        .conflict, "wrong-state", field: "measure", facts: ["state": "planned", "allowed": ["running"]])
    }
  }

  @Test func `a measure is completed once its mandatory milestones are reached`() {
    var spec = running
    let milestone = Self.one.replacing("title", "Konzept").replacing("due", "2019-12-31")
    spec.given("set-milestone", milestone.replacing("id", id(61).json).replacing("mandatory", true))
    spec.given("set-milestone", milestone.replacing("title", "Broschüre"))
    spec.when("complete-measure", Self.one).isRefused(
      .rule, "milestones-open", field: "measure", facts: ["milestones": ["Konzept"]])
    spec.given("reach-milestone", Self.one.replacing("milestone", id(61).json))
    spec.when("complete-measure", Self.one, on: day("2019-03-01"))
      .yields("measure.completed.v1", on: "measures/\(id(21))", [:])
  }

  @Test func `a finished measure takes no report unless it is reopened`() throws {
    var spec = completed
    spec.when("report-progress", Self.report, as: .lead("tu"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "completed"])
    for command in ["schedule-measure", "prioritise-measure"] {
      spec.when(command, Self.one.replacing("rank", nil)).isRefused(.conflict, "finished", field: "measure")
    }
    spec.given("reopen-measure", Self.reasoned)
    #expect(try spec.measure.states.last == .running)
    spec.when("report-progress", Self.report, as: .lead("tu")).isAccepted()
  }

  @Test func `a late report about a day before the end is taken`() {
    var spec = running
    spec.today = day("2019-06-01")
    spec.given("complete-measure", Self.one)
    spec.when("report-progress", Self.report, as: .lead("tu"), on: day("2019-05-31")).isAccepted()
    spec.when("report-progress", Self.report, as: .lead("tu"), on: day("2019-06-01"))
      .isRefused(.conflict, "finished", field: "measure")
  }

  @Test func `what a completed measure began can be kept up for good`() throws {
    var spec = completed
    running.when("make-permanent", Self.one).isRefused(
      .conflict, "wrong-state", field: "measure", facts: ["state": "running", "allowed": ["completed"]])
    spec.given("make-permanent", Self.one)
    #expect(try spec.measure.states.last == .permanent)
    spec.when("report-progress", Self.report, as: .lead("tu"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "permanent"])
    spec.when("reopen-measure", Self.reasoned).isRefused(.conflict, "wrong-state", field: "measure")
  }

  @Test func `any measure can be discontinued, one of an adopted plan only by a decision`() throws {
    var spec = running
    spec.when("discontinue-measure", Self.reasoned)
      .yields("measure.discontinued.v1", on: "measures/\(id(21))", ["reason": "R"])
    spec.given("adopt-plan", ["resolution": "R", "date": "2018-09-04", "body": "senat"])
    // A draft of the next version changes nothing of that.
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.when("discontinue-measure", Self.reasoned).isRefused(.rule, "decision-needed", field: "decision")
    let decided = Self.reasoned.replacing("decision", "Beschluss 17/2019")
    spec.when("discontinue-measure", decided).yields(
      "measure.discontinued.v1", on: "measures/\(id(21))", ["decision": "Beschluss 17/2019", "reason": "R"])
    spec.given("discontinue-measure", decided)
    #expect(try spec.measure.states.last == .discontinued)
    spec.when("discontinue-measure", decided).isRefused(.conflict, "wrong-state", field: "measure")
    spec.when("report-progress", Self.report, as: .lead("tu"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "discontinued"])
  }

  @Test func `an external measure has mirror states only`() {
    var spec = running
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    for command in ["pause-measure", "complete-measure", "discontinue-measure"] {
      spec.when(command, Self.reasoned).isRefused(.conflict, "wrong-state", field: "measure")
    }
    spec.when("schedule-measure", Self.one.replacing("from", "2019-05-01"))
      .isRefused(.conflict, "externally-led", field: "measure")
  }

  @Test func `a move does not slip in before a later change`() {
    var spec = running
    spec.given("pause-measure", Self.reasoned, on: day("2019-06-01"))
    spec.when("complete-measure", Self.one, on: day("2019-05-01")).isRefused(
      .conflict, "later-change", field: "effectiveDate", facts: ["state": "paused", "since": "2019-06-01"])
  }

  @Test func `a late first report starts the measure earlier`() throws {
    var spec = running
    spec.given("report-progress", Self.report, as: .lead("tu"), on: day("2019-03-01"))
    spec.given("assign-lead", ["measure": "fachkraefte.1.I", "institution": "ihk", "from": "2018-10-01"])
    spec.given("report-progress", Self.report, as: .lead("ihk"), on: day("2018-10-01"))
    #expect(try spec.measure.state(on: day("2018-09-30")) == .planned)
    #expect(try spec.measure.state(on: day("2018-10-01")) == .running)
  }

  @Test func `only a lead of the measure moves it, and only the office reopens it`() {
    running.when("pause-measure", Self.reasoned, as: .lead("ihk")).isRefused(.forbidden, "not-lead", field: "measure")
    running.when("complete-measure", Self.one, as: .lead("tu")).isAccepted()
    completed.when("reopen-measure", Self.reasoned, as: .lead("tu")).isRefused(.forbidden, "role-not-allowed")
  }

  @Test func `an examination ends with its result and not otherwise`() {
    var spec = running
    spec.given(
      "add-measure",
      [
        "id": id(71).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "T", "kind": "examine",
      ])
    spec.given("assign-lead", ["measure": id(71).json, "institution": "tu"])
    spec.given("report-progress", Self.report.replacing("measure", id(71).json), as: .lead("tu"))
    spec.when("complete-measure", ["measure": id(71).json]).isRefused(.rule, "examination-open", field: "measure")
  }

  @Test func `what is given up gets no parts that would bring it back`() {
    var spec = running
    spec.given("discontinue-measure", Self.reasoned)
    spec.when("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "Z", "title": "T"])
      .isRefused(.conflict, "finished", field: "measure")
  }

  @Test func `what is finished does not come back by way of another programme`() {
    let link: JSON = ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]
    completed.when("link-external-measure", link)
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "completed"])
    var spec = running
    spec.given("discontinue-measure", Self.reasoned, on: day("2019-06-01"))
    spec.when("link-external-measure", link, on: day("2019-06-01"))
      .isRefused(.conflict, "finished", field: "measure", facts: ["state": "discontinued"])
  }

  @Test func `a measure is what it was until its first part begins`() throws {
    var spec = running
    let whole = try #require(spec.plan.measure("fachkraefte.1.I"))
    let before = spec.plan.percent(of: whole, on: spec.today)
    let later = day("2030-01-01")
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "Z", "title": "T"], on: later)
    let now = try #require(spec.plan.measure("fachkraefte.1.I"))
    #expect(spec.plan.state(of: now, on: spec.today) == .running)
    #expect(spec.plan.percent(of: now, on: spec.today) == before)
    #expect(spec.plan.state(of: now, on: later) == .planned)
    spec.when("pause-measure", Self.reasoned).isAccepted()
    spec.when("pause-measure", Self.reasoned, on: later).isRefused(.rule, "derived", field: "measure")
  }
}

/// §13
struct ConcludeExaminationTests {
  private static let conclusion: JSON = ["measure": "fachkraefte.1.IV", "result": "no", "reason": "Kein Bedarf"]

  private var spec: DeciderSpecification {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "add-measure",
      [
        "id": id(24).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "IV", "title": "Prüfen",
        "kind": "examine",
      ])
    return spec
  }

  @Test(arguments: ["yes", "no", "partly"] as [JSON])
  func `an examination ends with a result, whatever it is`(result: JSON) throws {
    var spec = spec
    spec.given("conclude-examination", Self.conclusion.replacing("result", result))
    let measure = try #require(spec.plan.measure("fachkraefte.1.IV"))
    #expect(measure.states.last == .completed)
    #expect((measure.examinations.last ?? nil)?.rawValue == result.string)
  }

  @Test func `it is one event with its reason`() {
    spec.when("conclude-examination", Self.conclusion).yields(
      "measure.examination-concluded.v1", on: "measures/\(id(24))", ["result": "no", "reason": "Kein Bedarf"])
    spec.when("conclude-examination", Self.conclusion.replacing("reason", nil))
      .isRefused(.malformed, "missing-field", field: "reason")
  }

  @Test func `a measure of another kind has no result`() {
    spec.when("conclude-examination", Self.conclusion.replacing("measure", "fachkraefte.1.I"))
      .isRefused(.rule, "not-an-examination", field: "measure", facts: ["kind": "deliver"])
  }

  @Test func `open mandatory milestones come first, and once is enough`() {
    var spec = spec
    spec.given(
      "set-milestone",
      [
        "id": id(61).json, "measure": "fachkraefte.1.IV", "title": "Gutachten", "due": "2019-12-31", "mandatory": true,
      ])
    spec.when("conclude-examination", Self.conclusion)
      .isRefused(.rule, "milestones-open", field: "measure", facts: ["milestones": ["Gutachten"]])
    spec.given("reach-milestone", ["measure": "fachkraefte.1.IV", "milestone": id(61).json])
    spec.given("conclude-examination", Self.conclusion)
    spec.when("conclude-examination", Self.conclusion).isRefused(
      .conflict, "wrong-state", field: "measure", facts: ["state": "completed", "allowed": ["planned", "running"]])
  }

  @Test func `an examination that is reopened has no result yet`() throws {
    var spec = spec
    spec.given("conclude-examination", Self.conclusion)
    spec.given("reopen-measure", ["measure": "fachkraefte.1.IV", "reason": "Neue Lage"], on: day("2019-06-01"))
    let results = try #require(spec.plan.measure("fachkraefte.1.IV")).examinations
    #expect(results.value(at: day("2019-05-31")) == .some(.no))
    #expect(results.value(at: day("2019-06-01")) == .some(nil))
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §12
struct CorrectReportTests {
  private var spec = DeciderSpecification.masterplan()
  private static let april = day("2019-04-30")
  private static let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track", "percent": 40]

  init() {
    spec.assign("lead", "tu", 60)
    spec.assign("contributor", "ihk", 61)
    spec.today = day("2019-05-10")
    spec.given("report-progress", Self.report, as: .lead("tu"), on: Self.april)
  }

  /// The correction of the report that was recorded last.
  private func correction(in spec: DeciderSpecification, _ more: JSON = [:]) throws -> JSON {
    let report = try #require(try spec.measure.reports.last)
    let fields: [JSON.Member] = [
      .init("measure", "fachkraefte.1.I"), .init("report", .integer(report.position.value)),
      .init("reason", "Falsche Zeile gelesen"),
    ]
    return .object(fields + (more.members ?? []))
  }

  @Test func `what was reported in May about April and corrected in June is read both ways`() throws {
    var spec = spec
    let asOfMay = spec.plan
    spec.today = day("2019-06-12")
    spec.given(
      "correct-report", try correction(in: spec, ["condition": "at-risk", "percent": 25]), as: .lead("tu"))
    let asOfJune = spec.plan

    let before = try #require(asOfMay.measure("fachkraefte.1.I"))
    #expect(before.conditions.value(at: Self.april) == "on-track")
    #expect(before.percents.value(at: Self.april) == 40)
    #expect(before.reports.map(\.correctedBy) == [nil])

    let after = try #require(asOfJune.measure("fachkraefte.1.I"))
    #expect(after.conditions.value(at: Self.april) == "at-risk")
    #expect(after.percents.value(at: Self.april) == 25)
    #expect(after.conditions.value(at: day("2019-04-29")) == nil)
    // Both stand there: who said what when, and which of them counts.
    let correctedAt = try #require(asOfJune.size.lastPosition)
    #expect(after.conditions.entry(at: Self.april)?.position == correctedAt)
    #expect(after.reports.map(\.condition) == ["on-track", "at-risk"])
    #expect(after.reports.map(\.percent) == [40, 25])
    #expect(after.reports.map(\.correctedBy) == [correctedAt, nil])
    #expect(after.reports.map(\.origin) == [after.reports[0].position, after.reports[0].position])
    #expect(after.reportCount == 1)
  }

  @Test func `what is not given stays as reported`() throws {
    let report = try #require(try spec.measure.reports.last?.position.value)
    spec.when("correct-report", try correction(in: spec, ["percent": 30]), as: .lead("tu")).yields(
      "measure.report-corrected.v1", on: "measures/\(id(21))",
      [
        "report": .integer(report), "condition": "on-track", "percent": 30, "about": "2019-04-30",
        "reason": "Falsche Zeile gelesen",
      ])
    spec.when("correct-report", try correction(in: spec), as: .lead("tu")).yieldsNothing()
    spec.when("correct-report", try correction(in: spec, ["text": "Klarer"]), as: .lead("tu")).isAccepted()
  }

  @Test func `a report about the wrong day moves to the right one`() throws {
    var spec = spec
    spec.given("report-progress", Self.report.replacing("percent", 20), as: .lead("tu"), on: day("2019-03-31"))
    spec.given("report-progress", Self.report.replacing("percent", 50), as: .lead("tu"), on: day("2019-05-10"))
    spec.given("correct-report", try correction(in: spec, ["about": "2019-05-01"]), as: .lead("tu"))
    let measure = try spec.measure
    #expect(
      measure.percents.entries.map(\.effectiveDate) == ["2019-03-31", "2019-04-30", "2019-05-01"].map { day($0) })
    #expect(measure.percents.value(at: day("2019-05-01")) == 50)
    #expect(measure.lastReports.map(\.effectiveDate) == [Self.april, day("2019-05-01")])
    spec.when("correct-report", try correction(in: spec, ["about": "2018-09-03"]), as: .lead("tu"))
      .isRefused(.rule, "before-start", field: "about", facts: ["start": "2018-09-04"])
  }

  @Test func `the start that a report brought moves with it`() throws {
    func moved(_ about: JSON, _ more: (inout DeciderSpecification) -> Void = { _ in }) throws -> [String] {
      var spec = spec
      let json = try correction(in: spec, ["about": about])
      more(&spec)
      spec.given("correct-report", json, as: .lead("tu"))
      return try spec.measure.states.entries.map { "\($0.effectiveDate) \($0.value)" }
    }
    #expect(try moved("2019-03-15") == ["2018-09-04 planned", "2019-03-15 running"])
    #expect(try moved("2019-05-05") == ["2018-09-04 planned", "2019-05-05 running"])
    // What was said of days in between stands.
    let other = try moved("2019-05-05") {
      $0.given("report-progress", Self.report, as: .lead("tu"), on: day("2019-05-02"))
    }
    #expect(other == ["2018-09-04 planned", "2019-05-02 running"])
    let phase = try moved("2019-05-05") {
      $0.given("start-phase", ["measure": "fachkraefte.1.I", "phase": "Aufbau"], on: day("2019-05-03"))
    }
    #expect(phase == ["2018-09-04 planned", "2019-05-03 running"])
    // A pause is one of something that ran.
    let paused = try moved("2019-05-05") {
      $0.given("pause-measure", ["measure": "fachkraefte.1.I", "reason": "R"], on: day("2019-05-02"))
    }
    #expect(paused == ["2018-09-04 planned", "2019-04-30 running", "2019-05-02 paused"])
  }

  @Test func `a report moves only to a day about which it could have been given`() throws {
    var spec = spec
    let moved = try correction(in: spec, ["about": "2019-05-20"])
    spec.given("report-progress", Self.report.replacing("percent", 5), as: .contributor("ihk"), on: Self.april)
    spec.when("correct-report", try correction(in: spec, ["about": "2019-02-28"]), as: .contributor("ihk"))
      .isRefused(.forbidden, "not-assigned", field: "about")
    spec.when("correct-report", try correction(in: spec, ["about": "2019-05-20"]), as: .contributor("ihk")).isAccepted()

    var finished = spec
    finished.given("complete-measure", ["measure": "fachkraefte.1.I"], on: day("2019-05-05"))
    finished.when("correct-report", moved, as: .lead("tu")).isRefused(.conflict, "finished", field: "measure")
    finished.when("correct-report", moved.replacing("about", "2019-05-04"), as: .lead("tu")).isAccepted()

    var closed = spec
    closed.given("close-plan", ["date": "2019-05-20", "reason": "Ende"])
    closed.today = day("2019-06-12")
    closed.when("correct-report", moved, as: .lead("tu"))
      .isRefused(.conflict, "plan-closed", field: "about", facts: ["closed": "2019-05-20"])
    closed.when("correct-report", moved.replacing("about", "2019-05-19"), as: .lead("tu")).isAccepted()

    // Who led before says nothing of the days of who leads now, and corrects all the same what was said of its own.
    spec.given("hand-over-lead", ["assignment": id(60).json, "to": "hwk", "from": "2019-05-01", "reason": "R"])
    spec.when("correct-report", moved, as: .lead("tu"))
      .isRefused(.forbidden, "not-lead", field: "measure", facts: ["institution": "tu", "measure": "fachkraefte.1.I"])
    spec.when("correct-report", moved.replacing("about", "2019-04-01"), as: .lead("tu")).isAccepted()
    spec.when("correct-report", moved.replacing("about", nil).replacing("percent", 30), as: .lead("tu")).isAccepted()
  }

  @Test func `to correct a report that another one followed the same day changes nothing of that day`() throws {
    var spec = spec
    let first = try correction(in: spec, ["condition": "off-track", "percent": 1])
    spec.given("report-progress", Self.report.replacing("percent", 45), as: .lead("tu"), on: Self.april)
    spec.given("correct-report", first, as: .lead("tu"))
    #expect(try spec.measure.conditions.value(at: Self.april) == "on-track")
    #expect(try spec.measure.percents.value(at: Self.april) == 45)
    // The second one gone to another day, the corrected first one counts.
    let second = try spec.measure.reports[1].position.value
    spec.given(
      "correct-report",
      ["measure": "fachkraefte.1.I", "report": .integer(second), "about": "2019-05-02", "reason": "R"],
      as: .lead("tu"))
    #expect(try spec.measure.conditions.value(at: Self.april) == "off-track")
    #expect(try spec.measure.percents.value(at: Self.april) == 1)
  }

  @Test func `a report is corrected once, and its correction again`() throws {
    var spec = spec
    let first = try correction(in: spec, ["percent": 30])
    spec.given("correct-report", first, as: .lead("tu"))
    let corrected = try #require(spec.plan.size.lastPosition).value
    spec.when("correct-report", first, as: .lead("tu")).isRefused(
      .conflict, "already-corrected", field: "report", facts: ["correctedBy": .integer(corrected)])
    spec.given("correct-report", try correction(in: spec, ["percent": 35]), as: .lead("tu"))
    #expect(try spec.measure.percents.value(at: Self.april) == 35)
    #expect(try spec.measure.lastReports.map(\.percent) == [35])
  }

  @Test func `later reports are compared with what was corrected`() throws {
    var spec = spec
    spec.given("correct-report", try correction(in: spec, ["percent": 70]), as: .lead("tu"))
    spec.when("report-progress", Self.report.replacing("percent", 69), as: .lead("tu"))
      .isRefused(.rule, "falling-percent-needs-text", field: "text")
    spec.when("report-progress", Self.report.replacing("percent", 70), as: .lead("tu")).isAccepted()
  }

  @Test func `nobody corrects the report of another, not even the office`() throws {
    let json = try correction(in: spec, ["percent": 30])
    spec.when("correct-report", json, as: .contributor("ihk")).isRefused(.forbidden, "not-yours", field: "report")
    spec.when("correct-report", json, as: .lead(nil)).isRefused(.forbidden, "not-yours", field: "report")
    spec.when("correct-report", json).isRefused(.forbidden, "not-yours", field: "report")
    // Also when the lead has changed since: what was reported belongs to who reported it.
    var spec = spec
    spec.given("end-assignment", ["assignment": id(60).json, "until": "2019-05-01"])
    spec.assign("lead", "hwk", 62)
    spec.when("correct-report", json, as: .lead("hwk")).isRefused(.forbidden, "not-yours", field: "report")
    spec.when("correct-report", json, as: .lead("tu")).isAccepted()
  }

  @Test func `the office corrects what it recorded for an institution, and so does that institution`() throws {
    var spec = spec
    let relayed = Self.report.replacing("percent", 60).replacing("institution", "tu")
    spec.given("report-progress", relayed, on: Self.april)
    let json = try correction(in: spec, ["percent": 55])
    spec.when("correct-report", json).isAccepted()
    spec.when("correct-report", json, as: .lead("tu")).isAccepted()
    spec.when("correct-report", json, as: .contributor("ihk")).isRefused(.forbidden, "not-yours", field: "report")
    // Somebody of the office who acts for another institution all the same speaks for the office.
    spec.when("correct-report", json, as: PlanActor(id: .user(id(79).value), role: .coordinator, institution: "senweb"))
      .isAccepted()
    // What takes its place goes back to the same report.
    spec.given("correct-report", json)
    spec.when("correct-report", try correction(in: spec, ["percent": 50])).isAccepted()
  }

  @Test func `the office corrects for an institution that is no more`() throws {
    var spec = spec
    spec.given("dissolve-institution", ["institution": "tu", "reason": "R"], on: day("2019-05-01"))
    let json = try correction(in: spec, ["percent": 30])
    spec.today = day("2019-05-02")
    spec.when("correct-report", json).isAccepted()
    spec.when("correct-report", json, as: .lead("tu")).isAccepted()
  }

  @Test func `a contribution is corrected beside the lead's report`() throws {
    var spec = spec
    spec.given("report-progress", Self.report.replacing("percent", 5), as: .contributor("ihk"), on: Self.april)
    spec.given("correct-report", try correction(in: spec, ["percent": 6]), as: .contributor("ihk"))
    #expect(try spec.measure.percents.value(at: Self.april) == 40)
    #expect(try spec.measure.reports.last?.percent == 6)
  }

  @Test func `what is no report, no condition or no percentage is refused`() throws {
    let json = try correction(in: spec)
    spec.when("correct-report", json.replacing("report", 0), as: .lead("tu"))
      .isRefused(.notFound, "unknown-report", field: "report", facts: ["reference": "0"])
    spec.when("correct-report", json.replacing("report", -1), as: .lead("tu"))
      .isRefused(.notFound, "unknown-report", field: "report")
    spec.when("correct-report", json.replacing("condition", "done"), as: .lead("tu"))
      .isRefused(.rule, "unknown-condition", field: "condition")
    spec.when("correct-report", json.replacing("percent", 101), as: .lead("tu"))
      .isRefused(.rule, "percent-out-of-range", field: "percent")
    spec.when("correct-report", json.replacing("reason", nil), as: .lead("tu"))
      .isRefused(.malformed, "missing-field", field: "reason")
  }

  @Test func `a closed plan and a finished measure still take corrections`() throws {
    #expect(CorrectReport.isForClosedPlans)
    var spec = spec
    spec.given("complete-measure", ["measure": "fachkraefte.1.I"])
    spec.when("correct-report", try correction(in: spec, ["percent": 30]), as: .lead("tu")).isAccepted()
  }
}

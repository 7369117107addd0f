import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §11
struct ReportProgressTests {
  private var spec = DeciderSpecification.masterplan()
  private static let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track", "percent": 40]

  init() {
    spec.assign("lead", "tu", 60)
    spec.assign("contributor", "ihk", 61)
  }

  @Test func `a lead reports its measure`() throws {
    let data: JSON = [
      "institution": id(34).json, "part": "lead", "condition": "on-track", "percent": 40, "text": "Gut",
    ]
    spec.when("report-progress", Self.report.replacing("text", "Gut"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))", data)
    var later = spec
    later.given("report-progress", Self.report, as: .lead("tu"))
    let measure = try #require(later.plan.measure("fachkraefte.1.I"))
    #expect(measure.conditions.last == "on-track")
    #expect(measure.percents.last == 40)
    #expect(measure.states.last == .running)
    #expect(measure.reportCount == 1)
  }

  @Test(arguments: [0, 100] as [JSON])
  func `0 and 100 percent are reported`(percent: JSON) {
    spec.when("report-progress", Self.report.replacing("percent", percent), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
  }

  @Test(arguments: [101, -1, 1_000_000] as [Int64])
  func `any other percentage is refused`(percent: Int64) {
    spec.when("report-progress", Self.report.replacing("percent", .integer(percent)), as: .lead("tu")).isRefused(
      .rule, "percent-out-of-range", field: "percent", facts: ["percent": .integer(percent)])
  }

  @Test func `a condition that the plan does not have is refused with those it has`() {
    spec.when("report-progress", Self.report.replacing("condition", "done"), as: .lead("tu")).isRefused(
      .rule, "unknown-condition", field: "condition",
      facts: ["conditions": ["on-track", "at-risk", "off-track", "not-assessed"]])
  }

  @Test func `not assessed is a condition of every plan`() {
    var spec = spec
    spec.given("configure-lists", ["conditions": ["gut", "schlecht"]])
    spec.when("report-progress", Self.report.replacing("condition", "not-assessed"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.when("report-progress", Self.report, as: .lead("tu"))
      .isRefused(.rule, "unknown-condition", field: "condition", facts: ["conditions": ["gut", "schlecht"]])
  }

  // MARK: - When a text is needed

  @Test func `a worse condition needs a text`() {
    var spec = spec
    spec.given("report-progress", Self.report, as: .lead("tu"))
    let worse = Self.report.replacing("condition", "off-track")
    spec.when("report-progress", worse, as: .lead("tu")).isRefused(
      .rule, "worsening-needs-text", field: "text", facts: ["before": "on-track", "now": "off-track"])
    spec.when("report-progress", worse.replacing("text", "Personalmangel"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
  }

  @Test func `it is compared with what was assessed last`() {
    var spec = spec
    spec.given("report-progress", Self.report, as: .lead("tu"))
    spec.today = day("2019-04-01")
    spec.given("report-progress", Self.report.replacing("condition", "not-assessed"), as: .lead("tu"))
    spec.today = day("2019-05-01")
    spec.when("report-progress", Self.report.replacing("condition", "off-track"), as: .lead("tu")).isRefused(
      .rule, "worsening-needs-text", field: "text", facts: ["before": "on-track", "now": "off-track"])
  }

  @Test func `a better condition, a first report and one that is not assessed need none`() {
    var spec = spec
    spec.given("report-progress", Self.report.replacing("condition", "off-track"), as: .lead("tu"))
    for condition: JSON in ["at-risk", "on-track", "not-assessed"] {
      spec.when("report-progress", Self.report.replacing("condition", condition), as: .lead("tu"))
        .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    }
  }

  @Test func `a falling percentage needs a text`() {
    var spec = spec
    spec.given("report-progress", Self.report, as: .lead("tu"))
    let less = Self.report.replacing("percent", 39)
    spec.when("report-progress", less, as: .lead("tu")).isRefused(
      .rule, "falling-percent-needs-text", field: "text", facts: ["before": "on-track", "now": "on-track"])
    spec.when("report-progress", less.replacing("text", "Neu gezählt"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.when("report-progress", Self.report.replacing("percent", nil), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
  }

  @Test func `an unchanged report needs a text the third time`() {
    var spec = spec
    let same = Self.report.replacing("condition", "at-risk")
    spec.given("report-progress", same, as: .lead("tu"))
    spec.given("report-progress", same, as: .lead("tu"))
    spec.when("report-progress", same, as: .lead("tu")).isRefused(
      .rule, "unchanged-needs-text", field: "text", facts: ["before": "at-risk", "now": "at-risk"])
    spec.when("report-progress", same.replacing("percent", 41), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.when("report-progress", same.replacing("text", "Weiter offen"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    // An explanation does not start the count again.
    spec.given("report-progress", same.replacing("text", "Weiter offen"), as: .lead("tu"))
    spec.when("report-progress", same, as: .lead("tu")).isRefused(.rule, "unchanged-needs-text", field: "text")
  }

  @Test func `a late report is compared with what held on its day, not with what came after`() {
    var spec = spec
    spec.assign("lead", "hwk", 62, ["from": "2018-09-04"])
    spec.given("report-progress", Self.report.replacing("percent", 20), as: .lead("hwk"), on: day("2019-02-01"))
    spec.given("report-progress", Self.report.replacing("percent", 60), as: .lead("hwk"), on: day("2019-03-01"))
    let late = Self.report.replacing("percent", 30)
    spec.when("report-progress", late, as: .lead("hwk"), on: day("2019-02-15")).isAccepted()
    spec.when("report-progress", late, as: .lead("hwk"), on: day("2019-03-01"))
      .isRefused(.rule, "falling-percent-needs-text", field: "text")
    let worse = late.replacing("condition", "at-risk")
    spec.given("report-progress", worse.replacing("text", "Engpass"), as: .lead("hwk"), on: day("2019-02-20"))
    spec.when("report-progress", worse, as: .lead("hwk"), on: day("2019-02-25")).isAccepted()
    spec.when("report-progress", worse, as: .lead("hwk"), on: day("2019-02-10"))
      .isRefused(.rule, "worsening-needs-text", field: "text", facts: ["before": "on-track", "now": "at-risk"])
    // Before the first report there is nothing that it could be worse than.
    spec.when("report-progress", worse, as: .lead("hwk"), on: day("2019-01-31")).isAccepted()
  }

  @Test func `a percentage falls also when a report without one came between`() {
    var spec = spec
    spec.given("report-progress", Self.report, as: .lead("tu"))
    spec.given("report-progress", Self.report.replacing("percent", nil), as: .lead("tu"))
    spec.when("report-progress", Self.report.replacing("percent", 39), as: .lead("tu"))
      .isRefused(.rule, "falling-percent-needs-text", field: "text")
  }

  @Test func `a late report is no third one in a row`() throws {
    var spec = spec
    spec.assign("lead", "hwk", 62, ["from": "2018-09-04"])
    for date in ["2019-02-01", "2019-03-01"] {
      spec.given("report-progress", Self.report, as: .lead("hwk"), on: day(date))
    }
    spec.when("report-progress", Self.report, as: .lead("hwk"), on: day("2019-02-15")).isAccepted()
    spec.given("report-progress", Self.report.replacing("percent", 10), as: .lead("hwk"), on: day("2019-01-01"))
    #expect(try spec.measure.lastReports.map(\.effectiveDate) == [day("2019-02-01"), day("2019-03-01")])
    spec.when("report-progress", Self.report, as: .lead("hwk"))
      .isRefused(.rule, "unchanged-needs-text", field: "text")
  }

  // MARK: - Who may report what

  @Test func `a contributor reports its own part and changes nothing of the measure`() throws {
    var spec = spec
    spec.given("report-progress", Self.report, as: .lead("tu"))
    let part: JSON = ["measure": "fachkraefte.1.I", "condition": "off-track", "percent": 3]
    spec.when("report-progress", part, as: .contributor("ihk")).yields(
      "measure.progress-reported.v1", on: "measures/\(id(21))",
      ["institution": id(32).json, "part": "contribution", "condition": "off-track", "percent": 3])
    spec.given("report-progress", part, as: .contributor("ihk"))
    let measure = try #require(spec.plan.measure("fachkraefte.1.I"))
    #expect(measure.conditions.last == "on-track")
    #expect(measure.percents.last == 40)
    #expect(measure.lastReports.map(\.condition) == ["on-track"])
    #expect(measure.reportCount == 2)
  }

  @Test func `a contributor's report does not start a planned measure`() throws {
    var spec = spec
    spec.given("report-progress", Self.report, as: .contributor("ihk"))
    #expect(spec.plan.measure("fachkraefte.1.I")?.states.last == .planned)
  }

  @Test func `a lead partner reports a contribution`() {
    var spec = spec
    spec.assign("lead-partner", "hwk", 62)
    spec.when("report-progress", Self.report, as: .contributor("hwk")).yields(
      "measure.progress-reported.v1", on: "measures/\(id(21))",
      ["institution": id(33).json, "part": "contribution", "condition": "on-track", "percent": 40])
  }

  @Test(arguments: ["consulted", "unclear"])
  func `who is only consulted or unclear does not report`(role: String) {
    var spec = spec
    spec.assign(role, "hwk", 62)
    spec.when("report-progress", Self.report, as: .contributor("hwk"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `who is not assigned on that day is refused`() {
    var spec = spec
    spec.when("report-progress", Self.report, as: .lead("senweb")).isRefused(
      .forbidden, "not-assigned", field: "institution", facts: ["institution": "senweb", "measure": "fachkraefte.1.I"])
    spec.when("report-progress", Self.report.replacing("measure", "fachkraefte.1.II"), as: .lead("tu"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
    spec.given("end-assignment", ["assignment": id(60).json, "until": "2019-04-01"])
    spec.when("report-progress", Self.report, as: .lead("tu"), on: day("2019-03-31"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.when("report-progress", Self.report, as: .lead("tu"), on: day("2019-04-01"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `a member may report for its group, as long as it is one`() {
    var spec = spec
    spec.given("assign-lead", ["measure": "fachkraefte.1.II", "institution": "kammern"])
    let report = Self.report.replacing("measure", "fachkraefte.1.II")
    spec.when("report-progress", report, as: .lead("hwk"), on: day("2019-06-30")).yields(
      "measure.progress-reported.v1", on: "measures/\(id(22))",
      ["institution": id(33).json, "part": "lead", "condition": "on-track", "percent": 40])
    spec.when("report-progress", report, as: .lead("hwk"), on: day("2019-07-01"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `the parent of a unit may report for it, the unit not for its parent`() {
    var spec = spec
    spec.given("assign-lead", ["measure": "fachkraefte.1.II", "institution": "zewk"])
    spec.when("report-progress", Self.report.replacing("measure", "fachkraefte.1.II"), as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(22))")
    spec.when("report-progress", Self.report, as: .lead("zewk"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `nobody reports for a holder that is no more`() {
    var spec = spec
    spec.given("assign-lead", ["measure": "fachkraefte.1.II", "institution": "zewk"])
    spec.given("assign-contributor", ["measure": "fachkraefte.1.III", "institution": "zewk"])
    spec.given("dissolve-institution", ["institution": "zewk", "reason": "R"], on: day("2019-04-01"))
    for measure in ["fachkraefte.1.II", "fachkraefte.1.III"] as [JSON] {
      let report = Self.report.replacing("measure", measure)
      spec.when("report-progress", report, as: .lead("tu"), on: day("2019-03-31")).isAccepted()
      spec.when("report-progress", report, as: .lead("tu"), on: day("2019-04-01"))
        .isRefused(.forbidden, "not-assigned", field: "institution")
    }
  }

  @Test func `a member of the group that a relative holder refers to may report`() {
    var spec = spec
    spec.given("define-group", ["slug": "jeweilige", "name": "Jeweilige Kammer", "kind": "relative", "of": "kammern"])
    spec.given("assign-lead", ["measure": "fachkraefte.1.II", "institution": "jeweilige"])
    spec.when("report-progress", Self.report.replacing("measure", "fachkraefte.1.II"), as: .lead("ihk"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(22))")
  }

  @Test func `nobody reports in the name of another institution but the office`() {
    let others = Self.report.replacing("institution", "tu")
    spec.when("report-progress", others, as: .lead("ihk"))
      .isRefused(.forbidden, "other-institution", field: "institution")
    spec.when("report-progress", others, as: .lead(nil))
      .isRefused(.forbidden, "other-institution", field: "institution")
    spec.when("report-progress", others, as: .lead("tu"))
      .yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.when("report-progress", others).yields(
      "measure.progress-reported.v1", on: "measures/\(id(21))",
      ["institution": id(34).json, "part": "lead", "condition": "on-track", "percent": 40])
  }

  @Test func `who has no institution must name one, and it must exist`() {
    spec.when("report-progress", Self.report, as: .lead(nil))
      .isRefused(.malformed, "missing-field", field: "institution")
    spec.when("report-progress", Self.report.replacing("institution", "nobody")).isRefused(
      .notFound, "unknown-institution", field: "institution", facts: ["reference": "nobody"])
  }

  @Test func `a measure of another programme is not reported here`() {
    var spec = spec
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    spec.when("report-progress", Self.report, as: .lead("tu"))
      .isRefused(.conflict, "externally-led", field: "measure")
  }

  @Test func `an unknown measure is refused`() {
    spec.when("report-progress", Self.report.replacing("measure", "x"), as: .lead("tu"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "x"])
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §4
struct HandOverLeadTests {
  private var spec = DeciderSpecification.masterplan()
  private static let handOver: JSON = [
    "id": id(70).json, "assignment": id(60).json, "to": "tu", "from": "2019-07-01", "reason": "Neuer Zuschnitt",
  ]

  init() { spec.assign("lead", "ihk", 60, ["subject": "StEP", "source": ["S2:3"]]) }

  private func leads(_ spec: DeciderSpecification, on date: String) -> [String] {
    let assignments = spec.plan.measure("fachkraefte.1.I")?.assignments.filter { $0.leads(on: day(date)) } ?? []
    return assignments.compactMap { spec.plan.parties[$0.holder]?.slug }
  }

  @Test func `the old validity ends exactly where the new one begins`() throws {
    var spec = spec
    spec.when("hand-over-lead", Self.handOver).yields(
      "measure.lead-handed-over.v1", on: "measures/\(id(21))",
      [
        "assignment": id(60).json, "successor": id(70).json, "holder": id(34).json, "from": "2019-07-01",
        "reason": "Neuer Zuschnitt",
      ])
    spec.given("hand-over-lead", Self.handOver)
    #expect(leads(spec, on: "2019-06-30") == ["ihk"])
    #expect(leads(spec, on: "2019-07-01") == ["tu"])
    let old = try #require(spec.plan.assignment(id(60).value)?.assignment)
    let new = try #require(spec.plan.assignment(id(70).value)?.assignment)
    #expect(old.until == new.from)
    #expect(old.state(on: day("2019-06-30")) == .named)
    #expect(old.state(on: day("2019-07-01")) == .handedOver)
    #expect(new.state(on: day("2019-07-01")) == .named)
    #expect(new.subject == "StEP" && new.source == old.source)
  }

  @Test func `agreed today for a later day, it changes nothing before that day`() {
    var spec = spec
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    spec.given("hand-over-lead", Self.handOver)
    spec.when("report-progress", report, as: .lead("ihk")).isAccepted()
    spec.when("report-progress", report, as: .lead("tu")).isRefused(.forbidden, "not-assigned", field: "institution")
    spec.today = day("2019-07-01")
    spec.when("report-progress", report, as: .lead("tu")).isAccepted()
    spec.when("report-progress", report, as: .lead("ihk")).isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `who led before reports on its own time, and no longer disposes of the measure`() {
    var spec = spec
    spec.given("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("ihk"))
    spec.given(
      "set-milestone", ["id": id(61).json, "measure": "fachkraefte.1.I", "title": "Konzept", "due": "2019-12-31"])
    spec.given("hand-over-lead", Self.handOver)
    spec.today = day("2019-08-01")
    let (before, one) = (day("2019-06-30"), ["measure": "fachkraefte.1.I"] as JSON)
    let reached = one.replacing("milestone", id(61).json)
    for (command, json) in [
      ("complete-measure", one), ("pause-measure", one.replacing("reason", "R")),
      ("schedule-measure", one.replacing("until", "2020-12-31")), ("reach-milestone", reached),
    ] {
      spec.when(command, json, as: .lead("ihk"), on: before).isRefused(
        .forbidden, "not-lead", field: "measure", facts: ["institution": "ihk", "measure": "fachkraefte.1.I"])
      spec.when(command, json, as: .lead("tu")).isAccepted()
    }
    // What was reached before is for whoever leads now to say.
    spec.when("reach-milestone", reached.replacing("on", "2019-06-30"), as: .lead("tu")).isAccepted()
    spec.when("record-deliverable", one.replacing("deliverable", "Broschüre"), as: .lead("ihk"), on: before)
      .isAccepted()
    spec.when("report-progress", one.replacing("condition", "on-track"), as: .lead("ihk"), on: before).isAccepted()
  }

  @Test func `what is open on the measure is the new lead's`() {
    var spec = spec
    spec.given("raise-issue", ["id": id(80).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("hand-over-lead", Self.handOver)
    spec.today = day("2019-07-01")
    let escalation: JSON = ["issue": id(80).json, "deadline": "2019-12-31"]
    spec.when("escalate-issue", escalation, as: .lead("tu")).isAccepted()
    spec.when("escalate-issue", escalation, as: .lead("ihk")).isRefused(.forbidden, "not-yours", field: "issue")
  }

  @Test func `a lead may hand over in a full house, also what was planned to end`() {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["until": "2020-01-01"])
    spec.given("hand-over-lead", Self.handOver.replacing("assignment", id(61).json), as: .lead("senweb"))
    #expect(leads(spec, on: "2019-12-31") == ["ihk", "tu"])
    #expect(leads(spec, on: "2020-01-01") == ["ihk"])
  }

  @Test func `at the planned end the new lead begins without one`() throws {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["until": "2019-07-01"])
    spec.given("hand-over-lead", Self.handOver.replacing("assignment", id(61).json))
    #expect(try #require(spec.plan.assignment(id(70).value)).assignment.until == nil)
  }

  @Test func `a lead that ended before that day would leave a gap`() {
    var spec = spec
    spec.given("end-assignment", ["assignment": id(60).json, "until": "2019-06-30"])
    spec.when("hand-over-lead", Self.handOver)
      .isRefused(.rule, "lead-gap", field: "from", facts: ["until": "2019-06-30"])
    spec.when("hand-over-lead", Self.handOver.replacing("from", "2019-06-30")).isAccepted()
  }

  @Test func `once handed over, no earlier end tears a gap, and nothing is handed over twice`() {
    var spec = spec
    spec.given("hand-over-lead", Self.handOver)
    spec.when("end-assignment", ["assignment": id(60).json, "until": "2019-05-01"])
      .isRefused(.rule, "lead-gap", field: "until", facts: ["until": "2019-07-01"])
    spec.when("hand-over-lead", Self.handOver.replacing("id", id(71).json).replacing("to", "hwk")).isRefused(
      .conflict, "already-handed-over", field: "assignment", facts: ["assignment": id(70).json])
    // The new lead can pass it on.
    spec.when(
      "hand-over-lead",
      ["assignment": id(70).json, "to": "hwk", "from": "2020-01-01", "reason": "R"], as: .lead("tu")
    ).isAccepted()
  }

  @Test func `the same holder, no reason, and a day that is too early are refused`() {
    spec.when("hand-over-lead", Self.handOver.replacing("to", "ihk"))
      .isRefused(.rule, "same-holder", field: "to", facts: ["holder": "ihk"])
    spec.when("hand-over-lead", Self.handOver.replacing("reason", nil))
      .isRefused(.rule, "reason-needed", field: "reason")
    spec.when("hand-over-lead", Self.handOver.replacing("from", "2019-03-01"))
      .isRefused(.rule, "end-before-start", field: "from")
  }

  @Test func `who is gone, or has a role that excludes it, does not take over`() {
    var spec = spec
    spec.given("dissolve-institution", ["institution": "hwk"], on: day("2019-06-01"))
    spec.when("hand-over-lead", Self.handOver.replacing("to", "hwk"))
      .isRefused(.rule, "institution-dissolved", field: "to")
    spec.assign("lead-partner", "tu", 61, ["subject": "StEP"])
    spec.when("hand-over-lead", Self.handOver)
      .isRefused(.rule, "role-excluded", field: "to", facts: ["assignment": id(61).json, "role": "lead-partner"])
  }

  @Test func `only a lead is handed over, by the office or by who has it`() {
    var spec = spec
    spec.assign("contributor", "senweb", 61)
    spec.when("hand-over-lead", Self.handOver.replacing("assignment", id(61).json))
      .isRefused(.rule, "not-a-lead", field: "assignment", facts: ["role": "contributor"])
    spec.when("hand-over-lead", Self.handOver, as: .lead("ihk")).isAccepted()
    spec.when("hand-over-lead", Self.handOver, as: .lead("tu")).isRefused(.forbidden, "not-named", field: "assignment")
    spec.when("hand-over-lead", Self.handOver.replacing("id", id(61).json))
      .isRefused(.conflict, "id-taken", field: "id")
  }

  @Test func `who declined has nothing to hand over, but the office may pass the lead on`() {
    var spec = spec
    spec.given("decline-assignment", ["assignment": id(60).json], as: .lead("ihk"))
    spec.when("hand-over-lead", Self.handOver, as: .lead("ihk"))
      .isRefused(.conflict, "assignment-declined", field: "assignment", facts: ["assignment": id(60).json])
    spec.when("hand-over-lead", Self.handOver).isAccepted()
  }

  @Test func `a dormant lead is handed over dormant, one that woke up awake`() {
    var spec = spec
    spec.assign("lead", "senweb", 62, ["condition": "ggf."])
    let dormant = Self.handOver.replacing("assignment", id(62).json)
    var asleep = spec
    asleep.given("hand-over-lead", dormant)
    #expect(asleep.plan.assignment(id(70).value)?.assignment.state(on: day("2019-07-01")) == .dormant)
    spec.given("activate-condition", ["assignment": id(62).json, "reason": "R"])
    spec.given("hand-over-lead", dormant)
    #expect(spec.plan.assignment(id(70).value)?.assignment.state(on: day("2019-07-01")) == .active)
  }
}

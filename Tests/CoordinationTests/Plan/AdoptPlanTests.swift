import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §37
struct AdoptPlanTests {
  private let spec = DeciderSpecification.masterplan()
  private static let adoption: JSON = ["resolution": "S-1/2018", "date": "2018-09-04", "body": "senat"]

  private var adopted: DeciderSpecification {
    var spec = spec
    spec.given("adopt-plan", Self.adoption)
    return spec
  }

  @Test func `the current version is adopted with what to cite the resolution by`() throws {
    let data: JSON = [
      "version": id(1).json, "resolution": "S-1/2018", "date": "2018-09-04", "body": "senat", "source": ["S2:5"],
    ]
    spec.when("adopt-plan", Self.adoption.replacing("source", ["S2:5"]))
      .yields("plan.adopted.v1", on: "plans/\(id(0))", data)
    let version = try #require(adopted.plan.currentVersion)
    #expect(version.resolution == "S-1/2018")
    #expect(version.resolutionDate == day("2018-09-04"))
    #expect(version.resolutionBody == "senat")
  }

  @Test func `an adoption without its resolution, in the future or of no version is refused`() {
    spec.when("adopt-plan", Self.adoption.replacing("resolution", nil))
      .isRefused(.rule, "resolution-missing", field: "resolution")
    spec.when("adopt-plan", Self.adoption.replacing("date", "2019-03-02"))
      .isRefused(.rule, "resolution-in-future", field: "date")
    spec.when("adopt-plan", Self.adoption.replacing("version", "2030-2033"))
      .isRefused(.notFound, "unknown-plan-version", field: "version", facts: ["reference": "2030-2033"])
    spec.when("adopt-plan", Self.adoption.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `a version is adopted once`() {
    adopted.when("adopt-plan", Self.adoption.replacing("resolution", "S-2/2019")).isRefused(
      .conflict, "already-adopted", field: "version", facts: ["version": "2018-2021", "date": "2018-09-04"])
  }

  @Test func `a version that was registered with its resolution is adopted already`() {
    var spec = spec
    spec.given(
      "register-plan-version",
      ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31", "resolutionDate": "2018-12-01"])
    spec.when("adopt-plan", Self.adoption).isRefused(
      .conflict, "already-adopted", field: "version", facts: ["version": "b", "date": "2018-12-01"])
    spec.when("adopt-plan", Self.adoption.replacing("version", "2018-2021"))
      .yields("plan.adopted.v1", on: "plans/\(id(0))")
  }

  // MARK: - What an adopted plan says

  /// One command for each way to change wording, goals, codes and term.
  private static let changes: [(String, JSON)] = [
    ("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"]),
    ("revise-wording", ["item": "fachkraefte", "title": "Neu"]),
    ("revise-wording", ["item": "senweb", "title": "Neu"]),
    ("revise-goal", ["goal": "fachkraefte.a", "title": "Neu"]),
    ("move-measure", ["measure": "fachkraefte.1.I", "cluster": "fachkraefte", "taskField": 2]),
    ("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"]),
    ("extend-plan-term", ["until": "2023-12-31"]),
  ]

  @Test(arguments: changes.indices)
  func `a draft is free, an adopted plan changes only with a reason and a source`(index: Int) {
    let (command, json) = Self.changes[index]
    var draft = spec
    draft.given("add-task-field", ["cluster": "fachkraefte", "number": 2, "title": "Zweites"])
    draft.when(command, json).isAccepted()
    var spec = draft
    spec.given("adopt-plan", Self.adoption)
    let facts: JSON = ["adopted": "2018-09-04"]
    spec.when(command, json).isRefused(.rule, "reason-needed", field: "reason", facts: facts)
    let reasoned = json.replacing("reason", "Beschluss")
    spec.when(command, reasoned).isRefused(.rule, "source-needed", field: "source", facts: facts)
    spec.when(command, json.replacing("source", ["S2:5"])).isRefused(.rule, "reason-needed", field: "reason")
    spec.when(command, reasoned.replacing("source", ["X:5"])).isRefused(.notFound, "unknown-document", field: "source")
    spec.when(command, reasoned.replacing("source", ["S2:5"])).isAccepted()
  }

  @Test func `a measure of a draft is free while the version before it is adopted`() {
    var spec = adopted
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("add-measure", ["cluster": "fachkraefte", "taskField": 1, "numeral": "X", "title": "Neue"])
    spec.when("renumber-measure", ["measure": "fachkraefte.1.X", "number": "XI"]).isAccepted()
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I", "number": "XI"])
      .isRefused(.rule, "reason-needed", field: "reason")
    spec.when("revise-wording", ["item": "fachkraefte", "title": "Neu"])
      .isRefused(.rule, "reason-needed", field: "reason")
  }

  @Test func `what does not change needs no reason`() {
    adopted.when("revise-wording", ["item": "fachkraefte.1.I", "title": "Maßnahme I"]).yieldsNothing()
    adopted.when("revise-goal", ["goal": "fachkraefte.a", "title": "Genug Fachkräfte"]).yieldsNothing()
    adopted.when("renumber-measure", ["measure": "fachkraefte.1.I", "number": "I"]).yieldsNothing()
  }

  @Test func `a resolution to come binds what takes effect from then on`() {
    var spec = spec
    spec.given(
      "register-plan-version",
      ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31", "resolutionDate": "2019-06-01"])
    spec.when("revise-wording", ["item": "fachkraefte", "title": "Neu"], on: day("2019-05-31")).isAccepted()
    spec.when("revise-wording", ["item": "fachkraefte", "title": "Neu"], on: day("2019-06-01"))
      .isRefused(.rule, "reason-needed", field: "reason")
  }
}

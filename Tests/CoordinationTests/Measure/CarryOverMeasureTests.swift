import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §38
struct CarryOverMeasureTests {
  private var spec = DeciderSpecification.masterplan()
  private static let carryOver: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I"]

  init() {
    spec.given("add-task-field", ["id": id(14).json, "cluster": "fachkraefte", "number": 2, "title": "Zweites"])
    spec.given(
      "start-successor-version",
      ["id": id(2).json, "slug": "2022-2025", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.today = day("2022-01-01")
  }

  @Test func `a measure is continued in the successor under its old code`() throws {
    spec.when("carry-over-measure", Self.carryOver).yields(
      "measure.carried-over.v1", on: "measures/\(id(60))",
      [
        "predecessor": id(21).json, "version": id(2).json, "taskField": id(13).json, "numeral": "I",
        "code": "fachkraefte.1.I",
      ])
    var later = spec
    later.assign("lead", "tu", 62)
    later.given("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"))
    later.given("carry-over-measure", Self.carryOver)
    let measure = try #require(later.plan.measure("fachkraefte.1.I"))
    #expect(measure.id.value == id(60).value)
    #expect(measure.version == id(2).value)
    #expect(measure.titles.last == "Maßnahme I")
    #expect(measure.states.last == .planned)
    #expect(measure.assignments.isEmpty)
    #expect(later.plan.predecessors(of: measure).map(\.id.value) == [id(21).value])
    let old = try #require(later.plan.measure("\(id(21))"))
    #expect(old.successor == measure.id)
    #expect(old.code == "fachkraefte.1.I")
    #expect(!later.plan.isCurrent(old))
    #expect(later.plan.isCurrent(measure))
    #expect(later.plan.count(of: .measures, on: day("2030-01-01")) == 3)
  }

  @Test func `it may get another place and code`() {
    let command: JSON = [
      "id": id(60).json, "measure": "fachkraefte.1.I", "version": "2022-2025", "cluster": "fachkraefte",
      "taskField": 2, "numeral": "V", "source": ["S2:9"],
    ]
    spec.when("carry-over-measure", command).yields(
      "measure.carried-over.v1", on: "measures/\(id(60))",
      [
        "predecessor": id(21).json, "version": id(2).json, "taskField": id(14).json, "numeral": "V",
        "code": "fachkraefte.2.V", "source": ["S2:9"],
      ])
    var later = spec
    later.given("carry-over-measure", command)
    #expect(later.plan.measure("fachkraefte.2.V")?.source.map(\.text) == ["S2:9"])
    #expect(later.plan.measure("fachkraefte.1.I")?.id.value == id(21).value)
  }

  @Test func `parts come along`() throws {
    var spec = spec
    spec.given("add-sub-measure", ["id": id(24).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"])
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.I.A"])
      .isRefused(.rule, "part-of-a-whole", field: "measure")
    spec.given("carry-over-measure", Self.carryOver.replacing("numeral", "V"))
    let part = try #require(spec.plan.measure("fachkraefte.1.V.A"))
    #expect(part.predecessor?.value == id(24).value)
    #expect(part.parent?.value == id(60).value)
    #expect(part.place.part == "A")
    #expect(part.titles.last == "Teil A")
    #expect(spec.plan.measure("fachkraefte.1.V")?.parts == [part.id])
    #expect(try !spec.plan.isCurrent(#require(spec.plan.measure("\(id(24))"))))
  }

  @Test func `a part that was discontinued stays behind`() throws {
    var spec = spec
    for (number, part) in [(24, "A"), (25, "B")] as [(UInt64, JSON)] {
      spec.given("add-sub-measure", ["id": id(number).json, "measure": "fachkraefte.1.I", "part": part, "title": "T"])
    }
    spec.given("discontinue-measure", ["measure": "fachkraefte.1.I.B", "reason": "R"])
    spec.given("carry-over-measure", Self.carryOver.replacing("numeral", "V"))
    #expect(spec.plan.measure("\(id(60))")?.parts.compactMap { spec.plan.measures[$0]?.place.part } == ["A"])
    #expect(spec.plan.measure("\(id(25))")?.successor == nil)
  }

  @Test func `another programme's id names the measure that continues it`() throws {
    var spec = spec
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    spec.given("carry-over-measure", Self.carryOver)
    let measure = try #require(spec.plan.measure("fachkraefte.1.I"))
    #expect(measure.external?.externalID == "W-14")
    #expect(measure.states.last == .external)
    spec.when("link-external-measure", ["measure": "fachkraefte.1.II", "programme": "bek", "externalID": "W-14"])
      .isRefused(.conflict, "external-id-taken", field: "externalID")
  }

  @Test func `another programme's id that ends before the successor begins is none of the successor's`() throws {
    var spec = spec
    spec.today = day("2021-10-01")
    spec.given("link-external-measure", ["measure": id(21).json, "programme": "bek", "externalID": "W-14"])
    spec.given("carry-over-measure", Self.carryOver, on: day("2022-01-01"))
    #expect(try #require(spec.plan.measure("\(id(60))")).state(on: day("2022-01-01")) == .external)
    spec.given("end-link", ["external": id(21).json], on: day("2021-11-01"))
    let successor = try #require(spec.plan.measure("\(id(60))"))
    #expect(successor.externals.isEmpty)
    #expect(successor.state(on: day("2022-01-01")) == .planned)
    #expect(try #require(spec.plan.measure("\(id(21))")).state(on: day("2021-11-01")) == .planned)
    spec.today = day("2022-01-01")
    spec.when("link-external-measure", ["measure": id(22).json, "programme": "bek", "externalID": "W-14"]).isAccepted()
  }

  @Test func `another programme's id ends where it names a measure`() throws {
    var spec = spec
    spec.given(
      "link-external-measure", ["measure": id(21).json, "programme": "bek", "externalID": "W-14"],
      on: day("2021-10-01"))
    spec.given("carry-over-measure", Self.carryOver)
    spec.when("end-link", ["external": id(21).json])
      .isRefused(.conflict, "already-carried-over", field: "external", facts: ["successor": id(60).json])
    spec.when("end-link", ["external": id(21).json], on: day("2021-12-31")).isAccepted()
    spec.given("end-link", ["external": id(60).json])
    #expect(try #require(spec.plan.measure("\(id(60))")).external == nil)
    spec.when("end-link", ["external": id(21).json])
      .isRefused(.conflict, "already-carried-over", field: "external", facts: ["successor": id(60).json])
  }

  @Test func `a measure has one successor`() {
    var spec = spec
    spec.given("carry-over-measure", Self.carryOver)
    spec.when("carry-over-measure", ["measure": id(21).json])
      .isRefused(.conflict, "already-carried-over", field: "measure", facts: ["successor": id(60).json])
  }

  @Test func `only a version that continues the measure's own takes it`() {
    spec.when("carry-over-measure", Self.carryOver.replacing("version", "2018-2021"))
      .isRefused(.rule, "not-successor", field: "version", facts: ["version": "2018-2021"])
    var spec = spec
    spec.given("carry-over-measure", Self.carryOver)
    spec.when("carry-over-measure", ["measure": id(60).json])
      .isRefused(.rule, "not-successor", field: "version", facts: ["version": "2022-2025"])
    spec.given(
      "register-plan-version", ["slug": "anders", "title": "C", "from": "2026-01-01", "until": "2029-12-31"])
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.II"])
      .isRefused(.rule, "not-successor", field: "version", facts: ["version": "anders"])
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.II", "version": "2022-2025"]).isAccepted()
  }

  @Test func `a version may be skipped`() {
    var spec = spec
    spec.given("start-successor-version", ["slug": "c", "title": "C", "from": "2026-01-01", "until": "2029-12-31"])
    spec.when("carry-over-measure", Self.carryOver, on: day("2026-01-01")).isAccepted()
  }

  @Test func `no measure leaves its version before the one that takes it begins`() throws {
    var spec = spec
    spec.today = day("2021-11-15")
    spec.when("carry-over-measure", Self.carryOver)
      .isRefused(.rule, "before-start", field: "effectiveDate", facts: ["start": "2022-01-01"])
    spec.given("carry-over-measure", Self.carryOver, on: day("2022-01-01"))
    let old = try #require(spec.plan.measure("\(id(21))"))
    let new = try #require(spec.plan.measure("\(id(60))"))
    #expect(spec.plan.lists(old, on: day("2021-12-31")) && !spec.plan.lists(new, on: day("2021-12-31")))
    #expect(!spec.plan.lists(old, on: day("2022-01-01")) && spec.plan.lists(new, on: day("2022-01-01")))
  }

  @Test func `a taken code, id and an unknown place or version are refused`() {
    var spec = spec
    spec.given(
      "add-measure", ["id": id(61).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "I", "title": "Neu"])
    spec.when("carry-over-measure", ["measure": id(21).json]).isRefused(
      .conflict, "code-taken", field: "numeral", facts: ["value": "fachkraefte.1.I", "holder": id(61).json])
    spec.when("carry-over-measure", ["id": id(22).json, "measure": id(21).json])
      .isRefused(.conflict, "id-taken", field: "id")
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.II", "version": "x"])
      .isRefused(.notFound, "unknown-plan-version", field: "version")
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.II", "taskField": 9])
      .isRefused(.notFound, "unknown-task-field", field: "taskField")
    spec.when("carry-over-measure", ["measure": "fachkraefte.1.II", "cluster": "energie"])
      .isRefused(.notFound, "unknown-cluster", field: "cluster")
    spec.when("carry-over-measure", ["measure": "x"]).isRefused(.notFound, "unknown-measure", field: "measure")
  }

  // MARK: - Codes of two versions

  @Test func `a code is unique within its version and names the latest`() {
    var spec = spec
    spec.given(
      "add-measure", ["id": id(61).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "I", "title": "Neu"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(61).value)
    #expect(spec.plan.count(of: .measures, on: day("2030-01-01")) == 3)
    spec.when("renumber-measure", ["measure": "fachkraefte.1.II", "number": "I"]).isRefused(
      .conflict, "code-taken", field: "number", facts: ["value": "fachkraefte.1.I", "holder": id(21).json])
    // An earlier version's measure never hides a later one's, and comes to light when that gives the code up.
    spec.given("renumber-measure", ["measure": id(21).json, "number": "X"])
    spec.given("renumber-measure", ["measure": id(21).json, "number": "I"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(61).value)
    spec.given("renumber-measure", ["measure": id(61).json, "number": "XI"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(21).value)
  }
}

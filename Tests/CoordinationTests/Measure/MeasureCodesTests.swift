import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §6: moving and renumbering.
struct MeasureCodesTests {
  private var spec = DeciderSpecification.masterplan()

  init() {
    spec.given("add-task-field", ["id": id(14).json, "cluster": "fachkraefte", "number": 2, "title": "Zweites"])
    spec.given("add-sub-measure", ["id": id(24).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"])
    spec.given("add-sub-measure", ["id": id(25).json, "measure": "fachkraefte.1.I", "part": "mint", "title": "Teil"])
  }

  // MARK: - Renumbering

  @Test func `a measure gets another numeral and its parts follow`() throws {
    let command: JSON = ["measure": "fachkraefte.1.I", "number": "IV", "reason": "R", "source": ["S2:5"]]
    spec.when("renumber-measure", command).yields(
      "measure.renumbered.v1", on: "measures/\(id(21))",
      ["numeral": "IV", "code": "fachkraefte.1.IV", "reason": "R", "source": ["S2:5"]])
    var later = spec
    later.given("renumber-measure", command)
    #expect(later.plan.measure("fachkraefte.1.IV")?.id.value == id(21).value)
    #expect(later.plan.measure("fachkraefte.1.IV.A")?.id.value == id(24).value)
    #expect(later.plan.measure("fachkraefte.1.IV.A")?.place.numeral.text == "IV")
    #expect(later.plan.measure("fachkraefte.1.IV.mint")?.id.value == id(25).value)
    later.when("renumber-measure", command).yieldsNothing()
  }

  @Test func `a part gets another letter or slug`() {
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I.A", "number": "B"]).yields(
      "measure.renumbered.v1", on: "measures/\(id(24))",
      ["numeral": "I", "part": "B", "code": "fachkraefte.1.I.B"])
    var later = spec
    later.given("renumber-measure", ["measure": "fachkraefte.1.I.A", "number": "B"])
    #expect(later.plan.measure("fachkraefte.1.I.B")?.place.part == "B")
    later.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IV"])
    #expect(later.plan.measure("fachkraefte.1.IV.B")?.id.value == id(24).value)
  }

  @Test func `an old code names its measure until another one has it`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IV"])
    for code in ["fachkraefte.1.I", "fachkraefte.1.IV"] {
      #expect(spec.plan.measure(code)?.id.value == id(21).value)
    }
    #expect(spec.plan.measure("fachkraefte.1.I.A")?.id.value == id(24).value)
    spec.given("renumber-measure", ["measure": "fachkraefte.1.II", "number": "I"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(22).value)
    #expect(spec.plan.measure("fachkraefte.1.II")?.id.value == id(22).value)
    spec.when("renumber-measure", ["measure": "fachkraefte.1.IV", "number": "I"]).isRefused(
      .conflict, "code-taken", field: "number", facts: ["value": "fachkraefte.1.I", "holder": id(22).json])
    // It gives the code back on the same day: nobody has it, and the last one that had it on any day is named.
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "V"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(21).value)
    spec.given("renumber-measure", ["measure": "fachkraefte.1.IV", "number": "I"])
    #expect(spec.plan.measure("fachkraefte.1.I")?.id.value == id(21).value)
    #expect(spec.plan.measure("fachkraefte.1.V")?.id.value == id(22).value)
  }

  @Test func `a code that was given up is free for a new measure`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.II", "number": "IV"])
    spec.given(
      "add-measure",
      ["id": id(60).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "II", "title": "Andere"])
    #expect(spec.plan.measure("fachkraefte.1.II")?.id.value == id(60).value)
    #expect(spec.plan.measure("fachkraefte.1.IV")?.id.value == id(22).value)
  }

  @Test func `a taken code is refused with its holder`() {
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I", "number": "II"]).isRefused(
      .conflict, "code-taken", field: "number", facts: ["value": "fachkraefte.1.II", "holder": id(22).json])
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I.A", "number": "mint"]).isRefused(
      .conflict, "code-taken", field: "number", facts: ["value": "fachkraefte.1.I.mint", "holder": id(25).json])
  }

  @Test(arguments: ["IIII", "XXXI", "iV", "VX"])
  func `a numeral in another spelling is none`(number: String) {
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I", "number": .string(number)])
      .isRefused(.malformed, "invalid-value", field: "number")
  }

  @Test(arguments: ["A", "4", "iv"])
  func `what would name a part does not number a measure`(number: String) {
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I", "number": .string(number)])
      .isRefused(.rule, "invalid-value", field: "number")
  }

  @Test(arguments: ["AA", "a.b", "Ä"])
  func `another name of a part is refused`(part: String) {
    spec.when("renumber-measure", ["measure": "fachkraefte.1.I.A", "number": .string(part)])
      .isRefused(.malformed, "invalid-value", field: "number")
  }

  // MARK: - Moving

  @Test func `a measure moves to another task field with its parts`() throws {
    let command: JSON = [
      "measure": "fachkraefte.1.I", "cluster": "fachkraefte", "taskField": 2, "reason": "R", "source": ["S2:5"],
    ]
    spec.when("move-measure", command).yields(
      "measure.moved.v1", on: "measures/\(id(21))",
      ["taskField": id(14).json, "numeral": "I", "code": "fachkraefte.2.I", "reason": "R", "source": ["S2:5"]])
    var later = spec
    later.given("move-measure", command)
    let moved = try #require(later.plan.measure("fachkraefte.2.I"))
    #expect(moved.id.value == id(21).value)
    #expect(moved.place.taskField == id(14).value)
    #expect(later.plan.measure("fachkraefte.1.I")?.id == moved.id)
    let part = try #require(later.plan.measure("fachkraefte.2.I.mint"))
    #expect(part.id.value == id(25).value)
    #expect(part.place.taskField == id(14).value)
    later.when("move-measure", command).yieldsNothing()
  }

  @Test func `it may get another numeral there`() {
    spec.when(
      "move-measure", ["measure": "fachkraefte.1.I", "cluster": "fachkraefte", "taskField": 2, "numeral": "VII"]
    ).yields(
      "measure.moved.v1", on: "measures/\(id(21))",
      ["taskField": id(14).json, "numeral": "VII", "code": "fachkraefte.2.VII"])
  }

  @Test func `a taken code, a part and an unknown place are refused`() {
    var spec = spec
    let command: JSON = ["measure": "fachkraefte.1.I", "cluster": "fachkraefte", "taskField": 2]
    spec.given("move-measure", command)
    spec.given("renumber-measure", ["measure": "fachkraefte.1.II", "number": "I"])
    spec.when("move-measure", command).isRefused(
      .conflict, "code-taken", field: "numeral", facts: ["value": "fachkraefte.2.I", "holder": id(21).json])
    spec.when("move-measure", command.replacing("measure", id(24).json))
      .isRefused(.rule, "part-of-a-whole", field: "measure")
    spec.when("move-measure", command.replacing("taskField", 3))
      .isRefused(.notFound, "unknown-task-field", field: "taskField", facts: ["reference": "fachkraefte.3"])
    spec.when("move-measure", command.replacing("cluster", "energie"))
      .isRefused(.notFound, "unknown-cluster", field: "cluster")
    spec.when("move-measure", command.replacing("measure", "x"))
      .isRefused(.notFound, "unknown-measure", field: "measure")
  }

  // MARK: - On another day

  /// I and II change places on 1 April, which is recorded a month before.
  private var renumbered: DeciderSpecification {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"], on: day("2019-04-01"))
    spec.given("renumber-measure", ["measure": "fachkraefte.1.II", "number": "I"], on: day("2019-04-01"))
    spec.given("renumber-measure", ["measure": "fachkraefte.1.IX", "number": "II"], on: day("2019-04-01"))
    return spec
  }

  @Test func `a code names the measure that has it on the day`() {
    let plan = renumbered.plan
    for (date, first, second) in [("2019-03-31", 21, 22), ("2019-04-01", 22, 21)] as [(String, UInt64, UInt64)] {
      #expect(plan.measure("fachkraefte.1.I", on: day(date))?.id.value == id(first).value)
      #expect(plan.measure("fachkraefte.1.II", on: day(date))?.id.value == id(second).value)
    }
    #expect(plan.measures[MeasureID(id(21).value)]?.code(on: day("2019-03-31")) == "fachkraefte.1.I")
    #expect(plan.measures[MeasureID(id(21).value)]?.code == "fachkraefte.1.II")
  }

  @Test func `parts are called by their measure's code of the day`() {
    let plan = renumbered.plan
    #expect(plan.measure("fachkraefte.1.I.A", on: day("2019-03-31"))?.id.value == id(24).value)
    #expect(plan.measure("fachkraefte.1.II.A", on: day("2019-04-01"))?.id.value == id(24).value)
    #expect(plan.measures[MeasureID(id(24).value)]?.code(on: day("2019-03-31")) == "fachkraefte.1.I.A")
  }

  @Test func `a part keeps its letter when its measure's number turns out to have changed earlier`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I.A", "number": "B"], on: day("2019-05-01"))
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IV"], on: day("2019-04-01"))
    let codes = ["2019-03-31", "2019-04-30", "2019-05-01"].map {
      spec.plan.measures[MeasureID(id(24).value)]?.code(on: day($0))
    }
    #expect(codes == ["fachkraefte.1.I.A", "fachkraefte.1.IV.A", "fachkraefte.1.IV.B"])
  }

  @Test func `a command means what its code names on the day that it speaks of`() {
    let report: JSON = ["measure": "fachkraefte.1.I", "institution": "senweb", "condition": "on-track"]
    var spec = renumbered
    for number in [21, 22] as [UInt64] {
      spec.given("assign-lead", ["measure": id(number).json, "institution": "senweb"])
    }
    spec.when("report-progress", report).yields("measure.progress-reported.v1", on: "measures/\(id(21))")
    spec.today = day("2019-04-01")
    spec.when("report-progress", report).yields("measure.progress-reported.v1", on: "measures/\(id(22))")
    spec.when("report-progress", report, on: day("2019-03-31")).yields(
      "measure.progress-reported.v1", on: "measures/\(id(21))")
  }

  @Test func `a code is free from the day on which it is given up, and not before`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.II", "number": "IV"], on: day("2019-04-01"))
    let taken: JSON = ["cluster": "fachkraefte", "taskField": 1, "numeral": "II", "title": "Andere"]
    spec.when("add-measure", taken).isRefused(.conflict, "code-taken", field: "numeral")
    spec.when("add-measure", taken, on: day("2019-04-01")).isAccepted()
    // Nor is one that something else is to have later.
    spec.when("add-measure", taken.replacing("numeral", "IV")).isRefused(.conflict, "code-taken", field: "numeral")
  }

  @Test func `a place that was only recorded late counts from its day`() {
    var spec = spec
    spec.given(
      "move-measure", ["measure": "fachkraefte.1.I", "cluster": "fachkraefte", "taskField": 2], on: day("2019-05-01"))
    // The number changed before the move, so it is the number within the first field; the move keeps what it said.
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "VI"], on: day("2019-04-01"))
    let codes = ["2019-03-31", "2019-04-01", "2019-05-01"].map {
      spec.plan.measures[MeasureID(id(21).value)]?.code(on: day($0))
    }
    #expect(codes == ["fachkraefte.1.I", "fachkraefte.1.VI", "fachkraefte.2.I"])
  }

  @Test func `a code that nobody has names what had it last, else what will have it first`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IV"], on: day("2019-04-01"))
    spec.given(
      "add-measure",
      ["id": id(60).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "I", "title": "Andere"],
      on: day("2019-06-01"))
    let named = ["2019-03-31", "2019-05-01", "2019-06-01"].map {
      spec.plan.measure("fachkraefte.1.I", on: day($0))?.id.value
    }
    #expect(named == [id(21).value, id(21).value, id(60).value])
    #expect(spec.plan.measure("fachkraefte.1.IV", on: day("2019-03-31"))?.id.value == id(21).value)
  }

  @Test func `a command never means the measure that another one continues`() {
    var spec = spec
    spec.given(
      "start-successor-version",
      ["id": id(93).json, "slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given(
      "carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I", "numeral": "V"], on: day("2022-01-01"))
    for name in [id(60).json, "fachkraefte.1.V"] {
      let lead: JSON = ["measure": name, "institution": "senweb"]
      spec.when("assign-lead", lead).isRefused(.rule, "before-start", field: "effectiveDate")
      spec.when("assign-lead", lead.replacing("from", "2022-01-01"))
        .yields("measure.lead-assigned.v1", on: "measures/\(id(60))")
      spec.when("renumber-measure", ["measure": name, "number": "VI"])
        .isRefused(.rule, "before-start", field: "effectiveDate")
    }
    // A reader is led to the one that it continues.
    #expect(spec.plan.measure("\(id(60))", on: spec.today)?.id.value == id(21).value)
  }

  @Test func `a letter stays its part's own wherever the whole goes`() {
    var spec = spec
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"], on: day("2019-04-01"))
    spec.given("renumber-measure", ["measure": id(24).json, "number": "C"], on: day("2019-05-01"))
    let part: JSON = ["measure": "fachkraefte.1.I", "part": "C", "title": "Teil C"]
    spec.when("add-sub-measure", part).isRefused(.conflict, "code-taken", field: "part")
    spec.when("add-sub-measure", part.replacing("part", "D")).isAccepted()
    spec.when("renumber-measure", ["measure": id(25).json, "number": "C"])
      .isRefused(.conflict, "code-taken", field: "number")
  }
}

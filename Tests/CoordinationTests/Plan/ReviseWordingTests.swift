import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct ReviseWordingTests {
  private let spec = DeciderSpecification.masterplan()

  @Test(
    arguments: [
      ("industriestadt", 0, "plans"), ("fachkraefte", 11, "theme-clusters"), ("\(id(10))", 10, "action-fields"),
      ("\(id(12))", 12, "goals"), ("\(id(13))", 13, "task-fields"), ("fachkraefte.1.I", 21, "measures"),
      ("senweb", 31, "institutions"), ("kammern", 41, "groups"),
    ] as [(String, UInt64, String)])
  func `whatever has a wording can get another one`(item: String, number: UInt64, noun: String) {
    let command: JSON = ["item": .string(item), "title": "Neu", "reason": "Umbenannt"]
    spec.when("revise-wording", command)
      .yields("plan.wording-revised.v2", on: "\(noun)/\(id(number))", command.replacing("item", nil))
    var later = spec
    later.given("revise-wording", command)
    #expect(later.plan.title(of: id(number).value) == "Neu")
    later.when("revise-wording", command).yieldsNothing()
  }

  @Test func `an unknown item and one without a wording are refused`() {
    spec.when("revise-wording", ["item": "nobody", "title": "Neu"])
      .isRefused(.notFound, "unknown-item", field: "item", facts: ["reference": "nobody"])
    spec.when("revise-wording", ["item": id(51).json, "title": "Neu"])
      .isRefused(.rule, "no-wording", field: "item")
  }

  @Test func `an earlier wording stays the wording of earlier days`() throws {
    var spec = spec
    spec.given("revise-wording", ["item": "fachkraefte.1.I", "title": "Ab April"], on: day("2019-04-01"))
    let titles = try #require(spec.plan.measure("fachkraefte.1.I")).titles
    #expect(titles.value(at: day("2019-03-31")) == "Maßnahme I")
    #expect(titles.value(at: day("2019-04-01")) == "Ab April")
  }
}

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
    let command: JSON = ["item": .string(item), "title": "Neu", "reason": "Umbenannt", "source": ["S2:5"]]
    spec.when("revise-wording", command)
      .yields("plan.wording-revised.v2", on: "\(noun)/\(id(number))", command.replacing("item", nil))
    var later = spec
    later.given("revise-wording", command)
    #expect(later.plan.titles(of: id(number).value)?.last == "Neu")
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

  // MARK: - Names of institutions (§30)

  @Test func `an institution or group does not get the name of another one`() {
    var spec = spec
    spec.given("add-alias", ["institution": "ihk", "name": "Kammer"])
    for (item, title, holder) in [
      ("senweb", "Institution ihk", "ihk"), ("senweb", "Kammer", "ihk"), ("kammern", "Institution ihk", "ihk"),
      ("ihk", "Kammern", "kammern"),
    ] {
      spec.when("revise-wording", ["item": .string(item), "title": .string(title)]).isRefused(
        .conflict, "name-taken", field: "title", facts: ["value": .string(title), "holder": .string(holder)])
    }
  }

  @Test func `a new name is reserved and the old one stays so`() {
    var spec = spec
    spec.given("revise-wording", ["item": "senweb", "title": "Neuer Name"])
    for name in ["Neuer Name", "Institution senweb"] {
      spec.when("register-institution", ["slug": "n", "name": .string(name), "kind": "body"]).isRefused(
        .conflict, "name-taken", field: "name", facts: ["value": .string(name), "holder": "senweb"])
    }
    spec.when("revise-wording", ["item": "senweb", "title": "Institution senweb"]).isAccepted()
  }

  @Test func `a placeholder may be worded like an institution`() {
    var spec = spec
    spec.given(
      "register-placeholder",
      ["id": id(60).json, "slug": "wer", "label": "Wer?", "steward": "senweb", "due": "2019-12-31"])
    spec.given("revise-wording", ["item": "wer", "title": "Institution ihk"])
    #expect(spec.plan.holdersOfNames["Institution ihk"]?.value == id(32).value)
    // Nor does it keep a name from an institution that comes later.
    spec.given("revise-wording", ["item": "wer", "title": "Technologiestiftung"])
    spec.when("register-institution", ["slug": "n", "name": "Technologiestiftung", "kind": "body"]).isAccepted()
  }

  // MARK: - Earlier events

  @Test func `a revision that was recorded without a source is read as ever`() throws {
    var spec = spec
    let fact = try #require(
      FactCatalogue.fact(type: "org.federwerk.plan.wording-revised.v1", data: ["title": "Alt"]))
    spec.record([NewEvent(Subject("institutions", id(31).value), fact)], on: day("2019-03-01"))
    #expect(spec.plan.party("senweb")?.names.last == "Alt")
    #expect(spec.plan.holdersOfNames["Alt"]?.value == id(31).value)
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct MeasureBoardTests {
  @Test func `the board shows who does what on the day it is asked for`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04", "until": "2019-07-01"])
    spec.assign("lead", "ihk", 62, ["from": "2019-07-01"])
    func leads(on date: String) -> [String] {
      let measure = MeasureBoard.items(of: spec.plan, validAt: day(date)).first { $0.key == "fachkraefte.1.I" }
      return measure?.json["assignments"]?.array?.compactMap { $0["institution"]?["slug"]?.string } ?? []
    }
    #expect(leads(on: "2019-06-30") == ["senweb"])
    #expect(leads(on: "2019-07-01") == ["ihk"])
    #expect(leads(on: "2018-09-03").isEmpty)
  }

  @Test func `the board shows how each role stands on that day`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["condition": "ggf."])
    spec.assign("unclear", "ihk", 62)
    spec.given("activate-condition", ["assignment": id(61).json, "reason": "R"], on: day("2019-05-01"))
    spec.given("accept-assignment", ["assignment": id(61).json], as: .lead("senweb"), on: day("2019-06-01"))
    spec.given(
      "clarify-role", ["assignment": id(62).json, "role": "contributor", "reason": "R"], on: day("2019-06-01"))
    spec.given("decline-assignment", ["assignment": id(62).json], as: .lead("ihk"), on: day("2019-07-01"))
    func roles(on date: String) -> [String] {
      let measure = MeasureBoard.items(of: spec.plan, validAt: day(date)).first { $0.key == "fachkraefte.1.I" }
      return measure?.json["assignments"]?.array?.map { "\($0["role"]?.string ?? "") \($0["state"]?.string ?? "")" }
        ?? []
    }
    #expect(roles(on: "2019-04-30") == ["lead dormant", "unclear named"])
    #expect(roles(on: "2019-05-31") == ["lead active", "unclear named"])
    #expect(roles(on: "2019-06-30") == ["lead confirmed", "contributor named"])
    #expect(roles(on: "2019-07-01") == ["lead confirmed", "contributor declined"])
  }

  @Test func `a board of the past has the names of the past`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "ihk", 61)
    spec.given("rename-institution", ["institution": "ihk", "name": "Neue Kammer"], on: day("2019-08-01"))
    func name(on date: String) -> String? {
      let measure = MeasureBoard.items(of: spec.plan, validAt: day(date)).first { $0.key == "fachkraefte.1.I" }
      return measure?.json["assignments"]?.array?.first?["institution"]?["name"]?.string
    }
    #expect(name(on: "2019-07-31") == "Institution ihk")
    #expect(name(on: "2019-08-01") == "Neue Kammer")
  }

  @Test func `a dormant lead leaves its measure without a lead in the tree`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["condition": "ggf."])
    spec.given("activate-condition", ["assignment": id(61).json, "reason": "R"], on: day("2019-05-01"))
    func withoutLead(on date: String) -> JSON? {
      PlanTree.json(of: spec.plan, validAt: day(date))["actionFields"]?.array?.first?["clusters"]?.array?.first?[
        "counts"]?["withoutLead"]
    }
    #expect(withoutLead(on: "2019-04-30") == 3)
    #expect(withoutLead(on: "2019-05-01") == 2)
  }

  @Test func `what begins later is not there yet, and what a later version continues is there until then`() throws {
    var spec = DeciderSpecification.masterplan()
    func codes(_ date: String) -> [JSON?] {
      MeasureBoard.items(of: spec.plan, validAt: day(date)).map { $0.json["code"] }
    }
    func ids(_ date: String) -> Set<JSON?> {
      Set(MeasureBoard.items(of: spec.plan, validAt: day(date)).map { $0.json["id"] })
    }
    let before = codes("2019-03-01")
    #expect(codes("2018-09-03") == [])
    spec.given(
      "add-measure",
      ["id": id(80).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "Erst 2030"],
      on: day("2030-01-01"))
    #expect(codes("2019-03-01") == before)
    #expect(codes("2030-01-01") == before + ["fachkraefte.1.XX"])
    spec.given(
      "start-successor-version", ["slug": "2022", "title": "Fassung 2022", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(81).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    #expect(ids("2021-12-31").contains(id(21).json) && !ids("2021-12-31").contains(id(81).json))
    #expect(ids("2022-01-01").contains(id(81).json) && !ids("2022-01-01").contains(id(21).json))
    let old = try #require(spec.plan.measure("fachkraefte.1.I", on: day("2021-12-31")))
    #expect(old.id.value == id(21).value)
    #expect(MeasureSheet.json(old, spec.plan, spec.today)["continuedBy"]?["id"] == id(81).json)
  }

  @Test func `whoever is dissolved leads no longer`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given(
      "dissolve-institution", ["institution": "senweb", "successor": "ihk", "reason": "R"], on: day("2019-04-01"))
    func isGap(_ date: String) -> Bool {
      GapRegister.items(of: spec.plan, validAt: day(date)).contains { $0.key == "no-lead fachkraefte.1.I" }
    }
    #expect(!isGap("2019-03-31") && isGap("2019-04-01"))
    let card = { (slug: String) in spec.plan.party(slug).map { InstitutionCard.json($0, spec.plan, spec.today) } }
    #expect(card("senweb")?["dissolved"] == ["from": "2019-04-01", "successor": "ihk"])
    #expect(card("ihk")?["predecessors"] == [["slug": "senweb", "from": "2019-04-01"]])
    spec.when(
      "report-progress", ["measure": "fachkraefte.1.I", "institution": "senweb", "condition": "on-track"],
      on: day("2019-04-01")
    ).isRefused(.rule, "institution-dissolved", field: "institution")
  }
}

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
}

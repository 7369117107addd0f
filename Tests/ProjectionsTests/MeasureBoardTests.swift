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
}

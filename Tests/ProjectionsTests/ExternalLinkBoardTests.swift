import EventSourcing
import PlanSpecification
import Projections
import Testing

/// §28
struct ExternalLinkBoardTests {
  @Test func `an older status is kept and never shown as the current one, and its age is told`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("link-external-measure", ["measure": "fachkraefte.1.II", "programme": "bek", "externalID": "W-14"])
    func status(on date: String) throws -> JSON {
      let item = try #require(ExternalLinkBoard.items(of: spec.plan, validAt: day(date)).first)
      #expect(item.key == "fachkraefte.1.II")
      return try #require(item.json["status"])
    }
    #expect(try status(on: "2019-03-01") == .null)
    for (id, text, date) in [("s-2", "läuft", "2019-02-15"), ("s-1", "geplant", "2019-01-10")] {
      spec.given(
        "record-external-status",
        [
          "programme": "bek", "externalID": "W-14", "statusID": .string(id), "status": .string(text),
          "date": .string(date),
        ])
    }
    func findings() -> JSON? { ExternalLinkBoard.items(of: spec.plan, validAt: spec.today).first?.json["findings"] }
    #expect(findings() == [])
    let now = try status(on: "2019-03-01")
    #expect(now["id"] == "s-2")
    #expect(now["status"] == "läuft")
    #expect(now["ageDays"] == 14)
  }

  @Test func `a lead of our own beside that of the other programme is found until it ends`() {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    func findings() -> JSON? { ExternalLinkBoard.items(of: spec.plan, validAt: spec.today).first?.json["findings"] }
    #expect(findings() == ["led-here-too"])
    spec.given("end-assignment", ["assignment": id(61).json])
    #expect(findings() == [])
  }
}

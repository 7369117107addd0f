import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct IssueRegisterTests {
  private static let spec: DeciderSpecification = {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "T"],
      as: .lead("tu"))
    spec.today = day("2019-04-01")
    spec.given(
      "escalate-issue",
      ["issue": id(60).json, "level": "skip", "urgent": true, "deadline": "2019-04-30", "reason": "R"])
    spec.today = day("2019-05-01")
    spec.given("record-missed-deadline", ["issue": id(60).json], as: .clock)
    spec.today = day("2019-06-01")
    spec.given(
      "decide-escalation",
      [
        "issue": id(60).json, "body": "skip", "outcome": "defer", "deferredTo": "2019-07-31", "noFollowUp": true,
      ], as: .steering)
    spec.today = day("2019-07-01")
    spec.given(
      "decide-escalation",
      [
        "issue": id(60).json, "body": "skip", "outcome": "decide",
        "followUps": [["id": id(71).json, "text": "T", "responsible": "tu", "due": "2019-08-31"]],
      ], as: .steering)
    spec.today = day("2019-10-01")
    spec.given("complete-follow-up", ["followUp": id(71).json], as: .lead("tu"))
    return spec
  }()

  private func issue(on date: String) throws -> JSON {
    try #require(IssueRegister.items(of: Self.spec.plan, validAt: day(date)).first).json
  }

  @Test func `an issue is there from the day on which it was raised`() throws {
    #expect(IssueRegister.items(of: Self.spec.plan, validAt: day("2019-02-28")).isEmpty)
    let raised = try issue(on: "2019-03-01")
    #expect(raised["id"] == id(60).json)
    #expect(raised["measure"] == "fachkraefte.1.I")
    #expect(raised["institution"] == "tu")
    #expect(raised["kind"] == "obstacle")
    #expect(raised["state"] == "raised")
    #expect(raised["raisedOn"] == "2019-03-01")
    #expect(raised["level"]?["slug"] == "lead", "nobody has taken it up the ladder")
    #expect(raised["deadline"] == .null)
    #expect(raised["decision"] == .null)
  }

  @Test func `the clock shows what is overdue on the day asked for`() throws {
    let waiting = try issue(on: "2019-04-30")
    #expect(waiting["state"] == "escalated")
    #expect(waiting["level"] == ["slug": "skip", "title": "Steuerungskreis", "body": .null])
    #expect(waiting["deadline"] == "2019-04-30")
    #expect(waiting["overdueDays"] == .null)
    #expect(waiting["missedDeadlines"] == [])
    let late = try issue(on: "2019-05-11")
    #expect(late["overdueDays"] == 11)
    #expect(late["missedDeadlines"]?.array?.first?["deadline"] == "2019-04-30")
    #expect(late["missedDeadlines"]?.array?.first?["level"]?["slug"] == "skip")
  }

  @Test func `since when names the day and the event`() throws {
    let since = try #require(try issue(on: "2019-06-15")["since"])
    let escalated = try #require(Self.spec.plan.issues[IssueID(id(60).value)]?.states.entry(at: day("2019-06-15")))
    #expect(since == ["date": "2019-04-01", "position": .integer(escalated.position.value)])
  }

  @Test func `decisions and follow-ups show from their day on`() throws {
    let deferred = try issue(on: "2019-06-30")
    #expect(deferred["decision"]?["outcome"] == "defer")
    #expect(deferred["decision"]?["deferredTo"] == "2019-07-31")
    #expect(deferred["deadline"] == "2019-07-31")
    #expect(deferred["overdueDays"] == .null)
    #expect(deferred["followUps"] == [])
    let decided = try issue(on: "2019-09-10")
    #expect(decided["state"] == "decided")
    #expect(decided["decision"]?["outcome"] == "decide")
    #expect(decided["decision"]?["body"] == "skip")
    #expect(decided["earlierDecisions"]?.array?.map { $0["outcome"] } == ["defer"])
    #expect(decided["deadline"] == .null)
    let owed = try #require(decided["followUps"]?.array?.first)
    #expect(owed["responsible"] == "tu")
    #expect(owed["done"] == .null)
    #expect(owed["overdueDays"] == 10)
    let done = try #require(try issue(on: "2019-10-01")["followUps"]?.array?.first)
    #expect(done["done"]?["date"] == "2019-10-01")
    #expect(done["overdueDays"] == .null)
  }

  @Test func `a solution shows when it was proposed and when it was accepted`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"], as: .lead("tu")
    )
    spec.given("take-up-issue", ["issue": id(60).json])
    spec.given("propose-solution", ["issue": id(60).json, "text": "T"], on: day("2019-03-05"))
    spec.given("accept-solution", ["issue": id(60).json], as: .lead("tu"), on: day("2019-03-09"))
    func solution(on date: String) -> JSON? {
      IssueRegister.items(of: spec.plan, validAt: day(date)).first?.json["solution"]
    }
    #expect(solution(on: "2019-03-04") == .null)
    #expect(solution(on: "2019-03-08")?["proposed"]?["date"] == "2019-03-05")
    #expect(solution(on: "2019-03-08")?["accepted"] == .null)
    #expect(solution(on: "2019-03-09")?["accepted"]?["date"] == "2019-03-09")
  }

  @Test func `issues come in the order in which they were raised`() {
    var spec = DeciderSpecification.masterplan()
    for number: UInt64 in [73, 71, 72] {
      spec.given("raise-issue", ["id": id(number).json, "kind": "question", "text": "T"])
    }
    let keys = IssueRegister.items(of: spec.plan, validAt: spec.today).map(\.key)
    #expect(keys == [73, 71, 72].map { id($0).description })
  }
}

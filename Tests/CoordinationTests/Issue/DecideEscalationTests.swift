import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §22
struct DecideEscalationTests {
  private static let order: JSON = [
    "id": id(71).json, "text": "Stellen ausschreiben", "responsible": "tu", "due": "2019-12-31",
  ]
  private static let decision: JSON = [
    "issue": id(60).json, "body": "skip", "outcome": "decide", "text": "Zwei Stellen", "followUps": [order],
  ]
  private let spec = IssueStory.escalated()

  @Test func `a seated member decides, and each follow-up is an event of its own`() throws {
    for actor in [PlanActor.steering, .office] {
      let events = try spec.when("decide-escalation", Self.decision, as: actor).result.get()
      #expect(
        events.map { type(of: $0.fact).type } == [
          "org.federwerk.issue.escalation-decided.v1", "org.federwerk.issue.follow-up-assigned.v1",
        ])
      #expect(events.allSatisfy { $0.subject.description == IssueStory.issue })
      let decided: JSON = ["outcome": "decide", "body": id(36).json, "level": "skip", "text": "Zwei Stellen"]
      let assigned: JSON = [
        "followUp": id(71).json, "responsible": id(34).json, "due": "2019-12-31", "text": "Stellen ausschreiben",
      ]
      #expect(events.map { $0.clearData().canonicalBytes } == [decided.canonicalBytes, assigned.canonicalBytes])
    }
  }

  @Test func `the issue keeps who decided what, when and where`() throws {
    var spec = spec
    spec.given("decide-escalation", Self.decision, as: .steering, on: day("2019-03-05"))
    let issue = try spec.issue
    let decision = try #require(issue.decisions.last)
    #expect(issue.state == .decided)
    #expect(decision.outcome == .decide)
    #expect(decision.body == PartyID(id(36).value))
    #expect(decision.level == "skip")
    #expect(decision.decided.date == day("2019-03-05"))
    #expect(decision.decided.position.sizeIncluding.nextPosition == spec.plan.size.lastPosition)
    #expect(issue.followUps.map(\.due) == [day("2019-12-31")])
    #expect(issue.followUps.allSatisfy { $0.completed == nil })
  }

  @Test func `that nothing is to be done is said explicitly`() {
    let without = Self.decision.replacing("followUps", nil)
    for command in [without, without.replacing("noFollowUp", false), without.replacing("followUps", [])] {
      spec.when("decide-escalation", command).isRefused(.rule, "follow-up-missing", field: "followUps")
    }
    spec.when("decide-escalation", without.replacing("noFollowUp", true)).yields(
      "issue.escalation-decided.v1", on: IssueStory.issue,
      ["outcome": "decide", "body": id(36).json, "level": "skip", "noFollowUp": true, "text": "Zwei Stellen"])
    spec.when("decide-escalation", Self.decision.replacing("noFollowUp", true))
      .isRefused(.malformed, "invalid-value", field: "noFollowUp")
  }

  @Test func `a deferral sets a new deadline and decides nothing`() throws {
    let deferral = Self.decision.replacing("outcome", "defer")
    spec.when("decide-escalation", deferral).isRefused(.rule, "date-missing", field: "deferredTo")
    spec.when("decide-escalation", deferral.replacing("deferredTo", "2019-02-28"))
      .isRefused(.rule, "deadline-in-past", field: "deferredTo")
    spec.when("decide-escalation", Self.decision.replacing("deferredTo", "2019-09-30"))
      .isRefused(.malformed, "invalid-value", field: "deferredTo")
    var spec = spec
    spec.given("decide-escalation", deferral.replacing("deferredTo", "2019-09-30"), as: .steering)
    #expect(try spec.issue.state == .escalated)
    #expect(try spec.issue.deadline == day("2019-09-30"))
    #expect(spec.plan.dueCommands(on: day("2019-09-30")).isEmpty)
    #expect(spec.plan.dueCommands(on: day("2019-10-01")).count == 1)
    let again = Self.decision.replacing("followUps", nil).replacing("noFollowUp", true)
    spec.when("decide-escalation", again, as: .steering).isAccepted()
  }

  @Test func `a return goes one level down, a refusal is a decision`() throws {
    var returned = spec
    returned.given("decide-escalation", Self.decision.replacing("outcome", "return"), as: .steering)
    #expect(try returned.issue.state == .returned)
    #expect(try returned.issue.level == "netzwerk")
    #expect(try returned.issue.deadline == nil)
    var refused = spec
    refused.given("decide-escalation", Self.decision.replacing("outcome", "refuse"), as: .steering)
    #expect(try refused.issue.state == .decided)
    refused.when("decide-escalation", Self.decision, as: .steering)
      .isRefused(.conflict, "already-decided", field: "issue", facts: ["outcome": "refuse"])
  }

  @Test func `who has no seat does not decide`() {
    spec.when("decide-escalation", Self.decision.replacing("body", "senweb"), as: .steering)
      .isRefused(.forbidden, "not-seated", field: "body", facts: ["body": "senweb"])
    let nobody = PlanActor(id: .sample(1), role: .steering)
    spec.when("decide-escalation", Self.decision, as: nobody)
      .isRefused(.forbidden, "not-seated", field: "body", facts: ["body": "skip"])
    spec.when("decide-escalation", Self.decision, as: .lead("tu"))
      .isRefused(.forbidden, "role-not-allowed")
    // The chambers decide through each of their members, as long as it is one.
    let chambers = Self.decision.replacing("body", "kammern")
    let hwk = PlanActor(id: .sample(1), role: .steering, institution: "hwk")
    spec.when("decide-escalation", chambers, as: hwk).isAccepted()
    spec.when("decide-escalation", chambers, as: hwk, on: day("2019-07-01"))
      .isRefused(.forbidden, "not-seated", field: "body", facts: ["body": "kammern"])
  }

  @Test func `only the body at that level decides, and not one that advises`() {
    func changed(_ level: JSON) -> DeciderSpecification {
      var spec = spec
      spec.given(
        "register-plan-version",
        [
          "slug": "b", "title": "B", "from": "2019-01-01", "until": "2025-12-31",
          "ladder": [["slug": "office", "title": "Geschäftsstelle"], level],
        ])
      return spec
    }
    changed(["slug": "skip", "title": "Steuerungskreis", "mandate": "advise"])
      .when("decide-escalation", Self.decision, as: .steering)
      .isRefused(.rule, "no-mandate", field: "body", facts: ["level": "skip"])
    let seated = changed(["slug": "skip", "title": "Steuerungskreis", "body": "skip"])
    seated.when("decide-escalation", Self.decision.replacing("body", "kammern"))
      .isRefused(.rule, "no-mandate", field: "body", facts: ["level": "skip", "body": "skip"])
    seated.when("decide-escalation", Self.decision).isAccepted()
  }

  @Test func `a follow-up names who does it, until a day after the decision`() {
    func order(_ key: String, _ value: JSON) -> JSON {
      Self.decision.replacing("followUps", [Self.order, Self.order.replacing("id", nil).replacing(key, value)])
    }
    spec.when("decide-escalation", order("responsible", "bund"))
      .isRefused(.notFound, "unknown-institution", field: "followUps[1].responsible", facts: ["reference": "bund"])
    spec.when("decide-escalation", order("due", "2019-02-28"))
      .isRefused(.rule, "deadline-in-past", field: "followUps[1].due")
    spec.when("decide-escalation", order("text", " ")).isRefused(.malformed, "empty-text", field: "followUps[1].text")
    spec.when("decide-escalation", order("id", id(71).json)).isRefused(.conflict, "id-taken", field: "followUps[1].id")
  }
}

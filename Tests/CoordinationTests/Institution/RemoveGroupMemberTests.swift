import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RemoveGroupMemberTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `a membership ends on the day given, or on the effective date`() {
    let subject = "groups/\(id(41))"
    spec.when(
      "remove-group-member", ["group": "kammern", "member": "ihk", "until": "2019-06-01", "reason": "Austritt"]
    ).yields(
      "group.member-removed.v1", on: subject, ["member": id(32).json, "until": "2019-06-01", "reason": "Austritt"])
    spec.when("remove-group-member", ["group": "kammern", "member": "ihk"], on: day("2019-04-01"))
      .yields("group.member-removed.v1", on: subject, ["member": id(32).json, "until": "2019-04-01"])
  }

  @Test func `who left no longer acts for the group`() {
    var spec = spec
    spec.assign("lead", "kammern", 60)
    spec.given("remove-group-member", ["group": "kammern", "member": "ihk", "until": "2019-06-01"])
    let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
    spec.when("report-progress", report, as: .lead("ihk"), on: day("2019-05-31")).isAccepted()
    spec.when("report-progress", report, as: .lead("ihk"), on: day("2019-06-01"))
      .isRefused(.forbidden, "not-assigned", field: "institution")
  }

  @Test func `a membership can end earlier than planned, and the member can come back`() throws {
    var spec = spec
    spec.given("remove-group-member", ["group": "kammern", "member": "hwk", "until": "2019-05-01"])
    #expect(try #require(spec.plan.party("kammern")).memberships.last?.until == day("2019-05-01"))
    spec.given("add-group-member", ["group": "kammern", "member": "hwk", "from": "2019-05-01"])
    spec.given("remove-group-member", ["group": "kammern", "member": "hwk", "until": "2019-08-01"])
    #expect(spec.plan.party("kammern")?.memberships.suffix(2).map(\.until) == [day("2019-05-01"), day("2019-08-01")])
  }

  @Test func `who is no member on that day is refused`() {
    for (member, until) in [("tu", "2019-04-01"), ("hwk", "2019-07-01"), ("ihk", "2018-09-03")] {
      spec.when(
        "remove-group-member", ["group": "kammern", "member": .string(member), "until": .string(until)]
      ).isRefused(.conflict, "not-a-member", field: "member")
    }
    spec.when("remove-group-member", ["group": "x", "member": "ihk"])
      .isRefused(.notFound, "unknown-institution", field: "group")
    spec.when("remove-group-member", ["group": "kammern", "member": "x"])
      .isRefused(.notFound, "unknown-institution", field: "member")
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AddGroupMemberTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `a member is added, for a time`() {
    spec.when("add-group-member", ["group": "kammern", "member": "tu"])
      .yields("group.member-added.v1", on: "groups/\(id(41))", ["member": id(34).json])
    spec.when("add-group-member", ["group": "kammern", "member": "tu", "from": "2019-01-01", "until": "2019-02-01"])
      .yields(
        "group.member-added.v1", on: "groups/\(id(41))",
        ["member": id(34).json, "from": "2019-01-01", "until": "2019-02-01"])
  }

  @Test func `a membership begins on the effective date unless told otherwise`() throws {
    var spec = spec
    spec.given("add-group-member", ["group": "kammern", "member": "tu"], on: day("2019-05-01"))
    let membership = try #require(spec.plan.party("kammern")?.memberships.last)
    #expect(membership.from == day("2019-05-01"))
    #expect(!membership.holds(on: day("2019-04-30")))
    #expect(membership.holds(on: day("2019-05-01")))
  }

  @Test func `a member whose time has ended can come back`() {
    spec.when("add-group-member", ["group": "kammern", "member": "hwk", "from": "2019-07-01"])
      .yields("group.member-added.v1", on: "groups/\(id(41))")
  }

  @Test func `memberships that overlap are refused`() {
    spec.when("add-group-member", ["group": "kammern", "member": "ihk", "from": "2030-01-01"])
      .isRefused(.conflict, "already-member", field: "member")
    spec.when("add-group-member", ["group": "kammern", "member": "hwk", "from": "2019-06-30"])
      .isRefused(.conflict, "already-member", field: "member")
    var spec = spec
    spec.given("add-group-member", ["group": "kammern", "member": "tu", "from": "2019-03-01"])
    spec.when("add-group-member", ["group": "kammern", "member": "tu", "from": "2018-10-01", "until": "2019-03-02"])
      .isRefused(.conflict, "already-member", field: "member")
    spec.when("add-group-member", ["group": "kammern", "member": "tu", "from": "2018-10-01", "until": "2019-03-01"])
      .yields("group.member-added.v1", on: "groups/\(id(41))")
  }

  @Test func `a membership begins neither before its group nor before its member`() {
    spec.when("add-group-member", ["group": "kammern", "member": "tu", "from": "2018-01-01"])
      .isRefused(.rule, "before-start", field: "group", facts: ["start": "2018-09-04"])
    var spec = spec
    spec.given("define-group", ["slug": "netz", "name": "Netz", "kind": "open"], on: day("2019-02-01"))
    spec.when("add-group-member", ["group": "netz", "member": "tu"], on: day("2019-01-31"))
      .isRefused(.rule, "before-start", field: "group", facts: ["start": "2019-02-01"])
    spec.when("add-group-member", ["group": "kammern", "member": "netz", "from": "2019-01-31"])
      .isRefused(.rule, "before-start", field: "member", facts: ["start": "2019-02-01"])
  }

  @Test func `a group never contains itself, directly or by way of others`() {
    var spec = spec
    spec.when("add-group-member", ["group": "kammern", "member": "kammern"])
      .isRefused(.rule, "cycle", field: "member", facts: ["path": ["kammern"]])
    spec.given("define-group", ["slug": "netz", "name": "Netz", "kind": "open"])
    spec.given("define-group", ["slug": "partner", "name": "Partner", "kind": "open"])
    spec.given("add-group-member", ["group": "netz", "member": "kammern"])
    spec.given("add-group-member", ["group": "partner", "member": "netz"])
    spec.when("add-group-member", ["group": "kammern", "member": "partner"])
      .isRefused(.rule, "cycle", field: "member", facts: ["path": ["partner", "netz", "kammern"]])
    // The same member by two ways is no cycle.
    spec.when("add-group-member", ["group": "partner", "member": "ihk"]).yields(
      "group.member-added.v1", on: "groups/\(spec.plan.party("partner")?.id.description ?? "")")
  }

  @Test func `only a group has members, and a membership ends after it starts`() {
    spec.when("add-group-member", ["group": "senweb", "member": "ihk"]).isRefused(.rule, "not-a-group", field: "group")
    for until: JSON in ["2019-01-01", "2018-12-31"] {
      spec.when("add-group-member", ["group": "kammern", "member": "tu", "from": "2019-01-01", "until": until])
        .isRefused(.rule, "end-before-start", field: "until")
    }
  }

  @Test func `an unknown group, member or document is refused`() {
    spec.when("add-group-member", ["group": "x", "member": "tu"])
      .isRefused(.notFound, "unknown-institution", field: "group", facts: ["reference": "x"])
    spec.when("add-group-member", ["group": "kammern", "member": "x"])
      .isRefused(.notFound, "unknown-institution", field: "member", facts: ["reference": "x"])
    spec.when("add-group-member", ["group": "kammern", "member": "tu", "source": ["X:1"]])
      .isRefused(.notFound, "unknown-document", field: "source")
  }

  @Test func `memberships at other times are no cycle`() {
    var spec = spec
    spec.given("define-group", ["slug": "netz", "name": "Netz", "kind": "open"])
    spec.given("add-group-member", ["group": "kammern", "member": "netz", "until": "2019-06-01"])
    spec.when("add-group-member", ["group": "netz", "member": "kammern", "from": "2019-05-31"])
      .isRefused(.rule, "cycle", field: "member", facts: ["path": ["kammern", "netz"]])
    spec.when("add-group-member", ["group": "netz", "member": "kammern", "from": "2019-06-01"]).isAccepted()
  }
}

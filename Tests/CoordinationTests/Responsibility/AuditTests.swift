import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// Who was responsible on a day, and what was known of it then: the questions of an auditor.
struct AuditTests {
  private var spec = DeciderSpecification.masterplan()

  private func leads(_ plan: Plan, on date: String) -> [String] {
    let assignments = plan.measure("fachkraefte.1.I")?.assignments.filter { $0.leads(on: day(date)) } ?? []
    return assignments.compactMap { plan.parties[$0.holder]?.name(at: day(date)) }
  }

  @Test func `a lead that ended before anybody recorded it was the lead all the same`() {
    var spec = spec
    let before = spec.plan
    spec.assign("lead", "ihk", 60, ["from": "2018-10-01", "until": "2019-02-01"])
    #expect(leads(spec.plan, on: "2019-01-31") == ["Institution ihk"])
    #expect(leads(spec.plan, on: "2019-02-01").isEmpty)
    // At the time nobody knew of it.
    #expect(leads(before, on: "2019-01-31").isEmpty)
    #expect(spec.plan.assignment(id(60).value)?.assignment.state(on: spec.today) == .ended)
  }

  @Test func `a hand-over agreed ahead was known before it took effect`() {
    var spec = spec
    spec.assign("lead", "ihk", 60)
    let before = spec.plan
    spec.given("hand-over-lead", ["assignment": id(60).json, "to": "tu", "from": "2019-12-01", "reason": "R"])
    #expect(leads(spec.plan, on: "2019-03-01") == ["Institution ihk"])
    #expect(leads(spec.plan, on: "2019-12-01") == ["Institution tu"])
    #expect(leads(before, on: "2019-12-01") == ["Institution ihk"])
  }

  @Test func `a report of the old time shows the old name, a report of today the new one`() {
    var spec = spec
    spec.assign("lead", "ihk", 60)
    let before = spec.plan
    spec.given("rename-institution", ["institution": "ihk", "name": "Neue Kammer"], on: day("2019-08-01"))
    #expect(leads(spec.plan, on: "2019-07-31") == ["Institution ihk"])
    #expect(leads(spec.plan, on: "2019-08-01") == ["Neue Kammer"])
    #expect(leads(before, on: "2019-08-01") == ["Institution ihk"])
    #expect(spec.plan.party(named: "Institution ihk")?.slug == "ihk")
  }

  @Test func `the chain of leads has no day without one and no day with two`() {
    var spec = spec
    spec.assign("lead", "ihk", 60)
    for (old, new, to, from) in [(60, 61, "tu", "2019-06-01"), (61, 62, "hwk", "2019-07-01")]
      as [(UInt64, UInt64, String, String)]
    {
      spec.given(
        "hand-over-lead",
        [
          "id": id(new).json, "assignment": id(old).json, "to": .string(to), "from": .string(from), "reason": "R",
        ])
    }
    let plan = spec.plan
    for offset in 0..<200 {
      let date = day("2019-03-01").advanced(byDays: Int32(offset)).description
      #expect(leads(plan, on: date).count == 1, "\(date)")
    }
  }

  @Test func `a merger with all its assignments leaves every earlier day as it was`() {
    var spec = spec
    spec.assign("lead", "ihk", 60)
    spec.assign("lead", "hwk", 61)
    spec.given(
      "succeed-institution", ["predecessors": ["ihk", "hwk"], "successor": "tu", "moveAssignments": true],
      on: day("2020-01-01"))
    spec.given("dissolve-institution", ["institution": "ihk", "successor": "tu"], on: day("2020-01-01"))
    #expect(leads(spec.plan, on: "2019-12-31") == ["Institution ihk", "Institution hwk"])
    #expect(leads(spec.plan, on: "2020-01-01") == ["Institution tu"])
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// The rules that all assigning commands share.
struct AssignmentTests {
  private let spec = DeciderSpecification.masterplan()
  private static let terms: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "institution": "tu"]
  static let roles = ["lead", "lead-partner", "contributor", "consulted", "unclear"]

  @Test(arguments: [
    ("lead", "lead-assigned"), ("lead-partner", "lead-partner-assigned"), ("contributor", "contributor-assigned"),
    ("consulted", "consulted-assigned"), ("unclear", "unclear-role-assigned"),
  ])
  func `each role has its own event`(role: String, event: String) throws {
    let data: JSON = ["assignment": id(60).json, "holder": id(34).json, "from": "2019-03-01"]
    spec.when("assign-\(role)", Self.terms).yields("measure.\(event).v1", on: "measures/\(id(21))", data)
    var later = spec
    later.given("assign-\(role)", Self.terms)
    let assignment = try #require(later.plan.measure("fachkraefte.1.I")?.assignments.last)
    #expect(assignment.role.rawValue == role)
    #expect(assignment.state(on: later.today) == .named)
  }

  @Test(arguments: roles)
  func `a condition makes an assignment dormant`(role: String) throws {
    var spec = spec
    spec.given("assign-\(role)", Self.terms.replacing("condition", "ggf."))
    #expect(spec.plan.measure("fachkraefte.1.I")?.assignments.last?.state(on: spec.today) == .dormant)
  }

  @Test(arguments: roles)
  func `the same assignment twice is refused, for another subject or time it is another one`(role: String) {
    var spec = spec
    spec.given("assign-\(role)", Self.terms.replacing("until", "2019-06-01"))
    let again = Self.terms.replacing("id", id(61).json)
    spec.when("assign-\(role)", again)
      .isRefused(.conflict, "already-assigned", field: "institution", facts: ["assignment": id(60).json])
    for other in [
      again.replacing("subject", "StEP"), again.replacing("phase", "Aufbau"), again.replacing("from", "2019-06-01"),
    ] {
      guard case .success = spec.when("assign-\(role)", other).result else {
        Issue.record("\(role) was refused")
        continue
      }
    }
  }

  @Test(arguments: roles)
  func `what does not exist, a taken id and a wrong period are refused`(role: String) {
    let command = "assign-\(role)"
    spec.when(command, Self.terms.replacing("measure", "fachkraefte.9.I"))
      .isRefused(.notFound, "unknown-measure", field: "measure", facts: ["reference": "fachkraefte.9.I"])
    spec.when(command, Self.terms.replacing("institution", "nobody"))
      .isRefused(.notFound, "unknown-institution", field: "institution", facts: ["reference": "nobody"])
    spec.when(command, Self.terms.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source", facts: ["reference": "X"])
    for until: JSON in ["2019-03-01", "2019-02-28"] {
      spec.when(command, Self.terms.replacing("until", until)).isRefused(.rule, "end-before-start", field: "until")
    }
    var spec = spec
    spec.assign("contributor", "ihk", 60)
    spec.when(command, Self.terms).isRefused(
      .conflict, "id-taken", field: "id", facts: ["value": id(60).json, "holder": "fachkraefte.1.I"])
  }

  @Test func `who leads is neither lead partner nor consulted, and the other way round`() {
    for role in ["lead-partner", "consulted"] {
      var spec = spec
      spec.assign("lead", "tu", 61)
      spec.when("assign-\(role)", Self.terms).isRefused(
        .rule, "role-excluded", field: "institution", facts: ["assignment": id(61).json, "role": "lead"])
    }
  }

  @Test func `lead partner and contributor, or group and member, may stand side by side`() {
    var spec = spec
    spec.assign("lead", "kammern", 61)
    spec.assign("lead-partner", "ihk", 62)
    spec.assign("contributor", "ihk", 63)
    spec.assign("unclear", "ihk", 64)
    #expect(spec.plan.measure("fachkraefte.1.I")?.assignments.count == 4)
  }

  @Test func `a measure without any lead is allowed`() {
    #expect(spec.plan.measure("fachkraefte.1.I")?.assignments.isEmpty == true)
  }
}

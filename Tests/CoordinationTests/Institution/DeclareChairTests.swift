import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DeclareChairTests {
  private let spec = DeciderSpecification.masterplan()

  @Test(arguments: DeclareChair.Kind.allCases)
  func `a body has one chair or coordinator`(kind: DeclareChair.Kind) {
    var spec = spec
    let command: JSON = ["body": "skip", "by": "senweb", "kind": .string(kind.rawValue)]
    spec.when("declare-chair", command).yields(
      "institution.chair-declared.v1", on: "institutions/\(id(36))",
      ["by": id(31).json, "kind": .string(kind.rawValue)])
    spec.given("declare-chair", command)
    spec.when("declare-chair", command).isRefused(.conflict, "already-chaired", field: "body")
  }

  @Test func `nothing chairs itself; unknown parties and documents are refused`() {
    let command: JSON = ["body": "skip", "by": "skip", "kind": "chair"]
    spec.when("declare-chair", command).isRefused(.rule, "cycle", field: "by")
    spec.when("declare-chair", command.replacing("body", "x"))
      .isRefused(.notFound, "unknown-institution", field: "body", facts: ["reference": "x"])
    spec.when("declare-chair", command.replacing("by", "x"))
      .isRefused(.notFound, "unknown-institution", field: "by", facts: ["reference": "x"])
    spec.when("declare-chair", command.replacing("by", "tu").replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

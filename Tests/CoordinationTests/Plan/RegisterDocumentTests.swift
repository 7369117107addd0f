import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RegisterDocumentTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `a document gets a key that citations can use`() {
    let document: JSON = ["key": "S0-b", "title": "Geschäftsstelle", "sha256": "ab12"]
    spec.when("register-document", document).yields("plan.document-registered.v1", on: "plans/\(id(0))", document)
  }

  @Test(arguments: ["S 2", "S:2", "Ü1", "S_2", "1.2"])
  func `a key that no citation could hold is refused`(key: String) {
    spec.when("register-document", ["key": .string(key), "title": "T"])
      .isRefused(.malformed, "invalid-value", field: "key")
  }

  @Test func `a key belongs to one document`() {
    spec.when("register-document", ["key": "S2", "title": "T"])
      .isRefused(.conflict, "key-taken", field: "key", facts: ["value": "S2", "holder": "document"])
  }
}

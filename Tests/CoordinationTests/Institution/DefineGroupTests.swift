import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct DefineGroupTests {
  private let spec = DeciderSpecification.masterplan()
  private static let group: JSON = [
    "id": id(60).json, "slug": "bezirke", "short": "Bezirke", "name": "Berliner Bezirke", "kind": "collective",
  ]

  @Test(arguments: Party.GroupKind.allCases)
  func `a group of every kind is defined, without members`(kind: Party.GroupKind) {
    let group = Self.group.replacing("kind", .string(kind.rawValue))
    spec.when("define-group", group).yields("group.defined.v1", on: "groups/\(id(60))", group.replacing("id", nil))
  }

  @Test func `a relative group refers to the group that it is one of`() {
    let group = Self.group.replacing("kind", "relative").replacing("of", "kammern")
    spec.when("define-group", group)
      .yields("group.defined.v1", on: "groups/\(id(60))", group.replacing("id", nil).replacing("of", id(41).json))
  }

  @Test func `any other kind refers to none`() {
    spec.when("define-group", Self.group.replacing("of", "kammern")).isRefused(.rule, "not-relative", field: "of")
  }

  @Test func `a taken id, slug, name or short form, an unknown group and an unknown document are refused`() {
    spec.when("define-group", Self.group.replacing("id", id(41).json)).isRefused(.conflict, "id-taken", field: "id")
    spec.when("define-group", Self.group.replacing("slug", "ihk")).isRefused(
      .conflict, "slug-taken", field: "slug", facts: ["value": "ihk", "holder": .string("institutions/\(id(32))")])
    spec.when("define-group", Self.group.replacing("name", "Kammern"))
      .isRefused(.conflict, "name-taken", field: "name", facts: ["value": "Kammern", "holder": "kammern"])
    spec.when("define-group", Self.group.replacing("short", "Kammern"))
      .isRefused(.conflict, "name-taken", field: "short")
    spec.when("define-group", Self.group.replacing("kind", "relative").replacing("of", "nobody"))
      .isRefused(.notFound, "unknown-institution", field: "of", facts: ["reference": "nobody"])
    spec.when("define-group", Self.group.replacing("source", ["X:1"]))
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

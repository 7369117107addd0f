import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct NoteOtherTitleTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `the plan and a cluster can have further titles`() throws {
    spec.when("note-other-title", ["title": "Zweiter", "source": ["S2:1"]])
      .yields("plan.other-title-noted.v1", on: "plans/\(id(0))", ["title": "Zweiter", "source": ["S2:1"]])
    spec.when("note-other-title", ["cluster": "fachkraefte", "title": "Zweiter"])
      .yields("plan.other-title-noted.v1", on: "theme-clusters/\(id(11))", ["title": "Zweiter"])
    var later = spec
    later.given("note-other-title", ["title": "P"])
    later.given("note-other-title", ["cluster": "fachkraefte", "title": "C"])
    #expect(later.plan.otherTitles.map(\.title) == ["P"])
    #expect(try #require(later.plan.cluster(slug: "fachkraefte")).otherTitles.map(\.title) == ["C"])
  }

  @Test func `the same title twice, an unknown cluster and an unknown document are refused`() {
    var spec = spec
    spec.given("note-other-title", ["title": "P"])
    spec.given("note-other-title", ["cluster": "fachkraefte", "title": "C"])
    spec.when("note-other-title", ["title": "P"])
      .isRefused(.conflict, "title-taken", field: "title", facts: ["value": "P", "holder": .string("plans/\(id(0))")])
    spec.when("note-other-title", ["cluster": "fachkraefte", "title": "C"])
      .isRefused(.conflict, "title-taken", field: "title")
    spec.when("note-other-title", ["cluster": "energie", "title": "P"])
      .isRefused(.notFound, "unknown-cluster", field: "cluster", facts: ["reference": "energie"])
    spec.when("note-other-title", ["title": "Q", "source": ["X:1"]])
      .isRefused(.notFound, "unknown-document", field: "source")
  }
}

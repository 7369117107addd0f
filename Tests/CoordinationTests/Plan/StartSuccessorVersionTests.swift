import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct StartSuccessorVersionTests {
  private let spec = DeciderSpecification.masterplan()
  private static let successor: JSON = [
    "id": id(2).json, "slug": "2022-2025", "title": "Fassung 2022–2025", "from": "2022-01-01", "until": "2025-12-31",
  ]

  @Test func `a version is registered and continues the current one`() throws {
    let events = try spec.when("start-successor-version", Self.successor).result.get()
    #expect(
      events.map { type(of: $0.fact).type } == [
        "org.federwerk.plan.version-registered.v1", "org.federwerk.plan.successor-started.v1",
      ])
    #expect(events.allSatisfy { $0.subject.description == "plans/\(id(0))" })
    let said: JSON = ["version": id(2).json, "predecessor": id(1).json]
    #expect(events.last?.clearData().canonicalBytes == said.canonicalBytes)
  }

  @Test func `it inherits the rules that it does not set`() throws {
    var spec = spec
    let old = try #require(spec.plan.currentVersion)
    spec.given("configure-lists", ["conditions": ["gut", "schlecht"], "horizons": ["bald"]])
    spec.given("start-successor-version", Self.successor.replacing("leadCap", 3))
    let version = try #require(spec.plan.currentVersion)
    #expect(version.id == id(2).value)
    #expect(version.predecessor == old.id)
    #expect(version.leadCap == 3)
    #expect(version.conditions == ["gut", "schlecht"])
    #expect(version.horizons == ["bald"])
    #expect(version.ladder == old.ladder)
    #expect(version.resolutionDate == nil)
  }

  @Test func `it sets its own rules`() throws {
    var spec = spec
    let more: JSON = [
      "timeZone": "Europe/Vienna", "conditions": ["a", "b"], "ladder": [["slug": "lead", "title": "Federführung"]],
    ]
    spec.given("start-successor-version", .object((Self.successor.members ?? []) + (more.members ?? [])))
    let version = try #require(spec.plan.currentVersion)
    #expect(version.timeZone == "Europe/Vienna")
    #expect(version.conditions == ["a", "b"])
    #expect(version.ladder.map(\.slug.text) == ["lead"])
  }

  @Test func `a closed plan is carried on by its successor`() {
    var spec = spec
    spec.given("close-plan", ["reason": "Ende"])
    let goal: JSON = ["cluster": "fachkraefte", "letter": "b", "title": "Neues Ziel"]
    spec.when("set-goal", goal).isRefused(.conflict, "plan-closed", facts: ["closed": "2019-03-01"])
    spec.given("start-successor-version", Self.successor)
    spec.when("set-goal", goal).isAccepted()
  }

  @Test func `it begins after the version that it continues and needs one`() {
    spec.when("start-successor-version", Self.successor.replacing("from", "2018-05-01")).isRefused(
      .rule, "before-predecessor", field: "from", facts: ["predecessor": "2018-2021", "from": "2018-05-01"])
    spec.when("start-successor-version", Self.successor.replacing("slug", "2018-2021"))
      .isRefused(.conflict, "slug-taken", field: "slug")
    DeciderSpecification().when("start-successor-version", Self.successor).isRefused(.conflict, "no-plan-version")
  }

  @Test func `a version has an id of its own`() {
    var spec = DeciderSpecification.masterplan()
    let next: JSON = ["id": id(93).json, "slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"]
    spec.given("start-successor-version", next)
    spec.when("start-successor-version", next.replacing("slug", "c"))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["value": id(93).json, "holder": "b"])
  }
}

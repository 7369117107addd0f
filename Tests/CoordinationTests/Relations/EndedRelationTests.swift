import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §29
struct SeeAlsoTests {
  private let spec = DeciderSpecification.masterplan()
  private static let link: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "to": "fachkraefte.1.II"]

  @Test func `a cross-reference is read from both ends`() {
    var spec = spec
    spec.given("link-measures", Self.link)
    spec.given("declare-dependency", ["id": id(61).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"])
    let (one, two) = (MeasureID(id(21).value), MeasureID(id(22).value))
    let fromOne = spec.plan.links(readFrom: one, on: spec.today)
    #expect(fromOne.map(\.id) == [id(60).value, id(61).value])
    #expect(fromOne.map { $0.otherEnd(from: one) } == [.measure(two), .measure(two)])
    // A dependency has a direction.
    let fromTwo = spec.plan.links(readFrom: two, on: spec.today)
    #expect(fromTwo.map(\.id) == [id(60).value])
    #expect(fromTwo.map { $0.otherEnd(from: two) } == [.measure(one)])
    #expect(spec.plan.links(readFrom: one, on: day("2019-02-28")).isEmpty)
  }

  @Test func `the other end need not refer back`() {
    var spec = spec
    spec.given("link-measures", Self.link)
    spec.when("link-measures", ["measure": "fachkraefte.1.II", "to": "fachkraefte.1.I"])
      .isRefused(.conflict, "already-linked", field: "to")
    spec.when("link-measures", Self.link.replacing("to", "fachkraefte.1.III"))
      .isRefused(.conflict, "id-taken", field: "id", facts: ["value": id(60).json, "holder": "fachkraefte.1.I"])
  }
}

struct LiftDependencyTests {
  private var spec = DeciderSpecification.masterplan()

  init() {
    spec.given("declare-dependency", ["id": id(60).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"])
  }

  @Test func `a dependency is lifted once`() throws {
    var spec = spec
    let lift: JSON = ["link": id(60).json, "reason": "Liegt vor"]
    spec.when("lift-dependency", lift)
      .yields("measure.dependency-lifted.v1", on: "measures/\(id(21))", ["link": id(60).json, "reason": "Liegt vor"])
    spec.given("lift-dependency", lift, on: day("2019-06-01"))
    let link = try #require(spec.plan.links.first)
    #expect(link.holds(on: day("2019-05-31")))
    #expect(!link.holds(on: day("2019-06-01")))
    spec.when("lift-dependency", lift).isRefused(.conflict, "already-ended", field: "link")
    spec.when("lift-dependency", ["link": id(61).json])
      .isRefused(.notFound, "unknown-link", field: "link", facts: ["reference": id(61).json])
  }

  @Test func `what is lifted closes no cycle and can be declared again`() {
    var spec = spec
    let back: JSON = ["measure": "fachkraefte.1.II", "on": "fachkraefte.1.I"]
    spec.when("declare-dependency", back).isRefused(
      .rule, "cycle", field: "on", facts: ["path": ["fachkraefte.1.I", "fachkraefte.1.II"]])
    spec.given("lift-dependency", ["link": id(60).json], on: day("2019-06-01"))
    spec.when("declare-dependency", back, on: day("2019-05-31")).isRefused(.rule, "cycle", field: "on")
    spec.when("declare-dependency", back, on: day("2019-06-01")).isAccepted()
    spec.when("declare-dependency", ["measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"], on: day("2019-06-01"))
      .isAccepted()
  }

  @Test func `the same act is waited for once`() {
    var spec = spec
    let act: JSON = ["measure": "fachkraefte.1.I", "act": "Mobilitätsgesetz"]
    spec.given("declare-dependency", act)
    spec.when("declare-dependency", act).isRefused(.conflict, "already-linked", field: "act")
  }

  @Test func `another link is no dependency`() {
    var spec = spec
    spec.given("link-strategy", ["id": id(62).json, "measure": "fachkraefte.1.I", "strategy": "bek"])
    spec.when("lift-dependency", ["link": id(62).json])
      .isRefused(.rule, "not-a-dependency", field: "link", facts: ["kind": "strategy"])
  }
}

struct DeclareCrossCuttingTests {
  private let spec = DeciderSpecification.masterplan()
  private static let theme: JSON = ["id": id(60).json, "cluster": "fachkraefte"]

  @Test func `a cluster or another theme concerns the whole plan`() {
    spec.when("declare-cross-cutting", Self.theme).yields(
      "plan.cross-cutting-declared.v1", on: "plans/\(id(0))", ["link": id(60).json, "cluster": id(11).json])
    spec.when("declare-cross-cutting", ["id": id(60).json, "theme": "Digitalisierung", "source": ["S2:1"]]).yields(
      "plan.cross-cutting-declared.v1", on: "plans/\(id(0))",
      ["link": id(60).json, "theme": "Digitalisierung", "source": ["S2:1"]])
    var later = spec
    later.given("declare-cross-cutting", Self.theme)
    #expect(later.plan.links.map(\.kind) == [.crossCutting])
  }

  @Test func `one of the two, known, and once`() {
    var spec = spec
    spec.when("declare-cross-cutting", ["id": id(60).json]).isRefused(.malformed, "invalid-value", field: "cluster")
    spec.when("declare-cross-cutting", Self.theme.replacing("theme", "T"))
      .isRefused(.malformed, "invalid-value", field: "cluster")
    spec.when("declare-cross-cutting", Self.theme.replacing("cluster", "x"))
      .isRefused(.notFound, "unknown-cluster", field: "cluster")
    spec.given("declare-cross-cutting", Self.theme)
    spec.given("declare-cross-cutting", ["theme": "T"])
    spec.when("declare-cross-cutting", Self.theme.replacing("id", nil))
      .isRefused(.conflict, "already-linked", field: "cluster")
    spec.when("declare-cross-cutting", ["theme": "T"]).isRefused(.conflict, "already-linked", field: "theme")
  }
}

struct EndLinkTests {
  private let spec = DeciderSpecification.masterplan()

  @Test func `a link of any kind ends and can be made again`() {
    let links: [(String, JSON, String)] = [
      ("link-measures", ["measure": "fachkraefte.1.I", "to": "fachkraefte.1.II"], "measures/\(id(21))"),
      ("link-measures", ["measure": "fachkraefte.1.I", "to": "fachkraefte"], "measures/\(id(21))"),
      ("link-strategy", ["measure": "fachkraefte.1.I", "strategy": "bek"], "measures/\(id(21))"),
      ("declare-dependency", ["measure": "fachkraefte.1.I", "act": "Gesetz"], "measures/\(id(21))"),
      ("declare-cross-cutting", ["theme": "Digitalisierung"], "plans/\(id(0))"),
    ]
    for (command, json, subject) in links {
      var spec = spec
      spec.given(command, json.replacing("id", id(60).json))
      let end: JSON = ["link": id(60).json, "reason": "R"]
      spec.when("end-link", end, on: day("2019-02-28"))
        .isRefused(.rule, "end-before-start", field: "effectiveDate", facts: ["start": "2019-03-01"])
      spec.when("end-link", end).yields("plan.link-ended.v1", on: subject, ["link": id(60).json, "reason": "R"])
      spec.given("end-link", end)
      #expect(spec.plan.links.map(\.until) == [spec.today])
      spec.when("end-link", end).isRefused(.conflict, "already-ended", field: "link")
      spec.when(command, json.replacing("id", id(60).json)).isAccepted()
    }
  }

  @Test func `a measure comes back from another programme to where it stood`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.given("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"))
    let external: JSON = ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]
    spec.given("link-external-measure", external, on: day("2019-04-01"))
    spec.when("end-link", ["external": "fachkraefte.1.I"], on: day("2019-03-31"))
      .isRefused(.rule, "end-before-start", field: "effectiveDate")
    spec.when("end-link", ["external": "fachkraefte.1.I"], on: day("2019-06-01")).yields(
      "plan.link-ended.v1", on: "measures/\(id(21))", ["programme": "bek", "externalID": "W-14"])
    spec.given("end-link", ["external": "fachkraefte.1.I"], on: day("2019-06-01"))
    let measure = try spec.measure
    #expect(measure.external == nil)
    #expect(measure.externals.map(\.until) == [day("2019-06-01")])
    #expect(measure.state(on: day("2019-03-31")) == .running)
    #expect(measure.state(on: day("2019-05-31")) == .external)
    #expect(measure.state(on: day("2019-06-01")) == .running)
    spec.when("end-link", ["external": "fachkraefte.1.I"]).isRefused(.conflict, "already-ended", field: "external")
    // Until then the other programme reports on it, and its id names no other measure.
    let status: JSON = [
      "programme": "bek", "externalID": "W-14", "statusID": "S-1", "status": "läuft", "date": "2019-03-01",
    ]
    spec.when("record-external-status", status).isAccepted()
    let other = external.replacing("measure", "fachkraefte.1.II")
    spec.when("link-external-measure", other).isRefused(.conflict, "external-id-taken", field: "externalID")
    spec.when("link-external-measure", other, on: day("2019-06-01")).isAccepted()
    #expect(measure.external(on: day("2019-05-31"))?.externalID == "W-14")
    #expect(measure.external(on: day("2019-06-01")) == nil)
    spec.today = day("2019-06-01")
    spec.when("record-external-status", status).isRefused(.notFound, "unknown-external-measure", field: "externalID")
  }

  @Test func `a link does not begin before a state that would outlive it unseen`() {
    var spec = spec
    spec.assign("lead", "tu", 60, ["from": "2018-09-04"])
    spec.given(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"),
      on: day("2019-02-15"))
    let external: JSON = ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]
    spec.when("link-external-measure", external, on: day("2019-02-01"))
      .isRefused(.conflict, "later-change", field: "effectiveDate")
  }

  @Test func `so it does when all of that happened on one day`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.given("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"))
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    spec.given("end-link", ["external": "fachkraefte.1.I"])
    #expect(try spec.measure.states.last == .running)
  }

  @Test func `what was reported late of the days before the link counts when it ends`() throws {
    var spec = spec
    spec.assign("lead", "tu", 60, ["from": "2018-09-04"])
    let external: JSON = ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]
    spec.given("link-external-measure", external, on: day("2019-02-01"))
    spec.given(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"),
      on: day("2019-01-15"))
    spec.given("end-link", ["external": "fachkraefte.1.I"], on: day("2019-03-01"))
    let measure = try spec.measure
    #expect(measure.state(on: day("2019-01-31")) == .running)
    #expect(measure.state(on: day("2019-02-28")) == .external)
    #expect(measure.state(on: day("2019-03-01")) == .running)
  }

  @Test func `one of the two, and known`() {
    spec.when("end-link", [:]).isRefused(.malformed, "invalid-value", field: "link")
    spec.when("end-link", ["link": id(60).json, "external": "fachkraefte.1.I"])
      .isRefused(.malformed, "invalid-value", field: "link")
    spec.when("end-link", ["link": id(60).json]).isRefused(.notFound, "unknown-link", field: "link")
    spec.when("end-link", ["external": "x"]).isRefused(.notFound, "unknown-measure", field: "external")
  }

  @Test func `a closed plan still takes links and their end`() {
    let kinds: [any PlanCommand.Type] = [
      LinkMeasures.self, LinkStrategy.self, LinkExternalMeasure.self, DeclareCrossCutting.self, EndLink.self,
    ]
    #expect(kinds.allSatisfy { $0.isForClosedPlans })
  }
}

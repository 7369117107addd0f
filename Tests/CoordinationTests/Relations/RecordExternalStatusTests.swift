import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// §28
struct RecordExternalStatusTests {
  private var spec = DeciderSpecification.masterplan()
  private let partner = PlanActor.partner("bek-monitoring")
  private static let status: JSON = [
    "programme": "bek", "externalID": "W-14", "statusID": "S-2", "status": "in Umsetzung", "percent": 30,
    "date": "2019-02-01",
  ]

  init() {
    spec.given(
      "register-partner-system", ["slug": "bek-monitoring", "name": "Monitoring des BEK", "programmes": ["bek"]])
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
  }

  private func external(_ spec: DeciderSpecification) throws -> ExternalReference {
    try #require(try spec.measure.external)
  }

  @Test func `a partner pushes a status with its own id and date`() throws {
    spec.when("record-external-status", Self.status, as: partner)
      .yields("measure.external-status-recorded.v1", on: "measures/\(id(21))", Self.status)
    var later = spec
    later.given("record-external-status", Self.status, as: partner)
    #expect(try external(later).status?.status == "in Umsetzung")
    #expect(try external(later).status?.percent == 30)
    #expect(try later.measure.states.last == .external)
    #expect(try later.measure.conditions.last == nil)
  }

  @Test func `a partner reports only for its own programmes, registered and not suspended`() {
    spec.when("record-external-status", Self.status, as: .sample(.partner))
      .isRefused(.forbidden, "unregistered-partner")
    spec.when("record-external-status", Self.status, as: .partner("somebody"))
      .isRefused(.forbidden, "unregistered-partner")
    var spec = spec
    spec.given("register-partner-system", ["slug": "press", "name": "Pressestelle"])
    spec.when("record-external-status", Self.status, as: .partner("press"))
      .isRefused(.forbidden, "foreign-programme", field: "programme", facts: ["programmes": []])
    spec.given("suspend-partner", ["partner": "bek-monitoring", "reason": "Schlüssel verloren"])
    spec.when("record-external-status", Self.status, as: partner).isRefused(.forbidden, "partner-suspended")
    spec.given("reinstate-partner", ["partner": "bek-monitoring"])
    spec.when("record-external-status", Self.status, as: partner).isAccepted()
  }

  @Test func `an older status is kept as history and is not the current one`() throws {
    var spec = spec
    spec.given("record-external-status", Self.status, as: partner)
    let older = Self.status.replacing("statusID", "S-1").replacing("date", "2018-12-01").replacing("percent", 10)
    spec.given("record-external-status", older, as: partner)
    let external = try external(spec)
    #expect(external.status?.id == "S-2")
    #expect(external.statuses.entries.map(\.value.id) == ["S-1", "S-2"])
    #expect(external.statuses.value(at: day("2019-01-31"))?.percent == 10)
  }

  @Test func `the same status again changes nothing, another one under its id is refused`() {
    var spec = spec
    spec.given("record-external-status", Self.status, as: partner)
    spec.when("record-external-status", Self.status, as: partner).yieldsNothing()
    spec.when("record-external-status", Self.status.replacing("percent", 31), as: partner).isRefused(
      .conflict, "status-id-taken", field: "statusID",
      facts: ["value": "S-2", "holder": "fachkraefte.1.I 2019-02-01"])
    // Of two of one day the later one counts, and the earlier one is still known.
    spec.given("record-external-status", Self.status.replacing("statusID", "S-3"), as: partner)
    spec.when("record-external-status", Self.status, as: partner).yieldsNothing()
  }

  @Test func `an id that another measure gets later names the first one until then`() {
    var spec = spec
    spec.given("end-link", ["external": "fachkraefte.1.I"], on: day("2019-06-01"))
    spec.given(
      "link-external-measure", ["measure": "fachkraefte.1.II", "programme": "bek", "externalID": "W-14"],
      on: day("2019-06-01"))
    spec.when("record-external-status", Self.status, as: partner)
      .yields("measure.external-status-recorded.v1", on: "measures/\(id(21))")
    spec.today = day("2019-06-01")
    spec.when("record-external-status", Self.status, as: partner)
      .yields("measure.external-status-recorded.v1", on: "measures/\(id(22))")
  }

  @Test func `an id names what continues its measure only once that has begun`() throws {
    var spec = spec
    spec.given("start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    spec.when("record-external-status", Self.status, as: partner)
      .yields("measure.external-status-recorded.v1", on: "measures/\(id(21))")
    var ended = spec
    ended.given("end-link", ["external": id(21).json], on: day("2019-06-01"))
    #expect(try #require(ended.plan.measure("\(id(21))")).external == nil)

    spec.given("record-external-status", Self.status, as: partner)
    #expect(try #require(spec.plan.measure("\(id(60))")).external?.status?.id == "S-2")
    spec.today = day("2022-01-01")
    spec.when("record-external-status", Self.status, as: partner).yieldsNothing()
    spec.when("record-external-status", Self.status.replacing("statusID", "S-3"), as: partner)
      .yields("measure.external-status-recorded.v1", on: "measures/\(id(60))")
  }

  @Test func `an unknown programme, an unlinked measure and bad values are refused`() {
    spec.when("record-external-status", Self.status.replacing("programme", "x"), as: partner)
      .isRefused(.notFound, "unknown-programme", field: "programme", facts: ["reference": "x"])
    spec.when("record-external-status", Self.status.replacing("externalID", "W-15"), as: partner)
      .isRefused(.notFound, "unknown-external-measure", field: "externalID", facts: ["reference": "bek/W-15"])
    spec.when("record-external-status", Self.status.replacing("percent", 101), as: partner)
      .isRefused(.rule, "percent-out-of-range", field: "percent")
    spec.when("record-external-status", Self.status.replacing("date", "2019-03-02"), as: partner)
      .isRefused(.rule, "future-date", field: "date", facts: ["date": "2019-03-02"])
    spec.when("record-external-status", Self.status, as: .lead("tu")).isRefused(.forbidden, "role-not-allowed")
    var spec = spec
    spec.given("end-link", ["external": "fachkraefte.1.I"])
    spec.when("record-external-status", Self.status, as: partner)
      .isRefused(.notFound, "unknown-external-measure", field: "externalID")
  }
}

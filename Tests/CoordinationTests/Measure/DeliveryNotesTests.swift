import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RecordDeliverableTests {
  private let spec = DeciderSpecification.masterplan()
  private static let deliverable: JSON = ["measure": "fachkraefte.1.I", "deliverable": "Broschüre"]

  @Test func `what came out is recorded with where it is found`() throws {
    let found = Self.deliverable.replacing("reference", "https://example.org").replacing("source", ["S2:765"])
    spec.when("record-deliverable", found).yields(
      "measure.deliverable-recorded.v1", on: "measures/\(id(21))",
      ["deliverable": "Broschüre", "reference": "https://example.org", "source": ["S2:765"]])
    var later = spec
    later.given("record-deliverable", Self.deliverable, on: day("2019-02-01"))
    #expect(try later.measure.recordedDeliverables.map(\.deliverable) == ["Broschüre"])
    #expect(try later.measure.recordedDeliverables.first?.on == day("2019-02-01"))
    later.when("record-deliverable", Self.deliverable).isRefused(.conflict, "already-recorded", field: "deliverable")
  }

  @Test func `not in the future, not of a discontinued measure, but of a completed one`() {
    spec.when("record-deliverable", Self.deliverable, on: day("2019-03-02"))
      .isRefused(.rule, "future-date", field: "effectiveDate")
    var spec = spec
    spec.assign("lead", "tu", 60)
    spec.given("report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .lead("tu"))
    spec.given("complete-measure", ["measure": "fachkraefte.1.I"])
    spec.when("record-deliverable", Self.deliverable, as: .lead("tu")).isAccepted()
    spec.given("discontinue-measure", ["measure": "fachkraefte.1.I", "reason": "R"])
    spec.when("record-deliverable", Self.deliverable).isRefused(.conflict, "discontinued", field: "measure")
  }
}

struct NoteResourcesTests {
  private let spec = DeciderSpecification.masterplan()
  private static let note: JSON = ["measure": "fachkraefte.1.I", "fund": "SIWANA", "amount": 250_000]

  @Test func `means are noted by fund and amount or in words`() throws {
    spec.when("note-resources", Self.note)
      .yields("measure.resources-noted.v1", on: "measures/\(id(21))", ["fund": "SIWANA", "amount": 250_000])
    var later = spec
    later.given("note-resources", Self.note)
    later.given("note-resources", ["measure": "fachkraefte.1.I", "text": "Im Rahmen vorhandener Mittel"])
    #expect(try later.measure.resourceNotes.count == 2)
  }

  @Test func `a note that says nothing and a negative amount are refused`() {
    spec.when("note-resources", Self.note.replacing("fund", nil))
      .isRefused(.malformed, "invalid-value", field: "fund")
    spec.when("note-resources", Self.note.replacing("amount", -1))
      .isRefused(.rule, "negative-amount", field: "amount")
  }
}

/// §49
struct HighlightAndSupportTests {
  private static let highlight: JSON = ["measure": "fachkraefte.1.I", "reason": "Strahlt aus"]
  private static let request: JSON = ["id": id(70).json, "measure": "fachkraefte.1.I", "text": "Moderation"]
  private static let grant: JSON = ["measure": "fachkraefte.1.I", "request": id(70).json]

  private var spec: DeciderSpecification {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 60)
    return spec
  }

  @Test func `the office highlights a measure once, with a reason`() throws {
    var spec = spec
    spec.when("highlight-measure", Self.highlight)
      .yields("measure.highlighted.v1", on: "measures/\(id(21))", ["reason": "Strahlt aus"])
    spec.given("highlight-measure", Self.highlight)
    #expect(try spec.measure.highlighted?.date == day("2019-03-01"))
    spec.when("highlight-measure", Self.highlight).isRefused(.conflict, "already-highlighted", field: "measure")
    spec.when("highlight-measure", Self.highlight.replacing("reason", nil))
      .isRefused(.malformed, "missing-field", field: "reason")
  }

  @Test func `a lead asks for support and the office grants it once`() throws {
    var spec = spec
    spec.when("request-support", Self.request, as: .lead("tu")).yields(
      "measure.support-requested.v1", on: "measures/\(id(21))",
      ["request": id(70).json, "institution": id(34).json, "text": "Moderation"])
    spec.given("request-support", Self.request, as: .lead("tu"))
    spec.when("request-support", Self.request, as: .lead("tu")).isRefused(.conflict, "id-taken", field: "id")
    spec.when("grant-support", Self.grant.replacing("text", "Ab Mai"))
      .yields("measure.support-granted.v1", on: "measures/\(id(21))", ["request": id(70).json, "text": "Ab Mai"])
    spec.given("grant-support", Self.grant, on: day("2019-03-05"))
    #expect(try spec.measure.supportRequests.first?.granted?.date == day("2019-03-05"))
    spec.when("grant-support", Self.grant).isRefused(.conflict, "already-granted", field: "request")
    spec.when("grant-support", Self.grant.replacing("request", id(71).json)).isRefused(
      .notFound, "unknown-support-request", field: "request", facts: ["reference": id(71).json])
  }

  @Test func `who does not lead asks for nothing, the office asks in a lead's name`() {
    spec.when("request-support", Self.request, as: .lead("ihk")).isRefused(.forbidden, "not-lead", field: "measure")
    spec.when("request-support", Self.request.replacing("institution", "tu"), as: .lead("ihk"))
      .isRefused(.forbidden, "other-institution", field: "institution")
    spec.when("request-support", Self.request.replacing("institution", "tu")).isAccepted()
    spec.when("request-support", Self.request).isRefused(.forbidden, "not-lead", field: "measure")
  }

  @Test func `nothing of this on a discontinued measure`() {
    var spec = spec
    spec.given("request-support", Self.request, as: .lead("tu"))
    spec.given("discontinue-measure", ["measure": "fachkraefte.1.I", "reason": "R"])
    spec.when("highlight-measure", Self.highlight).isRefused(.conflict, "discontinued", field: "measure")
    spec.when("grant-support", Self.grant).isRefused(.conflict, "discontinued", field: "measure")
    spec.when("request-support", Self.request.replacing("id", nil), as: .lead("tu"))
      .isRefused(.conflict, "discontinued", field: "measure")
  }
}

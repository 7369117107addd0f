import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct TimelineQueryTests {
  private let timeline: [TimelineEntry] = {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "tu", 62)
    spec.given(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], as: .contributor("tu"))
    spec.given("end-assignment", ["assignment": id(62).json])
    spec.given("revise-wording", ["item": "tu", "title": "Technische Universität"])
    return spec.timeline()
  }()

  private func types(_ change: (inout TimelineQuery) -> Void) -> [String] {
    var query = TimelineQuery()
    change(&query)
    query.limit = 1000
    return query.page(of: timeline).entries.map { String($0.type.dropFirst("org.federwerk.".count)) }
  }

  @Test func `by subject`() {
    #expect(
      types { $0.subject = id(21).value } == [
        "measure.added.v1", "measure.lead-assigned.v1", "measure.contributor-assigned.v1",
        "measure.progress-reported.v1", "measure.assignment-ended.v1",
      ])
    #expect(types { $0.subject = id(404).value }.isEmpty)
  }

  @Test func `by actor`() { #expect(types { $0.actor = .sample(9003) } == ["measure.progress-reported.v1"]) }

  @Test func `by institution: as holder, on whose behalf, and as subject`() {
    #expect(
      types { $0.institution = id(34).value } == [
        "institution.registered.v1", "institution.unit-declared.v1", "measure.contributor-assigned.v1",
        "measure.progress-reported.v1", "measure.assignment-ended.v1", "plan.wording-revised.v2",
      ])
  }

  @Test func `by type`() {
    #expect(types { $0.type = "org.federwerk.measure.lead-assigned.v1" } == ["measure.lead-assigned.v1"])
    #expect(types { $0.type = "org.federwerk.measure" }.isEmpty)
  }

  @Test func `by position and by recorded time, both ends included`() throws {
    let (first, last) = (timeline[3], timeline[5])
    for bounds in [
      (TimelineQuery.Bound.position(first.position), TimelineQuery.Bound.position(last.position)),
      (.recordedAt(first.recordedAt), .recordedAt(last.recordedAt)),
    ] {
      var query = TimelineQuery()
      (query.from, query.to) = bounds
      #expect(query.page(of: timeline).entries == Array(timeline[3...5]))
    }
  }

  @Test func `filters narrow each other`() {
    #expect(
      types {
        $0.institution = id(34).value
        $0.subject = id(21).value
        $0.from = .position(timeline[timeline.count - 2].position)
      } == ["measure.assignment-ended.v1"])
  }

  @Test(arguments: [false, true]) func `pages follow each other without gap or overlap`(newestFirst: Bool) {
    var query = TimelineQuery()
    query.isNewestFirst = newestFirst
    query.limit = 7
    var read: [TimelineEntry] = []
    repeat {
      let (entries, next) = query.page(of: timeline)
      #expect(entries.count <= 7)
      read += entries
      query.cursor = next
    } while query.cursor != nil
    #expect(read == (newestFirst ? timeline.reversed() : timeline))
  }

  @Test func `a page that ends with the last entry has none after it`() {
    var query = TimelineQuery()
    query.limit = timeline.count
    #expect(query.page(of: timeline).next == nil)
    query.limit -= 1
    #expect(query.page(of: timeline).next == timeline[timeline.count - 2].position)
    #expect(query.page(of: []).entries.isEmpty)
  }
}

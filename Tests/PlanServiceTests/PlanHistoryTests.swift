import Coordination
import EventSourcing
import HangLimit
import PlanService
import Projections
import Testing

@Suite(.hangLimit)
struct PlanHistoryTests {
  @Test func `the plan at a position is the fold up to it, for every position`() async throws {
    let rehearsal = try await told()
    try await rehearsal.withService({ $0.replayPageSize = 3 }) { service in
      let events = try await rehearsal.events()
      for count in 1...events.count {
        let position = Position(Int64(count - 1))
        let shown = try #require(try await service.plan(rehearsal.plan, at: .position(position)))
        #expect(try views(of: shown) == views(of: fold(events.prefix(count), rehearsal.plan)), "position \(count - 1)")
        #expect(shown.size == LogSize(Int64(count)))
      }
    }
  }

  @Test func `the plan as of a time is the fold of what was recorded until then`() async throws {
    let rehearsal = try await told()
    try await rehearsal.withService({ $0.replayPageSize = 3 }) { service in
      let events = try await rehearsal.events()
      let times = Set(events.map(\.recordedAt)).sorted()
      #expect(times.count > 3)
      for time in times + times.map({ $0.advanced(byMicroseconds: -1) }) + times.map({ $0.advanced(byMicroseconds: 1) })
      {
        let shown = try #require(try await service.plan(rehearsal.plan, at: .asOf(time)))
        let known = events.filter { $0.recordedAt <= time }
        #expect(try views(of: shown) == views(of: fold(known[...], rehearsal.plan)))
        #expect(shown.size == LogSize(Int64(known.count)))
      }
    }
  }

  @Test func `what is shown now is the fold of the whole log, also after a restart`() async throws {
    let rehearsal = try await told()
    let fresh = try await rehearsal.withService { try await $0.plan(rehearsal.plan, at: .now) }
    let events = try await rehearsal.events()
    #expect(try fresh.map(views) == views(of: fold(events[...], rehearsal.plan)))
  }

  @Test func `a position that is not in the log is none`() async throws {
    let rehearsal = try await told()
    try await rehearsal.withService { service in
      let size = try await rehearsal.events().count
      #expect(try await service.plan(rehearsal.plan, at: .position(Position(Int64(size)))) == nil)
      #expect(try await service.plan(rehearsal.plan, at: .position(Position(Int64(size - 1)))) != nil)
    }
  }

  @Test func `what one source made of a plan since a position is the fold without all others`() async throws {
    let rehearsal = try await told()
    try await rehearsal.withService({ $0.replayPageSize = 3 }) { service in
      var retitled = try request("revise-wording", ["item": "netz.1.I", "title": "Drähte"], key: "file")
      retitled.recordedSource = .import
      _ = try #require(await service.submit(retitled, to: rehearsal.plan).bytes)
      _ = try #require(await service.submit(try institution(50), to: rehearsal.plan).bytes)
      let events = try await rehearsal.events()
      let file = try #require(events.firstIndex { String(decoding: $0.body, as: UTF8.self).contains("Drähte") })
      for position in [10, 12, file - 1] {
        var expected = try fold(events.prefix(position + 1), rehearsal.plan)
        for event in events[(position + 1)...] {
          let read = try event.prepared.next(in: expected)
          let record = EventRecord(read.envelope)
          if event.position.value == Int64(file) {
            expected.apply(read.fact, record)
          } else {
            expected.pass(over: record)
          }
        }
        let shown = try await service.plan(
          rehearsal.plan, at: Position(Int64(position)), followedBy: .import)
        #expect(shown.map(views) == views(of: expected), "position \(position)")
      }
      let beyond = Position(Int64(events.count))
      #expect(try await service.plan(rehearsal.plan, at: beyond, followedBy: .import) == nil)
    }
  }

  @Test func `an earlier position is not told from a state that was shown meanwhile`() async throws {
    let rehearsal = try await told()
    try await rehearsal.withService { service in
      let before = try await service.plan(rehearsal.plan, at: .position(Position(12)))
      _ = await service.submit(try institution(50), to: rehearsal.plan)
      let after = try await service.plan(rehearsal.plan, at: .position(Position(12)))
      #expect(before.map(views) == after.map(views))
    }
  }

  /// A plan to which something happened at several times.
  private func told() async throws -> Rehearsal {
    let rehearsal = Rehearsal()
    try await rehearsal.tell(
      [
        ("assign-lead", ["measure": "netz.1.I", "institution": "ihk"]),
        ("revise-wording", ["item": "netz.1.I", "title": "Leitungen"]),
        ("report-progress", ["measure": "netz.1.I", "institution": "ihk", "condition": "at-risk", "percent": 10]),
        ("add-alias", ["institution": "ihk", "name": "Kammer"]),
        ("report-progress", ["measure": "netz.1.I", "institution": "ihk", "condition": "on-track", "percent": 20]),
      ])
    return rehearsal
  }

  private func fold(_ events: ArraySlice<StoredEvent>, _ plan: EntityID) throws -> Plan {
    var folded = Plan(id: plan)
    for event in events {
      let read = try event.prepared.next(in: folded)
      folded.apply(read.fact, EventRecord(read.envelope))
    }
    return folded
  }

  /// Everything there is to see of a plan on one day.
  private func views(of plan: Plan) -> [JSON] {
    let day = LocalDate(daysSinceEpoch: 17_970)
    return [PlanTree.json(of: plan, validAt: day)]
      + MeasureBoard.items(of: plan, validAt: day).map(\.json)
      + InstitutionList.items(of: plan, validAt: day).map(\.json)
  }
}

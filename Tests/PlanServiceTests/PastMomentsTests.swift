import Coordination
import EventSourcing
import HangLimit
import PlanService
import Projections
import Testing

/// The past of a plan is the same, whichever moments of it happen to be kept.
@Suite(.serialized, .hangLimit)
struct PastMomentsTests {
  private static let day = LocalDate(daysSinceEpoch: 17_970)

  /// How many moments are kept, how far from one another, and how many events are read at once.
  private static let limits = [(1, 1, 1), (2, 1, 3), (4, 2, 2), (3, 5, 4), (128, 1, 1000), (128, 512, 2000)]

  @Test(arguments: limits)
  func `every position is the fold up to it, in whatever order they are asked for`(
    momentsMax: Int, distance: Int, pageSize: Int
  ) async throws {
    let rehearsal = try await told()
    let events = try await rehearsal.events()
    let expected = try folds(events, of: rehearsal.plan, for: .office)
    try await withHistory(rehearsal, momentsMax, distance, pageSize) { service in
      var random = SplitMix64(state: 7)
      // Twice, since the first round keeps moments for the second.
      for index in (Array(events.indices) + Array(events.indices)).shuffled(using: &random) {
        let shown = try #require(try await service.plan(rehearsal.plan, at: .position(Position(Int64(index)))))
        #expect(shown.size == LogSize(Int64(index + 1)))
        #expect(ViewDigest.all(of: shown, validAt: Self.day) == expected[index], "position \(index)")
      }
    }
  }

  @Test(arguments: limits)
  func `every time is the fold of what was recorded until then`(
    momentsMax: Int, distance: Int, pageSize: Int
  ) async throws {
    let rehearsal = try await told()
    let events = try await rehearsal.events()
    let expected = try folds(events, of: rehearsal.plan, for: .office)
    try await withHistory(rehearsal, momentsMax, distance, pageSize) { service in
      var random = SplitMix64(state: 8)
      let times = Set(events.map(\.recordedAt)).flatMap { time in
        [-1, 0, 1].map { time.advanced(byMicroseconds: $0) }
      }
      #expect(times.count == 15)
      for time in (times.sorted() + times.sorted()).shuffled(using: &random) {
        let shown = try #require(try await service.plan(rehearsal.plan, at: .asOf(time)))
        let count = events.count { $0.recordedAt <= time }
        #expect(shown.size == LogSize(Int64(count)))
        guard count > 0 else { continue }
        #expect(ViewDigest.all(of: shown, validAt: Self.day) == expected[count - 1], "as of \(time)")
      }
    }
  }

  @Test func `each viewer has a past of their own`() async throws {
    let rehearsal = try await told()
    let events = try await rehearsal.events()
    let viewers = [Viewer.office, .participant, .anybody]
    let expected = try viewers.map { try folds(events, of: rehearsal.plan, for: $0) }
    #expect(Set(expected.map(\.last)).count == viewers.count)
    try await withHistory(rehearsal, 3, 2, 2) { service in
      var random = SplitMix64(state: 9)
      for index in Array(events.indices).shuffled(using: &random) {
        for (viewer, digests) in zip(viewers, expected) {
          let position = Position(Int64(index))
          let shown = try #require(try await service.plan(rehearsal.plan, at: .position(position), for: viewer))
          #expect(ViewDigest.all(of: shown, validAt: Self.day) == digests[index], "position \(index)")
        }
      }
    }
  }

  @Test func `what is appended meanwhile changes nothing of the past`() async throws {
    let rehearsal = try await told()
    try await withHistory(rehearsal, 4, 1, 2) { service in
      let before = try folds(try await rehearsal.events(), of: rehearsal.plan, for: .office)
      for number in 0..<20 {
        _ = try #require(await service.submit(try institution(number), to: rehearsal.plan).bytes)
        let index = number % before.count
        let shown = try #require(try await service.plan(rehearsal.plan, at: .position(Position(Int64(index)))))
        #expect(ViewDigest.all(of: shown, validAt: Self.day) == before[index])
      }
      let events = try await rehearsal.events()
      let expected = try folds(events, of: rehearsal.plan, for: .office)
      for index in events.indices {
        let shown = try #require(try await service.plan(rehearsal.plan, at: .position(Position(Int64(index)))))
        #expect(ViewDigest.all(of: shown, validAt: Self.day) == expected[index], "position \(index)")
      }
    }
  }

  @Test func `a passage has the events between its moments`() async throws {
    let rehearsal = try await told()
    let events = try await rehearsal.events()
    try await withHistory(rehearsal, 4, 2, 3) { service in
      for from in stride(from: 0, to: events.count, by: 3) {
        for to in from..<events.count {
          let (first, last) = (Position(Int64(from)), Position(Int64(to)))
          let passage = try #require(
            try await service.passage(of: rehearsal.plan, from: .position(first), to: .position(last), for: .office))
          #expect(passage.before.size == first.sizeIncluding && passage.after.size == last.sizeIncluding)
          let positions = passage.events.values.flatMap(\.self).sorted()
          #expect(positions == events[(from + 1)..<(to + 1)].map(\.position))
        }
      }
      let backwards = try await service.passage(
        of: rehearsal.plan, from: .position(Position(5)), to: .position(Position(4)), for: .office)
      #expect(backwards == nil)
    }
  }

  // MARK: - Helpers

  private func withHistory(
    _ rehearsal: Rehearsal, _ momentsMax: Int, _ distance: Int, _ pageSize: Int,
    _ body: @Sendable (PlanService) async throws -> Void
  ) async throws {
    try await rehearsal.withService(
      {
        $0.pastMomentsMax = momentsMax
        $0.pastMomentDistance = distance
        $0.replayPageSize = pageSize
      }, body)
  }

  /// The digests of all views after each event, folded from scratch.
  private func folds(
    _ events: [StoredEvent], of id: EntityID, for viewer: Viewer
  ) throws -> [[RecordedViewDigest]] {
    var plan = Plan(id: id, for: viewer)
    return try events.map { event in
      let read = try event.prepared.next(in: plan)
      plan.apply(read.fact, EventRecord(read.envelope))
      return ViewDigest.all(of: plan, validAt: Self.day)
    }
  }

  /// A plan to which something happened at several times, some of it hidden from most.
  private func told() async throws -> Rehearsal {
    let rehearsal = Rehearsal()
    try await rehearsal.tell(
      [
        ("assign-lead", ["measure": "netz.1.I", "institution": "ihk"]),
        ("revise-wording", ["item": "netz.1.I", "title": "Leitungen"]),
        ("report-progress", ["measure": "netz.1.I", "institution": "ihk", "condition": "at-risk", "percent": 10]),
        ("raise-issue", ["measure": "netz.1.I", "kind": "question", "text": "Wann?"]),
        ("add-alias", ["institution": "ihk", "name": "Kammer"]),
        ("appoint-contact", ["institution": "ihk", "name": "N. N."]),
        ("report-progress", ["measure": "netz.1.I", "institution": "ihk", "condition": "on-track", "percent": 20]),
      ], stepsPerDay: 2)
    return rehearsal
  }
}

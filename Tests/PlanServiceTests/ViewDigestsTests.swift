import Coordination
import EventSourcing
import HangLimit
import PlanService
import Projections
import Testing

@Suite(.hangLimit)
struct ViewDigestsTests {
  @Test func `what the views show is recorded once, until something happens`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let size = Int64(try await rehearsal.events().count)
      try await expectRecording(service, rehearsal, of: size - 1)
      for _ in 0..<3 { try await expectNothingNew(service, rehearsal) }
      #expect(try await recorded(rehearsal).count == 1)
      _ = try #require(await service.submit(try institution(1), to: rehearsal.plan).bytes)
      try await expectRecording(service, rehearsal, of: size + 1)
      try await expectNothingNew(service, rehearsal)
      #expect(try await recorded(rehearsal).map(\.position) == [Int(size) - 1, Int(size) + 1])
    }
  }

  @Test func `the digests are those of the views after the newest event, on its day`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      // Shortly before midnight UTC it is the next day in Berlin.
      rehearsal.time.advance(seconds: 11 * 3600 + 1800)
      _ = try #require(await service.submit(try institution(1), to: rehearsal.plan).bytes)
      rehearsal.time.advance(days: 5)
      let plan = try await service.snapshot(of: rehearsal.plan).plan
      _ = try await service.recordViewDigests(of: rehearsal.plan)
      let fact = try #require(try await recorded(rehearsal).last)
      let day = try #require(LocalDate("2019-03-02"))
      #expect(fact.validAt == day)
      #expect(fact.foldVersion == Plan.foldVersion)
      #expect(fact.digests == ViewDigest.all(of: plan, validAt: day))
    }
  }

  @Test func `however many servers record, it is recorded once`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: StagedLog(rehearsal.memory)) { far in
        try await withThrowingTaskGroup { group in
          for service in [near, far, near, far] {
            group.addTask { _ = try await service.recordViewDigests(of: rehearsal.plan) }
          }
          try await group.waitForAll()
        }
      }
      #expect(try await recorded(rehearsal).count == 1)
    }
  }

  @Test func `where another version recorded last, this one records the same position beside it`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let plan = try await service.snapshot(of: rehearsal.plan).plan
      let position = Int(try #require(plan.size.lastPosition).value)
      let day = try #require(LocalDate("2019-02-01"))
      let older = RecordViewDigests(
        position: position, validAt: day, foldVersion: Plan.foldVersion - 1,
        digests: ViewDigest.all(of: plan, validAt: day))
      let request = CommandRequest(system: "clock", key: "older", command: older, recordedSource: .clock)
      _ = try #require(await service.submit(request, to: rehearsal.plan).bytes)
      _ = try #require(await service.submit(try institution(1), to: rehearsal.plan).bytes)
      try await expectRecording(service, rehearsal, of: Int64(position) + 2)
      let facts = try await recorded(rehearsal)
      #expect(facts.map(\.position) == [position, position, position + 2])
      #expect(facts.map(\.foldVersion) == [Plan.foldVersion - 1, Plan.foldVersion, Plan.foldVersion])
      #expect(facts[1].validAt == day && facts[1].digests == older.digests)
      try await expectNothingNew(service, rehearsal)
    }
  }

  // MARK: - Helpers

  private func expectRecording(
    _ service: PlanService, _ rehearsal: Rehearsal, of position: Int64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    guard case .asked(let asked, let answer) = try await service.recordViewDigests(of: rehearsal.plan) else {
      Issue.record("nothing was recorded", sourceLocation: sourceLocation)
      return
    }
    #expect(asked == Position(position), sourceLocation: sourceLocation)
    #expect(answer.bytes != nil, "\(answer)", sourceLocation: sourceLocation)
  }

  private func expectNothingNew(
    _ service: PlanService, _ rehearsal: Rehearsal, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await rehearsal.events().count
    guard case .nothingNew = try await service.recordViewDigests(of: rehearsal.plan) else {
      Issue.record("something was recorded", sourceLocation: sourceLocation)
      return
    }
    let after = try await rehearsal.events().count
    #expect(after == before, sourceLocation: sourceLocation)
  }

  private func recorded(_ rehearsal: Rehearsal) async throws -> [ViewDigestRecorded] {
    try await rehearsal.events().compactMap { event in
      guard event.type == ViewDigestRecorded.type, let (_, data) = EventEnvelope.decode(event.body) else { return nil }
      return FactCatalogue.fact(type: event.type, data: data) as? ViewDigestRecorded
    }
  }
}

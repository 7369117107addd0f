import Coordination
import EventSourcing
import HangLimit
import Logging
import PlanService
import Testing

@Suite(.hangLimit)
struct ClockServiceTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test func `a missed deadline is recorded once, by however many servers`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await escalate(rehearsal, near)
      try await rehearsal.withService(on: StagedLog(rehearsal.memory)) { far in
        let clocks = [near, far, near, far].map { ClockService(service: $0, logger: logger) }
        await clocks[0].tick()
        #expect(try await missed(rehearsal).isEmpty)
        rehearsal.time.advance(days: 3)
        await withTaskGroup { group in
          for clock in clocks { group.addTask { await clock.tick() } }
        }
        await clocks[0].tick()
        rehearsal.time.advance(days: 30)
        await clocks[1].tick()
        let events = try await missed(rehearsal)
        #expect(events.count == 1)
        let envelope = try #require(events.first.flatMap { EventEnvelope.decode($0.body)?.envelope })
        #expect(envelope.actor == .system("clock"))
        #expect(envelope.recordedSource == .clock)
        // It was missed on the day after it, however late the clock looked.
        #expect(envelope.effectiveDate.description == "2019-03-03")
      }
    }
  }

  @Test func `a deadline is missed on the day after it, in the plan's time zone`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      try await escalate(rehearsal, service)
      let clock = ClockService(service: service, logger: logger)
      // It is noon UTC on the first of March; the deadline is the second, in Berlin.
      rehearsal.time.advance(seconds: 86_400 + 10 * 3600 + 1800)
      await clock.tick()
      #expect(try await missed(rehearsal).isEmpty)
      rehearsal.time.advance(seconds: 3600)
      await clock.tick()
      #expect(try await missed(rehearsal).count == 1)
    }
  }

  @Test func `what all views showed at the end of a day is recorded on the next one, once`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let clock = ClockService(service: service, logger: logger)
      func recorded() async throws -> Int {
        try await rehearsal.events().count { $0.type == ViewDigestRecorded.type }
      }
      await clock.tick()
      #expect(try await recorded() == 0)
      rehearsal.time.advance(days: 1)
      for _ in 0..<3 { await clock.tick() }
      #expect(try await recorded() == 1)
      let last = try #require(try await rehearsal.events().last)
      let fact = try #require(
        EventEnvelope.decode(last.body).flatMap { FactCatalogue.fact(type: $0.envelope.type, data: $0.data) }
          as? ViewDigestRecorded)
      #expect(Int64(fact.position) == last.position.value - 1)
      // The day that is over, not the one on which it was recorded.
      #expect(fact.validAt.description == "2019-03-01")
      // Days on which nothing happened leave nothing.
      rehearsal.time.advance(days: 2)
      await clock.tick()
      #expect(try await recorded() == 1)
    }
  }

  @Test func `a plan that cannot be read does not keep the clock from the others`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service, plan: id(8), slug: "a-broken-one")
      try await rehearsal.begin(service)
      try await escalate(rehearsal, service)
    }
    rehearsal.time.advance(days: 3)
    rehearsal.store.set {
      $0.eventsRead = { events in events.map { $0.subject == "plans/\(id(8))" ? $0.foreign() : $0 } }
    }
    try await rehearsal.withService { service in
      await ClockService(service: service, logger: logger).tick()
      #expect(service.trouble(of: id(8)) == .unreadableEvent(Position(0)))
      let events = try await missed(rehearsal)
      #expect(events.count == 1)
    }
  }

  private func escalate(_ rehearsal: Rehearsal, _ service: PlanService) async throws {
    let issue = JSON.string(id(91).description)
    let answer = await service.submit(
      try list(
        [
          ("raise-issue", ["id": issue, "measure": "netz.1.I", "kind": "question", "text": "Wann?"]),
          ("escalate-issue", ["issue": issue, "deadline": "2019-03-02"]),
        ], key: "escalate"), to: rehearsal.plan)
    _ = try #require(answer.bytes)
  }

  private func missed(_ rehearsal: Rehearsal) async throws -> [StoredEvent] {
    try await rehearsal.events().filter { $0.type.contains("deadline-missed") }
  }
}

extension StoredEvent {
  /// The same event with another body; the columns stay.
  func with(body: [UInt8]) -> StoredEvent {
    StoredEvent(
      position: position, type: type, subject: subject, effectiveDate: effectiveDate, recordedAt: recordedAt,
      body: body, leafHash: leafHash)
  }

  /// The event with a type that this build does not know.
  func foreign() -> StoredEvent {
    let text = String(decoding: body, as: UTF8.self)
    return with(body: Array(text.replacing(type, with: "org.federwerk.moon.landed.v9").utf8))
  }
}

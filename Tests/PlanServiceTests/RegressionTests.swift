import Coordination
import EventSourcing
import Foundation
import HangLimit
import Logging
import PlanService
import Testing

/// Logs that are behind or beside what was published, logs with events of the future, and what follows from both.
@Suite(.hangLimit)
struct RegressionTests {
  @Test func `a log behind what was published is not written`() async throws {
    let rehearsal = try await begun()
    try rehearsal.highWater.raise(try mark(size: 100), of: LogIDPath(rehearsal.log))
    try await rehearsal.withService { service async throws in
      let trouble = Unavailability.logRegressed(published: LogSize(100), found: LogSize(11))
      #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability == trouble)
      #expect(service.trouble(of: rehearsal.plan) == trouble)
      #expect(try await rehearsal.events().count == 11)
    }
  }

  @Test(arguments: [1, 5, 10, 11] as [Int64])
  func `a log beside what was published is not written, wherever they part`(size: Int64) async throws {
    let rehearsal = try await begun()
    try rehearsal.highWater.raise(try mark(size: size), of: LogIDPath(rehearsal.log))
    try await rehearsal.withService { service async throws in
      let trouble = Unavailability.logRegressed(published: LogSize(size), found: LogSize(11))
      #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability == trouble)
      #expect(try await rehearsal.events().count == 11)
    }
  }

  @Test func `a log that vanished after it was published is not begun again`() async throws {
    let rehearsal = Rehearsal()
    try rehearsal.highWater.raise(try mark(size: 3), of: LogIDPath(rehearsal.log))
    try await rehearsal.withService { service async throws in
      let create = try request("create-plan", ["slug": "p", "title": "P"], key: "k")
      let trouble = Unavailability.logRegressed(published: LogSize(3), found: .zero)
      #expect(await service.create(create, plan: rehearsal.plan).unavailability == trouble)
      #expect(try await rehearsal.memory.head(of: rehearsal.log) == nil)
    }
  }

  @Test func `a database that falls behind under a running server is noticed at the next command`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service async throws in
      try await rehearsal.begin(service)
      let older = try #require(try await rehearsal.memory.head(of: rehearsal.log))
      _ = try #require(await service.submit(try institution(1), to: rehearsal.plan).bytes)
      let refused = try request("cite-source", ["item": "nobody", "source": ["S2:1"]], key: "bad")
      rehearsal.store.set { $0.headRead = { _ in older } }
      let trouble = Unavailability.logRegressed(published: LogSize(12), found: LogSize(11))
      #expect(await service.submit(refused, to: rehearsal.plan).unavailability == trouble)
      // Still readable as it was.
      #expect(try await service.snapshot(of: rehearsal.plan).plan.size == LogSize(12))
    }
  }

  @Test func `a new epoch makes a regressed log writable, says why, and verifies`() async throws {
    let rehearsal = try await begun()
    try rehearsal.highWater.raise(try mark(size: 100), of: LogIDPath(rehearsal.log))
    try await rehearsal.withService { service async throws in
      #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability != nil)
      let status = try #require(try await service.logStatus(of: rehearsal.plan))
      #expect(status.published?.size == 100)
      #expect(status.head.size == LogSize(11))
      #expect(status.trouble != nil)
      let head = try await service.openEpoch(
        of: rehearsal.plan, reason: try FreeText("Aus der Sicherung vom Vortag", field: "reason"))
      #expect(head.epoch == 2)
      #expect(head.origin.hasSuffix("/2"))
      #expect(try await insist(service, try institution(1), on: rehearsal.plan).positions == [12])
      #expect(service.trouble(of: rehearsal.plan) == nil)
      let events = try await rehearsal.events()
      #expect(events[11].type == "org.federwerk.log.epoch-opened.v1")
      #expect(events[11...].allSatisfy { EventEnvelope.decode($0.body)?.envelope.epoch == 2 })
      let body = String(decoding: events[11].body, as: UTF8.self)
      #expect(body.contains("\"publishedSize\":100"))
      #expect(!body.contains("Sicherung"), "the reason is free text and erasable")
      let verification = try await LogVerification.run(
        rehearsal.log, in: rehearsal.memory, verifierKeys: { _ in [] },
        published: try rehearsal.highWater.mark(of: LogIDPath(rehearsal.log)), progress: { _ in })
      #expect(verification.findings.isEmpty)
      #expect(verification.size == LogSize(13))
    }
    // Also for a server that starts now.
    try await rehearsal.withService { service async throws in
      #expect(await service.submit(try institution(2), to: rehearsal.plan).positions == [13])
    }
  }

  // MARK: Events that this build cannot read

  @Test func `an event that cannot be read stops the plan at its position, and skips nothing`() async throws {
    let rehearsal = try await begun()
    rehearsal.store.set { $0.eventsRead = foreign(at: 7) }
    try await rehearsal.withService { service async throws in
      let answer = await service.submit(try institution(1), to: rehearsal.plan)
      #expect(answer.unavailability == .unreadableEvent(Position(7)))
      await #expect(throws: Unavailability.unreadableEvent(Position(7))) {
        try await service.snapshot(of: rehearsal.plan)
      }
      #expect(service.trouble(of: rehearsal.plan) == .unreadableEvent(Position(7)))
      #expect(try await rehearsal.events().count == 11)
    }
  }

  @Test func `a running server keeps showing what it could read, and recovers when it can`() async throws {
    let rehearsal = try await begun()
    let older = StagedLog(rehearsal.memory)
    older.set { $0.eventsRead = foreign(at: 11) }
    try await rehearsal.withService { newer in
      try await rehearsal.withService(on: older) { service async throws in
        #expect(try await service.snapshot(of: rehearsal.plan).plan.size == LogSize(11))
        _ = try #require(await newer.submit(try institution(1), to: rehearsal.plan).bytes)
        let answer = await service.submit(try institution(2), to: rehearsal.plan)
        #expect(answer.unavailability == .unreadableEvent(Position(11)))
        #expect(try await service.snapshot(of: rehearsal.plan).plan.size == LogSize(11))
        #expect(try await rehearsal.events().count == 12)
        older.set { $0.eventsRead = nil }
        #expect(try await insist(service, try institution(2), on: rehearsal.plan).positions == [12])
      }
    }
  }

  @Test func `one plan that cannot be read leaves the others alone`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service async throws in
      try await rehearsal.begin(service)
      try await rehearsal.begin(service, plan: id(8), slug: "other")
    }
    rehearsal.store.set {
      $0.eventsRead = { events in events.map { $0.subject == "plans/\(id(8))" ? $0.foreign() : $0 } }
    }
    try await rehearsal.withService { service async throws in
      #expect(await service.submit(try institution(1), to: id(8)).unavailability == .unreadableEvent(Position(0)))
      #expect(await service.submit(try institution(1), to: rehearsal.plan).positions == [11])
      #expect(service.troubles == [id(8): .unreadableEvent(Position(0))])
    }
  }

  private func begun() async throws -> Rehearsal {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    return rehearsal
  }

  /// A mark with a root that no log of ours has.
  private func mark(size: Int64) throws -> HighWater.Mark {
    let root = String(repeating: "A", count: 43) + "="
    return try JSONDecoder().decode(
      HighWater.Mark.self, from: Data("{\"epoch\":1,\"size\":\(size),\"root\":\"\(root)\"}".utf8))
  }

  private func foreign(at position: Int64) -> @Sendable ([StoredEvent]) -> [StoredEvent] {
    { events in events.map { $0.position.value == position ? $0.foreign() : $0 } }
  }
}

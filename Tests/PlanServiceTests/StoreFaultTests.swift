import Coordination
import EventSourcing
import HangLimit
import PlanService
import Synchronization
import Testing

@Suite(.hangLimit)
struct StoreFaultTests {
  @Test func `an append that committed but broke off counts once and is answered as done`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      rehearsal.memory.failNextAppendAfterCommit(EventLogFailure(.outcomeUnknown, "the connection broke"))
      let answer = await service.submit(try institution(1), to: rehearsal.plan)
      #expect(answer.positions == [11])
      #expect(try await rehearsal.events().count == 12)
      #expect(await service.submit(try institution(2), to: rehearsal.plan).positions == [12])
    }
  }

  @Test func `an append that was lost is sent again, the same bytes on the same head`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let before = rehearsal.store.appends.count
      rehearsal.memory.failNextAppend(EventLogFailure(.outcomeUnknown, "the connection broke"))
      #expect(await service.submit(try institution(1), to: rehearsal.plan).positions == [11])
      let sent = rehearsal.store.appends[before...]
      #expect(sent.count == 2)
      #expect(sent.first?.events == sent.last?.events)
      #expect(sent.first?.newHead == sent.last?.newHead)
      #expect(sent.first?.receipts == sent.last?.receipts)
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `a caller whose time is up is told that the outcome is unknown; a retry finds what happened`() async throws
  {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    try await rehearsal.withService({ $0.commandTimeout = .seconds(1) }) { service in
      _ = try await service.snapshot(of: rehearsal.plan)
      rehearsal.memory.failNextAppendAfterCommit(EventLogFailure(.outcomeUnknown, "the connection broke"))
      // The first sending commits and breaks off; from the second on the store is away.
      let before = rehearsal.store.appends.count
      let store = rehearsal.store
      store.set { $0.beforeAppend = { _ in if store.appends.count > before + 1 { store.set { $0.isDown = true } } } }
      let answer = await service.submit(try institution(1), to: rehearsal.plan)
      #expect(answer.unavailability == .outcomeUnknown)
      #expect(store.appends.count > before + 1)
      store.set {
        $0.beforeAppend = nil
        $0.isDown = false
      }
      #expect(try await insist(service, try institution(1), on: rehearsal.plan).positions == [11])
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `while an outcome is open nothing but the same append is sent`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    try await rehearsal.withService({ $0.commandTimeout = .seconds(1) }) { service in
      _ = try await service.snapshot(of: rehearsal.plan)
      let before = rehearsal.store.appends.count
      for _ in 0..<20 { rehearsal.memory.failNextAppend(EventLogFailure(.outcomeUnknown, "the connection broke")) }
      async let one = insist(service, try institution(1), on: rehearsal.plan)
      async let other = insist(service, try institution(2), on: rehearsal.plan)
      let answers = try await [one, other]
      #expect(Set(answers.flatMap(\.positions)) == [11, 12])
      let sent = rehearsal.store.appends[before...]
      #expect(sent.prefix(21).allSatisfy { $0.events == sent.first?.events && $0.expectedSize == LogSize(11) })
      #expect(try await rehearsal.events().count == 13)
    }
  }

  @Test func `a caller is not kept by a store that never answers`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    try await rehearsal.withService({ $0.commandTimeout = .seconds(1) }) { service in
      _ = try await service.snapshot(of: rehearsal.plan)
      let gate = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      async let taken = service.submit(try institution(1), to: rehearsal.plan)
      await gate.arrived()
      async let waiting = service.submit(try institution(2), to: rehearsal.plan)
      // Whoever was sent may have been stored; whoever only waited was not.
      #expect(try await taken.unavailability == .outcomeUnknown)
      #expect(try await waiting.unavailability == .storeUnavailable)
      #expect(try await rehearsal.events().count == 11)
      gate.open()
      rehearsal.store.set { $0.beforeAppend = nil }
      let retried = try await insist(service, try institution(1), on: rehearsal.plan)
      #expect(retried.positions == [11])
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `while the store is away nothing is written, and afterwards all goes on without a restart`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      rehearsal.store.set { $0.isDown = true }
      for number in 0..<3 {
        #expect(await service.submit(try institution(number), to: rehearsal.plan).unavailability == .storeUnavailable)
      }
      // What was shown stays readable.
      #expect(try await service.snapshot(of: rehearsal.plan).plan.size == LogSize(11))
      #expect(service.trouble(of: rehearsal.plan) == .storeUnavailable)
      #expect(try await rehearsal.events().count == 11)
      rehearsal.store.set { $0.isDown = false }
      #expect(try await insist(service, try institution(0), on: rehearsal.plan).positions == [11])
      #expect(service.trouble(of: rehearsal.plan) == nil)
    }
  }

  @Test func `a full store is told apart from one that is away`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      rehearsal.memory.failNextAppend(EventLogFailure(.full, "no space left"))
      #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability == .storeFull)
      #expect(try await rehearsal.events().count == 11)
      #expect(try await insist(service, try institution(1), on: rehearsal.plan).positions == [11])
    }
  }

  @Test func `a plan that cannot be loaded at first is served once the store is there`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    rehearsal.store.set { $0.isDown = true }
    try await rehearsal.withService { service in
      await #expect(throws: Unavailability.storeUnavailable) { try await service.snapshot(of: rehearsal.plan) }
      rehearsal.store.set { $0.isDown = false }
      let answer = try await insist(service, try institution(1), on: rehearsal.plan)
      #expect(answer.positions == [11])
    }
  }

  @Test func `after the service has stopped a command is refused, not kept`() async throws {
    let rehearsal = Rehearsal()
    let service = try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      return service
    }
    #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability == .shuttingDown)
    #expect(await service.submit(try institution(1), to: id(5)).unavailability == .shuttingDown)
    #expect(try await rehearsal.events().count == 11)
  }

  // MARK: Clocks

  @Test func `a server whose clock disagrees with the store's writes nothing until they agree`() async throws {
    let rehearsal = Rehearsal()
    let ahead = Mutex<Int64>(0)
    try await rehearsal.withService(
      localTime: { rehearsal.time.now.advanced(byMicroseconds: ahead.withLock { $0 } * 1_000_000) }
    ) { service in
      try await rehearsal.begin(service)
      // The clock of this server is set an hour ahead, then back, while it runs.
      for seconds in [3600, -3600] as [Int64] {
        ahead.withLock { $0 = seconds }
        #expect(await service.submit(try institution(1), to: rehearsal.plan).unavailability == .clockSkew)
        #expect(try await rehearsal.events().count == 11)
      }
      ahead.withLock { $0 = 0 }
      #expect(await service.submit(try institution(1), to: rehearsal.plan).positions == [11])
      #expect(try await rehearsal.events().last?.recordedAt == rehearsal.time.now)
    }
  }

  @Test func `a small difference between the clocks is no reason to stop, and the store's time counts`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService(
      localTime: { rehearsal.time.now.advanced(byMicroseconds: -2_000_000) }
    ) { service in
      try await rehearsal.begin(service)
      #expect(try await rehearsal.events().allSatisfy { $0.recordedAt == rehearsal.time.now })
    }
  }

  @Test func `recorded time never decreases, also when the clocks are set back`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      for (number, seconds) in ([5, -3, 1, -7200, 60, 86_400] as [Int64]).enumerated() {
        rehearsal.time.advance(seconds: seconds)
        #expect(await service.submit(try institution(number), to: rehearsal.plan).bytes != nil)
      }
      let times = try await rehearsal.events().map(\.recordedAt)
      #expect(times == times.sorted())
      #expect(Set(times).count > 2)
    }
  }

  @Test func `all events of one list share one time`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { try await rehearsal.begin($0) }
    #expect(Set(try await rehearsal.events().dropFirst().map(\.recordedAt)).count == 1)
  }
}

/// Sends a command until the store took it or the domain refused it, as a client does that is told to retry.
func insist(_ service: PlanService, _ request: CommandRequest, on plan: EntityID) async throws -> CommandAnswer {
  while true {
    try Task.checkCancellation()
    let answer = await service.submit(request, to: plan)
    guard answer.unavailability != nil || answer.isKeyInFlight else { return answer }
    await Task.yield()
  }
}

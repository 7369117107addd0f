import Coordination
import EventSourcing
import HangLimit
import PlanService
import Testing

@Suite(.hangLimit)
struct ResidencyTests {
  @Test func `a plan that made room is loaded again as it was`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.residentPlansMax = 2 }) { service in
      let plans = (1...4).map { id($0) }
      for (index, plan) in plans.enumerated() { try await rehearsal.begin(service, plan: plan, slug: "p-\(index)") }
      for round in 0..<3 {
        for plan in plans {
          let answer = await service.submit(try institution(round), to: plan)
          #expect(answer.positions == [Int64(11 + round)])
        }
      }
      for plan in plans { #expect(try await service.snapshot(of: plan).plan.size == LogSize(14)) }
    }
  }

  @Test func `no more plans than the limit stay in memory once they rest`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.residentPlansMax = 2 }) { service in
      for number in 1...6 as ClosedRange<UInt64> {
        try await rehearsal.begin(service, plan: id(number), slug: "p-\(number)")
      }
      try await until { rehearsal.store.subscriptions == 2 }
    }
  }

  @Test func `a plan with feeds for partner systems stays in memory, and takes no place of others`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.residentPlansMax = 2 }) { service in
      try await rehearsal.begin(service, plan: id(1), slug: "p-1")
      for (command, json) in [
        ("register-partner-system", ["slug": "press", "name": "Presse"]),
        ("subscribe-feed", ["partner": "press", "slug": "press", "terms": ["types": ["institution.*"]]]),
      ] as [(String, JSON)] {
        let answer = await service.submit(try request(command, json, key: command), to: id(1))
        _ = try #require(answer.bytes, "\(answer)")
      }
      for number in 2...6 as ClosedRange<UInt64> {
        try await rehearsal.begin(service, plan: id(number), slug: "p-\(number)")
      }
      try await until { rehearsal.store.subscriptions == 3 }
      #expect(service.planInMemory(id(1))?.feeds.count == 1)
    }
  }

  @Test func `a plan that was not created after all takes no place`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service, plan: id(1), slug: "p")
      let refused = try request("create-plan", ["slug": "p", "title": "P"], key: "again")
      let refusal = await service.create(refused, plan: id(2))
      #expect(refusal.bytes == nil)
      var rehearsed = try request("create-plan", ["slug": "q", "title": "Q"], key: "dry")
      rehearsed.isDryRun = true
      guard case .wouldDo = await service.create(rehearsed, plan: id(3)) else {
        Issue.record("a dry run is answered as one")
        return
      }
      #expect(service.planInMemory(id(1)) != nil)
      #expect(service.planInMemory(id(2)) == nil)
      #expect(service.planInMemory(id(3)) == nil)
    }
  }

  @Test func `more busy plans than the limit are all served, and make room afterwards`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.residentPlansMax = 2 }) { service in
      let gate = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
        for number in 1...6 as ClosedRange<UInt64> {
          let create = try request("create-plan", ["slug": .string("p-\(number)"), "title": "P"], key: "k")
          group.addTask { await service.create(create, plan: id(number)) }
        }
        await gate.arrived(6)
        gate.open()
        for try await answer in group { #expect(answer.bytes != nil) }
      }
      _ = await service.submit(try request("register-document", ["key": "S", "title": "T"], key: "d"), to: id(7))
      try await until { rehearsal.store.subscriptions == 2 }
    }
  }

  @Test func `callers never notice that plans come and go`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.residentPlansMax = 2 }) { service in
      let plans = (1...4).map { id($0) }
      for (index, plan) in plans.enumerated() { try await rehearsal.begin(service, plan: plan, slug: "p-\(index)") }
      try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
        for number in 0..<120 {
          group.addTask { await service.submit(try institution(number), to: plans[number % 4]) }
        }
        for try await answer in group { #expect(answer.positions.count == 1, "\(answer)") }
      }
      for plan in plans {
        #expect(try await rehearsal.memory.head(of: LogID(plan: plan))?.size == LogSize(41))
      }
    }
  }
}

/// Waits until a condition holds that other tasks bring about; the suite's time limit ends it otherwise.
func until(_ condition: () -> Bool) async throws {
  while !condition() {
    try Task.checkCancellation()
    await Task.yield()
  }
}

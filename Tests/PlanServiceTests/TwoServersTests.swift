import Coordination
import EventSourcing
import HangLimit
import PlanService
import Testing

@Suite(.hangLimit)
struct TwoServersTests {
  @Test func `a refusal on an old head is decided again before it is answered`() async throws {
    let rehearsal = Rehearsal()
    let deaf = StagedLog(rehearsal.memory)
    deaf.set { $0.isDeaf = true }
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: deaf) { far in
        _ = try await far.snapshot(of: rehearsal.plan)
        _ = await near.submit(try institution(1), to: rehearsal.plan)
        #expect(try await far.snapshot(of: rehearsal.plan).plan.size == LogSize(11))
        let alias = try request("add-alias", ["institution": "i-1", "name": "Eins"], key: "alias")
        #expect(await far.submit(alias, to: rehearsal.plan).positions == [12])
      }
    }
  }

  @Test func `an acceptance on an old head is decided again and may become a refusal`() async throws {
    let rehearsal = Rehearsal()
    let deaf = StagedLog(rehearsal.memory)
    deaf.set { $0.isDeaf = true }
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: deaf) { far in
        _ = try await far.snapshot(of: rehearsal.plan)
        _ = await near.submit(try institution(1), to: rehearsal.plan)
        let again = try institution(1, key: "far")
        #expect(await far.submit(again, to: rehearsal.plan).refusal?.code == "slug-taken")
        #expect(try await rehearsal.events().count == 12)
      }
    }
  }

  @Test func `a retry at the other server gets the first answer`() async throws {
    let rehearsal = Rehearsal()
    let deaf = StagedLog(rehearsal.memory)
    deaf.set { $0.isDeaf = true }
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: deaf) { far in
        _ = try await far.snapshot(of: rehearsal.plan)
        let first = await near.submit(try institution(1), to: rehearsal.plan)
        #expect(first.bytes != nil)
        #expect(await far.submit(try institution(1), to: rehearsal.plan).bytes == first.bytes)
        #expect(try await rehearsal.events().count == 12)
      }
    }
  }

  @Test func `two servers under load keep one order, one answer each and every rule`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: StagedLog(rehearsal.memory)) { far in
        let answers = try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
          for number in 0..<60 {
            let service = number.isMultiple(of: 2) ? near : far
            group.addTask { await service.submit(try institution(number), to: rehearsal.plan) }
          }
          for (index, holder) in ["senweb", "ihk", "hwk", "tu"].enumerated() {
            let service = index.isMultiple(of: 2) ? near : far
            group.addTask {
              let lead: JSON = ["measure": "netz.1.I", "institution": .string(holder)]
              return await service.submit(try request("assign-lead", lead, key: "lead-\(holder)"), to: rehearsal.plan)
            }
          }
          // Sent to both servers under one key: done once, answered twice or in flight.
          for service in [near, far] {
            group.addTask { await service.submit(try institution(1000, key: "both"), to: rehearsal.plan) }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.refusal?.code == "lead-cap" } == 2)
        #expect(answers.count { $0.bytes != nil } == 64)
        let named = Set(answers.flatMap(\.positions))
        let events = try await rehearsal.events()
        #expect(events.map(\.position.value) == Array(0..<74))
        #expect(named == Set(11..<74))
        #expect(events.count { $0.type.contains("lead-assigned") } == 2)
        for service in [near, far] {
          let plan = try await service.snapshot(of: rehearsal.plan, positionMin: Position(73)).plan
          #expect(plan.measure("netz.1.I")?.assignments.count == 2)
          #expect(plan.parties.count == 65)
        }
      }
    }
  }

  @Test func `what one server writes the other shows`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { near in
      try await rehearsal.begin(near)
      try await rehearsal.withService(on: StagedLog(rehearsal.memory)) { far in
        _ = try await far.snapshot(of: rehearsal.plan)
        let position = try #require(await near.submit(try institution(1), to: rehearsal.plan).positions.first)
        let shown = try await far.snapshot(of: rehearsal.plan, positionMin: Position(position))
        #expect(shown.plan.party("i-1") != nil)
        #expect(shown.head == (try await near.snapshot(of: rehearsal.plan).head))
      }
    }
  }

  @Test func `a position that does not come is answered as not yet visible`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.visibilityTimeout = .milliseconds(5) }) { service in
      try await rehearsal.begin(service)
      await #expect(throws: Unavailability.notYetVisible) {
        try await service.snapshot(of: rehearsal.plan, positionMin: Position(99))
      }
    }
  }
}

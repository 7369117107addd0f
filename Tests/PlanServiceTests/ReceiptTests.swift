import Coordination
import EventSourcing
import HangLimit
import PlanService
import Testing

@Suite(.hangLimit)
struct ReceiptTests {
  @Test func `a retry gets the first answer byte for byte and writes nothing`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let first = try #require(await service.submit(try institution(1), to: rehearsal.plan).bytes)
      _ = await service.submit(try institution(2), to: rehearsal.plan)
      let second = await service.submit(try institution(1), to: rehearsal.plan)
      #expect(second.bytes == first)
      #expect(try await rehearsal.events().count == 13)
    }
  }

  @Test func `the first answer outlives a restart`() async throws {
    let rehearsal = Rehearsal()
    let first = try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      return await service.submit(try institution(1), to: rehearsal.plan).bytes
    }
    rehearsal.time.advance(days: 400)
    let second = try await rehearsal.withService { service in
      await service.submit(try institution(1), to: rehearsal.plan).bytes
    }
    #expect(first != nil)
    #expect(first == second)
  }

  @Test func `a retry of what would be refused by now gets its first answer`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let request = try request(
        "register-institution", ["slug": "x", "name": "X", "kind": "body"], key: "once", ifMatch: 10)
      let first = try #require(await service.submit(request, to: rehearsal.plan).bytes)
      #expect(await service.submit(request, to: rehearsal.plan).bytes == first)
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `a key belongs to one command`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      _ = await service.submit(try institution(1, key: "k"), to: rehearsal.plan)
      #expect(await service.submit(try institution(2, key: "k"), to: rehearsal.plan).isKeyReused)
      // Also when the other command would be refused, and when only If-Match differs.
      let refused = try request("cite-source", ["item": "nobody", "source": ["S2:1"]], key: "k")
      #expect(await service.submit(refused, to: rehearsal.plan).isKeyReused)
      var matched = try institution(1, key: "k")
      matched.ifMatch = Position(10)
      #expect(await service.submit(matched, to: rehearsal.plan).isKeyReused)
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `two actors may use the same key`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let colleague = PlanActor(id: .user(id(77)), role: .coordinator)
      let one = try request("register-document", ["key": "A", "title": "T"], key: "k")
      let other = try request("register-document", ["key": "B", "title": "T"], key: "k", as: colleague)
      #expect(await service.submit(one, to: rehearsal.plan).positions == [11])
      #expect(await service.submit(other, to: rehearsal.plan).positions == [12])
    }
  }

  @Test func `a success without events has a receipt`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let same = try request("revise-wording", ["item": "netz.1.I", "title": "Kabel"], key: "same")
      let first = await service.submit(same, to: rehearsal.plan)
      #expect(first.json?["events"] == [])
      #expect(try await rehearsal.events().count == 11)
      _ = await service.submit(
        try request("revise-wording", ["item": "netz.1.I", "title": "Leitungen"], key: "other"), to: rehearsal.plan)
      // Sent afresh it would now change the title; as a retry it does not.
      #expect(await service.submit(same, to: rehearsal.plan).bytes == first.bytes)
      #expect(try await service.snapshot(of: rehearsal.plan).plan.measure("netz.1.I")?.titles.last == "Leitungen")
      #expect(try await rehearsal.events().count == 12)
    }
  }

  @Test func `a refused command leaves no receipt, and its key may succeed later`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let request = try request("add-alias", ["institution": "late", "name": "Spät"], key: "early")
      #expect(await service.submit(request, to: rehearsal.plan).refusal != nil)
      #expect(try await rehearsal.memory.receipts(of: rehearsal.plan, for: [request.receiptKey]).isEmpty)
      _ = await service.submit(
        try PlanServiceTests.request(
          "register-institution", ["slug": "late", "name": "Late", "kind": "body"], key: "late"), to: rehearsal.plan)
      #expect(await service.submit(request, to: rehearsal.plan).bytes != nil)
    }
  }

  @Test func `a key that is being worked on is refused until its answer is there`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let gate = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      let request = try institution(1)
      async let first = service.submit(request, to: rehearsal.plan)
      await gate.arrived()
      #expect(await service.submit(request, to: rehearsal.plan).isKeyInFlight)
      gate.open()
      let answer = await first
      #expect(answer.bytes != nil)
      #expect(await service.submit(request, to: rehearsal.plan).bytes == answer.bytes)
    }
  }

  @Test func `creating a plan is repeated like any command`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      let create = try request("create-plan", ["slug": "p", "title": "P"], key: "k")
      let first = await service.create(create, plan: id(1))
      guard case .done(let bytes, let position) = await service.create(create, plan: id(2)) else {
        Issue.record("no answer")
        return
      }
      #expect(bytes == first.bytes)
      #expect(position == Position(0))
      let other = try request("create-plan", ["slug": "p", "title": "Q"], key: "k")
      #expect(await service.create(other, plan: id(3)).isKeyReused)
      let stranger = try request("create-plan", ["slug": "p", "title": "P"], key: "k2")
      #expect(await service.create(stranger, plan: id(4)).refusal?.code == "slug-taken")
      #expect(try await rehearsal.memory.plans(after: nil, limit: 10).count == 1)
    }
  }

  @Test func `a creation sent twice at once makes one plan and gives one answer`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      let gate = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      let create = try request("create-plan", ["slug": "p", "title": "P"], key: "k")
      async let one = service.create(create, plan: id(1))
      async let other = service.create(create, plan: id(2))
      await gate.arrived(2)
      gate.open()
      let answers = await [one, other]
      #expect(answers[0].bytes != nil)
      #expect(answers[0].bytes == answers[1].bytes)
      #expect(try await rehearsal.memory.plans(after: nil, limit: 10).count == 1)
    }
  }
}

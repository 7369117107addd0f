import Coordination
import EventSourcing
import HangLimit
import PlanService
import Testing

@Suite(.hangLimit)
struct GroupCommitTests {
  @Test func `commands that wait together are committed together, each with its own answer`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let before = rehearsal.store.appends.count
      let gate = Gate()
      let started = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      let answers = try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
        for number in 0..<200 {
          let request = try institution(number)
          group.addTask {
            started.arrive()
            return await service.submit(request, to: rehearsal.plan)
          }
        }
        await started.arrived(200)
        await gate.arrived()
        gate.open()
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let positions = answers.map(\.positions)
      #expect(positions.allSatisfy { $0.count == 1 })
      #expect(positions.flatMap(\.self).sorted() == Array(11..<211))
      #expect(rehearsal.store.appends.count - before < 20)
      #expect(try await rehearsal.events().map(\.position.value) == Array(0..<211))
    }
  }

  @Test func `an answer names the event that its own command yielded`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            let answer = await service.submit(try institution(number), to: rehearsal.plan)
            let position = try #require(answer.positions.first)
            let event = try #require(
              try await rehearsal.memory.events(
                of: rehearsal.log, matching: EventQuery(from: Position(position), limit: 1)
              ).first)
            #expect(String(decoding: event.body, as: UTF8.self).contains("\"i-\(number)\""))
            #expect(answer.json?["events"]?.array?.first?["subject"]?.string == event.subject)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func `an answer names a committed head`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let answer = try #require(await service.submit(try institution(1), to: rehearsal.plan).json)
      #expect(answer["position"]?.integer == 11)
      #expect(answer["size"]?.integer == 12)
      let snapshot = try await service.snapshot(of: rehearsal.plan, positionMin: Position(11))
      #expect(snapshot.head == (try await rehearsal.memory.head(of: rehearsal.log)))
    }
  }

  @Test func `a refused command does not fail those it is committed with`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let answers = try await together(rehearsal, service) {
        [
          try institution(1),
          try request("cite-source", ["item": "nobody", "source": ["S2:1"]], key: "bad"),
          try request("add-measure", oversizedMeasure, key: "big"),
          try request("register-document", ["key": "S9", "title": "T"], key: "auditor", as: .auditor),
          try institution(2),
        ]
      }
      #expect(answers["institution-1"]?.bytes != nil)
      #expect(answers["bad"]?.refusal?.code == "unknown-item")
      #expect(answers["big"]?.refusal?.code == "event-too-large")
      #expect(answers["big"]?.refusal?.kind == .tooLarge)
      #expect(answers["auditor"]?.refusal?.code == "role-not-allowed")
      #expect(answers["institution-2"]?.bytes != nil)
      #expect(try await rehearsal.events().count == 14)
    }
  }

  @Test func `no stored event is larger than an entry may be`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let refusal = try #require(
        await service.submit(try request("add-measure", oversizedMeasure, key: "big"), to: rehearsal.plan).refusal)
      #expect(JSON.object(refusal.facts)["bytesMax"]?.integer == 65_535)
      #expect(try await rehearsal.events().allSatisfy { $0.body.count <= EventEnvelope.byteCountMax })
    }
  }

  @Test func `a later command of a batch sees the earlier one`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let answers = try await together(rehearsal, service) {
        try (0..<5).map {
          try request(
            "register-institution", ["slug": "same", "name": .string("N\($0)"), "kind": "body"], key: "same-\($0)")
        }
      }
      #expect(answers.values.count { $0.bytes != nil } == 1)
      #expect(answers.values.count { $0.refusal?.code == "slug-taken" } == 4)
    }
  }

  @Test func `past the queue's limit a caller is told so, and the others are served`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.queueCountMax = 2 }) { service in
      try await rehearsal.begin(service)
      let gate = Gate()
      rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
      try await withThrowingTaskGroup(of: CommandAnswer.self) { group in
        group.addTask { await service.submit(try institution(0), to: rehearsal.plan) }
        await gate.arrived()
        for number in 1...3 { group.addTask { await service.submit(try institution(number), to: rehearsal.plan) } }
        let first = try await group.next()
        #expect(first?.unavailability == .queueFull)
        gate.open()
        let rest = try await group.reduce(into: []) { $0.append($1) }
        #expect(rest.count == 3)
        #expect(rest.allSatisfy { $0.bytes != nil })
      }
      #expect(try await rehearsal.events().count == 14)
    }
  }

  private let oversizedMeasure: JSON = [
    "cluster": "netz", "taskField": 1, "numeral": "II", "title": "Zu viel",
    "deliverables": .array((0..<100).map { _ in .string(String(repeating: "🌍", count: 300)) }),
  ]

  /// Sends commands so that they wait for each other and share a batch; answers by key.
  private func together(
    _ rehearsal: Rehearsal, _ service: PlanService, _ requests: () throws -> [CommandRequest]
  ) async throws -> [String: CommandAnswer] {
    let requests = try requests()
    let gate = Gate()
    let started = Gate()
    rehearsal.store.set { $0.beforeAppend = { _ in await gate.pass() } }
    return try await withThrowingTaskGroup(of: (String, CommandAnswer).self) { group in
      let first = try request("register-document", ["key": "S0", "title": "T"], key: "first")
      group.addTask { ("first", await service.submit(first, to: rehearsal.plan)) }
      await gate.arrived()
      let before = rehearsal.store.appends.count
      for request in requests {
        group.addTask {
          started.arrive()
          return (request.key, await service.submit(request, to: rehearsal.plan))
        }
      }
      await started.arrived(requests.count)
      gate.open()
      var answers: [String: CommandAnswer] = [:]
      for try await (key, answer) in group where key != "first" { answers[key] = answer }
      #expect(rehearsal.store.appends.count >= before)
      return answers
    }
  }
}

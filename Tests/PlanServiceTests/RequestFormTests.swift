import Coordination
import EventSourcing
import HangLimit
import PlanService
import Testing

/// Atomic lists, dry runs, If-Match and acting for somebody.
@Suite(.hangLimit)
struct RequestFormTests {
  @Test func `a list is carried out whole, under one receipt`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let commands: [(String, JSON)] = [
        ("register-institution", ["slug": "x", "name": "X", "kind": "body"]),
        ("add-alias", ["institution": "x", "name": "Ix"]),
        ("assign-lead", ["measure": "netz.1.I", "institution": "x"]),
      ]
      let before = rehearsal.store.appends.count
      let answer = await service.submit(try list(commands, key: "l"), to: rehearsal.plan)
      #expect(answer.positions == [11, 12, 13])
      #expect(rehearsal.store.appends.count == before + 1)
      #expect(await service.submit(try list(commands, key: "l"), to: rehearsal.plan).bytes == answer.bytes)
      let correlations = try await rehearsal.events()[11...].compactMap { EventEnvelope.decode($0.body)?.envelope }
      #expect(Set(correlations.map(\.correlationID)).count == 1)
      #expect(Set(correlations.map(\.commandID)).count == 3)
    }
  }

  @Test func `one refused command of a list refuses all, and its place is named`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let commands: [(String, JSON)] = [
        ("register-institution", ["slug": "x", "name": "X", "kind": "body"]),
        ("assign-lead", ["measure": "netz.1.IX", "institution": "x"]),
        ("register-institution", ["slug": "y", "name": "Y", "kind": "body"]),
      ]
      let refusal = try #require(await service.submit(try list(commands, key: "l"), to: rehearsal.plan).refusal)
      #expect(refusal.code == "unknown-measure")
      #expect(refusal.field == "commands[1].with.measure")
      #expect(try await rehearsal.events().count == 11)
      #expect(try await service.snapshot(of: rehearsal.plan).plan.party("x") == nil)
    }
  }

  @Test func `a list may be longer than a batch and is never split`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService({ $0.batchCountMax = 2 }) { service in
      try await rehearsal.begin(service)
      let before = rehearsal.store.appends.count
      let commands = (0..<50).map {
        ("register-institution", ["slug": .string("x-\($0)"), "name": .string("X\($0)"), "kind": "body"] as JSON)
      }
      #expect(await service.submit(try list(commands, key: "l"), to: rehearsal.plan).positions.count == 50)
      #expect(rehearsal.store.appends.count == before + 1)
    }
  }

  @Test func `a dry run answers as the real one would and stores nothing`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let before = rehearsal.store.appends.count
      var request = try institution(1)
      request.isDryRun = true
      let rehearsed = await service.submit(request, to: rehearsal.plan)
      #expect(rehearsed.isDryRun)
      #expect(rehearsal.store.appends.count == before)
      #expect(try await rehearsal.memory.receipts(of: rehearsal.plan, for: [request.receiptKey]).isEmpty)
      request.isDryRun = false
      let real = await service.submit(request, to: rehearsal.plan)
      #expect(real.bytes != nil)
      for key in ["position", "size"] { #expect(rehearsed.json?[key] == real.json?[key]) }
      #expect(rehearsed.positions == real.positions)
      let keys = { (json: JSON?) in json?.members?.map(\.key) }
      #expect(keys(rehearsed.json) == keys(real.json))
      #expect(keys(rehearsed.json?["events"]?.array?.first) == keys(real.json?["events"]?.array?.first))
    }
  }

  @Test func `a dry run is refused as the real one would be`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let commands: [(String, JSON)] = [
        ("register-institution", ["slug": "x", "name": "X", "kind": "body"]),
        ("register-institution", ["slug": "x", "name": "X", "kind": "body"]),
      ]
      let rehearsed = await service.submit(try list(commands, key: "l", isDryRun: true), to: rehearsal.plan).refusal
      let real = await service.submit(try list(commands, key: "l"), to: rehearsal.plan).refusal
      #expect(rehearsed != nil)
      #expect(rehearsed?.code == real?.code)
      #expect(rehearsed?.field == real?.field)
    }
  }

  @Test func `a dry run of a creation creates nothing`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      let create = try request("create-plan", ["slug": "p", "title": "P"], key: "k", isDryRun: true)
      #expect(await service.create(create, plan: id(1)).isDryRun)
      #expect(try await rehearsal.memory.plans(after: nil, limit: 10).isEmpty)
    }
  }

  @Test func `If-Match lets a command through while its subject is as it was`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let revise = { (title: JSON, key: String, ifMatch: Int64) in
        try request("revise-wording", ["item": "netz.1.I", "title": title], key: key, ifMatch: ifMatch)
      }
      // Something else changed since; the measure did not.
      #expect(await service.submit(try revise("A", "a", 5), to: rehearsal.plan).positions == [11])
      let stale = try #require(await service.submit(try revise("B", "b", 10), to: rehearsal.plan).refusal)
      #expect(stale.kind == .stale)
      #expect(stale.code == "subject-changed")
      #expect(JSON.object(stale.facts)["version"] == 11)
      #expect(await service.submit(try revise("B", "b", 11), to: rehearsal.plan).positions == [12])
      #expect(try await rehearsal.events().count == 13)
    }
  }

  @Test func `who acts for another institution must be the office`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      let lead: JSON = ["measure": "netz.1.I", "institution": "ihk"]
      _ = await service.submit(try request("assign-lead", lead, key: "lead"), to: rehearsal.plan)
      let report: JSON = ["measure": "netz.1.I", "institution": "ihk", "condition": "on-track"]
      func sent(as actor: PlanActor, for party: String, key: String) async throws -> CommandAnswer {
        let command = try requested("report-progress", report).command
        return await service.submit(
          CommandRequest(
            actor: actor, key: key,
            commands: [RequestedCommand(command, onBehalfOf: try PartyReference(party, field: "onBehalfOf"))],
            canonicalBody: report.canonicalBytes), to: rehearsal.plan)
      }
      let ihk = PlanActor(id: .user(id(78)), role: .lead, institution: "ihk")
      #expect(try await sent(as: ihk, for: "hwk", key: "1").refusal?.code == "other-institution")
      #expect(try await sent(as: ihk, for: "nobody", key: "2").refusal?.code == "unknown-institution")
      #expect(try await sent(as: ihk, for: "ihk", key: "3").positions == [12])
      #expect(try await sent(as: .office, for: "ihk", key: "4").positions == [13])
      // What was said on behalf of an institution is corrected by it, or on its behalf (§12).
      func corrected(for party: String?, key: String) async throws -> CommandAnswer {
        let correction: JSON = ["measure": "netz.1.I", "report": 13, "percent": 10, "reason": "R"]
        let command = try requested("correct-report", correction).command
        let whom = try party.map { try PartyReference($0, field: "onBehalfOf") }
        return await service.submit(
          CommandRequest(
            actor: .office, key: key, commands: [RequestedCommand(command, onBehalfOf: whom)],
            canonicalBody: correction.canonicalBytes), to: rehearsal.plan)
      }
      #expect(try await corrected(for: nil, key: "5").refusal?.code == "not-yours")
      #expect(try await corrected(for: "ihk", key: "6").positions == [14])
      let subject = try await service.snapshot(of: rehearsal.plan).plan.party("ihk")?.subject
      let envelopes = try await rehearsal.events()[12...].compactMap { EventEnvelope.decode($0.body)?.envelope }
      #expect(envelopes.map(\.onBehalfOf) == [subject, subject, subject])
    }
  }

  @Test func `a time zone must be one that this system knows`() async throws {
    let rehearsal = Rehearsal()
    try await rehearsal.withService { service in
      try await rehearsal.begin(service)
      func sent(_ zone: String) async throws -> CommandAnswer {
        let json: JSON = [
          "slug": "b", "title": "B", "from": "2030-01-01", "until": "2033-12-31", "timeZone": .string(zone),
        ]
        return await service.submit(try request("register-plan-version", json, key: zone), to: rehearsal.plan)
      }
      #expect(try await sent("Europe/Berlinn").refusal?.code == "unknown-time-zone")
      #expect(try await sent("Europe/Vienna").bytes != nil)
    }
  }
}

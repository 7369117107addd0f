import Coordination
import EventSourcing
import HTTPTypes
import HangLimit
import Testing

/// Workers of a partner system that share a consumer, over HTTP.
@Suite(.hangLimit) struct ConsumerRoutesTests {
  private static let consumers = "\(FeedDesk.feed)/consumers"
  private static let desk = "\(consumers)/archive"

  /// A feed of four events, about two measures by turns, and a consumer at its beginning.
  private func withConsumer(_ body: @escaping @Sendable (FeedDesk) async throws -> Void) async throws {
    try await withFeed(["types": ["measure.*"]]) { desk in
      try await desk.does("highlight-measure", ["measure": "fachkraefte.1.I", "reason": "T"])
      try await desk.does("highlight-measure", ["measure": "fachkraefte.1.II", "reason": "T"])
      try await desk.does("start-phase", ["measure": "fachkraefte.1.I", "phase": "Aufbau"])
      try await desk.keep()
      #expect(try await desk.send(.put, Self.desk, [:]).status == 201)
      try await body(desk)
    }
  }

  private static func ids(_ answer: Answer) -> [String] {
    answer.json["events"]?.array?.compactMap { $0["id"]?.string } ?? []
  }

  private static func lease(_ answer: Answer) -> JSON { answer.json["lease"] ?? .null }

  @Test func `workers get different events byte for byte, and what they finish is done`() async throws {
    try await withConsumer { desk in
      let one = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one", "limit": 2])
      let two = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "two"])
      #expect(Self.ids(one) == (0..<2).map { Position($0).padded.description })
      #expect(Set(Self.ids(one)).isDisjoint(with: Self.ids(two)))
      let bodies = try await desk.stored("feed-press").map { String(decoding: $0.body, as: UTF8.self) }
      for event in bodies.prefix(2) { #expect(one.text.contains(event)) }
      let through = try #require(Self.ids(one).last)
      let done = try await desk.send(
        .post, "\(Self.desk)/ack", ["lease": Self.lease(one), "through": .string(through)])
      #expect(done.json["consumer"]?["next"]?.string == Position(2).padded.description, "\(done.text)")
      try await desk.client.expectProblem(409, "lease-ended", field: "lease") {
        try await desk.send(.post, "\(Self.desk)/ack", ["lease": Self.lease(one), "through": .string(through)])
      }
      let longer = try await desk.send(.post, "\(Self.desk)/extend", ["lease": Self.lease(two), "seconds": 600])
      #expect(longer.json["until"]?.string?.hasSuffix("12:10:00.000000Z") == true, "\(longer.text)")
      #expect(try await desk.send(.post, "\(Self.desk)/release", ["lease": Self.lease(two)]).status == 200)
      let all = try await desk.get(Self.consumers).json["consumers"]?.array
      #expect(all?.count == 1 && all?.first?["leases"] == [])
      #expect(try await desk.send(.delete, Self.desk).status == 204)
      try await desk.client.expectProblem(404, "unknown-consumer") { try await desk.get(Self.desk) }
    }
  }

  @Test func `what a worker could not do is tried again, parked or skipped, with its reason`() async throws {
    try await withConsumer { desk in
      let first = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one"])
      let ids = Self.ids(first)
      for (number, action) in ["skip", "park"].enumerated() {
        let said: JSON = [
          "lease": Self.lease(first), "id": .string(ids[number]), "action": .string(action), "reason": "no such field",
        ]
        #expect(try await desk.send(.post, "\(Self.desk)/nack", said).status == 200)
      }
      let aside = try await desk.get("\(Self.desk)/set-aside").json["setAside"]?.array ?? []
      #expect(aside.count { $0["outcome"] == "skipped" } == 1)
      #expect(aside.count { $0["outcome"] == "parked" } >= 1)
      #expect(aside.contains { $0["reason"] == "no such field" })
      let replayed = try await desk.send(.post, "\(Self.desk)/replay", ["from": .string(ids[0])])
      #expect(replayed.json["consumer"]?["parkedSubjects"] == [])
      #expect(try await desk.get("\(Self.desk)/set-aside").json["setAside"] == [])
      let again = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one", "limit": 1])
      let retry: JSON = [
        "lease": Self.lease(again), "id": .string(ids[0]), "action": "retry", "reason": "busy", "seconds": 30,
      ]
      let state = try await desk.send(.post, "\(Self.desk)/nack", retry).json["consumer"]
      #expect(state?["waiting"]?.array?.first?["reason"] == "busy")
      #expect(state?["waiting"]?.array?.first?["failures"] == 1)
    }
  }

  @Test func `a worker waits for events as long as it says`() async throws {
    try await withFeed(["types": ["institution.alias-added"]]) { desk in
      #expect(try await desk.send(.put, Self.desk, [:]).status == 201)
      try await desk.keep()
      let began = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one"])
      #expect(Self.ids(began).count == 1, "a feed begins with its contract")
      _ = try await desk.send(
        .post, "\(Self.desk)/ack", ["lease": Self.lease(began), "through": .string(Self.ids(began)[0])])
      let none = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one", "timeout": 20])
      #expect(none.json == ["events": [], "lease": .null, "until": .null])
      async let waiting = desk.send(.post, "\(Self.desk)/lease", ["worker": "one", "timeout": 30_000])
      try await desk.does("add-alias", ["institution": "ihk", "name": "Kammer"])
      try await desk.keep()
      #expect(Self.ids(try await waiting).count == 1)
    }
  }

  @Test func `what follows about parked subjects is passed over until there is something to do`() async throws {
    try await withFeed(["types": ["institution.*"]]) { desk in
      // More than a consumer looks at, about one subject; then one about another.
      for batch in 0..<7 {
        let list = (0..<190).map { number in
          JSON.object([
            .init("command", "add-alias"),
            .init("with", ["institution": "ihk", "name": .string("Kammer \(batch) \(number)")]),
          ])
        }
        let answer = try await desk.client.post(
          "/v1/plans/industriestadt/commands", ["commands": .array(list)])
        #expect(answer.status == 201, "\(answer.text)")
      }
      try await desk.does("add-alias", ["institution": "hwk", "name": "Handwerk"])
      try await desk.keep()
      #expect(try await desk.send(.put, Self.desk, [:]).status == 201)
      let begun = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one", "limit": 2])
      let ids = Self.ids(begun)
      let parked: JSON = ["lease": Self.lease(begun), "id": .string(ids[1]), "action": "park", "reason": "R"]
      #expect(try await desk.send(.post, "\(Self.desk)/nack", parked).status == 200)
      _ = try await desk.send(.post, "\(Self.desk)/ack", ["lease": Self.lease(begun), "through": .string(ids[0])])
      let rest = try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one"])
      #expect(Self.ids(rest) == [Position(7 * 190 + 1).padded.description])
    }
  }

  @Test func `a consumer is its partner's and the office's; auditors look on`() async throws {
    try await withConsumer { desk in
      #expect(try await desk.client.get(Self.desk, as: .auditor).status == 200)
      #expect(try await desk.client.post("\(Self.desk)/lease", ["worker": "office"]).status == 200)
      try await desk.client.expectProblem(403, "role-not-allowed") {
        try await desk.client.post("\(Self.desk)/lease", ["worker": "audit"], as: .auditor)
      }
      try await desk.client.expectProblem(403, "role-not-allowed") {
        try await desk.client.get(Self.desk, as: .steering)
      }
      try await desk.client.expectProblem(404, "unknown-feed") {
        try await desk.send(.post, "\(Self.desk)/lease", ["worker": "one"], partner: "bek")
      }
    }
  }

  @Test func `what makes no sense is refused with the field`() async throws {
    try await withConsumer { desk in
      let lease = "\(Self.desk)/lease"
      let none: JSON = .string(EntityID(high: 1, low: 1).description)
      let wrong: [(String, JSON, Int, String, String?)] = [
        (lease, [:], 400, "missing-field", "worker"),
        (lease, ["worker": "a", "colour": 1], 400, "unknown-field", "colour"),
        (lease, ["worker": "a", "limit": 0], 400, "invalid-value", "limit"),
        (lease, ["worker": "a", "limit": 257], 400, "invalid-value", "limit"),
        (lease, ["worker": "a", "seconds": 3601], 400, "invalid-value", "seconds"),
        (lease, ["worker": "a", "timeout": -1], 400, "invalid-value", "timeout"),
        (lease, ["worker": ""], 400, "empty-text", "worker"), (lease, [], 400, "wrong-type", nil),
        ("\(Self.consumers)/none/lease", ["worker": "a"], 404, "unknown-consumer", nil),
        ("\(Self.desk)/ack", ["lease": none, "through": "1"], 400, "invalid-value", "through"),
        ("\(Self.desk)/ack", ["lease": "x", "through": "0000000000000001"], 400, "invalid-value", "lease"),
        ("\(Self.desk)/ack", ["lease": none, "through": "0000000000000001"], 409, "lease-ended", "lease"),
        (
          "\(Self.desk)/nack", ["lease": none, "id": "0000000000000001", "action": "burn", "reason": "R"], 400,
          "invalid-value", "action"
        ),
        (
          "\(Self.desk)/nack",
          ["lease": none, "id": "0000000000000001", "action": "skip", "reason": "R", "seconds": 1], 400,
          "invalid-value", "seconds"
        ),
        ("\(Self.desk)/replay", ["from": "0000000000000099"], 422, "cursor-beyond-head", "from"),
      ]
      for (path, body, status, code, field) in wrong {
        try await desk.client.expectProblem(status, code, field: field) { try await desk.send(.post, path, body) }
      }
      try await desk.client.expectProblem(400, "invalid-value", field: "consumer") {
        try await desk.send(.put, "\(Self.consumers)/No%20Slug", [:])
      }
      #expect(try await desk.send(.put, Self.desk, [:]).status == 200, "it is there already")
      try await desk.client.expectProblem(409, "consumer-exists", field: "from") {
        try await desk.send(.put, Self.desk, ["from": "0000000000000001"])
      }
      for number in 1..<32 { #expect(try await desk.send(.put, "\(Self.consumers)/c\(number)", [:]).status == 201) }
      try await desk.client.expectProblem(409, "too-many-consumers", field: "consumer") {
        try await desk.send(.put, "\(Self.consumers)/c32", [:])
      }
    }
  }
}

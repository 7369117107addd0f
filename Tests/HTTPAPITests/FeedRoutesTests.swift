import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanService
import Testing

/// The plan's log as a feed, in batches and event by event; streams need a connection and are told of elsewhere.
@Suite(.hangLimit) struct FeedRoutesTests {
  private static let feed = "/v1/plans/industriestadt/feed"

  /// A plan with so many events, published.
  private func withFeed(
    of count: Int, _ body: @escaping @Sendable (Client, [StoredEvent]) async throws -> Void
  ) async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      try await grow(client, to: count)
      let log = LogID(plan: try await edge.plan())
      try await edge.publisher.publish(log)
      try await body(client, try await edge.memory.events(of: log, matching: EventQuery(limit: 2000)))
    }
  }

  private func grow(_ client: Client, to count: Int) async throws {
    let begun = Int(try await client.edge.eventCount())
    guard begun < count else { return }
    let list = (begun..<count).map { number -> JSON in
      ["command": "register-document", "with": ["key": .string("D\(number)"), "title": "T"]]
    }
    #expect(try await client.post("/v1/plans/industriestadt/commands", ["commands": .array(list)]).status == 201)
  }

  private static func cursor(_ position: Int) -> String { Position(Int64(position)).padded.description }

  /// The address that a `Link` names.
  private static func link(_ relation: String, in answer: Answer) throws -> String {
    let links = try #require(answer["Link"]).split(separator: ", ")
    let link = try #require(links.first { $0.hasSuffix("rel=\"\(relation)\"") })
    return String(try #require(link.split(separator: ">").first).dropFirst())
  }

  private static let checkpoint = "https://c2sp.org/tlog-checkpoint"

  @Test func `whoever follows the links reads every stored byte once, and then waits`() async throws {
    try await withFeed(of: 600) { client, events in
      var (address, read) = (Self.feed, [UInt8]())
      var sizes: [Int] = []
      while true {
        let answer = try await client.get(address, as: .auditor)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/cloudevents-batch+json")
        let batch = try #require(answer.json.array)
        let isFull = batch.count == 256
        #expect(answer["Cache-Control"] == (isFull ? "private, max-age=31536000, immutable" : "private, no-cache"))
        address = try Self.link("next", in: answer)
        sizes.append(batch.count)
        guard !batch.isEmpty else { break }
        if !read.isEmpty { read.append(UInt8(ascii: ",")) }
        read += answer.bytes.dropFirst().dropLast()
        let covering = try Self.link(Self.checkpoint, in: answer)
        #expect(try await client.get(covering, as: .auditor).status == 200, "\(covering)")
        if isFull { #expect(covering.hasSuffix("/log/checkpoint?size=\(sizes.reduce(0, +))")) }
      }
      #expect(sizes == [256, 256, 88, 0])
      #expect(read == Array(events.map(\.body).joined(separator: [UInt8(ascii: ",")])))
      // The address where reading stopped is where it goes on.
      try await grow(client, to: 610)
      #expect(try await client.get(address, as: .auditor).json.array?.count == 10)
    }
  }

  @Test func `a page is as long as was asked for`() async throws {
    try await withFeed(of: 40) { client, events in
      let answer = try await client.get("\(Self.feed)?lastEventId=\(Self.cursor(9))&limit=5", as: .auditor)
      #expect(answer.json.array?.compactMap { $0["id"]?.string } == (10..<15).map(Self.cursor))
      #expect(try Self.link("next", in: answer).contains("limit=5"))
      #expect(try Self.link("next", in: answer).contains("lastEventId=\(Self.cursor(14))"))
      #expect(try await client.get("\(Self.feed)?lastEventId=null", as: .auditor).json.array?.count == events.count)
      let one = try await client.get("\(Self.feed)/\(Self.cursor(7))", as: .auditor)
      #expect(one.bytes == events[7].body)
      #expect(one["Content-Type"] == "application/cloudevents+json")
    }
  }

  @Test func `a reader at the end gets what comes while it waits`() async throws {
    try await withFeed(of: 30) { client, events in
      let address = "\(Self.feed)?lastEventId=\(Self.cursor(events.count - 1))&timeout=30000"
      async let waiting = client.get(address, as: .auditor)
      try await grow(client, to: events.count + 1)
      #expect(try await waiting.json.array?.count == 1)
      let patient = try await client.get(
        "\(Self.feed)?lastEventId=\(Self.cursor(events.count))&timeout=1", as: .auditor)
      #expect(patient.text == "[]")
      #expect(try Self.link("next", in: patient).contains("lastEventId=\(Self.cursor(events.count))"))
    }
  }

  @Test func `cursors that lead nowhere are told apart`() async throws {
    try await withFeed(of: 30) { client, events in
      let get = { (query: String) in try await client.get("\(Self.feed)?\(query)", as: .auditor) }
      let short = try await client.expectProblem(400, "unknown-cursor", field: "lastEventId") {
        try await get("lastEventId=7")
      }
      #expect(short.json["facts"]?["didYouMean"]?.string == Self.cursor(7))
      for strange in ["", "00000000000000x7", "-000000000000007", "00000000000000007", "9999999999999999"] {
        try await client.expectProblem(400, "unknown-cursor", field: "lastEventId") {
          try await get("lastEventId=\(strange)")
        }
      }
      let beyond = try await client.expectProblem(422, "cursor-beyond-head", field: "lastEventId") {
        try await get("lastEventId=\(Self.cursor(events.count))")
      }
      #expect(beyond.json["facts"]?["lastEventId"]?.string == Self.cursor(events.count - 1))
      let last = "lastEventId=\(Self.cursor(3))"
      let source = try #require(JSONParser.parse(events[3].body)["source"]?.string)
      #expect(try await get("\(last)&source=\(source)").status == 200)
      try await client.expectProblem(422, "cursor-of-another-log", field: "source") {
        try await get("\(last)&source=urn:federwerk:plan:0:log:main:epoch:1")
      }
      let later = try await client.expectProblem(410, "epoch-ended", field: "source") {
        try await get("\(last)&source=\(source.dropLast())2")
      }
      #expect(later.json["facts"]?["epoch"]?.integer == 1)
      #expect(later.json["detail"]?.string?.contains("drop what you have cached") == true, "\(later.text)")
      // Streams check the same before they begin, and believe the header rather than the address.
      try await client.expectProblem(422, "cursor-beyond-head", field: "lastEventId") {
        try await client.get(
          "\(Self.feed)?\(last)", as: .auditor,
          ["Accept": "text/event-stream", "Last-Event-ID": Self.cursor(99)])
      }
      try await client.expectProblem(400, "unknown-cursor", field: "Last-Event-ID") {
        try await client.get(Self.feed, as: .auditor, ["Accept": "text/event-stream", "Last-Event-ID": "3"])
      }
    }
  }

  @Test func `absurd questions get exact answers`() async throws {
    try await withFeed(of: 30) { client, _ in
      for limit in ["0", "-1", "1001", "x", ""] {
        try await client.expectProblem(400, "invalid-value", field: "limit") {
          try await client.get("\(Self.feed)?limit=\(limit)", as: .auditor)
        }
      }
      for timeout in ["-1", "30001", "1.5"] {
        try await client.expectProblem(400, "invalid-value", field: "timeout") {
          try await client.get("\(Self.feed)?timeout=\(timeout)", as: .auditor)
        }
      }
      try await client.expectProblem(400, "unknown-parameter", field: "colour") {
        try await client.get("\(Self.feed)?colour=red", as: .auditor)
      }
      for accept in ["text/html", "application/json", "text/event-stream;q=0", ",,;;q=", "a/b, c/d"] {
        try await client.expectProblem(406, "not-acceptable", field: "Accept") {
          try await client.get(Self.feed, as: .auditor, ["Accept": accept])
        }
      }
      for accept in [
        "*/*", "text/html, application/*;q=0.1", "text/event-stream;q=0.2, application/cloudevents-batch+json",
      ] {
        #expect(try await client.get(Self.feed, as: .auditor, ["Accept": accept]).json.array?.count == 30)
      }
      for id in ["7", "0000000000000030", "x"] {
        try await client.expectProblem(404, "unknown-event") {
          try await client.get("\(Self.feed)/\(id)", as: .auditor)
        }
      }
    }
  }

  @Test func `the plan's own feed is for auditors and the office`() async throws {
    try await withFeed(of: 30) { client, _ in
      #expect(try await client.get(Self.feed, as: .coordinator).status == 200)
      for role in [Role.lead, .contributor, .steering, .partner] {
        for path in [Self.feed, "\(Self.feed)/\(Self.cursor(0))"] {
          try await client.expectProblem(403, "role-not-allowed") { try await client.get(path, as: role) }
        }
      }
    }
  }

  @Test func `a log that is shorter than what was published is not fed`() async throws {
    let edge = Edge { $0.troubleRetryPause = .milliseconds(1) }
    try await edge.run { client in
      try await client.begin()
      let later = Edge(continuing: edge)
      try later.regress(try await edge.plan())
      try await later.run { client in
        _ = try await client.get("/v1/plans/industriestadt/measures")
        try await client.expectProblem(503, "log-regressed") { try await client.get(Self.feed, as: .auditor) }
      }
    }
  }
}

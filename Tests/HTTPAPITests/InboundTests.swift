import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanSpecification
import Testing

/// What a partner system reports about the measures that its programme leads.
@Suite(.hangLimit) struct InboundTests {
  private static let path = "/v1/plans/industriestadt/inbound"
  private static let status: JSON = [
    "specversion": "1.0", "id": "bek-2019-1", "source": "https://bek.example/monitoring", "subject": "W-14",
    "type": "org.federwerk.external-status.reported.v1",
    "data": ["status": "in Umsetzung", "percent": 30, "date": "2019-02-01"],
  ]

  private func withPartner(_ body: @escaping @Sendable (Client) async throws -> Void) async throws {
    try await Edge().run { client in
      try await client.begin()
      let setup: [(String, JSON)] = [
        ("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"]),
        ("register-partner-system", ["slug": "bek-monitoring", "name": "BEK", "programmes": ["bek"]]),
        ("register-partner-system", ["slug": "press", "name": "Presse"]),
      ]
      for (command, json) in setup { #expect(try await client.command(command, json).status == 201) }
      try await body(client)
    }
  }

  private static func send(
    _ client: Client, _ body: JSON, partner: String = "bek-monitoring", query: String = "",
    type: String = "application/cloudevents+json"
  ) async throws -> Answer {
    let token = try await client.edge.token(.partner, partner: partner)
    return try await client.send(
      .post, path + query, token: token, ["Content-Type": type], body: body.canonicalBytes)
  }

  @Test func `a status is taken once, however often it is sent`() async throws {
    try await withPartner { client in
      let dry = try await Self.send(client, Self.status, query: "?dryRun=true")
      #expect(dry.status == 201 && dry["Dry-Run"] == "true")
      let before = try await client.edge.eventCount()
      let first = try await Self.send(client, Self.status)
      #expect(first.status == 201, "\(first.text)")
      #expect(try await client.edge.eventCount() == before + 1)
      #expect(first.json["events"]?.array?.first?["type"]?.string?.hasSuffix("external-status-recorded.v1") == true)
      let again = try await Self.send(client, Self.status)
      #expect(again.bytes == first.bytes)
      try await client.expectProblem(422, "event-reused", field: "id") {
        try await Self.send(client, Self.status.replacing("data", ["status": "fertig", "date": "2019-02-01"]))
      }
      // Another sender's event of the same id is another event, but the status is known by then.
      try await client.expectProblem(409, "status-id-taken", field: "id") {
        let other = Self.status.replacing("source", "https://other.example")
        return try await Self.send(client, other.replacing("data", ["status": "fertig", "date": "2019-02-01"]))
      }
      let board = try await client.get("/v1/plans/industriestadt/external-links").json["external-links"]?.array?.first
      #expect(board?["status"]?["id"]?.string == "bek-2019-1")
      #expect(board?["status"]?["percent"]?.integer == 30)
      // The plan that the tests speak about gave it a lead before it was linked.
      #expect(board?["findings"] == ["led-here-too"])
    }
  }

  @Test func `each event of a batch stands for itself`() async throws {
    try await withPartner { client in
      let batch: JSON = [
        Self.status, Self.status.replacing("id", "x-2").replacing("subject", "W-99"),
        Self.status.replacing("id", "x-3"), 7,
      ]
      let answer = try await Self.send(client, batch, type: "application/cloudevents-batch+json")
      #expect(answer.status == 200)
      let results = try #require(answer.json["results"]?.array)
      #expect(results.map { $0["status"]?.integer } == [201, 404, 201, 400])
      #expect(results[1]["problem"]?["code"]?.string == "unknown-external-measure")
      #expect(results[1]["problem"]?["field"]?.string == "subject")
      #expect(results[1]["id"]?.string == "x-2")
      let again = try await Self.send(client, batch, type: "application/cloudevents-batch+json")
      #expect(again.bytes == answer.bytes)
      for wrong in [[], Self.status, .array((0..<101).map { _ in Self.status })] as [JSON] {
        try await client.expectProblem(400, "invalid-value") {
          try await Self.send(client, wrong, type: "application/cloudevents-batch+json")
        }
      }
    }
  }

  @Test func `what is no event of ours is refused with the field`() async throws {
    try await withPartner { client in
      let wrong: [(JSON, String, String)] = [
        (Self.status.replacing("specversion", "0.3"), "invalid-value", "specversion"),
        (Self.status.replacing("type", "com.example.else"), "invalid-value", "type"),
        (Self.status.replacing("id", ""), "invalid-value", "id"),
        (Self.status.replacing("id", 7), "invalid-value", "id"),
        (Self.status.replacing("datacontenttype", "text/xml"), "invalid-value", "datacontenttype"),
        (Self.status.replacing("Upper", "x"), "invalid-value", "Upper"),
        (Self.status.replacing("data", ["status": "x"]), "missing-field", "data.date"),
        (Self.status.replacing("data", ["status": "x", "date": "gestern"]), "invalid-value", "data.date"),
        (
          Self.status.replacing("data", ["status": "x", "date": "2019-01-01", "lead": "senweb"]), "unknown-field",
          "data.lead"
        ),
        (Self.status.replacing("data", "x"), "wrong-type", "data"),
      ]
      for (event, code, field) in wrong {
        try await client.expectProblem(400, code, field: field) { try await Self.send(client, event) }
      }
      for name in ["specversion", "id", "source", "type", "subject", "data"] {
        let event = JSON.object((Self.status.members ?? []).filter { $0.key != name })
        try await client.expectProblem(400, "missing-field", field: name) { try await Self.send(client, event) }
      }
      try await client.expectProblem(422, "percent-out-of-range", field: "data.percent") {
        let data: JSON = ["status": "x", "percent": 101, "date": "2019-01-01"]
        return try await Self.send(client, Self.status.replacing("data", data))
      }
      try await client.expectProblem(422, "future-date", field: "data.date") {
        try await Self.send(client, Self.status.replacing("data", ["status": "x", "date": "2019-03-02"]))
      }
      try await client.expectProblem(415, "unsupported-media-type", field: "Content-Type") {
        try await Self.send(client, Self.status, type: "application/json")
      }
      // Extensions of others are theirs.
      let extended = Self.status.replacing("traceparent", "00-1").replacing("time", "2019-02-01T10:00:00Z")
      #expect(try await Self.send(client, extended, query: "?dryRun=true").status == 201)
    }
  }

  @Test func `only the programme's own partner system reports`() async throws {
    try await withPartner { client in
      try await client.expectProblem(400, "missing-field", field: "data.programme") {
        try await Self.send(client, Self.status, partner: "press")
      }
      let data: JSON = ["programme": "bek", "status": "x", "date": "2019-01-01"]
      try await client.expectProblem(403, "foreign-programme", field: "data.programme") {
        try await Self.send(client, Self.status.replacing("data", data), partner: "press")
      }
      try await client.expectProblem(403, "unregistered-partner") {
        try await Self.send(client, Self.status, partner: "nobody")
      }
      for role in [Role.lead, .auditor, .coordinator] {
        try await client.expectProblem(403, "role-not-allowed") {
          try await client.send(
            .post, Self.path, token: try await client.edge.token(role),
            ["Content-Type": "application/cloudevents+json"], body: Self.status.canonicalBytes)
        }
      }
      #expect(try await client.command("suspend-partner", ["partner": "bek-monitoring", "reason": "R"]).status == 201)
      try await client.expectProblem(403, "partner-suspended") { try await Self.send(client, Self.status) }
    }
  }
}

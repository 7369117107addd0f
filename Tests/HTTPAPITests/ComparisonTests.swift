import Coordination
import EventSourcing
import HTTPAPI
import HangLimit
import Testing

/// Two moments beside each other.
@Suite(.hangLimit)
struct ComparisonTests {
  private static let path = "/v1/plans/industriestadt/compare"

  @Test func `what happened in between is told as facts, with the events`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let before = try await edge.eventCount() - 1
      _ = try await client.command(
        "report-progress",
        ["measure": "fachkraefte.1.I", "institution": "ihk", "condition": "at-risk", "percent": 10, "text": "T"])
      _ = try await client.command("add-alias", ["institution": "ihk", "name": "Kammer"])
      _ = try await client.command(
        "report-progress",
        ["measure": "fachkraefte.1.I", "institution": "ihk", "condition": "on-track", "percent": 20, "text": "T"])
      let answer = try await client.get("\(Self.path)?from=\(before)")
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.json["from"]?["position"]?.integer == before)
      #expect(answer.json["to"]?["position"]?.integer == before + 3)
      #expect(answer.json["eventCount"] == 3)
      #expect(answer.json["next"] == .null)
      let subjects = try #require(answer.json["subjects"]?.array)
      #expect(subjects.map { $0["name"]?.string } == ["fachkraefte.1.I", "ihk"])
      #expect(subjects[0]["events"] == [.integer(before + 1), .integer(before + 3)])
      #expect(subjects[0]["isNew"] == false)
      let changes = try #require(subjects[0]["changes"]?.array)
      #expect(changes.contains(["after": 20, "before": .null, "field": "percent"]), "\(changes)")
      // What came and went in between is no difference between the two moments.
      #expect(!changes.contains { $0["after"] == "at-risk" && $0["field"] == "condition" }, "\(changes)")
      #expect(subjects[1]["changes"] == [["after": ["presumed": false], "before": .null, "field": "alias:Kammer"]])

      let page = try await client.get("\(Self.path)?from=\(before)&limit=1")
      #expect(page.json["subjects"]?.array == [subjects[0]])
      let next = try #require(page.json["next"]?.string)
      let rest = try await client.get("\(Self.path)?from=\(before)&limit=1&cursor=\(next)")
      #expect(rest.json["subjects"]?.array == [subjects[1]])
      #expect(rest.json["next"] == .null)
    }
  }

  @Test func `a moment compared with itself has no difference`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      for moments in ["from=3&to=3", "from=2019-03-01", "from=2019-03-01T12:00:00Z"] {
        let answer = try await client.get("\(Self.path)?\(moments)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["subjects"] == [], "\(moments): \(answer.text)")
        #expect(answer.json["eventCount"] == 0)
      }
    }
  }

  @Test func `before the first event there was nothing, so everything is new`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let answer = try await client.get("\(Self.path)?from=2001-01-01&limit=500")
      #expect(answer.json["from"]?["position"] == .null)
      #expect(answer.json["subjects"]?.array?.allSatisfy { $0["isNew"] == true } == true)
      #expect(answer.json["eventCount"]?.integer == (try await edge.eventCount()))
    }
  }

  @Test(
    arguments: [
      ("", 400, "missing-parameter", "from"), ("?from=x", 400, "invalid-value", "from"),
      ("?from=2&to=1", 422, "moments-reversed", "from"), ("?from=0&to=9999", 422, "position-in-future", "to"),
      ("?from=2999-01-01", 422, "as-of-in-future", "from"), ("?from=0&to=2999-01-01", 422, "as-of-in-future", "to"),
      ("?from=0&limit=0", 400, "invalid-value", "limit"), ("?from=0&cursor=YQ", 422, "unknown-cursor", "cursor"),
      ("?from=0&asOf=1", 400, "unknown-parameter", "asOf"),
    ] as [(String, Int, String, String?)])
  func `moments that are none are a problem`(query: String, status: Int, code: String, field: String?) async throws {
    try await Edge().run { client in
      try await client.begin()
      try await client.expectProblem(status, code, field: field) { try await client.get("\(Self.path)\(query)") }
    }
  }
}

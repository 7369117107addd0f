import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import Testing

/// Texts that can be erased, joined to the views for those who may read them.
struct TextTests {
  private static let plan = "/v1/plans/industriestadt"

  private static func withIssue(_ body: @escaping @Sendable (Client, Int64) async throws -> Void) async throws {
    try await Edge().run { client in
      try await client.begin()
      let answer = try await client.command(
        "raise-issue", ["measure": "fachkraefte.1.I", "kind": "decision-needed", "text": "Wer zahlt?", "wish": "Geld"],
        as: .lead, of: "senweb")
      #expect(answer.status == 201)
      try await body(client, try #require(answer.json["position"]?.integer))
    }
  }

  private static let told: JSON = ["text": "Wer zahlt?", "wish": "Geld"]

  @Test func `an issue is read with what it says, in the register, on the sheet and in the timeline`() async throws {
    try await Self.withIssue { client, position in
      for role in [Role.coordinator, .auditor] {
        let register = try await client.get("\(Self.plan)/issues", as: role).json
        #expect(register["issues"]?.array?.last?["raised"]?["texts"] == Self.told)
        let sheet = try await client.get("\(Self.plan)/measures/fachkraefte.1.I/sheet", as: role).json
        #expect(sheet["measure"]?["issues"]?.array?.last?["texts"] == Self.told)
        let timeline = try await client.get("\(Self.plan)/timeline?from=\(position)", as: role).json
        #expect(timeline["entries"]?.array?.first?["texts"] == Self.told)
      }
    }
  }

  @Test func `whoever is not concerned reads that there is an issue and not what it says`() async throws {
    try await Self.withIssue { client, _ in
      let token = { (institution: String) in try await client.edge.token(.contributor, institution) }
      for (institution, isConcerned) in [("senweb", true), ("ihk", true), ("tu", false)] {
        let answer = try await client.send(.get, "\(Self.plan)/issues", token: try await token(institution))
        let issue = try #require(answer.json["issues"]?.array?.last)
        #expect(issue["kind"] == "decision-needed")
        #expect(issue["raised"]?["texts"] == (isConcerned ? Self.told : Optional<JSON>.none), "\(institution)")
        #expect(answer.text.contains("Wer zahlt?") == isConcerned)
      }
    }
  }

  @Test func `reports are read with their explanations by all who take part`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let report: JSON = [
        "measure": "fachkraefte.1.I", "institution": "senweb", "condition": "off-track", "percent": 5,
        "text": "Der Vertrag fehlt.",
      ]
      #expect(try await client.command("report-progress", report, as: .lead, of: "senweb").status == 201)
      for role in [Role.coordinator, .contributor] {
        let token = try await client.edge.token(role, role == .contributor ? "tu" : nil)
        let sheet = try await client.send(
          .get, "\(Self.plan)/measures/fachkraefte.1.I/sheet", token: token
        ).json["measure"]
        let newest = try #require(sheet?["reports"]?["newest"]?.array?.first)
        #expect(newest["institution"] == "senweb" && newest["percent"] == 5)
        #expect(newest["texts"] == ["text": "Der Vertrag fehlt."])
        #expect(sheet?["condition"]?["texts"] == ["text": "Der Vertrag fehlt."])
      }
    }
  }

  @Test func `what is erased is gone from every answer, also about the past`() async throws {
    try await Self.withIssue { client, position in
      let paths = [
        "\(Self.plan)/issues", "\(Self.plan)/issues?position=\(position)",
        "\(Self.plan)/measures/fachkraefte.1.I/sheet?position=\(position)",
        "\(Self.plan)/timeline?from=\(position)",
      ]
      var tags: [String?] = []
      for path in paths {
        let answer = try await client.get(path)
        #expect(answer.text.contains("Wer zahlt?"), "\(path)")
        tags.append(answer["ETag"])
      }
      let erasure: JSON = ["event": .integer(position), "fields": ["text"], "reason": "requested"]
      #expect(try await client.command("erase-personal-data", erasure).status == 201)
      for (path, tag) in zip(paths, tags) {
        let answer = try await client.get(path, as: .coordinator, tag.map { ["If-None-Match": $0] } ?? [:])
        #expect(answer.status == 200, "\(path)")
        #expect(!answer.text.contains("Wer zahlt?"), "\(path)")
        #expect(answer.text.contains("Geld"), "\(path)")
        // Told apart from what was never given.
        #expect(answer.text.contains(#""erased":["text"]"#), "\(path)")
      }
    }
  }
}

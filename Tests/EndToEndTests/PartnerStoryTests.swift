import EventSourcing
import Foundation
import Testing

/// The monitoring of another programme, as a partner system: it follows what it agreed on and reports what it leads.
@Suite(.timeLimit(.minutes(5))) struct PartnerStoryTests {
  /// The measures that the energy and climate programme leads (Masterplan, lines 1656–1684).
  private static let measures = ["W-14", "W-12", "W-10", "W-9", "E-21", "E-22", "E-23"]
  private static let plan = "/v1/plans/industriestadt-berlin"

  @Test func `a programme's monitoring reports seven measures and follows them, with other people's tools`()
    async throws
  {
    let home = try Program.makeHome("partner")
    let server = try await RunningServer.start(home: home, arguments: ["--import", Program.planFile])
    let office = try await Client(server, role: "coordinator")
    for (command, body) in [
      ("register-partner-system", #"{"slug":"bek-monitoring","name":"Monitoring des BEK","programmes":["bek-2030"]}"#),
      (
        "subscribe-feed",
        #"{"partner":"bek-monitoring","slug":"bek","history":true,"terms":{"programmes":["bek-2030"]}}"#
      ),
    ] {
      let answer = try await office.command(command, body)
      #expect(answer.status == 201, "\(answer.text)")
    }
    let made = try await Program.run(
      ["token", "--actor", "bek", "--role", "partner", "--partner", "bek-monitoring"], home: home)
    let token = made.text.trimmingCharacters(in: .whitespacesAndNewlines)
    try await OutsideTools.reportStatus(
      of: Self.measures, on: "industriestadt-berlin", server: server, token: token)

    let board = try await office.get("\(Self.plan)/external-links").json["external-links"]?.array ?? []
    #expect(Set(board.compactMap { $0["externalID"]?.string }) == Set(Self.measures))
    #expect(board.allSatisfy { $0["status"]?["percent"]?.integer == 40 })
    #expect(board.allSatisfy { $0["findings"] == ["stale"] }, "what was said in 2020 is old by now")

    // Its feed has each link and each status, and ends where the plan does.
    let feed = try await whole(feed: "\(Self.plan)/feeds/bek", until: 2 * 7 + 1 + 7, office)
    let reported = feed.filter { $0["type"]?.string?.contains("external-status-recorded") == true }
    #expect(reported.compactMap { $0["data"]?["externalID"]?.string } == Self.measures)
    let lines = feed.map { String(decoding: $0.canonicalBytes, as: UTF8.self) + "\n" }.joined()
    try await OutsideTools.followFeed("\(Self.plan)/feeds/bek", having: lines, server: server, token: token)
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }

  /// Waits for the events of a feed, as its partner would.
  private func whole(feed path: String, until count: Int, _ client: Client) async throws -> [JSON] {
    while true {
      let events = try await client.get("\(path)?limit=1000").json.array ?? []
      guard events.count < count else { return events }
      let cursor = events.last?["id"]?.string.map { "&lastEventId=\($0)" } ?? ""
      _ = try await client.get("\(path)?timeout=5000\(cursor)")
    }
  }
}

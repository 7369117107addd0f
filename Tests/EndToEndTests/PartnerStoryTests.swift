import EventSourcing
import Foundation
import HangLimit
import TestDatabases
import Testing

/// The monitoring of another programme, as a partner system: it follows what it agreed on and reports what it leads.
@Suite(.hangLimit) struct PartnerStoryTests {
  /// The measures that the energy and climate programme leads (Masterplan, lines 1656–1684).
  private static let measures = ["W-14", "W-12", "W-10", "W-9", "E-21", "E-22", "E-23"]
  private static let plan = "/v1/plans/industriestadt-berlin"

  @Test func `a programme's monitoring reports seven measures and follows them, with other people's tools`()
    async throws
  {
    let home = try Program.makeHome("partner")
    let server = try await RunningServer.start(home: home, arguments: ["--import", Program.planFile])
    let office = try await Client(server, role: "coordinator")
    try await office.carryOut([
      ("register-partner-system", #"{"slug":"bek-monitoring","name":"Monitoring des BEK","programmes":["bek-2030"]}"#),
      (
        "subscribe-feed",
        #"{"partner":"bek-monitoring","slug":"bek","history":true,"terms":{"programmes":["bek-2030"]}}"#
      ),
    ])
    let token = try await Client(server, role: "partner", partner: "bek-monitoring", actor: "bek").token
    try await OutsideTools.reportStatus(
      of: Self.measures, on: "industriestadt-berlin", server: server, token: token)

    let board = try await office.get("\(Self.plan)/external-links").json["external-links"]?.array ?? []
    #expect(Set(board.compactMap { $0["externalID"]?.string }) == Set(Self.measures))
    #expect(board.allSatisfy { $0["status"]?["percent"]?.integer == 40 })
    #expect(board.allSatisfy { $0["findings"] == ["stale"] }, "what was said in 2020 is old by now")

    // Its feed has each link and each status, and ends where the plan does.
    let feed = try await office.events(ofFeed: "\(Self.plan)/feeds/bek", until: 2 * 7 + 1 + 7)
    let reported = feed.filter { $0["type"]?.string?.contains("external-status-recorded") == true }
    #expect(reported.compactMap { $0["data"]?["externalID"]?.string } == Self.measures)
    let lines = feed.map { String(decoding: $0.canonicalBytes, as: UTF8.self) + "\n" }.joined()
    try await OutsideTools.followFeed("\(Self.plan)/feeds/bek", having: lines, server: server, token: token)
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }

  @Test func `a receiver that behaves badly gets every event signed and in order, though the server is killed`()
    async throws
  {
    let home = try Program.makeHome("webhooks")
    let port = try Self.freePort()
    let settings = [
      "FEDERWERK_WEBHOOK_ALLOW": "localhost:\(port)",
      "FEDERWERK_WEBHOOK_DELAYS": Array(repeating: "0", count: 200).joined(separator: ","),
    ]
    var server = try await RunningServer.start(
      home: home, arguments: ["--import", Program.planFile], environment: settings)
    var office = try await Client(server, role: "coordinator")
    try await office.carryOut([
      ("register-partner-system", #"{"slug":"press","name":"Pressestelle"}"#),
      ("subscribe-feed", #"{"partner":"press","slug":"press","history":true,"terms":{}}"#),
      ("register-webhook", #"{"feed":"press","address":"http://localhost:\#(port)/hook","handshake":true}"#),
    ])
    let shown = try await Program.run(["webhooks", "industriestadt-berlin", "--secrets", "--json"], home: home)
    let webhook = try #require(try JSONParser.parse(Array(shown.text.utf8)).array?.first, "\(shown.errors)")
    let (secret, publicKey) = (webhook["secrets"]?.array?.first?.string, webhook["publicKeys"]?.array?.first?.string)
    // All that the feed will hold: of what is for partners, two lines for the webhook and the feed, and what is done
    // below.
    let before = try await office.events(ofFeed: "\(Self.plan)/feeds/press", until: 800)
    let rounds = 8
    let count = before.count + rounds * 5
    async let received: Void = OutsideTools.receiveWebhooks(
      on: port, count: count, seed: 20_180_904, secret: secret ?? "", publicKey: publicKey ?? "", home: home)
    var random = SplitMix64(state: 20_180_904)
    for round in 0..<rounds {
      for number in 0..<5 {
        let body = #"{"institution":"senweb","name":"Name \#(round)-\#(number)"}"#
        #expect(try await office.command("add-alias", body).status == 201)
      }
      // At some moment within the round's deliveries.
      for _ in 0..<Int(random.next() % 20) { _ = try await office.get("\(Self.plan)/webhooks") }
      await server.stop(SIGKILL)
      server = try await RunningServer.start(home: home, environment: settings)
      office.address = server.address
      // A plan that nobody asks for is not in memory, and nothing is delivered from it until the clock looks at it.
      #expect(try await office.get("\(Self.plan)/webhooks").status == 200)
    }
    try await received
    let id = try #require(webhook["id"]?.string)
    let deliveries = try await office.get("\(Self.plan)/webhooks/\(id)/deliveries?limit=500").json
    #expect(deliveries["attempts"]?.array?.isEmpty == false)
    #expect(deliveries["parked"] == [])
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }

  @Test func `the kit for partners finds nothing wrong with us, and what a careless receiver does wrong`() async throws
  {
    let home = try Program.makeHome("partner-kit")
    let port = try Self.freePort()
    let settings = [
      "FEDERWERK_WEBHOOK_ALLOW": "localhost:\(port)",
      "FEDERWERK_WEBHOOK_DELAYS": Array(repeating: "0", count: 200).joined(separator: ","),
    ]
    let server = try await RunningServer.start(
      home: home, arguments: ["--import", Program.planFile], environment: settings)
    let office = try await Client(server, role: "coordinator")
    try await office.carryOut([
      ("register-partner-system", #"{"slug":"kit","name":"Prüfstand"}"#),
      ("subscribe-feed", #"{"partner":"kit","slug":"kit","history":true,"terms":{"programmes":["bek-2030"]}}"#),
      (
        "register-webhook",
        #"{"feed":"kit","address":"http://localhost:\#(port)/hook","handshake":true}"#
      ),
    ])
    let shown = try await Program.run(["webhooks", "industriestadt-berlin", "--secrets", "--json"], home: home)
    let webhook = try #require(try JSONParser.parse(Array(shown.text.utf8)).array?.first, "\(shown.errors)")
    let secret = try #require(webhook["secrets"]?.array?.first?.string)
    let publicKey = try #require(webhook["publicKeys"]?.array?.first?.string)
    let token = try await Client(server, role: "partner", partner: "kit", actor: "kit").token
    let count = try await office.events(ofFeed: "\(Self.plan)/feeds/kit", until: 15).count

    let received = try await Program.run(
      [
        "partner-kit", "receive", "--port", "\(port)", "--secret", secret, "--public-key", publicKey, "--count",
        "\(count)", "--trouble", "20180904",
      ], home: home)
    #expect(received.status == 0, "\(received.text.suffix(2000)) \(received.errors)")
    #expect(received.text.contains("\(count) events, ") && received.text.contains("asked by federwerk.local"))
    #expect(received.text.contains("by chance") && received.text.contains("Nothing was wrong."))

    let followed = try await Program.run(
      ["partner-kit", "follow", "\(server.address)\(Self.plan)/feeds/kit"], home: home,
      environment: ["FEDERWERK_TOKEN": token])
    #expect(followed.status == 0, "\(followed.text) \(followed.errors)")
    #expect(followed.text.contains("in batches: \(count) events"))
    #expect(followed.text.contains("taken up again 2 times: the same bytes"))
    #expect(followed.text.contains("the checkpoint is signed and covers"))
    let auditor = try await Client(server, role: "auditor")
    let audited = try await Program.run(
      ["audit", "verify", "\(server.address)\(Self.plan)/feeds/kit"], home: home,
      environment: ["FEDERWERK_TOKEN": auditor.token])
    #expect(audited.status == 0 && audited.text.contains("\(count) events, 0 findings"), "\(audited.text)")
    let verified = try await Program.run(["verify"], home: home)
    #expect(verified.status == 0, "\(verified.text)")
    #expect(verified.text.contains("industriestadt-berlin/feed-kit: \(count) events"), "\(verified.text)")
    await server.stop()

    // The kit's own receiver passes the trial; one that takes everything does not.
    let careful = try await RunningServer.start(
      "partner-kit", home: home, arguments: ["receive", "--port", "0", "--secret", secret])
    let passed = try await Program.run(["partner-kit", "send", careful.address, "--secret", secret], home: home)
    #expect(passed.status == 0, "\(passed.text) \(passed.errors)")
    #expect(passed.text.contains("13 of 13 as expected"))
    await careful.stop(SIGINT)
    let failed = try await OutsideTools.tryCarelessReceiver(secret: secret, home: home)
    #expect(failed.status == 1)
    #expect(failed.text.contains("8 of 13 as expected"), "\(failed.text) \(failed.errors)")
    #expect(failed.text.contains("WRONG   signed by somebody else: 200 (expected 4xx)"))
    try FileManager.default.removeItem(atPath: home)
  }

  @Test func `workers that share a consumer handle every event in order, though they and the server are killed`()
    async throws
  {
    let home = try Program.makeHome("consumers")
    let settings = ["FEDERWERK_PORT": "\(try Self.freePort())"]
    var server = try await RunningServer.start(
      home: home, arguments: ["--import", Program.planFile], environment: settings)
    let office = try await Client(server, role: "coordinator")
    try await office.carryOut([
      ("register-partner-system", #"{"slug":"archive","name":"Archiv"}"#),
      ("subscribe-feed", #"{"partner":"archive","slug":"archive","history":true,"terms":{}}"#),
    ])
    let before = try await office.events(ofFeed: "\(Self.plan)/feeds/archive", until: 800)
    let token = try await Client(server, role: "partner", partner: "archive", actor: "archive").token
    let rounds = 8
    let count = before.count + rounds * 5
    let address = "\(server.address)\(Self.plan)/feeds/archive/consumers/archive"
    async let consumed = OutsideTools.consumeFeed(address, count: count, seed: 20_180_904, token: token)
    var random = SplitMix64(state: 20_180_904)
    for round in 0..<rounds {
      for number in 0..<5 {
        let body = #"{"institution":"senweb","name":"Archivname \#(round)-\#(number)"}"#
        #expect(try await office.command("add-alias", body).status == 201)
      }
      // At some moment within the round's work.
      for _ in 0..<Int(random.next() % 20) { _ = try await office.get("\(Self.plan)/feeds/archive/consumers") }
      await server.stop(SIGKILL)
      server = try await RunningServer.start(home: home, environment: settings)
      #expect(try await office.get("\(Self.plan)/feeds").status == 200)
    }
    let said = try await consumed
    #expect(!said.contains("\"deserted\": 0,"), "the seed leaves nobody alive: \(said)")
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }

  /// A port that nobody uses now.
  private static func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
      }
    }
    try #require(status)
    return Int(UInt16(bigEndian: place.sin_port))
  }
}

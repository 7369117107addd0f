import EventSourcing
import Foundation
import Testing

/// Checkers written by others: they must accept our bytes.
enum OutsideTools {
  private static let folder =
    ProcessInfo.processInfo.environment["FEDERWERK_OUTSIDE_TOOLS"] ?? "\(Program.repository)/.build/outside-tools"

  /// Exports the log and lets Python's rfc8785, cloudevents and pymerkle and Go's sumdb/note judge it.
  static func checkLog(
    of plan: String, server: RunningServer, client: Client, environment: [String: String] = [:]
  ) async throws {
    let events = "\(server.home)/\(plan).ndjson"
    let exported = try await Program.run(["export", plan, "--events"], home: server.home, environment: environment)
    #expect(exported.status == 0, "\(exported.errors)")
    try exported.text.write(toFile: events, atomically: true, encoding: .utf8)
    try await expect(python("check_events.py", [events]), toSay: "checked")

    let checkpoint = try await client.get("/v1/plans/\(plan)/log/checkpoint").text
    let lines = checkpoint.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    try #require(lines.count > 3)
    try await expect(python("check_root.py", [events, lines[1], lines[2]]), toSay: "matches")

    let note = "\(server.home)/\(plan).checkpoint"
    try checkpoint.write(toFile: note, atomically: true, encoding: .utf8)
    let keys = try await Program.run(["keys", "--json"], home: server.home, environment: environment)
    let json = try JSONParser.parse(Array(keys.text.utf8))
    let key = try #require(json[plan]?.array?.first?.string)
    try await expect(Program.run("\(folder)/bin/check_checkpoint", [key, note]), toSay: "size \(lines[1])")
  }

  /// Lets requests, httpx-sse and sseclient-py follow the feed of a plan, which must be what is exported.
  static func followFeed(of plan: String, server: RunningServer, client: Client) async throws {
    let exported = try await Program.run(["export", plan, "--events"], home: server.home)
    try await followFeed("/v1/plans/\(plan)/feed", having: exported.text, server: server, token: client.token)
  }

  /// - Parameter lines: the events that the feed must have, one a line.
  static func followFeed(_ path: String, having lines: String, server: RunningServer, token: String) async throws {
    let events = "\(server.home)/feed-\(UUID().uuidString).ndjson"
    try lines.write(toFile: events, atomically: true, encoding: .utf8)
    try await expect(
      python("follow_feed.py", ["\(server.address)\(path)", events], environment: ["FEDERWERK_TOKEN": token]),
      toSay: "followed")
  }

  /// Lets a simulated partner system report on measures of its programme, made with the CloudEvents SDK.
  static func reportStatus(
    of measures: [String], on plan: String, server: RunningServer, token: String
  ) async throws {
    let arguments = ["\(server.address)/v1/plans/\(plan)/inbound"] + measures
    try await expect(
      python("report_status.py", arguments, environment: ["FEDERWERK_TOKEN": token]),
      toSay: "reported \(measures.count) measures")
  }

  /// Lets a receiver that behaves badly take deliveries on a port and verify each, with standardwebhooks and
  /// cryptography.
  static func receiveWebhooks(
    on port: Int, count: Int, seed: UInt64, secret: String, publicKey: String, home: String
  ) async throws {
    let file = "\(home)/port"
    try "\(port)".write(toFile: file, atomically: true, encoding: .utf8)
    try await expect(
      python("receive_webhooks.py", [file, "\(count)", "\(seed)", secret, publicKey]),
      toSay: "received \(count) events")
  }

  /// Compares what wal2json decoded with what is exported.
  static func checkDecoding(_ decoded: String, of events: String) async throws {
    try await expect(python("check_decoding.py", [decoded, events]), toSay: "decoded")
  }

  /// Tries out a receiver that takes whatever comes.
  static func tryCarelessReceiver(secret: String, home: String) async throws -> Program.Output {
    try await python("careless_receiver.py", [Program.path, secret], environment: ["FEDERWERK_HOME": home])
  }

  /// Lets four workers share a consumer of a feed until it has come to its end.
  static func consumeFeed(_ consumer: String, count: Int, seed: UInt64, token: String) async throws -> String {
    let output = try await python(
      "consume_feed.py", [consumer, "4", "\(count)", "\(seed)"], environment: ["FEDERWERK_TOKEN": token])
    try expect(output, toSay: "consumed \(count) events")
    return output.text
  }

  /// Lets the scripts that a bundle brings along judge it, and many changed ones.
  static func checkBundle(_ bundle: String, other: String, key: String) async throws {
    try await expect(python("check_bundle.py", [bundle, other, key]), toSay: "refused 3")
  }

  /// Lets metamorphic-log and pymerkle judge proofs, and many changed ones.
  static func checkProofs(_ files: [String], of events: String, key: String) async throws {
    try await expect(
      python("check_proofs.py", [events, key] + files), toSay: "accepted \(files.count) proofs")
  }

  /// Lets Python's cryptography judge the signature of a witness.
  static func checkCosignature(_ checkpoint: String, key: String) async throws {
    try await expect(python("check_cosignature.py", [checkpoint, key]), toSay: "cosigned at")
  }

  private static func python(
    _ script: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Program.Output {
    try await Program.run(
      "\(folder)/bin/python", ["\(Program.repository)/Tests/OutsideTools/\(script)"] + arguments,
      environment: environment)
  }

  private static func expect(_ output: Program.Output, toSay text: String) throws {
    #expect(output.status == 0, "\(output.text)\(output.errors)")
    #expect(output.text.contains(text), "\(output.text)\(output.errors)")
  }
}

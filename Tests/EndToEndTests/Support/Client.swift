import AsyncHTTPClient
import EventSourcing
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// A caller of the API with a token.
struct Client: Sendable {
  struct Answer: Sendable {
    let status: UInt
    let headers: [String: String]
    let bytes: [UInt8]

    var json: JSON { (try? JSONParser.parse(bytes)) ?? .null }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var code: String? { json["code"]?.string }
  }

  /// A refused connection is an answer here, not a reason to wait: the fault stories try again themselves.
  static let http: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(configuration: configuration)
  }()

  var address: String
  let token: String

  init(
    _ server: RunningServer, role: String, institution: String? = nil, partner: String? = nil, actor: String = "tester"
  ) async throws {
    address = server.address
    var arguments = ["token", "--actor", actor, "--role", role]
    if let institution { arguments += ["--institution", institution] }
    if let partner { arguments += ["--partner", partner] }
    token = try await Program.run(arguments, home: server.home).text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send("GET", path, body: nil, headers: headers)
  }

  /// Asks until the answer is visible: rows for a long history take their time on a busy machine. The server holds each
  /// question back for a while before it says that it cannot answer yet.
  func getWhenVisible(_ path: String) async throws -> Answer {
    while true {
      let answer = try await get(path)
      guard answer.code == "not-yet-visible" else { return answer }
    }
  }

  func command(
    _ name: String, _ body: String, plan: String = "industriestadt-berlin", key: String = UUID().uuidString,
    headers: [String: String] = [:], timeout: TimeAmount = .seconds(30)
  ) async throws -> Answer {
    try await send(
      "POST", "/v1/plans/\(plan)/commands/\(name)", body: body,
      headers: headers.merging(["Idempotency-Key": key]) { $1 }, timeout: timeout)
  }

  /// Sends commands one after the other, each of which must be carried out.
  func carryOut(_ commands: [(name: String, body: String)], sourceLocation: SourceLocation = #_sourceLocation)
    async throws
  {
    for (name, body) in commands {
      let answer = try await command(name, body)
      #expect(answer.status == 201, "\(name): \(answer.text)", sourceLocation: sourceLocation)
    }
  }

  func send(
    _ method: String, _ path: String, body: String?, headers: [String: String] = [:],
    timeout: TimeAmount = .seconds(30)
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: address + path)
    request.method = .RAW(value: method)
    request.headers.add(name: "Authorization", value: "Bearer \(token)")
    for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    let response = try await Self.http.execute(request, timeout: timeout)
    let buffer = try await response.body.collect(upTo: 64 * 1024 * 1024)
    return Answer(
      status: response.status.code,
      headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }),
      bytes: Array(buffer.readableBytesView))
  }

  /// Waits until a feed has so many events, as a partner would.
  func events(ofFeed path: String, until count: Int) async throws -> [JSON] {
    while true {
      let events = try await get("\(path)?limit=1000").json.array ?? []
      guard events.count < count else { return events }
      let cursor = events.last?["id"]?.string.map { "&lastEventId=\($0)" } ?? ""
      _ = try await get("\(path)?timeout=5000\(cursor)")
    }
  }

  /// All stored events of a plan, oldest first.
  func allEvents(of plan: String = "industriestadt-berlin") async throws -> [JSON] {
    var events: [JSON] = []
    while true {
      let page = try await get("/v1/plans/\(plan)/events?from=\(events.count)&limit=1000").json.array ?? []
      events += page
      if page.count < 1000 { return events }
    }
  }
}

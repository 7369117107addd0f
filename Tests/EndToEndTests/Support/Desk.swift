import EventSourcing
import Foundation
import Testing

/// Somebody at work: what they send, and what they look at.
struct Desk: Sendable {
  static let plan = "/v1/plans/industriestadt-berlin"
  let client: Client

  init(
    _ server: RunningServer, _ role: String, of institution: String? = nil, as partner: String? = nil
  ) async throws {
    client = try await Client(
      server, role: role, institution: institution, partner: partner, actor: institution ?? partner ?? role)
  }

  // MARK: - Sending

  func send(
    _ command: String, _ body: JSON, key: String = UUID().uuidString, isDryRun: Bool = false
  ) async throws -> Client.Answer {
    try await client.command(isDryRun ? "\(command)?dryRun=true" : command, Self.text(body), key: key)
  }

  func list(_ body: JSON, isDryRun: Bool = false) async throws -> Client.Answer {
    try await client.send(
      "POST", "\(Self.plan)/commands?dryRun=\(isDryRun)", body: Self.text(body),
      headers: ["Idempotency-Key": UUID().uuidString])
  }

  /// Sends what must succeed.
  /// - Returns: the position of its first event, or of the plan when there was nothing new to say.
  @discardableResult
  func does(
    _ command: String, _ body: JSON, isNothingNew: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Int64 {
    let answer = try await send(command, body)
    #expect(answer.status == 201, "\(command): \(answer.text)", sourceLocation: sourceLocation)
    let events = try #require(answer.json["events"]?.array, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(events.isEmpty == isNothingNew, sourceLocation: sourceLocation)
    let position = events.first?["position"] ?? answer.json["position"]
    return try #require(position?.integer, sourceLocation: sourceLocation)
  }

  /// Sends what must be refused, with just this code and field.
  /// - Returns: the facts that the refusal gives.
  @discardableResult
  func isRefused(
    _ command: String, _ body: JSON, _ status: UInt, _ code: String, field: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSON? {
    let answer = try await send(command, body)
    #expect(answer.status == status, "\(command): \(answer.text)", sourceLocation: sourceLocation)
    #expect(answer.code == code, sourceLocation: sourceLocation)
    #expect(answer.json["field"]?.string == field, sourceLocation: sourceLocation)
    return answer.json["facts"]
  }

  /// - Returns: the issue's id.
  func raises(_ issue: JSON, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let id = UUID().uuidString.lowercased()
    try await does("raise-issue", issue.adding("id", .string(id)), sourceLocation: sourceLocation)
    return id
  }

  private static func text(_ json: JSON) -> String { String(decoding: json.canonicalBytes, as: UTF8.self) }

  // MARK: - Looking

  func look(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSON {
    let answer = try await client.getWhenVisible("\(Self.plan)/\(path)")
    #expect(answer.status == 200, "\(path): \(answer.text)", sourceLocation: sourceLocation)
    return answer.json
  }

  /// The plan's last position.
  var position: Int64 {
    get async throws { try #require(try await look("placeholders?limit=1")["position"]?.integer) }
  }

  func measure(_ code: String, on date: String? = nil, at position: Int64? = nil) async throws -> JSON {
    try #require(try await look("measures/\(code)\(Self.query(on: date, at: position))")["measure"])
  }

  func assignment(of institution: String, in measure: String) async throws -> JSON {
    let all = try await self.measure(measure)["assignments"]?.array ?? []
    return try #require(all.first { $0["institution"]?["slug"]?.string == institution })
  }

  func holders(
    of measure: String, as role: String, on date: String, at position: Int64? = nil
  ) async throws -> [String] {
    let all = try await self.measure(measure, on: date, at: position)["assignments"]?.array ?? []
    return all.filter { $0["role"]?.string == role }.compactMap { $0["institution"]?["slug"]?.string }.sorted()
  }

  func leads(_ institution: String, on date: String) async throws -> [String] {
    let card = try await look("institutions/\(institution)?validAt=\(date)")["institution"]
    return card?["assignments"]?.array?.filter { $0["role"]?.string == "lead" }
      .compactMap { $0["measure"]?.string } ?? []
  }

  func gaps(on date: String) async throws -> [JSON] {
    try await look("placeholders?validAt=\(date)")["placeholders"]?.array ?? []
  }

  func responsibilities(of institution: String, on date: String? = nil) async throws -> JSON {
    let rows = try await look("responsibilities\(Self.query(on: date))")["responsibilities"]?.array ?? []
    return try #require(rows.first { $0["institution"]?["slug"]?.string == institution })
  }

  func issues(on date: String? = nil) async throws -> [JSON] {
    try await look("issues\(Self.query(on: date))")["issues"]?.array ?? []
  }

  func issue(_ id: String, on date: String? = nil) async throws -> JSON {
    try #require(try await issues(on: date).first { $0["id"]?.string == id })
  }

  func link(_ externalID: String, on date: String? = nil) async throws -> JSON {
    let links = try await look("external-links\(Self.query(on: date))")["external-links"]?.array ?? []
    return try #require(links.first { $0["externalID"]?.string == externalID })
  }

  private static func query(on date: String?, at position: Int64? = nil) -> String {
    let parts = [date.map { "validAt=\($0)" }, position.map { "position=\($0)" }].compactMap(\.self)
    return parts.isEmpty ? "" : "?\(parts.joined(separator: "&"))"
  }

  // MARK: - Timeline

  func entries(about subject: String) async throws -> [JSON] {
    try await look("timeline?subject=\(subject)&limit=500")["entries"]?.array ?? []
  }

  func entries(ofType type: String) async throws -> [JSON] {
    try await look("timeline?type=\(type)&limit=500")["entries"]?.array ?? []
  }

  func types(about subject: String) async throws -> [String] {
    try await entries(about: subject).compactMap { $0["type"]?.string }
  }

  func sentences(about subject: String) async throws -> [String] {
    try await entries(about: subject).compactMap { $0["summary"]?["de"]?.string }
  }

  func lastEntry(about subject: String) async throws -> JSON { try #require(try await entries(about: subject).last) }

  func lastSentence(about subject: String) async throws -> String {
    try #require(try await sentences(about: subject).last)
  }
}

extension JSON {
  /// An object with one member more.
  func adding(_ key: String, _ value: JSON) -> JSON { .object((members ?? []) + [Member(key, value)]) }

  /// An object in which one member has another value.
  func replacing(_ key: String, _ value: JSON) -> JSON {
    .object((members ?? []).map { $0.key == key ? Member(key, value) : $0 })
  }
}

internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

/// The header fields that are ours.
enum Headers {
  static let idempotencyKey = name("Idempotency-Key")
  static let ifMatch = name("If-Match")
  static let planPosition = name("Plan-Position")
  static let planPositionMin = name("Plan-Position-Min")
  static let dryRun = name("Dry-Run")
  static let acceptLanguage = name("Accept-Language")
  static let ifNoneMatch = name("If-None-Match")
  static let retryAfter = name("Retry-After")
  static let authenticate = name("WWW-Authenticate")
  static let link = name("Link")
  static let lastEventID = name("Last-Event-ID")
  static let accelBuffering = name("X-Accel-Buffering")

  private static func name(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a header name") }
    return name
  }
}

/// What a GET asks for: a moment of recorded time, a date of effective time, a page.
struct ReadQuery: Sendable {
  var moment = ReadMoment.now
  var validAt: LocalDate?
  var limit: Int?
  var cursor: PageCursor?
  var positionMin: Position?
}

extension Request {
  var prefersGerman: Bool {
    guard let languages = headers[Headers.acceptLanguage]?.lowercased() else { return false }
    return languages.split(separator: ",").first?.trimmingPrefix(" ").hasPrefix("de") ?? false
  }

  /// The query's parameters; each only once and only of these names.
  func parameters(_ names: Set<String>) throws(Problem) -> [String: String] {
    var values: [String: String] = [:]
    for (key, value) in uri.queryParameters {
      let name = String(key)
      guard names.contains(name) else {
        throw Problem(
          .badRequest, "unknown-parameter", field: name, de: "Diesen Parameter gibt es hier nicht.",
          en: "There is no such parameter here.",
          facts: [.init("parameters", .array(names.sorted().map { .string($0) }))])
      }
      // No value has one, and the store could not even be asked for it.
      guard !value.utf8.contains(0) else {
        throw .invalid(name, de: "Das Zeichen NUL ist nicht erlaubt.", en: "The character NUL is not allowed.")
      }
      guard values.updateValue(String(value), forKey: name) == nil else {
        throw Problem(
          .badRequest, "duplicate-parameter", field: name, de: "Der Parameter steht doppelt.",
          en: "The parameter is given twice.")
      }
    }
    return values
  }

  /// - Parameters:
  ///   - now: the store's time; a moment after it is refused (§36).
  ///   - plan: in whose time zone a day given for a moment ends.
  ///   - others: further parameters: `limit` and `cursor` where there are pages, and what the caller reads.
  func readQuery(limitMax: Int, now: Timestamp, in plan: Plan, besides others: Set<String> = []) throws(Problem)
    -> ReadQuery
  {
    let values = try parameters(others.union(Self.momentNames(of: nil)))
    var query = try Self.readQuery(nil, values, now: now, in: plan)
    query.limit = try Self.limit(values["limit"], max: limitMax)
    query.cursor = try Self.pageCursor(values["cursor"])
    // The pages of a list belong to one moment, also where the first was asked for without any.
    if let cursor = query.cursor {
      switch query.moment {
      // A day that is not over yet goes on; the list does not.
      case .now, .asOf: query.moment = .position(cursor.position)
      case .position: break
      }
      query.validAt = query.validAt ?? cursor.validAt
    }
    query.positionMin = try positionMin()
    return query
  }

  /// The parameters that name a moment on both clocks; those of one side of a comparison begin with its name, and the
  /// day that it is valid at is the name itself.
  static func momentNames(of side: String?) -> [String] {
    side.map { [$0, "\($0)Position", "\($0)AsOf"] } ?? ["validAt", "position", "asOf"]
  }

  /// A moment on both clocks, of one side of a comparison where one is named.
  static func readQuery(
    _ side: String?, _ values: [String: String], now: Timestamp, in plan: Plan
  ) throws(Problem) -> ReadQuery {
    let names = momentNames(of: side)
    let (validAt, position, asOf) = (names[0], names[1], names[2])
    var query = ReadQuery()
    try requireOneMoment(of: [position, asOf], in: values)
    if let text = values[position] { query.moment = .position(try self.position(text, field: position)) }
    if let text = values[asOf] { query.moment = .asOf(try self.asOf(text, field: asOf, now: now, in: plan)) }
    if let text = values[validAt] {
      guard let date = LocalDate(text) else {
        throw .invalid(validAt, de: "Erwartet wird ein Datum JJJJ-MM-TT.", en: "Expected a date YYYY-MM-DD.")
      }
      query.validAt = date
    }
    return query
  }

  /// Refuses more than one parameter that names the end of what was recorded.
  static func requireOneMoment(of names: [String], in values: [String: String]) throws(Problem) {
    let given = names.filter { values[$0] != nil }
    guard given.count > 1 else { return }
    throw Problem(
      .unprocessableContent, "two-moments", field: given[1],
      de: "Nur eines davon angeben: \(names.joined(separator: ", ")).",
      en: "Give only one of: \(names.joined(separator: ", ")).")
  }

  /// A time, or a day, which stands for its end.
  static func asOf(
    _ text: String, field: String = "asOf", now: Timestamp, in plan: Plan
  ) throws(Problem) -> Timestamp {
    guard let time = try time(text, field: field, now: now, in: plan) else {
      throw .invalid(
        field, de: "Erwartet wird ein Zeitpunkt (RFC 3339) oder ein Datum.",
        en: "Expected an RFC 3339 time or a date.")
    }
    return time
  }

  /// A moment of recorded time: a position, a time, or a day, which stands for its end.
  static func moment(_ text: String, field: String, now: Timestamp, in plan: Plan) throws(Problem) -> ReadMoment {
    if let time = try time(text, field: field, now: now, in: plan) { return .asOf(time) }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw .invalid(
        field, de: "Erwartet wird eine Position, ein Tag oder ein Zeitpunkt (RFC 3339).",
        en: "Expected a position, a day or an RFC 3339 time.")
    }
    return .position(try position(text, field: field))
  }

  /// - Returns: nil when the text is neither a time nor a day.
  private static func time(
    _ text: String, field: String, now: Timestamp, in plan: Plan
  ) throws(Problem) -> Timestamp? {
    do throws(TimeAhead) { return try plan.time(named: text, at: now) } catch {
      throw Problem(
        .unprocessableContent, "as-of-in-future", field: field, de: "Dieser Zeitpunkt liegt in der Zukunft.",
        en: "That moment lies in the future.", facts: [.init("now", .string(now.description))])
    }
  }

  func isDryRun() throws(Problem) -> Bool {
    let dryRun = try parameters(["dryRun"])["dryRun"]
    guard dryRun == nil || dryRun == "true" || dryRun == "false" else {
      throw .invalid("dryRun", de: "Erwartet wird true oder false.", en: "Expected true or false.")
    }
    return dryRun == "true"
  }

  func positionMin() throws(Problem) -> Position? {
    guard let text = headers[Headers.planPositionMin] else { return nil }
    return try Self.position(text, field: "Plan-Position-Min")
  }

  static func limit(_ text: String?, max: Int) throws(Problem) -> Int? {
    guard let text else { return nil }
    guard let limit = Int(text), (1...max).contains(limit) else {
      throw .invalid("limit", de: "Erwartet wird 1 bis \(max).", en: "Expected 1 to \(max).")
    }
    return limit
  }

  static func cursor(_ text: String?) throws(Problem) -> String? {
    guard let text else { return nil }
    guard text.utf8.count <= PageCursor.lengthMax, let bytes = Base64URL.decode(text),
      let key = String(validating: bytes, as: UTF8.self), !key.isEmpty, !key.utf8.contains(0)
    else {
      throw .unknownCursor
    }
    return key
  }

  static func pageCursor(_ text: String?) throws(Problem) -> PageCursor? {
    guard let text = try cursor(text) else { return nil }
    guard let cursor = PageCursor(text) else { throw .unknownCursor }
    return cursor
  }

  static func position(_ text: String, field: String) throws(Problem) -> Position {
    guard let number = logNumber(text) else {
      throw .invalid(
        field, de: "Erwartet wird eine Position (ganze Zahl ab 0).", en: "Expected a position (an integer from 0).")
    }
    return Position(number)
  }

  static func logSize(_ text: String, field: String) throws(Problem) -> LogSize {
    guard let number = logNumber(text) else {
      throw .invalid(
        field, de: "Erwartet wird eine Größe des Logs (Zahl der Ereignisse, ab 0).",
        en: "Expected a size of the log (a number of events, from 0).")
    }
    return LogSize(number)
  }

  private static func logNumber(_ text: String) -> Int64? {
    guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int64(text), number <= JSON.integerMax
    else { return nil }
    return number
  }

  /// The caller's key, with or without quotes (draft-ietf-httpapi-idempotency-key-header).
  func idempotencyKey(lengthMax: Int) throws(Problem) -> String {
    guard var key = headers[Headers.idempotencyKey] else {
      throw Problem(
        .badRequest, "missing-idempotency-key", field: "Idempotency-Key",
        de: "Der Kopf Idempotency-Key fehlt; eine UUID ist eine gute Wahl.",
        en: "The header Idempotency-Key is missing; a fresh UUID is a good choice.")
    }
    if key.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") { key = String(key.dropFirst().dropLast()) }
    guard (1...lengthMax).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .invalid(
        "Idempotency-Key", de: "Erwartet werden 1 bis \(lengthMax) druckbare ASCII-Zeichen.",
        en: "Expected 1 to \(lengthMax) printable ASCII characters.")
    }
    return key
  }

  /// Whether the caller already has what an entity tag stands for (RFC 9110, 13.1.2; compared weakly).
  ///
  /// - Parameter etag: one of ours, which has no comma in it.
  func isKnown(_ etag: String) -> Bool {
    guard let text = headers[Headers.ifNoneMatch] else { return false }
    return text == etag || text == "*"
      || text.filter { !$0.isWhitespace }.split(separator: ",").contains { $0.trimmingPrefix("W/") == etag }
  }

  func ifMatch() throws(Problem) -> Position? {
    guard let text = headers[Headers.ifMatch] else { return nil }
    guard text.count >= 3, text.hasPrefix("\""), text.hasSuffix("\"") else {
      throw .invalid(
        "If-Match", de: "Erwartet wird eine Position in Anführungszeichen.",
        en: "Expected a position in quotes, such as \"42\".")
    }
    return try Self.position(String(text.dropFirst().dropLast()), field: "If-Match")
  }

  /// The body as strict JSON; bounded before it is read.
  func json(byteCountMax: Int) async throws(Problem) -> JSON {
    let tooLarge = Problem(
      .contentTooLarge, "body-too-large", de: "Der Inhalt ist zu groß.", en: "The body is too large.",
      facts: [.init("bytesMax", .integer(Int64(byteCountMax)))])
    if let text = headers[.contentLength], let length = Int(text), length > byteCountMax { throw tooLarge }
    let buffer: ByteBuffer
    do { buffer = try await body.collect(upTo: byteCountMax) } catch is NIOTooManyBytesError { throw tooLarge } catch {
      throw Problem(
        .badRequest, "interrupted-body", de: "Der Inhalt kam nicht vollständig an.",
        en: "The body did not arrive whole.")
    }
    do throws(JSONParserError) { return try JSONParser.parse(Array(buffer.readableBytesView)) } catch {
      throw Problem(error)
    }
  }
}

extension Problem {
  static func invalid(_ field: String, de german: String, en english: String) -> Problem {
    Problem(.badRequest, "invalid-value", field: field, de: german, en: english)
  }
}

internal import Coordination
public import EventSourcing
public import HTTPTypes
public import PlanService

/// A problem report (RFC 9457): status, stable code, the field and the facts.
public struct Problem: Error, Sendable {
  public static let mediaType = "application/problem+json"

  public let status: HTTPResponse.Status
  public let code: String
  public let field: String?
  public let detail: LocalizedText
  public let facts: [JSON.Member]
  /// Seconds for Retry-After; only where trying again helps.
  public let retryAfterSeconds: Int?

  public init(
    _ status: HTTPResponse.Status, _ code: String, field: String? = nil, de german: String, en english: String,
    facts: [JSON.Member] = [], retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.code = code
    self.field = field
    detail = LocalizedText(de: german, en: english)
    self.facts = facts
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// The report's bytes, in German when the caller prefers it.
  public func json(inGerman: Bool) -> JSON {
    var members: [JSON.Member] = [
      .init("type", .string("urn:federwerk:problem:\(code)")),
      .init("status", .integer(Int64(status.code))),
      .init("code", .string(code)),
      .init("title", .string(status.reasonPhrase)),
      .init("detail", .string(inGerman ? detail.german : detail.english)),
    ]
    if let field { members.append(.init("field", .string(field))) }
    if !facts.isEmpty { members.append(.init("facts", .object(facts))) }
    return .object(members)
  }
}

/// The one place where answers of the domain and the service become HTTP statuses.
extension Problem {
  public init(_ refusal: Refusal) {
    let status: HTTPResponse.Status =
      switch refusal.kind {
      case .malformed: .badRequest
      case .forbidden: .forbidden
      case .notFound: .notFound
      case .conflict: .conflict
      case .stale: .preconditionFailed
      case .rule: .unprocessableContent
      case .tooLarge: .contentTooLarge
      }
    self.init(
      status, refusal.code, field: refusal.field, de: refusal.reason.german, en: refusal.reason.english,
      facts: refusal.facts)
  }

  public init(_ unavailability: Unavailability) {
    switch unavailability {
    case .queueFull:
      self.init(
        .serviceUnavailable, "queue-full", de: "Zu viele Aufträge warten; bitte gleich noch einmal.",
        en: "Too many commands are waiting; nothing was stored, please retry.", retryAfterSeconds: 1)
    case .outcomeUnknown:
      self.init(
        .serviceUnavailable, "outcome-unknown",
        de: "Ob der Auftrag gespeichert wurde, ist noch unbekannt; bitte mit demselben Idempotency-Key wiederholen.",
        en: "It is not known yet whether the command was stored; retry with the same Idempotency-Key.",
        retryAfterSeconds: 2)
    case .storeUnavailable:
      self.init(
        .serviceUnavailable, "store-unavailable",
        de: "Die Datenbank antwortet nicht, weil sie nicht erreichbar oder ausgelastet ist; nichts wurde gespeichert.",
        en: "The database does not answer: it is out of reach or too busy. Nothing was stored, please retry.",
        retryAfterSeconds: 2)
    case .storeFull:
      self.init(
        .serviceUnavailable, "store-full", de: "Der Speicher der Datenbank ist voll; nichts wurde gespeichert.",
        en: "The database is out of space; nothing was stored.", retryAfterSeconds: 60)
    case .clockSkew:
      self.init(
        .serviceUnavailable, "clock-skew", de: "Die Uhren von Server und Datenbank weichen zu weit voneinander ab.",
        en: "The clocks of server and database disagree; writing is stopped until they agree.", retryAfterSeconds: 30)
    case .logRegressed(let published, let found):
      self.init(
        .serviceUnavailable, "log-regressed",
        de:
          "Das Log liegt hinter dem veröffentlichten Stand; der Plan ist nur lesbar, bis der Betrieb eine neue Epoche öffnet.",
        en:
          "The log is behind or beside what was published; the plan is read-only until an operator opens a new epoch (federwerk log new-epoch).",
        facts: [.init("publishedSize", .integer(published.value)), .init("foundSize", .integer(found.value))])
    case .markUnreadable:
      self.init(
        .serviceUnavailable, "mark-unreadable",
        de: "Die Datei mit dem veröffentlichten Stand ist unlesbar; der Plan ist hier nur lesbar.",
        en:
          "The file that says what was published cannot be read; restore published/ of the home folder from its backup."
      )
    case .unreadableEvent(let position):
      self.init(
        .serviceUnavailable, "unreadable-event",
        de: "Dieses Programm kann ein Ereignis nicht lesen; der Plan ist hier nur lesbar.",
        en: "This build cannot read an event; the plan is read-only here until a newer build is installed.",
        facts: [.init("position", .integer(position.value))])
    case .notYetVisible:
      self.init(
        .serviceUnavailable, "not-yet-visible", de: "Dieser Stand ist hier noch nicht sichtbar.",
        en: "That position is not visible here yet.", retryAfterSeconds: 1)
    case .contended:
      self.init(
        .serviceUnavailable, "contended", de: "Zu viele gleichzeitige Änderungen; nichts wurde gespeichert.",
        en: "Too many conflicts with other servers; nothing was stored, please retry.", retryAfterSeconds: 1)
    case .shuttingDown:
      self.init(
        .serviceUnavailable, "shutting-down", de: "Der Server wird beendet.", en: "The server is shutting down.",
        retryAfterSeconds: 5)
    }
  }

  public init(_ error: JSONParserError) {
    let code =
      error.reason == .duplicateKey || error.reason == .tooDeep || error.reason == .integerOutOfRange
        || error.reason == .notAnInteger || error.reason == .invalidUTF8 || error.reason == .empty
      ? error.reason.rawValue : "malformed-json"
    self.init(
      .badRequest, code, field: error.key, de: "Das ist kein zulässiges JSON (\(error.reason.rawValue)).",
      en: "This is not acceptable JSON (\(error.reason.rawValue) at byte \(error.offset)).",
      facts: [.init("offset", .integer(Int64(error.offset))), .init("reason", .string(error.reason.rawValue))])
  }

  static let unauthorized = Problem(
    .unauthorized, "unauthorized", de: "Ein gültiges Zugriffstoken fehlt.", en: "A valid access token is missing.")

  static let unknownCursor = Problem(
    .unprocessableContent, "unknown-cursor", field: "cursor", de: "Diesen Zeiger hat der Server hier nicht ausgegeben.",
    en: "The server did not issue this cursor here; begin without one.")

  static func positionInFuture(_ field: String) -> Problem {
    Problem(
      .unprocessableContent, "position-in-future", field: field, de: "So weit reicht das Log nicht.",
      en: "The log does not reach that position.")
  }

  static func unknown(_ noun: String, _ reference: String, de german: String) -> Problem {
    Problem(
      .notFound, "unknown-\(noun)", de: "Nicht gefunden: \(german).", en: "There is no such \(noun).",
      facts: [.init("reference", .string(reference))])
  }

  static let keyReused = Problem(
    .unprocessableContent, "key-reused", field: "Idempotency-Key",
    de: "Dieser Schlüssel gehört zu einem anderen Auftrag.",
    en: "This Idempotency-Key was used for another command.")

  static let keyInFlight = Problem(
    .conflict, "key-in-flight", field: "Idempotency-Key", de: "Dieser Auftrag ist gerade in Arbeit.",
    en: "A command with this Idempotency-Key is being worked on.", retryAfterSeconds: 1)
}

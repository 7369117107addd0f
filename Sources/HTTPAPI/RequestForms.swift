internal import Consumers
internal import Coordination
internal import EventSourcing
internal import Hummingbird
internal import PlanService

/// The bodies of requests that are no commands: read, and described in OpenAPI, by the same records.
extension Routes {
  func form<Form: RecordFieldValue>(_ form: Form.Type, of request: Request) async throws(Problem) -> Form {
    _ = try request.parameters([])
    let body = try await request.json(byteCountMax: configuration.commandByteCountMax)
    do throws(Refusal) { return try Form.record.read(body) } catch { throw Problem(error) }
  }

  /// Auditors read; whoever else reads a feed may also say how far it has come.
  func refuseAuditor(_ request: Request) async throws(Problem) {
    guard try await principal(request).actor.role != .auditor else {
      throw Problem(
        .forbidden, "role-not-allowed", de: "Die Prüfung liest nur.", en: "Auditors read and change nothing.")
    }
  }

  /// Refuses a place to begin at that the log has not come to yet.
  func requireReach(_ position: Position, of log: LogID) async throws(Problem) {
    let size: LogSize
    do throws(EventLogFailure) { size = try await service.store.head(of: log)?.size ?? .zero } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    guard position <= size.nextPosition else {
      throw Problem(
        .unprocessableContent, "cursor-beyond-head", field: "from", de: "So weit reicht das Abo nicht.",
        en: "The feed does not reach that far.", facts: [.init("size", .integer(size.value))])
    }
  }
}

struct ReplayForm: RecordFieldValue {
  static let record = Record(
    Self.init(from:), Field("from", \.from, de: "erstes Ereignis", en: "the first event that comes again"))
  let from: EventName
}

struct ConsumerForm: RecordFieldValue {
  static let record = Record(
    Self.init(from:),
    Field("from", \.from, de: "erstes Ereignis; sonst der Anfang", en: "the first event; else the beginning"))
  let from: EventName?
}

struct LeaseForm: RecordFieldValue {
  static let record = Record(
    Self.init(worker:limit:seconds:timeout:),
    Field("worker", \.worker, de: "Name, den nur dieser Prozess hat", en: "a name that only this process has"),
    Field("limit", \.limit, de: "höchstens so viele Ereignisse", en: "at most so many events"),
    Field("seconds", \.seconds, de: "Dauer der Ausleihe", en: "how long the lease lasts"),
    Field("timeout", \.timeout, de: "Millisekunden, die gewartet wird", en: "milliseconds to wait for events"))
  let worker: Label
  let limit: LeaseLimit?
  let seconds: LeaseSeconds?
  let timeout: LeaseWait?
}

struct AckForm: RecordFieldValue {
  static let record = Record(
    Self.init(lease:through:), Field("lease", \.lease),
    Field("through", \.through, de: "letztes erledigtes Ereignis", en: "the last event that is finished"))
  let lease: Identifier<ConsumerState.Lease>
  let through: EventName
}

struct NackForm: RecordFieldValue {
  enum Action: String, ChoiceFieldValue { case retry, park, skip }

  static let record = Record(
    Self.init(lease:id:action:reason:seconds:), Field("lease", \.lease), Field("id", \.id),
    Field("action", \.action), Field("reason", \.reason, de: "wird aufgehoben", en: "is kept"),
    Field("seconds", \.seconds, de: "Pause vor retry", en: "pause before retry"))
  let lease: Identifier<ConsumerState.Lease>
  let id: EventName
  let action: Action
  let reason: Label
  let seconds: RetrySeconds?
}

struct ExtendForm: RecordFieldValue {
  static let record = Record(
    Self.init(lease:seconds:), Field("lease", \.lease),
    Field("seconds", \.seconds, de: "Dauer von jetzt an", en: "how long from now on"))
  let lease: Identifier<ConsumerState.Lease>
  let seconds: LeaseSeconds?
}

struct ReleaseForm: RecordFieldValue {
  static let record = Record(Self.init(lease:), Field("lease", \.lease))
  let lease: Identifier<ConsumerState.Lease>
}

/// The id of an event: its position in sixteen digits.
struct EventName: TextFieldValue {
  static let lengthMax = 16
  static let pattern: String? = "^[0-9]{16}$"
  static let expectation = LocalizedText(
    de: "Erwartet wird die Kennung eines Ereignisses, sechzehn Ziffern.",
    en: "Expected the id of an event, sixteen digits.")

  let text: String
  let position: Position

  init?(normalized text: String) {
    guard let position = Position(padded: text), position.value <= JSON.integerMax else { return nil }
    self.text = text
    self.position = position
  }
}

/// An integer within limits.
protocol LimitedFieldValue: FieldValue {
  static var range: ClosedRange<Int> { get }
  var value: Int { get }
  init(value: Int)
}

extension LimitedFieldValue {
  static var schema: JSON {
    ["type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))]
  }

  init(json: JSON, field: String) throws(Refusal) {
    let value = try Int(json: json, field: field)
    guard Self.range.contains(value) else {
      throw Self.invalid(
        field: field, de: "Erwartet wird \(Self.range.lowerBound) bis \(Self.range.upperBound).",
        en: "Expected \(Self.range.lowerBound) to \(Self.range.upperBound).")
    }
    self.init(value: value)
  }

  func write(to writer: inout CanonicalJSONWriter) { writer.integer(Int64(value)) }
}

struct LeaseLimit: LimitedFieldValue {
  static let range = 1...ConsumerDesk.countMax
  static let usual = 32
  let value: Int
}

struct LeaseSeconds: LimitedFieldValue {
  static let range = 1...3600
  let value: Int
}

struct LeaseWait: LimitedFieldValue {
  static let range = 0...30_000
  let value: Int
}

struct RetrySeconds: LimitedFieldValue {
  static let range = 0...86_400
  let value: Int
}

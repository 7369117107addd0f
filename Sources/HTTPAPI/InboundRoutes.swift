internal import Coordination
internal import Crypto
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

/// What partner systems report, as CloudEvents: what another programme says of the measures that it leads (§28).
extension Routes {
  /// The one type of event that is taken.
  static let inboundType = "org.federwerk.external-status.reported.v1"

  fileprivate enum InboundForm: String {
    case event = "application/cloudevents+json"
    case batch = "application/cloudevents-batch+json"
  }

  /// Takes one event, or several of which each stands for itself. Each is known by its `source` and `id`: sent again it
  /// gets the first answer, and another one under the same name is refused.
  @Sendable func inbound(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    guard principal.actor.role == .partner else {
      throw Problem(
        .forbidden, "role-not-allowed", de: "Hier melden nur Fachverfahren.", en: "Only partner systems report here.")
    }
    let plan = try await snapshot(of: id, positionMin: nil).plan
    guard let partner = principal.actor.partner.flatMap({ plan.partner($0) }) else {
      throw Problem(.unregisteredPartner)
    }
    let isDryRun = try request.isDryRun()
    let desk = InboundDesk(plan: id, partner: partner, isDryRun: isDryRun, service: service)
    switch try request.inboundForm() {
    case .event:
      let event = try await request.json(byteCountMax: configuration.commandByteCountMax)
      return try answer(try await desk.take(event))
    case .batch:
      let body = try await request.json(byteCountMax: configuration.listByteCountMax)
      guard let events = body.array, (1...configuration.inboundCountMax).contains(events.count) else {
        throw Problem(
          .badRequest, "invalid-value", de: "Erwartet werden 1 bis \(configuration.inboundCountMax) Ereignisse.",
          en: "Expected an array of 1 to \(configuration.inboundCountMax) events.")
      }
      var results: [JSON] = []
      for event in events { results.append(await desk.result(of: event, inGerman: request.prefersGerman)) }
      return Self.json(["results": .array(results)])
    }
  }
}

extension Request {
  fileprivate func inboundForm() throws(Problem) -> Routes.InboundForm {
    let type = headers[.contentType]?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
    guard let form = type.flatMap({ Routes.InboundForm(rawValue: $0) }) else {
      throw Problem(
        .unsupportedMediaType, "unsupported-media-type", field: "Content-Type",
        de: "Erwartet wird application/cloudevents+json oder application/cloudevents-batch+json.",
        en: "Expected application/cloudevents+json or application/cloudevents-batch+json.")
    }
    return form
  }
}

/// Where what one partner system reports is taken in.
private struct InboundDesk {
  private static let attributes: Set<String> = ["id", "source", "specversion", "type", "subject", "data"]

  let plan: EntityID
  let partner: PartnerSystem
  let isDryRun: Bool
  let service: PlanService

  func take(_ event: JSON) async throws(Problem) -> CommandAnswer {
    let request: CommandRequest
    do throws(Refusal) { request = try self.request(event) } catch { throw Problem(error) }
    switch await service.submit(request, to: plan) {
    case .refused(let refusal): throw Problem(refusal.inEvent)
    case .keyReused:
      throw Problem(
        .unprocessableContent, "event-reused", field: "id", de: "Unter dieser Kennung kam schon etwas anderes.",
        en: "Something else came under this source and id before.")
    case let answer: return answer
    }
  }

  /// What became of one event of a batch.
  func result(of event: JSON, inGerman: Bool) async -> JSON {
    let name: [JSON.Member] = ["source", "id"].map { .init($0, event[$0]?.string.map { .string($0) } ?? .null) }
    do throws(Problem) {
      switch try await take(event) {
      case .done(let bytes, _), .wouldDo(let bytes):
        let answer = (try? JSONParser.parse(bytes)) ?? .null
        return .object(name + [.init("status", 201), .init("answer", answer)])
      case .keyInFlight: throw .keyInFlight
      case .unavailable(let reason): throw Problem(reason)
      case .refused, .keyReused: throw Problem(Unavailability.outcomeUnknown)
      }
    } catch {
      return .object(
        name + [.init("status", .integer(Int64(error.status.code))), .init("problem", error.json(inGerman: inGerman))])
    }
  }

  private func request(_ event: JSON) throws(Refusal) -> CommandRequest {
    guard event.members != nil else {
      throw Refusal(
        .malformed, "wrong-type", de: "Erwartet wird ein CloudEvent.", en: "Expected a CloudEvent as a JSON object.")
    }
    try expect(event, "specversion", "1.0")
    try expect(event, "type", Routes.inboundType)
    if let type = event["datacontenttype"]?.string, type != "application/json" {
      throw invalid("datacontenttype", "application/json")
    }
    for attribute in event.members ?? []
    where !Self.attributes.contains(attribute.key) && attribute.key.utf8.contains(where: { !Self.isNameByte($0) }) {
      throw invalid(attribute.key, "a name of lower-case letters and digits")
    }
    let (source, id) = (try text(event, "source"), try text(event, "id"))
    guard let data = event["data"] else { throw .missing("data") }
    let report = try InboundStatus.record.read(data, prefix: "data")
    guard let programme = report.programme ?? onlyProgramme else { throw .missing("data.programme") }
    let command = RecordExternalStatus(
      programme: programme, externalID: try Label(try text(event, "subject"), field: "subject"),
      statusID: try Label(id, field: "id"), status: report.status, percent: report.percent, date: report.date)
    let name = SHA256.hash(data: Array("\(source)\0\(id)".utf8))
    return CommandRequest(
      // Whoever holds a token of it, it is the partner system that reports.
      actor: PlanActor(id: .user(partner.id), role: .partner, partner: partner.slug),
      key: "inbound:\(Base64URL.encode(Array(name)))", commands: [RequestedCommand(command)],
      canonicalBody: event.canonicalBytes, isDryRun: isDryRun)
  }

  private var onlyProgramme: Slug? {
    partner.programmes.count == 1 ? partner.programmes.first.flatMap { Slug(normalized: $0) } : nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func text(_ event: JSON, _ name: String) throws(Refusal) -> String {
    guard let value = event[name] else { throw .missing(name) }
    guard let text = value.string, (1...1000).contains(text.utf8.count) else { throw invalid(name, "a text") }
    return text
  }

  private func expect(_ event: JSON, _ name: String, _ value: String) throws(Refusal) {
    guard try text(event, name) == value else { throw invalid(name, value) }
  }

  private func invalid(_ name: String, _ expected: String) -> Refusal {
    Refusal(
      .malformed, "invalid-value", field: name, de: "Erwartet wird: \(expected).", en: "Expected \(expected).")
  }
}

/// The data of a reported status.
struct InboundStatus: RecordFieldValue {
  static let record = Record(
    Self.init(programme:status:percent:date:),
    Field(
      "programme", \.programme, de: "Kurzname des Programms; nur nötig, wenn es mehrere sind",
      en: "slug of the programme; needed only where the partner has several"),
    Field("status", \.status, de: "Stand in den Worten des Programms", en: "status in the programme's own words"),
    Field("percent", \.percent, de: "0 bis 100", en: "0 to 100"),
    Field("date", \.date, de: "Datum des Stands dort", en: "the date of the status there"))

  let programme: Slug?
  let status: Label
  let percent: Int?
  let date: LocalDate
}

extension Refusal {
  fileprivate static func missing(_ field: String) -> Refusal {
    Refusal(.malformed, "missing-field", field: field, de: "Das Feld fehlt.", en: "The field is missing.")
  }

  /// The same refusal with the field as the event names it.
  fileprivate var inEvent: Refusal {
    let names = ["externalID": "subject", "statusID": "id"]
    guard let field else { return self }
    return Refusal(
      kind, code, field: names[field] ?? "data.\(field)", de: reason.german, en: reason.english, facts: facts)
  }
}

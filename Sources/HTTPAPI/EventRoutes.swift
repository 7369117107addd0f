internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

extension Routes {
  /// Raw events are for auditors and the office (domain visibility).
  static let readsEvents: Set<Role> = [.auditor, .coordinator]

  @Sendable func events(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let plan = try await planForAuditor(request, context)
    let values = try request.parameters(["from", "limit", "order", "subject", "type"])
    var query = EventQuery(limit: configuration.eventCountDefault, subject: values["subject"], type: values["type"])
    if let from = values["from"] { query.from = try Request.position(from, field: "from") }
    query.limit = try Request.limit(values["limit"], max: configuration.eventCountMax) ?? query.limit
    switch values["order"] {
    case nil, "asc": break
    case "desc": query.order = .newestFirst
    default: throw .invalid("order", de: "Erwartet wird asc oder desc.", en: "Expected asc or desc.")
    }
    let found = try await read(plan, query)
    var buffer = ByteBuffer()
    buffer.writeStaticString("[")
    for (index, event) in found.enumerated() {
      if index > 0 { buffer.writeStaticString(",") }
      buffer.writeBytes(event.body)
    }
    buffer.writeStaticString("]")
    return Self.response(
      .ok, "application/cloudevents-batch+json", buffer, next(request, query, found).map { [(Headers.link, $0)] } ?? [])
  }

  @Sendable func event(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let plan = try await planForAuditor(request, context)
    _ = try request.parameters([])
    let position = try Request.position(context.parameters.get("position") ?? "", field: "position")
    guard let event = try await read(plan, EventQuery(from: position, limit: 1)).first, event.position == position
    else { throw .unknown("event", String(position.value), de: "Ereignis") }
    return Self.response(
      .ok, "application/cloudevents+json", ByteBuffer(bytes: event.body),
      [(.cacheControl, Self.immutable)])
  }

  /// The plan of the path, for those who may read stored events.
  func planForAuditor(_ request: Request, _ context: Context) async throws(Problem) -> EntityID {
    let principal = try await principal(request)
    guard Self.readsEvents.contains(principal.actor.role) else {
      throw Problem(
        .forbidden, "role-not-allowed", de: "Rohe Ereignisse lesen nur Prüfung und Geschäftsstelle.",
        en: "Raw events are for auditors and the office.")
    }
    return try await plan(context, for: principal)
  }

  private func read(_ plan: EntityID, _ query: EventQuery) async throws(Problem) -> [StoredEvent] {
    do throws(EventLogFailure) { return try await service.store.events(of: LogID(plan: plan), matching: query) } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
  }

  /// Where reading goes on: oldest first always somewhere, so that a client can poll it; newest first until the
  /// beginning.
  private func next(_ request: Request, _ query: EventQuery, _ found: [StoredEvent]) -> String? {
    let from =
      switch query.order {
      case .oldestFirst: found.last.map { $0.position.value + 1 } ?? query.from?.value ?? 0
      case .newestFirst: (found.last?.position.value ?? 0) - 1
      }
    guard from >= 0 else { return nil }
    var parameters = "from=\(from)&limit=\(query.limit)"
    if query.order == .newestFirst { parameters += "&order=desc" }
    if let subject = query.subject { parameters += "&subject=\(subject)" }
    if let type = query.type { parameters += "&type=\(type)" }
    return "<\(request.uri.path)?\(parameters)>; rel=\"next\""
  }
}

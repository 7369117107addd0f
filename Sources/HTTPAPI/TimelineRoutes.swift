internal import Coordination
internal import EventSourcing
internal import Hummingbird
internal import Logging
internal import PlanService
internal import Projections

extension Routes {
  /// The audit timeline: what changed from what to what, who, on whose behalf, when recorded and when effective.
  @Sendable func timeline(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    let viewer = try await viewer(principal, of: id, request)
    let plan = try await folded(id, ReadQuery(positionMin: try request.positionMin()), for: viewer)
    let now: Timestamp
    do throws(Unavailability) { now = try await service.now() } catch { throw Problem(error) }
    let (query, moment) = try request.timelineQuery(of: plan, now: now, limitMax: configuration.pageItemCountMax)
    // What had been recorded by then, and with it what the answer names.
    guard let last = try await folded(id, ReadQuery(moment: moment), for: viewer).size.lastPosition else {
      return Self.json(["position": .null, "entries": [], "next": .null])
    }
    let page: TimelinePage?
    do {
      // Rows are stored as those see them who see everything.
      let source: any TimelineSource =
        viewer == .office ? timelineSource : FoldedTimeline(store: service.store, for: viewer)
      page = try await source.page(of: id, through: last, matching: query)
    } catch let trouble as Unavailability {
      throw Problem(trouble)
    } catch {
      logger.warning("timeline not read", metadata: ["reason": "\(error)"])
      throw Problem(Unavailability.storeUnavailable)
    }
    guard let page else { throw Problem(Unavailability.notYetVisible) }
    let next = page.next.map { JSON.string(Base64URL.encode(Array(String($0.value).utf8))) } ?? .null
    let entries = try await joiningTexts(to: .array(page.entries), of: plan)
    var response = Self.json(["position": .integer(last.value), "entries": entries, "next": next])
    response.headers[Headers.planPosition] = String(last.value)
    return response
  }
}

extension Request {
  /// `position` and `asOf` are what they are everywhere: what was recorded up to then. `to` names an end as well, which
  /// may also lie ahead.
  fileprivate func timelineQuery(
    of plan: Plan, now: Timestamp, limitMax: Int
  ) throws(Problem) -> (TimelineQuery, ReadMoment) {
    let values = try parameters([
      "subject", "actor", "institution", "type", "from", "to", "position", "asOf", "order", "limit", "cursor",
    ])
    var query = TimelineQuery()
    var moment = ReadMoment.now
    if let text = values["subject"] {
      guard let subject = plan.timelineSubject(text, on: plan.today(at: now)) else {
        throw .unknown("subject", text, de: "Gegenstand")
      }
      query.subject = subject
    }
    if let text = values["actor"] {
      guard let actor = ActorID(text) else {
        throw .invalid(
          "actor", de: "Erwartet wird ein Akteur wie users/… oder system:clock.",
          en: "Expected an actor such as users/… or system:clock.")
      }
      query.actor = actor
    }
    if let text = values["institution"] {
      guard let institution = plan.party(text) else { throw .unknown("institution", text, de: "Institution") }
      query.institution = institution.id.value
    }
    query.type = values["type"]
    query.from = try Self.bound(values["from"], "from") { plan.start(of: $0) }
    query.to = try Self.bound(values["to"], "to") { plan.end(of: $0) }
    try Self.requireOneMoment(of: ["to", "position", "asOf"], in: values)
    if let text = values["position"] {
      let position = try Self.position(text, field: "position")
      guard position < plan.size.nextPosition else { throw .positionInFuture("position") }
      moment = .position(position)
    }
    if let text = values["asOf"] { moment = .asOf(try Self.asOf(text, now: now, in: plan)) }
    switch values["order"] {
    case nil, "asc": break
    case "desc": query.isNewestFirst = true
    default: throw .invalid("order", de: "Erwartet wird asc oder desc.", en: "Expected asc or desc.")
    }
    query.limit = try Self.limit(values["limit"], max: limitMax) ?? query.limit
    if let cursor = try Self.cursor(values["cursor"]) {
      do throws(Problem) { query.cursor = try Self.position(cursor, field: "cursor") } catch { throw .unknownCursor }
    }
    return (query, moment)
  }

  /// A position, a moment or a day of recorded time.
  private static func bound(
    _ text: String?, _ field: String, _ moment: (LocalDate) -> Timestamp
  ) throws(Problem) -> TimelineQuery.Bound? {
    guard let text else { return nil }
    if let date = LocalDate(text) { return .recordedAt(moment(date)) }
    if let time = Timestamp(text) { return .recordedAt(time) }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw .invalid(
        field, de: "Erwartet wird eine Position, ein Tag oder ein Zeitpunkt (RFC 3339).",
        en: "Expected a position, a day or an RFC 3339 time.")
    }
    return .position(try position(text, field: field))
  }
}

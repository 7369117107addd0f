internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService
internal import Projections

extension Routes {
  @Sendable func me(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let commands = CommandCatalogue.external.filter { $0.roles.contains(principal.actor.role) }
    return Self.json([
      "actor": .string(principal.actor.id.description),
      "role": .string(principal.actor.role.rawValue),
      "institution": principal.actor.institution.map { .string($0) } ?? .null,
      "partner": principal.actor.partner.map { .string($0) } ?? .null,
      "plan": principal.plan.map { .string($0) } ?? .null,
      "expires": .string(Timestamp(microsecondsSinceEpoch: Int64(principal.expires) * 1_000_000).description),
      "commands": .array(commands.map { .string($0.name) }),
      "readsEvents": .bool(Self.readsEvents.contains(principal.actor.role)),
    ])
  }

  @Sendable func plans(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let values = try request.parameters(["limit", "cursor"])
    let limit = try Request.limit(values["limit"], max: configuration.pageItemCountMax) ?? 100
    let cursor = try Request.cursor(values["cursor"])
    var entries: [PlanEntry]
    do throws(EventLogFailure) {
      if let only = principal.plan {
        let id = cursor == nil ? try await service.store.plan(withSlug: only) : nil
        entries = id.map { [PlanEntry(plan: $0, slug: only, size: .zero)] } ?? []
      } else {
        entries = try await service.store.plans(after: cursor, limit: limit + 1)
      }
    } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    var items: [JSON] = []
    for entry in entries.prefix(limit) {
      if let item = try await item(entry, for: principal) { items.append(item) }
    }
    let next = entries.count > limit ? JSON.string(Base64URL.encode(Array(entries[limit - 1].slug.utf8))) : .null
    return Self.json(["plans": .array(items), "next": next])
  }

  /// - Returns: nil for a plan to which a partner's token no longer leads.
  private func item(_ entry: PlanEntry, for principal: Principal) async throws(Problem) -> JSON? {
    let plan: Plan
    do throws(Unavailability) {
      plan = try await service.snapshot(of: entry.plan).plan
    } catch {
      switch error {
      case .logRegressed, .markUnreadable, .unreadableEvent:
        // One plan whose log is not whole takes no other from the list.
        return [
          "id": .string(entry.plan.description), "slug": .string(entry.slug), "title": .null,
          "size": .integer(entry.size.value), "simulated": .null, "trouble": .string(Problem(error).code),
        ]
      default: throw Problem(error)
      }
    }
    if let partner = principal.actor.partner {
      do throws(Problem) { try await admit(partner, principal, to: entry.plan) } catch { return nil }
    }
    let trouble = service.trouble(of: entry.plan).map { [JSON.Member("trouble", .string(Problem($0).code))] } ?? []
    return .object(
      [
        .init("id", .string(entry.plan.description)), .init("slug", .string(entry.slug)),
        .init("title", .string(plan.title)), .init("size", .integer(plan.size.value)),
        .init("simulated", .bool(plan.isSimulated)),
      ] + trouble)
  }

  @Sendable func measures(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: MeasureBoard.self, request, context)
  }

  @Sendable func institutions(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: InstitutionList.self, request, context)
  }

  @Sendable func issues(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: IssueRegister.self, request, context)
  }

  @Sendable func responsibilities(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: ResponsibilityMatrix.self, request, context)
  }

  @Sendable func placeholders(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: GapRegister.self, request, context)
  }

  @Sendable func externalLinks(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await page(of: ExternalLinkBoard.self, request, context)
  }

  @Sendable func institutionCard(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let reference = context.parameters.get("institution") ?? ""
    return try await view(InstitutionCard.name, InstitutionCard.version, item: reference, request, context) {
      (plan, date, _) throws(Problem) in
      guard let party = plan.party(reference) else { throw .unknown("institution", reference, de: "Institution") }
      return [.init("institution", InstitutionCard.json(party, plan, date))]
    }
  }

  @Sendable func measure(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let reference = context.parameters.get("measure") ?? ""
    return try await view(MeasureBoard.name, MeasureBoard.version, item: reference, request, context) {
      (plan, date, _) throws(Problem) in
      guard let measure = plan.measure(reference, on: date) else {
        throw .unknown("measure", reference, de: "Maßnahme")
      }
      return [.init("measure", MeasureBoard.json(measure, plan, date))]
    }
  }

  @Sendable func measureSheet(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let reference = context.parameters.get("measure") ?? ""
    return try await view(MeasureSheet.name, MeasureSheet.version, item: reference, request, context) {
      (plan, date, _) throws(Problem) in
      guard let measure = plan.measure(reference, on: date) else {
        throw .unknown("measure", reference, de: "Maßnahme")
      }
      return [.init("measure", MeasureSheet.json(measure, plan, date))]
    }
  }

  @Sendable func tree(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await view(PlanTree.name, PlanTree.version, item: "", request, context) { plan, date, _ in
      PlanTree.json(of: plan, validAt: date).members ?? []
    }
  }

  private func page<V: View>(of kind: V.Type, _ request: Request, _ context: Context) async throws(Problem) -> Response
  {
    try await view(kind.name, kind.version, item: "", request, context, parameters: ["limit", "cursor"]) {
      (plan, date, query) throws(Problem) in
      let page = try Self.page(
        of: kind.items(of: plan, validAt: date), in: plan, validAt: date,
        limit: query.limit ?? configuration.pageItemCountDefault, after: query.cursor)
      return [.init(kind.name, .array(page.items.map(\.json))), .init("next", page.next)]
    }
  }

  /// The items after the one that the cursor names, and the cursor of the page after them.
  ///
  /// - Parameters:
  ///   - plan: the plan at the moment of the list.
  ///   - date: the day that the list is read for, if it is of one.
  static func page(
    of items: [ViewItem], in plan: Plan, validAt date: LocalDate?, limit: Int, after cursor: PageCursor?
  ) throws(Problem) -> (items: ArraySlice<ViewItem>, next: JSON) {
    var start = 0
    if let cursor {
      guard cursor.position == plan.size.lastPosition, cursor.validAt == date,
        let index = items.firstIndex(where: { $0.key == cursor.key })
      else { throw .unknownCursor }
      start = index + 1
    }
    let slice = items[start..<min(items.count, start + limit)]
    guard slice.endIndex < items.count, let last = slice.last, let position = plan.size.lastPosition else {
      return (slice, .null)
    }
    let next = PageCursor(position: position, validAt: date, key: last.key)
    return (slice, .string(Base64URL.encode(Array(next.text.utf8))))
  }

  /// Answers a view as JSON: the moment it is read at, and what `render` tells, with the texts of the events that it
  /// names.
  private func view(
    _ name: String, _ version: Int, item: String, _ request: Request, _ context: Context,
    parameters: Set<String> = [], _ render: (Plan, LocalDate, ReadQuery) throws(Problem) -> [JSON.Member]
  ) async throws(Problem) -> Response {
    try await view(name, version, item: item, "application/json", request, context, parameters: parameters) {
      (plan, date, query) throws(Problem) in
      let moment = [JSON.Member].moment(
        position: plan.size.lastPosition, validAt: date, isSimulated: plan.isSimulated)
      let told = try await joiningTexts(to: .object(try render(plan, date, query)), of: plan)
      return JSON.object(moment + (told.members ?? [])).canonicalBytes
    }
  }

  /// Answers a view at the moment asked for, from the cache where it was rendered before.
  func view(
    _ name: String, _ version: Int, item: String, _ mediaType: String, _ request: Request, _ context: Context,
    parameters: Set<String> = [],
    _ render: (Plan, LocalDate, ReadQuery) async throws(Problem) -> [UInt8]
  ) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    let now: Timestamp
    do throws(Unavailability) { now = try await service.now() } catch { throw Problem(error) }
    let viewer = try await viewer(principal, of: id, request)
    let current = try await snapshot(of: id, positionMin: nil)
    let query = try request.readQuery(
      limitMax: configuration.pageItemCountMax, now: now, in: current.plan, besides: parameters)
    let plan = try await folded(id, query, for: viewer, positionField: query.cursor == nil ? "position" : "cursor")
    let validAt = query.validAt ?? plan.today(at: now)
    let position = plan.size.lastPosition
    // What is erased goes from all answers, also from those about the past; what the caller does not know of stays
    // hidden.
    let erasures = try await folded(id, ReadQuery(), for: viewer).erasableEvents.erasureCount
    // The epoch and the time tell apart what a position held before and after a log lost its end.
    let epoch = current.head.epoch
    let recordedAt = plan.lastRecordedAt?.microsecondsSinceEpoch ?? 0
    // While it lacks its end, texts stay out.
    let isRegressed = service.regression(of: id) != nil
    let log = "\(recordedAt).\(epoch)\(isRegressed ? "r" : "")"
    let moment = "\(position.map { String($0.value) } ?? "-").\(log).\(validAt)"
    let etag = "\"\(moment).\(Plan.foldVersion).\(version).\(erasures)\(viewer.mark)\""
    var fields = [(HTTPField.Name.cacheControl, "private, no-cache")]
    if let position { fields.append((Headers.planPosition, String(position.value))) }
    let key = ViewCache.Key(
      plan: id, viewer: viewer, size: plan.size, epoch: epoch, isRegressed: isRegressed, recordedAt: recordedAt,
      erasures: erasures, view: name, item: item, validAt: validAt, limit: query.limit, cursor: query.cursor)
    var bytes = views[key]
    if bytes == nil {
      let rendered = ByteBuffer(bytes: try await render(plan, validAt, query))
      // What showed meanwhile, that the log lacks its end or no longer does, may or may not have gone into it.
      guard isRegressed == (service.regression(of: id) != nil) else {
        return Self.response(.ok, mediaType, rendered, fields)
      }
      bytes = rendered
      views[key] = rendered
    }
    fields.append((.eTag, etag))
    // Only now: what is not there has not stayed the same.
    guard let bytes, !request.isKnown(etag) else {
      return Response(status: .notModified, headers: HTTPFields(fields.map { HTTPField(name: $0.0, value: $0.1) }))
    }
    return Self.response(.ok, mediaType, bytes, fields)
  }

  /// What the caller may know of a plan, judged by the plan that is at least as new as the caller asks for.
  func viewer(_ principal: Principal, of plan: EntityID, _ request: Request) async throws(Problem) -> Viewer {
    if let position = try request.positionMin() { _ = try await snapshot(of: plan, positionMin: position) }
    do throws(Unavailability) { return try await service.viewer(for: principal.actor, of: plan) } catch {
      throw Problem(error)
    }
  }

  func joiningTexts(to json: JSON, of plan: Plan) async throws(Problem) -> JSON {
    do throws(Unavailability) { return try await service.joiningTexts(to: json, of: plan) } catch {
      throw Problem(error)
    }
  }

  /// - Parameter positionField: the parameter that names the moment's position.
  func folded(
    _ id: EntityID, _ query: ReadQuery, for viewer: Viewer, positionField: String = "position"
  ) async throws(Problem) -> Plan {
    let plan: Plan?
    do throws(Unavailability) {
      plan = try await service.plan(id, at: query.moment, for: viewer, positionMin: query.positionMin)
    } catch {
      throw Problem(error)
    }
    guard let plan else { throw .positionInFuture(positionField) }
    return plan
  }

  static func json(_ value: JSON) -> Response {
    // What one caller may know is no other's.
    response(
      .ok, "application/json", ByteBuffer(bytes: value.canonicalBytes), [(.cacheControl, "private, no-cache")])
  }
}

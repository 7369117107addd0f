internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import PlanService

/// The feeds of partner systems: each reads its own, auditors and the office read all.
extension Routes {
  /// The log that a path's feed is, for those who may read its entries: the plan's own, or that of a partner.
  func feedLog(_ request: Request, _ context: Context) async throws(Problem) -> LogID {
    guard context.parameters.get("feed") != nil else { return LogID(plan: try await planForAuditor(request, context)) }
    let (plan, feed) = try await partnerFeed(request, context)
    return LogID(plan: plan, name: feed.logName)
  }

  /// A foreign feed and none look the same.
  private func partnerFeed(_ request: Request, _ context: Context) async throws(Problem) -> (EntityID, PartnerFeed) {
    let slug = context.parameters.get("feed") ?? ""
    let (plan, feeds) = try await readableFeeds(request, context)
    guard let feed = feeds.first(where: { $0.slug == slug }) else {
      throw .unknown("feed", String(slug.prefix(80)), de: "Abo")
    }
    return (plan.id, feed)
  }

  func readableFeeds(
    _ request: Request, _ context: Context
  ) async throws(Problem) -> (plan: Plan, feeds: [PartnerFeed]) {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    let plan = try await snapshot(of: id, positionMin: request.positionMin()).plan
    if Self.readsEvents.contains(principal.actor.role) { return (plan, plan.feeds) }
    guard principal.actor.role == .partner else {
      throw Problem(
        .forbidden, "role-not-allowed", de: "Abos lesen das Fachverfahren selbst, Prüfung und Geschäftsstelle.",
        en: "Feeds are for the partner system itself, auditors and the office.")
    }
    guard let partner = principal.actor.partner.flatMap({ plan.partner($0) }) else {
      throw Problem(.unregisteredPartner)
    }
    return (plan, plan.feeds.filter { $0.partner == partner.id })
  }

  /// The feeds that the caller may read, with what they cover.
  @Sendable func partnerFeeds(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let (plan, feeds) = try await readableFeeds(request, context)
    _ = try request.parameters([])
    let now: Timestamp
    do throws(Unavailability) { now = try await service.now() } catch { throw Problem(error) }
    var described: [JSON] = []
    for feed in feeds.sorted(by: { $0.slug < $1.slug }) {
      let log = LogID(plan: plan.id, name: feed.logName)
      let size: LogSize
      do throws(EventLogFailure) { size = try await service.store.head(of: log)?.size ?? .zero } catch {
        throw Problem(Unavailability.storeUnavailable)
      }
      described.append([
        "slug": .string(feed.slug), "partner": plan.slug(of: feed.partner).map { .string($0) } ?? .null,
        "address": .string("/v1/plans/\(plan.slug)/feeds/\(feed.slug)"), "history": .bool(feed.hasHistory),
        "ended": .bool(feed.ended != nil), "contract": feed.contract.json(in: plan, on: plan.today(at: now)),
        "size": .integer(size.value),
      ])
    }
    return Self.json(["feeds": .array(described)])
  }

  /// The erasable values of one event, as far as the contract lets them come along and they are not erased.
  @Sendable func feedDisclosures(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let (plan, feed) = try await partnerFeed(request, context)
    _ = try request.parameters([])
    let position = try Self.eventPosition(context)
    let log = LogID(plan: plan, name: feed.logName)
    let found: [JSON]?
    do throws(EventLogFailure) { found = try await disclosures(at: position, in: log) } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    guard let values = found else { throw .unknown("event", position.padded.description, de: "Ereignis") }
    var response = Self.json(["id": .string(position.padded.description), "disclosures": .array(values)])
    response.headers[.cacheControl] = "private, no-store"
    return response
  }

  /// They lie with the plan's event, so that what is erased there is gone here too. Nil when there is no event.
  private func disclosures(at position: Position, in log: LogID) async throws(EventLogFailure) -> [JSON]? {
    let query = EventQuery(from: position, limit: 1)
    guard let event = try await service.store.events(of: log, matching: query).first, event.position == position else {
      return nil
    }
    let links = try await service.store.disclosures(of: log, at: [position])
    guard let original = links.lazy.compactMap({ ReissuedEvent.linkedPosition($0.encoded) }).first else { return [] }
    let data = (try? JSONParser.parse(event.body))?["data"]
    let digests = Set(data?["_sd"]?.array?.compactMap(\.string) ?? [])
    return try await service.store.disclosures(of: LogID(plan: log.plan), at: [original])
      .filter { digests.contains($0.digest) }.map { .string($0.encoded) }
  }
}

extension FeedContract {
  /// In the words in which terms are agreed on a day.
  fileprivate func json(in plan: Plan, on date: LocalDate) -> JSON {
    let subjects = subjects.map { subject in
      plan.code(of: MeasureID(subject.value), on: date) ?? plan.slug(of: subject.value) ?? subject.description
    }
    return [
      "types": .array(types.map { .string($0.text) }),
      "subjects": .array(subjects.map { .string($0) }),
      "programmes": .array(programmes.map { .string($0.text) }), "circle": .string(circle.rawValue),
      "disclosures": .bool(disclosures), "versionMax": versionMax.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

internal import Coordination
internal import EventSourcing
internal import Hummingbird
internal import PlanService
internal import Projections

extension Routes {
  /// What became of the plan between two moments of recorded time, as facts, with the events in between.
  @Sendable func comparison(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    let viewer = try await viewer(principal, of: id, request)
    let values = try request.parameters(["from", "to", "limit", "cursor"])
    let current = try await snapshot(of: id, positionMin: try request.positionMin()).plan
    guard let fromText = values["from"] else {
      throw Problem(
        .badRequest, "missing-parameter", field: "from", de: "Der Zeitpunkt fehlt, mit dem verglichen wird.",
        en: "The moment to compare with is missing.")
    }
    let limit = try Request.limit(values["limit"], max: configuration.pageItemCountMax)
    let cursor = try Request.pageCursor(values["cursor"])
    let passage: PlanService.Passage?
    let now: Timestamp
    do throws(Unavailability) { now = try await service.now() } catch { throw Problem(error) }
    let from = try Request.moment(fromText, field: "from", now: now, in: current)
    var to = try values["to"].map { text throws(Problem) in
      try Request.moment(text, field: "to", now: now, in: current)
    }
    var toField = "to"
    // The pages belong to the moment of the first; a day that is not over yet goes on.
    if let cursor {
      switch to {
      case nil, .asOf: (to, toField) = (.position(cursor.position), "cursor")
      case .position, .now: break
      }
    }
    for case (let field, .position(let position)?) in [("from", from), (toField, to)] as [(String, ReadMoment?)] {
      guard position < current.size.nextPosition else { throw .positionInFuture(field) }
    }
    do throws(Unavailability) {
      passage = try await service.passage(of: id, from: from, to: to ?? .now, for: viewer)
    } catch {
      throw Problem(error)
    }
    guard let passage else {
      if toField == "cursor" { throw .unknownCursor }
      throw Problem(
        .unprocessableContent, "moments-reversed", field: "from",
        de: "Der erste Zeitpunkt liegt nach dem zweiten.", en: "The first moment comes after the second.")
    }
    let items = passage.items
    let page = try Self.page(
      of: items, in: passage.after, validAt: nil, limit: limit ?? configuration.pageItemCountDefault, after: cursor)
    return Self.json(
      passage.answer(listing: page.items.map(\.json), of: items.count, [.init("next", page.next)]))
  }
}

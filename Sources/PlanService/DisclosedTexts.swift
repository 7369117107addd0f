package import Coordination
package import EventSourcing

extension PlanService {
  /// What a view tells, with the texts of the events that it names: wherever it gives an event's `position`, `texts`
  /// stands beside it with those that the plan's viewer may see and that are not erased.
  ///
  /// A plan's state keeps no text that can be erased, so they are read at each call and kept nowhere: what is erased is
  /// gone from the next answer on, also from answers about the past.
  package func joiningTexts(to json: JSON, of plan: Plan) async throws(Unavailability) -> JSON {
    var positions: Set<Position> = []
    json.forEachEvent { if plan.readableFields(at: $0).isEmpty == false { positions.insert($0) } }
    guard !positions.isEmpty else { return json }
    var texts: [Position: [JSON.Member]] = [:]
    do throws(EventLogFailure) {
      for stored in try await store.disclosures(of: LogID(plan: plan.id), at: positions.sorted()) {
        guard let (name, value) = Disclosure(encoded: stored.encoded).content,
          plan.readableFields(at: stored.position).contains(name)
        else { continue }
        texts[stored.position, default: []].append(.init(name, value))
      }
    } catch {
      throw Unavailability(error)
    }
    return json.addingTexts(texts.mapValues { .object($0.sorted { $0.key < $1.key }) })
  }
}

extension Plan {
  /// The fields of an event whose values lie outside the log, that this plan's viewer may see and nobody has erased.
  fileprivate func readableFields(at position: Position) -> [String] {
    guard let event = erasableEvents[position] else { return [] }
    return event.erased.isEmpty ? event.fields : event.fields.filter { !event.erased.contains($0) }
  }
}

extension JSON {
  private static let positionName = "position"

  fileprivate func forEachEvent(_ body: (Position) -> Void) {
    switch self {
    case .object(let members):
      for member in members {
        if member.key == Self.positionName, let number = member.value.integer { body(Position(number)) }
        member.value.forEachEvent(body)
      }
    case .array(let elements): for element in elements { element.forEachEvent(body) }
    default: break
    }
  }

  fileprivate func addingTexts(_ texts: [Position: JSON]) -> JSON {
    switch self {
    case .object(let members):
      var joined = members.map { Member($0.key, $0.value.addingTexts(texts)) }
      let position = members.first { $0.key == Self.positionName }?.value.integer
      if let own = position.flatMap({ texts[Position($0)] }) { joined.append(Member("texts", own)) }
      return .object(joined)
    case .array(let elements): return .array(elements.map { $0.addingTexts(texts) })
    default: return self
    }
  }
}

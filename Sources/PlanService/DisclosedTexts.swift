public import Coordination
public import EventSourcing

extension PlanService {
  /// What a view tells, with the texts of the events that it names: wherever it gives an event's `position`, `texts`
  /// stands beside it with those that the plan's viewer may see, and `erased` with the names of those that were erased.
  ///
  /// A plan's state keeps no text that can be erased, so they are read at each call and kept nowhere: what is erased is
  /// gone from the next answer on, also from answers about the past. A log that lost its end no longer says what was
  /// erased, so its texts stay out.
  public func joiningTexts(to json: JSON, of plan: Plan) async throws(Unavailability) -> JSON {
    guard regression(of: plan.id) == nil else { return json }
    var fields: [Position: [String]] = [:]
    json.forEachEvent { position in
      if let known = plan.erasableEvents[position]?.fields, !known.isEmpty { fields[position] = known }
    }
    guard !fields.isEmpty else { return json }
    // What was erased since the plan's moment is as gone as what was erased before.
    let present = try await snapshot(of: plan.id).plan.erasableEvents
    var texts: [Position: [JSON.Member]] = [:]
    do throws(EventLogFailure) {
      for stored in try await store.disclosures(of: LogID(plan: plan.id), at: fields.keys.sorted()) {
        guard let (name, value) = Disclosure(encoded: stored.encoded).content,
          fields[stored.position]?.contains(name) == true, present[stored.position]?.erased.contains(name) != true
        else { continue }
        texts[stored.position, default: []].append(.init(name, value))
      }
    } catch {
      throw Unavailability(error)
    }
    var added = texts.mapValues { [JSON.Member("texts", .object($0.sorted { $0.key < $1.key }))] }
    for (position, known) in fields {
      let erased = known.filter { present[position]?.erased.contains($0) == true }.sorted()
      if !erased.isEmpty { added[position, default: []].append(.init("erased", .array(erased.map { .string($0) }))) }
    }
    return json.adding(added)
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

  fileprivate func adding(_ told: [Position: [Member]]) -> JSON {
    switch self {
    case .object(let members):
      var joined = members.map { Member($0.key, $0.value.adding(told)) }
      let position = members.first { $0.key == Self.positionName }?.value.integer
      if let own = position.flatMap({ told[Position($0)] }) { joined += own }
      return .object(joined)
    case .array(let elements): return .array(elements.map { $0.adding(told) })
    default: return self
    }
  }
}

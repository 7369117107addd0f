public import EventSourcing

public struct PlanAdopted: PlanFact {
  public static let type = "org.federwerk.plan.adopted.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:resolution:date:body:source:), Field("version", \.version), Field("resolution", \.resolution),
    Field("date", \.date), Field("body", \.body), Field("source", \.source))

  public let version: Identifier<PlanVersion>
  public let resolution: Label
  public let date: LocalDate
  public let body: Slug
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(version) {
      $0.resolution = resolution.text
      $0.resolutionDate = date
      $0.resolutionBody = body.text
    }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let version = plan.name(of: version, record)
    let body = plan.party(body.text).map { plan.name(of: $0.id, record) } ?? body.text
    return LocalizedText(
      de: "Die Fassung \(version) wurde am \(date.german) von \(body) beschlossen (\(resolution)).",
      en: "The version \(version) was adopted by \(body) on \(date.english) (\(resolution)).")
  }
}

public struct PlanTermExtended: PlanFact {
  public static let type = "org.federwerk.plan.term-extended.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:until:reason:source:), Field("version", \.version), Field("until", \.until),
    Field("reason", \.reason), Field("source", \.source))

  public let version: Identifier<PlanVersion>
  public let until: LocalDate
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) { plan.change(version) { $0.until = until } }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let version = plan.name(of: version, record)
    return LocalizedText(
      de: "Die Laufzeit der Fassung \(version) wurde bis \(until.german) verlängert.",
      en: "The term of the version \(version) was extended to \(until.english).")
  }
}

public struct PlanClosed: PlanFact {
  public static let type = "org.federwerk.plan.closed.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:date:reason:), Field("version", \.version), Field("date", \.date), Field("reason", \.reason))

  public let version: Identifier<PlanVersion>
  /// The first day on which it is closed.
  public let date: LocalDate
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) { plan.change(version) { $0.closedOn = date } }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let version = plan.name(of: version, record)
    return LocalizedText(
      de: "Die Fassung \(version) ist ab \(date.german) abgeschlossen.",
      en: "The version \(version) is closed from \(date.english).")
  }
}

/// Says of a version, registered just before, which one it continues.
public struct SuccessorVersionStarted: PlanFact {
  public static let type = "org.federwerk.plan.successor-started.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:predecessor:), Field("version", \.version), Field("predecessor", \.predecessor))

  public let version: Identifier<PlanVersion>
  public let predecessor: Identifier<PlanVersion>

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let old = plan.versions.first { $0.id == predecessor.value }
    plan.change(version) {
      $0.predecessor = predecessor.value
      $0.horizons = old?.horizons ?? $0.horizons
      $0.labels = old?.labels ?? $0.labels
    }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (version, old) = (plan.name(of: version, record), plan.name(of: predecessor, record))
    return LocalizedText(
      de: "Die Fassung \(version) schreibt die Fassung \(old) fort.",
      en: "The version \(version) continues the version \(old).")
  }
}

public struct ListsConfigured: PlanFact {
  public static let type = "org.federwerk.plan.lists-configured.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:conditions:horizons:labels:), Field("version", \.version), Field("conditions", \.conditions),
    Field("horizons", \.horizons), Field("labels", \.labels))

  public let version: Identifier<PlanVersion>
  public let conditions: [Slug]
  public let horizons: [Slug]
  public let labels: [ListLabel]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.change(version) {
      $0.conditions = conditions.map(\.text)
      $0.horizons = horizons.map(\.text)
      $0.labels = labels
    }
  }

  public func rebased(from plan: Plan, onto other: Plan, _ record: EventRecord) -> any PlanFact {
    guard let own = plan.versions.first(where: { $0.id == version.value }),
      let others = other.versions.first(where: { $0.id == version.value })
    else { return self }
    func kept(_ list: [Slug], _ own: [String], _ others: [String]) -> [Slug] {
      list.map(\.text) == own ? others.compactMap(Slug.init(normalized:)) : list
    }
    return ListsConfigured(
      version: version, conditions: kept(conditions, own.conditions, others.conditions),
      horizons: kept(horizons, own.horizons, others.horizons), labels: labels == own.labels ? others.labels : labels)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let (conditions, horizons) = (conditions.map(\.text), horizons.map(\.text))
    return LocalizedText(
      de:
        "Listen des Plans: Zustände \(conditions.joined(separator: ", ")); Horizonte \(horizons.joined(separator: ", ")).",
      en:
        "Lists of the plan: conditions \(conditions.joined(separator: ", ")); horizons \(horizons.joined(separator: ", "))."
    )
  }
}

extension Plan {
  fileprivate mutating func change(_ version: Identifier<PlanVersion>, _ change: (inout PlanVersion) -> Void) {
    guard let index = versions.firstIndex(where: { $0.id == version.value }) else { return }
    change(&versions[index])
  }
}

public import EventSourcing

public struct InstitutionRenamed: PlanFact {
  public static let type = "org.federwerk.institution.renamed.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(name:short:source:), Field("name", \.name), Field("short", \.short), Field("source", \.source))

  public let name: Label
  /// Only where it changes too.
  public let short: Label?
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let slug = plan.slug(of: record.subject.id) ?? record.subject.id.description
    let date = record.effectiveDate
    let short = short.map { " (\($0))" } ?? ""
    return LocalizedText(
      de: "\(slug) heißt ab \(date.german) „\(name)“\(short).",
      en: "\(slug) is called “\(name)”\(short) from \(date.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = PartyID(record.subject.id)
    for name in [name, short].compactMap({ $0?.text }) { plan.hold(name, by: id, on: record.effectiveDate) }
    plan.parties[id]?.names.record(name.text, from: record.effectiveDate, at: record.position)
    if let short { plan.parties[id]?.shorts.record(short.text, from: record.effectiveDate, at: record.position) }
  }
  public func rebased(from plan: Plan, onto other: Plan, _ record: EventRecord) -> any PlanFact {
    let id = PartyID(record.subject.id)
    guard plan.parties[id]?.name(at: record.effectiveDate) == name.text,
      let known = other.parties[id].flatMap({ Label(normalized: $0.name(at: record.effectiveDate)) })
    else { return self }
    return InstitutionRenamed(name: known, short: short, source: source)
  }
}

public struct AliasWithdrawn: PlanFact {
  public static let type = "org.federwerk.institution.alias-withdrawn.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(name:reason:), Field("name", \.name), Field("reason", \.reason))

  public let name: Label
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let date = record.effectiveDate
    return LocalizedText(
      de: "„\(name)“ gilt ab \(date.german) nicht mehr als Name von \(party).",
      en: "“\(name)” no longer counts as a name of \(party) from \(date.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = PartyID(record.subject.id)
    let index = plan.parties[id]?.aliases.lastIndex { $0.name == name.text && $0.until == nil }
    if let index { plan.parties[id]?.aliases[index].until = record.effectiveDate }
  }
}

public struct InstitutionSucceeded: PlanFact {
  public static let type = "org.federwerk.institution.succeeded.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(by:source:), Field("by", \.by), Field("source", \.source))

  public let by: PartyID
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let old = plan.name(of: record)
    let new = plan.name(of: by, record)
    let date = record.effectiveDate
    return LocalizedText(
      de: "\(new) ist ab \(date.german) Nachfolgerin von \(old).", en: "\(new) succeeds \(old) from \(date.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.successions.append(.init(by: by, from: record.effectiveDate))
  }
}

public struct InstitutionDissolved: PlanFact {
  public static let type = "org.federwerk.institution.dissolved.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(successor:reason:source:), Field("successor", \.successor), Field("reason", \.reason),
    Field("source", \.source))

  public let successor: PartyID?
  public let reason: Disclosable
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let date = record.effectiveDate
    let heir = successor.map { plan.name(of: $0, record) }
    return LocalizedText(
      de: "\(party) ist ab \(date.german) aufgelöst\(heir.map { "; es folgt \($0)" } ?? "").",
      en: "\(party) is dissolved from \(date.english)\(heir.map { "; \($0) follows" } ?? "").")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.dissolution = .init(from: record.effectiveDate, successor: successor)
  }
}

public struct GroupMemberRemoved: PlanFact {
  public static let type = "org.federwerk.group.member-removed.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(member:until:reason:), Field("member", \.member), Field("until", \.until), Field("reason", \.reason))

  public let member: PartyID
  public let until: LocalDate
  public let reason: Disclosable

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let group = plan.name(of: record)
    let member = plan.name(of: member, record)
    return LocalizedText(
      de: "\(member) gehört ab \(until.german) nicht mehr zu \(group).",
      en: "\(member) is no longer a member of \(group) from \(until.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = PartyID(record.subject.id)
    let index = plan.parties[id]?.memberships.firstIndex { $0.member == member && $0.holds(on: until) }
    if let index { plan.parties[id]?.memberships[index].until = until }
  }
}

public struct PlaceholderResolved: PlanFact {
  public static let type = "org.federwerk.placeholder.resolved.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(institutions:reason:source:), Field("institutions", \.institutions), Field("reason", \.reason),
    Field("source", \.source))

  /// Empty when the placeholder was dropped.
  public let institutions: [PartyID]
  public let reason: Disclosable
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let placeholder = plan.name(of: record)
    let date = record.effectiveDate
    let names = institutions.map { plan.name(of: $0, record) }.joined(separator: ", ")
    return names.isEmpty
      ? LocalizedText(
        de: "\(placeholder) entfällt ab \(date.german).", en: "\(placeholder) is dropped from \(date.english).")
      : LocalizedText(
        de: "Für \(placeholder) steht ab \(date.german): \(names).",
        en: "\(placeholder) is from \(date.english): \(names).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.resolution = .init(
      institutions: institutions, from: record.effectiveDate)
  }
}

/// The facts of every event about a contact; all of them can be erased.
public struct ContactFacts: Hashable, Sendable {
  public let name: Disclosable
  public let function: Disclosable
  public let phone: Disclosable
  public let mail: Disclosable
}

/// An event that says who the contact of an institution is.
public protocol ContactFact: PlanFact {
  var facts: ContactFacts { get }
  init(_ facts: ContactFacts)
}

extension ContactFact {
  public static var record: Record<Self> {
    .shared {
      Record(
        { Self(ContactFacts(name: $0, function: $1, phone: $2, mail: $3)) }, Field("name", \.facts.name),
        Field("function", \.facts.function), Field("phone", \.facts.phone), Field("mail", \.facts.mail))
    }
  }

  public func concerned(in plan: Plan, _ record: EventRecord) -> [EntityID] { [record.subject.id] }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.contacts.record(
      record.position, from: record.effectiveDate, at: record.position)
  }
}

public struct ContactAppointed: ContactFact {
  public static let type = "org.federwerk.institution.contact-appointed.v1"
  public static let circle = Circle.internal
  public let facts: ContactFacts
  public init(_ facts: ContactFacts) { self.facts = facts }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let date = record.effectiveDate
    return LocalizedText(
      de: "\(party) hat ab \(date.german) eine Ansprechperson.", en: "\(party) has a contact from \(date.english).")
  }
}

public struct ContactReplaced: ContactFact {
  public static let type = "org.federwerk.institution.contact-replaced.v1"
  public static let circle = Circle.internal
  public let facts: ContactFacts
  public init(_ facts: ContactFacts) { self.facts = facts }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let date = record.effectiveDate
    return LocalizedText(
      de: "Die Ansprechperson von \(party) wechselt zum \(date.german).",
      en: "The contact of \(party) changes on \(date.english).")
  }
}

public import EventSourcing

public struct InstitutionRegistered: PlanFact {
  public static let type = "org.federwerk.institution.registered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(slug:short:name:kind:source:), Field("slug", \.slug), Field("short", \.short), Field("name", \.name),
    Field("kind", \.kind), Field("source", \.source))

  public let slug: Slug
  public let short: Label?
  public let name: Label
  public let kind: Slug
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    return LocalizedText(
      de: "Die Institution \(party) ist angelegt: \(name).", en: "The institution \(party) is registered: \(name).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.add(
      Party(
        id: PartyID(record.subject.id), noun: .institutions, slug: slug.text,
        shorts: .init(short?.text, from: record.effectiveDate, at: record.position),
        names: Timeline(name.text, from: record.effectiveDate, at: record.position), kind: kind.text, source: source),
      record)
  }
}

public struct AliasAdded: PlanFact {
  public static let type = "org.federwerk.institution.alias-added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(name:presumed:source:), Field("name", \.name), Field("presumed", \.presumed), Field("source", \.source))

  public let name: Label
  public let presumed: Bool?
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    return presumed == true
      ? LocalizedText(
        de: "\(party) heißt vermutlich auch „\(name)“.", en: "\(party) presumably is also called “\(name)”.")
      : LocalizedText(de: "\(party) heißt auch „\(name)“.", en: "\(party) is also called “\(name)”.")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = PartyID(record.subject.id)
    plan.hold(name.text, by: id, on: record.effectiveDate)
    plan.parties[id]?.aliases.append(
      Party.Alias(name: name.text, isPresumed: presumed ?? false, source: source, from: record.effectiveDate))
  }
}

public struct GroupDefined: PlanFact {
  public static let type = "org.federwerk.group.defined.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(slug:short:name:kind:of:source:), Field("slug", \.slug), Field("short", \.short), Field("name", \.name),
    Field("kind", \.kind), Field("of", \.of), Field("source", \.source))

  public let slug: Slug
  public let short: Label?
  public let name: Label
  public let kind: Party.GroupKind
  public let of: PartyID?
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    return LocalizedText(
      de: "Die Gruppe \(party) ist angelegt: \(name).", en: "The group \(party) is defined: \(name).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    var group = Party(
      id: PartyID(record.subject.id), noun: .groups, slug: slug.text,
      shorts: .init(short?.text, from: record.effectiveDate, at: record.position),
      names: Timeline(name.text, from: record.effectiveDate, at: record.position), kind: kind.rawValue, source: source)
    group.relativeTo = of
    plan.add(group, record)
  }
}

public struct GroupMemberAdded: PlanFact {
  public static let type = "org.federwerk.group.member-added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(member:from:until:source:), Field("member", \.member), Field("from", \.from), Field("until", \.until),
    Field("source", \.source))

  public let member: PartyID
  public let from: LocalDate?
  public let until: LocalDate?
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let member = plan.name(of: member, record)
    return LocalizedText(de: "\(member) gehört zu \(party)", en: "\(member) is a member of \(party)")
      + .period(from: from ?? record.effectiveDate, until: until) + "."
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.memberships.append(
      Party.Membership(member: member, from: from ?? record.effectiveDate, until: until))
  }
}

public struct UnitDeclared: PlanFact {
  public static let type = "org.federwerk.institution.unit-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(of:source:), Field("of", \.of), Field("source", \.source))

  public let of: PartyID
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let parent = plan.name(of: of, record)
    return LocalizedText(
      de: "\(party) ist eine Untereinheit von \(parent).", en: "\(party) is a unit of \(parent).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.parents.record(of, from: record.effectiveDate, at: record.position)
  }
}

public struct HostingDeclared: PlanFact {
  public static let type = "org.federwerk.institution.hosting-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(by:source:), Field("by", \.by), Field("source", \.source))

  public let by: PartyID
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let host = plan.name(of: by, record)
    return LocalizedText(
      de: "\(party) ist angesiedelt bei \(host).", en: "\(party) is hosted by \(host).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.hosts.record(by, from: record.effectiveDate, at: record.position)
  }
}

public struct ChairDeclared: PlanFact {
  public static let type = "org.federwerk.institution.chair-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(by:kind:source:), Field("by", \.by), Field("kind", \.kind), Field("source", \.source))

  public let by: PartyID
  public let kind: DeclareChair.Kind
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let chair = plan.name(of: by, record)
    return switch kind {
    case .chair:
      LocalizedText(de: "\(party) wird geleitet von \(chair).", en: "\(party) is chaired by \(chair).")
    case .coordinator:
      LocalizedText(de: "\(party) wird koordiniert von \(chair).", en: "\(party) is coordinated by \(chair).")
    }
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.chairs.record(
      Party.Chair(by: by, kind: kind), from: record.effectiveDate, at: record.position)
  }
}

public struct PlaceholderRegistered: PlanFact {
  public static let type = "org.federwerk.placeholder.registered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(slug:label:steward:due:dueInferred:source:), Field("slug", \.slug), Field("label", \.label),
    Field("steward", \.steward), Field("due", \.due), Field("dueInferred", \.dueInferred), Field("source", \.source))

  public let slug: Slug
  public let label: Label
  public let steward: PartyID
  public let due: LocalDate
  public let dueInferred: Bool?
  public let source: [Citation]

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let party = plan.name(of: record)
    let steward = plan.name(of: steward, record)
    return LocalizedText(
      de: "Wer für \(party) steht, ist zu benennen: \(steward) sorgt dafür bis zum \(due.german).",
      en: "Whoever \(party) stands for is to be named: \(steward) sees to it by \(due.english).")
  }

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    var placeholder = Party(
      id: PartyID(record.subject.id), noun: .placeholders, slug: slug.text,
      shorts: .init(nil, from: record.effectiveDate, at: record.position),
      names: Timeline(label.text, from: record.effectiveDate, at: record.position), kind: "placeholder", source: source)
    placeholder.steward = steward
    placeholder.due = due
    placeholder.isDueInferred = dueInferred ?? false
    plan.add(placeholder, record)
  }
}

extension Plan {
  fileprivate mutating func add(_ party: Party, _ record: EventRecord) {
    parties[party.id] = party
    partiesBySlug[party.slug] = party.id
    // A placeholder may be worded like an institution, which has the name to itself (§30).
    guard party.noun != .placeholders else { return }
    for name in [party.short, party.names.first] {
      if let name { hold(name, by: party.id, on: record.effectiveDate) }
    }
  }
}

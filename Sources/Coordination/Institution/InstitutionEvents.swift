package import EventSourcing

package struct InstitutionRegistered: PlanFact {
  package static let type = "org.federwerk.institution.registered.v1"
  package static let record = Record(
    Self.init(slug:short:name:kind:source:), Field("slug", \.slug), Field("short", \.short), Field("name", \.name),
    Field("kind", \.kind), Field("source", \.source))

  package let slug: Slug
  package let short: Label?
  package let name: Label
  package let kind: Slug
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.add(
      Party(
        id: PartyID(record.subject.id), noun: .institutions, slug: slug.text, short: short?.text,
        names: Timeline(name.text, from: record.effectiveDate, at: record.position), kind: kind.text, source: source))
  }
}

package struct AliasAdded: PlanFact {
  package static let type = "org.federwerk.institution.alias-added.v1"
  package static let record = Record(
    Self.init(name:presumed:source:), Field("name", \.name), Field("presumed", \.presumed), Field("source", \.source))

  package let name: Label
  package let presumed: Bool?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = PartyID(record.subject.id)
    plan.parties[id]?.aliases.append(Party.Alias(name: name.text, isPresumed: presumed ?? false, source: source))
    plan.holdersOfNames[name.text] = id
  }
}

package struct GroupDefined: PlanFact {
  package static let type = "org.federwerk.group.defined.v1"
  package static let record = Record(
    Self.init(slug:short:name:kind:of:source:), Field("slug", \.slug), Field("short", \.short), Field("name", \.name),
    Field("kind", \.kind), Field("of", \.of), Field("source", \.source))

  package let slug: Slug
  package let short: Label?
  package let name: Label
  package let kind: Party.GroupKind
  package let of: PartyID?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    var group = Party(
      id: PartyID(record.subject.id), noun: .groups, slug: slug.text, short: short?.text,
      names: Timeline(name.text, from: record.effectiveDate, at: record.position), kind: kind.rawValue, source: source)
    group.relativeTo = of
    plan.add(group)
  }
}

package struct GroupMemberAdded: PlanFact {
  package static let type = "org.federwerk.group.member-added.v1"
  package static let record = Record(
    Self.init(member:from:until:source:), Field("member", \.member), Field("from", \.from), Field("until", \.until),
    Field("source", \.source))

  package let member: PartyID
  package let from: LocalDate?
  package let until: LocalDate?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.memberships.append(
      Party.Membership(member: member, from: from ?? record.effectiveDate, until: until))
  }
}

package struct UnitDeclared: PlanFact {
  package static let type = "org.federwerk.institution.unit-declared.v1"
  package static let record = Record(Self.init(of:source:), Field("of", \.of), Field("source", \.source))

  package let of: PartyID
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.unitOf = of
  }
}

package struct HostingDeclared: PlanFact {
  package static let type = "org.federwerk.institution.hosting-declared.v1"
  package static let record = Record(Self.init(by:source:), Field("by", \.by), Field("source", \.source))

  package let by: PartyID
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.hostedBy = by
  }
}

package struct ChairDeclared: PlanFact {
  package static let type = "org.federwerk.institution.chair-declared.v1"
  package static let record = Record(
    Self.init(by:kind:source:), Field("by", \.by), Field("kind", \.kind), Field("source", \.source))

  package let by: PartyID
  package let kind: DeclareChair.Kind
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.parties[PartyID(record.subject.id)]?.chair = Party.Chair(by: by, kind: kind)
  }
}

package struct PlaceholderRegistered: PlanFact {
  package static let type = "org.federwerk.placeholder.registered.v1"
  package static let record = Record(
    Self.init(slug:label:steward:due:dueInferred:source:), Field("slug", \.slug), Field("label", \.label),
    Field("steward", \.steward), Field("due", \.due), Field("dueInferred", \.dueInferred), Field("source", \.source))

  package let slug: Slug
  package let label: Label
  package let steward: PartyID
  package let due: LocalDate
  package let dueInferred: Bool?
  package let source: [Citation]

  package func apply(to plan: inout Plan, _ record: EventRecord) {
    var placeholder = Party(
      id: PartyID(record.subject.id), noun: .placeholders, slug: slug.text, short: nil,
      names: Timeline(label.text, from: record.effectiveDate, at: record.position), kind: "placeholder", source: source)
    placeholder.steward = steward
    placeholder.due = due
    placeholder.isDueInferred = dueInferred ?? false
    plan.add(placeholder)
  }
}

extension Plan {
  mutating func add(_ party: Party) {
    parties[party.id] = party
    partiesBySlug[party.slug] = party.id
    for case let name? in [party.short, party.names.first] { reserve(name, for: party.id) }
  }

  /// A placeholder may be worded like an institution; the name stays with the one that had it first.
  mutating func reserve(_ name: String, for party: PartyID) {
    if holdersOfNames[name] == nil { holdersOfNames[name] = party }
  }
}

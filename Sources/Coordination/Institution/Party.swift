package import EventSourcing

package typealias PartyID = Identifier<Party>

/// Anybody or anything that can hold a responsibility: an institution, a group, or a placeholder for one still to be named.
package struct Party: Hashable, Sendable {
  package enum Noun: String, Sendable { case institutions, groups, placeholders }

  package enum GroupKind: String, ChoiceFieldValue {
    /// All of a kind, such as the districts.
    case collective
    /// A fuzzy set; may have no member at all.
    case open
    /// A body made of its members.
    case composite
    case consortium
    /// Two names with a slash: body and sub-body, or two bodies; nobody has confirmed which.
    case unresolvedPair = "unresolved-pair"
    /// "The respective …": bound to a member per location later.
    case relative
  }

  package struct Alias: Hashable, Sendable {
    package let name: String
    package let isPresumed: Bool
    package let source: [Citation]
  }

  package struct Membership: Hashable, Sendable {
    package let member: PartyID
    package let from: LocalDate
    package let until: LocalDate?

    package func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }
  }

  package struct Chair: Hashable, Sendable {
    package let by: PartyID
    package let kind: DeclareChair.Kind
  }

  package let id: PartyID
  package let noun: Noun
  package let slug: String
  package let short: String?
  package internal(set) var names: Timeline<String>
  /// What kind of institution or group, as the plan's data names it.
  package let kind: String
  package internal(set) var aliases: [Alias] = []
  package internal(set) var unitOf: PartyID?
  package internal(set) var hostedBy: PartyID?
  package internal(set) var chair: Chair?
  /// For a relative member: the group that it is one of.
  package internal(set) var relativeTo: PartyID?
  package internal(set) var memberships: [Membership] = []
  /// For a placeholder: who looks for the real holder, and until when.
  package internal(set) var steward: PartyID?
  package internal(set) var due: LocalDate?
  /// Whether that date was set by the office, because the plan prints none.
  package internal(set) var isDueInferred = false
  package let source: [Citation]

  /// Whether nobody else can act for it.
  fileprivate var standsAlone: Bool { memberships.isEmpty && unitOf == nil && relativeTo == nil }

  package var subject: Subject { Subject(noun.rawValue, id.value) }

  /// The name to print.
  package func name(at date: LocalDate) -> String { names.value(at: date) ?? names.first ?? slug }
}

/// Names an institution, group or placeholder by slug or id.
package struct PartyReference: TextFieldValue {
  package static let lengthMax = 80
  package static let expectation = LocalizedText(
    de: "Erwartet wird der Kurzname oder die Kennung einer Institution.", en: "Expected an institution's slug or id.")

  package let text: String

  package init?(normalized text: String) { self.text = text }
}

extension Plan {
  package func party(_ reference: String) -> Party? {
    if let id = partiesBySlug[reference] { return parties[id] }
    return EntityID(reference).flatMap { parties[PartyID($0)] }
  }

  func require(_ reference: PartyReference, field: String) throws(Refusal) -> Party {
    guard let party = party(reference.text) else {
      throw .unknown("institution", reference.text, field: field, de: "Institution", en: "institution")
    }
    return party
  }

  func requireFreeSlug(_ slug: Slug) throws(Refusal) {
    if let holder = partiesBySlug[slug.text] {
      throw .taken("slug", slug.text, by: "\(parties[holder]?.subject.description ?? "")", field: "slug")
    }
  }

  /// A name or alias belongs to one institution (§30), which may take it up again; names are compared byte for byte.
  func requireFreeName(_ name: String, for party: PartyID? = nil, field: String) throws(Refusal) {
    if let holder = holdersOfNames[name], holder != party {
      throw .taken("name", name, by: parties[holder]?.slug ?? "", field: field)
    }
  }

  /// Whether `institution` acts for `holder` on a day: itself, as a member, as the parent of a unit, or as the host's member.
  package func covers(_ holder: PartyID, _ institution: PartyID, on date: LocalDate) -> Bool {
    // Most often it is the holder itself, or one that stands alone.
    if holder == institution { return true }
    guard let party = parties[holder], !party.standsAlone else { return false }
    var seen: Set<PartyID> = []
    var open = [holder]
    while let next = open.popLast() {
      if next == institution { return true }
      guard seen.insert(next).inserted, let party = parties[next] else { continue }
      open += party.memberships.filter { $0.holds(on: date) }.map(\.member)
      if let parent = party.unitOf { open.append(parent) }
      if let group = party.relativeTo { open.append(group) }
    }
    return false
  }

  /// The path of memberships from `start` down to `goal`, nil when there is none.
  func membershipPath(from start: PartyID, to goal: PartyID) -> [String]? {
    func walk(_ at: PartyID, _ seen: inout Set<PartyID>) -> [String]? {
      guard let party = parties[at], seen.insert(at).inserted else { return nil }
      if at == goal { return [party.slug] }
      for membership in party.memberships {
        if let rest = walk(membership.member, &seen) { return [party.slug] + rest }
      }
      return nil
    }
    var seen: Set<PartyID> = []
    return walk(start, &seen)
  }
}

public import EventSourcing

public typealias PartyID = Identifier<Party>

/// Anybody or anything that can hold a responsibility: an institution, a group, or a placeholder for one still to be
/// named.
public struct Party: Hashable, Sendable {
  public enum Noun: String, Sendable { case institutions, groups, placeholders }

  public enum GroupKind: String, ChoiceFieldValue {
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

  public struct Alias: Hashable, Sendable {
    public let name: String
    public let isPresumed: Bool
    public let source: [Citation]
    public let from: LocalDate
    /// First day on which it no longer counts, because it was withdrawn.
    public internal(set) var until: LocalDate?

    public func holds(on date: LocalDate) -> Bool { from <= date && isOpen(on: date) }

    /// Whether anything of it lies on or after a day: a name that will be one's own is nobody else's.
    fileprivate func isOpen(on date: LocalDate) -> Bool { until.map { date < $0 } ?? true }
  }

  public struct Membership: Hashable, Sendable {
    public let member: PartyID
    public let from: LocalDate
    public internal(set) var until: LocalDate?

    public func holds(on date: LocalDate) -> Bool { from <= date && until.map { date < $0 } ?? true }

    func overlaps(from start: LocalDate, until end: LocalDate?) -> Bool {
      let last = LocalDate(daysSinceEpoch: .max)
      return from < end ?? last && start < until ?? last
    }
  }

  /// Another took over, wholly or in part.
  public struct Succession: Hashable, Sendable {
    public let by: PartyID
    public let from: LocalDate
  }

  public struct Dissolution: Hashable, Sendable {
    /// First day on which it is no more.
    public let from: LocalDate
    public let successor: PartyID?
  }

  /// What became of a placeholder; no institution where it was dropped.
  public struct Resolution: Hashable, Sendable {
    public let institutions: [PartyID]
    public let from: LocalDate
  }

  public struct Chair: Hashable, Sendable {
    public let by: PartyID
    public let kind: DeclareChair.Kind
  }

  public let id: PartyID
  public let noun: Noun
  public let slug: String
  public internal(set) var shorts: Timeline<String?>
  public internal(set) var names: Timeline<String>
  /// What kind of institution or group, as the plan's data names it.
  public let kind: String
  public internal(set) var aliases: [Alias] = []
  /// What it is a unit of, what hosts it, and who chairs it, each from its day on.
  public internal(set) var parents = Timeline<PartyID>()
  public internal(set) var hosts = Timeline<PartyID>()
  public internal(set) var chairs = Timeline<Chair>()
  /// For a relative member: the group that it is one of.
  public internal(set) var relativeTo: PartyID?
  public internal(set) var memberships: [Membership] = []
  /// For a placeholder: who looks for the real holder, and until when.
  public internal(set) var steward: PartyID?
  public internal(set) var due: LocalDate?
  /// Whether that date was set by the office, because the plan prints none.
  public internal(set) var isDueInferred = false
  public internal(set) var successions: [Succession] = []
  public internal(set) var dissolution: Dissolution?
  public internal(set) var resolution: Resolution?
  /// Since when there is a contact, and the position of the event that says who; nothing here is personal.
  public internal(set) var contacts = Timeline<Position>()
  public let source: [Citation]

  /// What it is a unit of once everything recorded has taken effect; likewise its host and its chair.
  public var unitOf: PartyID? { parents.last }
  public var hostedBy: PartyID? { hosts.last }
  public var chair: Chair? { chairs.last }

  public func unitOf(on date: LocalDate) -> PartyID? { parents.value(at: date) }
  public func hostedBy(on date: LocalDate) -> PartyID? { hosts.value(at: date) }
  public func chair(on date: LocalDate) -> Chair? { chairs.value(at: date) }

  /// Whether nobody else can act for it.
  fileprivate var standsAlone: Bool { memberships.isEmpty && parents.entries.isEmpty && relativeTo == nil }

  /// Calls `body` with those who act for it on a day: its members, and what it is a unit or a part of.
  fileprivate func forEachActing(on date: LocalDate, _ body: (PartyID) -> Void) {
    for membership in memberships where membership.holds(on: date) { body(membership.member) }
    if let parent = unitOf(on: date) { body(parent) }
    if let relativeTo { body(relativeTo) }
  }

  public var subject: Subject { Subject(noun.rawValue, id.value) }

  /// The short form of today.
  public var short: String? { shorts.last ?? nil }

  public func short(at date: LocalDate) -> String? { shorts.value(at: date) ?? shorts.first ?? nil }

  /// The name to print.
  public func name(at date: LocalDate) -> String { names.value(at: date) ?? names.first ?? slug }

  /// Whether it is there on a day: known under a name, not dissolved, and for a placeholder still to be resolved. A
  /// succession alone ends nobody (§31).
  public func exists(on date: LocalDate) -> Bool {
    names.entry(at: date) != nil && !isResolved(on: date) && !isDissolved(on: date)
  }

  public func isDissolved(on date: LocalDate) -> Bool { dissolution.map { $0.from <= date } ?? false }

  /// Whether a placeholder stands for nobody any more: its institutions are named, or it was dropped.
  public func isResolved(on date: LocalDate) -> Bool { resolution.map { $0.from <= date } ?? false }

  /// Whether a name is its own on a day. A name that it gave up stays with it for ever, so that old texts are
  /// understood; an alias only until it is withdrawn.
  fileprivate func owns(_ name: String, on date: LocalDate) -> Bool {
    names.entries.contains { $0.value == name } || shorts.entries.contains { $0.value == name }
      || aliases.contains { $0.name == name && $0.isOpen(on: date) }
  }
}

/// Names an institution, group or placeholder by slug or id.
public struct PartyReference: TextFieldValue {
  public static let lengthMax = 80
  public static let expectation = LocalizedText(
    de: "Erwartet wird der Kurzname oder die Kennung einer Institution.", en: "Expected an institution's slug or id.")

  public let text: String

  public init?(normalized text: String) { self.text = text }
}

extension Plan {
  public func party(_ reference: String) -> Party? {
    if let id = partiesBySlug[reference] { return parties[id] }
    return EntityID(reference).flatMap { parties[PartyID($0)] }
  }

  func require(_ reference: PartyReference, field: String) throws(Refusal) -> Party {
    try require(reference.text, field: field)
  }

  func require(_ reference: String, field: String) throws(Refusal) -> Party {
    guard let party = party(reference) else {
      throw .unknown("institution", reference, field: field, de: "Institution", en: "institution")
    }
    return party
  }

  /// Institutions and groups act; a placeholder stands for one that is not known yet.
  func requireInstitution(_ reference: PartyReference, field: String) throws(Refusal) -> Party {
    let party = try require(reference, field: field)
    try requireInstitution(party, field: field)
    return party
  }

  func requireInstitution(_ party: Party, field: String) throws(Refusal) {
    try ensure(
      party.noun != .placeholders,
      Refusal(
        .rule, "not-an-institution", field: field, de: "Ein Platzhalter ist keine Institution.",
        en: "A placeholder is not an institution.", facts: [.init("placeholder", .string(party.slug))]))
  }

  /// Whoever has a name or had it once.
  public func party(named name: String) -> Party? { holdersOfNames[name].flatMap { parties[$0] } }

  /// Who took over from a party by a day: as its dissolution says, else as the last succession does.
  public func successor(of party: Party, on date: LocalDate) -> PartyID? {
    party.dissolution?.successor ?? party.successions.filter { $0.from <= date }.max { $0.from < $1.from }?.by
  }

  func requireFreeSlug(_ slug: Slug) throws(Refusal) {
    if let holder = partiesBySlug[slug.text] {
      throw .taken("slug", slug.text, by: "\(parties[holder]?.subject.description ?? "")", field: "slug")
    }
  }

  /// A name or alias belongs to one institution (§30); names are compared byte for byte.
  /// - Parameter party: whose name it is to be; it may return to one that it had.
  func requireFreeName(
    _ name: String, field: String, on date: LocalDate, for party: PartyID? = nil
  ) throws(Refusal) {
    guard let holder = self.party(named: name), holder.id != party, holder.owns(name, on: date) else { return }
    throw .taken("name", name, by: holder.slug, field: field)
  }

  /// Keeps who has a name. It stays with the one that had it first, as long as that one does.
  mutating func hold(_ name: String, by id: PartyID, on date: LocalDate) {
    if let holder = party(named: name), holder.owns(name, on: date) { return }
    holdersOfNames[name] = id
  }

  /// Whether `institution` acts for `holder` on a day: itself, as a member, as the parent of a unit, or as the host's
  /// member.
  public func covers(_ holder: PartyID, _ institution: PartyID, on date: LocalDate) -> Bool {
    // Most often it is the holder itself, or one that stands alone.
    if holder == institution { return true }
    guard parties[holder]?.standsAlone == false else { return false }
    // All that act for the holder as far as they are found, each once; they are few.
    var found = [holder]
    var next = 0
    while next < found.count {
      guard found[next] != institution else { return true }
      parties[found[next]]?.forEachActing(on: date) { if !found.contains($0) { found.append($0) } }
      next += 1
    }
    return false
  }

  /// The path of memberships from `start` down to `goal`, nil when there is none.
  func membershipPath(
    from start: PartyID, to goal: PartyID, during from: LocalDate, until: LocalDate?
  ) -> [String]? {
    func walk(_ at: PartyID, _ seen: inout Set<PartyID>) -> [String]? {
      guard let party = parties[at], seen.insert(at).inserted else { return nil }
      if at == goal { return [party.slug] }
      for membership in party.memberships where membership.overlaps(from: from, until: until) {
        if let rest = walk(membership.member, &seen) { return [party.slug] + rest }
      }
      return nil
    }
    var seen: Set<PartyID> = []
    return walk(start, &seen)
  }
}

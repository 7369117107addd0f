public import EventSourcing

/// Adds a dated member to a group; groups may hold groups, but never themselves (§39).
public struct AddGroupMember: PlanCommand {
  public static let name = "add-group-member"
  public static let summary = LocalizedText(de: "Mitglied aufnehmen", en: "Add a group member")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [GroupMemberAdded.self]
  public static let record = Record(
    Self.init(group:member:from:until:source:), Field("group", \.group), Field("member", \.member),
    Field("from", \.from), Field("until", \.until, de: "erster Tag danach", en: "first day after"),
    Field("source", \.source))

  public let group: PartyReference
  public let member: PartyReference
  public let from: LocalDate?
  public let until: LocalDate?
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let group = try plan.require(group, field: "group")
    let member = try plan.require(member, field: "member")
    try ensure(
      group.noun == .groups,
      Refusal(.rule, "not-a-group", field: "group", de: "Das ist keine Gruppe.", en: "This is not a group."))
    let start = from ?? context.effectiveDate
    try plan.requireActive(group, on: start, field: "group")
    try plan.requireActive(member, on: start, field: "member")
    try ensure(
      until.map { $0 > start } ?? true,
      Refusal(
        .rule, "end-before-start", field: "until", de: "Das Ende liegt vor dem Beginn.",
        en: "The end precedes the start."))
    if let path = plan.membershipPath(from: member.id, to: group.id, during: start, until: until) {
      throw Refusal(
        .rule, "cycle", field: "member", de: "Eine Gruppe kann sich nicht selbst enthalten.",
        en: "A group cannot contain itself.", facts: [.init("path", .array(path.map { .string($0) }))])
    }
    let overlaps = group.memberships.contains {
      $0.member == member.id && $0.overlaps(from: start, until: until)
    }
    try ensure(
      !overlaps,
      Refusal(
        .conflict, "already-member", field: "member", de: "Die Mitgliedschaft besteht schon in dieser Zeit.",
        en: "It already is a member during this time."))
    try plan.requireCited(source)
    return [NewEvent(group.subject, GroupMemberAdded(member: member.id, from: from, until: until, source: source))]
  }
}

public import EventSourcing

/// Ends a membership from a day on, also earlier than was planned (§39).
public struct RemoveGroupMember: PlanCommand {
  public static let name = "remove-group-member"
  public static let summary = LocalizedText(de: "Mitgliedschaft beenden", en: "Remove a group member")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [GroupMemberRemoved.self]
  public static let record = Record(
    Self.init(group:member:until:reason:), Field("group", \.group), Field("member", \.member),
    Field(
      "until", \.until, de: "erster Tag danach; sonst das Wirkdatum",
      en: "first day after; the effective date unless given"),
    Field("reason", \.reason))

  public let group: PartyReference
  public let member: PartyReference
  public let until: LocalDate?
  public let reason: FreeText?

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    let group = try plan.require(group, field: "group")
    let member = try plan.require(member, field: "member")
    let end = until ?? context.effectiveDate
    try ensure(
      group.memberships.contains { $0.member == member.id && $0.holds(on: end) },
      Refusal(
        .conflict, "not-a-member", field: "member", de: "Sie ist an diesem Tag kein Mitglied.",
        en: "It is not a member on that day."))
    return [
      NewEvent(group.subject, GroupMemberRemoved(member: member.id, until: end, reason: Disclosable(reason)))
    ]
  }
}

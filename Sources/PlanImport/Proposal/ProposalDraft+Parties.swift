internal import Coordination
internal import EventSourcing

extension ProposalDraft {
  mutating func compareParties() {
    let entries = Dictionary(file.parties.map { ($0.slug.text, $0) }, uniquingKeysWith: { first, _ in first })
    for institution in file.institutions { compare(institution) }
    for group in groupsInOrder() { compare(group) }
    for placeholder in file.placeholders { compare(placeholder) }
    // Relations come after all parties, because they may point forward.
    for party in file.parties { compareRelations(of: party) }
    for group in file.groups { compareMembers(of: group) }
    for party in plan.parties.values.sorted(by: { $0.slug < $1.slug }) where entries[party.slug] == nil {
      guard !file.placeholders.contains(where: { $0.slug.text == party.slug }) else { continue }
      refuseRemoval(party.slug, party.noun.rawValue)
    }
  }

  /// A relative group after the group that it is one of.
  private func groupsInOrder() -> [PlanFile.Group] {
    file.groups.filter { $0.of == nil } + file.groups.filter { $0.of != nil }
  }

  private mutating func compare(_ institution: PlanFile.Institution) {
    guard let known = plan.party(institution.slug.text) else {
      count(.institutions, \.created)
      return send(
        RegisterInstitution.self, institution,
        [
          "id": id(ItemKey.institution(institution.slug)) as PartyID, "slug": institution.slug,
          "short": institution.short, "name": institution.name, "kind": institution.kind, "source": institution.source,
        ])
    }
    compareShort(institution, known, .institutions, short: institution.short, institution.source)
    compareWording(
      institution, known.id.value, .institutions, file: institution.name.text, plan: known.name(at: day),
      source: institution.source)
    refuseChanges(
      institution, known.slug,
      ["kind": known.kind == institution.kind.text, "institutions": known.noun == .institutions])
    compareSource(institution, known.id.value, known.slug, file: institution.source, plan: known.source)
  }

  private mutating func compare(_ group: PlanFile.Group) {
    guard let known = plan.party(group.slug.text) else {
      count(.groups, \.created)
      return send(
        DefineGroup.self, group,
        [
          "id": id(ItemKey.group(group.slug)) as PartyID, "slug": group.slug, "short": group.short, "name": group.name,
          "kind": group.kind, "of": reference(group.of), "source": group.source,
        ])
    }
    compareShort(group, known, .groups, short: group.short, group.source)
    compareWording(
      group, known.id.value, .groups, file: group.name.text, plan: known.name(at: day), source: group.source)
    refuseChanges(
      group, known.slug,
      [
        "kind": known.kind == group.kind.rawValue, "of": slug(known.relativeTo) == group.of?.text,
        "groups": known.noun == .groups,
      ])
    compareSource(group, known.id.value, known.slug, file: group.source, plan: known.source)
  }

  private mutating func compare(_ placeholder: PlanFile.Placeholder) {
    guard let known = plan.party(placeholder.slug.text) else {
      count(.placeholders, \.created)
      return send(
        RegisterPlaceholder.self, placeholder,
        [
          "id": id(ItemKey.placeholder(placeholder.slug)) as PartyID, "slug": placeholder.slug,
          "label": placeholder.label, "steward": reference(placeholder.steward), "due": placeholder.due,
          "dueInferred": placeholder.isDueInferred ? true : Bool?.none, "source": placeholder.source,
        ])
    }
    compareWording(
      placeholder, known.id.value, .placeholders, file: placeholder.label.text, plan: known.name(at: day),
      source: placeholder.source)
    refuseChanges(
      placeholder, known.slug,
      [
        "steward": slug(known.steward) == placeholder.steward.text, "due": known.due == placeholder.due,
        "dueInferred": known.isDueInferred == placeholder.isDueInferred, "placeholders": known.noun == .placeholders,
      ])
    compareSource(placeholder, known.id.value, known.slug, file: placeholder.source, plan: known.source)
  }

  /// A new short form is a new name; what was printed before keeps the old one.
  ///
  /// The command names the institution in full, too: it repeats the plan's name and comes before the wording, so that
  /// the name changes only where it was edited itself.
  private mutating func compareShort(
    _ item: any PlanFileItem, _ known: Party, _ kind: ImportSummary.Kind, short: Label?, _ source: [Citation]
  ) {
    guard known.short(at: day) != short?.text else { return }
    guard let short else { return refuseChanges(item, known.slug, ["short": false]) }
    count(kind, \.changed)
    send(
      RenameInstitution.self, item,
      ["institution": PartyReference(normalized: known.slug), "short": short, "source": source],
      keeping: ["name": Label(normalized: known.name(at: day))])
  }

  // MARK: Relations

  private mutating func compareRelations(of party: PartyEntry) {
    let known = plan.party(party.slug.text)
    let aliases = known?.aliases.filter { $0.holds(on: day) } ?? []
    for alias in party.aliases {
      guard let same = aliases.first(where: { $0.name == alias.name.text }) else {
        count(.aliases, \.created)
        send(
          AddAlias.self, alias,
          [
            "institution": reference(party.slug), "name": alias.name,
            "presumed": alias.isPresumed ? true : Bool?.none, "source": alias.source,
          ])
        continue
      }
      count(.aliases, \.unchanged)
      refuseChanges(
        alias, same.name, ["presumed": same.isPresumed == alias.isPresumed, "source": same.source == alias.source])
    }
    for gone in aliases where !party.aliases.contains(where: { $0.name.text == gone.name }) {
      count(.aliases, \.ended)
      send(
        WithdrawAlias.self, party.item,
        [
          "institution": reference(party.slug), "name": Label(normalized: gone.name), "reason": Self.reason,
        ])
    }
    compareUnit(party, known)
    compareHost(party, known)
    compareChair(party, known)
  }

  private mutating func compareUnit(_ party: PartyEntry, _ known: Party?) {
    if let parent = slug(known?.unitOf(on: day)) {
      count(.units, \.unchanged)
      refuseChanges(party.item, party.slug.text, ["unitOf": parent == party.unitOf?.text])
    } else if let parent = party.unitOf {
      count(.units, \.created)
      send(
        DeclareUnit.self, party.item,
        ["unit": reference(party.slug), "of": reference(parent), "source": party.source])
    }
  }

  private mutating func compareHost(_ party: PartyEntry, _ known: Party?) {
    if let host = slug(known?.hostedBy(on: day)) {
      count(.hostings, \.unchanged)
      refuseChanges(party.item, party.slug.text, ["hostedBy": host == party.hostedBy?.text])
    } else if let host = party.hostedBy {
      count(.hostings, \.created)
      send(
        DeclareHosting.self, party.item,
        ["body": reference(party.slug), "by": reference(host), "source": party.source])
    }
  }

  private mutating func compareChair(_ party: PartyEntry, _ known: Party?) {
    let kind: DeclareChair.Kind = party.chairedBy != nil ? .chair : .coordinator
    let by = party.chairedBy ?? party.coordinatedBy
    if let chair = known?.chair(on: day) {
      count(.chairs, \.unchanged)
      refuseChanges(
        party.item, party.slug.text,
        [chair.kind == .chair ? "chairedBy" : "coordinatedBy": slug(chair.by) == by?.text && chair.kind == kind])
    } else if let by {
      count(.chairs, \.created)
      send(
        DeclareChair.self, party.item,
        ["body": reference(party.slug), "by": reference(by), "kind": kind, "source": party.source])
    }
  }

  private mutating func compareMembers(of group: PlanFile.Group) {
    let known = plan.party(group.slug.text)?.memberships.filter { $0.holds(on: day) } ?? []
    for member in group.members {
      if known.contains(where: { slug($0.member) == member.text }) {
        count(.groupMembers, \.unchanged)
      } else {
        count(.groupMembers, \.created)
        send(
          AddGroupMember.self, group,
          ["group": reference(group.slug), "member": reference(member), "source": group.source])
      }
    }
    for gone in known.compactMap({ slug($0.member) }) where !group.members.contains(where: { $0.text == gone }) {
      count(.groupMembers, \.ended)
      send(
        RemoveGroupMember.self, group,
        [
          "group": reference(group.slug), "member": PartyReference(normalized: gone), "reason": Self.reason,
        ])
    }
  }

  private func slug(_ id: PartyID?) -> String? { id.flatMap { plan.parties[$0]?.slug } }

  func reference(_ slug: Slug?) -> PartyReference? { slug.flatMap { PartyReference(normalized: $0.text) } }
}

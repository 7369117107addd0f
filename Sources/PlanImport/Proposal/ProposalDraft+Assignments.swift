internal import Coordination
internal import EventSourcing

extension ProposalDraft {
  /// Who no longer has a role gives it up before others take it on, so that the cap on leads is not in the way.
  mutating func compareAssignments() {
    for field in file.taskFields {
      for block in field.structure where block.range.isExpanded {
        summary.expansions.append(
          ImportSummary.Expansion(
            range: "\(field.code) \(block.range.text)", measures: block.range.members.map { "\(field.code).\($0)" }))
      }
    }
    for field in file.taskFields { for measure in field.allMeasures { endAssignments(of: measure, in: field) } }
    for field in file.taskFields { for measure in field.allMeasures { assign(measure, in: field) } }
  }

  private func currentAssignments(of code: String) -> [Assignment] {
    known(code)?.assignments.filter { $0.holds(on: day) } ?? []
  }

  private func identity(of assignment: Assignment) -> AssignmentIdentity {
    AssignmentIdentity(assignment, in: plan, on: day)
  }

  private mutating func endAssignments(of measure: PlanFile.Measure, in field: PlanFile.TaskField) {
    let wanted = Set(field.entries(for: measure).map { AssignmentIdentity($0.entry) })
    for known in currentAssignments(of: measure.code) where !wanted.contains(identity(of: known)) {
      count(.assignments, \.ended)
      append(EndAssignment(assignment: Identifier(known.id), until: effectiveDate, reason: nil), measure)
    }
  }

  private mutating func assign(_ measure: PlanFile.Measure, in field: PlanFile.TaskField) {
    let current = currentAssignments(of: measure.code)
    // Leads first: the other roles of a measure are checked against them.
    let entries = field.entries(for: measure)
    for role in Assignment.Role.allCases {
      for (block, entry) in entries where entry.role == role {
        let identity = AssignmentIdentity(entry)
        if let known = current.first(where: { self.identity(of: $0) == identity })
          ?? ended(entry, identity, of: measure)
        {
          compare(entry, known, range: range(of: entry, in: block), measure)
        } else {
          create(entry, identity, range: range(of: entry, in: block), measure)
        }
      }
    }
  }

  /// The assignment that ended when the entry says.
  private func ended(
    _ entry: PlanFile.RoleEntry, _ identity: AssignmentIdentity, of measure: PlanFile.Measure
  ) -> Assignment? {
    guard let until = entry.until, until <= day else { return nil }
    return known(measure.code)?.assignments.last { $0.until == until && self.identity(of: $0) == identity }
  }

  private func range(of entry: PlanFile.RoleEntry, in block: PlanFile.Block) -> Label? {
    entry.range ?? (block.range.isExpanded ? Label(normalized: block.range.text) : nil)
  }

  private mutating func compare(
    _ entry: PlanFile.RoleEntry, _ known: Assignment, range: Label?, _ measure: PlanFile.Measure
  ) {
    let isEnding = entry.until.map { known.until == nil && $0 >= day } ?? false
    // The text of a condition that came true stays with the assignment; the file need not say it any longer.
    let isComingTrue = entry.condition == nil && known.state(on: day) == .dormant
    let hasComeTrue = entry.condition == nil && known.activeFrom != nil
    count(.assignments, isEnding ? \.ended : isComingTrue ? \.changed : \.unchanged)
    if isComingTrue {
      send(
        ActivateCondition.self, entry,
        ["assignment": Identifier<Assignment>(known.id), "reason": Self.reason, "source": entry.source])
    }
    if isEnding {
      append(EndAssignment(assignment: Identifier(known.id), until: entry.until, reason: nil), entry)
    }
    refuseChanges(
      entry, "\(measure.code) \(entry.naturalKey)",
      [
        "condition": known.condition == entry.condition?.text || isComingTrue || hasComeTrue,
        "wording": known.wording == entry.wording?.text, "range": known.range == range?.text,
        "source": known.source == entry.source, "from": entry.from.map { $0 == known.from } ?? true,
        "until": known.until == entry.until || isEnding,
      ])
  }

  private mutating func create(
    _ entry: PlanFile.RoleEntry, _ identity: AssignmentIdentity, range: Label?, _ measure: PlanFile.Measure
  ) {
    count(.assignments, \.created)
    let fields: KeyValuePairs<String, any FieldValue> = [
      "id": freeID(ItemKey.assignment(measure.code, identity)) { plan.measuresByAssignment[$0] != nil }
        as Identifier<Assignment>,
      "measure": reference(toMeasure: measure.code),
      "institution": reference(entry.who), "phase": entry.phase, "subject": entry.subject, "condition": entry.condition,
      "wording": entry.wording, "range": range, "from": entry.from, "until": entry.until, "source": entry.source,
    ]
    switch entry.role {
    case .lead: send(AssignLead.self, entry, fields)
    case .leadPartner: send(AssignLeadPartner.self, entry, fields)
    case .contributor: send(AssignContributor.self, entry, fields)
    case .consulted: send(AssignConsulted.self, entry, fields)
    case .unclear: send(AssignUnclear.self, entry, fields)
    }
  }
}

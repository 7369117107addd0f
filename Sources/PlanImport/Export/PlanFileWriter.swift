public import Coordination
public import EventSourcing

/// Writes a plan as a plan file (`federwerk export`).
///
/// The file says what holds on one day, and which; importing it onto the same plan proposes nothing, that day or later.
/// Questions are not part of it: they were asked once, and their wording lies outside the log, where it can be erased.
public enum PlanFileWriter {
  public static func yaml(from plan: Plan, on date: LocalDate) -> String {
    PlanFileDraft(plan: plan, day: date).document.document
  }

  /// The same file as JSON, for programs; importing it is importing the file.
  public static func json(from plan: Plan, on date: LocalDate) -> String {
    PlanFileDraft(plan: plan, day: date).document.jsonDocument
  }
}

private struct PlanFileDraft {
  let plan: Plan
  let day: LocalDate

  var document: YAMLValue {
    let parties = plan.parties.values.sorted { firstPosition($0) < firstPosition($1) }
    return .fields([
      "federwerk": .integer(PlanFile.formatVersion),
      "position": plan.size.lastPosition.map { .integer(Int($0.value)) }, "validAt": .bare(day.description),
      "plan": .fields([
        "slug": .text(plan.slug), "title": .text(plan.title(on: day)), "otherTitles": otherTitles(plan.otherTitles),
        "source": source([], plan.id),
      ]),
      "documents": .list(plan.documents.values.sorted { $0.key < $1.key }.map(document)),
      "version": plan.currentVersion.map(version),
      "institutions": .list(parties.filter { $0.noun == .institutions }.map(party)),
      "groups": .list(parties.filter { $0.noun == .groups }.map(party)),
      "placeholders": .list(parties.filter { $0.noun == .placeholders }.map(placeholder)),
      "statedFigures": .list(plan.statedFigures.map(figure)),
      "strategies": .list(plan.strategies.map(strategy)),
      "actionFields": .list(plan.actionFields.sorted { $0.number < $1.number }.map(actionField)),
    ])
  }

  // MARK: Plan

  private func document(_ document: Document) -> YAMLValue {
    .fields(["key": .text(document.key), "title": .text(document.title), "sha256": document.sha256.map { .text($0) }])
  }

  private func otherTitles(_ titles: [OtherTitle]) -> YAMLValue {
    .list(titles.map { .fields(["title": .text($0.title), "source": citations($0.source)]) })
  }

  private func version(_ version: PlanVersion) -> YAMLValue {
    .fields([
      "slug": .text(version.slug), "title": .text(version.title),
      "resolution": version.resolutionDate.map { date in
        .fields(["date": .bare(date.description), "body": version.resolutionBody.map { .text($0) }])
      },
      "from": .bare(version.from.description), "until": .bare(version.until.description),
      "timeZone": .text(version.timeZone), "leadCap": .integer(version.leadCap), "source": citations(version.source),
      "conditions": .list(version.conditions.map { .text($0) }), "horizons": .list(version.horizons.map { .text($0) }),
      "labels": .list(version.labels.map(label)), "ladder": .list(version.ladder.map(level)),
    ])
  }

  private func label(_ label: ListLabel) -> YAMLValue {
    .fields(["slug": .text(label.slug.text), "de": .text(label.german.text), "en": .text(label.english.text)])
  }

  private func level(_ level: LadderLevel) -> YAMLValue {
    .fields([
      "slug": .text(level.slug.text), "title": .text(level.title.text), "body": level.body.map { .text($0.text) },
      "mandate": level.mandate.map { .text($0.rawValue) },
    ])
  }

  private func figure(_ figure: StatedFigure) -> YAMLValue {
    .fields([
      "slug": .text(figure.slug), "label": .text(figure.label), "counts": .text(figure.counts.rawValue),
      "value": .integer(figure.value), "source": citations(figure.source),
    ])
  }

  private func strategy(_ strategy: Strategy) -> YAMLValue {
    .fields([
      "slug": .text(strategy.slug), "title": .text(strategy.title), "source": source(strategy.source, strategy.id),
    ])
  }

  // MARK: Parties

  /// In the order in which they came into the plan.
  private func firstPosition(_ party: Party) -> Position {
    party.names.entries.map(\.position).min() ?? Position(.max)
  }

  private func party(_ party: Party) -> YAMLValue {
    .fields([
      "slug": .text(party.slug), "short": party.short(at: day).map { .text($0) }, "name": .text(party.name(at: day)),
      "kind": .text(party.kind), "of": slug(party.relativeTo),
      "members": .list(party.memberships.filter { $0.holds(on: day) }.compactMap { slug($0.member) }),
      "aliases": .list(party.aliases.filter { $0.holds(on: day) }.map(alias)),
      "unitOf": slug(party.unitOf(on: day)), "hostedBy": slug(party.hostedBy(on: day)),
      "chairedBy": chair(of: party, .chair), "coordinatedBy": chair(of: party, .coordinator),
      "source": source(party.source, party.id.value),
    ])
  }

  private func chair(of party: Party, _ kind: DeclareChair.Kind) -> YAMLValue? {
    party.chair(on: day).flatMap { $0.kind == kind ? slug($0.by) : nil }
  }

  private func alias(_ alias: Party.Alias) -> YAMLValue {
    .fields([
      "name": .text(alias.name), "presumed": alias.isPresumed ? .bool(true) : nil, "source": citations(alias.source),
    ])
  }

  private func placeholder(_ party: Party) -> YAMLValue {
    .fields([
      "slug": .text(party.slug), "label": .text(party.name(at: day)), "steward": slug(party.steward),
      "due": party.due.map { .bare($0.description) }, "dueInferred": party.isDueInferred ? .bool(true) : nil,
      "source": source(party.source, party.id.value),
    ])
  }

  private func slug(_ id: PartyID?) -> YAMLValue? { plan.slug(of: id).map { .text($0) } }

  // MARK: Structure

  private func actionField(_ field: ActionField) -> YAMLValue {
    .fields([
      "number": .integer(field.number), "slug": .text(field.slug), "title": .text(field.title(on: day)),
      "source": source(field.source, field.id),
      "clusters": .list(plan.clusters.filter { $0.actionField == field.id }.map(cluster)),
    ])
  }

  private func cluster(_ cluster: ThemeCluster) -> YAMLValue {
    .fields([
      "slug": .text(cluster.slug), "title": .text(cluster.title(on: day)),
      "otherTitles": otherTitles(cluster.otherTitles), "source": source(cluster.source, cluster.id),
      "goals": .list(plan.goals.filter { $0.cluster == cluster.id }.map(goal)),
      "taskFields": .list(
        plan.taskFields.filter { $0.cluster == cluster.id }.sorted { $0.codeNumber < $1.codeNumber }.map(taskField)),
    ])
  }

  private func goal(_ goal: Goal) -> YAMLValue {
    .fields([
      "letter": goal.letter.map { .text($0) }, "title": .text(goal.title(on: day)),
      "source": source(goal.source, goal.id),
    ])
  }

  private func taskField(_ field: TaskField) -> YAMLValue {
    let measures = plan.measures.values.filter {
      $0.place(on: day).taskField == field.id && $0.parent == nil && plan.lists($0, on: day)
    }
    .sorted { $0.place(on: day).numeral < $1.place(on: day).numeral }
    return .fields([
      "number": field.number.map { .integer($0) }, "title": .text(field.title(on: day)),
      "description": field.description.map { .text($0) }, "source": source(field.source, field.id),
      "measures": .list(measures.map(measure)), "structure": .list(structure(of: measures)),
    ])
  }

  private func measure(_ measure: Measure) -> YAMLValue {
    .fields([
      "numeral": .text(measure.place(on: day).numeral.text), "title": .text(title(of: measure)),
      "kind": .text(measure.kind.rawValue),
      "source": source(measure.source, measure.id.value), "horizon": measure.horizon.map { .text($0) },
      "deliverables": .list(measure.deliverables.map { .text($0) }), "external": external(of: measure),
      "strategies": links(of: measure, .strategy), "seeAlso": links(of: measure, .seeAlso),
      "dependsOn": dependencies(of: measure), "note": measure.note.map { .text($0) },
      "subMeasures": .list(parts(of: measure).map { part($0, of: measure) }),
    ])
  }

  private func parts(of measure: Measure) -> [Measure] { plan.parts(of: measure, on: day) }

  private func part(_ part: Measure, of whole: Measure) -> YAMLValue {
    let name = part.place(on: day).part ?? ""
    let isLetter = name.utf8.count == 1 && ("A"..."Z").contains(name)
    return .fields([
      "letter": isLetter ? .text(name) : nil, "slug": isLetter ? nil : .text(name), "title": .text(title(of: part)),
      "kind": part.kind == whole.kind ? nil : .text(part.kind.rawValue),
      "source": source(part.source, part.id.value), "external": external(of: part),
      "strategies": links(of: part, .strategy), "seeAlso": links(of: part, .seeAlso),
      "dependsOn": dependencies(of: part), "note": part.note.map { .text($0) },
    ])
  }

  private func title(of measure: Measure) -> String { measure.titles.value(at: day) ?? measure.titles.first ?? "" }

  private func external(of measure: Measure) -> YAMLValue? {
    measure.external(on: day).map { .fields(["programme": .text($0.programme), "id": .text($0.externalID)]) }
  }

  /// Bare slugs where the measure's own citations cover those of the link.
  private func links(of measure: Measure, _ kind: Link.Kind) -> YAMLValue {
    let own = fileSource(of: measure)
    return .list(
      plan.links.filter { $0.measure == measure.id && $0.kind == kind && $0.holds(on: day) }.map { link in
        let name = plan.name(of: link.target, on: day)
        return link.source.allSatisfy(own.contains)
          ? .text(name) : .fields(["to": .text(name), "source": citations(link.source)])
      })
  }

  private func dependencies(of measure: Measure) -> YAMLValue {
    .list(
      plan.links.filter { $0.measure == measure.id && $0.kind == .dependsOn && $0.holds(on: day) }.map { link in
        let name = YAMLValue.text(plan.name(of: link.target, on: day))
        let isAct = if case .externalAct = link.target { true } else { false }
        return .fields([
          "measure": isAct ? nil : name, "label": isAct ? name : nil, "source": citations(link.source),
        ])
      })
  }

  // MARK: Responsibilities

  /// One block per printed range as long as all its measures still say the same, and one per measure for the rest.
  private func structure(of measures: [Measure]) -> [YAMLValue] {
    let all = measures.flatMap { [$0] + parts(of: $0) }
    var current = Dictionary(
      uniqueKeysWithValues: all.map { measure in (measure.id, measure.assignments.filter { $0.holds(on: day) }) })
    var blocks: [YAMLValue] = []
    for measure in all {
      for range in ranges(in: current[measure.id] ?? []) {
        let members = range.members.compactMap { numeral in
          measures.first { $0.place(on: day).numeral.text == numeral }
        }
        let entries = members.map {
          (current[$0.id] ?? []).filter { $0.range == range.text }
            .map { "\($0.role(on: day)) \(entry($0, inRange: true, blockSource: []).document)" }
        }
        guard members.count == range.members.count, let first = entries.first, entries.allSatisfy({ $0 == first })
        else { continue }
        let shared = (current[measure.id] ?? []).filter { $0.range == range.text }
        blocks.append(block(range.text, shared, inRange: true))
        for member in members { current[member.id]?.removeAll { $0.range == range.text } }
      }
      let rest = current[measure.id] ?? []
      let place = measure.place(on: day)
      let name = place.part.map { "\(place.numeral).\($0)" } ?? place.numeral.text
      if !rest.isEmpty { blocks.append(block(name, rest, inRange: false)) }
    }
    return blocks
  }

  private func ranges(in assignments: [Assignment]) -> [MeasureRange] {
    var ranges: [MeasureRange] = []
    for range in assignments.compactMap({ $0.range.flatMap(MeasureRange.init) }) where range.isExpanded {
      if !ranges.contains(range) { ranges.append(range) }
    }
    return ranges
  }

  private func block(_ name: String, _ assignments: [Assignment], inRange: Bool) -> YAMLValue {
    let source = commonSource(of: assignments)
    func entries(_ role: Assignment.Role) -> YAMLValue {
      .list(assignments.filter { $0.role(on: day) == role }.map { entry($0, inRange: inRange, blockSource: source) })
    }
    return .fields([
      "measures": .text(name), "source": citations(source), "lead": entries(.lead),
      "leadPartner": entries(.leadPartner), "contributor": entries(.contributor), "consulted": entries(.consulted),
      "unclear": entries(.unclear),
    ])
  }

  /// The citations that most of the assignments have, the earlier ones among equals.
  private func commonSource(of assignments: [Assignment]) -> [Citation] {
    var common: (source: [Citation], count: Int) = ([], 0)
    for assignment in assignments {
      let count = assignments.count { $0.source == assignment.source }
      if count > common.count { common = (assignment.source, count) }
    }
    return common.source
  }

  /// A bare slug where nothing but the holder is to be said.
  private func entry(_ assignment: Assignment, inRange: Bool, blockSource: [Citation]) -> YAMLValue {
    let began = plan.currentVersion?.from
    let entry = YAMLValue.fields([
      "who": slug(assignment.holder), "phase": assignment.phase.map { .text($0) },
      "subject": assignment.subject.map { .text($0) }, "condition": assignment.condition.map { .text($0) },
      "wording": assignment.wording.map { .text($0) }, "range": inRange ? nil : assignment.range.map { .text($0) },
      "from": assignment.from == began ? nil : .bare(assignment.from.description),
      "until": assignment.until.map { .bare($0.description) },
      "source": assignment.source == blockSource ? nil : citations(assignment.source),
    ])
    guard case .mapping(let pairs) = entry, pairs.count == 1, let holder = pairs.first?.value else { return entry }
    return holder
  }

  // MARK: Citations

  private func citations(_ source: [Citation]) -> YAMLValue {
    switch source.count {
    // Said explicitly, because the format wants to know.
    case 0: .bare("[]")
    case 1: .text(source[0].text)
    default: .list(source.map { .text($0.text) })
    }
  }

  /// An item's own citations and those that were added later.
  private func source(_ source: [Citation], _ id: EntityID) -> YAMLValue {
    citations(source.joined(with: plan.citations[id] ?? []))
  }

  private func fileSource(of measure: Measure) -> [Citation] {
    measure.source.joined(with: plan.citations[measure.id.value] ?? [])
  }
}

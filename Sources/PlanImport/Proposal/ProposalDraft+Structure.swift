internal import Coordination
internal import EventSourcing

extension ProposalDraft {
  /// Places come first, then measures go to theirs, and only then come new ones, which may take a code that was left.
  mutating func compareStructure() {
    for field in file.actionFields {
      compare(field)
      for cluster in field.clusters {
        compare(cluster, in: field)
        for goal in cluster.goals { compare(goal, in: cluster) }
        for taskField in cluster.taskFields { compare(taskField, in: cluster) }
      }
    }
    comparePlaces()
    for cluster in file.clusters {
      for taskField in cluster.taskFields {
        for measure in taskField.measures {
          compare(measure, in: taskField, cluster)
          for part in measure.parts { compare(part, of: measure, in: taskField) }
        }
      }
    }
    refuseRemovedStructure()
  }

  private mutating func compare(_ field: PlanFile.ActionField) {
    guard let known = plan.actionFields.first(where: { $0.slug == field.slug.text }) else {
      count(.actionFields, \.created)
      return send(
        AddActionField.self, field,
        [
          "id": id(ItemKey.actionField(field.slug)) as Identifier<ActionField>, "number": field.number,
          "slug": field.slug, "title": field.title, "source": field.source,
        ])
    }
    compareWording(
      field, known.id, .actionFields, file: field.title.text, plan: known.title(on: day), source: field.source)
    refuseChanges(field, known.slug, ["number": known.number == field.number])
    compareSource(field, known.id, known.slug, file: field.source, plan: known.source)
  }

  private mutating func compare(_ cluster: PlanFile.Cluster, in field: PlanFile.ActionField) {
    let known = plan.cluster(slug: cluster.slug.text)
    if let known {
      compareWording(
        cluster, known.id, .themeClusters, file: cluster.title.text, plan: known.title(on: day), source: cluster.source)
      refuseChanges(
        cluster, known.slug, ["actionField": plan.actionField(id: known.actionField)?.slug == field.slug.text])
      compareSource(cluster, known.id, known.slug, file: cluster.source, plan: known.source)
    } else {
      count(.themeClusters, \.created)
      send(
        AddThemeCluster.self, cluster,
        [
          "id": id(ItemKey.cluster(cluster.slug)) as Identifier<ThemeCluster>, "actionField": field.slug,
          "slug": cluster.slug, "title": cluster.title, "source": cluster.source,
        ])
    }
    compareOtherTitles(cluster, cluster.otherTitles, known?.otherTitles ?? [], cluster: cluster.slug)
  }

  private mutating func compare(_ goal: PlanFile.Goal, in cluster: PlanFile.Cluster) {
    let home = plan.cluster(slug: cluster.slug.text)?.id
    guard let known = plan.goals.first(where: { $0.cluster == home && $0.letter == goal.letter?.text }) else {
      count(.goals, \.created)
      return send(
        SetGoal.self, goal,
        [
          "id": id(ItemKey.goal(cluster.slug, goal.letter)) as Identifier<Goal>, "cluster": cluster.slug,
          "letter": goal.letter, "title": goal.title, "source": goal.source,
        ])
    }
    compareWording(goal, known.id, .goals, file: goal.title.text, plan: known.title(on: day), source: goal.source)
    compareSource(goal, known.id, "\(cluster.slug) \(known.letter ?? "")", file: goal.source, plan: known.source)
  }

  private mutating func compare(_ field: PlanFile.TaskField, in cluster: PlanFile.Cluster) {
    let home = plan.cluster(slug: cluster.slug.text)?.id
    guard let known = plan.taskFields.first(where: { $0.cluster == home && $0.codeNumber == field.number ?? 1 }) else {
      count(.taskFields, \.created)
      return send(
        AddTaskField.self, field,
        [
          "id": id(ItemKey.taskField(field.code)) as Identifier<TaskField>, "cluster": cluster.slug,
          "number": field.number, "title": field.title, "description": field.description, "source": field.source,
        ])
    }
    compareWording(
      field, known.id, .taskFields, file: field.title.text, plan: known.title(on: day), source: field.source)
    refuseChanges(
      field, field.code,
      ["number": known.number == field.number, "description": known.description == field.description?.text])
    compareSource(field, known.id, field.code, file: field.source, plan: known.source)
  }

  // MARK: Measures

  private mutating func compare(
    _ measure: PlanFile.Measure, in field: PlanFile.TaskField, _ cluster: PlanFile.Cluster
  ) {
    guard let note = noteLabel(of: measure, in: field) else { return }
    guard let known = known(measure.code) else {
      count(.measures, \.created)
      return send(
        AddMeasure.self, measure,
        [
          "id": freeMeasureID(measure.code), "cluster": cluster.slug, "taskField": field.number ?? 1,
          "numeral": measure.numeral, "title": measure.title, "kind": measure.kind, "horizon": measure.horizon,
          "deliverables": measure.deliverables, "note": note.label, "source": field.source(of: measure),
        ])
    }
    compareMeasure(measure, known, .measures, note: note.label, source: field.source(of: measure))
    refuseChanges(
      measure, known.code,
      [
        "kind": known.kind == measure.kind ?? .deliver, "horizon": known.horizon == measure.horizon?.text,
        "deliverables": known.deliverables == measure.deliverables.map(\.text),
      ])
  }

  private mutating func compare(
    _ part: PlanFile.Measure, of whole: PlanFile.Measure, in field: PlanFile.TaskField
  ) {
    guard let note = noteLabel(of: part, in: field) else { return }
    guard let known = known(part.code) else {
      count(.subMeasures, \.created)
      return send(
        AddSubMeasure.self, part,
        [
          "id": freeMeasureID(part.code), "measure": reference(toMeasure: whole.code),
          "part": part.part, "title": part.title, "kind": part.kind, "note": note.label,
          "source": field.source(of: part),
        ])
    }
    compareMeasure(part, known, .subMeasures, note: note.label, source: field.source(of: part))
    refuseChanges(part, known.code, ["kind": known.kind == part.kind ?? whole.kind ?? .deliver])
  }

  private struct Place {
    let measure: PlanFile.Measure
    let known: Measure
    let field: PlanFile.TaskField
    let cluster: PlanFile.Cluster
  }

  /// Takes each measure where the file has it now; parts go with their measure, and may get another letter there.
  ///
  /// Whoever takes a code comes after the one who leaves it. Two that change places would wait for each other; the
  /// domain refuses the first of them by name.
  private mutating func comparePlaces() {
    var waiting: [Place] = []
    for cluster in file.clusters {
      for field in cluster.taskFields {
        for measure in field.allMeasures {
          guard let known = known(measure.code), isElsewhere(known, measure) else { continue }
          waiting.append(Place(measure: measure, known: known, field: field, cluster: cluster))
        }
      }
    }
    while !waiting.isEmpty {
      let next = waiting.firstIndex { place in !waiting.contains { $0.known.code(on: day) == place.measure.code } }
      take(waiting.remove(at: next ?? 0))
    }
  }

  private func isElsewhere(_ known: Measure, _ measure: PlanFile.Measure) -> Bool {
    measure.part == nil ? known.code(on: day) != measure.code : known.place(on: day).part != measure.part?.text
  }

  private mutating func take(_ place: Place) {
    let (measure, source) = (place.measure, place.field.source(of: place.measure))
    count(measure.part == nil ? .measures : .subMeasures, \.changed)
    let reference = MeasureReference(normalized: place.known.id.description)
    let isInSameField = plan.taskField(id: place.known.place(on: day).taskField).map(plan.code) == place.field.code
    if measure.part != nil || isInSameField {
      send(
        RenumberMeasure.self, measure,
        [
          "measure": reference, "number": measure.part ?? Label(normalized: measure.numeral.text),
          "reason": Self.reason, "source": source,
        ])
    } else {
      send(
        MoveMeasure.self, measure,
        [
          "measure": reference, "cluster": place.cluster.slug, "taskField": place.field.number ?? 1,
          "numeral": measure.numeral, "reason": Self.reason, "source": source,
        ])
    }
  }

  private func freeMeasureID(_ code: String) -> MeasureID {
    freeID(ItemKey.measure(code)) { plan.measures[MeasureID($0)] != nil }
  }

  private mutating func compareMeasure(
    _ measure: PlanFile.Measure, _ known: Measure, _ kind: ImportSummary.Kind, note: Label?, source: [Citation]
  ) {
    let title = known.titles.value(at: day) ?? known.titles.first ?? ""
    compareWording(measure, known.id.value, kind, file: measure.title.text, plan: title, source: source)
    refuseChanges(measure, known.code, ["note": known.note == note?.text])
    compareSource(measure, known.id.value, known.code, file: source, plan: known.source)
  }

  /// The remark of a measure with those of its blocks; nil, with a finding, when together they are too long.
  private mutating func noteLabel(of measure: PlanFile.Measure, in field: PlanFile.TaskField) -> (label: Label?, Void)?
  {
    guard let text = field.note(of: measure) else { return (nil, ()) }
    do {
      return (try Label(text, field: "note"), ())
    } catch {
      note(
        ImportFinding(
          .fatal, error.code, line: measure.line, path: "\(measure.path).note",
          message: LocalizedText(
            de: "Die Anmerkungen zur Maßnahme und zu ihren Blöcken sind zusammen zu lang. \(error.reason.german)",
            en: "The remarks on the measure and on its blocks are too long together. \(error.reason.english)")))
      return nil
    }
  }

  // MARK: Removed

  private mutating func refuseRemovedStructure() {
    for gone in plan.actionFields where !file.actionFields.contains(where: { $0.slug.text == gone.slug }) {
      refuseRemoval(gone.slug, "actionFields")
    }
    let clusters = file.clusters
    for gone in plan.clusters where !clusters.contains(where: { $0.slug.text == gone.slug }) {
      refuseRemoval(gone.slug, "clusters")
    }
    for known in plan.goals {
      guard let home = plan.cluster(id: known.cluster)?.slug,
        let cluster = clusters.first(where: { $0.slug.text == home }),
        !cluster.goals.contains(where: { $0.letter?.text == known.letter })
      else { continue }
      refuseRemoval("\(home) \(known.letter ?? known.title)", "\(cluster.path).goals")
    }
    let fields = Set(file.taskFields.map(\.code))
    for known in plan.taskFields {
      let code = "\(plan.cluster(id: known.cluster)?.slug ?? "").\(known.codeNumber)"
      if !fields.contains(code) { refuseRemoval(code, "taskFields") }
    }
    let kept = Set(file.measures.compactMap { known($0.code)?.id })
    for gone in plan.measures.values.filter({ plan.lists($0, on: day) && !kept.contains($0.id) })
      .map({ $0.code(on: day) }).sorted()
    {
      refuseRemoval(
        gone, "measures",
        proposal: LocalizedText(
          de:
            "Umgehängt oder umnummeriert: am neuen Ort „formerly: \(gone)“ ergänzen. Aufgegeben: in der Datei behalten "
            + "und den Befehl discontinue-measure geben.",
          en: "If it was moved or renumbered: add “formerly: \(gone)” at its new place. If it was given up: keep it in "
            + "the file and send the command discontinue-measure."))
    }
  }
}

internal import Coordination
internal import EventSourcing

/// Gets to know the plan, and copies every theme cluster with all it holds as often as the scale asks for.
struct GrowPlan: Appointment {
  func keep(in plan: Plan, on stage: inout Stage) {
    // Everybody's nature comes from the plan itself, so that it is the same at every scale.
    stage.meet(plan)
    guard stage.terms.scale > 1 else { return }
    // A measure stands before its parts, because its code is the beginning of theirs.
    let measures = plan.measures.values.filter { $0.external == nil && plan.isCurrent($0) }.sorted { $0.code < $1.code }
    let byCluster = Dictionary(grouping: measures) { plan.taskField(id: $0.place.taskField)?.cluster }
    for copy in 2...stage.terms.scale {
      for cluster in plan.clusters {
        let own = byCluster[cluster.id]?.map(\.id) ?? []
        stage.planToday(CopyCluster(cluster: cluster.id, measures: own, copy: copy))
      }
    }
  }
}

/// A cluster like another one: the same task fields, measures and assignments under codes of its own. What another
/// programme leads is there once only, for its ids are unique.
struct CopyCluster: Appointment {
  let cluster: EntityID
  let measures: [MeasureID]
  let copy: Int

  private var mark: String { "(Simulation \(copy))" }

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let original = plan.cluster(id: cluster), let field = plan.actionField(id: original.actionField) else {
      return
    }
    let slug = "\(original.slug)-\(copy)"
    stage.send(
      AddThemeCluster.self,
      ["actionField": .string(field.slug), "slug": .string(slug), "title": .string("\(original.title) \(mark)")],
      as: stage.office)
    for taskField in plan.taskFields where taskField.cluster == cluster {
      stage.send(
        AddTaskField.self,
        [
          "cluster": .string(slug), "number": taskField.number.map { .integer(Int64($0)) } ?? .null,
          "title": .string("\(taskField.title) \(mark)"),
        ], as: stage.office)
    }
    for measure in measures.compactMap({ plan.measures[$0] }) { copyMeasure(measure, to: slug, plan, &stage) }
  }

  private func copyMeasure(_ measure: Measure, to slug: String, _ plan: Plan, _ stage: inout Stage) {
    guard let field = plan.taskField(id: measure.place.taskField) else { return }
    let whole = "\(slug).\(field.codeNumber).\(measure.place.numeral)"
    let title = measure.titles.value(at: stage.today) ?? measure.titles.last ?? measure.code
    let common: [JSON.Member] = [
      .init("title", .string("\(title) \(mark)")), .init("kind", .string(measure.kind.rawValue)),
    ]
    if let part = measure.place.part {
      stage.send(
        AddSubMeasure.self, .object(common + [.init("measure", .string(whole)), .init("part", .string(part))]),
        as: stage.office)
    } else {
      stage.send(
        AddMeasure.self,
        .object(
          common + [
            .init("cluster", .string(slug)), .init("taskField", .integer(Int64(field.codeNumber))),
            .init("numeral", .string(measure.place.numeral.text)),
          ]), as: stage.office)
    }
    let code = measure.place.part.map { "\(whole).\($0)" } ?? whole
    for assignment in measure.assignments where assignment.holds(on: stage.today) {
      assign(assignment, code, plan, &stage)
    }
  }

  private func assign(_ assignment: Assignment, _ code: String, _ plan: Plan, _ stage: inout Stage) {
    guard let holder = plan.parties[assignment.holder] else { return }
    let kind: any PlanCommand.Type =
      switch assignment.role {
      case .lead: AssignLead.self
      case .leadPartner: AssignLeadPartner.self
      case .contributor: AssignContributor.self
      case .consulted: AssignConsulted.self
      case .unclear: AssignUnclear.self
      }
    stage.send(
      kind,
      [
        "measure": .string(code), "institution": .string(holder.slug),
        "phase": assignment.phase.map { .string($0) } ?? .null,
        "subject": assignment.subject.map { .string($0) } ?? .null,
        "condition": assignment.condition.map { .string($0) } ?? .null,
      ], as: stage.office)
  }
}

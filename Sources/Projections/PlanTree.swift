package import Coordination
package import EventSourcing

/// The plan as a tree with counts, and the figures that the plan states beside the real ones.
package enum PlanTree {
  package static let name = "tree"
  package static let version = 2

  package static func json(of plan: Plan, validAt date: LocalDate) -> JSON {
    let measures = Dictionary(grouping: MeasureBoard.ordered(plan), by: \.taskField)
    let fields = plan.actionFields.sorted { $0.number < $1.number }
    let version = plan.currentVersion
    return [
      "plan": [
        "id": .string(plan.id.description), "slug": .string(plan.slug), "title": .string(plan.title),
        "otherTitles": otherTitles(plan.otherTitles),
      ],
      "version": version.map {
        [
          "slug": .string($0.slug), "title": .string($0.title), "from": .string($0.from.description),
          "until": .string($0.until.description), "timeZone": .string($0.timeZone), "leadCap": .count($0.leadCap),
          "conditions": .array($0.conditions.map { .string($0) }),
          "ladder": .array(
            $0.ladder.map {
              [
                "slug": .string($0.slug.text), "title": .string($0.title.text), "body": .optional($0.body?.text),
                "mandate": .string(($0.mandate ?? .decide).rawValue),
              ]
            }),
        ]
      } ?? .null,
      "actionFields": .array(fields.map { actionField($0, plan, measures, date) }),
      "counts": .object(StatedFigure.Counted.allCases.map { .init($0.rawValue, .count(plan.count(of: $0))) }),
      "statedFigures": .array(
        plan.statedFigures.map { figure in
          let counted = plan.count(of: figure.counts)
          return [
            "slug": .string(figure.slug), "label": .string(figure.label), "counts": .string(figure.counts.rawValue),
            "stated": .count(figure.value), "counted": .count(counted), "agrees": .bool(figure.value == counted),
            "source": .citations(figure.source),
          ]
        }),
    ]
  }

  private static func actionField(
    _ field: ActionField, _ plan: Plan, _ measures: [EntityID: [Measure]], _ date: LocalDate
  ) -> JSON {
    let clusters = plan.clusters.filter { $0.actionField == field.id }
    return [
      "number": .count(field.number), "slug": .string(field.slug), "title": .string(field.title),
      "clusters": .array(clusters.map { cluster($0, plan, measures, date) }),
    ]
  }

  private static func cluster(
    _ cluster: ThemeCluster, _ plan: Plan, _ measures: [EntityID: [Measure]], _ date: LocalDate
  ) -> JSON {
    let fields = plan.taskFields.filter { $0.cluster == cluster.id }.sorted { $0.codeNumber < $1.codeNumber }
    let own = fields.flatMap { measures[$0.id] ?? [] }
    return [
      "slug": .string(cluster.slug), "title": .string(cluster.title),
      "otherTitles": otherTitles(cluster.otherTitles),
      "goals": .array(
        plan.goals.filter { $0.cluster == cluster.id }.map {
          ["letter": .optional($0.letter), "title": .string($0.title), "source": .citations($0.source)]
        }),
      "taskFields": .array(
        fields.map { field in
          [
            "number": .optional(field.number), "title": .string(field.title),
            "description": .optional(field.description),
            "measures": .array((measures[field.id] ?? []).map { node($0, plan, date) }),
          ]
        }),
      "counts": [
        "measures": .count(own.count),
        "withoutLead": .count(own.count { !hasLead($0, plan, date) }),
        "external": .count(own.count { $0.external != nil }),
        "openIssues": .count(own.reduce(0) { $0 + $1.openIssues }),
      ],
    ]
  }

  private static func node(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> JSON {
    [
      "id": .string(measure.id.description), "code": .string(measure.code),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "state": .string((measure.states.value(at: date) ?? measure.states.first ?? .planned).rawValue),
      "condition": .string(measure.conditions.value(at: date) ?? "not-assessed"),
      "hasLead": .bool(hasLead(measure, plan, date)),
      "parts": .array(measure.parts.compactMap { plan.measures[$0] }.map { node($0, plan, date) }),
    ]
  }

  /// A measure without a lead of its own counts as led when all its parts are.
  private static func hasLead(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> Bool {
    if measure.assignments.contains(where: { $0.leads(on: date) }) { return true }
    let parts = measure.parts.compactMap { plan.measures[$0] }
    return !parts.isEmpty && parts.allSatisfy { hasLead($0, plan, date) }
  }

  private static func otherTitles(_ titles: [OtherTitle]) -> JSON {
    .array(titles.map { ["title": .string($0.title), "source": .citations($0.source)] })
  }
}

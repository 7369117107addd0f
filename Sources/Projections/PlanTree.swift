public import Coordination
public import EventSourcing

/// The plan as a tree with counts and with what follows from the measures on each level (§14), and the figures that the
/// plan states beside the real ones. Goals have no measures of their own, so nothing is rolled up to them.
public enum PlanTree {
  public static let name = "tree"
  public static let version = 5

  public static func json(of plan: Plan, validAt date: LocalDate) -> JSON {
    let ordered = MeasureBoard.ordered(plan, date)
    let measures = Dictionary(grouping: ordered, by: { $0.place(on: date).taskField })
    // What a measure was placed in before it was there itself is shown with the measure.
    let fields = plan.actionFields.sorted { $0.number < $1.number }.filter { field in
      field.exists(on: date) || plan.clusters.contains { $0.actionField == field.id && isUsed($0, plan, measures) }
    }
    return [
      "plan": [
        "id": .string(plan.id.description), "slug": .string(plan.slug), "title": .string(plan.title(on: date)),
        "otherTitles": otherTitles(plan.otherTitles),
      ],
      "version": plan.version(on: date).map { .object(heading($0, plan) + rules($0)) } ?? .null,
      "versions": .array(plan.versions.map { .object(heading($0, plan)) }),
      "rollUp": MeasureBoard.rollUp(plan.rollUp(of: ordered, on: date)),
      "actionFields": .array(fields.map { actionField($0, plan, measures, date) }),
      "counts": .object(StatedFigure.Counted.allCases.map { .init($0.rawValue, .count(plan.count(of: $0, on: date))) }),
      "statedFigures": .array(
        plan.statedFigures.map { figure in
          let counted = plan.count(of: figure.counts, on: date)
          return [
            "slug": .string(figure.slug), "label": .string(figure.label), "counts": .string(figure.counts.rawValue),
            "stated": .count(figure.value), "counted": .count(counted), "agrees": .bool(figure.value == counted),
            "source": .citations(figure.source),
          ]
        }),
    ]
  }

  /// Which version it is, between which others, and what became of it.
  private static func heading(_ version: PlanVersion, _ plan: Plan) -> [JSON.Member] {
    let adoption: JSON? = version.resolutionDate.map {
      [
        "date": .string($0.description), "resolution": .optional(version.resolution),
        "body": .optional(version.resolutionBody),
      ]
    }
    return [
      .init("slug", .string(version.slug)), .init("title", .string(version.title)),
      .init("from", .string(version.from.description)), .init("until", .string(version.until.description)),
      .init("continues", .optional(version.predecessor.flatMap { plan.slug(of: $0) })),
      .init("continuedBy", .array(plan.versions.filter { $0.predecessor == version.id }.map { .string($0.slug) })),
      .init("adoption", adoption ?? .null), .init("closedOn", .optional(version.closedOn)),
    ]
  }

  /// The rules of a version that are data.
  private static func rules(_ version: PlanVersion) -> [JSON.Member] {
    [
      .init("timeZone", .string(version.timeZone)), .init("leadCap", .count(version.leadCap)),
      .init("conditions", .array(version.conditions.map { .string($0) })),
      .init("horizons", .array(version.horizons.map { .string($0) })),
      .init(
        "labels",
        .array(
          version.labels.map {
            ["slug": .string($0.slug.text), "de": .string($0.german.text), "en": .string($0.english.text)]
          })),
      .init(
        "ladder",
        .array(
          version.ladder.map {
            [
              "slug": .string($0.slug.text), "title": .string($0.title.text), "body": .optional($0.body?.text),
              "mandate": .string(($0.mandate ?? .decide).rawValue),
            ]
          })),
    ]
  }

  private static func actionField(
    _ field: ActionField, _ plan: Plan, _ measures: [EntityID: [Measure]], _ date: LocalDate
  ) -> JSON {
    let clusters = plan.clusters.filter {
      $0.actionField == field.id && ($0.exists(on: date) || isUsed($0, plan, measures))
    }
    let own = clusters.flatMap { taskFields(of: $0, plan, measures, date) }.flatMap { measures[$0.id] ?? [] }
    return [
      "number": .count(field.number), "slug": .string(field.slug), "title": .string(field.title(on: date)),
      "rollUp": MeasureBoard.rollUp(plan.rollUp(of: own, on: date)),
      "clusters": .array(clusters.map { cluster($0, plan, measures, date) }),
    ]
  }

  private static func cluster(
    _ cluster: ThemeCluster, _ plan: Plan, _ measures: [EntityID: [Measure]], _ date: LocalDate
  ) -> JSON {
    let fields = taskFields(of: cluster, plan, measures, date)
    let own = fields.flatMap { measures[$0.id] ?? [] }
    return [
      "slug": .string(cluster.slug), "title": .string(cluster.title(on: date)),
      "otherTitles": otherTitles(cluster.otherTitles), "rollUp": MeasureBoard.rollUp(plan.rollUp(of: own, on: date)),
      "goals": .array(
        plan.goals.filter { $0.cluster == cluster.id && $0.exists(on: date) }.map {
          ["letter": .optional($0.letter), "title": .string($0.title(on: date)), "source": .citations($0.source)]
        }),
      "taskFields": .array(
        fields.map { field in
          [
            "number": .optional(field.number), "title": .string(field.title(on: date)),
            "description": .optional(field.description),
            "rollUp": MeasureBoard.rollUp(plan.rollUp(of: measures[field.id] ?? [], on: date)),
            "measures": .array((measures[field.id] ?? []).map { node($0, plan, date) }),
          ]
        }),
      "counts": [
        "measures": .count(own.count),
        "withoutLead": .count(own.count { plan.lacksLead($0, on: date) }),
        "external": .count(own.count { $0.external(on: date) != nil }),
        "openIssues": .count(
          (own + own.flatMap { plan.parts(of: $0, on: date) }).reduce(0) { $0 + $1.openIssues(on: date) }),
      ],
    ]
  }

  private static func taskFields(
    of cluster: ThemeCluster, _ plan: Plan, _ measures: [EntityID: [Measure]], _ date: LocalDate
  ) -> [TaskField] {
    plan.taskFields.filter { $0.cluster == cluster.id && ($0.exists(on: date) || measures[$0.id] != nil) }
      .sorted { $0.codeNumber < $1.codeNumber }
  }

  private static func isUsed(_ cluster: ThemeCluster, _ plan: Plan, _ measures: [EntityID: [Measure]]) -> Bool {
    plan.taskFields.contains { $0.cluster == cluster.id && measures[$0.id] != nil }
  }

  private static func node(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> JSON {
    [
      "id": .string(measure.id.description), "code": .string(measure.code(on: date)),
      "title": .string(measure.titles.value(at: date) ?? measure.titles.first ?? ""),
      "state": .string(plan.state(of: measure, on: date).rawValue),
      "condition": .string(measure.conditions.value(at: date) ?? "not-assessed"),
      "percent": .optional(plan.percent(of: measure, on: date)),
      "rollUp": MeasureBoard.rollUp(plan.rollUp(of: measure, on: date)),
      "hasLead": .bool(plan.leadership(of: measure, on: date) == .institution),
      "parts": .array(plan.parts(of: measure, on: date).map { node($0, plan, date) }),
    ]
  }

  private static func otherTitles(_ titles: [OtherTitle]) -> JSON {
    .array(titles.map { ["title": .string($0.title), "source": .citations($0.source)] })
  }
}

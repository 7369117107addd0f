package import Coordination
package import EventSourcing

/// The measure sheet (Maßnahmenblatt): one measure in full, now and then, each value with the event that it comes from.
package enum MeasureSheet {
  package static let name = "measure"
  package static let version = 1

  /// - Parameter date: the day for which current values are given; histories are whole, with what is past and to come.
  package static func json(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> JSON {
    json(
      Reading(measure: measure, plan: plan, date: date, issues: plan.issues.values.filter { $0.measure == measure.id }))
  }

  /// The sheets of all measures of a plan, in its order.
  static func all(of plan: Plan, _ date: LocalDate) -> [JSON] {
    let issues = Dictionary(grouping: plan.issues.values.filter { $0.measure != nil }) { $0.measure }
    return MeasureBoard.ordered(plan).map {
      json(Reading(measure: $0, plan: plan, date: date, issues: issues[$0.id] ?? []))
    }
  }

  private static func json(_ reading: Reading) -> JSON {
    .object(sections.map { JSON.Member($0.name, $0.content(reading)) })
  }

  /// A measure while its sheet is written.
  private struct Reading {
    let measure: Measure
    let plan: Plan
    let date: LocalDate
    /// Those about the measure.
    let issues: [Issue]
  }

  private struct Section: Sendable {
    let name: String
    let content: @Sendable (Reading) -> JSON

    init(_ name: String, _ content: @escaping @Sendable (Reading) -> JSON) {
      self.name = name
      self.content = content
    }
  }

  /// In the order of the sheet; a further section is one line.
  private static let sections = [
    Section("id") { .string($0.measure.id.description) },
    Section("code") { .string($0.measure.code) },
    Section("kind") { .string($0.measure.kind.rawValue) },
    Section("place", place),
    Section("title") { history($0.measure.titles, $0.date) { .string($0) } },
    Section("state") { history($0.measure.states, $0.date) { .string($0.rawValue) } },
    Section("condition") { history($0.measure.conditions, $0.date, unless: "not-assessed") { .string($0) } },
    Section("percent") { history($0.measure.percents, $0.date) { .optional($0) } },
    Section("assignments", assignments),
    Section("reports", reports),
    Section("issues", issues),
    Section("partOf") { reading in reading.measure.parent.flatMap { related($0, reading) } ?? .null },
    Section("parts") { reading in .array(reading.measure.parts.compactMap { related($0, reading) }) },
    Section("links", links),
    Section("externalRef") { .external($0.measure.external) },
    Section("horizon") { .optional($0.measure.horizon) },
    Section("deliverables") { .array($0.measure.deliverables.map { .string($0) }) },
    Section("note") { .optional($0.measure.note) },
    Section("source") { .citations($0.measure.source + ($0.plan.citations[$0.measure.id.value] ?? [])) },
    Section("begun") { .optional($0.plan.subjects[$0.measure.id.value]?.start) },
    Section("version") { .integer($0.plan.subjects[$0.measure.id.value]?.version.value ?? 0) },
  ]

  /// A value that holds over time: what holds on the day, since when and by which event, and all that ever held.
  ///
  /// - Parameter missing: what holds before anything was said.
  private static func history<Value>(
    _ timeline: Timeline<Value>, _ date: LocalDate, unless missing: JSON = .null, _ json: (Value) -> JSON
  ) -> JSON {
    let current = timeline.entry(at: date)
    return [
      "value": current.map { json($0.value) } ?? missing,
      "since": .optional(current?.effectiveDate),
      "position": current.map { .integer($0.position.value) } ?? .null,
      "history": .array(
        timeline.entries.map {
          [
            "value": json($0.value), "from": .string($0.effectiveDate.description),
            "position": .integer($0.position.value),
          ]
        }),
    ]
  }

  private static func place(_ reading: Reading) -> JSON {
    let field = reading.plan.taskField(id: reading.measure.taskField)
    let cluster = field.flatMap { reading.plan.cluster(id: $0.cluster) }
    let actionField = cluster.flatMap { reading.plan.actionField(id: $0.actionField) }
    return [
      "actionField": MeasureBoard.place(actionField?.slug, actionField?.title),
      "cluster": MeasureBoard.place(cluster?.slug, cluster?.title),
      "taskField": ["number": .optional(field?.number), "title": .optional(field?.title)],
      "numeral": .string(reading.measure.numeral.text),
      "part": .optional(reading.measure.part),
    ]
  }

  /// Everybody who had, has or will have a part in it, in the order of their time.
  private static func assignments(_ reading: Reading) -> JSON {
    let ordered = reading.measure.assignments.enumerated().sorted {
      ($0.element.from, $0.offset) < ($1.element.from, $1.offset)
    }
    return .array(
      ordered.map { _, assignment in
        let time = assignment.holds(on: reading.date) ? "present" : assignment.from > reading.date ? "future" : "past"
        let more: [JSON.Member] = [
          .init("time", .string(time)), .init("events", .array(assignment.events.map { .integer($0.value) })),
        ]
        return .object((MeasureBoard.assignment(assignment, reading.plan, reading.date).members ?? []) + more)
      })
  }

  /// How often it was reported on, and what its leads said last.
  private static func reports(_ reading: Reading) -> JSON {
    [
      "count": .count(reading.measure.reportCount),
      "last": .array(
        reading.measure.lastReports.reversed().map {
          [
            "condition": .string($0.condition), "percent": .optional($0.percent),
            "effectiveDate": .string($0.effectiveDate.description),
          ]
        }),
    ]
  }

  private static func issues(_ reading: Reading) -> JSON {
    let (plan, date) = (reading.plan, reading.date)
    return .array(
      reading.issues.filter { $0.raisedOn <= date }.sorted { $0.raisedAt < $1.raisedAt }.map { issue in
        [
          "id": .string(issue.id.description), "kind": .string(issue.kind.rawValue),
          "state": .string((issue.states.value(at: date) ?? .raised).rawValue),
          "level": .optional(plan.level(of: issue, on: date)?.slug.text),
          "institution": .optional(plan.slug(of: issue.institution)), "raisedOn": .string(issue.raisedOn.description),
          "position": .integer(issue.raisedAt.value), "deadline": .optional(issue.deadlines.value(at: date) ?? nil),
          "missedDeadlines": .count(issue.missed.count { $0.mark.date <= date }), "source": .citations(issue.source),
        ]
      })
  }

  private static func related(_ id: MeasureID, _ reading: Reading) -> JSON? {
    reading.plan.measures[id].map {
      [
        "id": .string(id.description), "code": .string($0.code),
        "title": .string($0.titles.value(at: reading.date) ?? $0.titles.first ?? ""),
        "state": .string(($0.states.value(at: reading.date) ?? .planned).rawValue),
      ]
    }
  }

  /// What it refers to, and what refers to it.
  private static func links(_ reading: Reading) -> JSON {
    let (measure, plan) = (reading.measure, reading.plan)
    return .array(
      plan.links.compactMap { link in
        let isOutgoing = link.measure == measure.id
        guard isOutgoing || link.target == .measure(measure.id) else { return nil }
        let other = isOutgoing ? plan.name(of: link.target) : link.measure.flatMap { plan.measures[$0]?.code }
        return [
          "id": .string(link.id.description), "kind": .string(link.kind.rawValue),
          "direction": .string(isOutgoing ? "to" : "from"),
          "type": .string(isOutgoing ? link.target.noun : "measure"), "name": .optional(other),
          "source": .citations(link.source),
        ]
      })
  }
}

extension Link.Target {
  /// What kind of thing it is.
  fileprivate var noun: String {
    switch self {
    case .measure: "measure"
    case .cluster: "theme-cluster"
    case .strategy: "strategy"
    case .externalAct: "external-act"
    case .theme: "theme"
    }
  }
}

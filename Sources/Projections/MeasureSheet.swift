public import Coordination
public import EventSourcing

/// The measure sheet (Maßnahmenblatt): one measure in full, now and then, each value with the event that it comes from.
public enum MeasureSheet {
  public static let name = "measure"
  public static let version = 4

  /// - Parameter date: the day for which current values are given; histories are whole, with what is past and to come.
  public static func json(_ measure: Measure, _ plan: Plan, _ date: LocalDate) -> JSON {
    json(
      Reading(measure: measure, plan: plan, date: date, issues: plan.issues.values.filter { $0.measure == measure.id }))
  }

  /// The sheets of all measures of a plan and of their parts, in its order.
  static func all(of plan: Plan, _ date: LocalDate) -> [JSON] {
    let issues = Dictionary(grouping: plan.issues.values.filter { $0.measure != nil }) { $0.measure }
    return plan.measuresInOrder(on: date).map {
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
    Section("code") { .string($0.measure.code(on: $0.date)) },
    Section("kind") { .string($0.measure.kind.rawValue) },
    Section("place", place),
    Section("places", places),
    Section("title") { history($0.measure.titles, $0.date) { .string($0) } },
    Section("state") { reading in
      let own = history(reading.measure.states, reading.date) { .string($0.rawValue) }
      return derived(own, from: reading) { .string($0.plan.state(of: $0.measure, on: $0.date).rawValue) }
    },
    Section("condition") { history($0.measure.conditions, $0.date, unless: "not-assessed") { .string($0) } },
    Section("percent") { reading in
      let own = history(reading.measure.percents, reading.date) { .optional($0) }
      return derived(own, from: reading) { .optional($0.plan.percent(of: $0.measure, on: $0.date)) }
    },
    Section("rollUp") { MeasureBoard.rollUp($0.plan.rollUp(of: $0.measure, on: $0.date)) },
    Section("assignments", assignments),
    Section("priority") { history($0.measure.priorities, $0.date, priority) },
    Section("schedule") {
      history($0.measure.schedules, $0.date) { ["from": .optional($0.from), "until": .optional($0.until)] }
    },
    Section("milestones", milestones),
    Section("phases", phases),
    Section("examination") { history($0.measure.examinations, $0.date) { .optional($0?.rawValue) } },
    Section("results", results),
    Section("resources", resources),
    Section("highlighted") { .since($0.measure.highlighted) },
    Section("supportRequests", supportRequests),
    Section("leadCapExceptions", leadCapExceptions),
    Section("reports", reports),
    Section("issues", issues),
    Section("partOf") { reading in reading.measure.parent.flatMap { related($0, reading) } ?? .null },
    Section("parts") { reading in .array(reading.measure.parts.compactMap { related($0, reading) }) },
    Section("continues") { reading in reading.measure.predecessor.flatMap { related($0, reading) } ?? .null },
    Section("continuedBy") { reading in reading.measure.successor.flatMap { related($0, reading) } ?? .null },
    Section("links", links),
    Section("externalRef") { .external($0.measure.external(on: $0.date)) },
    Section("externals", externals),
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
    // What was only said again has held since it was said first.
    let since = timeline.entries.last { $0.effectiveDate <= date && $0.value != current?.value }
    let first = timeline.entries.first { entry in
      entry.value == current?.value && since.map { entry.effectiveDate > $0.effectiveDate } ?? true
    }
    return [
      "value": current.map { json($0.value) } ?? missing,
      "since": .optional(first?.effectiveDate),
      "position": first.map { .integer($0.position.value) } ?? .null,
      "history": .array(
        timeline.entries.map {
          [
            "value": json($0.value), "from": .string($0.effectiveDate.description),
            "position": .integer($0.position.value),
          ]
        }),
    ]
  }

  /// What follows from the parts in place of the measure's own value; no event of its own says it.
  private static func derived(_ own: JSON, from reading: Reading, _ value: (Reading) -> JSON) -> JSON {
    guard reading.plan.rollUp(of: reading.measure, on: reading.date) != nil else { return own }
    return [
      "value": value(reading), "derived": true, "since": .null, "position": .null, "history": own["history"] ?? [],
    ]
  }

  private static func place(_ reading: Reading) -> JSON {
    let place = reading.measure.place(on: reading.date)
    let field = reading.plan.taskField(id: place.taskField)
    let cluster = field.flatMap { reading.plan.cluster(id: $0.cluster) }
    let actionField = cluster.flatMap { reading.plan.actionField(id: $0.actionField) }
    return [
      "actionField": MeasureBoard.place(actionField?.slug, actionField?.title(on: reading.date)),
      "cluster": MeasureBoard.place(cluster?.slug, cluster?.title(on: reading.date)),
      "taskField": ["number": .optional(field?.number), "title": .optional(field?.title(on: reading.date))],
      "numeral": .string(place.numeral.text),
      "part": .optional(place.part),
    ]
  }

  /// What it was, is and will be called by.
  private static func places(_ reading: Reading) -> JSON {
    history(reading.measure.places, reading.date) { place in
      let field = reading.plan.taskField(id: place.taskField)
      return [
        "code": .string(place.code), "taskField": .optional(field.map(reading.plan.code)),
      ]
    }
  }

  /// Everybody who had, has or will have a part in it, in the order of their time.
  private static func assignments(_ reading: Reading) -> JSON {
    let ordered = reading.measure.assignments.enumerated().sorted {
      ($0.element.from, $0.offset) < ($1.element.from, $1.offset)
    }
    return .array(
      ordered.map { _, assignment in
        let more: [JSON.Member] = [
          .init("time", .string(time(from: assignment.from, until: assignment.until, on: reading.date))),
          .init("events", .events(assignment.events)),
        ]
        return .object((MeasureBoard.assignment(assignment, reading.plan, reading.date).members ?? []) + more)
      })
  }

  static func priority(_ priority: Measure.Priority) -> JSON {
    ["rank": .optional(priority.rank), "horizon": .optional(priority.horizon)]
  }

  private static func milestones(_ reading: Reading) -> JSON {
    .array(
      reading.measure.milestones.map { milestone in
        let reachedOn = milestone.reachedOn.flatMap { $0 <= reading.date ? $0 : nil }
        let due = milestone.dues.value(at: reading.date) ?? milestone.dues.first
        let overdueDays = reachedOn == nil ? due?.date.overdueDays(on: reading.date) : nil
        return [
          "id": .string(milestone.id.description), "title": .string(milestone.title), "due": .optional(due?.date),
          "reachedOn": .optional(reachedOn), "mandatory": .bool(milestone.isMandatory),
          "beyondTerm": .bool(due?.isBeyondTerm ?? false), "overdueDays": .optional(overdueDays),
          "history": .array(
            milestone.dues.entries.map {
              [
                "due": .string($0.value.date.description), "beyondTerm": .bool($0.value.isBeyondTerm),
                "from": .string($0.effectiveDate.description), "position": .integer($0.position.value),
              ]
            }),
          "events": .events(milestone.events),
          "source": .citations(milestone.source),
        ]
      })
  }

  private static func phases(_ reading: Reading) -> JSON {
    .array(
      reading.measure.phases.map {
        [
          "phase": .string($0.phase), "from": .string($0.from.description), "until": .optional($0.until),
          "time": .string(time(from: $0.from, until: $0.until, on: reading.date)), "events": .events($0.events),
        ]
      })
  }

  /// What came out, beside what the plan promised under `deliverables`.
  private static func results(_ reading: Reading) -> JSON {
    .array(
      reading.measure.recordedDeliverables.map {
        [
          "deliverable": .string($0.deliverable), "reference": .optional($0.reference),
          "on": .string($0.on.description), "position": .integer($0.position.value), "source": .citations($0.source),
        ]
      })
  }

  private static func resources(_ reading: Reading) -> JSON {
    .array(
      reading.measure.resourceNotes.map {
        [
          "fund": .optional($0.fund), "amount": .optional($0.amount), "on": .string($0.on.description),
          "position": .integer($0.position.value),
        ]
      })
  }

  private static func supportRequests(_ reading: Reading) -> JSON {
    .array(
      reading.measure.supportRequests.map { request in
        [
          "id": .string(request.id.description), "institution": .optional(reading.plan.slug(of: request.institution)),
          "requestedOn": .string(request.requested.date.description),
          "position": .integer(request.requested.position.value),
          "granted": request.granted.map {
            ["on": .string($0.date.description), "position": .integer($0.position.value)]
          } ?? .null,
        ]
      })
  }

  private static func leadCapExceptions(_ reading: Reading) -> JSON {
    .array(
      reading.measure.leadCapExceptions.sorted { ($0.key ?? "") < ($1.key ?? "") }.map { phase, leads in
        ["phase": .optional(phase), "further": history(leads, reading.date) { .count($0) }]
      })
  }

  private static let reportsMax = 50

  /// How often it was reported on, what its leads said last, and the newest reports and corrections of all who take
  /// part, the newest first.
  private static func reports(_ reading: Reading) -> JSON {
    [
      "count": .count(reading.measure.reportCount),
      "last": .array(reading.measure.lastReports.reversed().map { report($0, reading) }),
      "newest": .array(reading.measure.reports.suffix(reportsMax).reversed().map { report($0, reading) }),
    ]
  }

  private static func report(_ report: Measure.ReportMark, _ reading: Reading) -> JSON {
    [
      "position": .integer(report.position.value), "institution": .optional(reading.plan.slug(of: report.institution)),
      "part": .string(report.part.rawValue), "condition": .string(report.condition),
      "percent": .optional(report.percent), "effectiveDate": .string(report.effectiveDate.description),
      "corrects": report.origin == report.position ? .null : .integer(report.origin.value),
      "correctedBy": report.correctedBy.map { .integer($0.value) } ?? .null,
    ]
  }

  private static func time(from start: LocalDate, until end: LocalDate?, on date: LocalDate) -> String {
    start > date ? "future" : end.map { $0 <= date } ?? false ? "past" : "present"
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
        "id": .string(id.description), "code": .string($0.code(on: reading.date)),
        "title": .string($0.titles.value(at: reading.date) ?? $0.titles.first ?? ""),
        "state": .string(reading.plan.state(of: $0, on: reading.date).rawValue),
      ]
    }
  }

  /// What it refers to, and what refers to it, also what it once did.
  private static func links(_ reading: Reading) -> JSON {
    let (measure, plan) = (reading.measure, reading.plan)
    return .array(
      plan.links.compactMap { link in
        let isOutgoing = link.measure == measure.id
        guard isOutgoing || link.target == .measure(measure.id) else { return nil }
        let other =
          isOutgoing ? plan.name(of: link.target, on: reading.date) : plan.code(of: link.measure, on: reading.date)
        return [
          "id": .string(link.id.description), "kind": .string(link.kind.rawValue),
          "direction": .string(isOutgoing ? "to" : "from"),
          "type": .string(isOutgoing ? link.target.noun : "measure"), "name": .optional(other),
          "from": .string(link.from.description), "until": .optional(link.until),
          "time": .string(time(from: link.from, until: link.until, on: reading.date)), "events": .events(link.events),
          "source": .citations(link.source),
        ]
      })
  }

  /// The ids that other programmes give it or gave it, and what those said of it, by their own dates (§28).
  private static func externals(_ reading: Reading) -> JSON {
    .array(
      reading.measure.externals.map { external in
        [
          "programme": .string(external.programme), "externalID": .string(external.externalID),
          "from": .string(external.from.description), "until": .optional(external.until),
          "time": .string(time(from: external.from, until: external.until, on: reading.date)),
          "events": .events(external.events),
          "status": history(external.statuses, reading.date) {
            ["id": .string($0.id), "status": .string($0.status), "percent": .optional($0.percent)]
          },
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

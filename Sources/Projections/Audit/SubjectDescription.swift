public import Coordination
public import EventSourcing

/// What anything in the plan is, as a flat list of named values: what the audit timeline compares before and after.
///
/// The values are those that hold once everything recorded has taken effect. A thing that there can be many of is a
/// field of its own, named by what it is: `lead:senweb`, `member:ihk`, `link:depends-on:fachkraefte.1.II`. An auditor
/// thus reads that the lead of one institution ended and that of another began, and not that some list became another.
///
/// A new kind of subject, or a new part of one, is one line here. What can be erased is nowhere in a plan's state, so
/// it cannot show.
public enum SubjectDescription {
  public static func fields(of subject: Subject, in plan: Plan) -> [DescribedField] {
    kinds[subject.noun]?.fields(subject.id, plan) ?? []
  }

  /// Remembers a subject as it is; what it returns tells how the subject differs in a later plan.
  ///
  /// Remembering keeps no plan: a fold that goes on while somebody holds the plan before must copy what it changes.
  static func remember(_ subject: Subject, in plan: Plan) -> (Plan) -> [FieldChange] {
    kinds[subject.noun]?.remember(subject.id, plan) ?? { _ in [] }
  }

  private static let kinds: [String: SubjectKind] = [
    "plans": SubjectKind({ $1.id == $0 && $1.size != .zero ? $1 : nil }, plan),
    "action-fields": SubjectKind({ id, plan in plan.actionField(id: id) }, actionField),
    "theme-clusters": SubjectKind({ id, plan in plan.cluster(id: id) }, cluster),
    "goals": SubjectKind({ id, plan in plan.goals.first { $0.id == id } }, goal),
    "task-fields": SubjectKind({ id, plan in plan.taskField(id: id) }, taskField),
    "strategies": SubjectKind({ id, plan in plan.strategies.first { $0.id == id } }, strategy),
    "partners": SubjectKind({ id, plan in plan.partners.first { $0.id == id } }, partner),
    "feeds": SubjectKind({ id, plan in plan.feeds.first { $0.id == id } }, feed),
    "webhooks": SubjectKind({ id, plan in plan.webhooks.first { $0.id == id } }, webhook),
    "measures": SubjectKind({ id, plan in plan.measures[MeasureID(id)] }, measure),
    "institutions": SubjectKind({ id, plan in plan.parties[PartyID(id)] }, party),
    "groups": SubjectKind({ id, plan in plan.parties[PartyID(id)] }, party),
    "placeholders": SubjectKind({ id, plan in plan.parties[PartyID(id)] }, party),
    "issues": SubjectKind({ id, plan in plan.issues[IssueID(id)] }, issue),
  ]

  // MARK: - The plan and its structure

  /// All of it is `inPlan`: whoever kept the plan itself would make the fold copy all that it changes.
  private static let plan: [DescriptionPart<Plan>] = [
    .inPlan("slug") { plan, _ in .string(plan.slug) },
    .inPlan("title") { plan, _ in .string(plan.title) },
    .eachInPlan({ plan, _ in plan.otherTitles }) { titles, _, _ in titles.map(field) },
    .eachInPlan({ plan, _ in plan.versions }) { versions, _, _ in
      versions.map { DescribedField("version:\($0.slug)", json($0)) }
    },
    .eachInPlan({ plan, _ in plan.documents }) { documents, _, _ in
      documents.values.sorted { $0.key < $1.key }.map {
        DescribedField("document:\($0.key)", .present(["title": .string($0.title), "sha256": .optional($0.sha256)]))
      }
    },
    .eachInPlan({ plan, _ in plan.statedFigures }) { figures, _, _ in
      figures.map {
        DescribedField(
          "stated-figure:\($0.slug)",
          ["label": .string($0.label), "counts": .string($0.counts.rawValue), "value": .count($0.value)])
      }
    },
    .eachInPlan({ plan, _ in plan.links.filter { $0.measure == nil } }) { links, _, plan in
      links.map { field($0, plan) }
    },
    source(\.id) { _ in [] },
  ]

  private static let actionField: [DescriptionPart<ActionField>] = [
    .value("number") { field in .count(field.number) },
    .value("slug") { field in .string(field.slug) },
    .timeline("title", \.titles) { .string($0) },
    source(\.id, \.source),
  ]

  private static let cluster: [DescriptionPart<ThemeCluster>] = [
    .value("slug") { cluster in .string(cluster.slug) },
    .timeline("title", \.titles) { .string($0) },
    .inPlan("actionField") { cluster, plan in .optional(plan.actionField(id: cluster.actionField)?.slug) },
    .each({ cluster in cluster.otherTitles }) { titles, _ in titles.map(field) },
    source(\.id, \.source),
  ]

  private static let goal: [DescriptionPart<Goal>] = [
    .inPlan("cluster") { goal, plan in .optional(plan.cluster(id: goal.cluster)?.slug) },
    .value("letter") { goal in .optional(goal.letter) },
    .timeline("title", \.titles) { .string($0) },
    source(\.id, \.source),
  ]

  private static let taskField: [DescriptionPart<TaskField>] = [
    .inPlan("cluster") { field, plan in .optional(plan.cluster(id: field.cluster)?.slug) },
    .value("number") { field in .optional(field.number) },
    .timeline("title", \.titles) { .string($0) },
    .value("description") { field in .optional(field.description) },
    source(\.id, \.source),
  ]

  private static let strategy: [DescriptionPart<Strategy>] = [
    .value("slug") { strategy in .string(strategy.slug) },
    .value("title") { strategy in .string(strategy.title) },
    source(\.id, \.source),
  ]

  // MARK: - Who follows the plan by machine

  private static let partner: [DescriptionPart<PartnerSystem>] = [
    .value("slug") { partner in .string(partner.slug) },
    .value("name") { partner in .string(partner.name) },
    .value("programmes") { partner in .array(partner.programmes.map { .string($0) }) },
    .value("credentialsSince") { partner in .optional(partner.credentialsSince?.description) },
    .value("suspended") { partner in .bool(partner.isSuspended) },
  ]

  private static let feed: [DescriptionPart<PartnerFeed>] = [
    .value("slug") { feed in .string(feed.slug) },
    .inPlan("partner") { feed, plan in .optional(plan.slug(of: feed.partner)) },
    .value("history") { feed in .bool(feed.hasHistory) },
    .value("types") { feed in .array(feed.contract.types.map { .string($0.text) }) },
    .inPlan("subjects") { feed, plan in
      .array(feed.contract.subjects.map { .string(plan.slug(of: $0.value) ?? $0.description) })
    },
    .value("programmes") { feed in .array(feed.contract.programmes.map { .string($0.text) }) },
    .value("circle") { feed in .string(feed.contract.circle.rawValue) },
    .value("disclosures") { feed in .bool(feed.contract.disclosures) },
    .value("versionMax") { feed in .optional(feed.contract.versionMax) },
    .value("ended") { feed in .bool(feed.ended != nil) },
  ]

  private static let webhook: [DescriptionPart<Webhook>] = [
    .inPlan("feed") { webhook, plan in .optional(plan.slug(of: webhook.feed)) },
    .value("address") { webhook in .optional(webhook.address?.text) },
    .value("handshake") { webhook in .bool(webhook.asksFirst) },
    .value("generation") { webhook in .count(webhook.generation) },
    .value("removed") { webhook in .bool(webhook.isRemoved) },
  ]

  // MARK: - What is tracked and who tracks it

  private static let measure: [DescriptionPart<Measure>] = [
    .timeline("code", \.places) { .string($0.code) },
    .timeline("title", \.titles) { .string($0) },
    .value("kind") { measure in .string(measure.kind.rawValue) },
    .inPlan("partOf") { measure, plan in .optional(measure.parent.flatMap { plan.measures[$0]?.code }) },
    .value("horizon") { measure in .optional(measure.horizon) },
    .each({ measure in measure.deliverables }) { deliverables, _ in
      [DescribedField("deliverables", .array(deliverables.map { .string($0) }))]
    },
    .value("note") { measure in .optional(measure.note) },
    .timeline("state", \.states) { .string($0.rawValue) },
    .timeline("condition", \.conditions) { .string($0) },
    .timeline("percent", \.percents) { .optional($0) },
    .value("reports") { measure in .count(measure.reportCount) },
    .timeline("priority", \.priorities) { .present(["rank": .optional($0.rank), "horizon": .optional($0.horizon)]) },
    .timeline("schedule", \.schedules) { .present(["from": .optional($0.from), "until": .optional($0.until)]) },
    .each({ measure in measure.milestones }) { milestones, _ in milestones.map(field) },
    earlierDues,
    .each({ measure in measure.phases }) { phases, _ in
      phases.map { DescribedField("phase:\($0.phase)", span($0.from, $0.until)) }
    },
    .each({ measure in measure.recordedDeliverables }) { marks, _ in
      marks.map { mark in
        DescribedField(
          "deliverable:\(mark.deliverable)",
          .present(["on": .string(mark.on.description), "reference": .optional(mark.reference)]))
      }
    },
    .timeline("examination", \.examinations) { .optional($0?.rawValue) },
    contributions,
    .value("resourceNotes") { measure in .count(measure.resourceNotes.count) },
    .value("highlightedSince") { measure in .optional(measure.highlighted?.date) },
    .each({ measure in measure.supportRequests }) { requests, plan in
      requests.map { request in
        DescribedField(
          "support:\(slug(request.institution, plan))",
          .present([
            "requestedOn": .string(request.requested.date.description), "grantedOn": .optional(request.granted?.date),
          ]))
      }
    },
    .each({ measure in measure.leadCapExceptions }) { exceptions, _ in
      exceptions.sorted { $0.key ?? "" < $1.key ?? "" }.map { phase, caps in
        DescribedField(name(ofLeadCapIn: phase), .optional(caps.last))
      }
    },
    earlierLeadCaps,
    .each({ measure in measure.externals }) { externals, _ in
      externals.map { external in
        DescribedField(
          "external:\(external.programme)/\(external.externalID)",
          .present([
            "from": .string(external.from.description), "until": .optional(external.until),
            "status": .optional(external.status?.status), "percent": .optional(external.status?.percent),
            "statusDate": .optional(external.status?.date), "received": .count(external.received.count),
          ]))
      }
    },
    .each({ measure in measure.assignments }) { assignments, plan in assignments.map { field($0, plan) } },
    .eachInPlan({ _, plan in plan.links }) { links, measure, plan in
      links.filter { $0.measure == measure.id }.map { field($0, plan) }
    },
    .value("externalRef") { measure in .external(measure.external) },
    source(\.id.value, \.source),
  ]

  private static let earlierDues = DescriptionPart<Measure>.earlier(
    { measure in measure.milestones }, { milestones in milestones.map { (name(of: $0), $0.dues) } },
    { due in ["due": .string(due.date.description), "beyondTerm": .bool(due.isBeyondTerm)] })

  private static let earlierLeadCaps = DescriptionPart<Measure>.earlier(
    { measure in measure.leadCapExceptions },
    { exceptions in exceptions.map { phase, caps in (name(ofLeadCapIn: phase), caps) } }, { cap in .count(cap) })

  /// Institutions, groups and placeholders have one shape.
  private static let party: [DescriptionPart<Party>] = [
    .value("slug") { party in .string(party.slug) },
    .timeline("short", \.shorts) { .optional($0) },
    .timeline("name", \.names) { .string($0) },
    .value("kind") { party in .string(party.kind) },
    .each({ party in party.aliases }) { aliases, _ in
      aliases.map {
        DescribedField("alias:\($0.name)", .present(["presumed": .bool($0.isPresumed), "until": .optional($0.until)]))
      }
    },
    .timelineInPlan("unitOf", \.parents) { parent, plan in .optional(plan.slug(of: parent)) },
    .timelineInPlan("hostedBy", \.hosts) { host, plan in .optional(plan.slug(of: host)) },
    .timelineInPlan("chair", \.chairs) { chair, plan in
      ["by": .optional(plan.slug(of: chair.by)), "kind": .string(chair.kind.rawValue)]
    },
    .inPlan("relativeTo") { party, plan in .optional(plan.slug(of: party.relativeTo)) },
    .each({ party in party.memberships }) { memberships, plan in
      memberships.map {
        DescribedField("member:\(slug($0.member, plan))", span($0.from, $0.until))
      }
    },
    .inPlan("steward") { party, plan in .optional(plan.slug(of: party.steward)) },
    .value("due") { party in .optional(party.due) },
    .value("dueInferred") { party in .bool(party.isDueInferred) },
    .each({ party in party.successions }) { successions, plan in
      successions.map { DescribedField("successor:\(slug($0.by, plan))", span($0.from, nil)) }
    },
    .inPlan("dissolved") { party, plan in
      party.dissolution.map {
        .present(["from": .string($0.from.description), "successor": .optional(plan.slug(of: $0.successor))])
      } ?? .null
    },
    .inPlan("resolved") { party, plan in
      party.resolution.map { resolution in
        [
          "from": .string(resolution.from.description),
          "institutions": .array(resolution.institutions.map { .string(slug($0, plan)) }),
        ]
      } ?? .null
    },
    .timeline("contact", \.contacts) { .integer($0.value) },
    source(\.id.value, \.source),
  ]

  private static let issue: [DescriptionPart<Issue>] = [
    .value("kind") { issue in .string(issue.kind.rawValue) },
    .inPlan("measure") { issue, plan in .optional(issue.measure.flatMap { plan.measures[$0]?.code }) },
    .inPlan("institution") { issue, plan in .optional(plan.slug(of: issue.institution)) },
    .value("state") { issue in .string(issue.state.rawValue) },
    .inPlan("level") { issue, plan in .optional(plan.lastLevel(of: issue)) },
    .value("deadline") { issue in .optional(issue.deadline) },
    .value("missedDeadlines") { issue in .count(issue.missedDeadlines) },
    .each({ issue in issue.followUps }) { followUps, plan in
      followUps.map { followUp in
        DescribedField(
          "follow-up:\(slug(followUp.responsible, plan))",
          .present([
            "due": .string(followUp.due.description),
            "completed": followUp.completed.map { .integer($0.position.value) } ?? .null,
          ]))
      }
    },
    source(\.id.value, \.source),
  ]

  /// What those contribute who do not lead, each report under its position, where a correction takes its place. What a
  /// lead reports is the measure's own condition and percentage.
  private static let contributions = DescriptionPart<Measure>(
    fields: { measure, plan in
      measure.reports.filter { $0.part == .contribution && $0.correctedBy == nil }.map {
        DescribedField(name(of: $0), json($0, plan))
      }
    },
    comparing: .subjects { old, new, plan, _, changes in
      let (reports, count) = (new.reports, old.reports.count)
      let first = changes.count
      for index in count..<max(count, reports.count) where reports[index].part == .contribution {
        let report = reports[index]
        // Only a correction goes back to what was there before.
        let isReport = report.origin == report.position
        let earlier = isReport ? nil : reports.prefix(count).last { $0.origin == report.origin }
        let field = name(of: report)
        let known = changes[first...].firstIndex { $0.field == field }
        let change = FieldChange(
          field: field, before: earlier.map { json($0, plan) } ?? .null, after: json(report, plan))
        if let known { changes[known] = change } else { changes.append(change) }
      }
    })

  private static func name(of report: Measure.ReportMark) -> String { "report:\(report.origin.value)" }

  private static func name(of milestone: Measure.Milestone) -> String { "milestone:\(milestone.title)" }

  private static func name(ofLeadCapIn phase: String?) -> String { "leadCap\(phase.map { "/\($0)" } ?? "")" }

  private static func json(_ report: Measure.ReportMark, _ plan: Plan) -> JSON {
    .present([
      "institution": .string(slug(report.institution, plan)), "condition": .string(report.condition),
      "percent": .optional(report.percent),
      "about": .string(report.effectiveDate.description),
    ])
  }

  // MARK: - Parts that several have

  /// Where something is printed: what came with it and what was cited later.
  private static func source<Root>(
    _ id: @escaping @Sendable (Root) -> EntityID, _ own: @escaping @Sendable (Root) -> [Citation]
  ) -> DescriptionPart<Root> {
    .eachInPlan({ root, plan in [own(root), plan.citations[id(root)] ?? []] }) { citations, _, _ in
      [DescribedField("source", .citations(citations.flatMap { $0 }))]
    }
  }

  private static func field(_ milestone: Measure.Milestone) -> DescribedField {
    DescribedField(
      name(of: milestone),
      .present([
        "due": .optional(milestone.due?.date), "reachedOn": .optional(milestone.reachedOn),
        "mandatory": .bool(milestone.isMandatory), "beyondTerm": .bool(milestone.due?.isBeyondTerm ?? false),
      ]))
  }

  private static func field(_ title: OtherTitle) -> DescribedField {
    DescribedField("other-title:\(title.title)", ["source": .citations(title.source)])
  }

  /// An assignment is named by what tells it apart in its measure, and says on which terms it holds.
  private static func field(_ assignment: Assignment, _ plan: Plan) -> DescribedField {
    let scope = [assignment.phase, assignment.subject].compactMap { $0 }.map { "/\($0)" }.joined()
    return DescribedField(
      "\(assignment.role.rawValue):\(slug(assignment.holder, plan))\(scope)",
      .present([
        "answer": .optional(assignment.answer.map { $0.isAcceptance ? "accepted" : "declined" }),
        "activeFrom": .optional(assignment.activeFrom), "from": .string(assignment.from.description),
        "until": .optional(assignment.until), "condition": .optional(assignment.condition),
        "wording": .optional(assignment.wording), "range": .optional(assignment.range),
        "source": assignment.source.isEmpty ? .null : .citations(assignment.source),
      ]))
  }

  private static func field(_ link: Link, _ plan: Plan) -> DescribedField {
    DescribedField(
      "link:\(link.kind.rawValue):\(plan.name(of: link.target))",
      .present([
        "source": .citations(link.source), "until": .optional(link.until),
      ]))
  }

  private static func json(_ version: PlanVersion) -> JSON {
    .present([
      "title": .string(version.title), "from": .string(version.from.description),
      "until": .string(version.until.description), "timeZone": .string(version.timeZone),
      "leadCap": .count(version.leadCap), "conditions": .array(version.conditions.map { .string($0) }),
      "ladder": .array(version.ladder.map { .string($0.slug.text) }),
      "horizons": .array(version.horizons.map { .string($0) }), "closedOn": .optional(version.closedOn),
      "continues": .optional(version.predecessor?.description),
      "labels": .array(version.labels.map { .string($0.slug.text) }), "resolution": .optional(version.resolution),
      "resolutionDate": .optional(version.resolutionDate), "resolutionBody": .optional(version.resolutionBody),
      "source": .citations(version.source),
    ])
  }

  /// How the name of a field tells a party apart.
  private static func slug(_ party: PartyID, _ plan: Plan) -> String { plan.slug(of: party) ?? party.description }

  private static func span(_ from: LocalDate, _ until: LocalDate?) -> JSON {
    .present(["from": .string(from.description), "until": .optional(until)])
  }
}

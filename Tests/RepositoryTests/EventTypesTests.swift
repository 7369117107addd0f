import Coordination
import EventSourcing
import Testing

struct EventTypesTests {
  /// Every event type that was ever written, with the names of its fields. Types and fields are a storage format: lines
  /// are added here, never edited. Renaming a Swift type changes nothing; a field more or less is a new version.
  private static let frozen: [String: [String]] = [
    "org.federwerk.action-field.added.v1": ["number", "slug", "title", "source"],
    "org.federwerk.feed.contract-changed.v1": ["contract"],
    "org.federwerk.feed.ended.v1": ["reason"],
    "org.federwerk.feed.subscribed.v1": ["slug", "partner", "history", "contract"],
    "org.federwerk.goal.revised.v1": ["letter", "title", "reason", "source"],
    "org.federwerk.goal.set.v1": ["cluster", "letter", "title", "source"],
    "org.federwerk.group.defined.v1": ["slug", "short", "name", "kind", "of", "source"],
    "org.federwerk.group.member-added.v1": ["member", "from", "until", "source"],
    "org.federwerk.group.member-removed.v1": ["member", "until", "reason"],
    "org.federwerk.institution.alias-added.v1": ["name", "presumed", "source"],
    "org.federwerk.institution.alias-withdrawn.v1": ["name", "reason"],
    "org.federwerk.institution.chair-declared.v1": ["by", "kind", "source"],
    "org.federwerk.institution.contact-appointed.v1": ["name", "function", "phone", "mail"],
    "org.federwerk.institution.contact-replaced.v1": ["name", "function", "phone", "mail"],
    "org.federwerk.institution.dissolved.v1": ["successor", "reason", "source"],
    "org.federwerk.institution.hosting-declared.v1": ["by", "source"],
    "org.federwerk.institution.registered.v1": ["slug", "short", "name", "kind", "source"],
    "org.federwerk.institution.renamed.v1": ["name", "short", "source"],
    "org.federwerk.institution.succeeded.v1": ["by", "source"],
    "org.federwerk.institution.unit-declared.v1": ["of", "source"],
    "org.federwerk.issue.closed.v1": ["reason"],
    "org.federwerk.issue.decision-deadline-missed.v1": ["level", "deadline"],
    "org.federwerk.issue.decision-deadline-set.v1": ["deadline", "reason"],
    "org.federwerk.issue.escalated.v1": ["level", "urgent", "deadline", "reason"],
    "org.federwerk.issue.escalation-decided.v1": [
      "outcome", "body", "level", "deferredTo", "returnedTo", "noFollowUp", "text",
    ],
    "org.federwerk.issue.escalation-returned.v1": ["level", "body", "reason"],
    "org.federwerk.issue.follow-up-assigned.v1": ["followUp", "responsible", "due", "text"],
    "org.federwerk.issue.follow-up-completed.v1": ["followUp", "text"],
    "org.federwerk.issue.raised.v1": ["kind", "measure", "institution", "text", "wish", "source"],
    "org.federwerk.issue.reopened.v1": ["reason"],
    "org.federwerk.issue.resolved.v1": ["reason"],
    "org.federwerk.issue.solution-accepted.v1": ["institution", "reason"],
    "org.federwerk.issue.solution-proposed.v1": ["institution", "text"],
    "org.federwerk.issue.taken-up.v1": ["reason"],
    "org.federwerk.issue.withdrawn.v1": ["reason"],
    "org.federwerk.log.epoch-opened.v1": ["previousEpoch", "publishedSize", "publishedRoot", "reason"],
    "org.federwerk.measure.added.v1": [
      "taskField", "numeral", "code", "title", "kind", "horizon", "deliverables", "note", "source",
    ],
    "org.federwerk.measure.assignment-accepted.v1": ["assignment", "institution"],
    "org.federwerk.measure.assignment-declined.v1": ["assignment", "institution", "reason"],
    "org.federwerk.measure.assignment-ended.v1": ["assignment", "until", "reason"],
    "org.federwerk.measure.carried-over.v1": [
      "predecessor", "version", "taskField", "parent", "numeral", "part", "code", "source",
    ],
    "org.federwerk.measure.condition-activated.v1": ["assignment", "from", "reason", "source"],
    "org.federwerk.measure.completed.v1": ["reason"],
    "org.federwerk.measure.consulted-assigned.v1": [
      "assignment", "holder", "phase", "subject", "condition", "wording", "range", "from", "until", "source",
    ],
    "org.federwerk.measure.contributor-assigned.v1": [
      "assignment", "holder", "phase", "subject", "condition", "wording", "range", "from", "until", "source",
    ],
    "org.federwerk.measure.deliverable-recorded.v1": ["deliverable", "reference", "source"],
    "org.federwerk.measure.dependency-declared.v1": ["link", "measure", "act", "source"],
    "org.federwerk.measure.dependency-lifted.v1": ["link", "reason"],
    "org.federwerk.measure.discontinued.v1": ["decision", "reason"],
    "org.federwerk.measure.examination-concluded.v1": ["result", "reason"],
    "org.federwerk.measure.external-measure-linked.v1": ["programme", "externalID", "source"],
    "org.federwerk.measure.external-status-recorded.v1": [
      "programme", "externalID", "statusID", "status", "percent", "date",
    ],
    "org.federwerk.measure.highlighted.v1": ["reason"],
    "org.federwerk.measure.lead-assigned.v1": [
      "assignment", "holder", "phase", "subject", "condition", "wording", "range", "from", "until", "source",
    ],
    "org.federwerk.measure.lead-cap-exception-granted.v1": ["phase", "leads", "reason"],
    "org.federwerk.measure.lead-handed-over.v1": ["assignment", "successor", "holder", "from", "until", "reason"],
    "org.federwerk.measure.lead-partner-assigned.v1": [
      "assignment", "holder", "phase", "subject", "condition", "wording", "range", "from", "until", "source",
    ],
    "org.federwerk.measure.linked.v1": ["link", "measure", "cluster", "source"],
    "org.federwerk.measure.moved.v1": ["taskField", "numeral", "code", "reason", "source"],
    "org.federwerk.measure.renumbered.v1": ["numeral", "part", "code", "reason", "source"],
    "org.federwerk.measure.role-clarified.v1": ["assignment", "role", "reason", "source"],
    "org.federwerk.measure.made-permanent.v1": ["reason"],
    "org.federwerk.measure.milestone-reached.v1": ["milestone", "on"],
    "org.federwerk.measure.milestone-rescheduled.v1": ["milestone", "due", "beyondTerm", "reason"],
    "org.federwerk.measure.milestone-set.v1": [
      "milestone", "title", "due", "mandatory", "beyondTerm", "reason", "source",
    ],
    "org.federwerk.measure.paused.v1": ["reason"],
    "org.federwerk.measure.phase-ended.v1": ["phase"],
    "org.federwerk.measure.phase-started.v1": ["phase"],
    "org.federwerk.measure.prioritised.v1": ["rank", "horizon", "reason"],
    "org.federwerk.measure.progress-reported.v1": ["institution", "part", "condition", "percent", "text"],
    "org.federwerk.measure.reopened.v1": ["reason"],
    "org.federwerk.measure.report-corrected.v1": ["report", "condition", "percent", "about", "text", "reason"],
    "org.federwerk.measure.resources-noted.v1": ["fund", "amount", "text"],
    "org.federwerk.measure.resumed.v1": ["reason"],
    "org.federwerk.measure.scheduled.v1": ["from", "until", "reason"],
    "org.federwerk.measure.strategy-linked.v1": ["link", "strategy", "source"],
    "org.federwerk.measure.sub-measure-added.v1": ["parent", "part", "code", "title", "kind", "note", "source"],
    "org.federwerk.measure.support-granted.v1": ["request", "text"],
    "org.federwerk.measure.support-requested.v1": ["request", "institution", "text"],
    "org.federwerk.measure.unclear-role-assigned.v1": [
      "assignment", "holder", "phase", "subject", "condition", "wording", "range", "from", "until", "source",
    ],
    "org.federwerk.partner.credential-rotated.v1": ["reason"],
    "org.federwerk.partner.registered.v1": ["slug", "name", "programmes"],
    "org.federwerk.partner.reinstated.v1": ["reason"],
    "org.federwerk.partner.suspended.v1": ["reason"],
    "org.federwerk.webhook.consent-required.v1": [],
    "org.federwerk.webhook.registered.v1": ["feed", "address"],
    "org.federwerk.webhook.removed.v1": ["reason"],
    "org.federwerk.webhook.secret-rotated.v1": [],
    "org.federwerk.placeholder.registered.v1": ["slug", "label", "steward", "due", "dueInferred", "source"],
    "org.federwerk.plan.adopted.v1": ["version", "resolution", "date", "body", "source"],
    "org.federwerk.plan.closed.v1": ["version", "date", "reason"],
    "org.federwerk.placeholder.resolved.v1": ["institutions", "reason", "source"],
    "org.federwerk.plan.created.v1": ["slug", "title", "source"],
    "org.federwerk.plan.cross-cutting-declared.v1": ["link", "cluster", "theme", "source"],
    "org.federwerk.plan.document-registered.v1": ["key", "title", "sha256"],
    "org.federwerk.plan.lists-configured.v1": ["version", "conditions", "horizons", "labels"],
    "org.federwerk.plan.link-ended.v1": ["link", "programme", "externalID", "reason"],
    "org.federwerk.plan.other-title-noted.v1": ["title", "source"],
    "org.federwerk.plan.personal-data-erased.v1": ["event", "fields", "reason"],
    "org.federwerk.plan.source-cited.v1": ["source"],
    "org.federwerk.plan.stated-figure-declared.v1": ["figure", "slug", "label", "counts", "value", "source"],
    "org.federwerk.plan.successor-started.v1": ["version", "predecessor"],
    "org.federwerk.plan.term-extended.v1": ["version", "until", "reason", "source"],
    "org.federwerk.plan.view-digest-recorded.v1": ["position", "validAt", "foldVersion", "digests"],
    "org.federwerk.plan.version-registered.v1": [
      "version", "slug", "title", "from", "until", "timeZone", "leadCap", "conditions", "ladder", "resolutionDate",
      "resolutionBody", "source",
    ],
    "org.federwerk.plan.wording-revised.v1": ["title", "reason"],
    "org.federwerk.plan.wording-revised.v2": ["title", "reason", "source"],
    "org.federwerk.strategy.registered.v1": ["slug", "title", "source"],
    "org.federwerk.task-field.added.v1": ["cluster", "number", "title", "description", "source"],
    "org.federwerk.theme-cluster.added.v1": ["actionField", "slug", "title", "source"],
  ]

  @Test func `the event types and their fields are the frozen ones`() {
    func names<Fact: PlanFact>(_ kind: Fact.Type) -> [String] { kind.record.fields.map(\.name) }
    let known = FactCatalogue.byType.mapValues { names($0) }
    for (type, fields) in Self.frozen {
      #expect(known[type] != nil, "\(type) is gone; what was written must stay readable")
      #expect(known[type].map { Set($0) } == Set(fields), "\(type)")
    }
    for type in known.keys.sorted() { #expect(Self.frozen[type] != nil, "\(type) is new: add it to the frozen list") }
  }
}

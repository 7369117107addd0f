package import EventSourcing

/// A plan as its log tells it: the state that commands are decided on and views are made from.
///
/// The maps are persistent, so a snapshot handed to readers costs nothing and never changes under them.
package struct Plan: Sendable {
  /// Raised whenever the fold changes its meaning; part of view digests and ETags.
  package static let foldVersion = 4

  package internal(set) var id: EntityID
  /// For whom it is folded: what that viewer must not know never gets into it.
  package let viewer: Viewer
  package internal(set) var slug = ""
  package internal(set) var titles = Timeline<String>()
  package internal(set) var otherTitles: [OtherTitle] = []
  package internal(set) var versions: [PlanVersion] = []
  package internal(set) var documents: [String: Document] = [:]
  package internal(set) var actionFields: [ActionField] = []
  package internal(set) var clusters: [ThemeCluster] = []
  package internal(set) var goals: [Goal] = []
  package internal(set) var taskFields: [TaskField] = []
  package internal(set) var statedFigures: [StatedFigure] = []
  package internal(set) var citations: [EntityID: [Citation]] = [:]
  package internal(set) var strategies: [Strategy] = []
  package internal(set) var links: [Link] = []
  package internal(set) var partners: [PartnerSystem] = []
  package internal(set) var feeds: [PartnerFeed] = []
  package internal(set) var webhooks: [Webhook] = []

  package internal(set) var measures: PersistentMap<MeasureID, Measure> = [:]
  /// All that ever had a code or are to have it.
  package internal(set) var measuresByCode: PersistentMap<String, [MeasureID]> = [:]
  package internal(set) var parties: PersistentMap<PartyID, Party> = [:]
  package internal(set) var partiesBySlug: PersistentMap<String, PartyID> = [:]
  package internal(set) var holdersOfNames: PersistentMap<String, PartyID> = [:]
  package internal(set) var measuresByAssignment: PersistentMap<EntityID, MeasureID> = [:]
  package internal(set) var measuresByExternalID: PersistentMap<String, MeasureID> = [:]
  package internal(set) var issues: PersistentMap<IssueID, Issue> = [:]
  package internal(set) var issuesByFollowUp: PersistentMap<EntityID, IssueID> = [:]
  /// Issues that wait for a decision, by the day on which it is due.
  package internal(set) var openDeadlines: PersistentMap<IssueID, LocalDate> = [:]

  /// Every thing that has events: when it began and which event was its last.
  package internal(set) var subjects: PersistentMap<EntityID, SubjectRecord> = [:]
  package internal(set) var erasableEvents = ErasableEvents()
  /// What views showed when that was recorded last; nil while it never was.
  package internal(set) var lastViewDigest: ViewDigestMark?
  package internal(set) var size: LogSize = .zero
  package internal(set) var lastRecordedAt: Timestamp?
  /// Whether anything in its log was made up by a simulation; all that is shown of the plan then says so.
  package internal(set) var isSimulated = false
  /// The last event that came from a plan file.
  package private(set) var lastImport: Position?

  package init(id: EntityID, for viewer: Viewer = .office) {
    self.id = id
    self.viewer = viewer
  }

  /// The version that is being delivered: the last one registered.
  package var currentVersion: PlanVersion? { versions.last }

  /// The version whose term had begun by a day; the first one before that.
  package func version(on date: LocalDate) -> PlanVersion? { versions.last { $0.from <= date } ?? versions.first }

  package var subject: Subject { Subject("plans", id) }

  /// Folds one event, as far as the viewer may know of it. Every fold of the program, live or rebuilding, goes through
  /// here in position order.
  ///
  /// - Returns: the fact as the viewer knows it, nil when it is hidden. Then nothing changes but that the log grew,
  ///   which its checkpoints tell everybody.
  @discardableResult
  package mutating func apply(_ fact: any PlanFact, _ record: EventRecord) -> (any PlanFact)? {
    guard let (fact, withheld) = seen(fact, record) else {
      size = record.position.sizeIncluding
      return nil
    }
    let known = subjects[record.subject.id]
    let isShared = viewer.circle != .internal || fact.isVisible(to: .participant, in: self, record)
    subjects[record.subject.id] = SubjectRecord(
      noun: record.subject.noun, start: known?.start ?? record.effectiveDate, version: record.position,
      sharedVersion: isShared ? record.position : known?.sharedVersion)
    if let fields = FactCatalogue.erasableFields[ObjectIdentifier(type(of: fact))] {
      let fields = withheld.isEmpty ? fields : fields.filter { !withheld.contains($0) }
      erasableEvents.append(fields, of: record.subject, at: record.position)
    }
    fact.apply(to: &self, record)
    size = record.position.sizeIncluding
    lastRecordedAt = record.recordedAt
    if record.recordedSource == .simulation { isSimulated = true }
    if record.recordedSource == .import { lastImport = record.position }
    return fact
  }
}

/// What the plan knows of anything that has events.
package struct SubjectRecord: Hashable, Sendable {
  package let noun: String
  package let start: LocalDate
  /// The position of its last event.
  package let version: Position
  /// The position of the last one that all who take part may know of.
  let sharedVersion: Position?
}

/// A further name under which something appears in print.
package struct OtherTitle: Hashable, Sendable {
  package let title: String
  package let source: [Citation]
}

/// A source document that citations refer to by key.
package struct Document: Hashable, Sendable {
  package let key: String
  package let title: String
  package let sha256: String?
}

/// What the plan words, and may word otherwise from a day on.
package protocol Titled {
  var titles: Timeline<String> { get }
}

extension Plan: Titled {}

extension Titled {
  /// The wording once everything recorded has taken effect.
  package var title: String { titles.last ?? "" }

  package func title(on date: LocalDate) -> String { titles.value(at: date) ?? titles.first ?? "" }
}

/// Action field (Handlungsfeld).
package struct ActionField: Titled, Hashable, Sendable {
  package let id: EntityID
  package let number: Int
  package let slug: String
  package internal(set) var titles: Timeline<String>
  package let source: [Citation]
}

/// Theme cluster (Themencluster).
package struct ThemeCluster: Titled, Hashable, Sendable {
  package let id: EntityID
  package let actionField: EntityID
  package let slug: String
  package internal(set) var titles: Timeline<String>
  package internal(set) var otherTitles: [OtherTitle] = []
  package let source: [Citation]
}

/// Goal (Ziel) of a theme cluster; the letter is missing where the plan prints only one.
package struct Goal: Titled, Hashable, Sendable {
  package let id: EntityID
  package let cluster: EntityID
  package internal(set) var letter: String?
  package internal(set) var titles: Timeline<String>
  package let source: [Citation]
}

/// Task field (Aufgabenfeld) of a theme cluster.
package struct TaskField: Titled, Hashable, Sendable {
  package let id: EntityID
  package let cluster: EntityID
  /// Nil where the plan prints no number; codes then say 1.
  package let number: Int?
  package internal(set) var titles: Timeline<String>
  package let description: String?
  package let source: [Citation]

  package var codeNumber: Int { number ?? 1 }
}

/// A figure that the plan states about itself, kept beside the real count (§7).
package struct StatedFigure: Hashable, Sendable {
  package enum Counted: String, ChoiceFieldValue {
    case actionFields = "action-fields"
    case themeClusters = "theme-clusters"
    case goals, measures, institutions
    case taskFields = "task-fields"
  }

  package let id: EntityID
  package let slug: String
  package let label: String
  package let counts: Counted
  package let value: Int
  package let source: [Citation]
}

/// One step of the escalation ladder.
package struct LadderLevel: RecordFieldValue, Hashable {
  package enum Mandate: String, ChoiceFieldValue { case decide, advise }

  package let slug: Slug
  package let title: Label
  /// Slug of the body that sits at this level.
  package let body: Slug?
  /// What the body may do there; `decide` unless said otherwise.
  package let mandate: Mandate?

  package static let record = Record(
    Self.init(slug:title:body:mandate:),
    Field("slug", \.slug), Field("title", \.title), Field("body", \.body), Field("mandate", \.mandate))

  package init(slug: Slug, title: Label, body: Slug?, mandate: Mandate?) {
    self.slug = slug
    self.title = title
    self.body = body
    self.mandate = mandate
  }
}

/// How an entry of a list, such as a state or condition, is called.
package struct ListLabel: RecordFieldValue, Hashable {
  package let slug: Slug
  package let german: Label
  package let english: Label

  package static let record = Record(
    Self.init(slug:german:english:), Field("slug", \.slug), Field("de", \.german), Field("en", \.english))

  package init(slug: Slug, german: Label, english: Label) {
    self.slug = slug
    self.german = german
    self.english = english
  }
}

/// One version of the plan (Planfassung) with the rules that are data.
package struct PlanVersion: Hashable, Sendable {
  package let id: EntityID
  package let slug: String
  package let title: String
  package let from: LocalDate
  package internal(set) var until: LocalDate
  /// IANA name; "today" of this plan is a day there.
  package let timeZone: String
  /// How many leads a measure may have per phase (§1).
  package let leadCap: Int
  /// Conditions from best to worst; `not-assessed` is always allowed.
  package internal(set) var conditions: [String]
  /// When a measure is to be delivered, nearest first (§9).
  package internal(set) var horizons = ["short-term", "medium-term", "long-term"]
  package let ladder: [LadderLevel]
  /// When and by whom the version was adopted; a version without a date is a draft.
  package internal(set) var resolutionDate: LocalDate?
  package internal(set) var resolutionBody: String?
  package let source: [Citation]
  /// What to cite the resolution by, where it was recorded on its own.
  package internal(set) var resolution: String?
  /// The version that this one continues (Fortschreibung).
  package internal(set) var predecessor: EntityID?
  /// The day from which the version is closed (§8).
  package internal(set) var closedOn: LocalDate?
  /// How people read the entries of its lists.
  package internal(set) var labels: [ListLabel] = []
}

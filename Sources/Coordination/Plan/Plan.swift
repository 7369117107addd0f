public import EventSourcing

/// A plan as its log tells it: the state that commands are decided on and views are made from.
///
/// The maps are persistent, so a snapshot handed to readers costs nothing and never changes under them.
public struct Plan: Sendable {
  /// Raised whenever the fold changes its meaning; part of view digests and ETags.
  public static let foldVersion = 5

  public internal(set) var id: EntityID
  /// For whom it is folded: what that viewer must not know never gets into it.
  public let viewer: Viewer
  public internal(set) var slug = ""
  public internal(set) var titles = Timeline<String>()
  public internal(set) var otherTitles: [OtherTitle] = []
  public internal(set) var versions: [PlanVersion] = []
  public internal(set) var documents: [String: Document] = [:]
  public internal(set) var actionFields: [ActionField] = []
  public internal(set) var clusters: [ThemeCluster] = []
  public internal(set) var goals: [Goal] = []
  public internal(set) var taskFields: [TaskField] = []
  public internal(set) var statedFigures: [StatedFigure] = []
  public internal(set) var citations: [EntityID: [Citation]] = [:]
  public internal(set) var strategies: [Strategy] = []
  public internal(set) var links: [Link] = []
  public internal(set) var partners: [PartnerSystem] = []
  public internal(set) var feeds: [PartnerFeed] = []
  public internal(set) var webhooks: [Webhook] = []

  public internal(set) var measures: PersistentMap<MeasureID, Measure> = [:]
  /// All that ever had a code or are to have it.
  public internal(set) var measuresByCode: PersistentMap<String, [MeasureID]> = [:]
  public internal(set) var parties: PersistentMap<PartyID, Party> = [:]
  public internal(set) var partiesBySlug: PersistentMap<String, PartyID> = [:]
  public internal(set) var holdersOfNames: PersistentMap<String, PartyID> = [:]
  public internal(set) var measuresByAssignment: PersistentMap<EntityID, MeasureID> = [:]
  /// All that another programme's id ever named or is to name.
  public internal(set) var measuresByExternalID: PersistentMap<String, [MeasureID]> = [:]
  public internal(set) var issues: PersistentMap<IssueID, Issue> = [:]
  public internal(set) var issuesByFollowUp: PersistentMap<EntityID, IssueID> = [:]
  /// Issues that wait for a decision, by the day on which it is due.
  public internal(set) var openDeadlines: PersistentMap<IssueID, LocalDate> = [:]

  /// Every thing that has events: when it began and which event was its last.
  public internal(set) var subjects: PersistentMap<EntityID, SubjectRecord> = [:]
  public internal(set) var erasableEvents = ErasableEvents()
  /// What views showed when that was recorded last; nil while it never was.
  public internal(set) var lastViewDigest: ViewDigestMark?
  public internal(set) var size: LogSize = .zero
  public internal(set) var lastRecordedAt: Timestamp?
  /// Whether anything in its log was made up by a simulation; all that is shown of the plan then says so.
  public internal(set) var isSimulated = false
  /// The first event that came from a plan file, and the last one.
  public private(set) var firstImport: Position?
  public private(set) var lastImport: Position?

  public init(id: EntityID, for viewer: Viewer = .office) {
    self.id = id
    self.viewer = viewer
  }

  /// The version that is being delivered: the last one registered.
  public var currentVersion: PlanVersion? { versions.last }

  /// The version whose term had begun by a day; the first one before that.
  public func version(on date: LocalDate) -> PlanVersion? { versions.last { $0.from <= date } ?? versions.first }

  public var subject: Subject { Subject("plans", id) }

  /// Folds one event, as far as the viewer may know of it. Every fold of the program, live or rebuilding, goes through
  /// here in position order.
  ///
  /// - Returns: the fact as the viewer knows it, nil when it is hidden. Then nothing changes but that the log grew,
  ///   which its checkpoints tell everybody.
  @discardableResult
  public mutating func apply(_ fact: any PlanFact, _ record: EventRecord) -> (any PlanFact)? {
    guard let (fact, withheld) = seen(fact, record) else {
      pass(over: record)
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
    if record.recordedSource == .import {
      firstImport = firstImport ?? record.position
      lastImport = record.position
    }
    return fact
  }

  /// Leaves an event out of the fold: nothing changes but that the log grew.
  public mutating func pass(over record: EventRecord) { size = record.position.sizeIncluding }
}

/// What the plan knows of anything that has events.
public struct SubjectRecord: Hashable, Sendable {
  public let noun: String
  public let start: LocalDate
  /// The position of its last event.
  public let version: Position
  /// The position of the last one that all who take part may know of.
  let sharedVersion: Position?
}

/// A further name under which something appears in print.
public struct OtherTitle: Hashable, Sendable {
  public let title: String
  public let source: [Citation]
}

/// A source document that citations refer to by key.
public struct Document: Hashable, Sendable {
  public let key: String
  public let title: String
  public let sha256: String?
}

/// What the plan words, and may word otherwise from a day on.
public protocol Titled {
  var titles: Timeline<String> { get }
}

extension Plan: Titled {}

extension Titled {
  /// The wording once everything recorded has taken effect.
  public var title: String { titles.last ?? "" }

  public func title(on date: LocalDate) -> String { titles.value(at: date) ?? titles.first ?? "" }

  /// Whether it is part of the plan on a day: it has a wording from its beginning on.
  public func exists(on date: LocalDate) -> Bool { titles.entry(at: date) != nil }
}

/// Action field (Handlungsfeld).
public struct ActionField: Titled, Hashable, Sendable {
  public let id: EntityID
  public let number: Int
  public let slug: String
  public internal(set) var titles: Timeline<String>
  public let source: [Citation]
}

/// Theme cluster (Themencluster).
public struct ThemeCluster: Titled, Hashable, Sendable {
  public let id: EntityID
  public let actionField: EntityID
  public let slug: String
  public internal(set) var titles: Timeline<String>
  public internal(set) var otherTitles: [OtherTitle] = []
  public let source: [Citation]
}

/// Goal (Ziel) of a theme cluster; the letter is missing where the plan prints only one.
public struct Goal: Titled, Hashable, Sendable {
  public let id: EntityID
  public let cluster: EntityID
  public internal(set) var letter: String?
  public internal(set) var titles: Timeline<String>
  public let source: [Citation]
}

/// Task field (Aufgabenfeld) of a theme cluster.
public struct TaskField: Titled, Hashable, Sendable {
  public let id: EntityID
  public let cluster: EntityID
  /// Nil where the plan prints no number; codes then say 1.
  public let number: Int?
  public internal(set) var titles: Timeline<String>
  public let description: String?
  public let source: [Citation]

  public var codeNumber: Int { number ?? 1 }
}

/// A figure that the plan states about itself, kept beside the real count (§7).
public struct StatedFigure: Hashable, Sendable {
  public enum Counted: String, ChoiceFieldValue {
    case actionFields = "action-fields"
    case themeClusters = "theme-clusters"
    case goals, measures, institutions
    case taskFields = "task-fields"
  }

  public let id: EntityID
  public let slug: String
  public let label: String
  public let counts: Counted
  public let value: Int
  public let source: [Citation]
}

/// One step of the escalation ladder.
public struct LadderLevel: RecordFieldValue, Hashable {
  public enum Mandate: String, ChoiceFieldValue { case decide, advise }

  public let slug: Slug
  public let title: Label
  /// Slug of the body that sits at this level.
  public let body: Slug?
  /// What the body may do there; `decide` unless said otherwise.
  public let mandate: Mandate?

  public static let record = Record(
    Self.init(slug:title:body:mandate:),
    Field("slug", \.slug), Field("title", \.title), Field("body", \.body), Field("mandate", \.mandate))

  public init(slug: Slug, title: Label, body: Slug?, mandate: Mandate?) {
    self.slug = slug
    self.title = title
    self.body = body
    self.mandate = mandate
  }
}

/// How an entry of a list, such as a state or condition, is called.
public struct ListLabel: RecordFieldValue, Hashable {
  public let slug: Slug
  public let german: Label
  public let english: Label

  public static let record = Record(
    Self.init(slug:german:english:), Field("slug", \.slug), Field("de", \.german), Field("en", \.english))

  public init(slug: Slug, german: Label, english: Label) {
    self.slug = slug
    self.german = german
    self.english = english
  }
}

/// One version of the plan (Planfassung) with the rules that are data.
public struct PlanVersion: Hashable, Sendable {
  public let id: EntityID
  public let slug: String
  public let title: String
  public let from: LocalDate
  public internal(set) var until: LocalDate
  /// IANA name; "today" of this plan is a day there.
  public let timeZone: String
  /// How many leads a measure may have per phase (§1).
  public let leadCap: Int
  /// Conditions from best to worst; `not-assessed` is always allowed.
  public internal(set) var conditions: [String]
  /// When a measure is to be delivered, nearest first (§9).
  public internal(set) var horizons = ["short-term", "medium-term", "long-term"]
  public let ladder: [LadderLevel]
  /// When and by whom the version was adopted; a version without a date is a draft.
  public internal(set) var resolutionDate: LocalDate?
  public internal(set) var resolutionBody: String?
  public let source: [Citation]
  /// What to cite the resolution by, where it was recorded on its own.
  public internal(set) var resolution: String?
  /// The version that this one continues (Fortschreibung).
  public internal(set) var predecessor: EntityID?
  /// The day from which the version is closed (§8).
  public internal(set) var closedOn: LocalDate?
  /// How people read the entries of its lists.
  public internal(set) var labels: [ListLabel] = []
}

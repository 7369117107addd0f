public import EventSourcing

public typealias MeasureID = Identifier<Measure>

/// A measure (Maßnahme) or sub-measure (Teilmaßnahme): the unit that is tracked.
public struct Measure: Hashable, Sendable {
  /// What a measure sets out to do.
  public enum Kind: String, ChoiceFieldValue {
    case deliver
    /// Find out whether (Prüfauftrag).
    case examine
    case `continue`
    case setUpBody = "set-up-body"
    case recurring
  }

  /// Where a measure stands in its life; `LifeCycle.swift` says how it gets there.
  public enum State: String, Sendable, CaseIterable {
    case proposed, admitted, planned, running, paused, completed
    /// Completed, and kept up for good (verstetigt).
    case permanent
    case discontinued
    /// Delivered under another programme, which keeps id, lead and authority (§28).
    case external
  }

  /// Where a measure stands in the plan, and so what it is called by (§6).
  public struct Place: Hashable, Sendable {
    public let taskField: EntityID
    /// Roman numeral of the measure itself; a part carries that of its whole.
    public let numeral: Numeral
    /// Letter (`A`) or slug of a part.
    public let part: String?
    public let code: String
  }

  public let id: MeasureID
  /// The measure that this is a part of.
  public let parent: MeasureID?
  /// Where it stands, from its beginning on; never empty. The places of a part follow from those of its whole.
  public internal(set) var places: Timeline<Place>
  /// What tells a part apart in its whole; empty of a whole.
  var letters = Timeline<String>()
  public internal(set) var titles: Timeline<String>
  public let kind: Kind
  public let horizon: String?
  public let deliverables: [String]
  public let note: String?
  public let source: [Citation]
  public internal(set) var states: Timeline<State>
  public internal(set) var conditions = Timeline<String>()
  public internal(set) var percents = Timeline<Int?>()
  /// All reports and corrections in the order of the log.
  public internal(set) var reports = AppendList<ReportMark>()
  /// The two reports of the lead that are about the latest days, newest last.
  public internal(set) var lastReports: [ReportMark] = []
  public internal(set) var reportCount = 0
  public internal(set) var assignments: [Assignment] = []
  /// How many leads are allowed beyond the plan's own cap, by phase.
  public internal(set) var leadCapExceptions: [String?: Timeline<Int>] = [:]
  public internal(set) var parts: [MeasureID] = []
  /// The ids that other programmes give it or gave it, newest last.
  public internal(set) var externals: [ExternalReference] = []
  /// When issues about it became open (1) or ceased to be (-1), in the order of the log.
  var issueChanges = AppendList<IssueChange>()
  /// The version of the plan that it belongs to.
  public internal(set) var version: EntityID?
  /// The measure of an earlier version that it continues, and the one of a later version that continues it (§38).
  public internal(set) var predecessor: MeasureID?
  public internal(set) var successor: MeasureID?

  public internal(set) var priorities = Timeline<Priority>()
  public internal(set) var schedules = Timeline<Schedule>()
  public internal(set) var milestones: [Milestone] = []
  public internal(set) var phases: [PhaseSpan] = []
  /// What came out, beside what the plan promised in `deliverables`.
  public internal(set) var recordedDeliverables: [DeliverableMark] = []
  /// The result of an examination; none again once it is reopened.
  public internal(set) var examinations = Timeline<ExaminationResult?>()
  public internal(set) var resourceNotes: [ResourceNote] = []
  public internal(set) var highlighted: Mark?
  public internal(set) var supportRequests: [SupportRequest] = []

  public var subject: Subject { Subject("measures", id.value) }

  /// Its place once everything recorded has taken effect.
  public var place: Place { places.entries[places.entries.count - 1].value }

  /// Its place on a day; before its beginning the first one.
  public func place(on date: LocalDate) -> Place { places.value(at: date) ?? places.entries[0].value }

  /// What it is called by once everything recorded has taken effect.
  public var code: String { place.code }

  public func code(on date: LocalDate) -> String { place(on: date).code }

  /// The id that another programme gives it now.
  public var external: ExternalReference? { externals.last { $0.until == nil } }

  /// The id that another programme gives it on a day.
  public func external(on date: LocalDate) -> ExternalReference? { externals.last { $0.holds(on: date) } }
}

/// A Roman numeral from I to XXX in its one correct spelling (§6).
public struct Numeral: TextFieldValue, Comparable, CustomStringConvertible {
  public static let lengthMax = 8
  public static let pattern: String? = "^(XXX|X{1,2}(IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3})$"
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine römische Zahl von I bis XXX.", en: "Expected a Roman numeral from I to XXX.")

  private static let spellings: [String: Int] = Dictionary(
    uniqueKeysWithValues: (1...30).map { (spelling(of: $0), $0) })

  public let text: String
  public let number: Int

  public init?(normalized text: String) {
    guard let number = Self.spellings[text] else { return nil }
    self.text = text
    self.number = number
  }

  public init?(_ number: Int) { self.init(normalized: Self.spelling(of: number)) }

  public var description: String { text }

  public static func < (left: Numeral, right: Numeral) -> Bool { left.number < right.number }

  private static func spelling(of number: Int) -> String {
    var rest = number
    var text = ""
    for (value, sign) in [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
      while rest >= value {
        text += sign
        rest -= value
      }
    }
    return text
  }
}

/// Names a measure by code (`fachkraefte.1.I`) or id.
public struct MeasureReference: TextFieldValue {
  public static let lengthMax = 120
  public static let expectation = LocalizedText(
    de: "Erwartet wird der Code oder die Kennung einer Maßnahme.", en: "Expected a measure's code or id.")

  public let text: String

  public init?(normalized text: String) { self.text = text }

  public init(_ id: MeasureID) { text = id.description }
}

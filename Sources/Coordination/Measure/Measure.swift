package import EventSourcing

package typealias MeasureID = Identifier<Measure>

/// A measure (Maßnahme) or sub-measure (Teilmaßnahme): the unit that is tracked.
package struct Measure: Hashable, Sendable {
  /// What a measure sets out to do.
  package enum Kind: String, ChoiceFieldValue {
    case deliver
    /// Find out whether (Prüfauftrag).
    case examine
    case `continue`
    case setUpBody = "set-up-body"
    case recurring
  }

  /// Where a measure stands in its life; `LifeCycle.swift` says how it gets there.
  package enum State: String, Sendable, CaseIterable {
    case proposed, admitted, planned, running, paused, completed
    /// Completed, and kept up for good (verstetigt).
    case permanent
    case discontinued
    /// Delivered under another programme, which keeps id, lead and authority (§28).
    case external
  }

  /// Where a measure stands in the plan, and so what it is called by (§6).
  package struct Place: Hashable, Sendable {
    package let taskField: EntityID
    /// Roman numeral of the measure itself; a part carries that of its whole.
    package let numeral: Numeral
    /// Letter (`A`) or slug of a part.
    package let part: String?
    package let code: String
  }

  package let id: MeasureID
  /// The measure that this is a part of.
  package let parent: MeasureID?
  /// Where it stands, from its beginning on; never empty. The places of a part follow from those of its whole.
  package internal(set) var places: Timeline<Place>
  /// What tells a part apart in its whole; empty of a whole.
  var letters = Timeline<String>()
  package internal(set) var titles: Timeline<String>
  package let kind: Kind
  package let horizon: String?
  package let deliverables: [String]
  package let note: String?
  package let source: [Citation]
  package internal(set) var states: Timeline<State>
  package internal(set) var conditions = Timeline<String>()
  package internal(set) var percents = Timeline<Int?>()
  /// All reports and corrections in the order of the log.
  package internal(set) var reports = AppendList<ReportMark>()
  /// The two reports of the lead that are about the latest days, newest last.
  package internal(set) var lastReports: [ReportMark] = []
  package internal(set) var reportCount = 0
  package internal(set) var assignments: [Assignment] = []
  /// How many leads are allowed beyond the plan's own cap, by phase.
  package internal(set) var leadCapExceptions: [String?: Timeline<Int>] = [:]
  package internal(set) var parts: [MeasureID] = []
  /// The ids that other programmes give it or gave it, newest last.
  package internal(set) var externals: [ExternalReference] = []
  /// When issues about it became open (1) or ceased to be (-1), in the order of the log.
  var issueChanges = AppendList<IssueChange>()
  /// The version of the plan that it belongs to.
  package internal(set) var version: EntityID?
  /// The measure of an earlier version that it continues, and the one of a later version that continues it (§38).
  package internal(set) var predecessor: MeasureID?
  package internal(set) var successor: MeasureID?

  package internal(set) var priorities = Timeline<Priority>()
  package internal(set) var schedules = Timeline<Schedule>()
  package internal(set) var milestones: [Milestone] = []
  package internal(set) var phases: [PhaseSpan] = []
  /// What came out, beside what the plan promised in `deliverables`.
  package internal(set) var recordedDeliverables: [DeliverableMark] = []
  /// The result of an examination; none again once it is reopened.
  package internal(set) var examinations = Timeline<ExaminationResult?>()
  package internal(set) var resourceNotes: [ResourceNote] = []
  package internal(set) var highlighted: Mark?
  package internal(set) var supportRequests: [SupportRequest] = []

  package var subject: Subject { Subject("measures", id.value) }

  /// Its place once everything recorded has taken effect.
  package var place: Place { places.entries[places.entries.count - 1].value }

  /// Its place on a day; before its beginning the first one.
  package func place(on date: LocalDate) -> Place { places.value(at: date) ?? places.entries[0].value }

  /// What it is called by once everything recorded has taken effect.
  package var code: String { place.code }

  package func code(on date: LocalDate) -> String { place(on: date).code }

  /// The id that another programme gives it now.
  package var external: ExternalReference? { externals.last { $0.until == nil } }

  /// The id that another programme gives it on a day.
  package func external(on date: LocalDate) -> ExternalReference? { externals.last { $0.holds(on: date) } }
}

/// A Roman numeral from I to XXX in its one correct spelling (§6).
package struct Numeral: TextFieldValue, Comparable, CustomStringConvertible {
  package static let lengthMax = 8
  package static let pattern: String? = "^(XXX|X{1,2}(IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3})$"
  package static let expectation = LocalizedText(
    de: "Erwartet wird eine römische Zahl von I bis XXX.", en: "Expected a Roman numeral from I to XXX.")

  private static let spellings: [String: Int] = Dictionary(
    uniqueKeysWithValues: (1...30).map { (spelling(of: $0), $0) })

  package let text: String
  package let number: Int

  package init?(normalized text: String) {
    guard let number = Self.spellings[text] else { return nil }
    self.text = text
    self.number = number
  }

  package init?(_ number: Int) { self.init(normalized: Self.spelling(of: number)) }

  package var description: String { text }

  package static func < (left: Numeral, right: Numeral) -> Bool { left.number < right.number }

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
package struct MeasureReference: TextFieldValue {
  package static let lengthMax = 120
  package static let expectation = LocalizedText(
    de: "Erwartet wird der Code oder die Kennung einer Maßnahme.", en: "Expected a measure's code or id.")

  package let text: String

  package init?(normalized text: String) { self.text = text }

  package init(_ id: MeasureID) { text = id.description }
}

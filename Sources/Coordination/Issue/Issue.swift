package import EventSourcing

package typealias IssueID = Identifier<Issue>

/// A question or difficulty on its way to a solution.
package struct Issue: Hashable, Sendable {
  package enum Kind: String, ChoiceFieldValue {
    case question, obstacle
    case decisionNeeded = "decision-needed"
  }

  package struct Solution: Hashable, Sendable {
    /// Nil when the office proposed it.
    package let institution: PartyID?
    package let proposed: Mark
    package internal(set) var accepted: Mark?
  }

  package struct MissedDeadline: Hashable, Sendable {
    package let deadline: LocalDate
    package let level: String
    package let mark: Mark
  }

  /// What a body said when the issue was before it.
  package struct Decision: Hashable, Sendable {
    package enum Outcome: String, ChoiceFieldValue { case decide, `return`, `defer`, refuse }

    package let outcome: Outcome
    package let body: PartyID
    package let level: String
    package let deferredTo: LocalDate?
    package let decided: Mark
  }

  /// What somebody has to do because of a decision.
  package struct FollowUp: Hashable, Sendable {
    package let id: EntityID
    package let responsible: PartyID
    package let due: LocalDate
    package let assigned: Mark
    package internal(set) var completed: Mark?
  }

  package let id: IssueID
  package let kind: Kind
  /// The measure it is about; nil when it is about the plan.
  package let measure: MeasureID?
  /// Who raised it; nil when the office did.
  package let institution: PartyID?
  package let raisedOn: LocalDate
  package let raisedAt: Position
  package internal(set) var states: Timeline<State>
  /// Slugs of the levels it was taken to; nil from a reopening on, which starts again at the bottom of the ladder.
  package internal(set) var levels = Timeline<String?>()
  /// By when a decision is due; nil from the day on which none is awaited any more.
  package internal(set) var deadlines = Timeline<LocalDate?>()
  package internal(set) var missed: [MissedDeadline] = []
  package internal(set) var solutions: [Solution] = []
  package internal(set) var decisions: [Decision] = []
  package internal(set) var followUps: [FollowUp] = []
  package let source: [Citation]

  package var subject: Subject { Subject("issues", id.value) }

  /// Whose own affair it is: who raised it, and the measure that it is about.
  var concerned: [EntityID] { [institution?.value, measure?.value].compactMap(\.self) }

  /// The state once everything recorded has taken effect: what the next step is judged on.
  package var state: State { states.last ?? .raised }
  package var level: String? { levels.last ?? nil }
  package var deadline: LocalDate? { deadlines.last ?? nil }

  package var missedDeadlines: Int { missed.count }

  /// Whether somebody still has to care for it.
  package var isOpen: Bool { state != .closed && state != .withdrawn }

  /// Whether somebody had to care for it on a day; false before it was raised.
  package func isOpen(on date: LocalDate) -> Bool {
    states.value(at: date).map { $0 != .closed && $0 != .withdrawn } ?? false
  }

  /// The deadline that the clock watches: none once it was missed, until a new one is set.
  var watchedDeadline: LocalDate? {
    guard let set = deadlines.entries.last, let deadline = set.value,
      !missed.contains(where: { $0.mark.position > set.position })
    else { return nil }
    return deadline
  }

  /// Enters a state; only an escalated issue waits for a decision.
  mutating func enter(_ state: State, deadline: LocalDate? = nil, _ record: EventRecord) {
    states.record(state, from: record.effectiveDate, at: record.position)
    deadlines.record(deadline, from: record.effectiveDate, at: record.position)
  }

  mutating func move(toLevel level: String?, _ record: EventRecord) {
    levels.record(level, from: record.effectiveDate, at: record.position)
  }
}

extension Plan {
  /// The ladder by which issues are taken up on a day: that of the version in force then, whichever version an issue
  /// was raised under.
  package func ladder(on date: LocalDate) -> [LadderLevel] { version(on: date)?.ladder ?? [] }

  /// A level of the ladder by slug, as it is on a day: an issue may stand at one that only another version of the plan
  /// has.
  package func ladderLevel(_ slug: String, on date: LocalDate) -> LadderLevel? {
    let ladders = [ladder(on: date)] + versions.reversed().map(\.ladder)
    return ladders.lazy.compactMap { $0.first { $0.slug.text == slug } }.first
  }

  /// Where an issue stands; one that was never taken up the ladder lies at its bottom.
  package func level(of issue: Issue, on date: LocalDate) -> LadderLevel? {
    let slug = issue.levels.value(at: date) ?? nil
    return slug.map { ladderLevel($0, on: date) } ?? ladder(on: date).first
  }

  /// The slug of the level at which an issue stands once everything recorded has taken effect.
  package func lastLevel(of issue: Issue) -> String? { issue.level ?? currentVersion?.ladder.first?.slug.text }
}

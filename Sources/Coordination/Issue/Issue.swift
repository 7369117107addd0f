public import EventSourcing

public typealias IssueID = Identifier<Issue>

/// A question or difficulty on its way to a solution.
public struct Issue: Hashable, Sendable {
  public enum Kind: String, ChoiceFieldValue {
    case question, obstacle
    case decisionNeeded = "decision-needed"
  }

  public struct Solution: Hashable, Sendable {
    /// Nil when the office proposed it.
    public let institution: PartyID?
    public let proposed: Mark
    public internal(set) var accepted: Mark?
  }

  public struct MissedDeadline: Hashable, Sendable {
    public let deadline: LocalDate
    public let level: String
    public let mark: Mark
  }

  /// What a body said when the issue was before it.
  public struct Decision: Hashable, Sendable {
    public enum Outcome: String, ChoiceFieldValue { case decide, `return`, `defer`, refuse }

    public let outcome: Outcome
    public let body: PartyID
    public let level: String
    public let deferredTo: LocalDate?
    public let decided: Mark
  }

  /// What somebody has to do because of a decision.
  public struct FollowUp: Hashable, Sendable {
    public let id: EntityID
    public let responsible: PartyID
    public let due: LocalDate
    public let assigned: Mark
    public internal(set) var completed: Mark?
  }

  public let id: IssueID
  public let kind: Kind
  /// The measure it is about; nil when it is about the plan.
  public let measure: MeasureID?
  /// Who raised it; nil when the office did.
  public let institution: PartyID?
  public let raisedOn: LocalDate
  public let raisedAt: Position
  public internal(set) var states: Timeline<State>
  /// Slugs of the levels it was taken to; nil from a reopening on, which starts again at the bottom of the ladder.
  public internal(set) var levels = Timeline<String?>()
  /// By when a decision is due; nil from the day on which none is awaited any more.
  public internal(set) var deadlines = Timeline<LocalDate?>()
  public internal(set) var missed: [MissedDeadline] = []
  public internal(set) var solutions: [Solution] = []
  public internal(set) var decisions: [Decision] = []
  public internal(set) var followUps: [FollowUp] = []
  public let source: [Citation]

  public var subject: Subject { Subject("issues", id.value) }

  /// Whose own affair it is: who raised it, and the measure that it is about.
  var concerned: [EntityID] { [institution?.value, measure?.value].compactMap(\.self) }

  /// The state once everything recorded has taken effect: what the next step is judged on.
  public var state: State { states.last ?? .raised }
  public var level: String? { levels.last ?? nil }
  public var deadline: LocalDate? { deadlines.last ?? nil }

  public var missedDeadlines: Int { missed.count }

  /// Whether somebody still has to care for it.
  public var isOpen: Bool { state != .closed && state != .withdrawn }

  /// Whether somebody had to care for it on a day; false before it was raised.
  public func isOpen(on date: LocalDate) -> Bool {
    states.value(at: date).map { $0 != .closed && $0 != .withdrawn } ?? false
  }

  /// The deadline that the clock watches: the first one that no step takes effect in time for and that was not missed
  /// yet. A step that is recorded for a later day leaves the deadline that still runs where it is.
  var watchedDeadline: LocalDate? {
    let steps = deadlines.entries
    for (index, set) in steps.enumerated() {
      guard let deadline = set.value, index + 1 == steps.count || deadline < steps[index + 1].effectiveDate,
        !missed.contains(where: { $0.deadline == deadline && $0.mark.position > set.position })
      else { continue }
      return deadline
    }
    return nil
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
  public func ladder(on date: LocalDate) -> [LadderLevel] { version(on: date)?.ladder ?? [] }

  /// A level of the ladder by slug, as it is on a day: an issue may stand at one that only another version of the plan
  /// has.
  public func ladderLevel(_ slug: String, on date: LocalDate) -> LadderLevel? {
    let ladders = [ladder(on: date)] + versions.reversed().map(\.ladder)
    return ladders.lazy.compactMap { $0.first { $0.slug.text == slug } }.first
  }

  /// Where an issue stands; one that was never taken up the ladder lies at its bottom.
  public func level(of issue: Issue, on date: LocalDate) -> LadderLevel? {
    let slug = issue.levels.value(at: date) ?? nil
    return slug.map { ladderLevel($0, on: date) } ?? ladder(on: date).first
  }

  /// The slug of the level at which an issue stands once everything recorded has taken effect.
  public func lastLevel(of issue: Issue) -> String? { issue.level ?? currentVersion?.ladder.first?.slug.text }
}

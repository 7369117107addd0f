package import EventSourcing

package typealias IssueID = Identifier<Issue>

/// A question or difficulty on its way to a solution.
package struct Issue: Hashable, Sendable {
  package enum Kind: String, ChoiceFieldValue {
    case question, obstacle
    case decisionNeeded = "decision-needed"
  }

  package enum State: String, Sendable { case raised, escalated }

  package let id: IssueID
  package let kind: Kind
  /// The measure it is about; nil when it is about the plan.
  package let measure: MeasureID?
  package let institution: PartyID?
  package let raisedOn: LocalDate
  package let raisedAt: Position
  package internal(set) var state: State
  /// Index in the plan's escalation ladder.
  package internal(set) var level: Int
  package internal(set) var deadline: LocalDate?
  package internal(set) var missedDeadlines = 0
  package let source: [Citation]

  package var subject: Subject { Subject("issues", id.value) }
}

internal import Coordination

/// Which measures of a task field a block of the implementation structure is about: `I`, `II-IV`, `II.A`.
public struct MeasureRange: Hashable, Sendable {
  /// As the plan file prints it.
  public let text: String
  /// What follows the task field in the codes of the measures meant.
  public let members: [String]

  /// Nil when the text has none of the three forms.
  public init?(_ text: String) {
    self.text = text
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if ends.count == 2, let first = Numeral(normalized: ends[0]), let last = Numeral(normalized: ends[1]) {
      guard first < last else { return nil }
      members = (first.number...last.number).compactMap { Numeral($0)?.text }
      return
    }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let numeral = parts.first, Numeral(normalized: String(numeral)) != nil, parts.last?.isEmpty == false else {
      return nil
    }
    members = [text]
  }

  public var isExpanded: Bool { members.count > 1 }
}

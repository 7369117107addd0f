internal import Coordination
internal import EventSourcing

/// Where the page after another one begins: in the list as it was at the moment of the first page.
///
/// A list that grows between two pages would leave out what moves from the second to the first, so what comes later is
/// told by a list that is read anew. Opaque to callers.
struct PageCursor: Hashable, Sendable {
  /// In the form that callers get: enough for the longest key of an item, which is a code and the name of a phase.
  static let lengthMax = 2_400

  /// The last event that the list knows of.
  let position: Position
  /// The day that the list is read for; nil where it is of no day.
  let validAt: LocalDate?
  /// The last item of the page before.
  let key: String

  init(position: Position, validAt: LocalDate?, key: String) {
    self.position = position
    self.validAt = validAt
    self.key = key
  }

  init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let position = Int64(parts[0]), (0...JSON.integerMax).contains(position) else { return nil }
    let validAt = LocalDate(parts[1])
    guard validAt != nil || parts[1] == Self.noDay else { return nil }
    self.init(position: Position(position), validAt: validAt, key: parts[2])
  }

  private static let noDay = "-"

  var text: String { "\(position.value) \(validAt?.description ?? Self.noDay) \(key)" }
}

public import Coordination
public import EventSourcing

/// A view: a pure function of the folded plan and the date it is read for.
///
/// Views are functions of the one fold, so live, rebuilt and past answers cannot differ; a view never decides.
public protocol View: Sendable {
  static var name: String { get }
  /// Raised whenever the same plan would be shown differently; part of the ETag.
  static var version: Int { get }
  /// The items of the view in their order; a page is a slice of them.
  static func items(of plan: Plan, validAt date: LocalDate) -> [ViewItem]
}

/// One item with the key that a page's cursor points at.
public struct ViewItem: Sendable {
  public let key: String
  public let json: JSON

  public init(key: String, json: JSON) {
    self.key = key
    self.json = json
  }
}

extension [JSON.Member] {
  /// The moment that a view shows; and where it is so, that what it shows was made up.
  public static func moment(position: Position?, validAt: LocalDate, isSimulated: Bool) -> [JSON.Member] {
    [
      .init("position", position.map { .integer($0.value) } ?? .null), .init("validAt", .string(validAt.description)),
    ] + (isSimulated ? [.init("simulated", true)] : [])
  }
}

extension JSON {
  static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  static func optional(_ number: Int?) -> JSON { number.map { .integer(Int64($0)) } ?? .null }
  static func optional(_ date: LocalDate?) -> JSON { date.map { .string($0.description) } ?? .null }
  static func count(_ number: Int) -> JSON { .integer(Int64(number)) }
  static func external(_ reference: ExternalReference?) -> JSON {
    reference.map { ["programme": .string($0.programme), "id": .string($0.externalID)] } ?? .null
  }
  /// Events, each with its position, so that their texts can be joined.
  static func events(_ positions: [Position]) -> JSON { .array(positions.map { ["position": .integer($0.value)] }) }
  /// When something happened and which event says so; null where nothing did.
  static func since(_ mark: Mark?) -> JSON {
    mark.map { ["date": .string($0.date.description), "position": .integer($0.position.value)] } ?? .null
  }
  static func citations(_ citations: [Citation]) -> JSON { .array(citations.map { .string($0.text) }) }
}

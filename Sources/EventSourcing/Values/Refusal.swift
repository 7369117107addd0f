/// The domain said no. A refusal is an answer, not a failure: nothing is written, and the same command may succeed
/// later.
public struct Refusal: Error, Hashable, Sendable {
  /// Why in general; each transport maps a kind to its own status.
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// The input does not have the agreed form.
    case malformed
    /// The actor lacks the right.
    case forbidden
    /// No such thing, or not visible to the actor.
    case notFound
    /// Already so, or in the wrong state for this.
    case conflict
    /// The subject changed since the position given.
    case stale
    /// The form is right and a rule is broken.
    case rule
    /// Valid, but larger than an event may be.
    case tooLarge
  }

  public let kind: Kind
  /// Stable, kebab-case; part of the public interface.
  public let code: String
  /// The input field that is to blame, as a path such as `commands[3].measure`.
  public var field: String?
  public let reason: LocalizedText
  /// The facts that broke the rule, by name.
  public let facts: [JSON.Member]

  public init(
    _ kind: Kind, _ code: String, field: String? = nil, de german: String, en english: String,
    facts: [JSON.Member] = []
  ) {
    self.kind = kind
    self.code = code
    self.field = field
    self.reason = LocalizedText(de: german, en: english)
    self.facts = facts
  }

  /// The same refusal for a field that lies inside another, such as the fourth command of a list.
  public func within(_ prefix: String) -> Refusal {
    var copy = self
    copy.field = field.map { "\(prefix).\($0)" } ?? prefix
    return copy
  }
}

/// Refuses unless the condition holds; keeps a rule on one line.
public func ensure(_ condition: Bool, _ refusal: @autoclosure () -> Refusal) throws(Refusal) {
  guard condition else { throw refusal() }
}

internal import Coordination
internal import Crypto
public import EventSourcing

/// The names from which the ids of imported items are made: UUID version 5 (RFC 9562 §5.5), namespace the plan's id.
///
/// These forms are fixed for ever. The same file has to give the same ids on every machine and in every later version,
/// or a second import would not know what the first one made. New kinds may be added; no form may change.
/// Texts that may hold a colon themselves (phase, subject, label) have `%` and `:` percent-encoded.
enum ItemKey {
  static func version(_ slug: Slug) -> String { "version:\(slug)" }
  static func figure(_ slug: Slug) -> String { "stated-figure:\(slug)" }
  static func strategy(_ slug: Slug) -> String { "strategy:\(slug)" }
  static func institution(_ slug: Slug) -> String { "institution:\(slug)" }
  static func group(_ slug: Slug) -> String { "group:\(slug)" }
  static func placeholder(_ slug: Slug) -> String { "placeholder:\(slug)" }
  static func actionField(_ slug: Slug) -> String { "action-field:\(slug)" }
  static func cluster(_ slug: Slug) -> String { "theme-cluster:\(slug)" }
  /// `goal:fachkraefte:a`; nothing after the second colon where no letter is printed.
  static func goal(_ cluster: Slug, _ letter: Slug?) -> String { "goal:\(cluster):\(letter?.text ?? "")" }
  /// `task-field:fachkraefte.1`
  static func taskField(_ code: String) -> String { "task-field:\(code)" }
  /// `measure:fachkraefte.1.I`, `measure:digitale-industrie.2.II.A`; parts are measures too.
  static func measure(_ code: String) -> String { "measure:\(code)" }
  static func strategyLink(_ code: String, _ strategy: String) -> String { "link:\(code):strategy:\(strategy)" }
  static func seeAlso(_ code: String, _ target: String) -> String { "link:\(code):see-also:\(target)" }
  static func dependency(_ code: String, _ target: String) -> String { "link:\(code):depends-on:\(encoded(target))" }
  /// The wording belongs to the key: a question that is asked differently is another question.
  static func question(_ slug: Slug, _ label: FreeText) -> String { "question:\(slug):\(encoded(label.text))" }

  /// `assignment:<measure code>:<role>:<holder>:<phase>:<subject>`
  static func assignment(_ code: String, _ identity: AssignmentIdentity) -> String {
    let phase = encoded(identity.phase ?? "")
    let subject = encoded(identity.subject ?? "")
    return "assignment:\(code):\(identity.role.rawValue):\(identity.holder):\(phase):\(subject)"
  }

  /// What is made again after its like had ended, or had gone to another place, gets `:<n>` behind its name, n from 2.
  static func repeated(_ key: String, _ repetition: Int) -> String {
    repetition == 1 ? key : "\(key):\(repetition)"
  }

  private static func encoded(_ text: String) -> String {
    var encoded = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": encoded += "%25"
      case ":": encoded += "%3A"
      default: encoded.unicodeScalars.append(scalar)
      }
    }
    return encoded
  }
}

/// A UUID version 5 (RFC 9562 §5.5): the first 16 bytes of SHA-1 over namespace and name, with version and variant set.
public enum ImportedID {
  public static func make(_ key: String, in namespace: EntityID) -> EntityID {
    var hash = Insecure.SHA1()
    hash.update(data: namespace.bytes)
    hash.update(data: Array(key.utf8))
    return EntityID(digest: Array(hash.finalize()).prefix(16), version: 5)
  }
}

/// The facts of one kind of event: what `data` holds.
///
/// The type string is a storage format: it is frozen once written and independent of the Swift name.
package protocol EventPayload: Sendable {
  /// `org.federwerk.<noun>.<past-tense-fact>.v<N>`.
  static var type: String { get }
  static var record: Record<Self> { get }
  /// The erasable values of earlier events that are to be no more once this event is in the log.
  ///
  /// Whoever appends the event hands them on as `AppendBatch.erasures`, so that the values go in the transaction in which
  /// the log learns of it.
  var erasures: [Erasure] { get }
}

extension EventPayload {
  /// Writes `data`; disclosable fields go to the sink.
  package func writeData(to writer: inout CanonicalJSONWriter, disclosing sink: inout DisclosureSink) {
    Self.record.write(self, to: &writer, disclosing: &sink)
  }

  package var erasures: [Erasure] { [] }

  /// The ids that the facts refer to.
  package var identifiers: [EntityID] { Self.record.identifiers(in: self) }
}

/// What an event is about: `<plural noun>/<uuid>`.
package struct Subject: Hashable, Sendable, CustomStringConvertible {
  package let noun: String
  package let id: EntityID

  package init(_ noun: String, _ id: EntityID) {
    self.noun = noun
    self.id = id
  }

  package init?(_ text: String) {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), slash > text.startIndex,
      let id = EntityID(text[text.index(after: slash)...])
    else { return nil }
    self.init(String(text[..<slash]), id)
  }

  package var description: String { "\(noun)/\(id)" }
}

/// Who acted, as the log keeps it: a surrogate, never a name or address.
package enum ActorID: Hashable, Sendable, CustomStringConvertible {
  case user(EntityID)
  /// The program itself: `clock`, `import`, …; can never be claimed from outside.
  case system(String)

  package init?(_ text: String) {
    if let name = text.split(separator: ":", maxSplits: 1).dropFirst().first, text.hasPrefix("system:") {
      self = .system(String(name))
    } else if text.hasPrefix("users/"), let id = EntityID(text.dropFirst(6)) {
      self = .user(id)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .user(let id): "users/\(id)"
    case .system(let name): "system:\(name)"
    }
  }
}

/// Through which door a command came.
package enum RecordedSource: String, Sendable, CaseIterable {
  case api, `import`, clock, simulation, operatorCommand = "operator"
}

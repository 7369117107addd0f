/// The facts of one kind of event: what `data` holds.
///
/// The type string is a storage format: it is frozen once written and independent of the Swift name.
public protocol EventPayload: Sendable {
  /// `org.federwerk.<noun>.<past-tense-fact>.v<N>`.
  static var type: String { get }
  static var record: Record<Self> { get }
  /// The erasable values of earlier events that are to be no more once this event is in the log.
  ///
  /// Whoever appends the event hands them on as `AppendBatch.erasures`, so that the values go in the transaction in
  /// which the log learns of it.
  var erasures: [Erasure] { get }
}

extension EventPayload {
  /// Writes `data`; disclosable fields go to the sink.
  public func writeData(to writer: inout CanonicalJSONWriter, disclosing sink: inout DisclosureSink) {
    Self.record.write(self, to: &writer, disclosing: &sink)
  }

  public var erasures: [Erasure] { [] }

  /// The ids that the facts refer to.
  public var identifiers: [EntityID] { Self.record.identifiers(in: self) }
}

/// What an event is about: `<plural noun>/<uuid>`.
public struct Subject: Hashable, Sendable, PlainText {
  public let noun: String
  public let id: EntityID

  public init(_ noun: String, _ id: EntityID) {
    self.noun = noun
    self.id = id
  }

  public init?(_ text: String) {
    var text = text
    guard let subject = text.withUTF8({ Subject(utf8: $0) }) else { return nil }
    self = subject
  }

  init?(utf8 text: UnsafeBufferPointer<UInt8>) {
    guard let slash = text.lastIndex(of: UInt8(ascii: "/")), slash > 0,
      let id = EntityID(utf8: UnsafeBufferPointer(rebasing: text[(slash + 1)...]))
    else { return nil }
    self.init(String(decoding: text[..<slash], as: UTF8.self), id)
  }

  public var description: String { "\(noun)/\(id)" }

  public func append(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: noun.utf8)
    bytes.append(UInt8(ascii: "/"))
    id.append(to: &bytes)
  }
}

/// Who acted, as the log keeps it: a surrogate, never a name or address.
public enum ActorID: Hashable, Sendable, PlainText {
  case user(EntityID)
  /// The program itself: `clock`, `import`, …; can never be claimed from outside.
  case system(String)

  public init?(_ text: String) {
    var text = text
    guard let actor = text.withUTF8({ ActorID(utf8: $0) }) else { return nil }
    self = actor
  }

  init?(utf8 text: UnsafeBufferPointer<UInt8>) {
    if let id = text.dropping("users/").flatMap({ EntityID(utf8: $0) }) {
      self = .user(id)
    } else if let name = text.dropping("system:"), !name.isEmpty {
      self = .system(String(decoding: name, as: UTF8.self))
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .user(let id): "users/\(id)"
    case .system(let name): "system:\(name)"
    }
  }

  public func append(to bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}

/// Through which door a command came.
public enum RecordedSource: String, Sendable, CaseIterable {
  case api, `import`, clock, simulation, operatorCommand = "operator"
}

internal import Glibc

/// What an entry says of its place in a log, read without making anything of its data.
public struct EntryHead: Sendable {
  public let position: Position
  public let time: Timestamp
  /// Where its data stand.
  public let data: Range<Int>
  /// Where the name of its log and epoch stands.
  private let source: Range<Int>

  /// Nil when the bytes are not in the one canonical form in which events of the log are written; whether the other
  /// attributes mean something is `EventEnvelope.decode`'s to say.
  /// - Parameter isReissued: whether the log is a partner's feed, whose events say less and have a reference
  ///   (`ReissuedEvent`).
  public init?(reading entry: UnsafeBufferPointer<UInt8>, isReissued: Bool = false) {
    var reader = CanonicalJSONReader(entry)
    if !isReissued {
      guard reader.string("actor") != nil, reader.optionalString("causationid") != nil,
        reader.string("commandid") != nil, reader.string("correlationid") != nil
      else { return nil }
    }
    guard let data = reader.range("data"),
      reader.string("datacontenttype")?.elementsEqual("application/json") == true,
      !isReissued || reader.string("dataref") != nil,
      reader.string("effectivedate") != nil, let id = reader.string("id"), let position = Position(padded: id),
      reader.optionalString("onbehalfof") != nil, !isReissued || reader.string("partitionkey") != nil,
      reader.string("recordedsource") != nil, reader.string("salt") != nil,
      reader.string("sequence")?.elementsEqual(id) == true,
      let source = reader.range("source"), entry[source.lowerBound] == UInt8(ascii: "\""),
      reader.string("specversion")?.elementsEqual("1.0") == true, reader.string("subject") != nil,
      let time = reader.string("time").flatMap({ Timestamp(utf8: $0) }), reader.string("type") != nil,
      reader.isAtEnd
    else { return nil }
    self.position = position
    self.time = time
    self.data = data
    self.source = source
  }

  /// The epoch of the entry; nil when it belongs to another log.
  /// - Parameter prefix: `LogID.sourcePrefix` of the log.
  public func epoch(in entry: UnsafeBufferPointer<UInt8>, ofLogWith prefix: [UInt8]) -> Int? {
    let content = UnsafeBufferPointer(rebasing: entry[(source.lowerBound + 1)..<(source.upperBound - 1)])
    return prefix.withUnsafeBufferPointer { content.dropping($0) }?.decimal.map { Int($0) }
  }
}

extension LogID {
  /// Whether the log is a partner's feed, made of the plan's own log.
  public var isReissued: Bool { name != Self(plan: plan).name }

  /// The epoch that an entry of this log names; nil for an entry of another log.
  ///
  /// In canonical JSON the bytes of the attribute's name and value stand nowhere else: no fact of ours has a text
  /// called `source`, and within a text a quotation mark has a backslash before it.
  public func epoch(namedBy entry: UnsafeRawBufferPointer) -> Int? {
    let mark = Array("\"source\":\"".utf8) + sourcePrefix
    guard let start = entry.firstRange(of: mark)?.upperBound,
      let end = entry[start...].firstIndex(of: UInt8(ascii: "\""))
    else { return nil }
    let digits = UnsafeRawBufferPointer(rebasing: entry[start..<end])
    return digits.withMemoryRebound(to: UInt8.self) { $0.decimal }.map { Int($0) }
  }

  /// What the `source` of each event of the log begins with; the epoch follows.
  public var sourcePrefix: [UInt8] {
    var prefix: [UInt8] = []
    appendSourcePrefix(to: &prefix)
    return prefix
  }

  func appendSourcePrefix(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "urn:federwerk:plan:".utf8)
    plan.append(to: &bytes)
    bytes.append(contentsOf: ":log:".utf8)
    bytes.append(contentsOf: name.utf8)
    bytes.append(contentsOf: ":epoch:".utf8)
  }
}

extension EntryHead {
  /// Calls `body` with the text of each digest that stands for an erasable value (`_sd`, RFC 9901), at any depth of the
  /// data.
  ///
  /// In canonical JSON the bytes of the key and its bracket stand nowhere else: a quotation mark within a string has a
  /// backslash before it, and the key's second one has not.
  public func forEachDigest(in entry: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    let key = StaticString("\"_sd\":[")
    guard let base = entry.baseAddress else { return }
    var index = data.lowerBound
    // The second byte of the key is rarer than its first.
    while let found = memchr(base + index + 1, Int32(UInt8(ascii: "_")), max(0, data.upperBound - index - 1)) {
      index = UnsafeRawPointer(found) - UnsafeRawPointer(base) - 1
      guard index + key.utf8CodeUnitCount <= data.upperBound,
        memcmp(base + index, key.utf8Start, key.utf8CodeUnitCount) == 0
      else {
        index += 1
        continue
      }
      index += key.utf8CodeUnitCount
      while index < data.upperBound, entry[index] != UInt8(ascii: "]") {
        guard entry[index] == UInt8(ascii: "\"") else {
          index += 1
          continue
        }
        let start = index + 1
        index = entry[start...].firstIndex(of: UInt8(ascii: "\"")) ?? data.upperBound
        body(UnsafeBufferPointer(rebasing: entry[start..<index]))
        index += 1
      }
    }
  }
}

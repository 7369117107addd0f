/// What an entry says of its place in a log, read without making anything of its data.
package struct EntryHead: Sendable {
  package let log: LogID
  package let epoch: Int
  package let position: Position
  package let time: Timestamp
  /// Where its data stand.
  package let data: Range<Int>

  /// Nil when the bytes are not in the one canonical form in which events are written; whether the other attributes mean
  /// something is `EventEnvelope.decode`'s to say.
  package init?(reading entry: [UInt8]) {
    let head = entry.withUnsafeBufferPointer { text -> EntryHead? in
      var reader = CanonicalJSONReader(text)
      guard reader.string("actor") != nil, reader.optionalString("causationid") != nil,
        reader.string("commandid") != nil, reader.string("correlationid") != nil, let data = reader.range("data"),
        reader.string("datacontenttype")?.elementsEqual("application/json") == true,
        reader.string("effectivedate") != nil, let id = reader.string("id"), let position = Position(padded: id),
        reader.optionalString("onbehalfof") != nil, reader.string("recordedsource") != nil,
        reader.string("salt") != nil, reader.string("sequence")?.elementsEqual(id) == true,
        let (log, epoch) = reader.string("source").flatMap(EventEnvelope.parseSource),
        reader.string("specversion")?.elementsEqual("1.0") == true, reader.string("subject") != nil,
        let time = reader.string("time").flatMap({ Timestamp(utf8: $0) }), reader.string("type") != nil,
        reader.isAtEnd
      else { return nil }
      return EntryHead(log: log, epoch: epoch, position: position, time: time, data: data)
    }
    guard let head else { return nil }
    self = head
  }

  private init(log: LogID, epoch: Int, position: Position, time: Timestamp, data: Range<Int>) {
    self.log = log
    self.epoch = epoch
    self.position = position
    self.time = time
    self.data = data
  }
}

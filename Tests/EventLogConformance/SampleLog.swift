internal import Crypto
internal import EventSourcing

/// The fact inside the sample events.
struct SampleFact: EventPayload {
  static let type = "org.federwerk.sample.noted.v1"
  static let record = Record(Self.init(number:), Field("number", \.number))

  let number: Int
}

/// A plan whose events are real envelopes with real leaf hashes, so that a store may verify whatever it likes.
struct SampleLog: Sendable {
  static let types = ["org.federwerk.sample.noted.v1", "org.federwerk.sample.revised.v1"]

  let id: LogID
  let slug: String

  init(number: Int, slug: String? = nil, name: String = "main") {
    let plan = EntityID(high: 0x0190_b0a0_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number))
    id = LogID(plan: plan, name: name)
    self.slug = slug ?? "sample-\(number)"
  }

  func subject(_ number: Int64) -> Subject {
    Subject("measures", EntityID(high: id.plan.high, low: id.plan.low << 16 | 0x8000_0000_0000_0000 | UInt64(number)))
  }

  func creation(
    eventCount: Int, receipts: [Receipt] = [], withDisclosures: Bool = false
  ) -> AppendBatch {
    let empty = LogHead(
      size: .zero, epoch: 1, root: MerkleSample().root, frontier: [], origin: "federwerk.test/\(id.plan)/\(id.name)/1",
      lastRecordedAt: nil)
    var batch = batch(on: empty, eventCount: eventCount, receipts: receipts, withDisclosures: withDisclosures)
    batch.creation = AppendBatch.Creation(slug: slug)
    return batch
  }

  func batch(
    on head: LogHead, eventCount: Int, receipts: [Receipt] = [], withDisclosures: Bool = false,
    commandID: EntityID = EntityID(high: 0x7000, low: 0x8000_0000_0000_FFFF)
  ) -> AppendBatch {
    var tree = MerkleSample(size: head.size, frontier: head.frontier)
    var events: [StoredEvent] = []
    for position in head.size.value..<(head.size.value + Int64(eventCount)) {
      let event = event(at: Position(position), epoch: head.epoch, commandID: commandID)
      tree.append(leafHash: event.leafHash)
      events.append(event)
    }
    let disclosures = (withDisclosures ? events : []).map { disclosure(of: "text", at: $0.position) }
    var newHead = head
    newHead.size = LogSize(head.size.value + Int64(eventCount))
    newHead.root = events.isEmpty ? head.root : tree.root
    newHead.frontier = tree.frontier.flatMap { $0 }
    newHead.lastRecordedAt = events.last?.recordedAt ?? head.lastRecordedAt
    return AppendBatch(
      log: id, expectedSize: head.size, expectedEpoch: head.epoch, newHead: newHead, events: events,
      disclosures: disclosures, receipts: receipts)
  }

  func disclosure(of field: String, at position: Position) -> StoredDisclosure {
    let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: position.value), count: Disclosure.saltByteCount)
    let disclosure = Disclosure(salt: salt, name: field, value: .string("Text \(position.value)"))
    return StoredDisclosure(position: position, digest: disclosure.digest, encoded: disclosure.encoded)
  }

  func checkpoint(of head: LogHead) -> StoredCheckpoint {
    let size = head.size.value
    return StoredCheckpoint(
      epoch: head.epoch, size: head.size, root: head.root, note: "\(head.origin)\n\(size)\n\n— sample \(size)\n")
  }

  private func event(at position: Position, epoch: Int, commandID: EntityID) -> StoredEvent {
    let time = Timestamp(microsecondsSinceEpoch: 1_550_000_000_000_000 + position.value * 1001)
    let envelope = EventEnvelope(
      log: id, epoch: epoch, position: position, type: Self.types[Int(position.value % 2)],
      subject: subject(position.value % 3), time: time, effectiveDate: time.utcDate,
      actor: .system("simulation"), onBehalfOf: nil, commandID: commandID, correlationID: commandID, causationID: nil,
      recordedSource: .simulation)
    var sink = DisclosureSink(seed: UInt64(position.value))
    let body = envelope.encode(SampleFact(number: Int(position.value)), disclosing: &sink)
    return StoredEvent(
      position: position, type: envelope.type, subject: envelope.subject.description,
      effectiveDate: envelope.effectiveDate, recordedAt: time, body: body,
      leafHash: Array(SHA256.hash(data: [0] + body)))
  }
}

extension StoredEvent {
  func with(position: Position? = nil, leafHash: [UInt8]? = nil) -> StoredEvent {
    StoredEvent(
      position: position ?? self.position, type: type, subject: subject, effectiveDate: effectiveDate,
      recordedAt: recordedAt, body: body, leafHash: leafHash ?? self.leafHash)
  }
}

/// The smallest RFC 6962 tree that can grow: the hashes of its perfect subtrees, largest first.
struct MerkleSample {
  private(set) var size: Int64 = 0
  private(set) var frontier: [[UInt8]] = []

  init() {}

  init(size: LogSize, frontier: [UInt8]) {
    self.size = size.value
    self.frontier = stride(from: 0, to: frontier.count, by: 32).map { Array(frontier[$0..<($0 + 32)]) }
  }

  mutating func append(leafHash: [UInt8]) {
    frontier.append(leafHash)
    var rest = size
    // A head that a check has made up has no fitting frontier; its batches never commit.
    while rest & 1 == 1, frontier.count >= 2 {
      let right = frontier.removeLast()
      let left = frontier.removeLast()
      frontier.append(Self.node(left, right))
      rest >>= 1
    }
    size += 1
  }

  var root: [UInt8] {
    guard var root = frontier.last else { return Array(SHA256.hash(data: [UInt8]())) }
    for left in frontier.dropLast().reversed() { root = Self.node(left, root) }
    return root
  }

  private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: [1] + left + right))
  }
}

public import EventSourcing
internal import TamperEvidence

/// A log in memory whose events say little more than where they stand.
public struct GrowingLog: Sendable {
  public let id: LogID
  public let memory = InMemoryEventLog(clock: { Self.time })
  /// How many subjects the events are about, by turns.
  private let subjectCount: Int64
  private static let time = Timestamp(microsecondsSinceEpoch: 0)

  public init(
    id: LogID = LogID(plan: EntityID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)), subjectCount: Int64 = 1
  ) {
    self.id = id
    self.subjectCount = subjectCount
  }

  /// What the event at a position is.
  public func entry(_ position: Int64) -> String { "{\"n\":\(position),\"subject\":\"\(subject(position))\"}" }

  private func subject(_ position: Int64) -> String { "measures/\(position % subjectCount)" }

  /// Appends so many events in one batch.
  public func grow(by count: Int) async throws {
    let head = try await memory.head(of: id)
    let size = head?.size ?? .zero
    var frontier = try MerkleFrontier(size: UInt64(size.value), bytes: head?.frontier ?? [])
    let events = (size.value..<size.value + Int64(count)).map { position in
      let body = Array(entry(position).utf8)
      frontier.append(MerkleTree.leafHash(body))
      return StoredEvent(
        position: Position(position), type: "t", subject: subject(position),
        effectiveDate: LocalDate(daysSinceEpoch: 0), recordedAt: Self.time, body: body,
        leafHash: MerkleTree.leafHash(body).bytes)
    }
    let newHead = LogHead(
      size: LogSize(size.value + Int64(count)), epoch: 1, root: frontier.root.bytes, frontier: frontier.bytes,
      origin: "plans.test", lastRecordedAt: Self.time)
    let batch = AppendBatch(
      log: id, creation: head == nil ? .init(slug: "growing") : nil, expectedSize: size, expectedEpoch: 1,
      newHead: newHead, events: events, disclosures: [], receipts: [])
    guard case .appended = try await memory.append(batch) else { throw EventLogFailure(.broken, "not appended") }
  }

  /// Publishes a checkpoint of the present size.
  public func publish() async throws {
    guard let head = try await memory.head(of: id) else { return }
    _ = try await memory.publish(
      StoredCheckpoint(epoch: 1, size: head.size, root: head.root, note: "note of \(head.size.value)\n"), of: id)
  }
}

import EventSourcing
import MerkleReference
import TamperEvidence

extension InMemoryEventLog {
  /// A log of the entries of a reference tree, whatever they say.
  static func plain(_ count: Int, log: LogID) async throws -> InMemoryEventLog {
    let memory = InMemoryEventLog { Timestamp(microsecondsSinceEpoch: 0) }
    let events = (0..<count).map { index in
      StoredEvent(
        position: Position(Int64(index)), type: "t", subject: "s", effectiveDate: LocalDate(daysSinceEpoch: 0),
        recordedAt: Timestamp(microsecondsSinceEpoch: 0), body: ReferenceTree.entry(index),
        leafHash: MerkleTree.leafHash(ReferenceTree.entry(index)).bytes)
    }
    // Nothing here reads the head's root.
    let head = LogHead(
      size: LogSize(Int64(count)), epoch: 1, root: [], frontier: [], origin: "plans.test", lastRecordedAt: nil)
    _ = try await memory.append(
      AppendBatch(
        log: log, creation: AppendBatch.Creation(slug: "plain"), expectedSize: .zero, expectedEpoch: 1, newHead: head,
        events: events, disclosures: [], receipts: []))
    return memory
  }
}

import EventSourcing
import TamperEvidence

/// A Merkle tree and its proofs as RFC 6962 §2.1 defines them, word for word.
struct PlainTree {
  let leaves: [MerkleHash]
  private var known: [Range<Int>: MerkleHash] = [:]

  init(count: Int) { leaves = (0..<count).map { MerkleTree.leafHash(Self.entry($0)) } }

  static func entry(_ index: Int) -> [UInt8] { Array("entry \(index)".utf8) }

  /// MTH(D[range]).
  mutating func hash(_ range: Range<Int>) -> MerkleHash {
    guard range.count > 1 else { return range.isEmpty ? .empty : leaves[range.lowerBound] }
    if let hash = known[range] { return hash }
    let middle = Self.middle(range)
    let hash = MerkleTree.nodeHash(hash(range.lowerBound..<middle), hash(middle..<range.upperBound))
    known[range] = hash
    return hash
  }

  /// PATH(m, D[range]).
  mutating func path(_ index: Int, in range: Range<Int>) -> [MerkleHash] {
    guard range.count > 1 else { return [] }
    let middle = Self.middle(range)
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return index < middle ? path(index, in: left) + [hash(right)] : path(index, in: right) + [hash(left)]
  }

  /// PROOF(m, D[n]); for 0, of which the RFC says nothing, no hash.
  mutating func consistency(_ old: Int, _ new: Int) -> [MerkleHash] {
    old == 0 ? [] : subproof(old, in: 0..<new, isComplete: true)
  }

  private mutating func subproof(_ old: Int, in range: Range<Int>, isComplete: Bool) -> [MerkleHash] {
    guard old < range.upperBound else { return isComplete ? [] : [hash(range)] }
    let middle = Self.middle(range)
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return old <= middle
      ? subproof(old, in: left, isComplete: isComplete) + [hash(right)]
      : subproof(old, in: right, isComplete: false) + [hash(left)]
  }

  /// Where the largest power of two that is smaller than the number of leaves parts them.
  private static func middle(_ range: Range<Int>) -> Int {
    var width = 1
    while width * 2 < range.count { width *= 2 }
    return range.lowerBound + width
  }
}

extension InMemoryEventLog {
  /// A log of the entries of plain trees, whatever they say.
  static func plain(_ count: Int, log: LogID) async throws -> InMemoryEventLog {
    let memory = InMemoryEventLog { Timestamp(microsecondsSinceEpoch: 0) }
    let events = (0..<count).map { index in
      StoredEvent(
        position: Position(Int64(index)), type: "t", subject: "s", effectiveDate: LocalDate(daysSinceEpoch: 0),
        recordedAt: Timestamp(microsecondsSinceEpoch: 0), body: PlainTree.entry(index),
        leafHash: MerkleTree.leafHash(PlainTree.entry(index)).bytes)
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

public import EventSourcing
public import TamperEvidence

/// A log as it is published: its files, and proofs against its checkpoints.
public struct PublishedLog: Sendable {
  public let log: LogID
  public let tree: LogTree
  private let store: any EventLog
  private let keys: LogKeys
  private let witnesses: LogPolicy?

  /// - Parameter witnesses: a policy of which the witnesses, groups and quorum are the log's; its logs are not used.
  public init(_ log: LogID, in store: any EventLog, keys: LogKeys, witnesses: LogPolicy? = nil) {
    self.log = log
    self.store = store
    self.keys = keys
    self.witnesses = witnesses
    tree = LogTree(log, in: store)
  }

  /// The bytes of a file; nil when there is none, such as a tile beyond the end of the log.
  public func bytes(of file: LogFile) async throws -> [UInt8]? {
    switch file {
    case .checkpoint: return try await checkpoint().map { Array($0.note.utf8) }
    case .verifierKeys:
      guard let origin = try await store.head(of: log)?.origin else { return nil }
      return Array(try keys.verifying(origin).map { "\($0)\n" }.joined().utf8)
    case .policy:
      guard let origin = try await store.head(of: log)?.origin else { return nil }
      return Array(try policy(of: origin).text.utf8)
    case .tile(let tile):
      guard tile.isContained(inTreeOf: try await size()) else { return nil }
      return Tile.encode(try await tree.hashes(of: tile))
    case .entries(let bundle):
      guard bundle.isContained(inLogOf: try await size()) else { return nil }
      return try EntryBundle.encode(try await events(of: bundle.tileIndex).map(\.body))
    case .disclosures(let index):
      guard index.isContained(inRowOf: try await size()) else { return nil }
      return try await disclosures(of: index)
    }
  }

  /// The newest checkpoint, or the newest of at most this size.
  public func checkpoint(sizeMax: LogSize? = nil) async throws -> StoredCheckpoint? {
    try await store.checkpoint(of: log, sizeMax: sizeMax)
  }

  /// What makes a checkpoint of the log one to believe.
  public func policy(of origin: String) throws -> LogPolicy {
    try LogPolicy(
      logs: try keys.verifying(origin).map { LogPolicy.Log(key: $0) }, witnesses: witnesses?.witnesses ?? [],
      groups: witnesses?.groups ?? [], quorum: witnesses?.quorum)
  }

  /// The proof that a checkpoint covers an event, as a file (c2sp.org/tlog-proof).
  ///
  /// It is verified before it is handed out: nil when it does not hold, because the store was tampered with.
  public func proof(of position: Position, in checkpoint: StoredCheckpoint) async throws -> TlogProofFile? {
    let proof = try await tree.inclusionProof(of: position, size: checkpoint.size)
    let leaf = try await store.tiles.hashes(of: .leafHashes(from: position, count: 1), in: log)
    guard let leafHash = MerkleHash(bytes: leaf), let root = MerkleHash(bytes: checkpoint.root),
      proof.verifies(leafHash: leafHash, root: root)
    else { return nil }
    return try TlogProofFile(
      index: proof.index, hashes: proof.hashes, note: SignedNote(parsing: Array(checkpoint.note.utf8)))
  }

  private func size() async throws(EventLogFailure) -> UInt64 {
    UInt64(try await store.head(of: log)?.size.value ?? 0)
  }

  private func events(of index: TileIndex) async throws(EventLogFailure) -> [StoredEvent] {
    let first = Position(Int64(index.index) * Int64(TileIndex.widthMax))
    let events = try await store.events(of: log, matching: EventQuery(from: first, limit: index.width))
    guard events.count == index.width, events.first?.position == first,
      events.last?.position.value == first.value + Int64(index.width) - 1
    else { throw EventLogFailure(.broken, "the store lacks events that the log's head promises") }
    return events
  }

  private func disclosures(of index: TileIndex) async throws(EventLogFailure) -> [UInt8] {
    let first = Int64(index.index) * Int64(TileIndex.widthMax)
    let positions = (first..<first + Int64(index.width)).map { Position($0) }
    var lines: [UInt8] = []
    for disclosure in try await store.disclosures(of: log, at: positions) {
      let line: JSON = [
        "position": .integer(disclosure.position.value), "disclosure": .string(disclosure.encoded),
      ]
      lines += line.canonicalBytes
      lines.append(UInt8(ascii: "\n"))
    }
    return lines
  }
}

extension PublishedLog {
  /// The proof that the log of one size begins as that of another, with both roots; nil where what is stored
  /// contradicts itself.
  public func consistency(from old: LogSize, to new: LogSize) async throws -> JSON? {
    let proof = try await tree.consistencyProof(from: old, to: new)
    let (oldRoot, newRoot) = (try await tree.root(size: old), try await tree.root(size: new))
    guard proof.verifies(oldRoot: oldRoot, newRoot: newRoot) else { return nil }
    return [
      "from": .integer(old.value), "to": .integer(new.value), "fromRoot": .string(oldRoot.base64),
      "toRoot": .string(newRoot.base64), "hashes": .array(proof.hashes.map { .string($0.base64) }),
    ]
  }
}

package import EventSourcing
package import TamperEvidence

/// One of the files that a log is published as (c2sp.org/tlog-tiles), by its path below the log's address. An export
/// bundle holds the same ones.
package enum LogFile: Hashable, Sendable {
  /// The newest signed head.
  case checkpoint
  /// The verifier keys of the log, one a line.
  case verifierKeys
  /// Which signatures make a checkpoint (c2sp.org/tlog-policy).
  case policy
  case tile(Tile)
  case entries(EntryBundle)
  /// The erasable values of the entries of one bundle, one a line: `{"position":…,"disclosure":"…"}`. Those that were
  /// erased are not there.
  case disclosures(TileIndex)

  package init?(path: String) {
    switch path {
    case "checkpoint": self = .checkpoint
    case "vkeys": self = .verifierKeys
    case "policy": self = .policy
    default:
      if let entries = EntryBundle(path: path) {
        self = .entries(entries)
      } else if let tile = Tile(path: path) {
        self = .tile(tile)
      } else if path.hasPrefix(Self.disclosuresFolder),
        let index = TileIndex(path: path.dropFirst(Self.disclosuresFolder.count))
      {
        self = .disclosures(index)
      } else {
        return nil
      }
    }
  }

  package var path: String {
    switch self {
    case .checkpoint: "checkpoint"
    case .verifierKeys: "vkeys"
    case .policy: "policy"
    case .tile(let tile): tile.path
    case .entries(let entries): entries.path
    case .disclosures(let index): Self.disclosuresFolder + index.path
    }
  }

  private static let disclosuresFolder = "disclosures/"

  /// The files of a log of `size` entries that grow with it, in the order of a bundle: each stretch of 256 entries with
  /// its values and its tile, a tile of a higher level after the last one below it, partial ones at the end.
  package static func files(size: UInt64) -> some Sequence<LogFile> {
    let (full, rest) = size.quotientAndRemainder(dividingBy: UInt64(TileIndex.widthMax))
    let stretches = full + (rest > 0 ? 1 : 0)
    let body = (0..<stretches).lazy.flatMap { index -> [LogFile] in
      let tile = TileIndex(holding: index * UInt64(TileIndex.widthMax), inRowOf: size) ?? TileIndex(index: index)
      return [.entries(EntryBundle(tileIndex: tile)), .disclosures(tile), .tile(Tile(level: 0, tileIndex: tile))]
        + completed(by: tile)
    }
    return [AnySequence(body), AnySequence(partialTiles(size: size))].lazy.flatMap { $0 }
  }

  /// The full tiles of higher levels whose last leaf is in this stretch.
  private static func completed(by tile: TileIndex) -> [LogFile] {
    guard tile.isFull else { return [] }
    var files: [LogFile] = []
    var (level, count) = (1, tile.index + 1)
    while count > 0, count % UInt64(TileIndex.widthMax) == 0 {
      count /= UInt64(TileIndex.widthMax)
      files.append(.tile(Tile(level: level, index: count - 1)))
      level += 1
    }
    return files
  }

  private static func partialTiles(size: UInt64) -> [LogFile] {
    var files: [LogFile] = []
    var (level, count) = (1, size / UInt64(TileIndex.widthMax))
    while count > 0 {
      let width = Int(count % UInt64(TileIndex.widthMax))
      if width > 0 {
        files.append(.tile(Tile(level: level, index: count / UInt64(TileIndex.widthMax), width: width)))
      }
      level += 1
      count /= UInt64(TileIndex.widthMax)
    }
    return files
  }
}

/// A log as it is published: its files, and proofs against its checkpoints.
package struct PublishedLog: Sendable {
  package let log: LogID
  package let tree: LogTree
  private let store: any EventLog
  private let keys: LogKeys
  private let witnesses: LogPolicy?

  /// - Parameter witnesses: a policy of which the witnesses, groups and quorum are the log's; its logs are not used.
  package init(_ log: LogID, in store: any EventLog, keys: LogKeys, witnesses: LogPolicy? = nil) {
    self.log = log
    self.store = store
    self.keys = keys
    self.witnesses = witnesses
    tree = LogTree(log, in: store)
  }

  /// The bytes of a file; nil when there is none, such as a tile beyond the end of the log.
  package func bytes(of file: LogFile) async throws -> [UInt8]? {
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
  package func checkpoint(sizeMax: LogSize? = nil) async throws -> StoredCheckpoint? {
    try await store.checkpoint(of: log, sizeMax: sizeMax)
  }

  /// What makes a checkpoint of the log one to believe.
  package func policy(of origin: String) throws -> LogPolicy {
    try LogPolicy(
      logs: try keys.verifying(origin).map { LogPolicy.Log(key: $0) }, witnesses: witnesses?.witnesses ?? [],
      groups: witnesses?.groups ?? [], quorum: witnesses?.quorum)
  }

  /// The proof that a checkpoint covers an event, as a file (c2sp.org/tlog-proof).
  ///
  /// It is verified before it is handed out: nil when it does not hold, because the store was tampered with.
  package func proof(of position: Position, in checkpoint: StoredCheckpoint) async throws -> TlogProofFile? {
    let proof = try await tree.inclusionProof(of: position, size: checkpoint.size)
    let leaf = try await store.tiles.leafHashes(of: log, from: position, count: 1)
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

public import EventSourcing
public import PlanService
public import TamperEvidence

/// Verifies a log as it was published, without believing whoever published it: entries against tiles, tiles against
/// the signed root, entries against their places, disclosed values against the digests in the entries.
public struct AuditVerification: Sendable {
  /// What the verifier trusts; what is missing here is taken from the source itself, and then proves less.
  public struct Trust: Sendable {
    /// Keys that the verifier has from elsewhere.
    public var keys: [NoteVerifierKey] = []
    /// A policy that the verifier has from elsewhere; it brings its keys.
    public var policy: LogPolicy?
    /// A head of the log that the verifier knows: of the same size, it must have the same root.
    public var known: Checkpoint?

    public init() {}
  }

  public private(set) var checkpoint: Checkpoint?
  /// The keys whose signatures were verified.
  public private(set) var signers: [NoteVerifierKey] = []
  /// Whether the keys came with the log: whoever changed the one could have changed the other.
  public private(set) var keysCameWithLog = false
  public private(set) var size: LogSize = .zero
  public private(set) var disclosedCount = 0
  public private(set) var withheldCount = 0
  /// What the log says that its views showed; kept only for a replay.
  private var recordings = ViewRecordings()
  private var keepsRecordings = false
  private var known: Checkpoint?
  private var list = FindingList()
  private var frontier = MerkleFrontier()
  private var rows = TileRows()
  private var order = EntryOrder()

  public var findings: [Finding] { list.kept }
  public var findingCount: Int { list.count }

  /// Nil where anything was found.
  public var verified: VerifiedLog? {
    findingCount == 0 ? checkpoint.map { VerifiedLog($0, recordings: recordings) } : nil
  }

  /// The largest log there can be: positions are integers of JSON.
  static let sizeMax = UInt64(JSON.integerMax)

  /// The longest file of a kind that is read.
  static func byteCountMax(of file: LogFile) -> Int {
    switch file {
    case .checkpoint, .verifierKeys: SignedNote.byteCountMax
    case .policy: LogPolicy.byteCountMax
    case .entries: TileIndex.widthMax * (2 + EntryBundle.entryByteCountMax)
    case .disclosures: 64 << 20
    case .tile: TileIndex.widthMax * MerkleHash.byteCount
    }
  }

  /// Reads all of a source; memory does not grow with the length of the log, but with what is kept for a replay.
  ///
  /// A source that cannot be read on ends it with a finding.
  /// - Parameters:
  ///   - parallelism: how many stretches of 256 entries are checked at once.
  ///   - keepingRecordings: keep what the log says that its views showed, which a replay compares.
  ///   - progress: called with the number of entries checked and that of all.
  public static func run(
    _ source: inout any AuditSource, trust: Trust = Trust(), parallelism: Int, keepingRecordings: Bool = false,
    progress: (_ checked: LogSize, _ of: LogSize) -> Void
  ) async throws -> AuditVerification {
    var verification = AuditVerification()
    verification.keepsRecordings = keepingRecordings
    do {
      guard let checkpoint = try await verification.readCheckpoint(&source, trust) else { return verification }
      guard checkpoint.size <= Self.sizeMax else {
        verification.note("size", "at most \(Self.sizeMax) events", "\(checkpoint.size)")
        return verification
      }
      guard let log = LogID(origin: checkpoint.origin) else {
        verification.note("origin", "…/<plan>/<log>/<epoch>", checkpoint.origin)
        return verification
      }
      try await verification.readStretches(&source, of: checkpoint, log, parallelism, progress)
      try await source.finish()
    } catch let fault as BundleFault {
      verification.note("source", "a whole log", "\(fault)")
    }
    return verification
  }

  // MARK: - Head

  /// Nil where there is no checkpoint that may be believed.
  private mutating func readCheckpoint(_ source: inout any AuditSource, _ trust: Trust) async throws -> Checkpoint? {
    let keyFile = try await source.bytes(of: .verifierKeys)
    let policyFile = try await source.bytes(of: .policy)
    guard let noteFile = try await source.bytes(of: .checkpoint) else {
      note("checkpoint", "a signed checkpoint", "none")
      return nil
    }
    do {
      let signed = try SignedNote(parsing: noteFile)
      let checkpoint: Checkpoint
      let ownPolicy = trust.keys.isEmpty ? try policyFile.map { try LogPolicy(parsing: $0) } : nil
      if let policy = trust.policy ?? ownPolicy {
        checkpoint = try policy.verify(signed)
        // A key that was brought along is wanted whatever the policy says.
        if !trust.keys.isEmpty { _ = try signed.checkpoint(signedBy: trust.keys) }
        signers = try signed.verify(with: policy.logs.map(\.key) + policy.witnesses.map(\.key))
        keysCameWithLog = trust.policy == nil
      } else {
        let keys = try trust.keys.isEmpty ? Self.keys(keyFile ?? []) : trust.keys
        checkpoint = try signed.checkpoint(signedBy: keys)
        signers = try signed.verify(with: keys)
        keysCameWithLog = trust.keys.isEmpty
      }
      self.checkpoint = checkpoint
      check(keyFile)
      if let known = trust.known { compare(checkpoint, with: known) }
      return checkpoint
    } catch {
      note("checkpoint", "a checkpoint with known signatures", "\(error)")
      return nil
    }
  }

  /// What the source names as the keys of the log, whether or not they are trusted: those that signed must be among
  /// them.
  private mutating func check(_ file: [UInt8]?) {
    guard let file else { return }
    guard let keys = try? Self.keys(file) else { return note("vkeys", "verifier keys", "something else") }
    for key in signers where key.algorithm == .ed25519 && !keys.contains(key) { note("vkeys", "\(key)", "others") }
    if keys.map({ "\($0)\n" }).joined().utf8.elementsEqual(file) == false { note("vkeys", "a key a line", "more") }
  }

  private static func keys(_ file: [UInt8]) throws -> [NoteVerifierKey] {
    try String(decoding: file, as: UTF8.self).split(separator: "\n").map { try NoteVerifierKey(parsing: String($0)) }
  }

  /// Of one origin and size there is one root. A smaller head that is known is compared where the entries reach it.
  private mutating func compare(_ checkpoint: Checkpoint, with known: Checkpoint) {
    if checkpoint.origin != known.origin { note("known-origin", known.origin, checkpoint.origin) }
    if checkpoint.size < known.size { note("log-regressed", "at least \(known.size) events", "\(checkpoint.size)") }
    self.known = known
  }

  private mutating func note(_ code: String, _ expected: String, _ found: String, at position: Position? = nil) {
    list.note(Finding(position: position, code: code, expected: expected, found: found))
  }

  // MARK: - Entries

  /// The files of one stretch as they were read.
  private struct Stretch: Sendable {
    var index: TileIndex
    var entries: [UInt8]?
    var disclosures: [UInt8]?
    /// The tile of the stretch, and those above that it completes.
    var tiles: [(tile: Tile, bytes: [UInt8]?)] = []

    var first: Position { Position(Int64(index.index) * Int64(TileIndex.widthMax)) }
  }

  private mutating func readStretches(
    _ source: inout any AuditSource, of checkpoint: Checkpoint, _ log: LogID, _ parallelism: Int,
    _ progress: (LogSize, LogSize) -> Void
  ) async throws {
    let end = LogSize(Int64(clamping: checkpoint.size))
    var checked = self
    defer { self = checked }
    try await withThrowingTaskGroup(of: (Stretch, StretchCheck).self) { group in
      var waiting: [UInt64: (Stretch, StretchCheck)] = [:]
      var (next, running) = (UInt64(0), 0)
      /// Takes results in, in the order of the log.
      func settle(until limit: Int) async throws {
        while running > limit, let result = try await group.next() {
          running -= 1
          waiting[result.0.index.index] = result
          while let (stretch, check) = waiting.removeValue(forKey: next) {
            checked.take(stretch, check)
            progress(checked.size, end)
            next += 1
          }
        }
      }
      func start(_ stretch: Stretch) async throws {
        try await settle(until: parallelism - 1)
        group.addTask {
          (stretch, StretchCheck(stretch.entries, stretch.disclosures, stretch.index, from: stretch.first, log))
        }
        running += 1
      }
      var stretch: Stretch?
      reading: for file in LogFile.files(size: checkpoint.size) {
        switch file {
        case .entries(let bundle):
          if let stretch { try await start(stretch) }
          let bytes = try await source.bytes(of: file)
          stretch = Stretch(index: bundle.tileIndex, entries: bytes)
          // Without them nothing can be said of what follows.
          guard bytes != nil else { break reading }
        case .disclosures:
          stretch?.disclosures = try await source.bytes(of: file)
        case .tile(let tile):
          stretch?.tiles.append((tile, try await source.bytes(of: file)))
        case .checkpoint, .verifierKeys, .policy: break
        }
      }
      if let stretch { try await start(stretch) }
      try await settle(until: 0)
    }
    checked.compareRoot(checkpoint)
  }

  private mutating func take(_ stretch: Stretch, _ check: StretchCheck) {
    list.add(check.findings)
    disclosedCount += check.disclosedCount
    withheldCount += check.withheldCount
    if keepsRecordings { recordings.add(check.recordings) }
    for (position, time, epoch) in check.order { order.check(time, epoch: epoch, at: position, &list) }
    let completed = rows.add(check.leafHashes, at: stretch.index.index, root: check.root)
    grow(by: check.leafHashes, root: completed.first?.root)
    size = LogSize(stretch.first.value + Int64(check.leafHashes.count))
    for (tile, bytes) in stretch.tiles {
      let own: [MerkleHash] =
        tile.level == 0
        ? check.leafHashes
        : completed.first { $0.tile == tile }?.hashes ?? rows.partial(level: tile.level)
      compare(tile, bytes, with: own)
    }
  }

  /// - Parameter root: of the leaves, when they fill a tile.
  private mutating func grow(by leaves: [MerkleHash], root: MerkleHash?) {
    let isKnownWithin = known.map { frontier.size < $0.size && $0.size < frontier.size + UInt64(leaves.count) } ?? false
    if let root, !isKnownWithin {
      frontier.append(subtree: root, height: 8)
      compareKnown()
    } else {
      for leaf in leaves {
        frontier.append(leaf)
        compareKnown()
      }
    }
  }

  private mutating func compareKnown() {
    guard let known, known.size == frontier.size, known.root != frontier.root else { return }
    note("known-root", known.root.base64, frontier.root.base64)
  }

  /// What a tile must hold follows from the entries.
  private mutating func compare(_ tile: Tile, _ bytes: [UInt8]?, with own: [MerkleHash]) {
    let first = Int64(tile.index) << (8 * Int64(tile.level + 1))
    guard let bytes else { return note("tile-missing", tile.path, "another file", at: Position(first)) }
    guard let hashes = try? tile.decode(bytes) else {
      return note("tile", "\(tile.width) hashes in \(tile.path)", "\(bytes.count) bytes")
    }
    guard hashes != own else { return }
    let index = zip(hashes, own).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? own.count
    let place = first + Int64(index) << (8 * Int64(tile.level))
    note(
      "tile", "\(index < hashes.count ? hashes[index].base64 : "nothing") as in \(tile.path)",
      "\(index < own.count ? own[index].base64 : "nothing") computed from the events", at: Position(place))
  }

  private mutating func compareRoot(_ checkpoint: Checkpoint) {
    list.expect("\(checkpoint.size)", "\(size.value)", "size", at: nil)
    list.expect(checkpoint.root.base64, frontier.root.base64, "root", at: nil)
  }
}

extension LogID {
  /// The log that an origin names: `<prefix>/<plan>/<log>/<epoch>`.
  public init?(origin: String) {
    let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 4, let plan = EntityID(parts[parts.count - 3]), Int(parts[parts.count - 1]) != nil else {
      return nil
    }
    self.init(plan: plan, name: String(parts[parts.count - 2]))
  }
}

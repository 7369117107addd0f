public import Coordination
public import EventSourcing
internal import PlanService
internal import Projections
internal import TamperEvidence

/// Folds a published log again, with the folds that the service itself uses, and compares what the views show with the
/// digests that were recorded while people worked with them.
public struct Replay: Sendable {
  /// How a view compares with what was recorded of it.
  public enum Verdict: String, Sendable {
    case equal, differs
    /// It was recorded by a fold or view of another version, which this program does not have.
    case otherVersion = "other-version"
  }

  public struct Comparison: Sendable {
    /// The event after which the views were read.
    public let position: Position
    /// The event that says what they showed.
    public let recordedBy: Position
    public let view: String
    public let verdict: Verdict
  }

  /// How far to fold.
  public enum End: Sendable {
    case whole
    case position(Position)
    case asOf(Timestamp)
    /// The end of a day where the plan is.
    case endOf(LocalDate)

    func includes(_ position: Position) -> Bool {
      if case .position(let last) = self { position <= last } else { true }
    }

    func includes(_ time: Timestamp, in plan: Plan) -> Bool {
      switch self {
      case .asOf(let last): time <= last
      case .endOf(let day): plan.today(at: time) <= day
      case .whole, .position: true
      }
    }
  }

  /// Nil when nothing was folded.
  public private(set) var plan: Plan?
  public private(set) var comparisons: [Comparison] = []
  /// The day that the views at the end are read for, and what they show; nothing for an empty log.
  public private(set) var atEnd: (validAt: LocalDate, digests: [RecordedViewDigest])?

  /// Folds what a log that was verified holds. Memory grows with the plan, not with the log.
  ///
  /// Every entry is hashed as it is read: what is folded is what the checkpoint covers, also where the source gives
  /// something else than when it was verified. Throws `UnreadableEvent` for an event that this build cannot read.
  /// - Parameters:
  ///   - source: the log, from its start.
  ///   - validAt: the day that the views at the end are read for; that of the last event unless given.
  ///   - progress: called with the number of events folded, about every stretch of 256.
  public static func run(
    through end: End, of log: VerifiedLog, in source: inout any AuditSource, validAt: LocalDate? = nil,
    progress: (LogSize) -> Void
  ) async throws -> Replay {
    var replay = Replay()
    try await forEachPage(of: &source, log.checkpoint) { page, id in
      var plan = replay.plan.take() ?? Plan(id: id.plan)
      defer { replay.plan = plan.size == .zero ? nil : plan }
      for prepared in page {
        guard end.includes(prepared.position) else { return false }
        let event = try prepared.next(in: plan)
        guard end.includes(event.envelope.time, in: plan) else { return false }
        plan.apply(event.fact, EventRecord(event.envelope))
        for (recordedBy, recorded) in log.recordings[prepared.position] {
          replay.comparisons += compare(plan, with: recorded, at: prepared.position, recordedBy)
        }
      }
      progress(plan.size)
      return true
    }
    // What was recorded after the end is not known at the end.
    let size = replay.plan?.size ?? .zero
    replay.comparisons.removeAll { $0.recordedBy >= size.nextPosition }
    if let plan = replay.plan, let last = plan.lastRecordedAt {
      let day = validAt ?? plan.today(at: last)
      replay.atEnd = (day, ViewDigest.all(of: plan, validAt: day))
    }
    return replay
  }

  private static func compare(
    _ plan: Plan, with recorded: ViewDigestRecorded, at position: Position, _ recordedBy: Position
  ) -> [Comparison] {
    let own = ViewDigest.all(of: plan, validAt: recorded.validAt)
    return recorded.digests.map { digest in
      let same = own.first { $0.view == digest.view }
      let isSameVersion = recorded.foldVersion == Plan.foldVersion && same?.version == digest.version
      return Comparison(
        position: position, recordedBy: recordedBy, view: digest.view.text,
        verdict: !isSameVersion ? .otherVersion : same?.digest == digest.digest ? .equal : .differs)
    }
  }

  /// How many stretches are read and prepared ahead of the body.
  private static let aheadMax = 3

  /// Goes through the events of a source in order, 256 at a time; the next are read and prepared while the body works
  /// on those before. Once the body returns false the rest is only hashed.
  /// - Throws: `BundleFault` where the entries are not those that the checkpoint covers.
  private static func forEachPage(
    of source: inout any AuditSource, _ checkpoint: Checkpoint, _ body: ([PreparedEvent], LogID) throws -> Bool
  ) async throws {
    guard let log = LogID(origin: checkpoint.origin) else { throw BundleFault.malformed("no origin of ours") }
    guard checkpoint.size <= AuditVerification.sizeMax else { throw BundleFault.malformed("no size of a log") }
    for file in [LogFile.verifierKeys, .policy, .checkpoint] { _ = try await source.bytes(of: file) }
    var frontier = MerkleFrontier()
    try await withThrowingTaskGroup(of: (UInt64, HashedStretch, [PreparedEvent]?).self) { group in
      var ready: [UInt64: (HashedStretch, [PreparedEvent]?)] = [:]
      var (due, ahead): (UInt64, UInt64) = (0, 0)
      var isWanted = true
      func workOff(until left: Int) async throws {
        while ahead - due > left {
          while ready[due] == nil, let (index, hashes, page) = try await group.next() { ready[index] = (hashes, page) }
          guard let (hashes, page) = ready.removeValue(forKey: due) else { return }
          hashes.add(to: &frontier)
          if isWanted, let page { isWanted = try body(page, log) }
          due += 1
        }
      }
      for file in LogFile.files(size: checkpoint.size) {
        let bytes = try await source.bytes(of: file)
        guard case .entries(let bundle) = file else { continue }
        guard let bytes else { throw BundleFault.truncated(name: file.path) }
        try await workOff(until: aheadMax - 1)
        group.addTask { [ahead, isWanted] in
          var (leaves, page): ([MerkleHash], [PreparedEvent]) = ([], [])
          leaves.reserveCapacity(TileIndex.widthMax)
          try bundle.forEachEntry(in: bytes) { position, entry in
            leaves.append(MerkleTree.leafHash(entry))
            if isWanted { page.append(PreparedEvent(position, entry)) }
          }
          return (ahead, HashedStretch(leaves), isWanted ? page : nil)
        }
        ahead += 1
      }
      try await workOff(until: 0)
    }
    guard frontier.size == checkpoint.size, frontier.root == checkpoint.root else {
      throw BundleFault.malformed("the entries are not those that the checkpoint covers")
    }
  }
}

/// What the entries of a stretch add to the tree: of a whole one the root of its subtree, found beside the fold.
private enum HashedStretch: Sendable {
  case whole(MerkleHash)
  case part([MerkleHash])

  init(_ leaves: [MerkleHash]) {
    if leaves.count == TileIndex.widthMax, let root = Tile.root(of: leaves) {
      self = .whole(root)
    } else {
      self = .part(leaves)
    }
  }

  func add(to frontier: inout MerkleFrontier) {
    switch self {
    case .whole(let root): frontier.append(subtree: root, height: 8)
    case .part(let leaves): for leaf in leaves { frontier.append(leaf) }
    }
  }
}

extension EntryBundle {
  /// Lends the entries in the file of this bundle, each with its position in the log.
  fileprivate func forEachEntry(in bytes: [UInt8], _ body: (Position, UnsafeRawBufferPointer) -> Void) throws {
    let ranges = try ranges(in: bytes)
    bytes.withUnsafeBytes { bytes in
      for (offset, range) in ranges.enumerated() {
        let position = Int64(index) * Int64(TileIndex.widthMax) + Int64(offset)
        body(Position(position), UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }
}

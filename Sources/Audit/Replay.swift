package import Coordination
package import EventSourcing
internal import PlanService
internal import Projections
package import TamperEvidence

/// Folds a published log again, with the folds that the service itself uses, and compares what the views show with the
/// digests that were recorded while people worked with them.
package struct Replay: Sendable {
  /// How a view compares with what was recorded of it.
  package enum Verdict: String, Sendable {
    case equal, differs
    /// It was recorded by a fold or view of another version, which this program does not have.
    case otherVersion = "other-version"
  }

  package struct Comparison: Sendable {
    /// The event after which the views were read.
    package let position: Position
    /// The event that says what they showed.
    package let recordedBy: Position
    package let view: String
    package let verdict: Verdict
  }

  /// How far to fold.
  package enum End: Sendable {
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
  package private(set) var plan: Plan?
  package private(set) var comparisons: [Comparison] = []
  /// The day that the views at the end are read for, and what they show; nothing for an empty log.
  package private(set) var atEnd: (validAt: LocalDate, digests: [RecordedViewDigest])?

  /// Reads the log twice: once for what was recorded, once to fold it. Memory grows with the plan, not with the log.
  ///
  /// Every entry is hashed as it is read, both times: what is folded is what the checkpoint covers, also where a source
  /// gives something else with each reading. Throws `UnreadableEvent` for an event that this build cannot read.
  /// - Parameters:
  ///   - known: the checkpoint that was verified; without one that of the source is believed.
  ///   - makeSource: gives the source from its start.
  ///   - validAt: the day that the views at the end are read for; that of the last event unless given.
  ///   - progress: called with the number of events folded, about every stretch of 256.
  package static func run(
    through end: End, of known: Checkpoint? = nil, validAt: LocalDate? = nil, progress: (LogSize) -> Void,
    _ makeSource: () async throws -> any AuditSource
  ) async throws -> Replay {
    var recordings: [Int: [(by: Position, fact: ViewDigestRecorded)]] = [:]
    var source = try await makeSource()
    try await forEachStretch(of: &source, known, preparing: { try Self.recordings(in: $0) }) { found, _ in
      for (by, fact) in found { recordings[fact.position, default: []].append((by, fact)) }
      return true
    }
    source = try await makeSource()
    var replay = Replay()
    try await forEachStretch(of: &source, known, preparing: { try Self.prepared($0) }) { page, log in
      var plan = replay.plan.take() ?? Plan(id: log.plan)
      defer { replay.plan = plan.size == .zero ? nil : plan }
      for prepared in page {
        guard end.includes(prepared.position) else { return false }
        let event = try prepared.next(in: plan)
        guard end.includes(event.envelope.time, in: plan) else { return false }
        plan.apply(event.fact, EventRecord(event.envelope))
        for (recordedBy, recorded) in recordings[Int(prepared.position.value)] ?? [] {
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

  /// Calls a body with each entry of a stretch, in place.
  private typealias Stretch = ((Position, UnsafeRawBufferPointer) -> Void) throws -> Void

  private static func prepared(_ stretch: Stretch) throws -> [PreparedEvent] {
    var events: [PreparedEvent] = []
    try stretch { events.append(PreparedEvent($0, $1)) }
    return events
  }

  private static let digestType = Array("\"type\":\"\(ViewDigestRecorded.type)\"}".utf8)

  /// The recordings among some entries. The type is the last member of an event.
  private static func recordings(in stretch: Stretch) throws -> [(by: Position, fact: ViewDigestRecorded)] {
    var found: [(by: Position, fact: ViewDigestRecorded)] = []
    try stretch { position, entry in
      guard entry.suffix(digestType.count).elementsEqual(digestType),
        let fact = try? ReadEvent(entry, at: position).fact as? ViewDigestRecorded
      else { return }
      found.append((position, fact))
    }
    return found
  }

  /// How many stretches are read and prepared ahead of the body.
  private static let aheadMax = 3

  /// Goes through the entries of a source in order, 256 at a time; the next stretches are read and prepared while the
  /// body works on the one before. Once the body returns false the rest is only hashed.
  /// - Throws: `BundleFault` where the entries are not those that the checkpoint covers.
  private static func forEachStretch<Prepared: Sendable>(
    of source: inout any AuditSource, _ known: Checkpoint?,
    preparing prepare: @escaping @Sendable (Stretch) throws -> Prepared, _ body: (Prepared, LogID) throws -> Bool
  ) async throws {
    for file in [LogFile.verifierKeys, .policy] { _ = try await source.bytes(of: file) }
    guard let bytes = try await source.bytes(of: .checkpoint) else {
      throw BundleFault.truncated(name: LogFile.checkpoint.path)
    }
    let checkpoint = try known ?? Checkpoint(noteText: SignedNote(parsing: bytes).text)
    guard let log = LogID(origin: checkpoint.origin) else { throw BundleFault.malformed("no origin of ours") }
    guard checkpoint.size <= AuditVerification.sizeMax else { throw BundleFault.malformed("no size of a log") }
    var frontier = MerkleFrontier()
    try await withThrowingTaskGroup(of: (UInt64, HashedStretch, Prepared?).self) { group in
      var ready: [UInt64: (HashedStretch, Prepared?)] = [:]
      var (due, ahead): (UInt64, UInt64) = (0, 0)
      var isWanted = true
      func workOff(until left: Int) async throws {
        while ahead - due > left {
          while ready[due] == nil, let (index, hashes, prepared) = try await group.next() {
            ready[index] = (hashes, prepared)
          }
          guard let (hashes, prepared) = ready.removeValue(forKey: due) else { return }
          hashes.add(to: &frontier)
          if isWanted, let prepared { isWanted = try body(prepared, log) }
          due += 1
        }
      }
      for file in LogFile.files(size: checkpoint.size) {
        let bytes = try await source.bytes(of: file)
        guard case .entries(let bundle) = file else { continue }
        guard let bytes else { throw BundleFault.truncated(name: file.path) }
        try await workOff(until: aheadMax - 1)
        group.addTask { [ahead, isWanted] in
          var leaves: [MerkleHash] = []
          leaves.reserveCapacity(TileIndex.widthMax)
          try bundle.forEachEntry(in: bytes) { leaves.append(MerkleTree.leafHash($1)) }
          return (ahead, HashedStretch(leaves), isWanted ? try prepare { try bundle.forEachEntry(in: bytes, $0) } : nil)
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

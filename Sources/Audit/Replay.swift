package import Coordination
package import EventSourcing
internal import PlanService
internal import Projections
internal import TamperEvidence

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

    func includes(_ position: Position) -> Bool {
      if case .position(let last) = self { position <= last } else { true }
    }

    func includes(_ time: Timestamp) -> Bool {
      if case .asOf(let last) = self { time <= last } else { true }
    }
  }

  /// Nil when nothing was folded.
  package private(set) var plan: Plan?
  package private(set) var comparisons: [Comparison] = []
  /// The day that the views at the end are read for, and what they show; nothing for an empty log.
  package private(set) var atEnd: (validAt: LocalDate, digests: [RecordedViewDigest])?

  /// Reads the log twice: once for what was recorded, once to fold it. Memory grows with the plan, not with the log.
  ///
  /// The log is believed: verify it first. Throws `UnreadableEvent` for an event that this build cannot read.
  /// - Parameters:
  ///   - makeSource: gives the source from its start.
  ///   - validAt: the day that the views at the end are read for; that of the last event unless given.
  ///   - progress: called with the number of events folded, about every stretch of 256.
  package static func run(
    through end: End, validAt: LocalDate? = nil, progress: (LogSize) -> Void,
    _ makeSource: () async throws -> any AuditSource
  ) async throws -> Replay {
    var recordings: [Int: [(by: Position, fact: ViewDigestRecorded)]] = [:]
    var source = try await makeSource()
    try await forEachEntry(of: &source) { position, entry, _ in
      guard end.includes(position), let (envelope, data) = EventEnvelope.decode(entry), end.includes(envelope.time)
      else {
        return false
      }
      guard envelope.type == ViewDigestRecorded.type else { return true }
      if let fact = FactCatalogue.fact(type: envelope.type, data: data) as? ViewDigestRecorded {
        recordings[fact.position, default: []].append((position, fact))
      }
      return true
    }
    source = try await makeSource()
    var replay = Replay()
    try await forEachEntry(of: &source) { position, entry, log in
      guard end.includes(position) else { return false }
      var plan = replay.plan.take() ?? Plan(id: log.plan)
      defer { replay.plan = plan.size == .zero ? nil : plan }
      let (fact, envelope) = try plan.read(entry, at: position)
      guard end.includes(envelope.time) else { return false }
      plan.apply(fact, EventRecord(envelope))
      for (recordedBy, recorded) in recordings[Int(position.value)] ?? [] {
        replay.comparisons += compare(plan, with: recorded, at: position, recordedBy)
      }
      if plan.size.value % Int64(TileIndex.widthMax) == 0 { progress(plan.size) }
      return true
    }
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

  /// Goes through the entries of a source in order until there are no more or the body returns false.
  private static func forEachEntry(
    of source: inout any AuditSource, _ body: (Position, [UInt8], LogID) throws -> Bool
  ) async throws {
    for file in [LogFile.verifierKeys, .policy] {
      _ = try await source.bytes(of: file)
    }
    guard let bytes = try await source.bytes(of: .checkpoint) else {
      throw BundleFault.truncated(name: LogFile.checkpoint.path)
    }
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: bytes).text)
    guard let log = LogID(origin: checkpoint.origin) else { throw BundleFault.malformed("no origin of ours") }
    for file in LogFile.files(size: checkpoint.size) {
      guard case .entries(let bundle) = file else {
        _ = try await source.bytes(of: file)
        continue
      }
      guard let bytes = try await source.bytes(of: file) else {
        throw BundleFault.truncated(name: file.path)
      }
      let first = Int64(bundle.index) * Int64(TileIndex.widthMax)
      for (offset, entry) in try bundle.decode(bytes).enumerated() {
        guard try body(Position(first + Int64(offset)), entry, log) else { return }
      }
    }
  }
}

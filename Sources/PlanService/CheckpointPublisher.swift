internal import Coordination
public import EventSourcing
public import Logging
public import ServiceLifecycle
internal import Synchronization
internal import TamperEvidence

/// Signs committed heads and publishes them as C2SP checkpoints, at most one per log and interval.
///
/// Order for each checkpoint: read the committed head, keep the tiles that prove it, write the high-water mark outside
/// the database, let the witnesses cosign, store the note. A crash in between leaves a mark that is never behind what
/// others have seen; the next round publishes again.
public struct CheckpointPublisher: Service {
  private let service: PlanService
  private let highWater: HighWater
  private let keys: LogKeys
  private let witnessing: Witnessing?
  /// The logs that wait for witnesses.
  private let held = Held()
  private let logger: Logger

  /// - Parameter witnessing: without it no cosignature is asked for.
  public init(
    service: PlanService, highWater: HighWater, keys: LogKeys, witnessing: Witnessing? = nil, logger: Logger
  ) {
    self.service = service
    self.highWater = highWater
    self.keys = keys
    self.witnessing = witnessing
    self.logger = logger
  }

  /// A log as it is published from here.
  public func published(_ log: LogID) -> PublishedLog {
    PublishedLog(log, in: service.store, keys: keys, witnesses: witnesses(of: log)?.policy)
  }

  /// Who cosigns a log: witnesses are told of plans' own logs. A feed follows from one of those and has an origin that
  /// they do not know, so a quorum of them would hold its checkpoints back for ever.
  private func witnesses(of log: LogID) -> Witnessing? { log.isMain ? witnessing : nil }

  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await publishAll()
        // Ends early on cancellation; the loop condition sees it.
        try? await Task.sleep(for: service.configuration.checkpointInterval)
      }
    }
  }

  private func publishAll() async {
    do {
      var last: String?
      while true {
        let plans = try await service.store.plans(after: last, limit: 100)
        for entry in plans {
          await publishOrLog(LogID(plan: entry.plan))
          for feed in service.planInMemory(entry.plan)?.feeds ?? [] {
            await publishOrLog(LogID(plan: entry.plan, name: feed.logName))
          }
        }
        guard plans.count == 100 else { return }
        last = plans.last?.slug
      }
    } catch {
      logger.debug("no checkpoint this time", metadata: ["reason": "\(error)"])
    }
  }

  /// A log that cannot be published must not keep the others from it.
  private func publishOrLog(_ log: LogID) async {
    do {
      try await publish(log)
      held.withLock { _ = $0.remove(log) }
    } catch let missing as QuorumMissing {
      // Said once, until it is over: the next try comes in a second.
      if held.withLock({ $0.insert(log).inserted }) {
        logger.warning(
          "no checkpoint is published",
          metadata: ["plan": "\(log.plan)", "log": "\(log.name)", "reason": "\(missing)"])
      }
    } catch {
      logger.debug(
        "no checkpoint of a log this time",
        metadata: ["plan": "\(log.plan)", "log": "\(log.name)", "reason": "\(error)"])
    }
  }

  /// Publishes the log's present head unless that was done.
  ///
  /// A plan's log is signed only as far as this server has folded it: folding has compared it with what was published
  /// before, so a log that went on beside its published past is never signed, not even when it has grown beyond it. A
  /// feed's log is compared by its tree.
  /// - Returns: the newest published checkpoint.
  @discardableResult
  public func publish(_ log: LogID) async throws -> StoredCheckpoint? {
    guard service.trouble(of: log.plan) == nil, let stored = try await service.store.head(of: log) else {
      return try await service.store.checkpoint(of: log, sizeMax: nil)
    }
    let newest = try await service.store.checkpoint(of: log, sizeMax: nil)
    let known = newest.flatMap { $0.epoch == stored.epoch && $0.size == stored.size ? $0 : nil }
    let mark = try highWater.mark(of: LogIDPath(log))
    if let known, let mark, (mark.epoch, mark.size) >= (known.epoch, known.size.value) { return known }
    let tree = LogTree(log, in: service.store)
    guard let head = try await log.isMain ? foldedHead(of: log, stored) : comparedHead(stored, tree, mark) else {
      return nil
    }
    if let mark,
      (head.epoch, head.size.value) < (mark.epoch, mark.size)
        || ((head.epoch, head.size.value) == (mark.epoch, mark.size) && mark.root != base64(head.root))
    {
      throw Unavailability.logRegressed(published: LogSize(mark.size), found: head.size)
    }
    guard let root = MerkleHash(bytes: head.root) else { return nil }
    if let known, known.size == head.size {
      guard known.root == head.root else { throw Self.anotherRoot }
      // Another server has published it; after a restore this one must know it too, or it would go on beside it.
      try raise(head, root, of: log)
      return known
    }
    try await tree.keep(through: head.size)
    // What is signed can be proved: hashes that were tampered with in the store give another root.
    guard try await tree.root(size: head.size) == root else {
      throw EventLogFailure(.broken, "the stored hashes do not make the root of the log's head")
    }
    try raise(head, root, of: log)
    let body = try Checkpoint(validating: head.origin, size: UInt64(head.size.value), root: root)
    var note = try SignedNote.sign(text: body.noteText, with: keys.signing(head.origin))
    if let witnessing = witnesses(of: log) {
      note = await witnessing.cosign(note, size: head.size, of: tree)
      guard witnessing.isSatisfied(by: note) else { throw QuorumMissing(isPolicyMissing: false) }
    } else if log.isMain, try await isCosigned(log) {
      // Whoever starts without the policy must not publish what the others would hold back.
      throw QuorumMissing(isPolicyMissing: true)
    }
    return try await store(note, root, head, log)
  }

  private func raise(_ head: LogHead, _ root: MerkleHash, of log: LogID) throws {
    try highWater.raise(
      HighWater.Mark(epoch: head.epoch, size: head.size.value, root: root.base64), of: LogIDPath(log))
  }

  private static let anotherRoot = EventLogFailure(.broken, "another root is already published for this size")

  private func foldedHead(of log: LogID, _ stored: LogHead) async throws -> LogHead? {
    var head = try await service.snapshot(of: log.plan, positionMin: stored.size.lastPosition).head
    if let trouble = service.trouble(of: log.plan) { throw trouble }
    guard head.epoch == stored.epoch else { return nil }
    head.origin = stored.origin
    return head
  }

  /// The stored head, if it continues what was published.
  private func comparedHead(_ stored: LogHead, _ tree: LogTree, _ mark: HighWater.Mark?) async throws -> LogHead? {
    guard stored.size > .zero else { return nil }
    if let mark, mark.epoch == stored.epoch, mark.size <= stored.size.value,
      try await tree.root(size: LogSize(mark.size)).base64 != mark.root
    {
      throw Unavailability.logRegressed(published: LogSize(mark.size), found: stored.size)
    }
    return stored
  }

  /// The size of a checkpoint that covers a log up to here: where its stretch of 256 events ends, if the log reaches
  /// that far, else the newest one; nil while there is none yet.
  public func coveringSize(of log: LogID, through size: LogSize) async throws(EventLogFailure) -> LogSize? {
    let newest = try await service.store.checkpoint(of: log, sizeMax: nil)?.size ?? .zero
    let width = Int64(TileIndex.widthMax)
    let end = LogSize((size.value + width - 1) / width * width)
    // Made when it is asked for, unless witnesses have to see it, who sign only what is newest.
    if witnesses(of: log)?.policy.quorum == nil, end <= max(newest, size) { return end }
    return size <= newest ? newest : nil
  }

  /// Signs an earlier size of the log that nobody has signed yet: for pages that are covered by a checkpoint of their
  /// own.
  ///
  /// - Returns: nil when there is no newer checkpoint of the same epoch, which would vouch for it, or when a quorum of
  ///   witnesses is required, none of whom cosigns what is behind.
  public func publishEarlier(_ size: LogSize, of log: LogID) async throws -> StoredCheckpoint? {
    guard witnesses(of: log)?.policy.quorum == nil,
      let newest = try await service.store.checkpoint(of: log, sizeMax: nil), size <= newest.size,
      let head = try await service.store.head(of: log), head.epoch == newest.epoch
    else { return nil }
    let known = try await service.store.checkpoint(of: log, sizeMax: size)
    if let known, known.epoch == head.epoch, known.size == size { return known }
    let tree = LogTree(log, in: service.store)
    let (root, newestRoot) = (try await tree.root(size: size), MerkleHash(bytes: newest.root))
    // The stored hashes are believed only as far as they lead to what was signed.
    let proof = try await tree.consistencyProof(from: size, to: newest.size)
    guard let newestRoot, proof.verifies(oldRoot: root, newRoot: newestRoot) else { return nil }
    let body = try Checkpoint(validating: head.origin, size: UInt64(size.value), root: root)
    let note = try SignedNote.sign(text: body.noteText, with: keys.signing(head.origin))
    var earlier = head
    earlier.size = size
    return try await store(note, root, earlier, log)
  }

  private func store(
    _ note: SignedNote, _ root: MerkleHash, _ head: LogHead, _ log: LogID
  ) async throws -> StoredCheckpoint {
    let checkpoint = StoredCheckpoint(
      epoch: head.epoch, size: head.size, root: root.bytes, note: String(decoding: note.bytes, as: UTF8.self))
    guard try await service.store.publish(checkpoint, of: log) else {
      throw Self.anotherRoot
    }
    return checkpoint
  }

  /// Whether witnesses have signed the newest checkpoint.
  private func isCosigned(_ log: LogID) async throws -> Bool {
    guard let newest = try await service.store.checkpoint(of: log, sizeMax: nil) else { return false }
    let note = try SignedNote(parsing: Array(newest.note.utf8))
    let origin = try Checkpoint(noteText: note.text).origin
    return note.signatures.contains { !$0.name.utf8.elementsEqual(origin.utf8) }
  }

  private func base64(_ root: [UInt8]) -> String { MerkleHash(bytes: root)?.base64 ?? "" }
}

private final class Held: Sendable {
  private let logs = Mutex<Set<LogID>>([])

  func withLock<R>(_ body: (inout Set<LogID>) -> R) -> R { logs.withLock { body(&$0) } }
}

/// Too few witnesses have cosigned a checkpoint, so it is not published; the next one is tried again.
public struct QuorumMissing: Error, CustomStringConvertible {
  /// Whether this program was not told of witnesses at all, while those before were.
  public let isPolicyMissing: Bool

  public var description: String {
    isPolicyMissing
      ? "witnesses have cosigned the checkpoints of this log until now; give FEDERWERK_WITNESS_POLICY, or a policy with "
        + "“quorum none” to go on without them"
      : "too few witnesses have cosigned; no checkpoint is published"
  }
}

package import EventSourcing
package import Logging
internal import ServiceLifecycle
package import TamperEvidence

/// Signs committed heads and publishes them as C2SP checkpoints, at most one per log and interval.
///
/// Order for each checkpoint: read the committed head, write the high-water mark outside the database, store the note.
/// A crash in between leaves a mark that is never behind what others have seen; the next round publishes again.
package struct CheckpointPublisher: Service {
  private let service: PlanService
  private let highWater: HighWater
  private let signingKey: @Sendable (_ origin: String) throws -> NoteSigningKey
  private let logger: Logger

  /// - Parameter signingKey: gives the key for an origin; the key's name is the origin.
  package init(
    service: PlanService, highWater: HighWater, logger: Logger,
    signingKey: @escaping @Sendable (_ origin: String) throws -> NoteSigningKey
  ) {
    self.service = service
    self.highWater = highWater
    self.signingKey = signingKey
    self.logger = logger
  }

  package func run() async throws {
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
        for entry in plans { await publishOrLog(LogID(plan: entry.plan)) }
        guard plans.count == 100 else { return }
        last = plans.last?.slug
      }
    } catch {
      logger.debug("no checkpoint this time", metadata: ["reason": "\(error)"])
    }
  }

  /// A log that cannot be published must not keep the others from it.
  private func publishOrLog(_ log: LogID) async {
    do { try await publish(log) } catch {
      logger.debug("no checkpoint of a log this time", metadata: ["plan": "\(log.plan)", "reason": "\(error)"])
    }
  }

  /// Publishes the log's present head unless that was done.
  ///
  /// Only a head that this server has folded is signed: folding has compared it with what was published before, so a log
  /// that went on beside its published past is never signed, not even when it has grown beyond it.
  /// - Returns: the newest published checkpoint.
  @discardableResult
  package func publish(_ log: LogID) async throws -> StoredCheckpoint? {
    guard service.trouble(of: log.plan) == nil, let stored = try await service.store.head(of: log) else {
      return try await service.store.checkpoint(of: log, sizeMax: nil)
    }
    if let known = try await service.store.checkpoint(of: log, sizeMax: nil), known.epoch == stored.epoch,
      known.size == stored.size
    {
      return known
    }
    var head = try await service.snapshot(of: log.plan, positionMin: stored.size.lastPosition).head
    if let trouble = service.trouble(of: log.plan) { throw trouble }
    guard head.epoch == stored.epoch else { return nil }
    head.origin = stored.origin
    if let mark = try highWater.mark(of: LogIDPath(log)),
      (head.epoch, head.size.value) < (mark.epoch, mark.size)
        || ((head.epoch, head.size.value) == (mark.epoch, mark.size) && mark.root != base64(head.root))
    {
      throw Unavailability.logRegressed(published: LogSize(mark.size), found: head.size)
    }
    guard let root = MerkleHash(bytes: head.root) else { return nil }
    let body = try Checkpoint(validating: head.origin, size: UInt64(head.size.value), root: root)
    let note = try SignedNote.sign(text: body.noteText, with: [signingKey(head.origin)])
    try highWater.raise(
      HighWater.Mark(epoch: head.epoch, size: head.size.value, root: root.base64), of: LogIDPath(log))
    let checkpoint = StoredCheckpoint(
      epoch: head.epoch, size: head.size, root: head.root, note: String(decoding: note.bytes, as: UTF8.self))
    guard try await service.store.publish(checkpoint, of: log) else {
      throw EventLogFailure(.broken, "another root is already published for this size")
    }
    return checkpoint
  }

  private func base64(_ root: [UInt8]) -> String { MerkleHash(bytes: root)?.base64 ?? "" }
}

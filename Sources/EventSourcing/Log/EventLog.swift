internal import Crypto

/// The head of a log: what is committed, and what a writer needs to extend it.
public struct LogHead: Hashable, Sendable {
  public var size: LogSize
  public var epoch: Int
  /// The RFC 6962 root over all leaves, 32 bytes.
  public var root: [UInt8]
  /// The hashes of the perfect subtrees, largest first, 32 bytes each.
  public var frontier: [UInt8]
  /// C2SP origin of this epoch's checkpoints.
  public var origin: String
  /// Recorded time of the last event, nil for an empty log.
  public var lastRecordedAt: Timestamp?

  public init(
    size: LogSize, epoch: Int, root: [UInt8], frontier: [UInt8], origin: String, lastRecordedAt: Timestamp?
  ) {
    self.size = size
    self.epoch = epoch
    self.root = root
    self.frontier = frontier
    self.origin = origin
    self.lastRecordedAt = lastRecordedAt
  }
}

/// One event as it lies in the log: the bytes, and the columns that repeat parts of them for searching.
public struct StoredEvent: Hashable, Sendable {
  public let position: Position
  public let type: String
  public let subject: String
  public let effectiveDate: LocalDate
  public let recordedAt: Timestamp
  public let body: [UInt8]
  /// SHA-256(00 ‖ body).
  public let leafHash: [UInt8]

  public init(
    position: Position, type: String, subject: String, effectiveDate: LocalDate, recordedAt: Timestamp, body: [UInt8],
    leafHash: [UInt8]
  ) {
    self.position = position
    self.type = type
    self.subject = subject
    self.effectiveDate = effectiveDate
    self.recordedAt = recordedAt
    self.body = body
    self.leafHash = leafHash
  }
}

/// An erasable value that belongs to the event at `position`.
public struct StoredDisclosure: Hashable, Sendable {
  public let position: Position
  public let digest: String
  public let encoded: String

  public init(position: Position, digest: String, encoded: String) {
    self.position = position
    self.digest = digest
    self.encoded = encoded
  }
}

/// Which erasable values of an event are to be no more: named by their fields, as the event that says so names them.
///
/// The digests stay in the event, and with them every hash and proof. A value that is not there, because the field was
/// never filled or was erased before, is no error: erasing again changes nothing.
public struct Erasure: Hashable, Sendable {
  public let position: Position
  public let fields: [String]

  public init(position: Position, fields: [String]) {
    self.position = position
    self.fields = fields
  }

  /// Whether a value is among those that go.
  public func covers(_ disclosure: StoredDisclosure) -> Bool {
    guard disclosure.position == position, let name = Disclosure(encoded: disclosure.encoded).content?.name else {
      return false
    }
    return fields.contains(name)
  }
}

/// Under which name a caller may repeat a command: unique within a plan.
public struct ReceiptKey: Hashable, Sendable {
  public let actor: String
  public let key: String
  /// By what a store finds the receipt: the first 16 bytes of SHA-256 of the actor, a zero byte, and the key. No actor
  /// can have a zero byte in it, so no two keys are digested from the same bytes.
  public let digest: EntityID

  public init(actor: String, key: String) {
    self.actor = actor
    self.key = key
    var hash = SHA256()
    for part in [actor, "\0", key] {
      var part = part
      part.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    digest = hash.finalize().withUnsafeBytes { EntityID(bytes: $0) }
  }

  public static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }

  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// The proof that a command was carried out, and the answer it got.
public struct Receipt: Hashable, Sendable {
  public let key: ReceiptKey
  /// HMAC of command name, canonical body and If-Match.
  public let commandHash: [UInt8]
  public let answer: [UInt8]

  public init(key: ReceiptKey, commandHash: [UInt8], answer: [UInt8]) {
    self.key = key
    self.commandHash = commandHash
    self.answer = answer
  }
}

/// Everything one transaction adds to one log.
public struct AppendBatch: Sendable {
  /// What a plan's first append brings with it.
  public struct Creation: Sendable {
    public let slug: String
    public init(slug: String) { self.slug = slug }
  }

  public var log: LogID
  /// Set for the append that creates the log; the expected size is then 0.
  public var creation: Creation?
  public var expectedSize: LogSize
  public var expectedEpoch: Int
  /// The head as it will be afterwards; its size is the expected size plus the number of events.
  public var newHead: LogHead
  public var events: [StoredEvent]
  public var disclosures: [StoredDisclosure]
  /// What the events of this batch erase, also of events in this very batch. Never without an event that says so.
  public var erasures: [Erasure]
  public var receipts: [Receipt]

  public init(
    log: LogID, creation: Creation? = nil, expectedSize: LogSize, expectedEpoch: Int, newHead: LogHead,
    events: [StoredEvent], disclosures: [StoredDisclosure], erasures: [Erasure] = [], receipts: [Receipt]
  ) {
    self.log = log
    self.creation = creation
    self.expectedSize = expectedSize
    self.expectedEpoch = expectedEpoch
    self.newHead = newHead
    self.events = events
    self.disclosures = disclosures
    self.erasures = erasures
    self.receipts = receipts
  }
}

/// What became of an append that was answered. Anything else is an `EventLogFailure`.
public enum AppendOutcome: Hashable, Sendable {
  /// Committed and durable. `storeTime` is the store's own clock during the append.
  case appended(storeTime: Timestamp)
  /// Nothing was written: the head is not the expected one. Catch up and decide again.
  case conflict(size: LogSize, epoch: Int)
  /// Nothing was written: these keys already have receipts.
  case keysUsed([ReceiptKey])
  /// Nothing was written: the slug of the plan to create belongs to another plan.
  case slugTaken
}

/// The store did not answer as it should.
public struct EventLogFailure: Error, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// No answer now; nothing was written.
    case unavailable
    /// The connection broke after an append was sent: it may or may not have committed.
    case outcomeUnknown
    /// The store is full; nothing was written.
    case full
    /// The caller gave up.
    case cancelled
    /// The store refused something that this program should never send, or holds something it cannot hold.
    case broken
  }

  public let kind: Kind
  /// Safe to show: no parameter, no statement.
  public let description: String
  public let underlying: (any Error)?

  public init(_ kind: Kind, _ description: String, _ underlying: (any Error)? = nil) {
    self.kind = kind
    self.description = description
    self.underlying = underlying
  }
}

/// The store lacks the event at a position and has later ones: a hole is proof of loss.
public struct LogGap: Error {
  public let position: Position

  public init(at position: Position) { self.position = position }
}

/// Which events to read.
public struct EventQuery: Sendable {
  public enum Order: Sendable { case oldestFirst, newestFirst }

  /// The most events one read returns.
  public static let limitMax = 10_000

  /// First position to return: inclusive, in reading order.
  public var from: Position?
  public var order: Order
  public var limit: Int
  public var subject: String?
  public var type: String?

  public init(
    from: Position? = nil, order: Order = .oldestFirst, limit: Int = 1000, subject: String? = nil, type: String? = nil
  ) {
    self.from = from
    self.order = order
    self.limit = limit
    self.subject = subject
    self.type = type
  }
}

/// A plan as the store lists it.
public struct PlanEntry: Hashable, Sendable {
  public let plan: EntityID
  public let slug: String
  public let size: LogSize

  public init(plan: EntityID, slug: String, size: LogSize) {
    self.plan = plan
    self.slug = slug
    self.size = size
  }
}

/// A published checkpoint.
public struct StoredCheckpoint: Hashable, Sendable {
  public let epoch: Int
  public let size: LogSize
  public let root: [UInt8]
  /// The signed note, as it is served.
  public let note: String

  public init(epoch: Int, size: LogSize, root: [UInt8], note: String) {
    self.epoch = epoch
    self.size = size
    self.root = root
    self.note = note
  }
}

/// A store of logs.
///
/// Promises of every implementation, kept by one conformance suite:
/// - positions of a log are 0, 1, 2 … without gaps, in commit order;
/// - an append is whole or absent, and durable once `appended` is returned;
/// - an append succeeds only on the head it names;
/// - what an append erases is gone once it is `appended`, and there as before when it is not; no event changes;
/// - a reader sees a position only when it sees every position before it;
/// - `withSubscription` wakes after commits and never skips: correctness does not rest on notifications.
public protocol EventLog: Sendable {
  /// The committed head, nil when there is no such log.
  func head(of log: LogID) async throws(EventLogFailure) -> LogHead?

  /// Appends in one transaction. Sending the identical batch again is safe: it commits once or conflicts.
  func append(_ batch: AppendBatch) async throws(EventLogFailure) -> AppendOutcome

  /// The receipts that exist among the given keys of a plan.
  func receipts(of plan: EntityID, for keys: [ReceiptKey]) async throws(EventLogFailure) -> [Receipt]

  /// Lends all answers that receipts of a plan hold, one with each call, ordered by the size of the log that they name;
  /// those that name none come first.
  func withReceiptAnswers<Result: Sendable>(
    of plan: EntityID, _ body: (_ next: @escaping () async throws -> [UInt8]?) async throws -> Result
  ) async throws -> Result

  func events(of log: LogID, matching query: EventQuery) async throws(EventLogFailure) -> [StoredEvent]

  /// Lends the stored bytes of consecutive events, from a position on and at most `limit`, one with each call, and
  /// nothing else of them: for those who hand the bytes on.
  /// - Returns: how many there were; fewer than `limit` only at the end of the log.
  func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(EventLogFailure) -> Int

  /// The disclosures of the events at the given positions, without those that were erased.
  func disclosures(of log: LogID, at positions: [Position]) async throws(EventLogFailure) -> [StoredDisclosure]

  /// The logs of a plan in order of their names: its own, and those of its feeds.
  func logs(of plan: EntityID) async throws(EventLogFailure) -> [LogID]

  /// Plans in order of their slugs, after the given one.
  func plans(after slug: String?, limit: Int) async throws(EventLogFailure) -> [PlanEntry]

  func plan(withSlug slug: String) async throws(EventLogFailure) -> EntityID?

  /// The store's clock.
  func storeTime() async throws(EventLogFailure) -> Timestamp

  /// Keeps a checkpoint; false when another root is already published for this epoch and size, or the head is behind
  /// it.
  func publish(_ checkpoint: StoredCheckpoint, of log: LogID) async throws(EventLogFailure) -> Bool

  /// The newest checkpoint, or the newest of at most `size`.
  func checkpoint(of log: LogID, sizeMax: LogSize?) async throws(EventLogFailure) -> StoredCheckpoint?

  /// The checkpoints of more than `size` events, those of fewer events first and then those of earlier epochs.
  ///
  /// All of one size are given, or none: `limit` is how many there are at least where there are as many.
  func checkpoints(
    of log: LogID, after size: LogSize, limit: Int
  ) async throws(EventLogFailure) -> [StoredCheckpoint]

  /// Where the tiles of the logs are kept.
  var tiles: any TileStore { get }

  /// Wakes up whenever the log may have grown, with the size where it is known. The sequence coalesces hints; a
  /// spurious wake-up is allowed.
  func withGrowthHints<Result: Sendable>(
    of log: LogID, _ body: @Sendable (AsyncStream<LogSize?>) async throws -> Result
  ) async throws -> Result
}

extension EventLog {
  /// Hands the events of a log to the body, page by page in the order of the log, and reads each page while the body
  /// works on the one before. Where the store lacks an event, those behind it come all the same.
  ///
  /// Ends after `last`, where the log ends, or when the body returns false; also by cancellation.
  /// - Parameters:
  ///   - pageSize: how many events the body gets at once; at most `EventQuery.limitMax`.
  ///   - failing: what the caller throws where the store fails.
  public func forEachPage<Failure: Error>(
    of log: LogID, from start: Position, through last: Position? = nil, pageSize: Int,
    failing: @Sendable (EventLogFailure) -> Failure, _ body: ([StoredEvent]) async throws(Failure) -> Bool
  ) async throws(Failure) {
    let pageSize = min(pageSize, EventQuery.limitMax)
    @Sendable func page(from position: Position) async -> Result<[StoredEvent], EventLogFailure> {
      let limit = min(Int64(pageSize), last.map { $0.value - position.value + 1 } ?? .max)
      guard limit > 0 else { return .success([]) }
      do throws(EventLogFailure) {
        return .success(try await events(of: log, matching: EventQuery(from: position, limit: Int(limit))))
      } catch {
        return .failure(error)
      }
    }
    var current = await page(from: start)
    while true {
      let events: [StoredEvent]
      switch current {
      case .success(let page): events = page
      case .failure(let failure): throw failing(failure)
      }
      guard let newest = events.last?.position else { return }
      async let next = events.count < pageSize ? .success([]) : page(from: newest.sizeIncluding.nextPosition)
      let goesOn = try await body(events)
      // Also when nobody wants it any more: leaving now would make the server cancel the query.
      current = await next
      guard goesOn else { return }
    }
  }

  /// Does the same with what is read out of the stored bytes of each event. Reading needs no event before it, so two
  /// pages are read beside each other and beside the body. It fails where the store lacks an event between others.
  public func forEachPage<Read: Sendable, Failure: Error>(
    of log: LogID, from start: Position, through last: Position? = nil, pageSize: Int,
    reading read: @escaping @Sendable (Position, UnsafeRawBufferPointer) -> Read,
    failing: @Sendable (EventLogFailure) -> Failure, _ body: ([Read]) async throws(Failure) -> Bool
  ) async throws(Failure) {
    typealias Page = Result<[Read], EventLogFailure>
    let pageSize = min(pageSize, EventQuery.limitMax)
    /// Empty behind the end of what is wanted.
    @Sendable func page(_ number: Int64) async -> Page {
      let first = start.value + number * Int64(pageSize)
      let limit = min(Int64(pageSize), last.map { $0.value - first + 1 } ?? .max)
      guard limit > 0 else { return .success([]) }
      var page: [Read] = []
      page.reserveCapacity(Int(limit))
      do throws(EventLogFailure) {
        _ = try await lendEntries(of: log, from: Position(first), limit: Int(limit)) { page.append(read($0, $1)) }
        return .success(page)
      } catch {
        return .failure(error)
      }
    }
    let failure = await withTaskGroup(of: (number: Int64, page: Page).self) { group -> Failure? in
      var pages: [Int64: Page] = [:]
      var next: Int64 = 0
      func readNext() {
        group.addTask { [next] in (next, await page(next)) }
        next += 1
      }
      readNext()
      readNext()
      for number: Int64 in 0... {
        while pages[number] == nil, let done = await group.next() { pages[done.number] = done.page }
        // A page that could not be read is told in its turn; and when nobody wants the pages behind any more, they are
        // read to their end: leaving now would make the server cancel a query.
        let elements: [Read]
        switch pages.removeValue(forKey: number) {
        case .success(let page)?: elements = page
        case .failure(let failure)?: return failing(failure)
        case nil: return nil
        }
        guard !elements.isEmpty else { return nil }
        readNext()
        do throws(Failure) {
          // A page that is not full was the log's end when it was read, whatever may stand behind it now.
          guard try await body(elements), elements.count == pageSize else { return nil }
        } catch {
          return error
        }
      }
      return nil
    }
    if let failure { throw failure }
  }

  /// Follows a log from a position on, in order, without gaps; ends by cancellation or by throwing.
  public func follow(
    _ log: LogID, from start: Position, pageSize: Int = 1000,
    _ body: @Sendable ([StoredEvent]) async throws -> Void
  ) async throws {
    try await withGrowthHints(of: log) { hints in
      var next = start
      func drain() async throws {
        while true {
          let page = try await events(of: log, matching: EventQuery(from: next, limit: pageSize))
          guard let last = page.last else { return }
          try await body(page)
          next = last.position.sizeIncluding.nextPosition
        }
      }
      try await drain()
      for await _ in hints { try await drain() }
    }
  }
}

internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import PlanService
internal import TamperEvidence

/// The log as outsiders verify it: signed checkpoints, tiles, entries and proofs in the formats of C2SP.
extension Routes {
  /// What never changes under its address within an epoch; whoever meets a new one drops what was kept. The token
  /// decides who may have it, so no shared cache keeps it.
  static let immutable = "private, max-age=31536000, immutable"

  /// The newest checkpoint, or that of a size.
  @Sendable func checkpoint(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let log = try await log(request, context)
    let size = try Self.size(request.parameters(["size"]), "size")
    let stored = try await checkpoint(of: log, size: size)
    return Self.response(
      .ok, "text/plain; charset=utf-8", ByteBuffer(string: stored.note), [(.cacheControl, Self.cacheControl(size))])
  }

  /// The log that a path names: that of a partner's feed, or the plan's own, of which all may see the hashes.
  private func log(_ request: Request, _ context: Context) async throws(Problem) -> LogID {
    if context.parameters.get("feed") != nil { return try await feedLog(request, context) }
    let principal = try await principal(request)
    return LogID(plan: try await plan(context, for: principal))
  }

  private static func size(_ values: [String: String], _ field: String) throws(Problem) -> LogSize? {
    try values[field].map { text throws(Problem) in try Request.logSize(text, field: field) }
  }

  /// What names its size stays as it is; what is said of the newest one is soon out of date.
  private static func cacheControl(_ size: LogSize?) -> String { size == nil ? "private, max-age=1" : immutable }

  private func checkpoint(of log: LogID, size: LogSize?) async throws(Problem) -> StoredCheckpoint {
    let stored = try await reading { try await findCheckpoint(of: log, size: size) }
    guard let stored else { throw .unknown("checkpoint", size.map { "\($0.value)" } ?? "", de: "Prüfpunkt") }
    return stored
  }

  /// Every size that ends a stretch of 256 events has a checkpoint, made when it is first asked for.
  private func findCheckpoint(of log: LogID, size: LogSize?) async throws -> StoredCheckpoint? {
    let published = publisher.published(log)
    guard let size else {
      if let newest = try await published.checkpoint() { return newest }
      return try await publisher.publish(log)
    }
    if let known = try await published.checkpoint(sizeMax: size), known.size == size { return known }
    guard size.value % Int64(TileIndex.widthMax) == 0, size > .zero else { return nil }
    return try await publisher.publishEarlier(size, of: log)
  }

  /// The keys that verify the checkpoints of the log.
  @Sendable func verifierKeys(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await file(.verifierKeys, "text/plain; charset=utf-8", "private, max-age=60", request, context)
  }

  /// Which signatures make a checkpoint one to believe.
  @Sendable func logPolicy(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    try await file(.policy, "text/plain; charset=utf-8", "private, max-age=60", request, context)
  }

  /// A tile of hashes, or a bundle of entries, which are for auditors and the office.
  @Sendable func tile(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let path = context.parameters.getCatchAll().joined(separator: "/")
    guard let file = LogFile(path: "tile/\(path)") else { throw Self.unknownTile(path) }
    return try await self.file(file, "application/octet-stream", Self.immutable, request, context)
  }

  /// The erasable values of the entries of one bundle; what is erased later is gone, so nobody keeps them.
  @Sendable func disclosures(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let path = context.parameters.getCatchAll().joined(separator: "/")
    guard let file = LogFile(path: "disclosures/\(path)") else { throw Self.unknownTile(path) }
    return try await self.file(file, "application/x-ndjson", "private, no-store", request, context)
  }

  private func file(
    _ file: LogFile, _ mediaType: String, _ cacheControl: String, _ request: Request, _ context: Context
  ) async throws(Problem) -> Response {
    let log =
      switch file {
      case .entries: try await feedLog(request, context)
      case .disclosures: try await auditedLog(request, context)
      case .checkpoint, .verifierKeys, .policy, .tile: try await self.log(request, context)
      }
    _ = try request.parameters([])
    let bytes = try await reading { try await publisher.published(log).bytes(of: file) }
    guard let bytes else { throw Self.unknownTile(file.path) }
    return Self.response(.ok, mediaType, ByteBuffer(bytes: bytes), [(.cacheControl, cacheControl)])
  }

  /// The log of a path, for those who may see what lies behind its digests: of a partner's feed, the links to the
  /// plan's log.
  private func auditedLog(_ request: Request, _ context: Context) async throws(Problem) -> LogID {
    _ = try await planForAuditor(request, context)
    return try await feedLog(request, context)
  }

  private static func unknownTile(_ path: String) -> Problem {
    .unknown("tile", String(path.prefix(80)), de: "Kachel")
  }

  // MARK: - Proofs

  /// That a checkpoint covers an event (c2sp.org/tlog-proof): the newest checkpoint, or that of a size.
  @Sendable func proof(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let log = try await log(request, context)
    let size = try Self.size(request.parameters(["size"]), "size")
    let position = try Request.position(context.parameters.get("position") ?? "", field: "position")
    let stored = try await checkpoint(of: log, size: size)
    guard position < stored.size.nextPosition else {
      throw Problem(
        .unprocessableContent, "not-covered", field: "position",
        de: "Dieser Prüfpunkt reicht nicht bis zu diesem Ereignis.", en: "This checkpoint does not cover that event.",
        facts: [.init("size", .integer(stored.size.value))])
    }
    let proof = try await reading { try await publisher.published(log).proof(of: position, in: stored) }
    guard let proof else { throw damaged(log) }
    return Self.response(
      .ok, "text/plain; charset=utf-8", ByteBuffer(bytes: proof.bytes), [(.cacheControl, Self.cacheControl(size))])
  }

  /// That the log of a size continues that of an earlier one.
  @Sendable func consistency(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let log = try await log(request, context)
    let values = try request.parameters(["from", "to"])
    guard let from = try Self.size(values, "from") else {
      throw Problem(
        .badRequest, "missing-parameter", field: "from", de: "Die frühere Größe fehlt.",
        en: "The earlier size is missing.")
    }
    let to = try Self.size(values, "to")
    let newest = try await reading { try await publisher.published(log).checkpoint()?.size } ?? .zero
    let size = try await reading { try await service.store.head(of: log)?.size } ?? .zero
    let end = to ?? max(newest, from)
    guard from <= end, end <= size else {
      throw Problem(
        .unprocessableContent, "sizes-reversed", field: "from",
        de: "Die frühere Größe übersteigt die spätere, oder so lang ist das Log nicht.",
        en: "The earlier size exceeds the later one, or the log is not that long.",
        facts: [.init("size", .integer(size.value))])
    }
    let told = try await reading { try await publisher.published(log).consistency(from: from, to: end) }
    guard let told else { throw damaged(log) }
    var response = Self.json(told)
    response.headers[.cacheControl] = Self.cacheControl(to)
    return response
  }

  /// What the store holds contradicts itself: that is for the operator to see, and no proof of it is handed out.
  private func damaged(_ log: LogID) -> Problem {
    logger.error("the stored hashes contradict the published log", metadata: ["plan": "\(log.plan)"])
    return Problem(
      .serviceUnavailable, "log-damaged", de: "Das gespeicherte Log widerspricht dem veröffentlichten.",
      en: "The stored log contradicts the published one.")
  }

  private func reading<Value>(_ body: () async throws -> Value) async throws(Problem) -> Value {
    do { return try await body() } catch let trouble as Unavailability {
      throw Problem(trouble)
    } catch {
      logger.warning("log not read", metadata: ["reason": "\(error)"])
      throw Problem(Unavailability.storeUnavailable)
    }
  }
}

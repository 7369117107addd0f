internal import Coordination
internal import EventSourcing
internal import Feeds
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import PlanService
internal import TamperEvidence

/// A log as a feed: in batches (http-feeds), as a stream of server-sent events, and event by event. All three have the
/// stored bytes and the same cursor, the id of the last event that was read.
extension Routes {
  @Sendable func feed(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let log = try await feedLog(request, context)
    switch try request.feedForm() {
    case .batch: return try await batch(of: log, request, context)
    case .stream: return try await stream(of: log, request, context)
    }
  }

  @Sendable func feedEvent(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let log = try await feedLog(request, context)
    _ = try request.parameters([])
    let position = try Self.eventPosition(context)
    let batch = try await read(log, from: position, limit: 1)
    guard batch.count == 1 else { throw .unknown("event", position.padded.description, de: "Ereignis") }
    return Self.response(
      .ok, "application/cloudevents+json", batch.events,
      [(.cacheControl, Self.immutable), (Headers.link, try await covering(log, batch.next, request.logOwnerPath))])
  }

  static func eventPosition(_ context: Context) throws(Problem) -> Position {
    let id = context.parameters.get("id") ?? ""
    guard let position = Position(padded: id) else { throw .unknown("event", String(id.prefix(40)), de: "Ereignis") }
    return position
  }

  // MARK: - Batches

  private func batch(
    of log: LogID, _ request: Request, _ context: Context
  ) async throws(Problem) -> Response {
    let values = try request.parameters(["lastEventId", "source", "limit", "timeout"])
    // Only streams go by the header, but what is no cursor is refused wherever it stands.
    _ = try Request.feedCursor(request.headers[Headers.lastEventID], field: "Last-Event-ID")
    let last = try Request.feedCursor(values["lastEventId"], field: "lastEventId")
    let next = last?.sizeIncluding.nextPosition ?? Position(0)
    // Without a limit a page ends where everybody's pages end, so that it is the same for all.
    let aligned = TileIndex.widthMax - Int(next.value % Int64(TileIndex.widthMax))
    let limit = try Request.limit(values["limit"], max: configuration.feedCountMax) ?? aligned
    let wait = try request.feedWait(values["timeout"], max: configuration.feedWaitMax)
    try await check(last, source: values["source"], of: log)
    var batch = try await read(log, from: next, limit: limit)
    if batch.count == 0, wait > .zero {
      try await waitForEvent(at: next, of: log, atMost: wait, request, context)
      // Whoever might read before the wait may have been shut out since.
      _ = try await feedLog(request, context)
      batch = try await read(log, from: next, limit: limit)
    }
    let links = try await links(
      of: log, batch, request, source: batch.source(in: log) ?? values["source"], limit: values["limit"])
    var events = ByteBuffer()
    events.reserveCapacity(batch.events.readableBytes + 2)
    events.writeStaticString("[")
    events.writeBuffer(&batch.events)
    events.writeStaticString("]")
    return Self.response(
      .ok, FeedForm.batch.rawValue, events,
      [
        (.cacheControl, batch.count == limit ? Self.immutable : "private, no-cache"),
        (Headers.link, links),
      ])
  }

  /// Consecutive events, with commas between them.
  private struct Batch {
    var events = ByteBuffer()
    var count = 0
    var next: Position
    /// Where the last of them begins.
    var last = 0

    /// The source that the last event names.
    func source(in log: LogID) -> String? {
      guard count > 0 else { return nil }
      return events.withUnsafeReadableBytes { bytes in
        let epoch = log.epoch(namedBy: UnsafeRawBufferPointer(rebasing: bytes[last...]))
        return epoch.map { EventSource(log: log, epoch: $0).description }
      }
    }
  }

  private func read(
    _ log: LogID, from start: Position, limit: Int
  ) async throws(Problem) -> Batch {
    var batch = Batch(next: start)
    batch.count = try await lendEntries(of: log, from: start, limit: limit) { position, entry in
      if position > start { batch.events.writeStaticString(",") }
      batch.last = batch.events.writerIndex
      batch.events.writeBytes(entry)
    }
    batch.next = Position(start.value + Int64(batch.count))
    return batch
  }

  /// Lends stored events to the body, in order, when it is this request's turn.
  private func lendEntries(
    of log: LogID, from start: Position, limit: Int, _ body: (Position, UnsafeRawBufferPointer) -> Void
  ) async throws(Problem) -> Int {
    do {
      return try await feeds.lookUp {
        try await service.store.lendEntries(of: log, from: start, limit: limit, body)
      }
    } catch is NoTurnLeft {
      throw .tooManyStreams
    } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
  }

  /// Where reading goes on, always, and which checkpoint covers what was read.
  private func links(
    of log: LogID, _ batch: Batch, _ request: Request, source: String?, limit: String?
  ) async throws(Problem) -> String {
    var query: [String] = []
    if let last = LogSize(batch.next.value).lastPosition {
      query.append("lastEventId=\(last.padded.description)")
    }
    if let source { query.append("source=\(source)") }
    if let limit { query.append("limit=\(limit)") }
    let next = "<\(request.uri.path)\(query.isEmpty ? "" : "?")\(query.joined(separator: "&"))>; rel=\"next\""
    guard batch.count > 0 else { return next }
    return "\(next), \(try await covering(log, batch.next, request.logOwnerPath))"
  }

  private func covering(_ log: LogID, _ next: Position, _ plan: String) async throws(Problem) -> String {
    let size: LogSize?
    do throws(EventLogFailure) {
      size = try await publisher.coveringSize(of: log, through: LogSize(next.value))
    } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    let query = size.map { "?size=\($0.value)" } ?? ""
    return "<\(plan)/log/checkpoint\(query)>; rel=\"https://c2sp.org/tlog-checkpoint\""
  }

  func waitForEvent(
    at position: Position, of log: LogID, atMost time: Duration, _ request: Request, _ context: Context
  ) async throws(Problem) {
    let admission = try await admission(of: request, to: log)
    let reader = FeedReader(from: position, admission: admission, connection: .init(context.channel))
    let isOver: Void?
    do {
      isOver = try await feeds.withTail(of: log, for: reader) { tail in
        await feeds.wait(for: position, in: tail, atMost: time)
      }
    } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    guard isOver != nil else { throw .tooManyStreams }
  }

  // MARK: - Streams

  private func stream(
    of log: LogID, _ request: Request, _ context: Context
  ) async throws(Problem) -> Response {
    let values = try request.parameters(["lastEventId", "source"])
    // A client that lost its connection repeats its address and adds the header.
    let header = try Request.feedCursor(request.headers[Headers.lastEventID], field: "Last-Event-ID")
    let last = if let header { header } else { try Request.feedCursor(values["lastEventId"], field: "lastEventId") }
    try await check(last, source: header == nil ? values["source"] : nil, of: log)
    guard feeds.hasRoom else { throw .tooManyStreams }
    let start = last?.sizeIncluding.nextPosition ?? Position(0)
    let (feeds, body) = (feeds, request.body)
    let admission = try await admission(of: request, to: log)
    let reader = FeedReader(from: start, admission: admission, connection: .init(context.channel))
    var response = Response(
      status: .ok,
      body: ResponseBody { writer in
        try await body.consumeWithCancellationOnInboundClose { _ in
          try await feeds.withTail(of: log, for: reader) { tail in
            try await feeds.stream(tail, to: reader) { try await writer.write(contentsOf: $0) }
          }
        }
        try await writer.finish(nil)
      })
    response.headers[.contentType] = FeedForm.stream.rawValue
    response.headers[.cacheControl] = "no-store"
    // Proxies that collect answers before they pass them on are told not to.
    response.headers[Headers.accelBuffering] = "no"
    return response
  }

  /// What lets a reader in, for as long as its answer goes on.
  private func admission(of request: Request, to log: LogID) async throws(Problem) -> FeedReader.Admission {
    let (principal, service) = (try await principal(request), service)
    guard let slug = principal.actor.partner else { return .init(expires: principal.expires) }
    return .init(expires: principal.expires) {
      // A plan that is not in memory is one of which nothing new is fed.
      guard let plan = service.planInMemory(log.plan) else { return true }
      return service.regression(of: log.plan) == nil
        && plan.partner(slug).flatMap { Self.refusal(of: $0, principal) } == nil
    }
  }

  // MARK: - Cursors

  /// Refuses a cursor that is not one of this log as it is now.
  /// - Parameter source: of the event that the cursor names, when the reader says it.
  private func check(_ last: Position?, source: String?, of log: LogID) async throws(Problem) {
    if let trouble = service.regression(of: log.plan) { throw Problem(trouble) }
    guard let last else { return }
    var epoch: Int?
    let count = try await lendEntries(of: log, from: last, limit: 1) { _, entry in epoch = log.epoch(namedBy: entry) }
    guard count == 1 else { throw try await beyondHead(log) }
    guard let source else { return }
    let prefix = String(decoding: log.sourcePrefix, as: UTF8.self)
    guard source.hasPrefix(prefix), let named = Int(source.dropFirst(prefix.count)) else {
      throw Problem(
        .unprocessableContent, "cursor-of-another-log", field: "source",
        de: "Dieser Zeiger gehört zu einem anderen Log.",
        en: "This cursor belongs to another log.", facts: [.init("sourcePrefix", .string(prefix))])
    }
    guard named == epoch else {
      throw Problem(
        .gone, "epoch-ended", field: "source",
        de:
          "Das Log wurde aus einer Sicherung wiederhergestellt; dieses Ereignis gibt es darin nicht mehr. Bitte alles verwerfen, was davon zwischengespeichert ist, und von vorn lesen.",
        en:
          "The log was restored from a backup and no longer holds that event; drop what you have cached of it and read it again from its beginning.",
        facts: [.init("epoch", epoch.map { .integer(Int64($0)) } ?? .null)])
    }
  }

  private func beyondHead(_ log: LogID) async throws(Problem) -> Problem {
    let size: LogSize
    do throws(EventLogFailure) { size = try await service.store.head(of: log)?.size ?? .zero } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    return Problem(
      .unprocessableContent, "cursor-beyond-head", field: "lastEventId",
      de: "So weit reicht das Log nicht; der Zeiger stammt nicht von hier, oder das Log wurde wiederhergestellt.",
      en: "The log does not reach that far: the cursor is not from here, or the log was restored from a backup.",
      facts: [.init("lastEventId", size.lastPosition.map { .string($0.padded.description) } ?? .null)])
  }
}

extension FeedReader.Connection {
  /// A connection whose answer has begun and not ended.
  fileprivate init(_ channel: any Channel) {
    let encoder = NIOLoopBoundBox.makeEmptyBox(valueType: ChannelHandlerContext.self, eventLoop: channel.eventLoop)
    self.init(
      eventLoop: channel.eventLoop, isWritable: { channel.isWritable },
      push: { bytes, chunk in
        // Below HTTP/1.1's encoder, which would frame the same bytes anew for every connection.
        if encoder.value == nil {
          encoder.value = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        }
        if let encoder = encoder.value {
          encoder.writeAndFlush(NIOAny(IOData.byteBuffer(chunk)), promise: nil)
        } else {
          channel.writeAndFlush(HTTPResponsePart.body(bytes), promise: nil)
        }
      },
      cut: { channel.close(promise: nil) })
  }
}

/// How a feed is handed out.
enum FeedForm: String, CaseIterable {
  case batch = "application/cloudevents-batch+json"
  case stream = "text/event-stream"
}

extension Request {
  /// The path below which the log of a feed lies: that of the plan, or of a partner's feed.
  fileprivate var logOwnerPath: String {
    let parts = uri.path.split(separator: "/")
    let isPartners = parts.count > 3 && parts[3] == "feeds"
    return parts.prefix(isPartners ? 5 : 3).map { "/\($0)" }.joined()
  }

  /// The form that the client likes best; batches unless it says otherwise.
  fileprivate func feedForm() throws(Problem) -> FeedForm {
    guard let accept = headers[.accept] else { return .batch }
    var best: (form: FeedForm, weight: Double)?
    for range in accept.split(separator: ",").prefix(32) {
      let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      guard weight > best?.weight ?? 0, let type = parts.first, let form = FeedForm(accepting: type) else { continue }
      best = (form, weight)
    }
    guard let best else {
      throw Problem(
        .notAcceptable, "not-acceptable", field: "Accept", de: "In dieser Form gibt es den Feed nicht.",
        en: "The feed does not come in this form.",
        facts: [.init("accept", .array(FeedForm.allCases.map { .string($0.rawValue) }))])
    }
    return best.form
  }

  /// The position of the last event that was read; nil for a reader at the beginning.
  fileprivate static func feedCursor(_ text: String?, field: String) throws(Problem) -> Position? {
    guard let text, text != "null" else { return nil }
    guard let position = Position(padded: text), position.value <= JSON.integerMax else {
      let hint = text.utf8.count <= 16 ? Int64(text).flatMap { $0 >= 0 ? Position($0).padded.description : nil } : nil
      throw Problem(
        .badRequest, "unknown-cursor", field: field,
        de:
          "Ein Zeiger ist die Kennung (id) eines Ereignisses, sechzehn Ziffern; wer am Anfang beginnt, lässt ihn weg.",
        en: "A cursor is the id of an event, sixteen digits; leave it out to begin at the beginning.",
        facts: hint.map { [.init("didYouMean", .string($0))] } ?? [])
    }
    return position
  }

  fileprivate func feedWait(_ text: String?, max: Int) throws(Problem) -> Duration {
    guard let text else { return .zero }
    guard let milliseconds = Int(text), (0...max).contains(milliseconds) else {
      throw .invalid(
        "timeout", de: "Erwartet werden 0 bis \(max) Millisekunden.", en: "Expected 0 to \(max) milliseconds.")
    }
    return .milliseconds(milliseconds)
  }
}

extension FeedForm {
  init?(accepting type: String) {
    switch type {
    case "*/*", "application/*": self = .batch
    case "text/*": self = .stream
    default: self.init(rawValue: type)
    }
  }
}

extension Problem {
  static let tooManyStreams = Problem(
    .serviceUnavailable, "too-many-streams", de: "Zu viele lesen gerade mit; bitte später noch einmal.",
    en: "Too many are reading feeds at the moment; please retry later.", retryAfterSeconds: 10)
}

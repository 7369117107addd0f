import Foundation

/// What those who follow a feed wait for, and what they cost.
struct FeedMeasurement {
  /// Events a second while the subscribers listen, and deliveries a second at most.
  private static let perSecond = 100
  private static let deliveriesMax = 100_000
  private static let subscriberCounts = [10, 100, 1000, 5000]

  private let workplace: Workplace
  private let writer: Writer

  init(_ workplace: Workplace, _ writer: Writer) {
    self.workplace = workplace
    self.writer = writer
  }

  func measure(_ template: Database) throws -> [Figure] {
    let database = try template.copy(as: "feeds")
    try writer.grow(database, to: workplace.isLong ? 1_000_000 : 100_000)
    try database.execute("VACUUM ANALYZE ledger.events")
    try database.noteCommitTimes()
    try database.checkpoint()
    let sink = try DeliverySink()
    let server = try Server(
      workplace, on: database, environment: ["FEDERWERK_WEBHOOK_ALLOW": "localhost:\(sink.port)"])
    defer { server.stop() }
    let load = FeedLoad(address: server.address, token: try server.token(), plan: "industriestadt-berlin")
    return try follow(load, server, database) + [catchUp(load, database), deliver(load, to: sink)]
  }

  /// A feed with all reports, delivered from its beginning.
  private func deliver(_ load: FeedLoad, to sink: DeliverySink) throws -> Figure {
    let commands = [
      ("register-partner-system", #"{"slug":"bench","name":"Bench"}"#),
      ("subscribe-feed", #"{"partner":"bench","slug":"bench","history":true,"terms":{"types":["measure.*"]}}"#),
      ("register-webhook", #"{"feed":"bench","address":"http://localhost:\#(sink.port)/hook"}"#),
    ]
    for (command, body) in commands { try load.command(command, body) }
    // Counted once it is under way, so that neither the making of the feed nor the first connection counts.
    while sink.count < 1000 { Thread.sleep(forTimeInterval: 0.01) }
    let (begin, before) = (Date.now, sink.count)
    Thread.sleep(forTimeInterval: max(workplace.seconds, 3))
    let rate = Double(sink.count - before) / Date.now.timeIntervalSince(begin)
    return .absolute("webhook deliveries to a local receiver", rate, unit: "/s", .atLeast(floor: 1000, aim: 3000))
  }

  private func follow(_ load: FeedLoad, _ server: Server, _ database: Database) throws -> [Figure] {
    let bodies = try writer.reports(1024, of: database)
    var notes: [Figure] = []
    var figures: [Figure] = []
    for count in Self.subscriberCounts {
      let perSecond = min(Self.perSecond, Self.deliveriesMax / count)
      let result = try load.follow(
        subscribers: count, perSecond: perSecond, seconds: workplace.seconds, bodies: bodies,
        memory: { server.residentMegabytes }, commits: { try database.commitTimes(from: $0) })
      notes.append(
        .note(
          "  \(Figure.number(Double(count))) subscribers, \(perSecond) events/s: event received after its commit, p50, p99; after its command was sent; memory of each",
          "\(Figure.number(result.committed.p50)) ms, \(Figure.number(result.committed.p99)) ms; "
            + "\(Figure.number(result.sent.p50)) ms, \(Figure.number(result.sent.p99)) ms; "
            + "\(Figure.number(result.kilobytesPerSubscriber)) KiB"))
      guard count == 1000 else { continue }
      figures.append(
        .absolute(
          "event at 1 000 subscribers, 100 events/s, from its commit, p99", result.committed.p99, unit: "ms",
          .atMost(floor: 10, aim: 5)))
      figures.append(
        .absolute(
          "server memory for each of 1 000 idle subscribers", result.kilobytesPerSubscriber, unit: "KiB",
          .atMost(floor: 64, aim: 32)))
    }
    return figures + notes
  }

  /// One reader from the beginning, against COPY of the same events.
  private func catchUp(_ load: FeedLoad, _ database: Database) throws -> Figure {
    let size = Int64(try database.execute("SELECT size FROM ledger.logs WHERE log_id = 'main'")) ?? 0
    var ours: [Double] = []
    var theirs: [Double] = []
    for _ in 0..<workplace.rounds {
      ours.append(try load.catchUp(through: size - 1))
      theirs.append(try database.secondsToCopyEvents())
    }
    return .ratio(
      "catching up from position 0 (SSE) ÷ COPY binary, \(Figure.number(Double(size))) events",
      Double(size) / ours.median, Double(size) / theirs.median, unit: "events/s", .atLeast(floor: 0.5, aim: 0.8))
  }
}

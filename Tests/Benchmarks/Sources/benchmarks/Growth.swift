import Foundation

/// Whether writing and reading stay as fast while the log grows.
struct Growth {
  /// How long one measurement lasts: short, so that the log does not change its size by much.
  private static let writeSeconds = 0.5
  private static let readSeconds = 1.0

  private let workplace: Workplace
  private let writer: Writer
  private let template: Database
  private let sizes: [Int]

  private struct Measured {
    var size: Int
    var rates: [Double] = []
    var loadSeconds: [Double] = []
    var copySeconds: [Double] = []
    var milliseconds: [Double] = []
    var rebuildRate = Double.nan
    var rowsRate = Double.nan
    var audit: AuditMeasurement?
  }

  init(_ workplace: Workplace, _ writer: Writer, _ template: Database) {
    self.workplace = workplace
    self.writer = writer
    self.template = template
    sizes = [10_000, 100_000] + (workplace.isLong ? [1_000_000] : []) + (workplace.isVeryLong ? [10_000_000] : [])
  }

  mutating func measure() throws -> [Figure] {
    var measured: [Measured] = []
    var databases: [Database] = []
    for size in sizes {
      let database = try template.copy(as: "grown_\(size)")
      try writer.grow(database, to: size)
      try database.execute("VACUUM ANALYZE ledger.events")
      databases.append(database)
      measured.append(Measured(size: size))
    }
    try readBoards(databases, &measured)
    for _ in 0..<workplace.rounds {
      for index in sizes.indices { try write(databases[index], &measured[index]) }
    }
    for index in sizes.indices { try rebuild(databases[index], &measured[index]) }
    for index in sizes.indices {
      measured[index].audit = try AuditMeasurement(workplace, databases[index])
    }
    for database in databases { try database.drop() }
    return figures(measured)
  }

  /// A larger log is not copied for each measurement: what is added to it does not count.
  private func write(_ database: Database, _ measured: inout Measured) throws {
    let isSmall = measured.size < 100_000
    let target = isSmall ? try database.copy(as: "growing") : database
    try target.checkpoint()
    measured.copySeconds.append(try target.secondsToCopyEvents())
    let count = Double(try target.execute("SELECT size FROM ledger.logs")) ?? .nan
    let result = try writer.run(on: target, seconds: Self.writeSeconds)
    measured.rates.append(result.perSecond)
    measured.loadSeconds.append(result.loadSeconds.map { $0 / count } ?? .nan)
    measured.copySeconds[measured.copySeconds.count - 1] /= count
    if isSmall { try target.drop() }
  }

  /// The rows of `read.*` written anew, from the command line.
  private func rebuild(_ database: Database, _ measured: inout Measured) throws {
    let count = Double(try database.execute("SELECT size FROM ledger.logs")) ?? .nan
    try database.checkpoint()
    let start = Date.now
    try Program.run(
      [workplace.binary, "projections", "rebuild"],
      environment: ["FEDERWERK_HOME": writer.home, "DATABASE_URL": database.serviceURL], folder: workplace.folder,
      limit: 3600)
    measured.rebuildRate = count / Date.now.timeIntervalSince(start)
    measured.rowsRate = count / (try database.secondsToWriteRowsOfEvents())
  }

  private func readBoards(_ databases: [Database], _ measured: inout [Measured]) throws {
    var loads: [HTTPLoad] = []
    var servers: [Server] = []
    defer { for server in servers { server.stop() } }
    for database in databases {
      let server = try Server(workplace, on: database)
      servers.append(server)
      let token = try server.token()
      let load = HTTPLoad(address: server.address, token: token, folder: workplace.folder, seed: workplace.seed)
      _ = try load.fetch(RateComparison.boardPath)
      loads.append(load)
    }
    // What a server does once, at its first start with a log, is measured by itself.
    for database in databases { try waitForRows(database) }
    for _ in 0..<workplace.rounds {
      for (index, load) in loads.enumerated() {
        let result = try load.get(RateComparison.boardPath, connections: 1, seconds: Self.readSeconds)
        measured[index].milliseconds.append(1000 / result.perSecond)
      }
    }
  }

  /// Returns once the rows of `read.*` are as new as the log.
  private func waitForRows(_ database: Database) throws {
    let deadline = Date.now + 3600
    while try database.execute(
      """
      SELECT count(*) FROM projection.generations g
      JOIN ledger.logs l ON l.plan_id = g.plan_id AND l.log_id = 'main' AND l.size = g.size WHERE g.is_current
      """) != "1"
    {
      guard Date.now < deadline else { throw Problem("the rows of read.* do not follow the log") }
      Thread.sleep(forTimeInterval: 0.2)
    }
  }

  private func figures(_ measured: [Measured]) -> [Figure] {
    guard let small = measured.first else { return [] }
    var figures: [Figure] = []
    for large in measured.dropFirst() {
      let name = "\(Figure.number(Double(large.size))) ÷ \(Figure.number(Double(small.size))) events"
      // Flat: less than a fifth lost, which is what one run differs from the next.
      figures.append(
        .ratio(
          "growth, writer with 64 callers: \(name)", large.rates.median, small.rates.median, unit: "/s",
          .atLeast(floor: 0.8, aim: 0.95)))
      figures.append(
        .ratio(
          "growth, warm board's latency: \(name)", large.milliseconds.median, small.milliseconds.median, unit: "ms",
          .atMost(floor: 1.25, aim: 1.05)))
    }
    if let largest = measured.last {
      figures.append(
        .ratio(
          "read.* rebuilt (command line) ÷ COPY binary, \(Figure.number(Double(largest.size))) events",
          largest.rebuildRate, 1 / largest.copySeconds.median, unit: "events/s", .atLeast(floor: 0.2, aim: 0.5)))
      figures.append(
        .note(
          "  read.* rebuilt, \(measured.map { Figure.number(Double($0.size)) }.joined(separator: ", ")) events",
          measured.map { Figure.number($0.rebuildRate) }.joined(separator: ", ") + " events/s"))
      figures.append(
        .ratio(
          "  PostgreSQL alone, with the finished rows ÷ COPY binary", largest.rowsRate, 1 / largest.copySeconds.median,
          unit: "events/s", .none))
      figures.append(
        .ratio(
          "plan loaded at the start (read, checked, folded) ÷ COPY binary", 1 / largest.loadSeconds.median,
          1 / largest.copySeconds.median, unit: "events/s", .atLeast(floor: 0.3, aim: 0.6)))
      if let audit = largest.audit { figures += audit.figures(copyPerSecond: 1 / largest.copySeconds.median) }
      for one in measured { if let audit = one.audit { figures.append(audit.note) } }
    }
    return figures
  }
}

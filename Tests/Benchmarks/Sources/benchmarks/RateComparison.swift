import Foundation

/// What the plan's writer and the HTTP server do in a second, beside what PostgreSQL does with a plain INSERT or
/// SELECT.
struct RateComparison {
  static let plan = "industriestadt-berlin"
  static let boardPath = "/v1/plans/\(plan)/measures"
  static let commandPath = "/v1/plans/\(plan)/commands/report-progress"

  private struct Rates {
    var insert64: [Double] = []
    var insert1: [Double] = []
    var append32: [Double] = []
    var append256: [Double] = []
    var writer64: [Double] = []
    var writer512: [Double] = []
    var writer1: [Double] = []
    var http64: [Double] = []
    var http1: [Double] = []
    var board: [Double] = []
    var select: [Double] = []
    var latencies64: [Double] = []
    var latencies512: [Double] = []
  }

  private let workplace: Workplace
  private let writer: Writer
  private let http: HTTPLoad
  private let template: Database
  private let raw: Database
  private let bodies: [String]
  private let bodySize: Int
  private var rates = Rates()

  init(_ workplace: Workplace, _ writer: Writer, _ http: HTTPLoad, _ template: Database) throws {
    self.workplace = workplace
    self.writer = writer
    self.http = http
    self.template = template
    raw = try template.copy(as: "raw")
    bodies = try writer.reports(1024, of: template)
    bodySize = try Self.prepareRaw(raw, writer, board: http.fetch(Self.boardPath))
  }

  /// Makes the table of plain events, with real events' size, and the one with the finished board.
  private static func prepareRaw(_ raw: Database, _ writer: Writer, board: String) throws -> Int {
    // Real events, of which the one of middle length is what the plain INSERT writes.
    _ = try writer.run(on: raw, seconds: 0.5)
    try raw.execute(
      """
      CREATE SCHEMA raw;
      CREATE TABLE raw.events (LIKE ledger.events INCLUDING ALL);
      CREATE SEQUENCE raw.position MINVALUE 0;
      CREATE TABLE raw.sample AS
        SELECT * FROM ledger.events WHERE type LIKE '%progress-reported%'
        ORDER BY length(body), position OFFSET (
          SELECT count(*) / 2 FROM ledger.events WHERE type LIKE '%progress-reported%') LIMIT 1;
      CREATE TABLE raw.board (body text);
      ALTER TABLE raw.board ALTER COLUMN body SET STORAGE EXTERNAL;
      """)
    try raw.executeFile("INSERT INTO raw.board VALUES ($board$\(board)$board$);\n")
    try raw.execute("VACUUM ANALYZE raw.board")
    guard try raw.execute("SELECT octet_length(body) FROM raw.board") == "\(board.utf8.count)" else {
      throw Problem("the board in the table is not the board over HTTP")
    }
    return Int(try raw.execute("SELECT length(body) FROM raw.sample")) ?? 0
  }

  /// The plain INSERT: same columns, same indexes, same check of the hash. The body is a constant of the prepared
  /// statement, which spares the server the reading of it.
  private func insertScript() throws -> String {
    let sample = try raw.execute(
      """
      SELECT format(
        '%L::uuid, %L, nextval(''raw.position''), %L, ''measures/01900000-0000-7000-8000-'' || lpad(:m::text, 12, ''0''), '
          || '%L::date, now(), %L::bytea, %L::bytea', plan_id, log_id, type, effective_date, body, leaf_hash)
      FROM raw.sample
      """)
    return """
      \\set m random(1, 105)
      INSERT INTO raw.events (plan_id, log_id, position, type, subject, effective_date, recorded_at, body, leaf_hash)
        VALUES (\(sample));
      """
  }

  /// The call that the writer makes, with a finished batch of the same row: what the database does of the writer's
  /// work. Nothing decides, encodes or answers here, and nobody waits for anybody but the caller for the server.
  private func appendScript(events count: Int) throws -> String {
    let constants = try raw.execute(
      """
      SELECT format('%L::uuid', plan_id), format(
          'array_fill(%L::text, ARRAY[\(count)]), ARRAY[%s], array_fill(%L::date, ARRAY[\(count)]), '
            || 'array_fill(%L::bytea, ARRAY[\(count)]), array_fill(%L::bytea, ARRAY[\(count)])',
          type,
          (SELECT string_agg(quote_literal('measures/01900000-0000-7000-8000-' || lpad((n * 7919 % 105)::text, 12, '0')), ',')
            FROM generate_series(1, \(count)) AS n),
          effective_date, body, leaf_hash),
        (SELECT format('array_fill(%L::bytea, ARRAY[\(count)]), array_fill(%L::bytea, ARRAY[\(count)])',
            command_hash, answer)
          FROM ledger.receipts ORDER BY abs(length(answer) - 226) LIMIT 1)
      FROM raw.sample
      """
    ).split(separator: "|")
    guard constants.count == 3 else { throw Problem("no batch can be made of the sample") }
    let (plan, events, receipts) = (constants[0], constants[1], constants[2])
    return """
      SELECT a.outcome FROM ledger.logs l, ledger.append_events(
        l.plan_id, l.log_id, l.size, l.epoch, l.epoch, l.origin, l.root, l.frontier, NULL,
        array_fill(clock_timestamp(), ARRAY[\(count)]), \(events), NULL, NULL, NULL,
        ARRAY(SELECT gen_random_uuid() FROM generate_series(1, \(count))), \(receipts)) AS a
      WHERE l.plan_id = \(plan) AND l.log_id = 'main';
      """
  }

  private func append(events count: Int) throws -> Double {
    let database = try template.copy(as: "appended")
    defer { try? database.drop() }
    try database.checkpoint()
    let size = { Int(try database.execute("SELECT size FROM ledger.logs WHERE log_id = 'main'")) ?? 0 }
    let before = try size()
    let calls = try database.transactionsPerSecond(
      appendScript(events: count), clients: 1, seconds: workplace.seconds)
    guard try size() > before else { throw Problem("nothing was appended") }
    return calls * Double(count)
  }

  /// One round: every measurement once, ours and theirs by turns.
  mutating func measure() throws {
    let seconds = workplace.seconds
    rates.insert64.append(try insert(clients: 64))
    rates.append32.append(try append(events: 32))
    let few = try write(callers: 64)
    rates.writer64.append(few.perSecond)
    rates.latencies64.append(few.p50Milliseconds)
    rates.append256.append(try append(events: 256))
    let many = try write(callers: 512)
    rates.writer512.append(many.perSecond)
    rates.latencies512.append(many.p50Milliseconds)
    try raw.checkpoint()
    rates.http64.append(
      try http.post(bodies, to: Self.commandPath, connections: 64, seconds: seconds).perSecond)
    rates.insert1.append(try insert(clients: 1))
    try raw.checkpoint()
    rates.http1.append(try http.post(bodies, to: Self.commandPath, connections: 1, seconds: seconds).perSecond)
    rates.writer1.append(try write(callers: 1).perSecond)
    rates.select.append(
      try raw.transactionsPerSecond("SELECT body FROM raw.board;", clients: 8, seconds: seconds))
    _ = try http.fetch(Self.boardPath)
    rates.board.append(try http.get(Self.boardPath, connections: 64, seconds: seconds).perSecond)
  }

  private func insert(clients: Int) throws -> Double {
    try raw.execute("TRUNCATE raw.events; ALTER SEQUENCE raw.position RESTART")
    try raw.checkpoint()
    return try raw.transactionsPerSecond(insertScript(), clients: clients, seconds: workplace.seconds)
  }

  private func write(callers: Int) throws -> Writer.Result {
    let database = try template.copy(as: "written")
    defer { try? database.drop() }
    try database.checkpoint()
    return try writer.run(on: database, callers: callers, seconds: workplace.seconds)
  }

  var figures: [Figure] {
    let insert64 = rates.insert64.median
    let insert1 = rates.insert1.median
    let http1 = rates.http1.median
    let milliseconds = { (rate: Double) in 1000 / rate }
    return [
      .ratio(
        "writer, 64 callers ÷ raw INSERT, 64 clients", rates.writer64.median, insert64, unit: "/s",
        .atLeast(floor: 2, aim: 3.5)),
      .ratio(
        "  append_events alone, finished batches of 32 ÷ raw INSERT", rates.append32.median, insert64, unit: "/s", .none
      ),
      .ratio(
        "writer, 512 callers ÷ raw INSERT, 64 clients", rates.writer512.median, insert64, unit: "/s",
        .atLeast(floor: 3, aim: 6)),
      .ratio(
        "  append_events alone, finished batches of 256 ÷ raw INSERT", rates.append256.median, insert64, unit: "/s",
        .none),
      .ratio(
        "commands over HTTP, 64 connections ÷ raw INSERT, 64 clients", rates.http64.median, insert64, unit: "/s",
        .atLeast(floor: 0.7, aim: 1.2)),
      .ratio(
        "one caller's latency over HTTP ÷ one raw INSERT's", milliseconds(http1), milliseconds(insert1), unit: "ms",
        .atMost(floor: 4, aim: 2)),
      .note("  one caller's latency without HTTP", "\(Figure.number(milliseconds(rates.writer1.median))) ms"),
      .ratio(
        "warm measure board over HTTP, 64 connections ÷ SELECT of the bytes, 8 clients", rates.board.median,
        rates.select.median, unit: "/s", .atLeast(floor: 1, aim: 2)),
      .note(
        "  latency of the writer (p50)",
        "\(Figure.number(rates.latencies64.median)) ms at 64, \(Figure.number(rates.latencies512.median)) ms at 512"),
      .note("  body of the event", "\(bodySize) bytes"),
      .note("  spread of raw INSERT, 64 clients", Self.spread(rates.insert64)),
      .note("  spread of the writer, 64 callers", Self.spread(rates.writer64)),
    ]
  }

  private static func spread(_ values: [Double]) -> String {
    values.sorted().map { Figure.number($0) }.joined(separator: ", ") + " /s"
  }
}

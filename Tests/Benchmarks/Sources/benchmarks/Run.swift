import Foundation

/// One run of the benchmark: every kind of measurement in turn, as often as there are rounds.
struct Run {
  private let workplace: Workplace
  private let writer: Writer
  private var machine: [String] = []
  private var figures: [Figure] = []
  /// The share of the machine that others used before each round.
  private var foreignLoad: [Double] = []

  init(_ workplace: Workplace) {
    self.workplace = workplace
    writer = Writer(
      binary: workplace.binary, home: workplace.folder + "/writer", planFile: workplace.planFile,
      folder: workplace.folder, seed: workplace.seed)
  }

  var report: String {
    let load = foreignLoad.map { String(format: "%.0f %%", $0 * 100) }.joined(separator: ", ")
    return """

      \(Figure.table(figures))

      \(machine.joined(separator: "\n"))
      Busy with other work before the rounds: \(load) of all cores. Above some percent the figures are not to be trusted.
      \(workplace.rounds) rounds of \(Figure.number(workplace.seconds)) s, medians; seed \(workplace.seed).
      """
  }

  mutating func measureAll() throws {
    let start = Date.now
    progress("starting the server with its own PostgreSQL and importing the plan")
    let home = workplace.folder + "/home"
    let server = try Server(
      workplace.binary, home: home, arguments: ["--embedded", "--import", workplace.planFile], environment: [:],
      folder: workplace.folder)
    defer { server.stop() }
    let main = Database(socket: try server.socket(), name: "federwerk", folder: workplace.folder)
    try describe(main)
    let http = HTTPLoad(
      address: server.address, token: try server.token(), folder: workplace.folder, seed: workplace.seed)
    try measureMemory(server, http)
    let template = try measureImport(main)
    if !workplace.isForFeeds {
      try measureRates(against: template, http)
      try measureGrowth(template)
    }
    try measureFeeds(template)
    figures.append(
      .note("server memory after the load over HTTP", "\(Figure.number(server.residentMegabytes ?? .nan)) MB"))
    progress("done in \(Int(Date.now.timeIntervalSince(start))) s")
  }

  private mutating func describe(_ database: Database) throws {
    let settings = try database.execute(
      """
      SELECT current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', synchronous_commit '
        || current_setting('synchronous_commit') || ', shared_buffers ' || current_setting('shared_buffers')
      """)
    guard settings.contains("fsync on, synchronous_commit on") else {
      throw Problem("the database runs with \(settings)")
    }
    let kernel = try Program.run(["uname", "-sr"], folder: workplace.folder)
    machine = [
      "\(Machine.cpuModel), \(Machine.coreCount) cores, \(Machine.memoryGigabytes) GiB, "
        + kernel.trimmingCharacters(in: .whitespacesAndNewlines),
      "PostgreSQL \(settings)",
    ]
  }

  private mutating func measureMemory(_ server: Server, _ http: HTTPLoad) throws {
    progress("memory of the idle server")
    _ = try http.fetch(RateComparison.boardPath)
    Thread.sleep(forTimeInterval: 2)
    guard let megabytes = server.residentMegabytes else { throw Problem("the server's memory cannot be read") }
    figures.append(
      .absolute("server memory (VmRSS), idle, Masterplan loaded", megabytes, unit: "MB", .atMost(floor: 120, aim: 60)))
  }

  /// Imports into fresh databases, and returns one of them: the template of the databases that are written to.
  private mutating func measureImport(_ main: Database) throws -> Database {
    progress("import of the plan")
    let empty = main.sibling("empty")
    try main.sibling("postgres").execute("CREATE DATABASE empty")
    try writer.migrate(empty)
    var totals: [Double] = []
    var dryRuns: [Double] = []
    var template = empty
    for round in 0..<workplace.rounds {
      template = try empty.copy(as: "imported_\(round)")
      let result = try writer.run(on: template, seconds: 0)
      guard let dryRun = result.dryRunSeconds, let real = result.importSeconds else {
        throw Problem("nothing was imported")
      }
      dryRuns.append(dryRun)
      totals.append(dryRun + real)
    }
    figures.append(
      .absolute("import of the Masterplan, dry run included", totals.median, unit: "s", .atMost(floor: 1, aim: 0.2)))
    figures.append(.note("  of that the dry run", "\(Figure.number(dryRuns.median)) s"))
    return template
  }

  private mutating func measureRates(against template: Database, _ http: HTTPLoad) throws {
    progress("what the database can do by itself, and what we do with it")
    var comparison = try RateComparison(workplace, writer, http, template)
    for round in 1...workplace.rounds {
      foreignLoad.append(Machine.busyShare())
      progress("round \(round) of \(workplace.rounds)")
      try comparison.measure()
    }
    figures += comparison.figures
  }

  private mutating func measureGrowth(_ template: Database) throws {
    progress("growth of the log")
    var growth = Growth(workplace, writer, template)
    foreignLoad.append(Machine.busyShare())
    figures += try growth.measure()
  }

  private mutating func measureFeeds(_ template: Database) throws {
    progress("subscribers of a feed")
    foreignLoad.append(Machine.busyShare())
    figures += try FeedMeasurement(workplace, writer).measure(template)
  }

  private func progress(_ text: String) { FileHandle.standardError.write(Data("\(text) …\n".utf8)) }
}

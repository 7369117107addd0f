import Foundation

/// Measures the built program against the database's own speed: both sides of every ratio in one run, by turns.
///
///     make bench
///
/// | environment | meaning | default |
/// |---|---|---|
/// | FEDERWERK_BENCH_SECONDS | how long one measurement lasts | 3 |
/// | FEDERWERK_BENCH_ROUNDS | measurements of each kind; the median counts | 3 |
/// | FEDERWERK_BENCH_SEED | what the simulated callers report depends on it | 1 |
/// | FEDERWERK_BENCH_LONG | 1 measures a log of a million events too, 2 one of ten million as well | – |
/// | FEDERWERK_BENCH_ONLY | feeds leaves out what is not about feeds | – |
/// | FEDERWERK_BENCH_BINARY | the program to measure | .build/release/federwerk |
/// | FEDERWERK_BENCH_FOLDER | where the databases lie; must be a real disk | /var/tmp |
@main
struct Benchmarks {
  static func main() {
    let sources = Program.watchInterruptions()
    defer { withExtendedLifetime(sources) {} }
    do {
      try Workplace.with { workplace in
        var run = Run(workplace)
        // What was measured before something failed took its time, too.
        defer { print(run.report) }
        try run.measureAll()
      }
    } catch {
      FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
      exit(1)
    }
  }
}

/// The folder, the settings and the tools of one run.
struct Workplace {
  let binary: String
  let planFile: String
  let folder: String
  let seconds: Double
  let rounds: Int
  let seed: UInt64
  let isLong: Bool
  let isVeryLong: Bool
  let isForFeeds: Bool

  /// Lends a workplace; its folder is gone afterwards.
  static func with(_ body: (Workplace) throws -> Void) throws {
    let environment = ProcessInfo.processInfo.environment
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let binary = environment["FEDERWERK_BENCH_BINARY"] ?? "\(repository)/.build/release/federwerk"
    guard FileManager.default.isExecutableFile(atPath: binary) else {
      throw Problem("there is no \(binary); run: make build")
    }
    let base = environment["FEDERWERK_BENCH_FOLDER"] ?? "/var/tmp"
    let folder = "\(base)/federwerk-bench-\(ProcessInfo.processInfo.processIdentifier)"
    // The database's own user passes through.
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workplace = Workplace(
      binary: binary, planFile: "\(repository)/plans/industriestadt-berlin.yaml", folder: folder,
      seconds: environment["FEDERWERK_BENCH_SECONDS"].flatMap { Double($0) } ?? 3,
      rounds: environment["FEDERWERK_BENCH_ROUNDS"].flatMap { Int($0) } ?? 3,
      seed: environment["FEDERWERK_BENCH_SEED"].flatMap { UInt64($0) } ?? 1,
      isLong: ["1", "2"].contains(environment["FEDERWERK_BENCH_LONG"]),
      isVeryLong: environment["FEDERWERK_BENCH_LONG"] == "2",
      isForFeeds: environment["FEDERWERK_BENCH_ONLY"] == "feeds")
    try workplace.requireTools()
    try body(workplace)
  }

  /// Installs what is missing where that is possible without asking anybody.
  private func requireTools() throws {
    let packages = ["wrk": "wrk", "pgbench": "postgresql", "psql": "postgresql-client", "curl": "curl"]
    func missing() -> [String] { packages.keys.filter { !has($0) }.compactMap { packages[$0] }.sorted() }
    guard !missing().isEmpty else { return }
    let names = missing()
    guard geteuid() == 0 else {
      throw Problem("missing tools; as root, run: apt-get install \(names.joined(separator: " "))")
    }
    print("Installing \(names.joined(separator: ", ")) …")
    let install = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends"] + names
    let quiet = ["DEBIAN_FRONTEND": "noninteractive"]
    if (try? Program.run(install, environment: quiet, folder: folder, limit: 120)) == nil {
      try Program.run(["apt-get", "-qq", "update"], environment: quiet, folder: folder, limit: 120)
      try Program.run(install, environment: quiet, folder: folder, limit: 120)
    }
  }

  private func has(_ tool: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
  }
}

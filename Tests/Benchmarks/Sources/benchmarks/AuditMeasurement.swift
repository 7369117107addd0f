import Foundation

/// What an auditor waits for, measured by the program itself on one log: `federwerk bench-audit`.
struct AuditMeasurement: Decodable {
  private let events: Double
  private let export_s: Double
  private let hashes_per_s: Double
  private let verified_per_s: Double
  private let verified_per_s_one_core: Double
  private let replayed_per_s: Double
  private let proof_p50_ms: Double
  private let proof_max_ms: Double
  private let as_of_p50_ms: Double
  private let as_of_p90_ms: Double

  init(_ workplace: Workplace, _ database: Database) throws {
    try database.checkpoint()
    let bundle = "\(workplace.folder)/\(database.name).tar"
    defer { try? FileManager.default.removeItem(atPath: bundle) }
    // The home of the server that served this database: the marks of what was published there are those of its log.
    let home = "\(workplace.folder)/\(database.name)"
    let output = try Program.run(
      [workplace.binary, "bench-audit", "industriestadt-berlin", "--bundle", bundle, "--seed", "\(workplace.seed)"],
      environment: ["FEDERWERK_HOME": home, "DATABASE_URL": database.serviceURL], folder: workplace.folder,
      limit: 3600)
    self = try JSONDecoder().decode(Self.self, from: Data(output.utf8))
  }

  func figures(copyPerSecond: Double) -> [Figure] {
    let name = "\(Figure.number(events)) events"
    return [
      .ratio(
        "bundle verified, all cores ÷ its entries hashed singly, one core, \(name)", verified_per_s, hashes_per_s,
        unit: "/s", .atLeast(floor: 0.5, aim: 1)),
      .ratio(
        "bundle replayed into all views ÷ COPY binary, \(name)", replayed_per_s, copyPerSecond, unit: "events/s",
        .atLeast(floor: 0.3, aim: 0.6)),
      .absolute("inclusion proof, warm, slowest of 270, \(name)", proof_max_ms, unit: "ms", .atMost(floor: 5, aim: 2)),
      .absolute(
        "board as of any past position, median, \(name)", as_of_p50_ms, unit: "ms", .atMost(floor: 100, aim: 30)),
    ]
  }

  /// One line for each size, to show how the cost grows.
  var note: Figure {
    .note(
      "  audit of \(Figure.number(events)) events: verified, replayed; proof, board as of (medians)",
      "\(Figure.number(verified_per_s))/s, \(Figure.number(replayed_per_s))/s; "
        + "\(Figure.number(proof_p50_ms)) ms, \(Figure.number(as_of_p50_ms)) ms")
  }
}

import EventSourcing
import Foundation
import HangLimit
import TestDatabases
import Testing

/// An auditor, who believes neither the office nor this program.
@Suite(.hangLimit) struct AuditStoryTests {
  private static let plan = "industriestadt-berlin"
  private static let rehearsed = "industriestadt-berlin-simulation"

  @Test func `an auditor proves a real and a long history without this program, and reads what it shows`()
    async throws
  {
    let home = try Program.makeHome("audit")
    let simulated = try await Program.run(
      ["simulate", "--plan", Program.planFile, "--from", "2018-09", "--to", "2021-12", "--seed", "1", "--scale", "1"],
      home: home)
    #expect(simulated.status == 0, "\(simulated.errors)")
    let server = try await RunningServer.start(home: home, arguments: ["--import", Program.planFile])
    let office = try await Client(server, role: "coordinator")
    let erased = try await tell(office)
    try await record(server, office)
    let bundles = try await export(server)
    try await proveOutside(server, bundles)
    try await proveOverHTTP(server)
    try await readDisclosures(bundles.real, erased: erased)
    try await replay(server, bundles)
    try await question(server, office)
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }

  // MARK: - What happened

  /// - Returns: the position of an event of which the text was erased.
  private func tell(_ office: Client) async throws -> Int64 {
    func does(_ command: String, _ body: String) async throws -> Int64 {
      let answer = try await office.command(command, body)
      #expect(answer.status == 201, "\(command): \(answer.text)")
      return try #require(answer.json["position"]?.integer)
    }
    _ = try await does(
      "report-progress",
      #"{"measure":"fachkraefte.1.I","institution":"senias","condition":"on-track","percent":10,"text":"läuft"}"#)
    _ = try await does("raise-issue", #"{"kind":"question","text":"Wer trägt die Kosten?"}"#)
    let erased = try await does("raise-issue", #"{"kind":"question","text":"Frau N. fragt"}"#)
    _ = try await does("erase-personal-data", #"{"event":\#(erased),"reason":"requested"}"#)
    return erased
  }

  /// What the views show now is put on record, and something happens afterwards.
  private func record(_ server: RunningServer, _ office: Client) async throws {
    for plan in [Self.plan, Self.rehearsed] {
      let recorded = try await Program.run(["audit", "digest", plan], home: server.home)
      #expect(recorded.text.contains("are recorded"), "\(recorded.text) \(recorded.errors)")
      let again = try await Program.run(["audit", "digest", plan], home: server.home)
      #expect(again.text.contains("nothing happened"), "\(again.text) \(again.errors)")
    }
    let later = try await office.command("add-alias", #"{"institution":"senweb","name":"Wirtschaftsverwaltung"}"#)
    #expect(later.status == 201, "\(later.text)")
  }

  private struct Bundles {
    let real: String
    let withoutValues: String
    let rehearsed: String
  }

  private func export(_ server: RunningServer) async throws -> Bundles {
    func bundle(_ plan: String, _ name: String, _ options: [String] = []) async throws -> String {
      let file = "\(server.home)/\(name).tar"
      let exported = try await Program.run(
        ["audit", "export", plan, "--output", file] + options, home: server.home)
      #expect(exported.status == 0, "\(exported.errors)")
      return file
    }
    return Bundles(
      real: try await bundle(Self.plan, "real"),
      withoutValues: try await bundle(Self.plan, "without", ["--without-disclosures"]),
      rehearsed: try await bundle(Self.rehearsed, "rehearsed"))
  }

  private func key(of plan: String, _ server: RunningServer) async throws -> String {
    let keys = try await Program.run(["keys", "--json"], home: server.home)
    return try #require(try JSONParser.parse(Array(keys.text.utf8))[plan]?.array?.first?.string)
  }

  // MARK: - Proving

  private func proveOutside(_ server: RunningServer, _ bundles: Bundles) async throws {
    let keys = (real: try await key(of: Self.plan, server), rehearsed: try await key(of: Self.rehearsed, server))
    try await OutsideTools.checkBundle(bundles.rehearsed, other: bundles.real, key: keys.rehearsed)
    try await OutsideTools.checkBundle(bundles.real, other: bundles.rehearsed, key: keys.real)
    // Neither database nor keys nor configuration of the office are near.
    let elsewhere = try Program.makeHome("elsewhere")
    for bundle in [bundles.real, bundles.withoutValues] {
      let verified = try await Program.run(["audit", "verify", bundle, "--key", keys.real, "--json"], home: elsewhere)
      let report = try JSONParser.parse(Array(verified.text.utf8))
      #expect(verified.status == 0, "\(verified.text) \(verified.errors)")
      #expect(report["findingCount"] == 0)
      #expect(report["keysCameWithLog"] == false)
      #expect((report["disclosed"]?.integer == 0) == (bundle == bundles.withoutValues))
    }
    let wrong = try await Program.run(["audit", "verify", bundles.real, "--key", keys.rehearsed], home: elsewhere)
    #expect(wrong.status == 1)
    #expect(wrong.text.contains("checkpoint"), "\(wrong.text)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
    try FileManager.default.removeItem(atPath: elsewhere)
  }

  private func proveOverHTTP(_ server: RunningServer) async throws {
    let auditor = try await Client(server, role: "auditor")
    let log = "/v1/plans/\(Self.rehearsed)/log"
    let key = try await key(of: Self.rehearsed, server)
    var files: [String] = []
    for position in [0, 1, 255, 256, 2048, 4065] {
      let proof = try await auditor.get("\(log)/proofs/\(position)")
      #expect(proof.status == 200, "\(proof.text)")
      files.append("\(server.home)/\(position).tlog-proof")
      try proof.text.write(toFile: files[files.count - 1], atomically: true, encoding: .utf8)
    }
    for (old, new) in [(1, 2), (255, 256), (256, 257), (1000, 4066), (4066, 4066)] {
      let proof = try await auditor.get("\(log)/consistency?from=\(old)&to=\(new)")
      #expect(proof.status == 200, "\(proof.text)")
      files.append("\(server.home)/\(old)-\(new).json")
      try proof.text.write(toFile: files[files.count - 1], atomically: true, encoding: .utf8)
    }
    let events = "\(server.home)/events.ndjson"
    let exported = try await Program.run(["export", Self.rehearsed, "--events"], home: server.home)
    try exported.text.write(toFile: events, atomically: true, encoding: .utf8)
    try await OutsideTools.checkProofs(files, of: events, key: key)

    let address = "\(server.address)/v1/plans/\(Self.rehearsed)"
    let elsewhere = try Program.makeHome("elsewhere")
    let verified = try await Program.run(
      ["audit", "verify", address, "--key", key], home: elsewhere, environment: ["FEDERWERK_TOKEN": auditor.token])
    #expect(verified.status == 0, "\(verified.text) \(verified.errors)")
    let lead = try await Client(server, role: "lead", institution: "senweb")
    let refused = try await Program.run(
      ["audit", "verify", address], home: elsewhere, environment: ["FEDERWERK_TOKEN": lead.token])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("token of an auditor"), "\(refused.errors)")
    try FileManager.default.removeItem(atPath: elsewhere)
  }

  /// What was erased is in no bundle, and the events still hold its digests.
  private func readDisclosures(_ bundle: String, erased: Int64) async throws {
    let bytes = try #require(FileManager.default.contents(atPath: bundle))
    let text = String(decoding: bytes, as: UTF8.self)
    let values = text.split(separator: "\n").compactMap { line -> (Int64, String)? in
      guard line.hasPrefix("{\"disclosure\""), let json = try? JSONParser.parse(Array(line.utf8)) else { return nil }
      let content = Disclosure(encoded: json["disclosure"]?.string ?? "").content
      return (json["position"]?.integer ?? -1, content?.value.string ?? "")
    }
    #expect(values.contains { $0.1 == "Wer trägt die Kosten?" })
    #expect(!values.contains { $0.0 == erased })
    #expect(!values.contains { $0.1.contains("Frau N.") })
  }

  // MARK: - Replaying

  private func replay(_ server: RunningServer, _ bundles: Bundles) async throws {
    let elsewhere = try Program.makeHome("elsewhere")
    // Erased and withheld values take nothing from what the views show.
    for bundle in [bundles.real, bundles.withoutValues, bundles.rehearsed] {
      let replayed = try await Program.run(["replay", bundle, "--json"], home: elsewhere)
      #expect(replayed.status == 0, "\(replayed.text) \(replayed.errors)")
      let comparisons = try JSONParser.parse(Array(replayed.text.utf8))["comparisons"]?.array ?? []
      #expect(comparisons.count == 10)
      #expect(comparisons.allSatisfy { $0["verdict"] == "equal" }, "\(replayed.text)")
    }
    let bundle = try await Program.run(["replay", bundles.rehearsed, "--position", "2000"], home: elsewhere)
    let database = try await Program.run(["replay", Self.rehearsed, "--position", "2000"], home: server.home)
    func views(_ output: Program.Output) -> [Substring] {
      output.text.split(separator: "\n").filter { $0.hasPrefix("  ") }
    }
    #expect(views(bundle).count == 10)
    #expect(views(bundle) == views(database))
    let nothing = try await Program.run(
      ["replay", bundles.rehearsed, "--as-of", "2001-01-01T00:00:00Z"], home: elsewhere)
    #expect(nothing.text.contains("empty"), "\(nothing.text)")
    try FileManager.default.removeItem(atPath: elsewhere)
  }

  // MARK: - Asking

  /// Who was responsible on a day, what was known then, what became of it: as an auditor, who changes nothing.
  private func question(_ server: RunningServer, _ office: Client) async throws {
    let auditor = try await Client(server, role: "auditor")
    let plan = "/v1/plans/\(Self.plan)"
    let size = try #require(try await auditor.get("\(plan)/tree").json["position"]?.integer) + 1
    let before = try await auditor.get("\(plan)/measures/fachkraefte.1.I?position=825")
    let after = try await auditor.get("\(plan)/measures/fachkraefte.1.I")
    #expect(before.json["measure"]?["percent"] == .null)
    #expect(after.json["measure"]?["percent"] == 10)
    let compared = try await auditor.get("\(plan)/compare?from=825")
    #expect(compared.json["to"]?["position"]?.integer == size - 1)
    let subjects = compared.json["subjects"]?.array ?? []
    #expect(subjects.contains { $0["name"] == "fachkraefte.1.I" })
    #expect(subjects.contains { $0["name"] == "senweb" })
    let shown = try await Program.run(
      ["show", Self.plan, "measure", "fachkraefte.1.I", "--position", "825"], home: server.home)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.text.contains("\"position\":825"))
    try await readByCommandLine(server, office)
    let refused = try await auditor.command("raise-issue", #"{"kind":"question","text":"Darf ich?"}"#)
    #expect(refused.status == 403)
    #expect(try await office.get("\(plan)/tree").json["position"]?.integer == size - 1)
  }

  /// The command line tells what the API tells the office.
  private func readByCommandLine(_ server: RunningServer, _ office: Client) async throws {
    let plan = "/v1/plans/\(Self.plan)"
    func run(_ arguments: String...) async throws -> String {
      let output = try await Program.run(arguments, home: server.home)
      #expect(output.status == 0, "\(output.errors)")
      return output.text
    }
    for (arguments, query) in [
      (["fachkraefte.1.I"], "subject=fachkraefte.1.I"), (["--institution", "senweb"], "institution=senweb"),
      (["senweb", "--position", "825"], "subject=senweb&position=825"),
    ] {
      let told = try await office.get("\(plan)/timeline?limit=500&\(query)").json["entries"]?.array
      let output = try await Program.run(["timeline", Self.plan] + arguments + ["--json"], home: server.home)
      let printed = output.text.split(separator: "\n").map { try? JSONParser.parse(Array($0.utf8)) }
      #expect(printed.count > 1 && printed == told, "\(query): \(output.text)\(output.errors)")
    }
    let lines = try await run("timeline", Self.plan, "fachkraefte.1.I", "--language", "de").split(separator: "\n")
    #expect(lines.first?.contains("wurde angelegt") == true, "\(lines)")
    let compared = try await office.get("\(plan)/compare?from=825&limit=500").json
    let printed = try JSONParser.parse(Array(try await run("compare", Self.plan, "825").utf8.dropLast()))
    #expect(printed["subjects"] == compared["subjects"] && printed["eventCount"] == compared["eventCount"])
    for wrong in [["nowhere"], ["2", "1"], ["99999999"], ["2999-01-01"]] {
      let output = try await Program.run(["compare", Self.plan] + wrong, home: server.home)
      #expect(output.status == 1 && !output.errors.isEmpty, "\(wrong)")
    }
  }
}

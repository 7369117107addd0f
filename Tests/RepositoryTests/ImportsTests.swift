import Foundation
import Testing

/// Imports tell the architecture.
struct ImportsTests {
  /// What a module is built on: its own arrows, and the modules of others that it may use. It may import what its
  /// arrows reach, and nothing else.
  struct Allowance {
    let arrows: Set<String>
    let others: Set<String>

    init(_ arrows: Set<String> = [], others: Set<String> = []) {
      self.arrows = arrows
      self.others = others
    }
  }

  private static let platform: Set<String> = [
    "Foundation", "FoundationEssentials", "Synchronization", "Glibc", "Darwin", "Dispatch",
  ]
  private static let values: Set<String> = ["Foundation", "FoundationEssentials", "Synchronization"]

  static let table: [String: Allowance] = [
    "CLibPQ": Allowance(),
    "Postgres": Allowance(["CLibPQ"], others: platform.union(["Logging"])),
    "EmbeddedPostgres": Allowance(
      others: platform.union(["Logging", "ServiceLifecycle", "Subprocess", "SystemPackage"])),
    "TamperEvidence": Allowance(others: values.union(["Crypto"])),
    // Glibc for the system's random bytes.
    "EventSourcing": Allowance(others: values.union(["Crypto", "DequeModule", "Glibc"])),
    // The domain is pure: no clock, no randomness, no input or output, so not even Foundation.
    "Coordination": Allowance(["EventSourcing"], others: ["HashTreeCollections"]),
    "PlanImport": Allowance(["Coordination"], others: values.union(["Crypto", "Yams"])),
    "Projections": Allowance(["Coordination"], others: ["Crypto", "HashTreeCollections", "OrderedCollections"]),
    // As pure as the domain: one plan, one seed, one history.
    "Simulation": Allowance(["Coordination"]),
    "Schema": Allowance(["Postgres"], others: values),
    "EventLogPostgres": Allowance(["EventSourcing", "Postgres"], others: values.union(["Logging"])),
    "ReadModels": Allowance(["Projections", "EventLogPostgres"], others: values.union(["Logging"])),
    "PlanService": Allowance(
      ["Projections", "EventSourcing", "TamperEvidence"],
      others: values.union([
        "Collections", "Crypto", "DequeModule", "HashTreeCollections", "Logging", "Metrics", "OrderedCollections",
        "ServiceLifecycle",
      ])),
    // Bytes in, findings out: files and addresses are for those who wire it.
    "Audit": Allowance(["PlanService"], others: values),
    "PartnerKit": Allowance(["EventSourcing", "TamperEvidence"], others: values.union(["Crypto"])),
    "Consumers": Allowance(["EventLogPostgres"], others: values),
    "Feeds": Allowance(
      ["EventSourcing"], others: values.union(["DequeModule", "Logging", "NIOCore", "ServiceLifecycle"])),
    "Webhooks": Allowance(
      ["Coordination", "EventLogPostgres"], others: values.union(["Crypto", "Logging", "ServiceLifecycle"])),
    "HTTPAPI": Allowance(
      ["Feeds", "Webhooks", "Consumers", "PartnerKit", "PlanService"],
      others: values.union([
        "Crypto", "Hummingbird", "HTTPTypes", "JWTKit", "Logging", "Metrics", "NIOCore", "NIOHTTP1", "NIOHTTPTypes",
      ])),
    "Composition": Allowance(
      [
        "HTTPAPI", "Feeds", "Webhooks", "Consumers", "PartnerKit", "Audit", "PlanImport", "Simulation", "ReadModels",
        "EventLogPostgres",
        "EmbeddedPostgres",
        "Schema",
      ],
      others: platform.union([
        "AsyncHTTPClient", "Configuration", "Hummingbird", "Logging", "Metrics", "NIOCore", "NIOHTTP1", "NIOPosix",
        "ServiceLifecycle", "Subprocess", "SystemPackage", "UnixSignals", "_NIOFileSystem",
      ])),
    "federwerk": Allowance(["Composition"], others: platform.union(["ArgumentParser"])),
  ]

  @Test func `every module imports only what its arrows reach`() {
    for (module, folder) in Self.folders() {
      guard let allowance = Self.table[module] else {
        Issue.record("\(folder) holds a module that the table does not know")
        continue
      }
      let allowed = Self.reach(of: module).union(allowance.others)
      for file in Repository.files(in: folder, extensions: ["swift"]) {
        for (number, line) in file.lines.enumerated() {
          guard let imported = Self.importedModule(line), !allowed.contains(imported) else { continue }
          Issue.record("\(file.path):\(number + 1): \(module) may not import \(imported)")
        }
      }
    }
  }

  @Test func `the package has the arrows of the table`() throws {
    let targets = try Self.packageTargets()
    #expect(Set(targets.keys) == Set(Self.table.keys))
    for (name, dependencies) in targets { #expect(dependencies == Self.table[name]?.arrows, "\(name)") }
  }

  @Test func `no arrow leads back`() {
    for module in Self.table.keys { #expect(!Self.reach(of: module).contains(module), "\(module) reaches itself") }
  }

  @Test func `the module table of the README names every target`() throws {
    let readme = try #require(Repository.text(of: "README.md"), "there is no README.md")
    let rows = readme.split(separator: "\n").filter { $0.trimmed.hasPrefix("|") }
    for name in try Self.packageTargets().keys.sorted() {
      #expect(rows.contains { $0.contains("`\(name)`") }, "\(name) has no row")
    }
  }

  @Test func `import lines are understood`() {
    #expect(Self.importedModule("import Crypto") == "Crypto")
    #expect(Self.importedModule("  public import EventSourcing // why") == "EventSourcing")
    #expect(Self.importedModule("@preconcurrency internal import Glibc") == "Glibc")
    #expect(Self.importedModule("import struct Foundation.Data") == "Foundation")
    #expect(Self.importedModule("@testable import NIOCore.Channel") == "NIOCore")
    #expect(Self.importedModule("// import Crypto") == nil)
    #expect(Self.importedModule("let important = 1") == nil)
    #expect(Self.importedModule("importPlan(from: file)") == nil)
  }

  /// The folders that hold a target, by its name.
  private static func folders() -> [String: String] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: Repository.root.appendingPathComponent("Sources").path))
      ?? []
    var folders = ["Schema": "schema"]
    for name in names where !name.hasPrefix(".") { folders[name] = "Sources/\(name)" }
    return folders
  }

  private static func reach(of module: String) -> Set<String> {
    var reached: Set<String> = []
    var open = table[module]?.arrows ?? []
    while let next = open.popFirst() {
      guard reached.insert(next).inserted else { continue }
      open.formUnion(table[next]?.arrows ?? [])
    }
    return reached
  }

  static func importedModule(_ line: some StringProtocol) -> String? {
    var words = line.trimmed.split(separator: " ")[...]
    let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words = words.dropFirst() }
    guard words.first == "import" else { return nil }
    words = words.dropFirst()
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
    return words.first?.split(separator: ".").first.map(String.init)
  }

  /// The targets in `Package.swift` that are no tests, with those of their dependencies that are ours.
  private static func packageTargets() throws -> [String: Set<String>] {
    let manifest = try #require(Repository.text(of: "Package.swift"))
    let list = try #require(manifest.range(of: "targets: [", options: .backwards).map { manifest[$0.upperBound...] })
    var targets: [String: Set<String>] = [:]
    let declaration =
      /(\.systemLibrary|\.executableTarget|\.target|\bmodule|\.testTarget|\btests)\(\s*(?:name:\s*)?"([A-Za-z]+)"/
    let starts = list.matches(of: declaration)
    for (index, match) in starts.enumerated() {
      let name = String(match.output.2)
      guard match.output.1 != "tests", match.output.1 != ".testTarget" else { continue }
      let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : list.endIndex
      let text = list[match.range.upperBound..<end]
      guard !text.contains("path: \"Tests/"), let on = text.firstMatch(of: /(?:\bon|dependencies):\s*\[([^\]]*)\]/)
      else {
        if !text.contains("path: \"Tests/") { targets[name] = [] }
        continue
      }
      targets[name] = Set(on.output.1.matches(of: /"([A-Za-z]+)"/).map { String($0.output.1) })
    }
    return targets
  }
}

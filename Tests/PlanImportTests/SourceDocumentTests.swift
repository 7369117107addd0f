import Coordination
import Crypto
import EventSourcing
import Foundation
import PlanImport
import Testing

/// Every line of the plan document that says who does what has an item in the plan file.
struct SourceDocumentTests {
  private static let documentKey = "S2"

  struct Row: Hashable {
    let line: Int
    let kind: String
    let digest: String
  }

  private static func fixture() throws -> [Row] {
    let url = try #require(
      Bundle.module.url(forResource: "masterplan-index", withExtension: "tsv", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { text in
      let cells = text.split(separator: "\t").map(String.init)
      try #require(cells.count == 3)
      return Row(line: try #require(Int(cells[0])), kind: cells[1], digest: cells[2])
    }
  }

  @Test func `the source document is accounted for`() throws {
    let file = try Masterplan.file()
    let rows = try Self.fixture()
    #expect(rows.count == 202)
    let goals = Self.lines(of: file.clusters.flatMap(\.goals).map(\.source))
    let measures = Self.lines(of: file.measures.map(\.source))
    let parts = Self.lines(of: file.measures.filter { $0.part != nil }.map(\.source))
    let blocks = Self.lines(of: file.taskFields.flatMap(\.structure).map(\.source))
    // The summary of a task field may mention a lead in passing.
    let taskFields = Self.lines(of: file.taskFields.map(\.source))
    for row in rows {
      let isCovered =
        switch row.kind {
        case "goal": goals.contains(row.line)
        case "measure": measures.contains(row.line)
        case "part": parts.contains(row.line)
        case "lead": blocks.contains(row.line) || taskFields.contains(row.line)
        default: false
        }
      #expect(isCovered, "line \(row.line) (\(row.kind)) has no fitting item")
    }
  }

  @Test func `each lead line but one is the source of a block with a lead`() throws {
    let file = try Masterplan.file()
    let blocks = file.taskFields.flatMap(\.structure).filter { $0.entries.contains { $0.role == .lead } }
    let covered = Self.lines(of: blocks.map(\.source))
    let uncovered = try Self.fixture().filter { $0.kind == "lead" && !covered.contains($0.line) }
    // The one mentions who leads a task field in general, in its summary.
    #expect(uncovered.map(\.line) == [349])
  }

  /// With the document at hand (`FEDERWERK_SOURCE_DOCUMENT`, set by the Makefile) the index is made again and compared;
  /// without it, which is the rule, only the form of the shipped index can be checked.
  @Test func `the index is that of the source document, as far as the document is at hand`() throws {
    let rows = try Self.fixture()
    #expect(rows.map(\.line) == rows.map(\.line).sorted())
    #expect(Set(rows.map(\.line)).count == rows.count)
    #expect(rows.allSatisfy { $0.digest.wholeMatch(of: /[0-9a-f]{16}/) != nil })
    guard let path = ProcessInfo.processInfo.environment["FEDERWERK_SOURCE_DOCUMENT"], !path.isEmpty else {
      print("FEDERWERK_SOURCE_DOCUMENT is not set: only the form of the index was checked.")
      return
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let document = try Masterplan.file().documents.first { $0.key.text == Self.documentKey }
    #expect(Self.hexadecimal(SHA256.hash(data: bytes)) == document?.sha256?.text, "not the document of the plan file")
    #expect(Self.index(of: bytes) == rows)
  }

  // MARK: The index, as make-index.py makes it

  private static func index(of bytes: Data) -> [Row] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
      kind(of: String(decoding: line, as: UTF8.self)).map {
        Row(line: index + 1, kind: $0, digest: String(hexadecimal(SHA256.hash(data: line)).prefix(16)))
      }
    }
  }

  private static func kind(of text: String) -> String? {
    let start = text.trimmingPrefix(while: \.isWhitespace)
    if text.contains("Federführung") || text.contains("FF ") { return "lead" }
    if start.prefixMatch(of: /(?=[IVX])X{0,3}(IX|IV|V?I{0,3})\./) != nil { return "measure" }
    if start.prefixMatch(of: /[A-Z]\.(\s|$)/) != nil { return "part" }
    if start.prefixMatch(of: /[a-z]\)/) != nil { return "goal" }
    return nil
  }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func lines(of sources: [[Citation]]) -> Set<Int> {
    Set(sources.joined().filter { $0.document == documentKey }.flatMap { Array($0.lines) })
  }
}

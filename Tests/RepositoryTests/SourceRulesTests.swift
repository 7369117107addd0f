import Foundation
import Testing

/// What no file may hold. The forbidden words are put together here, so that this file does not hold them either.
struct SourceRulesTests {
  @Test func `no source starts a detached task`() { expectNone(of: "Task." + "detached", in: "Sources") }

  @Test func `no source uses a forced try`() { expectNone(of: "try" + "!", in: "Sources") }

  @Test func `unchecked sendability comes with its reason`() {
    for file in Repository.files(in: "Sources", extensions: ["swift"]) {
      let lines = file.lines
      for (index, line) in lines.enumerated() where Self.code(line).contains("@unchecked" + " Sendable") {
        let isExplained = line.contains("//") || (index > 0 && lines[index - 1].contains("//"))
        #expect(isExplained, "\(file.path):\(index + 1) has no reason")
      }
    }
  }

  @Test func `only the program itself and its composition print`() {
    for file in Repository.files(in: "Sources", extensions: ["swift"]) {
      guard !file.path.hasPrefix("Sources/federwerk/"), !file.path.hasPrefix("Sources/Composition/") else { continue }
      for (index, line) in file.lines.enumerated() where Self.code(line).contains(/\bprint\(/) {
        Issue.record("\(file.path):\(index + 1) prints")
      }
    }
  }

  @Test func `no test sleeps`() throws {
    // A word ends at a full stop here: `Task.` before it makes it no other word.
    let sleeps = try Regex(#"\b(?:u|nano)?"# + "sleep" + #"\("#).wordBoundaryKind(.simple)
    for file in Repository.files(in: "Tests", extensions: ["swift", "py"]) {
      // A benchmark is no test: it measures for a time, and what it measures has no signal to wait for.
      if file.path.contains("Tests/Benchmarks/") { continue }
      for (index, line) in file.lines.enumerated() where Self.code(line).contains(sleeps) {
        Issue.record("\(file.path):\(index + 1) sleeps")
      }
    }
  }

  @Test func `no comment is wider than the code`() {
    // The formatter breaks code at 120 columns and leaves comments as they are. A row of a table cannot be broken.
    for file in Repository.files(extensions: ["swift"]) {
      for (index, line) in file.lines.enumerated() where line.count > 120 {
        let text = line.drop { $0 == " " }
        let isTooWide = text.hasPrefix("//") && !text.hasPrefix("/// |")
        #expect(!isTooWide, "\(file.path):\(index + 1) has \(line.count) columns")
      }
    }
  }

  @Test func `no file knows the machine it was written on`() {
    let folder = "/" + "work" + "/"
    // As a folder; a product of a package is declared with a parenthesis.
    let library = "." + "library"
    for file in Repository.files() {
      for (index, line) in file.lines.enumerated() {
        let mentions =
          line.contains(folder)
          || line.split(separator: library, omittingEmptySubsequences: false)
            .dropFirst().contains { !$0.hasPrefix("(") }
        #expect(!mentions, "\(file.path):\(index + 1)")
      }
    }
  }

  @Test func `make leaves it to the configuration which database is served`() throws {
    let makefile = try #require(Repository.text(of: "Makefile"))
    #expect(makefile.contains("federwerk serve") && !makefile.contains("--embedded"))
  }

  private func expectNone(of word: String, in folder: String) {
    for file in Repository.files(in: folder, extensions: ["swift"]) {
      for (index, line) in file.lines.enumerated() where Self.code(line).contains(word) {
        Issue.record("\(file.path):\(index + 1) has \(word)")
      }
    }
  }

  /// A line without its comment; good enough for words that no string holds.
  private static func code(_ line: Substring) -> Substring {
    line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
  }
}

import EventSourcing
import PlanImport
import Testing

struct PlanFileTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let code: String
    let line: Int?
    let old: String
    let new: String

    var testDescription: String { "\(code): \(new)" }
  }

  private static let faults: [Fault] = [
    Fault(code: "unknown-key", line: 4, old: "title: Dokument}", new: "title: Dokument, farbe: rot}"),
    Fault(code: "missing-key", line: 12, old: "kind: office, source: D1:3", new: "source: D1:3"),
    Fault(code: "missing-key", line: 12, old: ", source: D1:3", new: ""),
    Fault(code: "empty-value", line: 7, old: "title: Erste Fassung", new: "title:"),
    Fault(code: "wrong-type", line: 3, old: "documents:\n  - {key: D1, title: Dokument}", new: "documents: keine"),
    Fault(code: "wrong-type", line: 22, old: "number: 1\n    slug: feld", new: "number: eins\n    slug: feld"),
    Fault(code: "invalid-value", line: 12, old: "slug: amt,", new: "slug: Das Amt,"),
    Fault(code: "invalid-value", line: 8, old: "2018-01-01", new: "1.1.2018"),
    Fault(code: "invalid-value", line: 37, old: "numeral: I,", new: "numeral: IIII,"),
    Fault(code: "invalid-value", line: 12, old: "source: D1:3}", new: "source: Seite 3}"),
    Fault(code: "text-too-long", line: 7, old: "Erste Fassung", new: String(repeating: "x", count: 301)),
    Fault(code: "control-character", line: 7, old: "Erste Fassung", new: "\"Erste\\tFassung\""),
    Fault(code: "unknown-format-version", line: 1, old: "federwerk: 1", new: "federwerk: 2"),
    Fault(code: "invalid-value", line: 2, old: "federwerk: 1", new: "federwerk: 1\nposition: -1"),
    Fault(code: "duplicate-key", line: 6, old: "slug: erste", new: "slug: erste\n  slug: zweite"),
    Fault(code: "duplicate-item", line: 13, old: "slug: haus,", new: "slug: amt,"),
    Fault(code: "duplicate-item", line: 38, old: "numeral: II,", new: "numeral: I,"),
    Fault(code: "duplicate-name", line: 13, old: "name: Das Haus", new: "name: Amt"),
    Fault(code: "duplicate-assignment", line: 42, old: "lead: [amt]", new: "lead: [amt, amt]"),
    Fault(code: "unknown-reference", line: 14, old: "unitOf: haus", new: "unitOf: scheune"),
    Fault(code: "unknown-reference", line: 16, old: "members: [amt]", new: "members: [niemand]"),
    Fault(code: "unknown-reference", line: 43, old: "contributor: [haus]", new: "contributor: [niemand]"),
    Fault(code: "unknown-reference", line: 12, old: "source: D1:3}", new: "source: D2:3}"),
    Fault(code: "unknown-reference", line: 20, old: "about: thema.1.I,", new: "about: thema.1.III,"),
    Fault(code: "unknown-reference", line: 38, old: "[strategie]", new: "[keine]"),
    Fault(code: "unknown-reference", line: 44, old: "measures: II\n", new: "measures: III\n"),
    Fault(code: "bad-range", line: 40, old: "measures: I-II", new: "measures: II-I"),
    Fault(code: "bad-range", line: 40, old: "measures: I-II", new: "measures: erste"),
    Fault(code: "bad-relative-group", line: 16, old: "kind: collective", new: "kind: relative"),
    Fault(code: "anchor-refused", line: 6, old: "slug: erste", new: "slug: &a erste"),
    Fault(code: "anchor-refused", line: 6, old: "slug: erste", new: "slug: *a"),
    Fault(code: "tag-refused", line: 6, old: "slug: erste", new: "slug: !!binary erste"),
    Fault(code: "yaml-syntax", line: 6, old: "slug: erste", new: "slug: [erste"),
    Fault(code: "too-deep", line: 6, old: "slug: erste", new: "slug: \(nested(40))"),
    Fault(code: "too-deep", line: 6, old: "slug: erste", new: "slug: \(nested(50_000))"),
  ]

  private static func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test(arguments: faults)
  func `a fault in the file is found with its code and line`(fault: Fault) throws {
    let text = try SmallPlan.changed(fault.old, fault.new)
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    let found = error?.findings.map { "\($0.code) \($0.line ?? 0)" } ?? []
    // A syntax error is reported where the parser gives up, which is later than where it began.
    let isFound = error?.findings.contains {
      $0.code == fault.code && (fault.code == "yaml-syntax" || $0.line == fault.line)
    }
    #expect(isFound == true, "\(found)")
    #expect(error?.findings.allSatisfy { !$0.message.german.isEmpty && !$0.message.english.isEmpty } == true)
  }

  @Test func `all faults of a file are found at once, in the order of its lines`() throws {
    let text = SmallPlan.text
      .replacing("title: Dokument}", with: "title: Dokument, farbe: rot}")
      .replacing("slug: erste", with: "slug: erste\n  slug: zweite")
      .replacing("slug: hof,", with: "slug: HOF,")
      .replacing("letter: a, title: Ziel", with: "letter: a, title: Ziel, title: Anderes Ziel")
      .replacing("measures: I-II", with: "measures: II-I")
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(
      error?.findings.map(\.code) == ["unknown-key", "duplicate-key", "invalid-value", "duplicate-key", "bad-range"])
  }

  @Test func `references are checked all over the file`() throws {
    let text = SmallPlan.text
      .replacing("unitOf: haus", with: "unitOf: scheune")
      .replacing("members: [amt]", with: "members: [niemand]")
      .replacing("contributor: [haus]", with: "contributor: [jemand]")
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(error?.findings.map(\.line) == [14, 16, 43])
    #expect(error?.findings.allSatisfy { $0.code == "unknown-reference" } == true)
  }

  @Test func `a file beyond the limit is refused unread`() {
    let text = SmallPlan.text + "#" + String(repeating: "x", count: 4 << 20)
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(error?.findings.map(\.code) == ["file-too-large"])
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    let bytes = Array(SmallPlan.text.utf8) + [0x23, 0xC3, 0x28]
    let error = #expect(throws: PlanFileError.self) { try PlanFile(bytes: bytes) }
    #expect(error?.findings.map(\.code) == ["not-utf8"])
  }

  /// Aliases of aliases, some of them as keys, would grow to 9^9 nodes; the refusal comes before the parser.
  @Test(arguments: ["", "# \"\n", "x: 'it''s\n  \"'\n", "- a\n  \"b\n"])
  func `nested aliases are refused in whatever they are wrapped`(prefix: String) {
    var text = prefix + "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    text += "? *a9\n: x\n"
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(error?.findings.allSatisfy { $0.code == "anchor-refused" } == true)
    #expect(error?.findings.count == 11)
  }

  @Test(arguments: ["", "# nur ein Kommentar\n", "- eine\n- Liste\n", "---\na: 1\n---\nb: 2\n", "\u{0}"])
  func `what is no plan file is refused with a reason`(text: String) {
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(error?.findings.isEmpty == false)
  }

  @Test func `an ampersand or asterisk between spaces is text`() throws {
    let file = try SmallPlan.file("title: Dokument", "title: Dokument & Anlage * Heft")
    #expect(file.documents.map(\.title.text) == ["Dokument & Anlage * Heft"])
  }

  @Test func `every item knows its line`() throws {
    let file = try SmallPlan.file()
    #expect(file.institutions.map(\.line) == [12, 13, 14])
    #expect(file.measures.map(\.line) == [37, 38])
    #expect(file.taskFields.flatMap(\.structure).map(\.line) == [40, 44])
    #expect(file.taskFields.flatMap(\.structure).flatMap(\.entries).map(\.line) == [42, 43, 47])
  }

  @Test(arguments: [
    ("I", ["I"]), ("II-IV", ["II", "III", "IV"]), ("I-VII", ["I", "II", "III", "IV", "V", "VI", "VII"]),
    ("II.A", ["II.A"]), ("III.mint-botschafterin", ["III.mint-botschafterin"]),
  ])
  func `a range stands for each of its measures`(text: String, members: [String]) {
    #expect(MeasureRange(text)?.members == members)
  }

  @Test(arguments: ["", "-", "I-", "-II", "II-I", "I-I", "IIII", "I–II", "II.", ".A", "1", "I, II"])
  func `what is no range is none`(text: String) {
    #expect(MeasureRange(text) == nil)
  }
}

extension PlanFileTests {
  @Test func `a byte order mark and carriage returns change nothing`() throws {
    let file = try PlanFile(yaml: "\u{FEFF}" + SmallPlan.text.replacing("\n", with: "\r\n"))
    #expect(file.institutions.map(\.line) == [12, 13, 14])
    #expect(PlanStory().propose(file).commandNames == PlanStory().propose(try SmallPlan.file()).commandNames)
  }

  @Test func `a list beyond the limit is refused`() throws {
    let members = Array(repeating: "amt", count: 1001).joined(separator: ", ")
    let text = try SmallPlan.changed("members: [amt]", "members: [\(members)]")
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: text) }
    #expect(error?.findings.map(\.code) == ["list-too-long"])
  }

  @Test func `findings have a limit too`() throws {
    let keys = (0..<1500).map { "x\($0): 1\n" }.joined()
    let error = #expect(throws: PlanFileError.self) { try PlanFile(yaml: SmallPlan.text + keys) }
    #expect(error?.findings.count == 1001)
    #expect(error?.findings.last?.code == "too-many-findings")
  }

  /// Whatever is left out, the answer is a proposal or a list of findings, never a trap.
  @Test(arguments: [1, 2, 3])
  func `a file with lines missing is read or refused`(gap: Int) throws {
    let lines = SmallPlan.text.split(separator: "\n", omittingEmptySubsequences: false)
    var refusedCount = 0
    for start in 0..<(lines.count - gap) {
      var rest = lines
      rest.removeSubrange(start..<(start + gap))
      do {
        let file = try PlanFile(yaml: rest.joined(separator: "\n"))
        _ = PlanStory().propose(file)
      } catch {
        refusedCount += 1
        #expect(!error.findings.isEmpty)
      }
    }
    #expect(refusedCount > 20)
  }
}

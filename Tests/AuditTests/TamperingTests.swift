import Audit
import EventSourcing
import HangLimit
import PlanService
import TamperEvidence
import Testing

/// Whoever changes a bundle of 300 events and cannot sign is found out, and told where.
@Suite(.hangLimit)
struct TamperingTests {
  private static let size = 300

  // MARK: - Entries

  @Test(arguments: [0, 1, 255, 256, 299])
  func `a changed entry is found at its position`(position: Int) async throws {
    let verification = try await changed(position) {
      $0 = SampleLog.made(at: position, of: SampleLog.plan, number: -1).event.body
    }
    #expect(verification.has("tile", at: Int64(position)))
    #expect(verification.has("root"))
  }

  @Test func `an entry that is none is found, whatever it is`() async throws {
    for entry in [[], [0], Array("{}".utf8), Array("null".utf8), [UInt8](repeating: 0x5B, count: 65_535)] {
      let verification = try await changed(7) { $0 = entry }
      #expect(verification.has("unreadable", at: 7))
      #expect(verification.has("tile", at: 7))
    }
  }

  @Test(arguments: ["1", "null", "[]", "\"\""]) func `an entry of no log is found`(source: String) async throws {
    let verification = try await changed(7) { entry in
      let text = String(decoding: entry, as: UTF8.self)
      entry = Array(text.replacing(/"source":"[^"]*"/, with: "\"source\":\(source)").utf8)
    }
    #expect(verification.has(source == "\"\"" ? "source" : "unreadable", at: 7))
    #expect(verification.has("tile", at: 7))
  }

  @Test func `an entry in another form is found`() async throws {
    let verification = try await changed(7) { entry in
      let text = String(decoding: entry, as: UTF8.self)
      entry = Array(text.replacing("{\"number\":", with: "{ \"number\":").utf8)
    }
    #expect(verification.has("not-canonical", at: 7))
    #expect(verification.has("tile", at: 7))
  }

  @Test func `swapped entries are found at both positions`() async throws {
    let verification = try await tampered { archive in
      try archive.changeEntries("tile/entries/000") { $0.swapAt(3, 9) }
    }
    for position in [3, 9] as [Int64] { #expect(verification.has("id", at: position)) }
    #expect(verification.has("tile", at: 3))
    #expect(verification.has("recorded-time", at: 4))
  }

  @Test func `a tail that is cut off is found`() async throws {
    let verification = try await tampered { archive in
      try archive.changeEntries("tile/entries/001.p/44") { $0.removeLast() }
    }
    #expect(verification.has("entries", at: 256))
    #expect(verification.has("size"))
    // Cut off so that every file fits the shorter log, but the checkpoint does not.
    var shorter = try await SampleLog(SampleLog.made(Self.size - 1)).archive()
    let whole = try await SampleLog.archiveOf300
    shorter["checkpoint"] = whole["checkpoint"]
    let second = try await verify(shorter.bytes)
    #expect(second.has("entries-missing", at: 256))
    #expect(second.has("size") && second.has("root") && second.has("source"))
  }

  @Test func `an entry that was put in is found`() async throws {
    let verification = try await tampered { archive in
      try archive.changeEntries("tile/entries/001.p/44") { $0.insert($0[0], at: 1) }
    }
    #expect(verification.has("entries", at: 256))
    // In place of the next one, so that their number stays.
    let second = try await tampered { archive in
      try archive.changeEntries("tile/entries/001.p/44") { entries in
        entries.insert(entries[0], at: 1)
        entries.removeLast()
      }
    }
    #expect(second.has("id", at: 257) && second.has("tile", at: 257) && second.has("root"))
  }

  @Test func `entries of another plan are found at their positions`() async throws {
    let other = EntityID(high: 0x7000, low: 0x8000_0000_0000_0005)
    let verification = try await tampered { archive in
      try archive.changeEntries("tile/entries/000") { entries in
        for position in 10...12 {
          entries[position] = SampleLog.made(at: position, of: other, number: position).event.body
        }
      }
    }
    for position in 10...12 as ClosedRange<Int64> { #expect(verification.has("source", at: position)) }
    #expect(verification.has("tile", at: 10))
  }

  @Test func `a log of another plan under this checkpoint is found`() async throws {
    let other = EntityID(high: 0x7000, low: 0x8000_0000_0000_0005)
    var archive = try await SampleLog(SampleLog.made(Self.size, of: other), of: other).archive()
    let own = try await SampleLog.archiveOf300
    for name in ["vkeys", "policy", "checkpoint"] { archive[name] = own[name] }
    let verification = try await verify(archive.bytes)
    #expect(verification.findingCount >= Self.size)
    #expect(verification.findings.count { $0.position != nil } == FindingList.countMax)
    #expect(verification.has("source", at: 0) && verification.has("root"))
  }

  @Test func `a log whose own key signs for another plan is found`() async throws {
    let other = EntityID(high: 0x7000, low: 0x8000_0000_0000_0005)
    // All is consistent, only that the events are of another plan than the origin says.
    let verification = try await verify(SampleLog(SampleLog.made(3, of: other), of: SampleLog.plan).bundle())
    #expect(verification.findings.map(\.code) == ["source", "source", "source"])
    #expect(verification.findings.map { $0.position?.value } == [0, 1, 2])
  }

  @Test func `time and epoch that run backwards are found, though the log has signed them`() async throws {
    var history = SampleLog.made(5)
    history.swapAt(1, 3)
    history = history.enumerated().map { index, entry in
      let event = entry.event
      // The column of the store, not what the entry says.
      return (
        StoredEvent(
          position: Position(Int64(index)), type: event.type, subject: event.subject,
          effectiveDate: event.effectiveDate, recordedAt: event.recordedAt, body: event.body, leafHash: event.leafHash),
        []
      )
    }
    let verification = try await verify(SampleLog(history).bundle())
    #expect(verification.findings.map(\.code).sorted() == ["id", "id", "recorded-time", "recorded-time"])
    #expect(verification.has("recorded-time", at: 2) && verification.has("recorded-time", at: 3))
  }

  // MARK: - Tiles

  @Test(arguments: [0, 1, 255])
  func `a wrong hash in a tile is found at its position`(index: Int) async throws {
    let verification = try await tampered { $0["tile/0/000"][32 * index + 31] ^= 1 }
    #expect(verification.findings.map(\.code) == ["tile"])
    #expect(verification.has("tile", at: Int64(index)))
  }

  @Test func `a wrong hash in the tile above is found at the first position below it`() async throws {
    var archive = try await SampleLog(SampleLog.made(600)).archive()
    archive["tile/1/000.p/2"][32] ^= 1
    let verification = try await verify(archive.bytes)
    #expect(verification.findings.map(\.code) == ["tile"])
    #expect(verification.has("tile", at: 256))
  }

  @Test(arguments: ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
  func `a tile of another length is found, as is one that is missing`(name: String) async throws {
    for change in [{ $0.removeLast() }, { $0 = [] }, { $0.removeLast(32) }] as [(inout [UInt8]) -> Void] {
      let verification = try await tampered { change(&$0[name]) }
      #expect(verification.findings.map(\.code) == ["tile"])
    }
    // More than a full tile can have is not even read.
    let longer = try await tampered { $0[name] += [0] }
    #expect(longer.findings.map(\.code) == [name == "tile/0/000" ? "source" : "tile"])
    let verification = try await tampered { $0.remove(name) }
    #expect(verification.findings.map(\.code) == ["tile-missing"])
    #expect(verification.findings.first?.expected == name)
  }

  // MARK: - Disclosed values

  @Test func `a changed value is found, and its digest is without a value`() async throws {
    let verification = try await tampered { archive in
      archive.changeDisclosures { $0[0] = Self.line(1, Disclosure(salt: [1], name: "text", value: "other").encoded) }
    }
    #expect(verification.findings.map(\.code) == ["disclosure"])
    #expect(verification.has("disclosure", at: 1))
    #expect(verification.findings.first?.found == "none for a value disclosed at position 1")
    #expect(verification.withheldCount == 1)
  }

  @Test func `a value at another position is found`() async throws {
    let verification = try await tampered { archive in
      archive.changeDisclosures { lines in
        lines[0] = lines[0].replacing("\"position\":1}", with: "\"position\":2}")
      }
    }
    #expect(verification.findings.map(\.code) == ["disclosure"])
    #expect(verification.findings.first?.found == "none for a value disclosed at position 2")
    #expect(verification.withheldCount == 1)
  }

  @Test func `swapped values are found at both positions`() async throws {
    let verification = try await tampered { archive in
      archive.changeDisclosures { lines in
        let (first, second) = (lines[0], lines[1])
        lines[0] = second.replacing("\"position\":5}", with: "\"position\":1}")
        lines[1] = first.replacing("\"position\":1}", with: "\"position\":5}")
      }
    }
    #expect(verification.findings.map(\.code) == ["disclosure", "disclosure"])
    #expect(verification.withheldCount == 2)
  }

  @Test(arguments: [
    "x", "{}", "[]", "{\"position\":1}", "{\"disclosure\":\"\",\"position\":\"1\"}",
    "{\"disclosure\":1,\"position\":1}", "{\"disclosure\":\"\",\"more\":1,\"position\":1}",
    "{\"disclosure\":\"\",\"position\":1.5}", "\u{FF}", "{\"disclosure\":\"\",\"position\":9007199254740993}",
  ])
  func `a line that is no disclosure is found by its number`(line: String) async throws {
    let verification = try await tampered { archive in archive.changeDisclosures { $0.insert(line, at: 2) } }
    #expect(verification.findings.map(\.code) == ["disclosure"])
    #expect(verification.findings.first?.found == "line 3")
  }

  @Test(arguments: [-1, 0, 256, 299, 9_007_199_254_740_991] as [Int64])
  func `a value of an event that has none, or stands elsewhere, is found`(position: Int64) async throws {
    let encoded = Disclosure(salt: [1], name: "text", value: "other").encoded
    let verification = try await tampered { archive in
      archive.changeDisclosures { $0.append(Self.line(position, encoded)) }
    }
    #expect(verification.findings.map(\.code) == ["disclosure"])
    #expect(verification.withheldCount == 0)
  }

  private static func line(_ position: Int64, _ encoded: String) -> String {
    "{\"disclosure\":\"\(encoded)\",\"position\":\(position)}"
  }

  // MARK: - Every byte

  /// Shares of the bytes, so that the shares are gone through side by side.
  private static let shares = 4

  @Test(arguments: 0..<shares) func `whichever byte of a bundle is changed, it is found`(share: Int) async throws {
    let archive = try await SampleLog(SampleLog.made(2)).archive()
    let bytes = archive.bytes
    var unfound: [Int] = []
    for offset in stride(from: share, to: bytes.count, by: Self.shares) {
      var changed = bytes
      changed[offset] ^= [1, 0x80, 0xFF][offset % 3]
      if try await verify(changed).findingCount == 0 { unfound.append(offset) }
    }
    #expect(unfound == [])
  }

  // MARK: - Helpers

  private func tampered(_ change: (inout Archive) throws -> Void) async throws -> AuditVerification {
    var archive = try await SampleLog.archiveOf300
    try change(&archive)
    return try await verify(archive.bytes)
  }

  /// A verification after one entry was changed.
  private func changed(_ position: Int, _ change: (inout [UInt8]) -> Void) async throws -> AuditVerification {
    try await tampered { archive in
      let name = position < 256 ? "tile/entries/000" : "tile/entries/001.p/44"
      try archive.changeEntries(name) { change(&$0[position % 256]) }
    }
  }
}

extension Archive {
  /// Changes the lines of the first file of disclosures.
  fileprivate mutating func changeDisclosures(_ change: (inout [String]) -> Void) {
    var lines = String(decoding: self["disclosures/000"], as: UTF8.self).split(separator: "\n").map(String.init)
    change(&lines)
    self["disclosures/000"] = lines.flatMap { Array("\($0)\n".utf8) }
  }
}

import Audit
import EventSourcing
import HangLimit
import PlanService
import Synchronization
import TamperEvidence
import Testing

/// Archives that somebody made in order to harm whoever reads them.
@Suite(.hangLimit)
struct HostileArchiveTests {
  // MARK: - Members

  @Test(arguments: ["vkeys", "policy"])
  func `keys or policy may be missing where the other is there`(name: String) async throws {
    let verification = try await changed { $0.remove(name) }
    #expect(verification.findings == [])
    #expect(verification.keysCameWithLog)
  }

  @Test func `without keys and policy nothing is believed`() async throws {
    let verification = try await changed { archive in
      archive.remove("vkeys")
      archive.remove("policy")
    }
    #expect(verification.findings.map(\.code) == ["checkpoint"])
    #expect(verification.checkpoint == nil && verification.size == .zero)
  }

  @Test func `a missing checkpoint is found`() async throws {
    let verification = try await changed { $0.remove("checkpoint") }
    #expect(verification.findings.map(\.code) == ["checkpoint"])
    #expect(verification.findings.first?.found == "none")
  }

  @Test func `missing entries are found at their position`() async throws {
    let verification = try await changed { $0.remove("tile/entries/001.p/44") }
    #expect(verification.has("entries-missing", at: 256))
    #expect(verification.has("size") && verification.has("root"))
  }

  @Test func `a member more is found, wherever it stands`() async throws {
    let count = try await SampleLog.archiveOf300.members.count
    for place in 0...count {
      let verification = try await changed { archive in
        archive.members.insert(Archive.Member(name: "more", content: [1]), at: place)
      }
      #expect(verification.findingCount > 0, "at \(place)")
      // Where the head cannot be found, nothing after it is looked at.
      if place > 2 { #expect(verification.findings.last?.found == "more does not belong at this place") }
    }
  }

  @Test func `a member that stands twice is found`() async throws {
    for place in try await SampleLog.archiveOf300.members.indices {
      let verification = try await changed { $0.members.insert($0.members[place], at: place) }
      #expect(verification.findingCount > 0, "at \(place)")
    }
  }

  @Test func `two members that changed places are found`() async throws {
    for place in try await SampleLog.archiveOf300.members.indices.dropLast() {
      let verification = try await changed { $0.members.swapAt(place, place + 1) }
      #expect(verification.findingCount > 0, "at \(place)")
    }
  }

  @Test func `one log after the other is found`() async throws {
    let verification = try await changed { $0.members += $0.members }
    #expect(verification.findings.map(\.found) == ["vkeys does not belong at this place"])
  }

  // MARK: - Headers

  @Test(arguments: ["1", "2", "3", "4", "5", "6", "7", "L", "K", "x", "g", "S", "\u{7F}"])
  func `what is no regular file is refused`(type: String) async throws {
    let verification = try await changed { $0.members[2].type = UInt8(ascii: type.unicodeScalars.first ?? "1") }
    #expect(verification.findings.map(\.found) == ["checkpoint is not a regular file"])
  }

  @Test func `the old form of a regular file is read`() async throws {
    let verification = try await changed { archive in
      for index in archive.members.indices { archive.members[index].type = 0 }
    }
    #expect(verification.findings == [])
  }

  @Test(arguments: [
    "../checkpoint", "/checkpoint", "./checkpoint", "checkpoint/", "tile/../checkpoint", "CHECKPOINT", "checkpoint ",
    "ch\u{E9}ckpoint", "", "\u{1}",
  ])
  func `a name that is not the one expected is not believed, and never a path`(name: String) async throws {
    let verification = try await changed { $0.members[2].name = name }
    #expect(verification.findings.count == 1 && verification.checkpoint == nil)
  }

  @Test(arguments: ["77777777777", "00000300001", "0000000000 ", "-0000000001", "0000000008x", "           "])
  func `a size that is too large or no number is refused before anything is read`(size: String) async throws {
    var archive = try await SampleLog.archiveOf300
    archive.members[2].size = size
    let bytes = archive.bytes
    let offset = archive.members[..<2].reduce(512) { $0 + Archive.bytes(of: $1).count }
    let readCount = ReadCount()
    var source: any AuditSource = BundleSource(CountingInput(bytes, readCount))
    let verification = try await AuditVerification.run(&source, parallelism: 1, progress: { _, _ in })
    #expect(verification.findings.map(\.code) == ["source"])
    #expect(readCount.asked == offset)
  }

  @Test(arguments: 0..<10)
  func `no member is read that claims more than one of its kind can have`(place: Int) async throws {
    var archive = try await SampleLog.archiveOf300
    try #require(archive.members.count == 10)
    let name = archive.members[place].name
    archive.members[place].size = "07777777777"
    let readCount = ReadCount()
    var source: any AuditSource = BundleSource(CountingInput(archive.bytes, readCount))
    let verification = try await AuditVerification.run(&source, parallelism: 1, progress: { _, _ in })
    #expect(verification.findings.last?.found.hasPrefix("\(name) has 1073741823 bytes, more than ") == true)
    #expect(readCount.asked == archive.members[..<place].reduce(512) { $0 + Archive.bytes(of: $1).count })
  }

  @Test func `a size larger than the content is found`() async throws {
    // The first are the verifier keys, which the policy repeats.
    for place in try await SampleLog.archiveOf300.members.indices.dropFirst() {
      let verification = try await changed { archive in
        let size = String(archive.members[place].content.count + 1, radix: 8)
        archive.members[place].size = String(repeating: "0", count: 11 - size.count) + size
      }
      #expect(verification.findingCount > 0, "at \(place)")
    }
  }

  // MARK: - Ends

  @Test func `an archive that is cut off anywhere is found`() async throws {
    let bytes = try await SampleLog(SampleLog.made(2)).archive().bytes
    let last = bytes.count - 1
    for count in Array(stride(from: 0, to: bytes.count, by: 61)) + [last - 1024, last - 512, last] {
      let verification = try await verify(Array(bytes.prefix(count)))
      #expect(verification.findings.last?.code == "source", "after \(count) bytes")
    }
  }

  @Test func `nothing at all is no log`() async throws {
    #expect(try await verify([]).findings.map(\.code) == ["source"])
    #expect(try await verify([UInt8](repeating: 0, count: 1024)).findings.map(\.code) == ["checkpoint"])
    #expect(try await verify([UInt8](repeating: 0xFF, count: 4096)).findings.map(\.code) == ["source"])
  }

  @Test func `bytes after the end are found`() async throws {
    let bytes = try await SampleLog(SampleLog.made(2)).archive().bytes
    for zeros in [0, 1, 511, 512, 5000] {
      let more = [UInt8](repeating: 0, count: zeros) + [1]
      #expect(try await verify(bytes + more).findings.map(\.found) == ["bytes follow the end of the archive"])
    }
  }

  // MARK: - Heads that lie

  @Test(arguments: [301, 4096])
  func `a signed size that is larger than the log is found`(size: UInt64) async throws {
    let verification = try await lying(Checkpoint(origin: Self.origin, size: size, root: MerkleTree.leafHash([])))
    #expect(verification.has("entries-missing", at: 256))
    #expect(verification.has("size") && verification.has("root"))
  }

  @Test func `a signed size that no log can have is found, and ends`() async throws {
    for size in [1 << 40, UInt64(Int64.max), .max] {
      let verification = try await lying(Checkpoint(origin: Self.origin, size: size, root: MerkleTree.leafHash([])))
      #expect(verification.findingCount > 0)
    }
  }

  @Test(arguments: [
    "plans.test", "plans.test/x/main/1", "plans.test//main/1", "\(SampleLog.plan)/main/1",
    "plans.test/\(SampleLog.plan)/main/one", "plans.test/\(SampleLog.plan)/main/",
  ])
  func `an origin that names no log of a plan is found`(origin: String) async throws {
    let verification = try await lying(Checkpoint(origin: origin, size: 2, root: MerkleTree.leafHash([])))
    #expect(verification.findings.map(\.code) == ["origin"])
  }

  private static let origin = SampleLog.origin(of: SampleLog.plan)

  /// A verification of two events under any checkpoint, signed by keys that are in the bundle.
  private func lying(_ checkpoint: Checkpoint) async throws -> AuditVerification {
    try await changed { archive in
      archive["checkpoint"] = try Keys.sign(checkpoint).bytes
      archive["vkeys"] = Array("\(try Keys.log(checkpoint.origin).verifierKey)\n".utf8)
      archive.remove("policy")
    }
  }

  private func changed(_ change: (inout Archive) throws -> Void) async throws -> AuditVerification {
    var archive = try await SampleLog.archiveOf300
    try change(&archive)
    return try await verify(archive.bytes)
  }
}

/// How many bytes a source asked for.
private final class ReadCount: Sendable {
  private let count = Mutex(0)

  var asked: Int { count.withLock { $0 } }

  func add(_ more: Int) { count.withLock { $0 += more } }
}

private struct CountingInput: ByteInput {
  private var input: MemoryInput
  private let count: ReadCount

  init(_ bytes: [UInt8], _ count: ReadCount) {
    input = MemoryInput(bytes)
    self.count = count
  }

  mutating func read(_ count: Int) -> [UInt8] {
    self.count.add(count)
    return input.read(count)
  }
}

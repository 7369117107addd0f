import Audit
import EventSourcing
import HangLimit
import PlanService
import TamperEvidence
import Testing

@Suite(.hangLimit)
struct BundleTests {
  @Test func `a bundle of a real log verifies`() async throws {
    let log = try await SampleLog(SampleLog.real)
    let verification = try await verify(log.bundle())
    #expect(verification.findings == [])
    #expect(SampleLog.real.count > 100)
    #expect(verification.size == LogSize(Int64(SampleLog.real.count)))
    #expect(verification.checkpoint?.origin == log.origin)
    #expect(verification.signers == [try Keys.log(log.origin).verifierKey])
    #expect(verification.keysCameWithLog)
  }

  @Test func `values that were erased or are not handed out are counted as withheld`() async throws {
    let erased = SampleLog.made(300).map { event, disclosures in
      (event, event.position.value < 100 ? [] : disclosures)
    }
    let verification = try await verify(SampleLog(erased).bundle())
    #expect(verification.findings == [])
    #expect(verification.disclosedCount == 50)
    #expect(verification.withheldCount == 25)
    let withheld = try await verify(SampleLog(SampleLog.made(300)).bundle(withDisclosures: false))
    #expect(withheld.findings == [])
    #expect(withheld.disclosedCount == 0)
    #expect(withheld.withheldCount == 75)
  }

  @Test(arguments: [0, 1, 2, 255, 256, 257, 511, 512, 513])
  func `a log of any length verifies, from a bundle as from the store`(count: Int) async throws {
    let log = try await SampleLog(SampleLog.made(count))
    let size = LogSize(Int64(count))
    let sources: [any AuditSource] = [
      BundleSource(MemoryInput(try await log.bundle())), PublishedLogSource(log.published),
    ]
    for source in sources {
      var source = source
      var progress: [LogSize] = []
      let verification = try await AuditVerification.run(&source, parallelism: 3) { checked, all in
        progress.append(checked)
        #expect(all == size)
      }
      #expect(verification.findings == [])
      #expect(verification.size == size)
      #expect(verification.checkpoint?.size == UInt64(count))
      #expect(verification.disclosedCount == (count + 2) / 4)
      #expect(verification.withheldCount == 0)
      #expect(progress.count == (count + 255) / 256)
      #expect(progress == progress.sorted() && progress.last ?? .zero == size)
    }
  }

  @Test(arguments: [-1, 0, 1, 2, 100])
  func `how many stretches are checked at once makes no difference`(parallelism: Int) async throws {
    var archive = try await SampleLog(SampleLog.made(1300)).archive()
    archive["tile/0/002"][5] ^= 1
    try archive.changeEntries("tile/entries/003") { $0.swapAt(1, 2) }
    let verification = try await verify(archive.bytes, parallelism: parallelism)
    let alone = try await verify(archive.bytes, parallelism: 1)
    #expect(verification.findings == alone.findings)
    #expect(verification.has("tile", at: 512) && verification.has("id", at: 769))
  }

  @Test func `members stand in the order in which they are read`() async throws {
    let names = try await Archive(SampleLog(SampleLog.made(513)).bundle()).members.map(\.name)
    #expect(
      names == [
        "README.de.md", "README.en.md", "verify.py", "verify.go", "plan.yaml", "vkeys", "policy", "checkpoint",
        "tile/entries/000", "disclosures/000", "tile/0/000", "tile/entries/001", "disclosures/001", "tile/0/001",
        // Event 512 has no erasable value.
        "tile/entries/002.p/1", "tile/0/002.p/1", "tile/1/000.p/2",
      ])
  }

  @Test func `the archive is ustar to the byte`() async throws {
    let bytes = try await SampleLog(SampleLog.made(300)).bundle()
    let archive = Archive(bytes)
    #expect(archive.members.count == 15)
    #expect(archive["plan.yaml"] == Array("plan: A\n".utf8))
    // `Archive` writes headers by the standard, checksum included.
    let isEqual = archive.bytes == bytes
    #expect(isEqual)
  }

  @Test func `a file of the archive is what the log publishes under its name`() async throws {
    let log = try await SampleLog(SampleLog.made(300))
    let archive = try await log.archive()
    for member in archive.members {
      let file = try #require(LogFile(path: member.name))
      #expect(file.path == member.name)
      let isEqual = try await log.published.bytes(of: file) == member.content
      #expect(isEqual, "\(member.name)")
    }
  }

  @Test func `zeros after the end are what tar fills its last record with`() async throws {
    let bytes = try await SampleLog(SampleLog.made(3)).archive().bytes
    for count in [0, 1, 511, 512, 10_240 - bytes.count % 10_240] {
      #expect(try await verify(bytes + [UInt8](repeating: 0, count: count)).findings == [])
    }
  }

  @Test func `what is for people may be missing`() async throws {
    let whole = try await Archive(SampleLog(SampleLog.made(3)).bundle())
    for name in AuditBundle.companions {
      var archive = whole
      archive.remove(name)
      #expect(archive.members.count == whole.members.count - 1)
      #expect(try await verify(archive.bytes).findings == [])
    }
  }
}

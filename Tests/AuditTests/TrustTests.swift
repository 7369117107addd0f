import Audit
import EventSourcing
import HangLimit
import PlanService
import TamperEvidence
import Testing

/// What a verifier brings along counts more than what comes with the log.
@Suite(.hangLimit)
struct TrustTests {
  // MARK: - Keys

  @Test func `the key of the log is enough, and comes from elsewhere then`() async throws {
    let log = try await SampleLog(SampleLog.made(3))
    var trust = AuditVerification.Trust()
    trust.keys = [try Keys.log("other.test", 9).verifierKey, try Keys.log(log.origin).verifierKey]
    let verification = try await verify(log.bundle(), trusting: trust)
    #expect(verification.findings == [])
    #expect(!verification.keysCameWithLog)
    #expect(verification.signers.map(\.name) == [log.origin])
  }

  @Test func `a key that the verifier does not know proves nothing, whatever the bundle says`() async throws {
    let log = try await SampleLog(SampleLog.made(3))
    for key in [try Keys.log(log.origin, 9), try Keys.log("other.test"), try Keys.witness(1)] {
      var trust = AuditVerification.Trust()
      trust.keys = [key.verifierKey]
      let verification = try await verify(log.bundle(), trusting: trust)
      #expect(verification.findings.map(\.code) == ["checkpoint"])
      #expect(verification.checkpoint == nil && verification.signers == [])
    }
  }

  @Test func `a checkpoint signed by another key of the same name is not believed`() async throws {
    var archive = try await SampleLog(SampleLog.made(3)).archive()
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: archive["checkpoint"]).text)
    archive["checkpoint"] = try Keys.sign(checkpoint, with: Keys.log(checkpoint.origin, 9)).bytes
    #expect(try await verify(archive.bytes).findings.map(\.code) == ["checkpoint"])
    archive.remove("policy")
    #expect(try await verify(archive.bytes).findings.map(\.code) == ["checkpoint"])
  }

  @Test func `a checkpoint whose text was changed after it was signed is not believed`() async throws {
    var archive = try await SampleLog(SampleLog.made(3)).archive()
    let text = String(decoding: archive["checkpoint"], as: UTF8.self)
    archive["checkpoint"] = Array(text.replacing("\n3\n", with: "\n2\n").utf8)
    #expect(archive["checkpoint"] != Array(text.utf8))
    #expect(try await verify(archive.bytes).findings.map(\.code) == ["checkpoint"])
  }

  @Test func `whoever forges log and keys is found out by whoever knows the key`() async throws {
    // Another key signs a log with a changed event, and stands in the bundle as that of the log.
    let log = try await SampleLog(SampleLog.made(2) + [SampleLog.made(at: 2, of: SampleLog.plan, number: 99)])
    var archive = try await log.archive()
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: archive["checkpoint"]).text)
    let key = try Keys.log(log.origin, 9)
    archive["checkpoint"] = try Keys.sign(checkpoint, with: key).bytes
    archive["vkeys"] = Array("\(key.verifierKey)\n".utf8)
    archive["policy"] = Array("log \(key.verifierKey)\nquorum none\n".utf8)
    let credulous = try await verify(archive.bytes)
    #expect(credulous.findings == [])
    #expect(credulous.keysCameWithLog)
    var trust = AuditVerification.Trust()
    trust.keys = [try Keys.log(log.origin).verifierKey]
    #expect(try await verify(archive.bytes, trusting: trust).findings.map(\.code) == ["checkpoint"])
  }

  // MARK: - Policies

  @Test(arguments: [0, 1, 2, 3])
  func `a log with a quorum is believed once so many witnesses have cosigned`(cosignerCount: UInt8) async throws {
    let witnesses = try Keys.policy(witnesses: [1, 2, 3], quorum: 2)
    let cosigners = try (0..<cosignerCount).map { try Keys.witness($0 + 1) }
    let log = try await SampleLog(SampleLog.made(3), witnesses: witnesses, cosigners: cosigners)
    var trust = AuditVerification.Trust()
    // From the bundle, then from elsewhere.
    for policy in [nil, try log.published.policy(of: log.origin)] {
      trust.policy = policy
      let verification = try await verify(log.bundle(), trusting: trust)
      #expect(verification.findings.map(\.code) == (cosignerCount < 2 ? ["checkpoint"] : []))
      #expect(verification.signers.count == (cosignerCount < 2 ? 0 : Int(cosignerCount) + 1))
      #expect(verification.keysCameWithLog == (policy == nil && cosignerCount >= 2))
    }
  }

  @Test func `the policy that the verifier brings counts, not that of the bundle`() async throws {
    let lenient = try await SampleLog(SampleLog.made(3))
    var trust = AuditVerification.Trust()
    trust.policy = try await SampleLog(
      SampleLog.made(3), witnesses: Keys.policy(witnesses: [1], quorum: 1)
    ).published.policy(of: lenient.origin)
    #expect(try await verify(lenient.bundle(), trusting: trust).findings.map(\.code) == ["checkpoint"])
    let strict = try await SampleLog(SampleLog.made(3), witnesses: Keys.policy(witnesses: [1], quorum: 1))
    trust.policy = try lenient.published.policy(of: lenient.origin)
    #expect(try await verify(strict.bundle(), trusting: trust).findings == [])
  }

  @Test func `a key from elsewhere takes the place of the bundle's policy, however strict or broken`() async throws {
    var trust = AuditVerification.Trust()
    let log = try await SampleLog(SampleLog.made(3), witnesses: Keys.policy(witnesses: [1], quorum: 1))
    trust.keys = [try Keys.log(log.origin).verifierKey]
    #expect(try await verify(log.bundle(), trusting: trust).findings == [])
    var archive = try await log.archive()
    archive["policy"] = [1, 2, 3]
    #expect(try await verify(archive.bytes, trusting: trust).findings == [])
    #expect(try await verify(archive.bytes).findings.map(\.code) == ["checkpoint"])
  }

  @Test func `a cosignature that is wrong spoils the checkpoint for whoever knows the witness`() async throws {
    let witnesses = try Keys.policy(witnesses: [1, 2], quorum: 1)
    let log = try await SampleLog(
      SampleLog.made(3), witnesses: witnesses, cosigners: [Keys.witness(1), Keys.witness(2)])
    var archive = try await log.archive()
    let note = try SignedNote(parsing: archive["checkpoint"])
    let other = Checkpoint(origin: log.origin, size: 1, root: MerkleTree.leafHash([]))
    archive["checkpoint"] = try note.adding([Keys.witness(2).cosign(other, at: 1)]).bytes
    #expect(try await verify(archive.bytes).findings.map(\.code) == ["checkpoint"])
    // To whoever has the log's key only, it is as good as before.
    var trust = AuditVerification.Trust()
    trust.keys = [try Keys.log(log.origin).verifierKey]
    #expect(try await verify(archive.bytes, trusting: trust).findings == [])
  }

  // MARK: - Known heads

  @Test(arguments: [0, 1, 256, 299, 300])
  func `a head that the verifier knows is found in the log`(size: Int) async throws {
    let verification = try await verified(knowing: size, root: frontier(size).root)
    #expect(verification.findings == [])
  }

  @Test(arguments: [1, 256, 299, 300])
  func `a log that went on beside a known head is found`(size: Int) async throws {
    let verification = try await verified(knowing: size, root: MerkleTree.leafHash([1]))
    #expect(verification.findings.map(\.code) == ["known-root"])
  }

  @Test func `a log that is behind a known head is found`() async throws {
    let verification = try await verified(knowing: 301, root: frontier(301).root)
    #expect(verification.findings.map(\.code) == ["log-regressed"])
  }

  @Test func `a known head of another log is found`() async throws {
    let verification = try await verified(knowing: 300, root: frontier(300).root, origin: "other.test")
    #expect(verification.findings.map(\.code) == ["known-origin"])
  }

  private func verified(knowing size: Int, root: MerkleHash, origin: String? = nil) async throws -> AuditVerification {
    let log = try await SampleLog(SampleLog.made(300))
    var trust = AuditVerification.Trust()
    trust.known = Checkpoint(origin: origin ?? log.origin, size: UInt64(size), root: root)
    return try await verify(log.bundle(), trusting: trust)
  }

  private func frontier(_ size: Int) -> MerkleFrontier {
    var frontier = MerkleFrontier()
    for (event, _) in SampleLog.made(size) { frontier.append(MerkleTree.leafHash(event.body)) }
    return frontier
  }
}

import EventSourcing
import Foundation
import HangLimit
import MerkleReference
import PlanService
import TamperEvidence
import Testing

/// A witness and its folder, through restarts and attempts to make it sign two histories.
@Suite(.hangLimit)
final class WitnessServiceTests {
  private static let origin = "plans.test/plan/main/1"
  private let folder = FileManager.default.temporaryDirectory.appending(path: "witness-\(UUID())").path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func `a log is cosigned as long as it goes on`() async throws {
    let witness = try witness()
    let reference = ReferenceTree(size: 20)
    for (old, new) in [(0, 3), (3, 3), (3, 8), (8, 13), (13, 20), (20, 20)] {
      let request = try Self.request(reference, from: old, to: new)
      let line = try await cosigned(witness, request)
      let signatures = try NoteSignature.parse(lines: Array(line.utf8))
      let verified = try request.note.adding(signatures).verifiedSignatures(with: [Self.key().verifierKey])
      #expect(verified.map(\.time?.seconds) == [1_551_441_600])
      #expect(try await known(witness) == UInt64(new))
    }
  }

  @Test func `what was cosigned last can be read by anybody, with its cosignature`() async throws {
    let witness = try witness()
    let reference = ReferenceTree(size: 5)
    #expect(try await witness.checkpoint(named: Self.name) == nil)
    _ = try await cosigned(witness, Self.request(reference, from: 0, to: 5))
    let bytes = try #require(try await witness.checkpoint(named: Self.name))
    let keys = [try Self.logKey().verifierKey, try Self.key().verifierKey]
    #expect(try SignedNote(parsing: bytes).verify(with: keys) == keys)
    for name in [
      "", "..", Self.name.uppercased(), "../witness/\(Self.name)", String(Self.name.dropLast()) + "/", Self.name + "0",
    ] {
      #expect(try await witness.checkpoint(named: name) == nil, "\(name)")
    }
  }

  @Test func `a fork is refused, and the witness stays where it was`() async throws {
    let witness = try witness()
    let reference = ReferenceTree(size: 20)
    _ = try await cosigned(witness, Self.request(reference, from: 0, to: 8))
    // Another tree of the same size, and one that goes on from another.
    let other = MerkleTree.leafHash([1])
    for (old, new) in [(8, 8), (8, 20)] {
      let hashes = reference.consistency(old, new)
      let verdict = try await refused(witness, Self.request(old, hashes, new, root: other))
      #expect(verdict == .inconsistent)
    }
    // The right tree with a wrong proof.
    let wrong = try Self.request(8, [other], 20, root: reference.hash(0..<20))
    #expect(try await refused(witness, wrong) == .inconsistent)
    #expect(try await known(witness) == 8)
    _ = try await cosigned(witness, Self.request(reference, from: 8, to: 20))
  }

  @Test func `a log that shrinks is refused`() async throws {
    let witness = try witness()
    let reference = ReferenceTree(size: 20)
    _ = try await cosigned(witness, Self.request(reference, from: 0, to: 8))
    #expect(try await refused(witness, Self.request(8, [], 5, root: reference.hash(0..<5))) == .oldSizeAboveCheckpoint)
    #expect(try await refused(witness, Self.request(reference, from: 0, to: 5)) == .otherSizeKnown(8))
    #expect(try await refused(witness, Self.request(reference, from: 5, to: 20)) == .otherSizeKnown(8))
    #expect(try await refused(witness, Self.request(0, [], 0, root: .empty)) == .otherSizeKnown(8))
    #expect(try await known(witness) == 8)
  }

  @Test func `a log that is not watched, or a note that its key did not sign, is refused`() async throws {
    let witness = try witness()
    let reference = ReferenceTree(size: 3)
    let other = try NoteSigningKey(name: "other.test", seed: [UInt8](repeating: 5, count: 32))
    let foreign = Checkpoint(origin: "other.test", size: 3, root: reference.hash(0..<3))
    let request = try WitnessRequest(
      oldSize: 0, hashes: [], note: SignedNote.sign(text: foreign.noteText, with: [other]))
    #expect(try await refused(witness, request) == .unknownOrigin)
    let forger = try NoteSigningKey(name: Self.origin, seed: [UInt8](repeating: 5, count: 32))
    let forged = Checkpoint(origin: Self.origin, size: 3, root: reference.hash(0..<3))
    let second = try WitnessRequest(
      oldSize: 0, hashes: [], note: SignedNote.sign(text: forged.noteText, with: [forger]))
    #expect(try await refused(witness, second) == .untrusted(.noKnownSignature))
    #expect(try await known(witness) == nil)
  }

  @Test func `a log that is not watched leaves nothing on the disk`() async throws {
    let witness = try witness()
    let key = try NoteSigningKey(name: "other.test", seed: [UInt8](repeating: 5, count: 32))
    let checkpoint = Checkpoint(origin: "other.test", size: 3, root: MerkleTree.leafHash([]))
    let request = try WitnessRequest(
      oldSize: 0, hashes: [], note: SignedNote.sign(text: checkpoint.noteText, with: [key]))
    _ = try await refused(witness, request)
    let left = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    #expect(left == [])
  }

  @Test func `a witness that is started again remembers, as does another on the same folder`() async throws {
    let reference = ReferenceTree(size: 20)
    let first = try witness()
    _ = try await cosigned(first, Self.request(reference, from: 0, to: 8))
    let second = try witness()
    #expect(try await refused(second, Self.request(reference, from: 0, to: 13)) == .otherSizeKnown(8))
    _ = try await cosigned(second, Self.request(reference, from: 8, to: 13))
    #expect(try await refused(first, Self.request(reference, from: 8, to: 20)) == .otherSizeKnown(13))
    _ = try await cosigned(first, Self.request(reference, from: 13, to: 20))
  }

  @Test func `of many forks at once one is cosigned`() async throws {
    let witnesses = [try witness(), try witness()]
    let requests = try (0..<24).map { try Self.request(0, [], 5, root: MerkleTree.leafHash([$0])) }
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask { if case .cosigned = try await witnesses[index % 2].add(request) { 1 } else { 0 } }
      }
      return try await group.reduce(0, +)
    }
    #expect(count == 1)
  }

  @Test func `a witness that cannot read what it signed signs nothing, and forgets nothing`() async throws {
    let reference = ReferenceTree(size: 20)
    let sound = try witness()
    _ = try await cosigned(sound, Self.request(reference, from: 0, to: 8))
    let path = "\(folder)/\(Self.name)/checkpoint"
    let bytes = try Data(contentsOf: URL(filePath: path))
    for damaged in [Data(), Data([0]), bytes.prefix(30), bytes.dropLast(), Data("x\n8\nAAAA\n\n— a AAAAAAA=\n".utf8)] {
      try damaged.write(to: URL(filePath: path))
      for witness in [sound, try witness()] {
        for (old, new) in [(0, 13), (8, 13)] {
          let request = try Self.request(reference, from: old, to: new)
          await #expect(throws: (any Error).self) { try await witness.add(request) }
        }
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == damaged)
    }
    try bytes.write(to: URL(filePath: path))
    _ = try await cosigned(sound, Self.request(reference, from: 8, to: 13))
  }

  @Test func `a write that was interrupted does no harm`() async throws {
    let reference = ReferenceTree(size: 20)
    let witness = try witness()
    _ = try await cosigned(witness, Self.request(reference, from: 0, to: 8))
    try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/\(Self.name)/checkpoint.new"))
    _ = try await cosigned(witness, Self.request(reference, from: 8, to: 13))
    #expect(try await known(witness) == 13)
  }

  // MARK: - Helpers

  private static let name = String(Witness.checkpointPath(origin: origin).prefix(64))

  private static func key() throws -> NoteSigningKey {
    try NoteSigningKey(name: "witness.test", algorithm: .cosignature, seed: [UInt8](repeating: 3, count: 32))
  }

  private static func logKey() throws -> NoteSigningKey {
    try NoteSigningKey(name: origin, seed: [UInt8](repeating: 7, count: 32))
  }

  private func witness() throws -> WitnessService {
    WitnessService(folder: folder, key: try Self.key(), logKeys: [try Self.logKey().verifierKey]) {
      Timestamp(microsecondsSinceEpoch: 1_551_441_600_999_999)
    }
  }

  private static func request(_ reference: ReferenceTree, from old: Int, to new: Int) throws -> WitnessRequest {
    try request(old, reference.consistency(old, new), new, root: reference.hash(0..<new))
  }

  private static func request(
    _ old: Int, _ hashes: [MerkleHash], _ new: Int, root: MerkleHash
  ) throws -> WitnessRequest {
    let checkpoint = Checkpoint(origin: origin, size: UInt64(new), root: root)
    return try WitnessRequest(
      oldSize: UInt64(old), hashes: hashes, note: SignedNote.sign(text: checkpoint.noteText, with: [logKey()]))
  }

  private func cosigned(_ witness: WitnessService, _ request: WitnessRequest) async throws -> String {
    switch try await witness.add(request) {
    case .cosigned(let line): return line
    case .verdict(let verdict): throw Refused(verdict: verdict)
    }
  }

  private struct Refused: Error { let verdict: WitnessVerdict }

  private func refused(_ witness: WitnessService, _ request: WitnessRequest) async throws -> WitnessVerdict? {
    if case .verdict(let verdict) = try await witness.add(request) { verdict } else { nil }
  }

  /// The size of the checkpoint that the witness shows.
  private func known(_ witness: WitnessService) async throws -> UInt64? {
    try await witness.checkpoint(named: Self.name).map { try Checkpoint(noteText: SignedNote(parsing: $0).text).size }
  }
}

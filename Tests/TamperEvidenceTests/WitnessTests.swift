import MerkleReference
import TamperEvidence
import Testing

struct WitnessTests {
  @Test func `every continuation of what the witness knows is cosigned, and what it cosigns verifies`() throws {
    for old in 0...sizeMax {
      for new in old...sizeMax {
        guard case .cosign(let checkpoint) = judge(try request(old, new), known: head(old)) else {
          Issue.record("\(old) to \(new)")
          continue
        }
        #expect(checkpoint == self.checkpoint(new))
      }
    }
    let request = try request(3, 9)
    let cosignature = try Keys.cosigner(1).cosign(checkpoint(9), at: 7)
    let answer = try NoteSignature.parse(lines: Array(cosignature.line.utf8))
    #expect(try request.note.adding(answer).verify(with: [Keys.witness(1)]) == [Keys.witness(1)])
  }

  @Test func `a log that was never cosigned starts from size 0, of whatever size it is`() throws {
    for new in 0...sizeMax {
      #expect(judge(try request(0, new), known: nil) == .cosign(checkpoint(new)))
    }
    #expect(judge(try request(1, 5), known: nil) == .otherSizeKnown(0))
  }

  @Test func `an unknown origin is told from a known one, whatever else is wrong`() throws {
    let foreign = Checkpoint(origin: "example.org/2", size: 4, root: tree.root(4))
    let note = try Keys.note(foreign, logs: [2], witnesses: [])
    #expect(judge(try WitnessRequest(oldSize: 9, hashes: [], note: note), known: nil) == .unknownOrigin)
    // The signature of a known log does not make another origin known.
    let borrowed = try Keys.note(foreign, logs: [1], witnesses: [])
    #expect(judge(try WitnessRequest(oldSize: 0, hashes: [], note: borrowed), known: nil) == .unknownOrigin)
  }

  @Test func `a checkpoint that no trusted key signed, or one signed wrongly, is not trusted`() throws {
    let other = try Keys.note(checkpoint(5), logs: [2], witnesses: [1])
    #expect(judge(try WitnessRequest(oldSize: 9, hashes: [], note: other), known: nil) == .untrusted(.noKnownSignature))
    // The signature of size 4 under the text of size 5, alone and beside a good one of an older key.
    let stolen = try Keys.note(checkpoint(4), logs: [1], witnesses: []).signatures
    let forged = try SignedNote(parsing: Array("\(checkpoint(5).noteText)\n\(stolen[0].line)".utf8))
    let invalid = SignedNoteError.invalidSignature(name: "example.org/1", keyID: Keys.log(1).keyID)
    #expect(judge(try WitnessRequest(oldSize: 0, hashes: [], note: forged), known: nil) == .untrusted(invalid))
    let second = try Keys.signer(2, name: "example.org/1")
    let beside = try forged.adding([second.signature(of: forged.text)])
    let verdict = Witness.judge(try WitnessRequest(oldSize: 0, hashes: [], note: beside), known: nil) { _ in
      [Keys.log(1), second.verifierKey]
    }
    #expect(verdict == .untrusted(invalid))
  }

  @Test func `one good signature among those of unknown keys is enough`() throws {
    let note = try Keys.note(checkpoint(5), logs: [3, 1, 2], witnesses: [4])
    #expect(judge(try WitnessRequest(oldSize: 0, hashes: [], note: note), known: nil) == .cosign(checkpoint(5)))
  }

  @Test func `an old size above the checkpoint's is refused before what the witness knows`() throws {
    let request = try WitnessRequest(oldSize: 6, hashes: [], note: note(5))
    for known in [nil, head(5), head(6)] { #expect(judge(request, known: known) == .oldSizeAboveCheckpoint) }
  }

  @Test func `another old size than the latest cosigned one is answered with that one`() throws {
    for known in 0...9 {
      for old in 0...9 where old != known {
        #expect(judge(try request(old, 9), known: head(known)) == .otherSizeKnown(UInt64(known)), "\(old), \(known)")
      }
    }
  }

  @Test func `a log that shrinks is never cosigned`() throws {
    for known in 1...9 {
      for new in 0..<known {
        for old in 0...new {
          #expect(judge(try request(old, new), known: head(known)) == .otherSizeKnown(UInt64(known)))
        }
        let honest = try WitnessRequest(oldSize: UInt64(known), hashes: [], note: note(new))
        #expect(judge(honest, known: head(known)) == .oldSizeAboveCheckpoint)
      }
    }
  }

  @Test func `a fork is never cosigned, whichever proof it brings`() throws {
    // The fork has another entry at index 2.
    var fork = MerkleFrontier()
    for leaf in tree.leafHashes.prefix(9).enumerated() {
      fork.append(leaf.offset == 2 ? MerkleTree.leafHash([0]) : leaf.element)
    }
    let forked = Checkpoint(origin: "example.org/1", size: 9, root: fork.root)
    let note = try Keys.note(forked, logs: [1], witnesses: [])
    for old in 3...9 {
      let request = try WitnessRequest(oldSize: UInt64(old), hashes: tree.consistency(old, 9), note: note)
      #expect(judge(request, known: head(old)) == .inconsistent, "from \(old)")
    }
    // Before the fork, both are continuations, of which the witness takes the first it sees.
    #expect(judge(try WitnessRequest(oldSize: 0, hashes: [], note: note), known: nil) == .cosign(forked))
    #expect(judge(try request(9, 9), known: WitnessedHead(size: 9, root: fork.root)) == .inconsistent)
  }

  @Test func `a wrong proof is refused, also where none is needed`() throws {
    for (old, new) in [(1, 2), (3, 9), (4, 8), (5, 5), (0, 0), (0, 5)] {
      let right = old == 0 ? [] : tree.consistency(old, new)
      var wrong = [right + [.empty], [MerkleHash.empty] + right]
      if !right.isEmpty { wrong += [[], Array(right.dropLast()), [right[0].flipping(bit: 3)] + right.dropFirst()] }
      for hashes in wrong {
        let request = try WitnessRequest(oldSize: UInt64(old), hashes: hashes, note: note(new))
        #expect(judge(request, known: head(old)) == .inconsistent, "\(old) to \(new), \(hashes.count) hashes")
      }
    }
  }

  @Test func `the same size with the same root is cosigned again, with another root refused`() throws {
    let request = try WitnessRequest(oldSize: 7, hashes: [], note: note(7))
    #expect(judge(request, known: head(7)) == .cosign(checkpoint(7)))
    #expect(judge(request, known: WitnessedHead(size: 7, root: tree.root(6))) == .inconsistent)
  }

  @Test func `an empty tree with another root is inconsistent, but only from a known log that signed it`() throws {
    let text = "example.org/1\n0\n\(tree.root(1).base64)\n"
    let request = { (number: Int, old: UInt64) in
      let note = try SignedNote.sign(text: text, with: [Keys.signer(number)])
      return try WitnessRequest(oldSize: old, hashes: [], note: note)
    }
    #expect(judge(try request(1, 0), known: nil) == .inconsistent)
    #expect(judge(try request(2, 0), known: nil) == .untrusted(.noKnownSignature))
    #expect(judge(try request(1, 1), known: nil) == .oldSizeAboveCheckpoint)
    #expect(judge(try request(1, 0), known: head(3)) == .otherSizeKnown(3))
    #expect(Witness.judge(try request(1, 0), known: nil) { _ in [] } == .unknownOrigin)
  }

  @Test func `a note that is no checkpoint is malformed`() throws {
    let cases: [(String, CheckpointError)] = [
      ("example.org/1\n1\n", .tooFewLines), ("example.org/1\n01\n\(tree.root(1).base64)\n", .malformedSize),
      ("example.org/1\n1\nAAAA\n", .malformedRoot), ("\n1\n\(tree.root(1).base64)\n", .malformedOrigin),
    ]
    for (text, error) in cases {
      let note = try SignedNote.sign(text: text, with: [Keys.signer(1)])
      let request = try WitnessRequest(oldSize: 0, hashes: [], note: note)
      #expect(judge(request, known: nil) == .malformedCheckpoint(error), "\(text.debugDescription)")
    }
  }

  @Test func `keys are asked for by the origin that the checkpoint names`() throws {
    var asked: [String] = []
    _ = Witness.judge(try request(0, 1), known: nil) { origin in
      asked.append(origin)
      return [Keys.log(1)]
    }
    #expect(asked == ["example.org/1"])
    #expect(try request(0, 1).origin == "example.org/1")
  }

  @Test func `monitors find a log's checkpoint under the hash of its origin`() {
    // printf example.org/1 | sha256sum
    #expect(
      Witness.checkpointPath(origin: "example.org/1")
        == "a42646a3f91a2e357329c4690706fc5f37237d9c4fdf1a8dda3f25835980b9ec/checkpoint")
  }

  private let sizeMax = 20
  private let tree = ReferenceTree(size: 20)

  private func judge(_ request: WitnessRequest, known: WitnessedHead?) -> WitnessVerdict {
    Witness.judge(request, known: known) { $0 == "example.org/1" ? [Keys.log(1)] : [] }
  }

  private func checkpoint(_ size: Int) -> Checkpoint {
    Checkpoint(origin: "example.org/1", size: UInt64(size), root: tree.root(size))
  }

  private func head(_ size: Int) -> WitnessedHead {
    WitnessedHead(size: UInt64(size), root: tree.root(size))
  }

  private func note(_ size: Int) throws -> SignedNote {
    try Keys.note(checkpoint(size), logs: [1], witnesses: [])
  }

  /// What an honest log of `new` entries sends to a witness that it believes to know `old` of them.
  private func request(_ old: Int, _ new: Int) throws -> WitnessRequest {
    let hashes = old == 0 ? [] : tree.consistency(old, new)
    return try WitnessRequest(
      parsing: WitnessRequest(oldSize: UInt64(old), hashes: hashes, note: note(new)).bytes)
  }
}

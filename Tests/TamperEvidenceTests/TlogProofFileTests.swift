import MerkleReference
import TamperEvidence
import Testing

struct TlogProofFileTests {
  @Test func `a proof file has the lines of the specification`() throws {
    let file = try TlogProofFile(index: 1, hashes: hashes(1), extra: [1, 2, 3], note: note)
    let text = """
      c2sp.org/tlog-proof@v1
      extra AQID
      index 1
      \(tree.hash(0..<1).base64)
      \(tree.hash(2..<4).base64)
      \(tree.hash(4..<5).base64)

      \(String(decoding: note.bytes, as: UTF8.self))
      """
    #expect(file.bytes == Array(text.utf8))
    let read = try TlogProofFile(parsing: file.bytes)
    #expect(read.index == 1)
    #expect(read.hashes == file.hashes)
    #expect(read.extra == [1, 2, 3])
    #expect(read.note.bytes == note.bytes)
    #expect(read.bytes == file.bytes)
  }

  @Test func `a file without extra data and one without hashes are read back`() throws {
    let file = try TlogProofFile(index: .max, hashes: [], note: note)
    #expect(
      String(decoding: file.bytes, as: UTF8.self).hasPrefix("c2sp.org/tlog-proof@v1\nindex 18446744073709551615\n\n"))
    let read = try TlogProofFile(parsing: file.bytes)
    #expect(read.index == .max)
    #expect(read.hashes.isEmpty)
    #expect(read.extra == nil)
    #expect(read.bytes == file.bytes)
  }

  @Test func `a malformed file is refused`() throws {
    let (first, hash) = ("c2sp.org/tlog-proof@v1\n", MerkleHash.empty.base64)
    let end = "\n" + String(decoding: note.bytes, as: UTF8.self)
    let tooMany = String(repeating: "\(hash)\n", count: 65)
    let cases: [(String, TlogProofFileError)] = [
      ("", .noEmptyLine), (first, .noEmptyLine), (first + "index 1\n", .noEmptyLine),
      ("\n\(end)", .wrongFirstLine), (end, .wrongFirstLine),
      ("c2sp.org/tlog-proof@v2\nindex 1\n\(end)", .wrongFirstLine),
      ("c2sp.org/tlog-proof@v1 \nindex 1\n\(end)", .wrongFirstLine), (" \(first)index 1\n\(end)", .wrongFirstLine),
      ("c2sp.org/tlog-proof@v1\r\nindex 1\n\(end)", .wrongFirstLine),
      (first + end, .malformedIndex), ("\(first)index\n\(end)", .malformedIndex),
      ("\(first)index \n\(end)", .malformedIndex),
      ("\(first)index 01\n\(end)", .malformedIndex), ("\(first)index -1\n\(end)", .malformedIndex),
      ("\(first)index +1\n\(end)", .malformedIndex), ("\(first)index 1 \n\(end)", .malformedIndex),
      ("\(first)index  1\n\(end)", .malformedIndex), ("\(first)index 1\u{301}\n\(end)", .malformedIndex),
      ("\(first)Index 1\n\(end)", .malformedIndex), ("\(first)index 18446744073709551616\n\(end)", .malformedIndex),
      ("\(first)\(hash)\nindex 1\n\(end)", .malformedIndex),
      ("\(first)index 1\nextra AQID\n\(end)", .malformedHash), ("\(first)extra AQID\n\(end)", .malformedIndex),
      ("\(first)extra AQID\nextra AQID\nindex 1\n\(end)", .malformedIndex),
      ("\(first)extra \nindex 1\n\(end)", .malformedExtra), ("\(first)extra A\nindex 1\n\(end)", .malformedExtra),
      ("\(first)extra AQIDBB==\nindex 1\n\(end)", .malformedExtra),
      ("\(first)extra AQ_D\nindex 1\n\(end)", .malformedExtra),
      ("\(first)extra  AQID\nindex 1\n\(end)", .malformedExtra),
      ("\(first)index 1\n\(hash) \n\(end)", .malformedHash),
      ("\(first)index 1\n\(hash.dropLast())\n\(end)", .malformedHash),
      ("\(first)index 1\nAQID\n\(end)", .malformedHash), ("\(first)index 1\n\(hash)\(hash)\n\(end)", .malformedHash),
      ("\(first)index 1\n\(tooMany)\(end)", .tooManyHashes(max: 64)),
      ("\(first)index 1\n\n", .malformedCheckpoint(.noEmptyLine)),
      ("\(first)index 1\n\(end)x", .malformedCheckpoint(.noFinalLineFeed)),
    ]
    for (text, error) in cases {
      #expect(throws: error, "\(text.prefix(80).debugDescription)") { try TlogProofFile(parsing: Array(text.utf8)) }
    }
    #expect(throws: TlogProofFileError.noEmptyLine) {
      try TlogProofFile(parsing: Array(first.utf8) + [0xff, 10] + Array(end.utf8))
    }
  }

  @Test func `an empty line before the checkpoint is part of its text and breaks it`() throws {
    let file = try TlogProofFile(index: 1, hashes: hashes(1), note: note)
    let text = String(decoding: file.bytes, as: UTF8.self).replacing("\n\nexample", with: "\n\n\nexample")
    let read = try TlogProofFile(parsing: Array(text.utf8))
    #expect(throws: CheckpointError.malformedSize) {
      try read.verify(entry: ReferenceTree.entry(1), with: [Keys.log(1)])
    }
  }

  @Test func `a file past the limit is refused, and the largest that can be made is read`() throws {
    #expect(throws: TlogProofFileError.tooLong(byteCountMax: TlogProofFile.byteCountMax)) {
      try TlogProofFile(parsing: [UInt8](repeating: 10, count: TlogProofFile.byteCountMax + 1))
    }
    let text = String(repeating: "x", count: SignedNote.byteCountMax - 200) + "\n"
    let long = try SignedNote.sign(text: text, with: [Keys.signer(1)])
    let extra = [UInt8](repeating: 1, count: TlogProofFile.extraByteCountMax)
    let hashes = [MerkleHash](repeating: .empty, count: 64)
    let file = try TlogProofFile(index: .max, hashes: hashes, extra: extra, note: long)
    #expect(try TlogProofFile(parsing: file.bytes).bytes == file.bytes)
    #expect(throws: TlogProofFileError.malformedExtra) {
      try TlogProofFile(index: 0, hashes: [], extra: extra + [1], note: long)
    }
    #expect(throws: TlogProofFileError.malformedExtra) {
      try TlogProofFile(index: 0, hashes: [], extra: [], note: long)
    }
    #expect(throws: TlogProofFileError.tooManyHashes(max: 64)) {
      try TlogProofFile(index: 0, hashes: hashes + [.empty], note: long)
    }
  }

  @Test func `every entry of a log is proved by its file`() throws {
    let policy = try policy()
    for index in 0..<5 {
      let file = try TlogProofFile(
        parsing: TlogProofFile(index: UInt64(index), hashes: hashes(index), note: note).bytes)
      #expect(try file.verify(entry: ReferenceTree.entry(index), with: [Keys.log(1)]).size == 5)
      #expect(try file.verify(entry: ReferenceTree.entry(index), under: policy).size == 5)
      #expect(try file.verify(leafHash: tree.leafHashes[index], under: policy) == Checkpoint(noteText: note.text))
    }
  }

  @Test func `a file that proves another entry or another place is refused`() throws {
    for index in 0..<6 {
      for entry in 0..<5 where entry != index {
        let file = try TlogProofFile(index: UInt64(index), hashes: hashes(entry), note: note)
        #expect(throws: TlogProofFileError.notIncluded(index: UInt64(index), size: 5)) {
          try file.verify(entry: ReferenceTree.entry(entry), with: [Keys.log(1)])
        }
        #expect(throws: TlogProofFileError.notIncluded(index: UInt64(index), size: 5)) {
          try file.verify(leafHash: tree.leafHashes[entry], under: policy())
        }
      }
    }
    let right = try TlogProofFile(index: 1, hashes: hashes(1), note: note)
    #expect(throws: TlogProofFileError.notIncluded(index: 1, size: 5)) {
      try right.verify(entry: ReferenceTree.entry(2), with: [Keys.log(1)])
    }
  }

  @Test func `a file whose log is not known, or has not signed, is refused`() throws {
    let entry = ReferenceTree.entry(1)
    let file = try TlogProofFile(index: 1, hashes: hashes(1), note: note)
    #expect(throws: SignedNoteError.noKeyOfOrigin("example.org/1")) {
      try file.verify(entry: entry, with: [Keys.log(2)])
    }
    #expect(throws: SignedNoteError.noKeyOfOrigin("example.org/1")) { try file.verify(entry: entry, with: []) }
    #expect(throws: SignedNoteError.noKnownSignature) {
      try file.verify(entry: entry, with: [Keys.log(2, name: "example.org/1")])
    }
    // The cosignature of a witness is not the log's signature, whoever trusts the witness.
    #expect(throws: SignedNoteError.noKeyOfOrigin("example.org/1")) {
      try file.verify(entry: entry, with: [Keys.witness(1)])
    }
    let unwitnessed = try TlogProofFile(
      index: 1, hashes: hashes(1), note: Keys.note(Checkpoint(noteText: note.text), logs: [1], witnesses: []))
    #expect(throws: LogPolicyRefusal.quorumNotReached(cosigners: [])) {
      try unwitnessed.verify(entry: entry, under: policy())
    }
  }

  private let tree = ReferenceTree(size: 5)
  private let note: SignedNote

  init() throws {
    let checkpoint = Checkpoint(origin: "example.org/1", size: 5, root: tree.root(5))
    note = try Keys.note(checkpoint, logs: [1], witnesses: [1])
  }

  private func hashes(_ index: Int) -> [MerkleHash] {
    tree.path(index, in: 0..<5)
  }

  private func policy() throws -> LogPolicy {
    let witness = LogPolicy.Witness(name: "W", key: Keys.witness(1))
    return try LogPolicy(logs: [.init(key: Keys.log(1))], witnesses: [witness], groups: [], quorum: "W")
  }
}

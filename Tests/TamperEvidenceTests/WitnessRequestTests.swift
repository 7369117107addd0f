import TamperEvidence
import Testing

struct WitnessRequestTests {
  @Test func `the example of the specification is read and written byte for byte`() throws {
    let text = """
      old 20852014
      PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
      jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
      5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
      /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5\
      /Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

      """
    let request = try WitnessRequest(parsing: Array(text.utf8))
    #expect(request.oldSize == 20_852_014)
    #expect(request.hashes.count == 4)
    #expect(request.hashes.last?.base64 == "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=")
    #expect(request.origin == "example.com/behind-the-sofa")
    #expect(request.note.signatures.count == 1)
    #expect(request.bytes == Array(text.utf8))
    let made = try WitnessRequest(oldSize: request.oldSize, hashes: request.hashes, note: request.note)
    #expect(made.bytes == request.bytes)
  }

  @Test func `a malformed request is refused`() throws {
    let hash = MerkleHash.empty.base64
    let end = "\no\n0\n\(hash)\n\n\u{2014} o AAAAAAA=\n"
    let cases: [(String, WitnessRequestError)] = [
      ("", .noEmptyLine), ("old 0\n", .noEmptyLine), ("old 0", .noEmptyLine), (end, .malformedOldSize),
      ("\(hash)\n\(end)", .malformedOldSize), ("old\n\(end)", .malformedOldSize), ("old \n\(end)", .malformedOldSize),
      ("old 00\n\(end)", .malformedOldSize), ("old 01\n\(end)", .malformedOldSize),
      ("old -1\n\(end)", .malformedOldSize),
      ("old +1\n\(end)", .malformedOldSize), ("old  1\n\(end)", .malformedOldSize),
      ("old 1 \n\(end)", .malformedOldSize),
      ("Old 1\n\(end)", .malformedOldSize), ("old 1\r\n\(end)", .malformedOldSize),
      ("old\t1\n\(end)", .malformedOldSize),
      ("old 0x1\n\(end)", .malformedOldSize), ("old ١\n\(end)", .malformedOldSize),
      ("old 18446744073709551616\n\(end)", .malformedOldSize), ("new 1\n\(end)", .malformedOldSize),
      ("old 1\nold 1\n\(end)", .malformedHash), ("old 1\nAQID\n\(end)", .malformedHash),
      ("old 1\n\(hash) \n\(end)", .malformedHash), ("old 1\n\(hash.dropLast())\n\(end)", .malformedHash),
      ("old 1\n\(hash)\nx\n\(end)", .malformedHash),
      ("old 1\n" + String(repeating: "\(hash)\n", count: 64) + end, .tooManyHashes(max: 63)),
      ("old 1\n\n", .malformedCheckpoint(.noEmptyLine)),
      ("old 1\n\no\n0\n\(hash)\n", .malformedCheckpoint(.noEmptyLine)),
      ("old 1\n\no\n\n", .malformedCheckpoint(.unsigned)),
      ("old 1\n\(end)\r\n", .malformedCheckpoint(.controlCharacter)),
      ("old 1\n\(end)x", .malformedCheckpoint(.noFinalLineFeed)),
    ]
    for (text, error) in cases {
      #expect(throws: error, "\(text.prefix(60).debugDescription)") { try WitnessRequest(parsing: Array(text.utf8)) }
    }
    let most = "old 18446744073709551615\n" + String(repeating: "\(hash)\n", count: 63) + end
    #expect(try WitnessRequest(parsing: Array(most.utf8)).hashes.count == 63)
    #expect(try WitnessRequest(parsing: Array("old 0\n\(end)".utf8)).oldSize == 0)
  }

  @Test func `a request past the limit is refused, and the largest that can be made is read`() throws {
    let most = WitnessRequest.byteCountMax
    #expect(throws: WitnessRequestError.tooLong(byteCountMax: most)) {
      try WitnessRequest(parsing: [UInt8](repeating: 10, count: most + 1))
    }
    let filler = String(repeating: "x", count: SignedNote.byteCountMax - 200) + "\n"
    let note = try SignedNote.sign(text: filler, with: [Keys.signer(1)])
    let hashes = [MerkleHash](repeating: .empty, count: 63)
    let request = try WitnessRequest(oldSize: .max, hashes: hashes, note: note)
    #expect(try WitnessRequest(parsing: request.bytes).bytes == request.bytes)
    #expect(throws: WitnessRequestError.tooManyHashes(max: 63)) {
      try WitnessRequest(oldSize: 0, hashes: hashes + [.empty], note: note)
    }
  }

  @Test func `random damage never traps, and what is still read gives back its bytes`() throws {
    var random = SplitMix64(seed: 63)
    let checkpoint = Checkpoint(origin: "example.org/1", size: 1, root: MerkleTree.leafHash([]))
    let note = try Keys.note(checkpoint, logs: [1], witnesses: [])
    let original = try WitnessRequest(oldSize: 10, hashes: [.empty, .empty], note: note).bytes
    var readCount = 0
    for _ in 0..<2000 {
      let bytes = original.damaged(times: 1...2, inserting: [10, 32, 48, 0xe2], using: &random)
      guard let request = try? WitnessRequest(parsing: bytes) else { continue }
      readCount += 1
      #expect(request.bytes == bytes)
    }
    #expect(readCount > 10)
  }
}

import TamperEvidence
import Testing

/// The form of a note.
struct SignedNoteTests {
  @Test func `a parsed note gives back its bytes`() throws {
    let bytes = Array(PublishedNotes.specification.utf8)
    let note = try SignedNote(parsing: bytes)
    #expect(note.text == "This is an example message.\n")
    #expect(note.signatures.map(\.name) == ["example.com/foo"])
    #expect(note.signatures.map(\.keyID) == [0x530d_903a])
    #expect(note.signatures.map(\.signature.count) == [64])
    #expect(note.bytes == bytes)
  }

  @Test func `the last empty line parts text and signatures`() throws {
    let signature = "\u{2014} example.org AAAAAAA=\n"
    #expect(try SignedNote(parsing: Array("one\n\ntwo\n\n\(signature)".utf8)).text == "one\n\ntwo\n")
    #expect(try SignedNote(parsing: Array("one\n\n\n\(signature)".utf8)).text == "one\n\n")
    #expect(try SignedNote(parsing: Array("\n\n\(signature)".utf8)).text == "\n")
    let split = try SignedNote(parsing: Array("one\n\n\(signature)\n\(signature)".utf8))
    #expect(split.text == "one\n\n\(signature)")
    #expect(split.signatures.count == 1)
  }

  @Test func `a malformed note is refused`() {
    // No arguments of the test, since its log would not survive their control characters.
    let notes: [(String, SignedNoteError)] = [
      ("", .noEmptyLine),
      ("\n", .noEmptyLine),
      ("text\n", .noEmptyLine),
      ("text\n\u{2014} a AAAAAAA=\n", .noEmptyLine),
      ("\n\u{2014} a AAAAAAA=\n", .noEmptyLine),
      ("text\n\n", .unsigned),
      ("text\n\n\u{2014} a AAAAAAA=\n\n", .unsigned),
      ("text\n\n\u{2014} a AAAAAAA=", .noFinalLineFeed),
      ("text\n\n\u{2014} a AAAAAAA=\n\u{2014} b AAAAAAA=", .noFinalLineFeed),
      ("te\u{0}xt\n\n\u{2014} a AAAAAAA=\n", .controlCharacter),
      ("te\txt\n\n\u{2014} a AAAAAAA=\n", .controlCharacter),
      ("text\r\n\r\n\u{2014} a AAAAAAA=\r\n", .controlCharacter),
      ("text\n\n\u{2014} a\u{1f} AAAAAAA=\n", .controlCharacter),
    ]
    for (text, error) in notes {
      #expect(throws: error, "\(text.debugDescription)") { try SignedNote(parsing: Array(text.utf8)) }
    }
  }

  @Test(arguments: [
    "- a AAAAAAA=",  // ASCII hyphen
    "\u{2013} a AAAAAAA=",  // en dash
    "\u{2014}a AAAAAAA=",
    "\u{2014}  a AAAAAAA=",
    "\u{2014}\u{a0}a AAAAAAA=",
    "\u{2014} \u{301}a",
    " \u{2014} a AAAAAAA=",
    "\u{2014}  AAAAAAA=",  // empty name
    "\u{2014} AAAAAAA=",
    "\u{2014} a",
    "\u{2014} a ",
    "\u{2014} a+b AAAAAAA=",
    "\u{2014} a\u{2003}b AAAAAAA=",
    "\u{2014} a AAAAAAA= ",
    "\u{2014} a AAAAAAA= AAAAAAA=",
    "\u{2014} a AAAAAAA",  // no padding
    "\u{2014} a AAAAAAB=",  // stray bits after the last byte
    "\u{2014} a AAA_AAA=",  // base64url
    "\u{2014} a AAAAAA==",  // key ID without signature
    "\u{2014} a AAAA",
    "a",
  ])
  func `a malformed signature line is refused and named`(line: String) {
    let good = "\u{2014} a AAAAAAA=\n"
    #expect(throws: SignedNoteError.malformedSignatureLine(number: 1)) {
      try SignedNote(parsing: Array("text\n\n\(line)\n".utf8))
    }
    #expect(throws: SignedNoteError.malformedSignatureLine(number: 2)) {
      try SignedNote(parsing: Array("text\n\n\(good)\(line)\n\(good)".utf8))
    }
  }

  @Test(arguments: [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x80], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    let signature = Array("\n\n\u{2014} a AAAAAAA=\n".utf8)
    #expect(throws: SignedNoteError.notUTF8) { try SignedNote(parsing: bytes + signature) }
    #expect(throws: SignedNoteError.notUTF8) { try SignedNote(parsing: Array("text".utf8) + signature + bytes + [10]) }
  }

  @Test func `a note of exactly the limit is read, one byte more is refused`() throws {
    let end = Array("\n\n\u{2014} a AAAAAAA=\n".utf8)
    let filler = [UInt8](repeating: UInt8(ascii: "x"), count: SignedNote.byteCountMax - end.count)
    #expect(try SignedNote(parsing: filler + end).bytes == filler + end)
    #expect(throws: SignedNoteError.tooLong(byteCountMax: SignedNote.byteCountMax)) {
      try SignedNote(parsing: [UInt8(ascii: "x")] + filler + end)
    }
  }

  @Test func `more signatures than the limit are refused`() throws {
    let line = "\u{2014} a AAAAAAA=\n"
    let most = "text\n\n" + String(repeating: line, count: SignedNote.signatureCountMax)
    #expect(try SignedNote(parsing: Array(most.utf8)).signatures.count == SignedNote.signatureCountMax)
    #expect(throws: SignedNoteError.tooManySignatures(max: SignedNote.signatureCountMax)) {
      try SignedNote(parsing: Array((most + line).utf8))
    }
  }

  @Test func `a text that no note can hold is not signed`() throws {
    let key = try NoteSigningKey(name: "example.org")
    let tooLong = String(repeating: "x", count: SignedNote.byteCountMax - 1) + "\n"
    let texts: [(String, SignedNoteError)] = [
      ("", .textWithoutFinalLineFeed), ("text", .textWithoutFinalLineFeed), ("a\tb\n", .controlCharacter),
      ("a\r\n", .controlCharacter), (tooLong, .tooLong(byteCountMax: SignedNote.byteCountMax)),
    ]
    for (text, error) in texts {
      #expect(throws: error, "\(text.prefix(20).debugDescription)") { try SignedNote.sign(text: text, with: [key]) }
    }
  }

  @Test func `a note is not made with no key or with more than the limit`() throws {
    let key = try NoteSigningKey(name: "example.org")
    #expect(throws: SignedNoteError.unsigned) { try SignedNote.sign(text: "text\n", with: []) }
    #expect(throws: SignedNoteError.tooManySignatures(max: 64)) {
      try SignedNote.sign(text: "text\n", with: Array(repeating: key, count: 65))
    }
  }

  @Test func `a signature line gives back its text`() throws {
    for line in ["\u{2014} a AAAAAAA=", "\u{2014} example.org/\u{e9} AAAAAAAA"] {
      #expect(try #require(NoteSignature(line: Substring(line))).line == line + "\n")
    }
    for line in ["", "a AAAAAAA=", "\u{2014} a AAAAAAA=\n", "\u{2014} a AAAAAAA=\u{0}", "\u{2014} a\nb AAAAAAA="] {
      #expect(NoteSignature(line: Substring(line)) == nil, "\(line.debugDescription)")
    }
  }

  @Test func `signature lines that stand alone are read`() throws {
    let lines = "\u{2014} a AAAAAAA=\n\u{2014} b AAAAAAAA\n"
    let signatures = try NoteSignature.parse(lines: Array(lines.utf8))
    #expect(signatures.map(\.name) == ["a", "b"])
    #expect(signatures.map(\.line).joined() == lines)
  }

  @Test func `malformed signature lines that stand alone are refused`() {
    let good = "\u{2014} a AAAAAAA=\n"
    let cases: [(String, SignedNoteError)] = [
      ("", .unsigned), ("\n", .malformedSignatureLine(number: 1)), (good + "\n", .malformedSignatureLine(number: 2)),
      ("\n" + good, .malformedSignatureLine(number: 1)), (String(good.dropLast()), .noFinalLineFeed),
      (good + "b\n", .malformedSignatureLine(number: 2)), (good.replacing("\n", with: "\r\n"), .controlCharacter),
      (String(repeating: good, count: 65), .tooManySignatures(max: 64)),
      (String(repeating: "x", count: SignedNote.byteCountMax) + "\n", .tooLong(byteCountMax: SignedNote.byteCountMax)),
    ]
    for (lines, error) in cases {
      #expect(throws: error, "\(lines.prefix(40).debugDescription)") {
        try NoteSignature.parse(lines: Array(lines.utf8))
      }
    }
    #expect(throws: SignedNoteError.notUTF8) { try NoteSignature.parse(lines: [0xff, 10]) }
  }

  @Test func `signatures are added at the end, and take the place of those of the same key`() throws {
    let note = try SignedNote(parsing: Array("t\n\n\(Self.lines(("a", 1), ("b", 2), ("a", 3)))".utf8))
    #expect(try note.adding([]).bytes == note.bytes)
    #expect(
      try note.adding(Self.signatures(("c", 4), ("d", 5))).bytes
        == Array("t\n\n\(Self.lines(("a", 1), ("b", 2), ("a", 3), ("c", 4), ("d", 5)))".utf8))
    // Both signatures of "a" go, and one comes; of two new ones the last counts.
    #expect(try note.adding(Self.signatures(("a", 9))).bytes == Array("t\n\n\(Self.lines(("a", 9), ("b", 2)))".utf8))
    #expect(
      try note.adding(Self.signatures(("c", 4), ("c", 5))).bytes
        == Array("t\n\n\(Self.lines(("a", 1), ("b", 2), ("a", 3), ("c", 5)))".utf8))
  }

  @Test func `a signature that shares only its name or its key ID with another is added beside it`() throws {
    let note = try SignedNote(parsing: Array("t\n\n\u{2014} \u{e9} AAAAAQE=\n".utf8))
    for line in ["\u{2014} \u{e9} AAAAAgE=", "\u{2014} e\u{301} AAAAAQE=", "\u{2014} x AAAAAQE="] {
      let added = try note.adding([try #require(NoteSignature(line: Substring(line)))])
      #expect(added.bytes == note.bytes + Array("\(line)\n".utf8))
    }
  }

  @Test func `no more signatures are added than a note can have`() throws {
    let note = try SignedNote(parsing: Array("t\n\n\(Self.lines(("a", 1)))".utf8))
    let most = try (0..<63).map { try #require(NoteSignature(line: "\u{2014} k\($0) AAAAAAA=")) }
    #expect(try note.adding(most).signatures.count == 64)
    #expect(throws: SignedNoteError.tooManySignatures(max: 64)) {
      try note.adding(most + Self.signatures(("z", 1)))
    }
    #expect(try note.adding(most).adding(Self.signatures(("a", 2))).signatures.count == 64)
    let long = "\u{2014} long " + String(repeating: "AAAA", count: 16 * 1024)
    #expect(throws: SignedNoteError.tooLong(byteCountMax: SignedNote.byteCountMax)) {
      try note.adding([try #require(NoteSignature(line: Substring(long)))])
    }
  }

  @Test func `random damage never traps, and never changes a note that still verifies`() throws {
    var random = SplitMix64(seed: 20)
    let key = try NoteVerifierKey(parsing: PublishedNotes.specificationKey)
    let original = Array(PublishedNotes.specification.utf8)
    for _ in 0..<2000 {
      let bytes = original.damaged(times: 1...3, inserting: [10, 32, 43, 0x2d, 0xe2], using: &random)
      guard bytes != original, let note = try? SignedNote(parsing: bytes) else { continue }
      #expect(note.bytes == bytes)
      if (try? note.verify(with: [key])) != nil { #expect(note.text == "This is an example message.\n") }
    }
  }

  /// Signature lines with a key ID of 0 and one byte after it.
  private static func lines(_ signatures: (String, UInt8)...) -> String {
    signatures.map { "\u{2014} \($0.0) \(NoteText.blob(0, [$0.1]))\n" }.joined()
  }

  private static func signatures(_ signatures: (String, UInt8)...) throws -> [NoteSignature] {
    try signatures.flatMap { try NoteSignature.parse(lines: Array(lines($0).utf8)) }
  }
}

/// Who signed a note.
struct SignedNoteVerificationTests {
  @Test func `the published notes verify with their published keys`() throws {
    let key = try NoteVerifierKey(parsing: PublishedNotes.specificationKey)
    #expect(try SignedNote(parsing: Array(PublishedNotes.specification.utf8)).verify(with: [key]) == [key])
    let goKey = try NoteVerifierKey(parsing: PublishedNotes.goKey)
    #expect(try SignedNote(parsing: Array(PublishedNotes.go.utf8)).verify(with: [goKey]) == [goKey])
  }

  @Test func `signing makes the published note of the Go documentation byte for byte`() throws {
    // The example key of golang.org/x/mod/sumdb/note.
    let seed: [UInt8] = [
      0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80,
      0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73,
    ]
    let key = try NoteSigningKey(name: "PeterNeumann", seed: seed)
    #expect(key.verifierKey.description == PublishedNotes.goKey)
    let published = try SignedNote(parsing: Array(PublishedNotes.go.utf8))
    #expect(try SignedNote.sign(text: published.text, with: [key]).bytes == published.bytes)
  }

  @Test func `a note signed here is read and verified here`() throws {
    let key = try Self.key(1)
    let checkpoint = Checkpoint(origin: key.name, size: 1, root: MerkleTree.leafHash([]))
    let signed = try SignedNote.sign(text: checkpoint.noteText, with: [key])
    let note = try SignedNote(parsing: signed.bytes)
    #expect(try note.verify(with: [key.verifierKey]) == [key.verifierKey])
    #expect(try Checkpoint(noteText: note.text) == checkpoint)
  }

  @Test func `a text with empty lines verifies`() throws {
    let key = try Self.key(1)
    for text in ["\n", "\n\n", "one\n\ntwo\n", "one\n\n\n"] {
      let note = try SignedNote(parsing: SignedNote.sign(text: text, with: [key]).bytes)
      #expect(note.text == text)
      #expect(try note.verify(with: [key.verifierKey]) == [key.verifierKey])
    }
  }

  @Test func `a second empty line changes the text and breaks the signature`() throws {
    let bytes = Array(PublishedNotes.specification.replacing("message.\n\n", with: "message.\n\n\n").utf8)
    let key = try NoteVerifierKey(parsing: PublishedNotes.specificationKey)
    #expect(throws: Self.invalid(key)) { try SignedNote(parsing: bytes).verify(with: [key]) }
  }

  @Test func `every changed byte of the text breaks the signature`() throws {
    let key = try NoteVerifierKey(parsing: PublishedNotes.specificationKey)
    for index in 0..<"This is an example message.".utf8.count {
      var bytes = Array(PublishedNotes.specification.utf8)
      bytes[index] ^= 1
      #expect(throws: Self.invalid(key)) { try SignedNote(parsing: bytes).verify(with: [key]) }
    }
  }

  @Test func `a note without a signature of a known key is rejected`() throws {
    let note = try SignedNote.sign(text: "text\n", with: [Self.key(1)])
    #expect(throws: SignedNoteError.noKnownSignature) { try note.verify(with: []) }
    #expect(throws: SignedNoteError.noKnownSignature) { try note.verify(with: [Self.key(2).verifierKey]) }
  }

  @Test func `a signature that shares only its name or only its key ID with a known key is ignored`() throws {
    let key = try Self.key(1)
    let signed = try SignedNote.sign(text: "text\n", with: [key])
    let lines = String(decoding: signed.bytes, as: UTF8.self)
    let otherName = "\u{2014} \(key.name)x \(Self.blob(key.verifierKey.keyID, 7))\n"
    let otherID = "\u{2014} \(key.name) \(Self.blob(key.verifierKey.keyID ^ 1, 7))\n"
    let note = try SignedNote(parsing: Array((lines + otherName + otherID).utf8))
    #expect(note.signatures.count == 3)
    #expect(try note.verify(with: [key.verifierKey]) == [key.verifierKey])
    let unknownOnly = try SignedNote(parsing: Array("text\n\n\(otherName)\(otherID)".utf8))
    #expect(throws: SignedNoteError.noKnownSignature) { try unknownOnly.verify(with: [key.verifierKey]) }
  }

  @Test func `a wrong key ID in a signature line makes the signature unknown`() throws {
    let key = try NoteVerifierKey(parsing: PublishedNotes.specificationKey)
    let bytes = Array(PublishedNotes.specification.replacing(" Uw2Q", with: " Vw2Q").utf8)
    #expect(throws: SignedNoteError.noKnownSignature) { try SignedNote(parsing: bytes).verify(with: [key]) }
  }

  @Test func `a failing signature of a known key rejects the whole note, even beside good ones`() throws {
    let (good, bad) = (try Self.key(1), try Self.key(2))
    let signed = String(decoding: try SignedNote.sign(text: "text\n", with: [good]).bytes, as: UTF8.self)
    let failing = "\u{2014} \(bad.name) \(Self.blob(bad.verifierKey.keyID, 64))\n"
    let note = try SignedNote(parsing: Array((signed + failing).utf8))
    #expect(throws: Self.invalid(bad.verifierKey)) { try note.verify(with: [good.verifierKey, bad.verifierKey]) }
    #expect(try note.verify(with: [good.verifierKey]) == [good.verifierKey])
  }

  @Test func `a failing second signature of the same key rejects the whole note`() throws {
    let key = try Self.key(1)
    let signed = String(decoding: try SignedNote.sign(text: "text\n", with: [key]).bytes, as: UTF8.self)
    for byteCount in [1, 63, 64, 65] {
      let failing = "\u{2014} \(key.name) \(Self.blob(key.verifierKey.keyID, byteCount))\n"
      let note = try SignedNote(parsing: Array((signed + failing).utf8))
      #expect(throws: Self.invalid(key.verifierKey)) { try note.verify(with: [key.verifierKey]) }
    }
  }

  @Test func `sixteen signatures verify, each key once and in the note's order`() throws {
    let keys = try (1...16).map { try Self.key($0) }
    let note = try SignedNote(parsing: SignedNote.sign(text: "text\n", with: keys + [try Self.key(1)]).bytes)
    #expect(note.signatures.count == 17)
    #expect(try note.verify(with: keys.map(\.verifierKey).reversed()) == keys.map(\.verifierKey))
  }

  @Test func `a known key among sixteen unknown ones is found`() throws {
    let keys = try (1...17).map { try Self.key($0) }
    let note = try SignedNote.sign(text: "text\n", with: keys)
    #expect(try note.verify(with: [keys[16].verifierKey]) == [keys[16].verifierKey])
  }

  @Test func `two known keys that collide in name and key ID reject the note`() throws {
    let keys = try [
      "example.org+addc282d+Af3Sd/BtUoLJQaH6Nta6qdJFpo3c3gdttIPsm0P6WxDu",
      "example.org+addc282d+AXf2zkctsvU7s0tdCxW6DV1MEa9vBT97l7ckhy8uBT6P",
    ].map { try NoteVerifierKey(parsing: $0) }
    let note = try SignedNote(parsing: Array("text\n\n\u{2014} example.org rdwoLXg=\n".utf8))
    #expect(throws: SignedNoteError.ambiguousKey(name: "example.org", keyID: keys[0].keyID)) {
      try note.verify(with: keys)
    }
    #expect(throws: Self.invalid(keys[0])) { try note.verify(with: [keys[0], keys[0]]) }
  }

  @Test func `old and new key of one name both sign during a rotation`() throws {
    let keys = try [1, 2].map { try NoteSigningKey(name: "example.org/log", seed: Array(repeating: $0, count: 32)) }
    let note = try SignedNote(parsing: SignedNote.sign(text: "text\n", with: keys).bytes)
    for key in keys { #expect(try note.verify(with: [key.verifierKey]) == [key.verifierKey]) }
    #expect(try note.verify(with: keys.map(\.verifierKey)).count == 2)
  }

  @Test func `names are compared byte for byte, not by how they look`() throws {
    let key = try NoteSigningKey(name: "ex\u{e9}mple.org", seed: Array(repeating: 1, count: 32))
    let signed = String(decoding: try SignedNote.sign(text: "text\n", with: [key]).bytes, as: UTF8.self)
    let respelled = signed.replacing("ex\u{e9}mple", with: "exe\u{301}mple")
    #expect(respelled == signed, "to Swift")
    let note = try SignedNote(parsing: Array(respelled.utf8))
    #expect(note.bytes == Array(respelled.utf8))
    #expect(throws: SignedNoteError.noKnownSignature) { try note.verify(with: [key.verifierKey]) }
    #expect(try SignedNote(parsing: Array(signed.utf8)).verify(with: [key.verifierKey]).count == 1)
  }

  private static func key(_ number: Int) throws -> NoteSigningKey {
    try NoteSigningKey(name: "example.org/\(number)", seed: Array(repeating: UInt8(number), count: 32))
  }

  private static func invalid(_ key: NoteVerifierKey) -> SignedNoteError {
    .invalidSignature(name: key.name, keyID: key.keyID)
  }

  /// Base64 of a key ID and `count` bytes that are no signature.
  private static func blob(_ keyID: UInt32, _ count: Int) -> String {
    NoteText.blob(keyID, [UInt8](repeating: 9, count: count))
  }
}

/// Notes that others have published and that others' tools verify.
private enum PublishedNotes {
  /// c2sp.org/signed-note v1.0.0, "Example".
  static let specificationKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
  static let specification = """
    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

    """

  /// The documentation of golang.org/x/mod/sumdb/note.
  static let goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  static let go = """
    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

    """
}

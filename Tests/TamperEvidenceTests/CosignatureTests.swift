import Crypto
import TamperEvidence
import Testing

struct CosignatureTests {
  @Test func `a cosignature is the one that another implementation makes, byte for byte`() throws {
    // Made with Python's cryptography from the seed 00 01 … 1f, over the example of c2sp.org/tlog-cosignature.
    let line =
      "\u{2014} witness.example.com/w1 oAWfEQAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7l"
      + "V8H6bdoBQGP/l73euDMQ9k+bBQ==\n"
    #expect(try cosigner.cosign(checkpoint, at: time).line == line)
    let note = try SignedNote(parsing: Array("\(checkpoint.noteText)\n\(line)".utf8))
    let verified = try note.verifiedSignatures(with: [cosigner.verifierKey])
    #expect(verified.map(\.key) == [cosigner.verifierKey])
    #expect(verified.map(\.time) == [CosignatureTime(seconds: time)])
  }

  @Test func `what is signed is two lines and the whole text of the checkpoint`() throws {
    let cosignature = try cosigner.cosign(checkpoint, at: time)
    #expect(cosignature.signature.count == 72)
    #expect(cosignature.signature.prefix(8) == [0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb])
    let signed = """
      cosignature/v1
      time 1679315147
      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      """
    let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: cosigner.verifierKey.publicKey)
    #expect(publicKey.isValidSignature(cosignature.signature.dropFirst(8), for: Array(signed.utf8)))
  }

  @Test func `extension lines are part of what is signed`() throws {
    let extended = try Checkpoint(noteText: checkpoint.noteText + "extension\n")
    let cosignature = try cosigner.cosign(extended, at: time)
    #expect(try note(extended, cosignature).verify(with: [cosigner.verifierKey]) == [cosigner.verifierKey])
    #expect(throws: invalid) { try note(checkpoint, cosignature).verify(with: [cosigner.verifierKey]) }
  }

  @Test func `a log's signature and a cosignature verify in one note, and only the second has a time`() throws {
    let log = try NoteSigningKey(name: checkpoint.origin, seed: [UInt8](repeating: 7, count: 32))
    let note = try SignedNote.sign(text: checkpoint.noteText, with: [log])
      .adding([cosigner.cosign(checkpoint, at: time)])
    let verified = try SignedNote(parsing: note.bytes)
      .verifiedSignatures(with: [cosigner.verifierKey, log.verifierKey])
    #expect(verified.map(\.key) == [log.verifierKey, cosigner.verifierKey])
    #expect(verified.map(\.time?.seconds) == [nil, time])
    #expect(try note.verify(with: [cosigner.verifierKey]) == [cosigner.verifierKey])
  }

  @Test func `a cosignature with another time is refused`() throws {
    let line = try cosigner.cosign(checkpoint, at: time).signature
    for bit in 0..<64 {
      var changed = line
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: invalid) {
        try note(checkpoint, signature(changed)).verify(with: [cosigner.verifierKey])
      }
    }
  }

  @Test func `a cosignature of the wrong length is refused`() throws {
    let bytes = try cosigner.cosign(checkpoint, at: time).signature
    for wrong in [Array(bytes.dropLast()), bytes + [0], Array(bytes.prefix(8)), [0], Array(bytes.dropFirst(8))] {
      #expect(throws: invalid) { try note(checkpoint, signature(wrong)).verify(with: [cosigner.verifierKey]) }
    }
  }

  @Test func `a key verifies nothing of its other type`() throws {
    let plain = try NoteSigningKey(name: cosigner.name, seed: cosigner.seed)
    let signed = try SignedNote.sign(text: checkpoint.noteText, with: [plain])
    #expect(throws: SignedNoteError.noKnownSignature) { try signed.verify(with: [cosigner.verifierKey]) }
    // The plain signature under the cosigner's key ID, with and without a time before it.
    let bytes = signed.signatures[0].signature
    for forged in [bytes, [UInt8](repeating: 0, count: 8) + bytes] {
      #expect(throws: invalid) { try note(checkpoint, signature(forged)).verify(with: [cosigner.verifierKey]) }
    }
    let cosigned = try note(checkpoint, cosigner.cosign(checkpoint, at: time))
    #expect(throws: SignedNoteError.noKnownSignature) { try cosigned.verify(with: [plain.verifierKey]) }
  }

  @Test func `a cosigner signs no note, and a log's key cosigns nothing`() throws {
    #expect(throws: NoteKeyError.wrongAlgorithm(.cosignature)) { try cosigner.signature(of: checkpoint.noteText) }
    #expect(throws: NoteKeyError.wrongAlgorithm(.cosignature)) {
      try SignedNote.sign(text: checkpoint.noteText, with: [cosigner])
    }
    let plain = try NoteSigningKey(name: cosigner.name, seed: cosigner.seed)
    #expect(throws: NoteKeyError.wrongAlgorithm(.ed25519)) { try plain.cosign(checkpoint, at: time) }
  }

  @Test func `the largest time of the format is signed, the next is refused`() throws {
    let latest = UInt64(Int64.max)
    let cosignature = try cosigner.cosign(checkpoint, at: latest)
    let note = try note(checkpoint, cosignature)
    #expect(try note.verifiedSignatures(with: [cosigner.verifierKey]).map(\.time?.seconds) == [latest])
    #expect(throws: NoteKeyError.timeOutOfRange) { try cosigner.cosign(checkpoint, at: latest + 1) }
    #expect(CosignatureTime(seconds: latest + 1) == nil)
  }

  @Test func `a cosignature whose good signature covers a forbidden time is refused`() throws {
    let privateKey = try Curve25519.Signing.PrivateKey(rawRepresentation: cosigner.seed)
    func cosignature(_ seconds: UInt64) throws -> NoteSignature {
      let signed = "cosignature/v1\ntime \(seconds)\n\(checkpoint.noteText)"
      let start = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: seconds >> UInt64($0)) }
      return try signature(start + Array(privateKey.signature(for: Array(signed.utf8))))
    }
    #expect(try note(checkpoint, cosignature(0)).verify(with: [cosigner.verifierKey]) == [cosigner.verifierKey])
    #expect(throws: invalid) {
      try note(checkpoint, cosignature(1 << 63)).verify(with: [cosigner.verifierKey])
    }
  }

  private let time: UInt64 = 1_679_315_147
  private let checkpoint: Checkpoint
  private let cosigner: NoteSigningKey

  init() throws {
    checkpoint = try Checkpoint(
      noteText: "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")
    cosigner = try NoteSigningKey(name: "witness.example.com/w1", algorithm: .cosignature, seed: Array(0..<32))
  }

  private var invalid: SignedNoteError {
    .invalidSignature(name: cosigner.name, keyID: cosigner.verifierKey.keyID)
  }

  private func note(_ checkpoint: Checkpoint, _ signature: NoteSignature) throws -> SignedNote {
    try SignedNote(parsing: Array("\(checkpoint.noteText)\n\(signature.line)".utf8))
  }

  /// A signature line of the cosigner's name and key ID.
  private func signature(_ bytes: [UInt8]) throws -> NoteSignature {
    let line = "\u{2014} \(cosigner.name) \(NoteText.blob(cosigner.verifierKey.keyID, bytes))"
    return try #require(NoteSignature(line: Substring(line)))
  }
}

/// Pieces of notes that no key signs.
enum NoteText {
  /// Base64 of a key ID and what follows it.
  static func blob(_ keyID: UInt32, _ signature: [UInt8]) -> String {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: keyID >> $0) } + signature
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      let digits = [18, 12, 6, 0].map { alphabet[value >> $0 & 63] }
      text += String(digits.prefix(group.count + 1)) + String(repeating: "=", count: 3 - group.count)
    }
    return text
  }
}

import TamperEvidence
import Testing

struct NoteKeysTests {
  @Test(arguments: [
    // c2sp.org/signed-note v1.0.0, the documentation of golang.org/x/mod/sumdb/note, and Go's own checksum database.
    ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "example.com/foo", 0x530d_903a),
    ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "PeterNeumann", 0xc74f_20a3),
    ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org", 0x033d_e0ae),
  ])
  func `a published verifier key is read and written byte for byte`(text: String, name: String, keyID: UInt32) throws {
    let key = try NoteVerifierKey(parsing: text)
    #expect(key.name == name)
    #expect(key.keyID == keyID)
    #expect(key.publicKey.count == 32)
    #expect(key.description == text)
  }

  @Test(arguments: [
    ("", NoteKeyError.malformed),
    ("example.com/foo", .malformed),
    ("example.com/foo+530d903a", .malformed),
    ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("example.com/foo++AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .invalidName),
    ("example .com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .invalidName),
    ("example.com/foo+530d903a+", .malformedPublicKey),
    ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", .malformedPublicKey),
    ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", .malformedPublicKey),
    ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==", .malformedPublicKey),
    ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ", .malformedPublicKey),
    ("example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .wrongKeyID),
    ("example.com/foo+530d903a+AOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unsupportedType(0)),
    ("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unsupportedType(2)),
    ("example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unsupportedType(5)),
    ("example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unsupportedType(6)),
    ("example.com/foo+530d903a+/+kyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .unsupportedType(255)),
  ])
  func `a malformed verifier key is refused`(text: String, error: NoteKeyError) {
    #expect(throws: error) { try NoteVerifierKey(parsing: text) }
  }

  @Test func `a key without a usable name is refused`() {
    for name in ["", " ", "a b", "a+b", "a\u{a0}b", "a\u{2003}b", "a\u{3000}", "a\nb", "a\u{0}", "a\u{85}"] {
      let seed = [UInt8](repeating: 1, count: 32)
      #expect(throws: NoteKeyError.invalidName, "\(name.debugDescription)") { try NoteSigningKey(name: name) }
      #expect(throws: NoteKeyError.invalidName) { try NoteSigningKey(name: name, seed: seed) }
    }
  }

  @Test func `a name or a verifier key past its limit is refused`() throws {
    let longest = String(repeating: "a", count: NoteKeyName.byteCountMax)
    let key = try NoteSigningKey(name: longest).verifierKey
    #expect(try NoteVerifierKey(parsing: key.description) == key)
    #expect(throws: NoteKeyError.invalidName) { try NoteSigningKey(name: longest + "a") }
    #expect(throws: NoteKeyError.tooLong(byteCountMax: 1024)) {
      try NoteVerifierKey(parsing: String(repeating: "a", count: 1025))
    }
  }

  @Test func `one key pair has another key ID as a cosigner`() throws {
    // Computed with Python's hashlib and cryptography.
    let expected: [(NoteKeyAlgorithm, String)] = [
      (.ed25519, "witness.example.com/w1+1c55deb1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"),
      (.cosignature, "witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"),
    ]
    for (algorithm, text) in expected {
      let key = try NoteSigningKey(name: "witness.example.com/w1", algorithm: algorithm, seed: Array(0..<32))
      #expect(key.algorithm == algorithm)
      #expect(key.verifierKey.description == text)
      #expect(try NoteVerifierKey(parsing: text) == key.verifierKey)
    }
  }

  @Test(arguments: [0, 31, 33, 64])
  func `a seed of the wrong length is refused`(byteCount: Int) {
    #expect(throws: NoteKeyError.malformedSeed) {
      try NoteSigningKey(name: "example.org", seed: Array(repeating: 1, count: byteCount))
    }
  }

  @Test func `a new key is random and is restored from its seed`() throws {
    let key = try NoteSigningKey(name: "example.org/log")
    let restored = try NoteSigningKey(name: "example.org/log", seed: key.seed)
    #expect(restored.verifierKey == key.verifierKey)
    #expect(restored.seed == key.seed)
    #expect(try NoteSigningKey(name: "example.org/log").verifierKey != key.verifierKey)
  }

  @Test func `the first test vector of RFC 8032 gives its public key`() throws {
    let seed = try #require(Self.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    let key = try NoteSigningKey(name: "example.org", seed: seed)
    let publicKey = try #require(Self.bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    #expect(key.verifierKey.publicKey == publicKey)
  }

  @Test func `printing, interpolating or dumping a signing key never shows its seed`() throws {
    let seed = Array<UInt8>(100..<132)
    let key = try NoteSigningKey(name: "example.org/log", seed: seed)
    var dumped = ""
    dump([key], to: &dumped)
    let shown = ["\(key)", String(reflecting: key), "\([key])", String(describing: Optional(key)), dumped]
    #expect(!dumped.filter { !$0.isWhitespace }.contains("-100-101-102"), "an array, dumped line by line")
    let decimal = seed.prefix(4).map(String.init).joined(separator: ", ")
    for text in shown {
      #expect(text.contains("example.org/log+"))
      #expect(!text.contains(decimal))
      #expect(!text.contains("64656667"), "hexadecimal")
      #expect(!text.contains("ZGVmZ2hp"), "base64")
      #expect(!text.contains("defghijk"), "ASCII")
    }
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8]? {
    let digits = hexadecimal.compactMap { $0.hexDigitValue.map(UInt8.init) }
    guard digits.count == hexadecimal.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

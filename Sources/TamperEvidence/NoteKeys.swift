import Crypto

/// The public half of a note key: what a verifier is given (c2sp.org/signed-note, "Ed25519 signatures").
///
/// Its text form is `<name>+<key ID, 8 lower-case hexadecimal digits>+<base64(01 ‖ public key)>`.
package struct NoteVerifierKey: Hashable, Sendable {
  /// The longest text form that is parsed, in bytes.
  package static let byteCountMax = 1024

  package let name: String

  /// The first four bytes of SHA-256(name ‖ 0A ‖ 01 ‖ public key): tells keys of one name apart, and proves nothing.
  package let keyID: UInt32

  /// The 32 bytes of RFC 8032.
  package let publicKey: [UInt8]

  init(name: String, publicKey: [UInt8]) throws(NoteKeyError) {
    guard NoteKeyName.isValid(name) else { throw .invalidName }
    guard publicKey.count == Self.publicKeyByteCount else { throw .malformedPublicKey }
    self.name = name
    self.publicKey = publicKey
    keyID = Self.keyID(name: name, publicKey: publicKey)
  }

  /// Reads the text form. A key ID that does not belong to name and public key is an error, not a detail.
  package init(parsing text: String) throws(NoteKeyError) {
    guard text.utf8.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    // Neither a name nor a key ID contains a plus, base64 may.
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed }
    guard let encoded = Base64.decode(Substring(parts[2])), let type = encoded.first else { throw .malformedPublicKey }
    guard type == Self.ed25519 else { throw .unsupportedType(type) }
    try self.init(name: String(Substring(parts[0])), publicKey: Array(encoded.dropFirst()))
    guard parts[1].elementsEqual(keyIDDigits.utf8) else { throw .wrongKeyID }
  }

  func verifies(_ signature: [UInt8], of text: String) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
    return key.isValidSignature(signature, for: Array(text.utf8))
  }

  /// True for the key that a signature line of this name and ID names. Swift compares strings by meaning, and two
  /// spellings of "é" are two names: bytes are compared.
  func isNamed(_ name: String, _ keyID: UInt32) -> Bool {
    self.keyID == keyID && self.name.utf8.elementsEqual(name.utf8)
  }

  private static let ed25519: UInt8 = 1
  private static let publicKeyByteCount = 32

  private static func keyID(name: String, publicKey: [UInt8]) -> UInt32 {
    let digest = SHA256.hash(data: Array(name.utf8) + [UInt8(ascii: "\n"), ed25519] + publicKey)
    return digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  private var keyIDDigits: String {
    Hexadecimal.encode(keyID.bigEndianBytes)
  }
}

extension NoteVerifierKey: CustomStringConvertible {
  package var description: String {
    "\(name)+\(keyIDDigits)+\(Base64.encode([Self.ed25519] + publicKey))"
  }
}

/// The private half of a note key, type 01 of c2sp.org/signed-note: Ed25519 (RFC 8032).
///
/// - Warning: `seed` is the secret itself. It is written to the key file and to nothing else; printing, interpolating
///   or dumping a key shows its verifier key only.
package struct NoteSigningKey: Sendable {
  package static let seedByteCount = 32

  package let verifierKey: NoteVerifierKey
  private let privateKey: Curve25519.Signing.PrivateKey

  /// Makes a new key from the system's random numbers.
  package init(name: String) throws(NoteKeyError) {
    try self.init(name: name, privateKey: Curve25519.Signing.PrivateKey())
  }

  /// Restores a key from its 32 secret bytes.
  package init(name: String, seed: [UInt8]) throws(NoteKeyError) {
    guard let privateKey = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .malformedSeed }
    try self.init(name: name, privateKey: privateKey)
  }

  private init(name: String, privateKey: Curve25519.Signing.PrivateKey) throws(NoteKeyError) {
    verifierKey = try NoteVerifierKey(name: name, publicKey: Array(privateKey.publicKey.rawRepresentation))
    self.privateKey = privateKey
  }

  package var name: String { verifierKey.name }

  /// The 32 secret bytes.
  package var seed: [UInt8] { Array(privateKey.rawRepresentation) }

  /// Signs a note's text, its final LF included. Whether the text may be a note's is `SignedNote.sign`'s to check.
  package func signature(of text: String) throws(NoteKeyError) -> NoteSignature {
    do {
      let signature = try privateKey.signature(for: Array(text.utf8))
      return NoteSignature(name: name, keyID: verifierKey.keyID, signature: Array(signature))
    } catch {
      throw .signingFailed
    }
  }
}

extension NoteSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "private key of \(verifierKey)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["verifierKey": verifierKey]) }
}

/// Key names (c2sp.org/signed-note, "Format"): not empty, no Unicode space, no plus, and no ASCII control character,
/// since no note can hold one.
package enum NoteKeyName {
  package static let byteCountMax = 512

  package static func isValid(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.count <= byteCountMax
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "+" && !$0.properties.isWhitespace }
  }
}

/// Why a note key can be neither read nor used.
package enum NoteKeyError: Error, Hashable {
  case invalidName
  case malformed
  case malformedPublicKey
  case malformedSeed
  case signingFailed
  case tooLong(byteCountMax: Int)
  case unsupportedType(UInt8)
  case wrongKeyID
}

extension NoteKeyError: CustomStringConvertible {
  /// Never shows any part of the key.
  package var description: String {
    switch self {
    case .invalidName:
      "couldn't use note key: its name must have 1 to \(NoteKeyName.byteCountMax) bytes, no space and no plus"
    case .malformed:
      "couldn't read verifier key: it must read <name>+<8 hexadecimal digits>+<base64>"
    case .malformedPublicKey:
      "couldn't read verifier key: its last part must be the base64 of the type and 32 bytes"
    case .malformedSeed:
      "couldn't read signing key: its seed must have \(NoteSigningKey.seedByteCount) bytes"
    case .signingFailed:
      "couldn't sign note: the Ed25519 implementation failed"
    case .tooLong(let byteCountMax):
      "couldn't read verifier key: it is longer than \(byteCountMax) bytes"
    case .unsupportedType(let type):
      "couldn't read verifier key: its type is \(type), only 1 (Ed25519) is supported"
    case .wrongKeyID:
      "couldn't read verifier key: its key ID does not belong to its name and public key"
    }
  }
}

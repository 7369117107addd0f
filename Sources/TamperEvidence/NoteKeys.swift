import Crypto

/// What a note key signs: the type byte of c2sp.org/signed-note, which is part of the key's ID.
///
/// Both sign with Ed25519 (RFC 8032). One key pair should not serve as both.
public enum NoteKeyAlgorithm: UInt8, Hashable, Sendable {
  /// The text of a note, as it is: a log's signature.
  case ed25519 = 1

  /// The text of a checkpoint and the time at which it was seen: a witness's signature (c2sp.org/tlog-cosignature).
  case cosignature = 4
}

/// The public half of a note key: what a verifier is given (c2sp.org/signed-note, "Verifier keys").
///
/// Its text form is `<name>+<key ID, 8 lower-case hexadecimal digits>+<base64(type ‖ public key)>`.
public struct NoteVerifierKey: Hashable, Sendable {
  /// The longest text form that is parsed, in bytes.
  public static let byteCountMax = 1024

  public let name: String

  public let algorithm: NoteKeyAlgorithm

  /// The first four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key): tells keys of one name apart, and proves nothing.
  public let keyID: UInt32

  /// The 32 bytes of RFC 8032.
  public let publicKey: [UInt8]

  public init(name: String, algorithm: NoteKeyAlgorithm, publicKey: [UInt8]) throws(NoteKeyError) {
    guard NoteKeyName.isValid(name) else { throw .invalidName }
    guard publicKey.count == Self.publicKeyByteCount else { throw .malformedPublicKey }
    self.name = name
    self.algorithm = algorithm
    self.publicKey = publicKey
    keyID = Self.keyID(name: name, algorithm: algorithm, publicKey: publicKey)
  }

  /// Reads the text form. A key ID that does not belong to name and public key is an error, not a detail.
  public init(parsing text: String) throws(NoteKeyError) {
    guard text.utf8.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    // Neither a name nor a key ID contains a plus, base64 may.
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed }
    guard let encoded = Base64.decode(Substring(parts[2])), let type = encoded.first else { throw .malformedPublicKey }
    guard let algorithm = NoteKeyAlgorithm(rawValue: type) else { throw .unsupportedType(type) }
    try self.init(
      name: String(Substring(parts[0])), algorithm: algorithm, publicKey: Array(encoded.dropFirst()))
    guard parts[1].elementsEqual(keyIDDigits.utf8) else { throw .wrongKeyID }
  }

  /// Checks what follows the key ID in a signature line; nil when it is not this key's signature of `text`.
  func verify(_ signature: [UInt8], of text: String) -> VerifiedSignature? {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return nil }
    switch algorithm {
    case .ed25519:
      guard key.isValidSignature(signature, for: Array(text.utf8)) else { return nil }
      return VerifiedSignature(key: self, time: nil)
    case .cosignature:
      guard let time = CosignatureTime(bigEndianBytes: signature.prefix(CosignatureTime.byteCount)),
        key.isValidSignature(signature.dropFirst(CosignatureTime.byteCount), for: time.signedBytes(of: text))
      else { return nil }
      return VerifiedSignature(key: self, time: time)
    }
  }

  /// True for the key that a signature line of this name and ID names. Swift compares strings by meaning, and two
  /// spellings of "é" are two names: bytes are compared.
  func isNamed(_ name: String, _ keyID: UInt32) -> Bool {
    self.keyID == keyID && self.name.utf8.elementsEqual(name.utf8)
  }

  private static let publicKeyByteCount = 32

  private static func keyID(name: String, algorithm: NoteKeyAlgorithm, publicKey: [UInt8]) -> UInt32 {
    let digest = SHA256.hash(data: Array(name.utf8) + [UInt8(ascii: "\n"), algorithm.rawValue] + publicKey)
    return digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  private var keyIDDigits: String {
    Hexadecimal.encode(keyID.bigEndianBytes)
  }
}

extension NoteVerifierKey: CustomStringConvertible {
  public var description: String {
    "\(name)+\(keyIDDigits)+\(Base64.encode([algorithm.rawValue] + publicKey))"
  }
}

/// The private half of a note key: a log's, which signs notes, or a witness's, which cosigns checkpoints.
///
/// - Warning: `seed` is the secret itself. It is written to the key file and to nothing else; printing, interpolating
///   or dumping a key shows its verifier key only.
public struct NoteSigningKey: Sendable {
  public static let seedByteCount = 32

  public let verifierKey: NoteVerifierKey
  private let privateKey: Curve25519.Signing.PrivateKey

  /// Makes a new key from the system's random numbers.
  public init(name: String, algorithm: NoteKeyAlgorithm = .ed25519) throws(NoteKeyError) {
    try self.init(name: name, algorithm: algorithm, privateKey: Curve25519.Signing.PrivateKey())
  }

  /// Restores a key from its 32 secret bytes.
  public init(name: String, algorithm: NoteKeyAlgorithm = .ed25519, seed: [UInt8]) throws(NoteKeyError) {
    guard let privateKey = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .malformedSeed }
    try self.init(name: name, algorithm: algorithm, privateKey: privateKey)
  }

  private init(
    name: String, algorithm: NoteKeyAlgorithm, privateKey: Curve25519.Signing.PrivateKey
  ) throws(NoteKeyError) {
    verifierKey = try NoteVerifierKey(
      name: name, algorithm: algorithm, publicKey: Array(privateKey.publicKey.rawRepresentation))
    self.privateKey = privateKey
  }

  public var name: String { verifierKey.name }

  public var algorithm: NoteKeyAlgorithm { verifierKey.algorithm }

  /// The 32 secret bytes.
  public var seed: [UInt8] { Array(privateKey.rawRepresentation) }

  /// Signs a note's text, its final LF included. Whether the text may be a note's is `SignedNote.sign`'s to check.
  ///
  /// A cosigner's key throws: it signs checkpoints, and never without a time.
  public func signature(of text: String) throws(NoteKeyError) -> NoteSignature {
    guard algorithm == .ed25519 else { throw .wrongAlgorithm(algorithm) }
    return try signature(of: Array(text.utf8), after: [])
  }

  /// States that of all consistent heads of its log which the cosigner has seen until `seconds`, this is the largest.
  ///
  /// Only a checkpoint can be cosigned, and no key of a log can do it. Seconds count from the start of 1970 in UTC.
  ///
  /// - Warning: The statement is true only when `Witness.judge` said so and the head is already stored.
  public func cosign(_ checkpoint: Checkpoint, at seconds: UInt64) throws(NoteKeyError) -> NoteSignature {
    guard algorithm == .cosignature else { throw .wrongAlgorithm(algorithm) }
    guard let time = CosignatureTime(seconds: seconds) else { throw .timeOutOfRange }
    return try signature(of: time.signedBytes(of: checkpoint.noteText), after: seconds.bigEndianBytes)
  }

  private func signature(of signed: [UInt8], after start: [UInt8]) throws(NoteKeyError) -> NoteSignature {
    do {
      let signature = try privateKey.signature(for: signed)
      return NoteSignature(name: name, keyID: verifierKey.keyID, signature: start + Array(signature))
    } catch {
      throw .signingFailed
    }
  }
}

extension NoteSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "private key of \(verifierKey)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["verifierKey": verifierKey]) }
}

/// Key names (c2sp.org/signed-note, "Format"): not empty, no Unicode space, no plus, and no ASCII control character,
/// since no note can hold one.
public enum NoteKeyName {
  public static let byteCountMax = 512

  public static func isValid(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.count <= byteCountMax
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "+" && !$0.properties.isWhitespace }
  }
}

/// Why a note key can be neither read nor used.
public enum NoteKeyError: Error, Hashable {
  case invalidName
  case malformed
  case malformedPublicKey
  case malformedSeed
  case signingFailed
  case timeOutOfRange
  case tooLong(byteCountMax: Int)
  case unsupportedType(UInt8)
  case wrongAlgorithm(NoteKeyAlgorithm)
  case wrongKeyID
}

extension NoteKeyError: CustomStringConvertible {
  /// Never shows any part of the key.
  public var description: String {
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
    case .timeOutOfRange:
      "couldn't cosign checkpoint: its time is above \(CosignatureTime.secondsMax) seconds"
    case .tooLong(let byteCountMax):
      "couldn't read verifier key: it is longer than \(byteCountMax) bytes"
    case .unsupportedType(let type):
      "couldn't read verifier key: its type is \(type), only 1 (Ed25519) and 4 (Ed25519 cosignature) are supported"
    case .wrongAlgorithm(.ed25519):
      "couldn't cosign checkpoint: a key of type 1 signs notes, only one of type 4 cosigns"
    case .wrongAlgorithm(.cosignature):
      "couldn't sign note: a key of type 4 cosigns checkpoints, only one of type 1 signs notes"
    case .wrongKeyID:
      "couldn't read verifier key: its key ID does not belong to its name and public key"
    }
  }
}

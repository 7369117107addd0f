/// A text signed by one or more keys (c2sp.org/signed-note).
///
///     text, ending in LF
///     (one empty line)
///     — <key name> <base64(4-byte key ID ‖ signature)>
///
/// A parsed note is well formed and no more: nothing in it may be believed before `verify(with:)` has returned.
/// Parsing accepts one spelling of every note, so `bytes` of a parsed note are the bytes that were parsed.
public struct SignedNote: Sendable {
  /// The longest note that is read or written, in bytes.
  public static let byteCountMax = 64 * 1024

  /// The most signatures that a note may carry; the specification asks verifiers for at least 16.
  public static let signatureCountMax = 64

  /// The signed text, its final LF included, the empty line after it not.
  public let text: String

  public let signatures: [NoteSignature]

  private init(text: String, signatures: [NoteSignature]) {
    self.text = text
    self.signatures = signatures
  }

  /// The note as a file.
  public var bytes: [UInt8] {
    var bytes = Array(text.utf8)
    bytes.append(Self.lineFeed)
    for signature in signatures {
      bytes += signature.line.utf8
    }
    return bytes
  }

  /// Signs `text`, which must end in LF, with every key in turn.
  ///
  /// Throws `SignedNoteError` when text or keys cannot make a note, `NoteKeyError` when signing itself fails.
  public static func sign(text: String, with keys: [NoteSigningKey]) throws -> SignedNote {
    guard text.utf8.last == lineFeed else { throw SignedNoteError.textWithoutFinalLineFeed }
    guard !text.utf8.contains(where: isForbidden) else { throw SignedNoteError.controlCharacter }
    guard !keys.isEmpty else { throw SignedNoteError.unsigned }
    guard keys.count <= signatureCountMax else { throw SignedNoteError.tooManySignatures(max: signatureCountMax) }
    return try SignedNote(bounding: text, signatures: keys.map { try $0.signature(of: text) })
  }

  /// The note with more signatures, such as the cosignatures that witnesses answered with.
  ///
  /// One that has the name and key ID of a signature already there takes its place, the others come last; so a
  /// witness that cosigned twice appears once, with what it said last. Nothing is verified here.
  public func adding(_ added: [NoteSignature]) throws(SignedNoteError) -> SignedNote {
    var signatures = signatures
    for signature in added {
      guard let place = signatures.firstIndex(where: signature.hasSameKey) else {
        signatures.append(signature)
        continue
      }
      signatures[place] = signature
      let rest = signatures[(place + 1)...].filter { !signature.hasSameKey(as: $0) }
      signatures.replaceSubrange((place + 1)..., with: rest)
    }
    return try SignedNote(bounding: text, signatures: signatures)
  }

  private init(bounding text: String, signatures: [NoteSignature]) throws(SignedNoteError) {
    guard signatures.count <= Self.signatureCountMax else { throw .tooManySignatures(max: Self.signatureCountMax) }
    self.init(text: text, signatures: signatures)
    guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
  }
}

// MARK: - Parsing

extension SignedNote {
  /// Reads a note's file, whoever signed it.
  public init(parsing bytes: [UInt8]) throws(SignedNoteError) {
    guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    guard !bytes.contains(where: Self.isForbidden) else { throw .controlCharacter }
    guard let (textBytes, signatureBytes) = Self.split(bytes) else { throw .noEmptyLine }
    guard let text = String(validating: textBytes, as: UTF8.self),
      let signatureText = String(validating: signatureBytes, as: UTF8.self)
    else { throw .notUTF8 }
    self.init(text: text, signatures: try NoteSignature.parse(lines: signatureText))
  }

  /// The text with its LF, and the signature lines: the **last** empty line parts them, since a text may have its own.
  private static func split(_ bytes: [UInt8]) -> (text: ArraySlice<UInt8>, signatures: ArraySlice<UInt8>)? {
    for second in bytes.indices.dropFirst().reversed() where bytes[second] == lineFeed {
      if bytes[second - 1] == lineFeed { return (bytes[..<second], bytes[(second + 1)...]) }
    }
    return nil
  }

  fileprivate static let lineFeed = UInt8(ascii: "\n")

  fileprivate static func isForbidden(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != lineFeed
  }
}

// MARK: - Verifying

extension SignedNote {
  /// Checks the signatures of all keys in `keys`, and returns the keys that signed, each once, in the note's order.
  ///
  /// The rules of c2sp.org/signed-note, "Signatures": a signature whose name and key ID are not both those of one
  /// known key is ignored; a failing signature of a known key rejects the whole note, even beside good ones; a note
  /// without a good signature of a known key is rejected.
  public func verify(with keys: [NoteVerifierKey]) throws(SignedNoteError) -> [NoteVerifierKey] {
    try verifiedSignatures(with: keys).map(\.key)
  }

  /// Checks as `verify(with:)` does, and tells also when cosigners signed. Of several good signatures of one key it
  /// returns the first.
  public func verifiedSignatures(with keys: [NoteVerifierKey]) throws(SignedNoteError) -> [VerifiedSignature] {
    var verified: [VerifiedSignature] = []
    for signature in signatures {
      let named = Set(keys.filter { $0.isNamed(signature.name, signature.keyID) })
      guard let key = named.first else { continue }
      // Two public keys that share name and ID are a collision that somebody made: no telling which one is meant.
      guard named.count == 1 else { throw .ambiguousKey(name: key.name, keyID: key.keyID) }
      guard let good = key.verify(signature.signature, of: text) else {
        throw .invalidSignature(name: key.name, keyID: key.keyID)
      }
      if !verified.contains(where: { $0.key == key }) { verified.append(good) }
    }
    guard !verified.isEmpty else { throw .noKnownSignature }
    return verified
  }
}

/// One signature line of a note. Its type is known to whoever knows the key, so any length is kept.
public struct NoteSignature: Hashable, Sendable {
  public let name: String
  public let keyID: UInt32

  /// What follows the key ID: 64 bytes for Ed25519, eight more before them for a cosignature.
  public let signature: [UInt8]

  init(name: String, keyID: UInt32, signature: [UInt8]) {
    self.name = name
    self.keyID = keyID
    self.signature = signature
  }

  /// Reads a line without its LF.
  public init?(line: Substring) {
    // Bytes, not characters: Swift would join the space to an accent after it.
    guard
      let fields = line.removing(prefix: Self.start)?.utf8
        .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    else { return nil }
    guard fields.count == 2, NoteKeyName.isValid(Substring(fields[0])) else { return nil }
    guard let blob = Base64.decode(Substring(fields[1])), blob.count > 4 else { return nil }
    name = String(Substring(fields[0]))
    keyID = blob.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    signature = Array(blob.dropFirst(4))
  }

  /// Reads signature lines that stand alone, each with its LF: what a witness answers (c2sp.org/tlog-witness).
  public static func parse(lines bytes: [UInt8]) throws(SignedNoteError) -> [NoteSignature] {
    guard bytes.count <= SignedNote.byteCountMax else { throw .tooLong(byteCountMax: SignedNote.byteCountMax) }
    guard !bytes.contains(where: SignedNote.isForbidden) else { throw .controlCharacter }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return try parse(lines: text)
  }

  fileprivate static func parse(lines text: String) throws(SignedNoteError) -> [NoteSignature] {
    guard !text.isEmpty else { throw .unsigned }
    guard text.utf8.last == SignedNote.lineFeed else { throw .noFinalLineFeed }
    let lines = text.utf8.dropLast().split(separator: SignedNote.lineFeed, omittingEmptySubsequences: false)
    guard lines.count <= SignedNote.signatureCountMax else {
      throw .tooManySignatures(max: SignedNote.signatureCountMax)
    }
    var signatures: [NoteSignature] = []
    for (index, line) in lines.enumerated() {
      guard let signature = NoteSignature(line: Substring(line)) else {
        throw .malformedSignatureLine(number: index + 1)
      }
      signatures.append(signature)
    }
    return signatures
  }

  /// The line with its LF.
  public var line: String {
    "\(Self.start)\(name) \(Base64.encode(keyID.bigEndianBytes + signature))\n"
  }

  /// True when the line names this key, whatever it signs.
  public func isNamed(_ key: NoteVerifierKey) -> Bool { key.isNamed(name, keyID) }

  /// True for signatures that name the same key, byte for byte.
  func hasSameKey(as other: NoteSignature) -> Bool {
    keyID == other.keyID && name.utf8.elementsEqual(other.name.utf8)
  }

  /// Em dash and space.
  private static let start = "\u{2014} "
}

/// Why bytes are no signed note, or a signed note is not to be believed.
public enum SignedNoteError: Error, Hashable {
  // The form is wrong.
  case controlCharacter
  case malformedSignatureLine(number: Int)
  case noEmptyLine
  case noFinalLineFeed
  case notUTF8
  case textWithoutFinalLineFeed
  case tooLong(byteCountMax: Int)
  case tooManySignatures(max: Int)
  case unsigned
  // The form is right, the signatures are not.
  case ambiguousKey(name: String, keyID: UInt32)
  case invalidSignature(name: String, keyID: UInt32)
  case noKeyOfOrigin(String)
  case noKnownSignature
}

extension SignedNoteError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .controlCharacter: "couldn't use note: it contains a control character other than LF"
    case .malformedSignatureLine(let number): "couldn't read note: its signature line \(number) is malformed"
    case .noEmptyLine: "couldn't read note: no empty line parts text and signatures"
    case .noFinalLineFeed: "couldn't read note: its last line does not end in LF"
    case .notUTF8: "couldn't read note: it is not UTF-8"
    case .textWithoutFinalLineFeed: "couldn't sign note: its text does not end in LF"
    case .tooLong(let byteCountMax): "couldn't use note: it is longer than \(byteCountMax) bytes"
    case .tooManySignatures(let max): "couldn't use note: it has more than \(max) signatures"
    case .unsigned: "couldn't use note: it has no signature"
    case .ambiguousKey(let name, let keyID):
      "couldn't verify note: two keys are named \(name) with key ID \(Hexadecimal.encode(keyID.bigEndianBytes))"
    case .invalidSignature(let name, let keyID):
      "couldn't verify note: the signature of \(name) with key ID \(Hexadecimal.encode(keyID.bigEndianBytes)) is wrong"
    case .noKeyOfOrigin(let origin): "couldn't verify note: no key is known for the log \(origin)"
    case .noKnownSignature: "couldn't verify note: none of its signatures is by a known key"
    }
  }
}

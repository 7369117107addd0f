/// What a log asks a witness to cosign (c2sp.org/tlog-witness, "add-checkpoint"): the body of the request.
///
///     old <size>
///     <base64 of a hash>                 (the consistency proof from that size)
///     (one empty line)
///     <the checkpoint, a signed note>
///
/// Parsing accepts one spelling of every request; whether to do what it asks is for `Witness.judge` to say.
public struct WitnessRequest: Sendable {
  /// The most hashes that a request may carry.
  public static let hashCountMax = 63

  /// The longest request that is read, in bytes; every request that can be written is shorter.
  public static let byteCountMax = SignedNote.byteCountMax + 4 * 1024

  /// The size that the log believes to be the witness's latest; 0 when it knows none.
  public let oldSize: UInt64

  /// The consistency proof from the old size to the checkpoint's.
  public let hashes: [MerkleHash]

  /// The checkpoint, signed by the log.
  public let note: SignedNote

  public init(oldSize: UInt64, hashes: [MerkleHash], note: SignedNote) throws(WitnessRequestError) {
    guard hashes.count <= Self.hashCountMax else { throw .tooManyHashes(max: Self.hashCountMax) }
    self.oldSize = oldSize
    self.hashes = hashes
    self.note = note
  }

  /// The first line of the checkpoint, by which a witness finds what it knows of the log. Nothing is verified.
  public var origin: String {
    String(Substring(note.text.utf8.prefix { $0 != UInt8(ascii: "\n") }))
  }

  /// The body of the request.
  public var bytes: [UInt8] {
    HeadedNote.join(header: [Self.oldStart + String(oldSize)] + hashes.map(\.base64), note: note)
  }

  /// Reads the body of a request, whoever sent it.
  public init(parsing bytes: [UInt8]) throws(WitnessRequestError) {
    guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    guard let (header, noteBytes) = HeadedNote.split(bytes) else { throw .noEmptyLine }
    guard let digits = header.first?.removing(prefix: Self.oldStart), let oldSize = DecimalNumber.parse(digits.utf8)
    else { throw .malformedOldSize }
    let lines = header.dropFirst()
    // Counted before any is decoded.
    guard lines.count <= Self.hashCountMax else { throw .tooManyHashes(max: Self.hashCountMax) }
    guard let hashes = HeadedNote.hashes(lines) else { throw .malformedHash }
    let note: SignedNote
    do {
      note = try SignedNote(parsing: noteBytes)
    } catch {
      throw .malformedCheckpoint(error)
    }
    try self.init(oldSize: oldSize, hashes: hashes, note: note)
  }

  private static let oldStart = "old "
}

/// Why bytes are no request to a witness.
public enum WitnessRequestError: Error, Hashable {
  case malformedCheckpoint(SignedNoteError)
  case malformedHash
  case malformedOldSize
  case noEmptyLine
  case tooLong(byteCountMax: Int)
  case tooManyHashes(max: Int)
}

extension WitnessRequestError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedCheckpoint(let error): "couldn't read witness request: its checkpoint is malformed: \(error)"
    case .malformedHash:
      "couldn't read witness request: a hash is not the base64 of \(MerkleHash.byteCount) bytes"
    case .malformedOldSize:
      "couldn't read witness request: its old size is not a decimal number without leading zeros"
    case .noEmptyLine: "couldn't read witness request: no empty line parts proof and checkpoint"
    case .tooLong(let byteCountMax): "couldn't read witness request: it is longer than \(byteCountMax) bytes"
    case .tooManyHashes(let max): "couldn't use witness request: it has more than \(max) hashes"
    }
  }
}

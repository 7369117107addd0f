/// All that shows, without asking anybody, that a log holds an entry (c2sp.org/tlog-proof): a `.tlog-proof` file.
///
///     c2sp.org/tlog-proof@v1
///     extra <base64>                     (if there is any)
///     index <decimal>
///     <base64 of a hash>                 (from the leaf's sibling to the root's child)
///     (one empty line)
///     <the checkpoint, a signed note>
///
/// Parsing accepts one spelling of every file, and a parsed file is well formed and no more: what it says is to be
/// believed only from `verify`, and `extra` never, since nobody has signed it.
public struct TlogProofFile: Sendable {
  /// The longest file that is read, in bytes; every file that can be written is shorter.
  public static let byteCountMax = 160 * 1024

  /// The longest extra data, in bytes.
  public static let extraByteCountMax = 64 * 1024

  public let index: UInt64
  public let hashes: [MerkleHash]

  /// What the application adds for itself; unauthenticated.
  public let extra: [UInt8]?

  /// The checkpoint, signed and perhaps cosigned.
  public let note: SignedNote

  public init(
    index: UInt64, hashes: [MerkleHash], extra: [UInt8]? = nil, note: SignedNote
  ) throws(TlogProofFileError) {
    guard hashes.count <= InclusionProof.hashCountMax else { throw .tooManyHashes(max: InclusionProof.hashCountMax) }
    if let extra {
      guard 1...Self.extraByteCountMax ~= extra.count else { throw .malformedExtra }
    }
    self.index = index
    self.hashes = hashes
    self.extra = extra
    self.note = note
  }

  /// The file.
  public var bytes: [UInt8] {
    let extra = extra.map { [Self.extraStart + Base64.encode($0)] } ?? []
    return HeadedNote.join(
      header: [Self.firstLine] + extra + [Self.indexStart + String(index)] + hashes.map(\.base64), note: note)
  }

  /// Reads a file, whoever made it.
  public init(parsing bytes: [UInt8]) throws(TlogProofFileError) {
    guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    guard let (header, noteBytes) = HeadedNote.split(bytes) else { throw .noEmptyLine }
    var lines = header[...]
    guard let first = lines.popFirst(), first.utf8.elementsEqual(Self.firstLine.utf8) else { throw .wrongFirstLine }
    var extra: [UInt8]?
    if let encoded = lines.first?.removing(prefix: Self.extraStart) {
      guard let decoded = Base64.decode(encoded) else { throw .malformedExtra }
      extra = decoded
      lines.removeFirst()
    }
    guard let digits = lines.popFirst()?.removing(prefix: Self.indexStart), let index = DecimalNumber.parse(digits.utf8)
    else { throw .malformedIndex }
    // Counted before any is decoded.
    guard lines.count <= InclusionProof.hashCountMax else { throw .tooManyHashes(max: InclusionProof.hashCountMax) }
    guard let hashes = HeadedNote.hashes(lines) else { throw .malformedHash }
    let note: SignedNote
    do {
      note = try SignedNote(parsing: noteBytes)
    } catch {
      throw .malformedCheckpoint(error)
    }
    try self.init(index: index, hashes: hashes, extra: extra, note: note)
  }

  private static let firstLine = "c2sp.org/tlog-proof@v1"
  private static let extraStart = "extra "
  private static let indexStart = "index "
}

// MARK: - Verifying

extension TlogProofFile {
  /// The checkpoint under which the entry with `leafHash` has this index, once the log that it names has signed it
  /// with one of `keys`. No witness is asked for.
  ///
  /// Throws `CheckpointError`, `SignedNoteError`, or `TlogProofFileError.notIncluded`.
  public func verify(leafHash: MerkleHash, with keys: [NoteVerifierKey]) throws -> Checkpoint {
    try verify(leafHash, under: note.checkpoint(signedBy: keys))
  }

  /// As `verify(leafHash:with:)`, for the stored bytes of an event.
  public func verify(entry: [UInt8], with keys: [NoteVerifierKey]) throws -> Checkpoint {
    try verify(leafHash: MerkleTree.leafHash(entry), with: keys)
  }

  /// The checkpoint under which the entry with `leafHash` has this index, once `policy` accepts it: signed by one of
  /// its logs and cosigned by its quorum.
  ///
  /// Throws `CheckpointError`, `SignedNoteError`, `LogPolicyRefusal`, or `TlogProofFileError.notIncluded`.
  public func verify(leafHash: MerkleHash, under policy: LogPolicy) throws -> Checkpoint {
    try verify(leafHash, under: policy.verify(note))
  }

  /// As `verify(leafHash:under:)`, for the stored bytes of an event.
  public func verify(entry: [UInt8], under policy: LogPolicy) throws -> Checkpoint {
    try verify(leafHash: MerkleTree.leafHash(entry), under: policy)
  }

  private func verify(
    _ leafHash: MerkleHash, under checkpoint: Checkpoint
  ) throws(TlogProofFileError) -> Checkpoint {
    let proof = InclusionProof(index: index, size: checkpoint.size, hashes: hashes)
    guard proof.verifies(leafHash: leafHash, root: checkpoint.root) else {
      throw .notIncluded(index: index, size: checkpoint.size)
    }
    return checkpoint
  }
}

/// Why bytes are no proof file, or a proof file does not prove.
public enum TlogProofFileError: Error, Hashable {
  // The form is wrong.
  case malformedCheckpoint(SignedNoteError)
  case malformedExtra
  case malformedHash
  case malformedIndex
  case noEmptyLine
  case tooLong(byteCountMax: Int)
  case tooManyHashes(max: Int)
  case wrongFirstLine
  // The form and the signatures are right, the proof is not.
  case notIncluded(index: UInt64, size: UInt64)
}

extension TlogProofFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedCheckpoint(let error): "couldn't read proof file: its checkpoint is malformed: \(error)"
    case .malformedExtra:
      "couldn't use proof file: its extra data is not the base64 of 1 to \(TlogProofFile.extraByteCountMax) bytes"
    case .malformedHash:
      "couldn't read proof file: a hash is not the base64 of \(MerkleHash.byteCount) bytes"
    case .malformedIndex: "couldn't read proof file: its index is not a decimal number without leading zeros"
    case .noEmptyLine: "couldn't read proof file: no empty line parts proof and checkpoint"
    case .tooLong(let byteCountMax): "couldn't read proof file: it is longer than \(byteCountMax) bytes"
    case .tooManyHashes(let max): "couldn't use proof file: it has more than \(max) hashes"
    case .wrongFirstLine: "couldn't read proof file: it does not start with c2sp.org/tlog-proof@v1"
    case .notIncluded(let index, let size):
      "couldn't verify proof file: the entry is not at index \(index) of the tree of size \(size)"
    }
  }
}

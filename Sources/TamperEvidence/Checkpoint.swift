/// The head of a log as a log signs it (c2sp.org/tlog-checkpoint): the text of a signed note.
///
///     <origin>
///     <tree size, decimal>
///     <base64 of the root>
///
/// Extension lines may follow. They are kept when read, so that `noteText` gives back what was signed, and never made.
///
/// - Warning: A log must never sign two checkpoints that contradict each other. Nothing here can see to that.
public struct Checkpoint: Hashable, Sendable {
  /// Names the log, for ever; the key that signs has the same name.
  public let origin: String

  /// The number of leaves.
  public let size: UInt64

  /// The RFC 6962 tree hash of the first `size` leaves.
  public let root: MerkleHash

  /// Lines after the root that the specification lets a log add; no auditor can check them.
  public let extensionLines: [String]

  /// Describes a head of our own log. It traps where `init(validating:size:root:)` would throw.
  public init(origin: String, size: UInt64, root: MerkleHash) {
    do {
      try self.init(validating: origin, size: size, root: root)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Describes a head of which origin, size or root come from outside, such as from a configuration.
  public init(validating origin: String, size: UInt64, root: MerkleHash) throws(CheckpointError) {
    try self.init(origin: origin, size: size, root: root, extensionLines: [])
  }

  private init(
    origin: String, size: UInt64, root: MerkleHash, extensionLines: [String]
  ) throws(CheckpointError) {
    guard Self.isValidLine(origin) else { throw .malformedOrigin }
    guard size > 0 || root == .empty else { throw .wrongEmptyRoot }
    self.origin = origin
    self.size = size
    self.root = root
    self.extensionLines = extensionLines
  }

  /// What is signed.
  public var noteText: String {
    ([origin, String(size), root.base64] + extensionLines).map { $0 + "\n" }.joined()
  }

  /// Reads the text of a note whose signatures somebody has verified.
  public init(noteText: String) throws(CheckpointError) {
    guard noteText.utf8.count <= SignedNote.byteCountMax else { throw .tooLong(byteCountMax: SignedNote.byteCountMax) }
    guard noteText.utf8.last == Self.lineFeed else { throw .noFinalLineFeed }
    let lines = noteText.utf8.dropLast().split(separator: Self.lineFeed, omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    guard lines.count >= 3 else { throw .tooFewLines }
    guard let size = DecimalNumber.parse(lines[1].utf8) else { throw .malformedSize }
    guard let root = MerkleHash(base64: lines[2]) else { throw .malformedRoot }
    guard lines[3...].allSatisfy(Self.isValidLine) else { throw .malformedExtensionLine }
    try self.init(origin: lines[0], size: size, root: root, extensionLines: Array(lines[3...]))
  }

  private static let lineFeed = UInt8(ascii: "\n")

  private static func isValidLine(_ line: String) -> Bool {
    !line.isEmpty && line.utf8.allSatisfy { $0 >= 0x20 }
  }
}

/// Why a text is no checkpoint.
public enum CheckpointError: Error, Hashable {
  case malformedExtensionLine
  case malformedOrigin
  case malformedRoot
  case malformedSize
  case noFinalLineFeed
  case tooFewLines
  case tooLong(byteCountMax: Int)
  case wrongEmptyRoot
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedExtensionLine: "couldn't read checkpoint: an extension line is empty or has a control character"
    case .malformedOrigin: "couldn't use checkpoint: its origin is empty or has a control character"
    case .malformedRoot: "couldn't read checkpoint: its root is not the base64 of \(MerkleHash.byteCount) bytes"
    case .malformedSize: "couldn't read checkpoint: its size is not a decimal number without leading zeros"
    case .noFinalLineFeed: "couldn't read checkpoint: its last line does not end in LF"
    case .tooFewLines: "couldn't read checkpoint: it has fewer than three lines"
    case .tooLong(let byteCountMax): "couldn't read checkpoint: it is longer than \(byteCountMax) bytes"
    case .wrongEmptyRoot: "couldn't use checkpoint: a tree of size 0 has the root SHA-256 of nothing"
    }
  }
}

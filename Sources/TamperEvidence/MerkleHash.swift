/// A SHA-256 digest of a leaf, a node or a whole tree (RFC 6962 §2.1).
///
/// The 32 bytes lie inline in four words, so that an array of hashes is one allocation and comparing two of
/// them is four comparisons.
public struct MerkleHash: Hashable, Sendable {
  public static let byteCount = 32
  private static let base64ByteCount = 44

  /// The root of the empty tree: SHA-256 of no bytes at all (RFC 6962 §2.1).
  public static let empty = MerkleTree.hash(of: UnsafeRawBufferPointer(start: nil, count: 0))

  // The digest's bytes in memory order; as numbers the words mean nothing.
  private var word0: UInt64 = 0
  private var word1: UInt64 = 0
  private var word2: UInt64 = 0
  private var word3: UInt64 = 0

  /// Takes exactly 32 bytes; any other number gives nil.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
  }

  /// Takes the standard padded base64 of 32 bytes, as a checkpoint has it; any other spelling gives nil.
  public init?(base64: some StringProtocol) {
    guard base64.utf8.count == Self.base64ByteCount, let bytes = Base64.decode(base64) else { return nil }
    self.init(bytes: bytes)
  }

  /// Takes the first 32 bytes of a buffer that has them.
  init(copying buffer: UnsafeRawBufferPointer) {
    precondition(buffer.count >= Self.byteCount, "A Merkle hash has 32 bytes.")
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<Self.byteCount])
    withUnsafeMutableBytes(of: &self) { $0.copyMemory(from: bytes) }
  }

  public var bytes: [UInt8] {
    withUnsafeBytes { Array($0) }
  }

  public var base64: String {
    Base64.encode(bytes)
  }

  /// Lends the 32 bytes without copying them to the heap.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Swift.withUnsafeBytes(of: self, body)
  }
}

extension MerkleHash: CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public var description: String {
    withUnsafeBytes { Hexadecimal.encode($0) }
  }
}

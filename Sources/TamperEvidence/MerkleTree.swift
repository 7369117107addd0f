import Crypto

/// The two hash functions of a Merkle tree (RFC 6962 §2.1): the first byte tells a leaf from a node, so that
/// neither can be passed off as the other.
public enum MerkleTree {
  /// SHA-256(00 ‖ entry): the hash of the stored bytes of one event.
  public static func leafHash(_ entry: [UInt8]) -> MerkleHash {
    entry.withUnsafeBytes { leafHash($0) }
  }

  /// SHA-256(00 ‖ entry), for bytes that lie elsewhere than in an array, such as a row of a query result.
  public static func leafHash(_ entry: UnsafeRawBufferPointer) -> MerkleHash {
    var function = SHA256()
    withUnsafeBytes(of: leafPrefix) { function.update(bufferPointer: $0) }
    function.update(bufferPointer: entry)
    return function.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
  }

  /// SHA-256(01 ‖ left ‖ right): the hash of an inner node.
  public static func nodeHash(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * MerkleHash.byteCount, alignment: 1) { buffer in
      buffer[0] = nodePrefix
      left.withUnsafeBytes { buffer[1...].copyBytes(from: $0) }
      right.withUnsafeBytes { buffer[(1 + MerkleHash.byteCount)...].copyBytes(from: $0) }
      return hash(of: UnsafeRawBufferPointer(buffer))
    }
  }

  /// SHA-256 of bytes that are neither a leaf nor a node.
  public static func hash(of bytes: UnsafeRawBufferPointer) -> MerkleHash {
    var function = SHA256()
    function.update(bufferPointer: bytes)
    return function.finalize().withUnsafeBytes { MerkleHash(copying: $0) }
  }

  private static let leafPrefix: UInt8 = 0
  private static let nodePrefix: UInt8 = 1
}

import TamperEvidence
import Testing

struct MerkleFrontierTests {
  @Test func `a frontier survives its bytes at every size and grows on as before`() throws {
    var frontier = MerkleFrontier()
    for index in 0..<300 {
      let restored = try MerkleFrontier(size: frontier.size, bytes: frontier.bytes)
      #expect(restored == frontier)
      #expect(restored.root == frontier.root)
      var grown = restored
      grown.append(leaf(index))
      frontier.append(leaf(index))
      #expect(grown == frontier)
    }
  }

  @Test func `a frontier has 32 bytes for each bit set in its size`() {
    var frontier = MerkleFrontier()
    for index in 0..<300 {
      #expect(frontier.size == UInt64(index))
      #expect(frontier.bytes.count == 32 * index.nonzeroBitCount)
      frontier.append(leaf(index))
    }
  }

  @Test(arguments: [
    (0, 1), (0, 32), (1, 0), (1, 31), (1, 33), (1, 64), (2, 64), (3, 32), (3, 96), (7, 95), (255, 255), (256, 256),
    (UInt64.max, 2047), (UInt64.max, 2080),
  ])
  func `a frontier of the wrong length is refused`(size: UInt64, byteCount: Int) {
    let expected = 32 * size.nonzeroBitCount
    #expect(throws: MerkleFrontierError.wrongByteCount(size: size, expected: expected, actual: byteCount)) {
      try MerkleFrontier(size: size, bytes: [UInt8](repeating: 0, count: byteCount))
    }
  }

  @Test func `the largest tree has 64 hashes, and one leaf before it makes 63 of them merge`() throws {
    let largest = try MerkleFrontier(size: .max, bytes: [UInt8](repeating: 1, count: 64 * 32))
    #expect(largest.bytes.count == 64 * 32)
    var half = try MerkleFrontier(size: UInt64.max / 2, bytes: [UInt8](repeating: 1, count: 63 * 32))
    half.append(leaf(0))
    #expect(half.size == 1 << 63)
    #expect(half.bytes == half.root.bytes)
  }

  @Test func `the stored form lists the largest subtree first`() {
    var frontier = MerkleFrontier()
    for index in 0..<3 { frontier.append(leaf(index)) }
    #expect(frontier.bytes == MerkleTree.nodeHash(leaf(0), leaf(1)).bytes + leaf(2).bytes)
  }

  @Test func `one changed byte of a stored frontier changes the root`() throws {
    var frontier = MerkleFrontier()
    for index in 0..<7 { frontier.append(leaf(index)) }
    for index in frontier.bytes.indices {
      var bytes = frontier.bytes
      bytes[index] ^= 0x80
      #expect(try MerkleFrontier(size: 7, bytes: bytes).root != frontier.root)
    }
  }

  @Test func `leaves in another order give another root`() {
    var (forward, backward) = (MerkleFrontier(), MerkleFrontier())
    for index in 0..<5 {
      forward.append(leaf(index))
      backward.append(leaf(4 - index))
    }
    #expect(forward.root != backward.root)
  }

  private func leaf(_ index: Int) -> MerkleHash {
    MerkleTree.leafHash(Array("entry \(index)".utf8))
  }
}

import Crypto
import TamperEvidence
import Testing

struct MerkleTreeTests {
  @Test func `the empty tree has the root SHA-256 of nothing`() {
    #expect(MerkleHash.empty.description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(MerkleHash.empty.base64 == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    #expect(MerkleFrontier().root == .empty)
    #expect(MerkleFrontier().size == 0)
  }

  @Test func `a leaf without bytes is not the empty tree`() {
    let hash = MerkleTree.leafHash([])
    #expect(hash.description == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
  }

  @Test func `a leaf is hashed the same from an array and from a buffer`() {
    let entry = Array("event".utf8)
    #expect(entry.withUnsafeBytes { MerkleTree.leafHash($0) } == MerkleTree.leafHash(entry))
  }

  @Test func `a node is not the leaf of its children's bytes`() {
    let (left, right) = (MerkleTree.leafHash([1]), MerkleTree.leafHash([2]))
    #expect(MerkleTree.nodeHash(left, right) != MerkleTree.leafHash(left.bytes + right.bytes))
    #expect(MerkleTree.nodeHash(left, right) != MerkleTree.nodeHash(right, left))
  }

  @Test func `the trees of the Certificate Transparency test vectors have the known roots`() {
    var frontier = MerkleFrontier()
    for (entry, root) in Self.knownRoots {
      frontier.append(MerkleTree.leafHash(entry))
      #expect(frontier.root.description == root, "size \(frontier.size)")
    }
  }

  @Test func `the roots of random trees equal those of the recursive definition`() {
    var random = SplitMix64(seed: 6962)
    var entries: [[UInt8]] = []
    var frontier = MerkleFrontier()
    for _ in 0..<260 {
      let byteCount = Int.random(in: 0...700, using: &random)
      let entry = (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      entries.append(entry)
      frontier.append(MerkleTree.leafHash(entry))
      #expect(frontier.root.bytes == RecursiveModel.root(entries[...]), "size \(entries.count)")
    }
  }

  /// The leaves and roots that the implementations of RFC 6962 have tested with since 2012.
  private static let knownRoots: [([UInt8], String)] = [
    ([], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ([0x00], "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ([0x10], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ([0x20, 0x21], "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ([0x30, 0x31], "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ([0x40, 0x41, 0x42, 0x43], "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (Array(0x50...0x57), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (Array(0x60...0x6f), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
  ]
}

struct MerkleHashTests {
  @Test func `a hash has exactly 32 bytes`() {
    #expect(MerkleHash(bytes: [UInt8](repeating: 7, count: 31)) == nil)
    #expect(MerkleHash(bytes: [UInt8](repeating: 7, count: 33)) == nil)
    #expect(MerkleHash(bytes: [UInt8]()) == nil)
    #expect(MerkleHash(bytes: [UInt8](repeating: 7, count: 32)) != nil)
  }

  @Test func `a hash gives back its bytes, whatever collection they came in`() {
    let bytes = Array<UInt8>(0..<32)
    #expect(MerkleHash(bytes: bytes)?.bytes == bytes)
    #expect(MerkleHash(bytes: (0..<40).map(UInt8.init).prefix(32))?.bytes == bytes)
    #expect(MerkleHash(bytes: bytes.lazy.map { $0 })?.bytes == bytes)
    #expect(MerkleHash(bytes: bytes)?.description == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
  }

  @Test func `hashes that differ in one bit are unequal`() {
    for index in 0..<32 {
      var bytes = MerkleHash.empty.bytes
      bytes[index] ^= 1
      #expect(MerkleHash(bytes: bytes) != .empty)
    }
  }

  @Test func `a hash is read from its own base64 and from no other spelling`() {
    let base64 = MerkleHash.empty.base64
    #expect(MerkleHash(base64: base64) == .empty)
    #expect(MerkleHash(base64: base64.dropLast()) == nil, "without padding")
    #expect(MerkleHash(base64: base64 + "\n") == nil)
    #expect(MerkleHash(base64: base64.replacing("+", with: "-").replacing("/", with: "_")) == nil, "base64url")
    #expect(MerkleHash(base64: base64.replacing("FU=", with: "FV=")) == nil, "stray bits after the last byte")
    #expect(MerkleHash(base64: "AAAA") == nil)
    #expect(MerkleHash(base64: "") == nil)
  }
}

/// RFC 6962 §2.1, word for word: MTH(D[n]) = SHA-256(01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])), k the largest power of two < n.
private enum RecursiveModel {
  static func root(_ entries: ArraySlice<[UInt8]>) -> [UInt8] {
    guard let first = entries.first else { return Array(SHA256.hash(data: [UInt8]())) }
    guard entries.count > 1 else { return Array(SHA256.hash(data: [0] + first)) }
    var split = 1
    while split * 2 < entries.count { split *= 2 }
    return Array(SHA256.hash(data: [1] + root(entries.prefix(split)) + root(entries.dropFirst(split))))
  }
}

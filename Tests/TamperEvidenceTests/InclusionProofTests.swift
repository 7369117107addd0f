import MerkleReference
import TamperEvidence
import Testing

struct InclusionProofTests {
  @Test func `the proofs of all leaves of all trees to size 70 are those of RFC 6962 and verify`() {
    for size in 1...sizeMax {
      for index in 0..<size {
        let proof = proof(index, size)
        #expect(proof.hashes == tree.path(index, in: 0..<size), "leaf \(index) of \(size)")
        #expect(proof.root(leafHash: tree.leafHashes[index]) == tree.root(size), "leaf \(index) of \(size)")
        #expect(proof.verifies(leafHash: tree.leafHashes[index], root: tree.root(size)))
      }
    }
  }

  @Test func `a proof with a changed hash is refused, whichever hash it is`() {
    forEachProof { proof, leafHash, root in
      for position in proof.hashes.indices {
        var hashes = proof.hashes
        hashes[position] = hashes[position].flipping(bit: (position * 37 + Int(proof.index)) % 256)
        #expect(!with(proof, hashes).verifies(leafHash: leafHash, root: root))
      }
      #expect(!proof.verifies(leafHash: leafHash.flipping(bit: 255), root: root))
      #expect(!proof.verifies(leafHash: leafHash, root: root.flipping(bit: 0)))
    }
  }

  @Test func `a proof with a hash too few or too many has no root`() {
    forEachProof { proof, leafHash, root in
      for position in proof.hashes.indices {
        var hashes = proof.hashes
        hashes.remove(at: position)
        #expect(with(proof, hashes).root(leafHash: leafHash) == nil)
      }
      for position in [0, proof.hashes.count] {
        var hashes = proof.hashes
        hashes.insert(.empty, at: position)
        #expect(with(proof, hashes).root(leafHash: leafHash) == nil)
        hashes[position] = root
        #expect(with(proof, hashes).root(leafHash: leafHash) == nil)
      }
    }
  }

  @Test func `a proof with hashes in another order is refused`() {
    forEachProof { proof, leafHash, root in
      guard proof.hashes.count > 1 else { return }
      #expect(!with(proof, proof.hashes.reversed()).verifies(leafHash: leafHash, root: root))
    }
  }

  @Test func `a proof for another index is refused`() {
    for size in 1...33 {
      for index in 0..<size {
        let hashes = tree.path(index, in: 0..<size)
        for other in 0...(size + 1) where other != index {
          let proof = InclusionProof(index: UInt64(other), size: UInt64(size), hashes: hashes)
          #expect(!proof.verifies(leafHash: tree.leafHashes[index], root: tree.root(size)))
        }
        let far = InclusionProof(index: .max, size: UInt64(size), hashes: hashes)
        #expect(far.root(leafHash: tree.leafHashes[index]) == nil)
      }
    }
  }

  @Test func `a proof for another size is refused by that size's root`() {
    for size in 1...33 {
      for index in 0..<size {
        let hashes = tree.path(index, in: 0..<size)
        for other in 0...40 where other != size {
          let proof = InclusionProof(index: UInt64(index), size: UInt64(other), hashes: hashes)
          #expect(!proof.verifies(leafHash: tree.leafHashes[index], root: tree.root(other)))
        }
      }
    }
  }

  @Test func `the empty tree has no proof`() {
    #expect(InclusionProof(index: 0, size: 0, hashes: []).root(leafHash: .empty) == nil)
    #expect(!InclusionProof(index: 0, size: 0, hashes: []).verifies(leafHash: .empty, root: .empty))
  }

  @Test func `a leaf is the root of the tree of size 1`() {
    let leaf = tree.leafHashes[0]
    #expect(InclusionProof(index: 0, size: 1, hashes: []).root(leafHash: leaf) == leaf)
  }

  @Test func `the largest tree has proofs of up to 64 hashes`() {
    let first = InclusionProof.ranges(index: 0, size: .max)
    #expect(first.count == InclusionProof.hashCountMax)
    #expect(first.first == LeafRange(1..<2))
    #expect(first.last == LeafRange(1 << 63..<UInt64.max))
    let last = InclusionProof.ranges(index: .max - 1, size: .max)
    #expect(last.count == 63)
    #expect(last.last == LeafRange(0..<1 << 63))
    for (index, ranges) in [(0, first), (UInt64.max - 1, last)] {
      let hashes = [MerkleHash](repeating: .empty, count: ranges.count)
      #expect(InclusionProof(index: index, size: .max, hashes: hashes).root(leafHash: .empty) != nil)
      #expect(InclusionProof(index: index, size: .max, hashes: hashes + [.empty]).root(leafHash: .empty) == nil)
      #expect(InclusionProof(index: index, size: .max, hashes: hashes.dropLast()).root(leafHash: .empty) == nil)
    }
  }

  @Test func `the audit paths of the Certificate Transparency test vectors verify`() throws {
    for vector in Self.vectors {
      let proof = InclusionProof(
        index: vector.index, size: vector.size, hashes: try vector.hashes.map { try TestVectors.hash($0) })
      let leafHash = MerkleTree.leafHash(TestVectors.entries[Int(vector.index)])
      #expect(proof.verifies(leafHash: leafHash, root: try TestVectors.root(size: Int(vector.size))))
    }
  }

  private static let vectors: [(index: UInt64, size: UInt64, hashes: [String])] = [
    (0, 1, []),
    (
      0, 8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]
    ),
    (
      5, 8,
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
      1, 5,
      [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]
    ),
  ]

  private let sizeMax = 70
  private let tree = ReferenceTree(size: 70)

  private func proof(_ index: Int, _ size: Int) -> InclusionProof {
    let hashes = InclusionProof.ranges(index: UInt64(index), size: UInt64(size)).map {
      tree.hash(Int($0.lower)..<Int($0.upper))
    }
    return InclusionProof(index: UInt64(index), size: UInt64(size), hashes: hashes)
  }

  private func with(_ proof: InclusionProof, _ hashes: [MerkleHash]) -> InclusionProof {
    InclusionProof(index: proof.index, size: proof.size, hashes: hashes)
  }

  private func forEachProof(_ body: (InclusionProof, _ leafHash: MerkleHash, _ root: MerkleHash) -> Void) {
    for size in 1...sizeMax {
      for index in 0..<size { body(proof(index, size), tree.leafHashes[index], tree.root(size)) }
    }
  }
}

/// The leaves that the implementations of RFC 6962 have tested with since 2012.
enum TestVectors {
  static let entries: [[UInt8]] = [
    [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57), Array(0x60...0x6f),
  ]

  static func hash(_ digits: String) throws -> MerkleHash {
    let values = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
    let bytes = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    return try #require(MerkleHash(bytes: bytes))
  }

  static func root(size: Int) throws -> MerkleHash {
    try hash(roots[size - 1])
  }

  private static let roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]
}

import MerkleReference
import TamperEvidence
import Testing

struct ConsistencyProofTests {
  @Test func `the proofs between all trees to size 70 are those of RFC 6962 and verify`() {
    forEachPair { old, new in
      let proof = proof(old, new)
      if old > 0 { #expect(proof.hashes == tree.consistency(old, new), "\(old) to \(new)") }
      #expect(proof.verifies(oldRoot: tree.root(old), newRoot: tree.root(new)), "\(old) to \(new)")
    }
  }

  @Test func `every tree continues the empty one without a hash`() {
    for new in 0...sizeMax {
      #expect(ConsistencyProof.ranges(from: 0, to: UInt64(new)).isEmpty)
      #expect(proof(0, new).verifies(oldRoot: .empty, newRoot: tree.root(new)))
      #expect(!with(proof(0, new), [tree.root(1)]).verifies(oldRoot: .empty, newRoot: tree.root(new)))
      #expect(!proof(0, new).verifies(oldRoot: tree.root(1), newRoot: tree.root(new)))
    }
    #expect(!proof(0, 0).verifies(oldRoot: .empty, newRoot: tree.root(1)))
    #expect(!proof(0, 0).verifies(oldRoot: tree.root(1), newRoot: tree.root(1)))
  }

  @Test func `a tree continues itself without a hash, and no other of its size`() {
    for size in 1...sizeMax {
      let root = tree.root(size)
      #expect(ConsistencyProof.ranges(from: UInt64(size), to: UInt64(size)).isEmpty)
      #expect(proof(size, size).verifies(oldRoot: root, newRoot: root))
      #expect(!proof(size, size).verifies(oldRoot: root, newRoot: root.flipping(bit: 9)))
      #expect(!with(proof(size, size), [root]).verifies(oldRoot: root, newRoot: root))
    }
  }

  @Test func `a proof with a changed hash or root is refused, whichever it is`() {
    forEachPair { old, new in
      guard 0 < old, old < new else { return }
      let proof = proof(old, new)
      let (oldRoot, newRoot) = (tree.root(old), tree.root(new))
      for position in proof.hashes.indices {
        var hashes = proof.hashes
        hashes[position] = hashes[position].flipping(bit: (position * 37 + old) % 256)
        #expect(!with(proof, hashes).verifies(oldRoot: oldRoot, newRoot: newRoot), "\(old) to \(new)")
      }
      #expect(!proof.verifies(oldRoot: oldRoot.flipping(bit: 0), newRoot: newRoot), "\(old) to \(new)")
      #expect(!proof.verifies(oldRoot: oldRoot, newRoot: newRoot.flipping(bit: 255)), "\(old) to \(new)")
      #expect(!proof.verifies(oldRoot: newRoot, newRoot: oldRoot), "\(old) to \(new)")
    }
  }

  @Test func `a proof with a hash too few or too many is refused`() {
    forEachPair { old, new in
      guard 0 < old, old < new else { return }
      let proof = proof(old, new)
      let (oldRoot, newRoot) = (tree.root(old), tree.root(new))
      for position in proof.hashes.indices {
        var hashes = proof.hashes
        hashes.remove(at: position)
        #expect(!with(proof, hashes).verifies(oldRoot: oldRoot, newRoot: newRoot), "\(old) to \(new)")
      }
      for position in [0, proof.hashes.count] {
        for added in [MerkleHash.empty, oldRoot, newRoot] {
          var hashes = proof.hashes
          hashes.insert(added, at: position)
          #expect(!with(proof, hashes).verifies(oldRoot: oldRoot, newRoot: newRoot), "\(old) to \(new)")
        }
      }
    }
  }

  @Test func `a proof serves other sizes only where RFC 6962 makes it of the same hashes`() {
    for new in 1...20 {
      for old in 1..<new {
        let hashes = tree.consistency(old, new)
        for otherNew in 1...22 {
          for otherOld in 1..<otherNew {
            let other = ConsistencyProof(oldSize: UInt64(otherOld), newSize: UInt64(otherNew), hashes: hashes)
            let isSame = tree.consistency(otherOld, otherNew) == hashes
            #expect(
              other.verifies(oldRoot: tree.root(otherOld), newRoot: tree.root(otherNew)) == isSame,
              "\(old) to \(new) as \(otherOld) to \(otherNew)")
          }
        }
      }
    }
  }

  @Test func `a tree that shrank continues nothing`() {
    for new in 0...sizeMax {
      for old in (new + 1)...(sizeMax + 1) {
        let proof = ConsistencyProof(oldSize: UInt64(old), newSize: UInt64(new), hashes: [])
        #expect(!proof.verifies(oldRoot: tree.root(min(old, sizeMax)), newRoot: tree.root(new)))
      }
    }
  }

  @Test func `a history with another entry is no continuation`() {
    // The same new tree, but the old one had another last entry.
    for new in 2...33 {
      for old in 1..<new {
        var fork = MerkleFrontier()
        for leaf in tree.leafHashes.prefix(old - 1) { fork.append(leaf) }
        fork.append(MerkleTree.leafHash(Array("other".utf8)))
        #expect(!proof(old, new).verifies(oldRoot: fork.root, newRoot: tree.root(new)))
      }
    }
  }

  @Test func `the largest trees have a proof that ends`() {
    for (old, new) in [(UInt64.max - 1, UInt64.max), (1, .max), (1 << 63, .max), (1 << 63 + 1, .max)] {
      let ranges = ConsistencyProof.ranges(from: old, to: new)
      let hashes = [MerkleHash](repeating: .empty, count: ranges.count)
      let proof = ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
      #expect(ranges.count <= 65)
      #expect(!proof.verifies(oldRoot: .empty, newRoot: .empty))
    }
    #expect(ConsistencyProof.ranges(from: 1 << 63, to: .max) == [LeafRange(1 << 63..<UInt64.max)])
  }

  @Test func `the consistency proofs of the Certificate Transparency test vectors verify`() throws {
    for vector in Self.vectors {
      let proof = ConsistencyProof(
        oldSize: vector.old, newSize: vector.new, hashes: try vector.hashes.map { try TestVectors.hash($0) })
      let (oldRoot, newRoot) = (
        try TestVectors.root(size: Int(vector.old)), try TestVectors.root(size: Int(vector.new))
      )
      #expect(proof.verifies(oldRoot: oldRoot, newRoot: newRoot))
    }
  }

  private static let vectors: [(old: UInt64, new: UInt64, hashes: [String])] = [
    (1, 1, []),
    (
      1, 8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]
    ),
    (
      6, 8,
      [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]
    ),
    (
      2, 5,
      [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]
    ),
  ]

  private let sizeMax = 70
  private let tree = ReferenceTree(size: 70)

  private func proof(_ old: Int, _ new: Int) -> ConsistencyProof {
    let hashes = ConsistencyProof.ranges(from: UInt64(old), to: UInt64(new)).map {
      tree.hash(Int($0.lower)..<Int($0.upper))
    }
    return ConsistencyProof(oldSize: UInt64(old), newSize: UInt64(new), hashes: hashes)
  }

  private func with(_ proof: ConsistencyProof, _ hashes: [MerkleHash]) -> ConsistencyProof {
    ConsistencyProof(oldSize: proof.oldSize, newSize: proof.newSize, hashes: hashes)
  }

  private func forEachPair(_ body: (_ old: Int, _ new: Int) -> Void) {
    for new in 0...sizeMax {
      for old in 0...new { body(old, new) }
    }
  }
}

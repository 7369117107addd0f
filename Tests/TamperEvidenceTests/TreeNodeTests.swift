import MerkleReference
import TamperEvidence
import Testing

struct TreeNodeTests {
  @Test func `a node stands for the leaves below it`() {
    #expect(TreeNode(level: 0, index: 5).leaves == LeafRange(5..<6))
    #expect(TreeNode(level: 3, index: 2).leaves == LeafRange(16..<24))
    #expect(TreeNode(level: 63, index: 0).leaves == LeafRange(0..<1 << 63))
  }

  @Test func `a node is in a tree once all its leaves are`() {
    let node = TreeNode(level: 3, index: 2)
    #expect(!node.isContained(inTreeOf: 0))
    #expect(!node.isContained(inTreeOf: 23))
    #expect(node.isContained(inTreeOf: 24))
    #expect(node.isContained(inTreeOf: .max))
    #expect(!TreeNode(level: 0, index: .max - 1).isContained(inTreeOf: .max - 1))
    #expect(TreeNode(level: 0, index: .max - 1).isContained(inTreeOf: .max))
  }
}

struct LeafRangeTests {
  @Test func `a range from 0 falls into one node for each bit of its count, the largest first`() {
    for size in UInt64(0)...300 {
      let nodes = LeafRange(0..<size).nodes
      #expect(nodes.map(\.level) == (0..<64).reversed().filter { size >> $0 & 1 == 1 })
      expectAdjoining(nodes, 0..<size)
    }
    let all = LeafRange(0..<UInt64.max).nodes
    #expect(all.map(\.level) == (0..<64).reversed())
    expectAdjoining(all, 0..<UInt64.max)
  }

  @Test func `a range that starts inside a tree falls into adjoining nodes`() {
    #expect(
      LeafRange(8..<15).nodes
        == [TreeNode(level: 2, index: 2), TreeNode(level: 1, index: 6), TreeNode(level: 0, index: 14)])
    #expect(LeafRange(6..<8).nodes == [TreeNode(level: 1, index: 3)])
    #expect(LeafRange(2..<5).nodes == [TreeNode(level: 1, index: 1), TreeNode(level: 0, index: 4)])
    #expect(LeafRange(7..<7).nodes.isEmpty)
  }

  @Test func `the hash of every range of a tree is the one that RFC 6962 defines`() {
    let tree = ReferenceTree(size: 70)
    var count = 0
    for lower in 0...70 {
      for upper in lower...70 where isPart(lower..<upper) {
        let hash = LeafRange(UInt64(lower)..<UInt64(upper)).hash { node in
          tree.hash(Int(node.leaves.lower)..<Int(node.leaves.upper))
        }
        #expect(hash == tree.hash(lower..<upper), "\(lower)..<\(upper)")
        count += 1
      }
    }
    #expect(count > 300)
  }

  @Test func `the hash of a range asks for each of its nodes once`() {
    let tree = ReferenceTree(size: 70)
    for size in 0...70 {
      let range = LeafRange(0..<UInt64(size))
      var asked: [TreeNode] = []
      _ = range.hash { node in
        asked.append(node)
        return tree.hash(Int(node.leaves.lower)..<Int(node.leaves.upper))
      }
      #expect(asked.reversed() == range.nodes)
    }
  }

  @Test func `a hash that is missing stops the hashing with the error it was given`() {
    struct Missing: Error, Equatable { let node: TreeNode }
    let missing = TreeNode(level: 1, index: 2)
    #expect(throws: Missing(node: missing)) {
      try LeafRange(0..<7).hash { node throws(Missing) in
        guard node != missing else { throw Missing(node: node) }
        return .empty
      }
    }
  }

  private func isPart(_ range: Range<Int>) -> Bool {
    var power = 1
    while power * 2 <= range.count { power *= 2 }
    return range.isEmpty || range.lowerBound.isMultiple(of: power)
  }

  private func expectAdjoining(_ nodes: [TreeNode], _ range: Range<UInt64>) {
    var end = range.lowerBound
    for node in nodes {
      #expect(node.leaves.lower == end)
      end = node.leaves.upper
    }
    #expect(end == range.upperBound)
  }
}

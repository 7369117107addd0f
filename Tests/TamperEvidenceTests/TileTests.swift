import MerkleReference
import TamperEvidence
import Testing

struct TileIndexTests {
  @Test(arguments: [
    (0, 256, "000"), (0, 1, "000.p/1"), (5, 256, "005"), (273, 112, "273.p/112"), (999, 256, "999"),
    (1000, 256, "x001/000"), (1_234_067, 256, "x001/x234/067"), (1_234_067, 255, "x001/x234/067.p/255"),
    (999_999, 9, "x999/999.p/9"), (1_000_000, 256, "x001/x000/000"),
    (UInt64.max, 255, "x018/x446/x744/x073/x709/x551/615.p/255"),
  ])
  func `an index has one path, which is read back`(index: UInt64, width: Int, path: String) {
    let tileIndex = TileIndex(index: index, width: width)
    #expect(tileIndex.path == path)
    #expect(TileIndex(path: path) == tileIndex)
  }

  @Test(arguments: [
    "", "0", "00", "0000", "x000", "x000/001", "x001", "x001/x234", "1/234", "x1/234", "001/234", "x001/234/067",
    "X001/234", "x001//234", "x001/234/", "/x001/234", "x0011/234", "x01/234", "xx001/234", "12x", "-01", "+01", "٠٠١",
    "001.p", "001.p/", "001.p/0", "001.p/256", "001.p/01", "001.p/+1", "001.p/1/", "001.p/1.p/1", "001.P/1", "001.p1",
    "001.q/1", "001 .p/1", "001.p/ 1", ".p/1", "x001/234x", "x018/x446/x744/x073/x709/x551/616",
    "x001/x018/x446/x744/x073/x709/x551/615", "001.p/99999999999999999999", "0\u{301}01",
  ])
  func `a path in any other spelling is refused`(path: String) {
    #expect(TileIndex(path: path) == nil)
  }

  @Test func `every path of the first four thousand tiles is read back`() {
    for index in UInt64(0)..<4000 {
      let tileIndex = TileIndex(index: index, width: Int(index % 256) + 1)
      #expect(TileIndex(path: tileIndex.path) == tileIndex)
    }
  }

  @Test func `a row is cut into full tiles and at most one partial tile`() {
    #expect(TileIndex.all(inRowOf: 0).isEmpty)
    #expect(TileIndex.all(inRowOf: 1) == [TileIndex(index: 0, width: 1)])
    #expect(TileIndex.all(inRowOf: 255) == [TileIndex(index: 0, width: 255)])
    #expect(TileIndex.all(inRowOf: 256) == [TileIndex(index: 0)])
    #expect(TileIndex.all(inRowOf: 257) == [TileIndex(index: 0), TileIndex(index: 1, width: 1)])
  }

  @Test func `a tile is in a row that has all it is to hold, and in no shorter one`() {
    for (index, width) in [(0, 1), (0, 255), (0, 256), (1, 1), (3, 256)] as [(UInt64, Int)] {
      let tileIndex = TileIndex(index: index, width: width)
      let end = index * 256 + UInt64(width)
      for count in UInt64(0)...1100 {
        #expect(tileIndex.isContained(inRowOf: count) == (count >= end), "\(tileIndex) of \(count)")
      }
    }
    #expect(!TileIndex(index: .max).isContained(inRowOf: .max))
    #expect(!TileIndex(index: UInt64.max / 256).isContained(inRowOf: .max))
    #expect(TileIndex(index: UInt64.max / 256, width: 255).isContained(inRowOf: .max))
  }

  @Test func `the same index names a tile, a bundle and whatever else is kept in rows of 256`() {
    let tileIndex = TileIndex(index: 1_234_067, width: 9)
    #expect(Tile(level: 0, tileIndex: tileIndex).path == "tile/0/x001/x234/067.p/9")
    #expect(EntryBundle(tileIndex: tileIndex).path == "tile/entries/x001/x234/067.p/9")
    #expect("disclosures/\(tileIndex)" == "disclosures/x001/x234/067.p/9")
  }
}

struct TileTests {
  @Test(arguments: [
    (0, 0, 256, "tile/0/000"), (0, 1_234_067, 112, "tile/0/x001/x234/067.p/112"), (1, 273, 17, "tile/1/273.p/17"),
    (10, 7, 1, "tile/10/007.p/1"), (63, 0, 256, "tile/63/000"),
  ])
  func `a tile has one path, which is read back`(level: Int, index: UInt64, width: Int, path: String) {
    let tile = Tile(level: level, index: index, width: width)
    #expect(tile.path == path)
    #expect(Tile(path: path) == tile)
  }

  @Test(arguments: [
    "", "tile", "tile/", "tile/0", "tile/0/", "tile//000", "/tile/0/000", "tile/00/000", "tile/01/000", "tile/64/000",
    "tile/-1/000", "tile/+1/000", "tile/256/000", "tile/18446744073709551616/000", "tile/entries/000", "tile/0/000/",
    "tile/0//000", "tile/8/0/000", "tile/0/000.p/256", "tile/0/000.p/0", "Tile/0/000", "tile/0/000?", "tile/0/ 000",
  ])
  func `a tile's path in any other spelling is refused`(path: String) {
    #expect(Tile(path: path) == nil)
  }

  @Test func `a tree of size 70 000 has the tiles that the specification counts`() {
    let levels = (0...63).map { Tile.tiles(atLevel: $0, size: 70_000) }
    #expect(levels[0].count == 274)
    #expect(levels[0].dropLast().allSatisfy { $0.isFull })
    #expect(levels[0].last?.path == "tile/0/273.p/112")
    #expect(levels[1].map(\.path) == ["tile/1/000", "tile/1/001.p/17"])
    #expect(levels[2].map(\.path) == ["tile/2/000.p/1"])
    #expect(levels[3...].allSatisfy { $0.isEmpty })
  }

  @Test func `a tree of size 256 has a full tile and one of width 1 above it`() {
    #expect(Tile.tiles(atLevel: 0, size: 256).map(\.path) == ["tile/0/000"])
    #expect(Tile.tiles(atLevel: 1, size: 256).map(\.path) == ["tile/1/000.p/1"])
    #expect(Tile.tiles(atLevel: 2, size: 256).isEmpty)
    #expect(Tile.tiles(atLevel: 0, size: 0).isEmpty)
  }

  @Test func `no tree reaches a level above 7`() {
    #expect(Tile.tiles(atLevel: 7, size: .max).map(\.path) == ["tile/7/000.p/255"])
    #expect((8...63).allSatisfy { Tile.tiles(atLevel: $0, size: .max).isEmpty })
    #expect(!Tile(level: 8, index: 0, width: 1).isContained(inTreeOf: .max))
    #expect(!Tile(level: 63, index: .max).isContained(inTreeOf: .max))
  }

  @Test func `a tile is in a tree as soon as its last hash is known`() {
    #expect(!Tile(level: 0, index: 273, width: 113).isContained(inTreeOf: 70_000))
    #expect(Tile(level: 0, index: 273, width: 112).isContained(inTreeOf: 70_000))
    #expect(Tile(level: 0, index: 273, width: 1).isContained(inTreeOf: 70_000))
    #expect(!Tile(level: 1, index: 1, width: 17).isContained(inTreeOf: 273 * 256 - 1))
    #expect(Tile(level: 1, index: 1, width: 17).isContained(inTreeOf: 273 * 256))
  }

  @Test func `the hashes of a tile are the roots of its children`() {
    #expect(Tile(level: 0, index: 4).children.isEmpty)
    #expect(Tile(level: 2, index: 3, width: 2).children == [Tile(level: 1, index: 768), Tile(level: 1, index: 769)])
    #expect(Tile(level: 1, index: 0).children.count == 256)
  }

  @Test func `a node lies in the tile of its level, as wide as the tree makes it`() {
    #expect(Tile(holding: TreeNode(level: 0, index: 69_999), size: 70_000)?.path == "tile/0/273.p/112")
    #expect(Tile(holding: TreeNode(level: 7, index: 545), size: 70_000)?.path == "tile/0/272")
    #expect(Tile(holding: TreeNode(level: 8, index: 272), size: 70_000)?.path == "tile/1/001.p/17")
    #expect(Tile(holding: TreeNode(level: 16, index: 0), size: 70_000)?.path == "tile/2/000.p/1")
    #expect(Tile(holding: TreeNode(level: 0, index: 70_000), size: 70_000) == nil)
    #expect(Tile(holding: TreeNode(level: 17, index: 0), size: 70_000) == nil)
    #expect(Tile(holding: TreeNode(level: 63, index: 0), size: .max)?.path == "tile/7/000.p/255")
    #expect(Tile(holding: TreeNode(level: 0, index: 0), size: 0) == nil)
  }

  @Test func `all nodes of a tree of two levels of tiles follow from its tiles`() throws {
    let log = TiledLog(size: 600)
    for level in 0...9 {
      for index in 0..<(600 >> level) {
        let node = TreeNode(level: level, index: UInt64(index))
        var expected = MerkleFrontier()
        for leaf in node.leaves.lower..<node.leaves.upper { expected.append(log.leafHashes[Int(leaf)]) }
        #expect(try log.hash(of: node) == expected.root, "level \(level), index \(index)")
      }
    }
  }

  @Test(arguments: [0, 1, 2, 255, 256, 257, 511, 512, 513, 600, 70_000])
  func `the root and the proofs of a tree follow from its tiles`(size: Int) throws {
    let log = TiledLog(size: size)
    var frontier = MerkleFrontier()
    var roots = [frontier.root]
    for leaf in log.leafHashes {
      frontier.append(leaf)
      roots.append(frontier.root)
    }
    let (count, root) = (UInt64(size), frontier.root)
    #expect(try LeafRange(0..<count).hash(of: log.hash) == root)
    for index in [0, 1, 254, 255, 256, 257, 511, 599, 65_535, 65_536, 69_999] where index < size {
      let ranges = InclusionProof.ranges(index: UInt64(index), size: count)
      let hashes = try ranges.map { try $0.hash(of: log.hash) }
      let proof = InclusionProof(index: UInt64(index), size: count, hashes: hashes)
      #expect(proof.verifies(leafHash: log.leafHashes[index], root: root), "leaf \(index)")
    }
    for old in [1, 2, 200, 256, 257, 512, 599, 65_536, 65_537, 69_999] where old <= size {
      let hashes = try ConsistencyProof.ranges(from: UInt64(old), to: count).map { try $0.hash(of: log.hash) }
      let proof = ConsistencyProof(oldSize: UInt64(old), newSize: count, hashes: hashes)
      #expect(proof.verifies(oldRoot: roots[old], newRoot: root), "from \(old)")
    }
  }

  @Test func `a tile gives no hash of a node of another tile, or from the wrong number of hashes`() {
    let hashes = [MerkleHash](repeating: .empty, count: 9)
    let tile = Tile(level: 1, index: 2, width: 9)
    #expect(tile.hash(of: TreeNode(level: 8, index: 512 + 8), in: hashes) == .empty)
    #expect(tile.hash(of: TreeNode(level: 8, index: 512 + 9), in: hashes) == nil, "past its width")
    #expect(tile.hash(of: TreeNode(level: 11, index: 64), in: hashes) != nil)
    #expect(tile.hash(of: TreeNode(level: 11, index: 65), in: hashes) == nil, "half past its width")
    #expect(tile.hash(of: TreeNode(level: 8, index: 511), in: hashes) == nil, "the tile before")
    #expect(tile.hash(of: TreeNode(level: 8, index: 768), in: hashes) == nil, "the tile after")
    #expect(tile.hash(of: TreeNode(level: 7, index: 2 * 256), in: hashes) == nil, "the level below")
    #expect(tile.hash(of: TreeNode(level: 16, index: 2), in: hashes) == nil, "the level above")
    for count in [0, 8, 10] {
      let wrong = [MerkleHash](repeating: .empty, count: count)
      #expect(tile.hash(of: TreeNode(level: 8, index: 512), in: wrong) == nil)
    }
  }

  @Test func `only 256 hashes have the root of a tile`() {
    #expect(Tile.root(of: [MerkleHash](repeating: .empty, count: 255)) == nil)
    #expect(Tile.root(of: [MerkleHash](repeating: .empty, count: 257)) == nil)
    #expect(Tile.root(of: []) == nil)
    let tree = ReferenceTree(size: 256)
    #expect(Tile.root(of: tree.leafHashes) == tree.root(256))
  }

  @Test func `a tile's file is its hashes one after the other, and no other length is read`() throws {
    let hashes = ReferenceTree(size: 70).leafHashes
    let tile = Tile(level: 0, index: 0, width: 70)
    let bytes = Tile.encode(hashes)
    #expect(bytes == hashes.flatMap(\.bytes))
    #expect(try tile.decode(bytes) == hashes)
    for wrong in [Array(bytes.dropLast()), bytes + [0], Array(bytes.dropLast(32)), bytes + hashes[0].bytes, []] {
      #expect(throws: TileError.wrongByteCount(expected: 2240, actual: wrong.count)) { try tile.decode(wrong) }
    }
    #expect(try Tile(level: 3, index: 9).decode([UInt8](repeating: 0, count: 8192)).count == 256)
  }
}

/// A log that has nothing but its tiles.
private struct TiledLog {
  let size: UInt64
  let leafHashes: [MerkleHash]
  private var tiles: [Tile: [MerkleHash]] = [:]

  init(size: Int) {
    self.size = UInt64(size)
    leafHashes = (0..<size).map { MerkleTree.leafHash(ReferenceTree.entry($0)) }
    for level in 0...7 {
      for tile in Tile.tiles(atLevel: level, size: self.size) {
        let start = Int(tile.index) * 256
        tiles[tile] =
          level == 0
          ? Array(leafHashes[start..<start + tile.width])
          : tile.children.compactMap { child in tiles[child].flatMap { Tile.root(of: $0) } }
      }
    }
  }

  func hash(of node: TreeNode) throws -> MerkleHash {
    let tile = try #require(Tile(holding: node, size: size))
    let hashes = try #require(tiles[tile])
    return try #require(tile.hash(of: node, in: hashes))
  }
}

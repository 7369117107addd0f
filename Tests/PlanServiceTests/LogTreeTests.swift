import EventSourcing
import HangLimit
import MerkleReference
import PlanService
import TamperEvidence
import Testing

@Suite(.hangLimit)
struct LogTreeTests {
  private static let log = LogID(plan: id(0))
  private static let size = 600
  /// Sizes at which tiles begin and end, and some between.
  private static let sizes = [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 600]

  @Test(arguments: [0, 255, 256, 300, 511, 512, 600])
  func `every tile holds the hashes of the tree, whatever was kept before`(kept: Int) async throws {
    let (tree, _) = try await self.tree(keptThrough: kept)
    let reference = ReferenceTree(size: Self.size)
    for size in Self.sizes {
      for level in 0...2 {
        for tile in Tile.tiles(atLevel: level, size: UInt64(size)) {
          let height = 1 << (8 * level)
          let first = Int(tile.index) * 256
          let expected = (first..<first + tile.width).map { reference.hash($0 * height..<($0 + 1) * height) }
          let isEqual = try await tree.hashes(of: tile) == expected
          #expect(isEqual, "\(tile) of \(size)")
        }
      }
    }
  }

  @Test(arguments: [0, 256, 512])
  func `roots and all inclusion proofs are those of the tree`(kept: Int) async throws {
    let (tree, _) = try await self.tree(keptThrough: kept)
    let reference = ReferenceTree(size: Self.size)
    for size in Self.sizes {
      let root = try await tree.root(size: LogSize(Int64(size)))
      #expect(root == reference.hash(0..<size))
      // All of two sizes, a few of the others.
      for index in stride(from: 0, to: size, by: [257, 513].contains(size) ? 1 : 37) {
        let proof = try await tree.inclusionProof(of: Position(Int64(index)), size: LogSize(Int64(size)))
        let isEqual = proof.hashes == reference.path(index, in: 0..<size)
        #expect(isEqual, "\(index) in \(size)")
        #expect(proof.verifies(leafHash: reference.leafHashes[index], root: root))
      }
    }
  }

  @Test(arguments: [0, 256, 512])
  func `all consistency proofs are those of the tree`(kept: Int) async throws {
    let (tree, _) = try await self.tree(keptThrough: kept)
    let reference = ReferenceTree(size: Self.size)
    for size in Self.sizes {
      for old in stride(from: 0, through: size, by: [257, 513].contains(size) ? 1 : 37) {
        let proof = try await tree.consistencyProof(from: LogSize(Int64(old)), to: LogSize(Int64(size)))
        let isEqual = proof.hashes == reference.consistency(old, size)
        #expect(isEqual, "from \(old) to \(size)")
        #expect(proof.verifies(oldRoot: reference.hash(0..<old), newRoot: reference.hash(0..<size)))
      }
    }
  }

  @Test func `keeping again changes nothing, and keeps what has come since`() async throws {
    let (tree, memory) = try await self.tree(keptThrough: 0)
    for (size, count) in [(0, 0), (255, 0), (256, 1), (256, 1), (511, 1), (600, 2), (300, 2), (600, 2)] {
      try await tree.keep(through: LogSize(Int64(size)))
      #expect(try await memory.tiles.tileCount(of: Self.log) == Int64(count))
      for index in 0..<count {
        let bytes = try await memory.tiles.hashes(of: .tile(level: 0, index: Int64(index)), in: Self.log)
        let leafHashes = ReferenceTree(size: Self.size).leafHashes[index * 256..<(index + 1) * 256]
        let isEqual = bytes == Tile.encode(Array(leafHashes))
        #expect(isEqual)
      }
    }
  }

  @Test func `several programs may keep the tiles of one log at once`() async throws {
    let (tree, memory) = try await self.tree(keptThrough: 0)
    try await withThrowingTaskGroup { group in
      for size in [256, 512, 600, 600, 300] as [Int64] {
        group.addTask { try await LogTree(Self.log, in: memory).keep(through: LogSize(size)) }
      }
      try await group.waitForAll()
    }
    #expect(try await memory.tiles.tileCount(of: Self.log) == 2)
    let reference = ReferenceTree(size: Self.size)
    #expect(try await tree.root(size: LogSize(600)) == reference.hash(0..<600))
  }

  @Test func `a tree of three levels has the tiles of a tree of three levels`() async throws {
    let count = 65_536 + 300
    let memory = try await InMemoryEventLog.plain(count, log: Self.log)
    let tree = LogTree(Self.log, in: memory)
    let reference = ReferenceTree(size: count)
    for kept in [65_535, count] {
      try await tree.keep(through: LogSize(Int64(kept)))
      for tile in [Tile(level: 2, index: 0, width: 1), Tile(level: 1, index: 0), Tile(level: 1, index: 1, width: 1)] {
        let height = 1 << (8 * tile.level)
        let first = Int(tile.index) * 256
        let expected = (first..<first + tile.width).map { reference.hash($0 * height..<($0 + 1) * height) }
        let isEqual = try await tree.hashes(of: tile) == expected
        #expect(isEqual, "\(tile)")
      }
      #expect(try await tree.root(size: LogSize(Int64(count))) == reference.hash(0..<count))
    }
    let proof = try await tree.inclusionProof(of: Position(40_000), size: LogSize(Int64(count)))
    #expect(proof.hashes == reference.path(40_000, in: 0..<count))
  }

  @Test func `what is beyond the log cannot be had`() async throws {
    let (tree, _) = try await self.tree(keptThrough: 512)
    for tile in [
      Tile(level: 0, index: 2, width: 89), Tile(level: 0, index: 3, width: 1), Tile(level: 1, index: 0, width: 3),
      Tile(level: 2, index: 0, width: 1), Tile(level: 0, index: 2),
    ] {
      await #expect(throws: EventLogFailure.self, "\(tile)") { try await tree.hashes(of: tile) }
    }
    await #expect(throws: EventLogFailure.self) { try await tree.root(size: LogSize(601)) }
    await #expect(throws: EventLogFailure.self) { try await tree.inclusionProof(of: Position(0), size: LogSize(601)) }
  }

  // MARK: - Rows of tiles

  @Test func `rows make each tile once, with the last hash that it needs`() throws {
    let reference = ReferenceTree(size: 1000)
    var rows = TileRows()
    for index in 0..<3 {
      let leaves = Array(reference.leafHashes[index * 256..<(index + 1) * 256])
      let completed = rows.add(leaves, at: UInt64(index))
      #expect(completed.map(\.tile) == [Tile(level: 0, index: UInt64(index))])
      #expect(completed.map(\.root) == [reference.hash(index * 256..<(index + 1) * 256)])
      #expect(rows.partial(level: 1).count == index + 1)
    }
    // The last tile is partial: it completes nothing.
    #expect(rows.add(Array(reference.leafHashes[768...]), at: 3).isEmpty)
    #expect(rows.partial(level: 1) == (0..<3).map { reference.hash($0 * 256..<($0 + 1) * 256) })
    #expect(rows.partial(level: 2).isEmpty && rows.partial(level: 60).isEmpty)
  }

  @Test func `rows that go on from known roots make the same tiles as rows from the start`() {
    let leaves = (0..<256).map { MerkleTree.leafHash([UInt8($0)]) }
    var whole = TileRows()
    for index in 0..<UInt64(511) { _ = whole.add(leaves, at: index) }
    var resumed = TileRows(pending: [whole.partial(level: 1), whole.partial(level: 2)])
    let (completed, again) = (whole.add(leaves, at: 511), resumed.add(leaves, at: 511))
    #expect(completed.map(\.tile) == [Tile(level: 0, index: 511), Tile(level: 1, index: 1)])
    #expect(again.map(\.tile) == completed.map(\.tile))
    #expect(again.map(\.hashes) == completed.map(\.hashes) && again.map(\.root) == completed.map(\.root))
    #expect(whole.partial(level: 2).count == 2 && resumed.partial(level: 2) == whole.partial(level: 2))
    #expect(whole.partial(level: 1).isEmpty)
  }

  private func tree(keptThrough size: Int) async throws -> (LogTree, InMemoryEventLog) {
    let memory = try await InMemoryEventLog.plain(Self.size, log: Self.log)
    let tree = LogTree(Self.log, in: memory)
    try await tree.keep(through: LogSize(Int64(size)))
    return (tree, memory)
  }
}

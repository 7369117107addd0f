import TamperEvidence
import Testing

struct EntryBundleTests {
  @Test(arguments: [
    (0, 256, "tile/entries/000"), (0, 1, "tile/entries/000.p/1"), (1_234_067, 112, "tile/entries/x001/x234/067.p/112"),
  ])
  func `a bundle has one path, which is read back`(index: UInt64, width: Int, path: String) {
    #expect(EntryBundle(index: index, width: width).path == path)
    #expect(EntryBundle(path: path) == EntryBundle(index: index, width: width))
  }

  @Test(arguments: [
    "", "tile/entries", "tile/entries/", "tile/entries/0", "tile/0/000", "entries/000", "tile/entries//000",
  ])
  func `a bundle's path in any other spelling is refused`(path: String) {
    #expect(EntryBundle(path: path) == nil)
  }

  @Test func `a log of size 70 000 has 274 bundles`() {
    let bundles = EntryBundle.bundles(size: 70_000)
    #expect(bundles.count == 274)
    #expect(bundles.last?.path == "tile/entries/273.p/112")
    #expect(bundles.allSatisfy { $0.isContained(inLogOf: 70_000) })
    #expect(!EntryBundle(index: 273, width: 113).isContained(inLogOf: 70_000))
  }

  @Test func `each entry follows its length in two bytes, the higher first`() throws {
    let entries: [[UInt8]] = [[7], [], [UInt8](repeating: 9, count: 258)]
    let bytes = try EntryBundle.encode(entries)
    #expect(bytes == [0, 1, 7, 0, 0, 1, 2] + [UInt8](repeating: 9, count: 258))
    #expect(try EntryBundle.decode(bytes) == entries)
    #expect(try EntryBundle(index: 4, width: 3).decode(bytes) == entries)
  }

  @Test func `256 entries are a full bundle, one more is too many`() throws {
    let entries = (0..<256).map { [UInt8](repeating: 1, count: $0) }
    let bytes = try EntryBundle.encode(entries)
    #expect(try EntryBundle.decode(bytes) == entries)
    #expect(try EntryBundle(index: 0).decode(bytes) == entries)
    #expect(throws: EntryBundleError.tooManyEntries(max: 256)) { try EntryBundle.encode(entries + [[]]) }
    #expect(throws: EntryBundleError.tooManyEntries(max: 256)) { try EntryBundle.decode(bytes + [0, 0]) }
    #expect(throws: EntryBundleError.tooManyEntries(max: 256)) { try EntryBundle.decode(bytes + [0]) }
  }

  @Test func `an entry of 65 535 bytes is written and read, one byte more is refused`() throws {
    let longest = [UInt8](repeating: 5, count: EntryBundle.entryByteCountMax)
    let bytes = try EntryBundle.encode([longest])
    #expect(bytes.prefix(2) == [255, 255])
    #expect(try EntryBundle.decode(bytes) == [longest])
    #expect(throws: EntryBundleError.entryTooLong(position: 1, byteCountMax: 65_535)) {
      try EntryBundle.encode([[], longest + [5]])
    }
  }

  @Test func `a bundle without entries is neither written nor read`() {
    #expect(throws: EntryBundleError.empty) { try EntryBundle.encode([]) }
    #expect(throws: EntryBundleError.empty) { try EntryBundle.decode([]) }
    #expect(throws: EntryBundleError.truncated(position: 0)) { try EntryBundle(index: 0, width: 1).decode([]) }
  }

  @Test func `a bundle that ends early is refused, wherever it ends`() throws {
    let bytes = try EntryBundle.encode([[1, 2, 3], [4], [5, 6]])
    let bundle = EntryBundle(index: 0, width: 3)
    // The ends of the entries are at 5, 8 and 12.
    for end in 0..<bytes.count {
      let position = end < 5 ? 0 : end < 8 ? 1 : 2
      #expect(throws: EntryBundleError.truncated(position: position)) { try bundle.decode(Array(bytes[..<end])) }
      guard ![0, 5, 8].contains(end) else { continue }
      #expect(throws: EntryBundleError.truncated(position: position)) {
        try EntryBundle.decode(Array(bytes[..<end]))
      }
    }
  }

  @Test func `bytes after the last entry are refused`() throws {
    let bytes = try EntryBundle.encode([[1], [2]])
    for extra in [[0], [0, 0], [0, 1, 9]] as [[UInt8]] {
      #expect(throws: EntryBundleError.trailingBytes(count: extra.count)) {
        try EntryBundle(index: 0, width: 2).decode(bytes + extra)
      }
    }
    #expect(throws: EntryBundleError.trailingBytes(count: 3)) { try EntryBundle(index: 0, width: 1).decode(bytes) }
  }
}

/// The entries whose hashes a tile of level 0 holds (c2sp.org/tlog-tiles, "Log entries").
///
/// As a file it is, for each entry, its length as a big-endian 16-bit number and then its bytes.
public struct EntryBundle: Hashable, Sendable {
  /// The longest entry: its length is written in 16 bits.
  public static let entryByteCountMax = Int(UInt16.max)

  public let tileIndex: TileIndex

  public init(tileIndex: TileIndex) {
    self.tileIndex = tileIndex
  }

  /// Traps for a width outside 1 to 256.
  public init(index: UInt64, width: Int = TileIndex.widthMax) {
    self.init(tileIndex: TileIndex(index: index, width: width))
  }

  public var index: UInt64 { tileIndex.index }
  public var width: Int { tileIndex.width }

  /// The bundles of a log of `size` entries.
  public static func bundles(size: UInt64) -> [EntryBundle] {
    TileIndex.all(inRowOf: size).map { EntryBundle(tileIndex: $0) }
  }

  /// True when all entries of the bundle are there once the log has `size` of them.
  public func isContained(inLogOf size: UInt64) -> Bool {
    tileIndex.isContained(inRowOf: size)
  }

  /// Where a log serves the bundle, below its prefix.
  public var path: String {
    Self.directory + tileIndex.path
  }

  /// Reads the one spelling that `path` gives; nil for any other.
  public init?(path: some StringProtocol) {
    guard let rest = path.removing(prefix: Self.directory), let tileIndex = TileIndex(path: rest) else { return nil }
    self.init(tileIndex: tileIndex)
  }

  private static let directory = "tile/entries/"
}

extension EntryBundle: CustomStringConvertible {
  public var description: String { path }
}

// MARK: - Files

extension EntryBundle {
  /// Writes 1 to 256 entries as a bundle's file.
  public static func encode(_ entries: [[UInt8]]) throws(EntryBundleError) -> [UInt8] {
    guard !entries.isEmpty else { throw .empty }
    guard entries.count <= TileIndex.widthMax else { throw .tooManyEntries(max: TileIndex.widthMax) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.reduce(0) { $0 + lengthByteCount + $1.count })
    for (position, entry) in entries.enumerated() {
      guard let length = UInt16(exactly: entry.count) else {
        throw .entryTooLong(position: position, byteCountMax: entryByteCountMax)
      }
      bytes.append(UInt8(truncatingIfNeeded: length >> 8))
      bytes.append(UInt8(truncatingIfNeeded: length))
      bytes += entry
    }
    return bytes
  }

  /// Reads a bundle of unknown width, to the last byte.
  public static func decode(_ bytes: [UInt8]) throws(EntryBundleError) -> [[UInt8]] {
    let (ranges, end) = try ranges(in: bytes, countMax: TileIndex.widthMax)
    guard !ranges.isEmpty else { throw .empty }
    guard end == bytes.count else { throw .tooManyEntries(max: TileIndex.widthMax) }
    return ranges.map { Array(bytes[$0]) }
  }

  /// Reads the file of this bundle, which has exactly `width` entries.
  public func decode(_ bytes: [UInt8]) throws(EntryBundleError) -> [[UInt8]] {
    try ranges(in: bytes).map { Array(bytes[$0]) }
  }

  /// Where the entries stand in the file of this bundle, which has exactly `width` of them.
  public func ranges(in bytes: [UInt8]) throws(EntryBundleError) -> [Range<Int>] {
    let (ranges, end) = try Self.ranges(in: bytes, countMax: width)
    guard ranges.count == width else { throw .truncated(position: ranges.count) }
    guard end == bytes.count else { throw .trailingBytes(count: bytes.count - end) }
    return ranges
  }

  /// Where the first `countMax` entries stand, or all when there are fewer, and where they end.
  private static func ranges(
    in bytes: [UInt8], countMax: Int
  ) throws(EntryBundleError) -> (ranges: [Range<Int>], end: Int) {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(countMax)
    var end = 0
    while end < bytes.count, ranges.count < countMax {
      let start = end + lengthByteCount
      guard start <= bytes.count else { throw .truncated(position: ranges.count) }
      end = start + Int(bytes[start - 2]) << 8 + Int(bytes[start - 1])
      guard end <= bytes.count else { throw .truncated(position: ranges.count) }
      ranges.append(start..<end)
    }
    return (ranges, end)
  }

  private static let lengthByteCount = 2
}

/// Why bytes are no bundle, or entries cannot be one.
public enum EntryBundleError: Error, Hashable {
  /// A log serves no bundle without entries.
  case empty
  /// Positions count from the start of the bundle.
  case entryTooLong(position: Int, byteCountMax: Int)
  case tooManyEntries(max: Int)
  case trailingBytes(count: Int)
  /// The bytes end before or within the entry at `position`.
  case truncated(position: Int)
}

extension EntryBundleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "couldn't use entry bundle: it has no entry"
    case .entryTooLong(let position, let byteCountMax):
      "couldn't write entry bundle: entry \(position) is longer than \(byteCountMax) bytes"
    case .tooManyEntries(let max): "couldn't use entry bundle: it has more than \(max) entries"
    case .trailingBytes(let count): "couldn't read entry bundle: \(count) bytes follow the last entry"
    case .truncated(let position): "couldn't read entry bundle: the bytes end before the end of entry \(position)"
    }
  }
}

public import TamperEvidence

/// One of the files that a log is published as (c2sp.org/tlog-tiles), by its path below the log's address. An export
/// bundle holds the same ones.
public enum LogFile: Hashable, Sendable {
  /// The newest signed head.
  case checkpoint
  /// The verifier keys of the log, one a line.
  case verifierKeys
  /// Which signatures make a checkpoint (c2sp.org/tlog-policy).
  case policy
  case tile(Tile)
  case entries(EntryBundle)
  /// The erasable values of the entries of one bundle, one a line: `{"position":…,"disclosure":"…"}`. Those that were
  /// erased are not there.
  case disclosures(TileIndex)

  public init?(path: String) {
    switch path {
    case "checkpoint": self = .checkpoint
    case "vkeys": self = .verifierKeys
    case "policy": self = .policy
    default:
      if let entries = EntryBundle(path: path) {
        self = .entries(entries)
      } else if let tile = Tile(path: path) {
        self = .tile(tile)
      } else if path.hasPrefix(Self.disclosuresFolder),
        let index = TileIndex(path: path.dropFirst(Self.disclosuresFolder.count))
      {
        self = .disclosures(index)
      } else {
        return nil
      }
    }
  }

  public var path: String {
    switch self {
    case .checkpoint: "checkpoint"
    case .verifierKeys: "vkeys"
    case .policy: "policy"
    case .tile(let tile): tile.path
    case .entries(let entries): entries.path
    case .disclosures(let index): Self.disclosuresFolder + index.path
    }
  }

  private static let disclosuresFolder = "disclosures/"

  /// The files of a log of `size` entries that grow with it, in the order of a bundle: each stretch of 256 entries with
  /// its values and its tile, a tile of a higher level after the last one below it, partial ones at the end.
  public static func files(size: UInt64) -> some Sequence<LogFile> {
    let (full, rest) = size.quotientAndRemainder(dividingBy: UInt64(TileIndex.widthMax))
    let stretches = full + (rest > 0 ? 1 : 0)
    let body = (0..<stretches).lazy.flatMap { index -> [LogFile] in
      let tile = TileIndex(holding: index * UInt64(TileIndex.widthMax), inRowOf: size) ?? TileIndex(index: index)
      return [.entries(EntryBundle(tileIndex: tile)), .disclosures(tile), .tile(Tile(level: 0, tileIndex: tile))]
        + completed(by: tile)
    }
    return [AnySequence(body), AnySequence(partialTiles(size: size))].lazy.flatMap { $0 }
  }

  /// The full tiles of higher levels whose last leaf is in this stretch.
  private static func completed(by tile: TileIndex) -> [LogFile] {
    guard tile.isFull else { return [] }
    var files: [LogFile] = []
    var (level, count) = (1, tile.index + 1)
    while count > 0, count % UInt64(TileIndex.widthMax) == 0 {
      count /= UInt64(TileIndex.widthMax)
      files.append(.tile(Tile(level: level, index: count - 1)))
      level += 1
    }
    return files
  }

  private static func partialTiles(size: UInt64) -> [LogFile] {
    var files: [LogFile] = []
    var (level, count) = (1, size / UInt64(TileIndex.widthMax))
    while count > 0 {
      let width = Int(count % UInt64(TileIndex.widthMax))
      if width > 0 {
        files.append(.tile(Tile(level: level, index: count / UInt64(TileIndex.widthMax), width: width)))
      }
      level += 1
      count /= UInt64(TileIndex.widthMax)
    }
    return files
  }
}

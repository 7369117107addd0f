/// Where a tile or a bundle stands in its row, and how much of it is there (c2sp.org/tlog-tiles): the `<N>[.p/<W>]` at
/// the end of every path of a tiled log.
///
/// A row is cut into pieces of 256. All are full but the last, whose width is part of its name, so that what a name
/// stands for never changes.
public struct TileIndex: Hashable, Sendable {
  /// The width of a full tile.
  public static let widthMax = 256

  /// Counts the tiles of the row from 0.
  public let index: UInt64

  /// The number of hashes or entries, from 1 to 256.
  public let width: Int

  /// Traps for a width outside 1 to 256.
  public init(index: UInt64, width: Int = widthMax) {
    precondition(1...Self.widthMax ~= width, "A tile has 1 to 256 hashes.")
    self.index = index
    self.width = width
  }

  public var isFull: Bool { width == Self.widthMax }

  /// The tiles that a row of `count` hashes or entries is cut into: as many as are full, and at most one that is not.
  public static func all(inRowOf count: UInt64) -> [TileIndex] {
    let (full, width) = count.quotientAndRemainder(dividingBy: UInt64(widthMax))
    var indices = (0..<full).map { TileIndex(index: $0) }
    if width > 0 { indices.append(TileIndex(index: full, width: Int(width))) }
    return indices
  }

  /// True when a row of `count` has all that the tile is to hold. The last tile of a row has narrower ones inside it,
  /// those of the sizes that the log had before.
  public func isContained(inRowOf count: UInt64) -> Bool {
    let (full, width) = count.quotientAndRemainder(dividingBy: UInt64(Self.widthMax))
    return index < full || index == full && UInt64(self.width) <= width
  }

  /// The tile of a row of `count` that has place `position` of the row, as wide as the row makes it; nil when the row
  /// ends before.
  public init?(holding position: UInt64, inRowOf count: UInt64) {
    guard position < count else { return nil }
    let index = position / UInt64(Self.widthMax)
    let rest = count - index * UInt64(Self.widthMax)
    self.init(index: index, width: Int(min(rest, UInt64(Self.widthMax))))
  }
}

// MARK: - Paths

extension TileIndex {
  /// `<N>`, three digits to an element, all elements but the last with an `x` before them, and `.p/<W>` when partial.
  public var path: String {
    var elements = [Self.threeDigits(index % 1000)]
    var rest = index / 1000
    while rest > 0 {
      elements.append("x" + Self.threeDigits(rest % 1000))
      rest /= 1000
    }
    return elements.reversed().joined(separator: "/") + (isFull ? "" : ".p/\(width)")
  }

  /// Reads the one spelling that `path` gives; nil for any other.
  public init?(path: some StringProtocol) {
    guard path.utf8.count <= Self.pathByteCountMax else { return nil }
    let text = Array(path.utf8)
    let end = text.firstIndex(of: UInt8(ascii: ".")) ?? text.endIndex
    var width = Self.widthMax
    if end < text.endIndex {
      guard text[end...].starts(with: Self.partial.utf8),
        let partial = DecimalNumber.parse(text[(end + Self.partial.utf8.count)...]), 1..<256 ~= partial
      else { return nil }
      width = Int(partial)
    }
    // The digits decide which index it can only be; whether the rest is in place shows when it is written again.
    guard let index = Self.number(ofDigitsIn: text[..<end]) else { return nil }
    self.init(index: index, width: width)
    guard self.path.utf8.elementsEqual(text) else { return nil }
  }

  /// Seven elements hold twenty digits; ten are more than enough for them and the suffix.
  private static let pathByteCountMax = 50
  private static let partial = ".p/"

  private static func threeDigits(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }

  private static func number(ofDigitsIn text: ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for byte in text where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
      let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeBySum) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !isTooLargeBySum else { return nil }
      number = sum
    }
    return number
  }
}

extension TileIndex: CustomStringConvertible {
  public var description: String { path }
}

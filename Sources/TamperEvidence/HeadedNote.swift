/// A note with lines of another format before it and one empty line between: a proof file and a witness's request.
enum HeadedNote {
  /// The lines, without their LF, and the note's bytes. The **first** empty line parts them, since no line of either
  /// header is empty. Nil when there is no empty line or the lines before it are not UTF-8.
  static func split(_ bytes: [UInt8]) -> (header: [Substring], note: [UInt8])? {
    var start = 0
    var header: [Substring] = []
    while let end = bytes[start...].firstIndex(of: lineFeed) {
      guard end > start else { return (header, Array(bytes[(end + 1)...])) }
      guard let line = String(validating: bytes[start..<end], as: UTF8.self) else { return nil }
      header.append(Substring(line))
      start = end + 1
    }
    return nil
  }

  /// The hashes of lines that hold one each; nil when a line holds something else.
  static func hashes(_ lines: ArraySlice<Substring>) -> [MerkleHash]? {
    let hashes = lines.compactMap { MerkleHash(base64: $0) }
    return hashes.count == lines.count ? hashes : nil
  }

  static func join(header: [String], note: SignedNote) -> [UInt8] {
    header.flatMap { Array($0.utf8) + [lineFeed] } + [lineFeed] + note.bytes
  }

  private static let lineFeed = UInt8(ascii: "\n")
}

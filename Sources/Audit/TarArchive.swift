/// The archive of a bundle: POSIX ustar (IEEE Std 1003.1, "pax", ustar interchange format), uncompressed, with regular
/// files only and names of at most 100 bytes. `tar` and Python's `tarfile` read it.
///
/// It is not compressed, so nothing can grow while it is read; names are compared and never used as paths, so nothing
/// can be written to where it should not be.
enum TarArchive {
  static let blockByteCount = 512
  /// Whoever packs with `tar` fills up a record of so many blocks.
  static let recordBlockCount = 20
  static let nameByteCountMax = 100
  /// Eleven octal digits.
  static let contentByteCountMax = 0o77777777777

  /// The block before a member's content.
  ///
  /// Traps for a name or size that the format cannot hold; names and sizes of ours are bounded.
  static func header(_ member: TarMember, modifiedAt seconds: UInt64) -> [UInt8] {
    precondition(1...nameByteCountMax ~= member.name.utf8.count, "A member has a name of at most 100 bytes.")
    precondition(0...contentByteCountMax ~= member.byteCount, "A member has less than 8 GiB.")
    var block = [UInt8](repeating: 0, count: blockByteCount)
    func put(_ text: String, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(member.name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(UInt64(member.byteCount), digits: 11), at: 124)
    put(octal(min(seconds, UInt64(contentByteCountMax)), digits: 11), at: 136)
    put("0", at: 156)
    put(magic, at: 257)
    put(octal(UInt64(checksum(block)), digits: 6), at: 148)
    block[155] = UInt8(ascii: " ")
    return block
  }

  /// Reads such a block.
  static func member(_ block: [UInt8]) throws(BundleFault) -> TarMember {
    guard block.count == blockByteCount, block[257..<265].elementsEqual(magic.utf8) else {
      throw .malformed("a header is not in the ustar format")
    }
    guard number(block[148..<154]) == checksum(block), block[154] == 0, block[155] == UInt8(ascii: " ") else {
      throw .malformed("a header has a wrong checksum")
    }
    guard let name = text(block[0..<100]), !name.isEmpty else { throw .malformed("a name is empty or not ASCII") }
    // Type 0 is a regular file, as is NUL in old archives; a prefix would lengthen the name.
    guard block[156] == UInt8(ascii: "0") || block[156] == 0, block[157..<257].allSatisfy({ $0 == 0 }),
      block[345..<500].allSatisfy({ $0 == 0 })
    else { throw .notAFile(name: name) }
    guard let byteCount = number(block[124..<135]) else { throw .malformed("the size of \(name) is not octal") }
    return TarMember(name: name, byteCount: byteCount)
  }

  /// How many zeros fill the last block of a content.
  static func paddingByteCount(_ byteCount: Int) -> Int {
    (blockByteCount - byteCount % blockByteCount) % blockByteCount
  }

  /// Two blocks of zeros end an archive.
  static let end = [UInt8](repeating: 0, count: 2 * blockByteCount)

  private static let magic = "ustar\u{0}00"

  /// The sum of all bytes, those of the checksum itself taken for spaces.
  private static func checksum(_ block: [UInt8]) -> Int {
    block.enumerated().reduce(0) { $0 + Int(148..<156 ~= $1.offset ? UInt8(ascii: " ") : $1.element) }
  }

  private static func octal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
  }

  /// Printable ASCII up to the first zero, and nothing but zeros after it.
  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    let content = field.prefix { $0 != 0 }
    guard field[content.endIndex...].allSatisfy({ $0 == 0 }), content.allSatisfy({ 0x21...0x7E ~= $0 }) else {
      return nil
    }
    return String(decoding: content, as: UTF8.self)
  }
}

struct TarMember: Hashable, Sendable {
  let name: String
  let byteCount: Int
}

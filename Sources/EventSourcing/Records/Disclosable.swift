internal import Crypto
internal import Glibc

/// A field of an event that can be erased: the log holds its salted digest, the value lies in `ledger.disclosures`.
///
/// After a replay without disclosures every such field reads `withheld`, so no fold may depend on the value.
public enum Disclosable: FieldValue, Hashable {
  case none
  case text(String)
  /// Not given to this reader, or erased; also a field that was never filled, which cannot be told apart from outside.
  case withheld

  public static let schema: JSON = ["type": "string"]
  public static let isOptional = true
  public static let isDisclosable = true

  public init(_ text: FreeText?) { self = text.map { .text($0.text) } ?? .none }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let text = json.string else { throw Self.wrongType(json, field: field, expected: "a string") }
    self = .text(text)
  }

  public static func absent(field: String) throws(Refusal) -> Disclosable { .withheld }

  public var isPresent: Bool { if case .text = self { true } else { false } }

  public func write(to writer: inout CanonicalJSONWriter) {
    if case .text(let text) = self { writer.string(text) } else { writer.null() }
  }
}

/// One disclosure in the form of SD-JWT (RFC 9901): base64url of the JSON array `[salt, name, value]`.
public struct Disclosure: Hashable, Sendable {
  /// Random bytes in the salt, fresh for every occurrence of a field so that equal values do not correlate.
  public static let saltByteCount = 32

  /// What is stored beside the log and handed to readers who may see the value.
  public let encoded: String

  public init(encoded: String) { self.encoded = encoded }

  public init(salt: [UInt8], name: String, value: JSON) {
    self.init(salt: salt, name: name) { $0.write(value) }
  }

  init(salt: [UInt8], name: String, _ writeValue: (inout CanonicalJSONWriter) -> Void) {
    var writer = CanonicalJSONWriter()
    writer.beginArray()
    writer.base64URL(salt)
    writer.string(name)
    writeValue(&writer)
    writer.endArray()
    encoded = Base64URL.encode(writer.bytes)
  }

  /// base64url of the SHA-256 of the encoded form: what stands in `_sd`.
  public var digest: String {
    var encoded = encoded
    return encoded.withUTF8 { text in
      var hash = SHA256()
      hash.update(bufferPointer: UnsafeRawBufferPointer(text))
      return Base64URL.encode(hash.finalize().withUnsafeBytes { Array($0) })
    }
  }

  /// The name and value inside, or nil when this is not a disclosure.
  public var content: (name: String, value: JSON)? {
    guard let bytes = Base64URL.decode(encoded), case .array(let parts)? = try? JSONParser.parse(bytes),
      parts.count == 3, let name = parts[1].string
    else { return nil }
    return (name, parts[2])
  }
}

/// Makes disclosures while records are written, and collects them.
public struct DisclosureSink: Sendable {
  /// As much as one call of the system gives.
  private static let poolByteCount = 256

  public private(set) var disclosures: [Disclosure] = []
  private var randomness: SplitMix64?
  /// Secure random bytes that no salt has used; fetched many at a time, because each fetch is a system call.
  private var pool: [UInt8] = []

  /// Secure random salts.
  public init() {}

  /// Salts from a seed, for samples that must not change.
  public init(seed: UInt64) { randomness = SplitMix64(state: seed) }

  mutating func disclose(name: String, value: some FieldValue) -> String {
    let disclosure = Disclosure(salt: salt(byteCount: Disclosure.saltByteCount), name: name) { value.write(to: &$0) }
    disclosures.append(disclosure)
    return disclosure.digest
  }

  /// What was collected since the last call.
  public mutating func takeDisclosures() -> [Disclosure] {
    defer { disclosures = [] }
    return disclosures
  }

  /// Random bytes, from the seed where there is one.
  public mutating func salt(byteCount: Int) -> [UInt8] {
    while pool.count < byteCount { pool += nextBytes() }
    defer { pool.removeLast(byteCount) }
    return Array(pool.suffix(byteCount))
  }

  private mutating func nextBytes() -> [UInt8] {
    if let word = randomness?.next() { return withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    return [UInt8](unsafeUninitializedCapacity: Self.poolByteCount) { buffer, count in
      let result = getentropy(buffer.baseAddress, Self.poolByteCount)
      precondition(result == 0, "the system gives random bytes")
      count = Self.poolByteCount
    }
  }
}

/// base64url without padding (RFC 4648 §5).
public enum Base64URL {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { write(bytes, into: $0) }
  }

  /// Appends the encoded form without making a string of it.
  static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: encodedCount(bytes.count)) { buffer in
      _ = write(bytes, into: buffer)
      output.append(contentsOf: UnsafeBufferPointer(buffer))
    }
  }

  private static func encodedCount(_ byteCount: Int) -> Int { (byteCount * 4 + 2) / 3 }

  private static func write(_ bytes: [UInt8], into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let digits = alphabet.utf8Start
    var written = 0
    func put(_ word: UInt32, _ count: Int) {
      for place in 0..<count {
        buffer[written] = digits[Int(word >> UInt32(18 - 6 * place) & 0x3F)]
        written += 1
      }
    }
    var index = 0
    while bytes.count - index >= 3 {
      put(UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]), 4)
      index += 3
    }
    switch bytes.count - index {
    case 2: put(UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8, 3)
    case 1: put(UInt32(bytes[index]) << 16, 2)
    default: break
    }
    return written
  }

  public static func decode(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { digits in
      let bytes = [UInt8](unsafeUninitializedCapacity: digits.count * 6 / 8) { buffer, count in
        count = decode(digits, into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
      }
      // Nothing comes of nothing and of what cannot be decoded.
      return bytes.isEmpty && !digits.isEmpty ? nil : bytes
    }
  }

  /// Decodes into a buffer that has room for three bytes of each four digits.
  /// - Returns: how many bytes there are; nil for anything that `encode` does not write.
  public static func decode(
    _ digits: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (word, bits, count) = (UInt32(0), 0, 0)
    for byte in digits {
      guard let digit = digit(byte) else { return nil }
      word = word << 6 | digit
      bits += 6
      if bits >= 8 {
        bits -= 8
        buffer[count] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
        count += 1
      }
    }
    return bits < 6 && word & ((1 << UInt32(bits)) - 1) == 0 ? count : nil
  }

  /// Whether a text has digits only.
  public static func isText(_ text: UnsafeRawBufferPointer) -> Bool {
    // All bytes are looked at, many at a time, which takes a fraction of what it takes to stop at the first.
    var strange: UInt8 = 0
    for byte in text {
      let isLetter: UInt8 = (byte | 0x20) &- UInt8(ascii: "a") < 26 ? 1 : 0
      let isDigit: UInt8 = byte &- UInt8(ascii: "0") < 10 ? 1 : 0
      let isMark: UInt8 = (byte == UInt8(ascii: "-") ? 1 : 0) | (byte == UInt8(ascii: "_") ? 1 : 0)
      strange |= (isLetter | isDigit | isMark) ^ 1
    }
    return strange == 0
  }

  /// The six bits that a digit stands for.
  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}

/// A one-dimensional SQL array. Elements may be `Optional`, which stands for NULL elements.
///
/// Arrays of arrays are not supported: the server refuses what this encodes.
public struct PostgresArray<Element> {
  /// The elements in order; SQL counts them from one.
  public var elements: [Element]

  public init(_ elements: [Element]) {
    self.elements = elements
  }
}

extension PostgresArray: Sendable where Element: Sendable {}
extension PostgresArray: Equatable where Element: Equatable {}
extension PostgresArray: Hashable where Element: Hashable {}

extension PostgresArray: PostgresEncodable where Element: PostgresEncodable {
  public static var postgresType: PostgresType { Element.postgresArrayType }
  public static var postgresArrayType: PostgresType { Element.postgresArrayType }
  public var postgresByteCountHint: Int {
    20 + elements.count * (4 + (elements.first?.postgresByteCountHint ?? 0))
  }

  public func encode(into buffer: inout [UInt8]) throws(PostgresEncodingError) {
    // dimensions, has-nulls flag, element type, then per dimension its size and lower bound:
    // src/backend/utils/adt/arrayfuncs.c
    buffer.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
    buffer.appendBigEndian(Int32(0))
    buffer.appendBigEndian(Element.postgresType.rawValue)
    guard !elements.isEmpty else { return }
    guard let count = Int32(exactly: elements.count) else { throw .tooLarge(byteCount: elements.count) }
    buffer.appendBigEndian(count)
    buffer.appendBigEndian(Int32(1))
    try Element.encodeElements(elements, into: &buffer)
  }
}

extension PostgresArray: PostgresDecodable where Element: PostgresDecodable {
  public init(binary: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresDecodingError) {
    guard binary.count >= 12 else { throw .invalidLength(type: type, actual: binary.count) }
    let dimensions: Int32 = binary.loadBigEndian(at: 0)
    let elementType = PostgresType(rawValue: binary.loadBigEndian(at: 8))
    guard dimensions != 0 else {
      self.init([])
      return
    }
    guard dimensions == 1, binary.count >= 20 else { throw .invalidValue(type: type) }
    let count = Int(binary.loadBigEndian(at: 12, as: Int32.self))
    // Each element takes at least its length, so a forged count cannot reserve more than the message holds.
    guard count >= 0, count <= (binary.count - 20) / 4 else { throw .invalidValue(type: type) }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    var offset = 20
    for _ in 0..<count {
      guard binary.count - offset >= 4 else { throw .invalidValue(type: type) }
      let length = Int(binary.loadBigEndian(at: offset, as: Int32.self))
      offset += 4
      guard length >= 0 else {
        elements.append(try Element.decodeNull())
        continue
      }
      guard binary.count - offset >= length else { throw .invalidValue(type: type) }
      let bytes = UnsafeRawBufferPointer(rebasing: binary[offset..<offset + length])
      elements.append(try Element(binary: bytes, type: elementType))
      offset += length
    }
    self.init(elements)
  }
}

/// A value whose text is ASCII and needs no escaping in JSON, so that it is written without making a string of it.
public protocol PlainText: CustomStringConvertible {
  /// Appends what `description` says.
  func append(to bytes: inout [UInt8])
}

/// A plain text that is always equally long.
protocol FixedPlainText: PlainText {
  static var textLength: Int { get }
  /// Writes `textLength` bytes.
  func write(into buffer: UnsafeMutableBufferPointer<UInt8>)
}

extension FixedPlainText {
  public var description: String {
    String(unsafeUninitializedCapacity: Self.textLength) { buffer in
      write(into: buffer)
      return Self.textLength
    }
  }

  public func append(to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textLength) { buffer in
      write(into: buffer)
      bytes.append(contentsOf: UnsafeBufferPointer(buffer))
    }
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  /// Writes a number that is not negative in so many decimal digits, with zeros before it.
  func put(_ value: some BinaryInteger, at offset: Int, digits: Int) {
    var rest = value
    for index in stride(from: offset + digits - 1, through: offset, by: -1) {
      self[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}

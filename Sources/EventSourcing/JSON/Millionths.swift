/// A number with at most six decimal places: a measurement as a view shows it. Events hold integers only.
public struct Millionths: Hashable, Sendable, CustomStringConvertible {
  public static let zero = Millionths(rounding: 0)

  private let value: Int64

  /// The nearest one.
  ///
  /// Below 10^9 a number has at most fifteen digits, so its plain decimal form is the shortest that reads back as the
  /// same double: what RFC 8785 §3.2.2.3 asks for.
  public init(rounding number: Double) {
    precondition(number.magnitude < 1e9, "no view shows a number as large as \(number)")
    value = Int64((number * 1_000_000).rounded())
  }

  /// Plain decimal form without trailing zeros: `0`, `0.5`, `-12.000001`.
  public var description: String {
    let whole = String(value.magnitude / 1_000_000)
    var places = Array(String(1_000_000 + value.magnitude % 1_000_000).utf8.dropFirst())
    while places.last == UInt8(ascii: "0") { places.removeLast() }
    let fraction = places.isEmpty ? "" : ".\(String(decoding: places, as: UTF8.self))"
    return (value < 0 ? "-" : "") + whole + fraction
  }
}

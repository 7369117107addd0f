/// A moment in UTC with microsecond precision, as PostgreSQL's `timestamptz` keeps it.
public struct Timestamp: Hashable, Comparable, Sendable, FixedPlainText {
  public let microsecondsSinceEpoch: Int64

  public init(microsecondsSinceEpoch: Int64) { self.microsecondsSinceEpoch = microsecondsSinceEpoch }

  /// Parses RFC 3339 with an offset (`Z` or `±hh:mm`) and up to six fraction digits.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    guard let time = text.withUTF8({ Timestamp(utf8: $0) }) else { return nil }
    self = time
  }

  init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 20, let date = LocalDate(utf8: UnsafeBufferPointer(rebasing: bytes[0..<10])),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
      let second = Self.number(bytes[17..<19]), hour < 24, minute < 60, second < 60
    else { return nil }
    var rest = bytes[19...]
    var micros: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      guard (1...6).contains(digits.count), let fraction = Self.number(digits) else { return nil }
      micros = Int64(fraction)
      for _ in digits.count..<6 { micros *= 10 }
      rest = rest[digits.endIndex...]
    }
    guard let offsetMinutes = Self.offsetMinutes(rest) else { return nil }
    let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - offsetMinutes * 60
    // An offset must not lead out of the years that a date can name.
    guard seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
    microsecondsSinceEpoch = seconds * 1_000_000 + micros
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
  }

  public func advanced(byMicroseconds delta: Int64) -> Timestamp {
    Timestamp(microsecondsSinceEpoch: microsecondsSinceEpoch + delta)
  }

  /// The date of this moment in UTC.
  public var utcDate: LocalDate {
    LocalDate(daysSinceEpoch: Int32(Self.floorDivision(microsecondsSinceEpoch, 86_400_000_000)))
  }

  static let textLength = 27

  /// `YYYY-MM-DDThh:mm:ss.ffffffZ`, six fraction digits always.
  func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    let date = utcDate
    var rest = microsecondsSinceEpoch - Int64(date.daysSinceEpoch) * 86_400_000_000
    date.write(into: buffer)
    buffer[10] = UInt8(ascii: "T")
    buffer.put(rest / 3_600_000_000, at: 11, digits: 2)
    rest %= 3_600_000_000
    buffer[13] = UInt8(ascii: ":")
    buffer.put(rest / 60_000_000, at: 14, digits: 2)
    rest %= 60_000_000
    buffer[16] = UInt8(ascii: ":")
    buffer.put(rest / 1_000_000, at: 17, digits: 2)
    buffer[19] = UInt8(ascii: ".")
    buffer.put(rest % 1_000_000, at: 20, digits: 6)
    buffer[26] = UInt8(ascii: "Z")
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    var value = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func offsetMinutes(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
    guard let sign = text.first else { return nil }
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return text.count == 1 ? 0 : nil }
    let bytes = Array(text)
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = number(bytes[1..<3]),
      let minutes = number(bytes[4..<6]), hours < 24, minutes < 60
    else { return nil }
    let offset = Int64(hours * 60 + minutes)
    switch sign {
    case UInt8(ascii: "+"): return offset
    case UInt8(ascii: "-"): return -offset
    default: return nil
    }
  }

  private static func floorDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
  }
}

/// A calendar date without a time zone, `YYYY-MM-DD`, years 1 to 9999 of the proleptic Gregorian calendar.
public struct LocalDate: Hashable, Comparable, Sendable, FixedPlainText {
  public let daysSinceEpoch: Int32

  public init(daysSinceEpoch: Int32) { self.daysSinceEpoch = daysSinceEpoch }

  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else {
      return nil
    }
    // Days from civil, after Howard Hinnant's public algorithms: March-based years make the leap day the last.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    daysSinceEpoch = Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// Parses exactly `YYYY-MM-DD`.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    guard let date = text.withUTF8({ LocalDate(utf8: $0) }) else { return nil }
    self = date
  }

  init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = UnsafeBufferPointer(rebasing: bytes[0..<4]).decimal,
      let month = UnsafeBufferPointer(rebasing: bytes[5..<7]).decimal,
      let day = UnsafeBufferPointer(rebasing: bytes[8..<10]).decimal
    else { return nil }
    self.init(year: Int(year), month: Int(month), day: Int(day))
  }

  public static func < (left: LocalDate, right: LocalDate) -> Bool { left.daysSinceEpoch < right.daysSinceEpoch }

  public func advanced(byDays days: Int32) -> LocalDate { LocalDate(daysSinceEpoch: daysSinceEpoch + days) }

  public var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(daysSinceEpoch) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  static let textLength = 10

  func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    let (year, month, day) = components
    buffer.put(year, at: 0, digits: 4)
    buffer[4] = UInt8(ascii: "-")
    buffer.put(month, at: 5, digits: 2)
    buffer[7] = UInt8(ascii: "-")
    buffer.put(day, at: 8, digits: 2)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

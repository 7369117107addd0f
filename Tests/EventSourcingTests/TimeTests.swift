import EventSourcing
import Testing

struct LocalDateTests {
  @Test(
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("2000-03-01", 11_017), ("2018-09-04", 17_778), ("0001-01-01", -719_162),
      ("9999-12-31", 2_932_896), ("1900-03-01", -25_508), ("2000-02-29", 11_016),
    ] as [(String, Int32)])
  func `a date is its number of days since 1970`(text: String, days: Int32) throws {
    let date = try #require(LocalDate(text))
    #expect(date.daysSinceEpoch == days)
    #expect(LocalDate(daysSinceEpoch: days).description == text)
  }

  @Test func `every day of years 1 to 9999 follows the one before it`() throws {
    var days = try #require(LocalDate(year: 1, month: 1, day: 1)).daysSinceEpoch
    for year in 1...9999 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        let first = LocalDate(year: year, month: month + 1, day: 1)
        guard first?.daysSinceEpoch == days else {
          Issue.record("\(year)-\(month + 1) begins on the wrong day")
          return
        }
        let (y, m, d) = LocalDate(daysSinceEpoch: days + Int32(length) - 1).components
        guard y == year, m == month + 1, d == length, LocalDate(year: year, month: month + 1, day: length + 1) == nil
        else {
          Issue.record("\(year)-\(month + 1) ends on the wrong day")
          return
        }
        days += Int32(length)
      }
    }
    #expect(LocalDate("9999-12-31")?.daysSinceEpoch == days - 1)
  }

  @Test func `random dates print and parse back`() {
    var random = SplitMix64(state: 1)
    for _ in 0..<2000 {
      let date = LocalDate(daysSinceEpoch: .random(in: -719_162...2_932_896, using: &random))
      #expect(LocalDate(date.description) == date)
    }
  }

  @Test(arguments: [
    ("2000-02-29", true), ("1900-02-29", false), ("2020-02-29", true), ("2019-02-29", false), ("0004-02-29", true),
    ("2100-02-29", false),
  ])
  func `29 February exists in leap years only`(text: String, exists: Bool) {
    #expect((LocalDate(text) != nil) == exists)
  }

  @Test(arguments: [
    "", "2018", "2018-09", "2018-9-04", "2018-09-4", "2018-09-00", "2018-09-31", "2018-00-01", "2018-13-01",
    "0000-01-01", "-001-01-01", "+2018-09-04", "2018/09/04", "20180904", "2018-09-04 ", " 2018-09-04", "2018-09-04T",
    "２018-09-04", "2018-09-0x", "10000-01-01", "2018-09-045", "2018–09–04",
  ])
  func `anything but a real date in the form YYYY-MM-DD is refused`(text: String) { #expect(LocalDate(text) == nil) }

  @Test func `dates compare and advance`() throws {
    let date = try #require(LocalDate("2019-12-31"))
    #expect(date.advanced(byDays: 1).description == "2020-01-01")
    #expect(date.advanced(byDays: -365).description == "2018-12-31")
    #expect(date < date.advanced(byDays: 1))
    #expect(!(date < date))
  }
}

struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00.000000Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
      ("1969-12-31T00:00:00.000000Z", -86_400_000_000), ("1969-12-30T23:59:59.999999Z", -86_400_000_001),
      ("2018-09-04T12:34:56.789012Z", 1_536_064_496_789_012), ("0001-01-01T00:00:00.000000Z", -62_135_596_800_000_000),
      ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ] as [(String, Int64)])
  func `a moment is its microseconds since 1970, in one spelling`(text: String, micros: Int64) throws {
    #expect(try #require(Timestamp(text)).microsecondsSinceEpoch == micros)
    #expect(Timestamp(microsecondsSinceEpoch: micros).description == text)
  }

  @Test(arguments: [
    ("2018-09-04T12:00:00Z", "2018-09-04T12:00:00.000000Z"), ("2018-09-04T12:00:00.5Z", "2018-09-04T12:00:00.500000Z"),
    ("2018-09-04t12:00:00.0001z", "2018-09-04T12:00:00.000100Z"),
    ("2018-09-04T01:00:00+02:00", "2018-09-03T23:00:00.000000Z"),
    ("2018-09-04T23:30:00-01:45", "2018-09-05T01:15:00.000000Z"),
    ("2020-02-29T00:00:00.000001+00:00", "2020-02-29T00:00:00.000001Z"),
  ])
  func `offsets and shorter fractions are read`(text: String, expected: String) throws {
    #expect(try #require(Timestamp(text)).description == expected)
  }

  @Test(arguments: [
    "", "2018-09-04", "2018-09-04T12:00:00", "2018-09-04 12:00:00Z", "2018-09-04T24:00:00Z", "2018-09-04T12:60:00Z",
    "2018-09-04T12:00:60Z", "2018-09-04T12:00Z", "2018-09-04T12:00:00.Z", "2018-09-04T12:00:00.1234567Z",
    "2018-09-04T12:00:00,5Z", "2018-09-04T12:00:00+0200", "2018-09-04T12:00:00+24:00", "2018-09-04T12:00:00+02:60",
    "2018-09-04T12:00:00ZZ", "2018-09-04T12:00:00Z ", "2018-02-30T12:00:00Z", "2018-09-04T1a:00:00Z",
    "2018-09-04T12-00:00Z", "2018-09-04T12:00:00.-5Z", "2018-09-04T12:00:00 Z", "2018-09-04T12:00:00*02:00",
  ])
  func `anything else is refused`(text: String) { #expect(Timestamp(text) == nil) }

  @Test(arguments: ["9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"])
  func `a moment outside the years 1 to 9999 in UTC is refused`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `random moments print and parse back, on the date they show`() throws {
    var random = SplitMix64(state: 2)
    for _ in 0..<2000 {
      let micros = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)
      let time = Timestamp(microsecondsSinceEpoch: micros)
      #expect(Timestamp(time.description) == time)
      #expect(time.utcDate.description == String(time.description.prefix(10)))
    }
  }

  @Test func `the printed order is the order in time`() {
    var random = SplitMix64(state: 3)
    let times = (0..<200).map { _ in
      Timestamp(microsecondsSinceEpoch: .random(in: -1_000_000_000...1_000_000_000, using: &random))
    }
    #expect(times.sorted().map(\.description) == times.map(\.description).sorted())
  }
}

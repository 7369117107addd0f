internal import Coordination
internal import EventLogPostgres
internal import EventSourcing
internal import Postgres

/// A table of `projection.*` whose rows follow from the plan's state: for each subject, the rows that it has now.
struct ReadTable: Sendable {
  /// A row without plan and generation; its first value is the subject that it belongs to.
  typealias Row = [any PostgresEncodable]

  let name: String
  /// After `plan_id` and `generation`, in the order of a row's values.
  let columns: [String]
  /// The rows of a subject; none when the subject is not of this table.
  let rows: @Sendable (EntityID, Plan) -> [Row]
  /// Every subject that has rows.
  let subjects: @Sendable (Plan) -> [EntityID]

  /// The tables of which all rows can be written anew at any time.
  static let all: [ReadTable] = [.measures, .assignments, .institutions, .issues]

  /// Replaces the rows of some subjects.
  func replace(
    _ touched: [EntityID], of plan: Plan, generation: Int, on connection: PostgresConnection, isFresh: Bool
  ) async throws {
    let replaced = touched.flatMap { rows($0, plan) }
    if !isFresh {
      _ = try await connection.query(
        "DELETE FROM projection.\(name) WHERE plan_id = $1 AND generation = $2 AND subject_id = ANY ($3)",
        [plan.id, Int32(generation), PostgresArray(touched)])
    }
    let key: Row = [plan.id, Int32(generation)]
    try await Self.copy(replaced, into: name, columns, on: connection) { key + $0 }
  }

  /// Writes rows as one binary COPY.
  /// - Parameter row: begins with plan and generation.
  static func copy<Element>(
    _ elements: [Element], into name: String, _ columns: [String], on connection: PostgresConnection,
    row: (Element) -> Row
  ) async throws {
    guard !elements.isEmpty else { return }
    let list = (["plan_id", "generation"] + columns).joined(separator: ", ")
    try await connection.withCopyIn("COPY projection.\(name) (\(list)) FROM STDIN (FORMAT binary)") { copy in
      var encoder = PostgresCopyEncoder()
      for element in elements {
        try encoder.append(row(element))
        if encoder.byteCount > Self.copyByteCount { try await copy.write(encoder.take()) }
      }
      try await copy.write(encoder.finish())
    }
  }

  private static let copyByteCount = 65_536
}

extension LocalDate {
  var postgres: PostgresDate { PostgresDate(daysSinceUnixEpoch: daysSinceEpoch) }
}

extension Optional<LocalDate> {
  var postgres: PostgresDate? { map(\.postgres) }
}

extension Optional<Int> {
  var postgres: Int64? { map { Int64($0) } }
}

/// The times in which something does not change, from the days on which it may.
enum Validity {
  /// - Parameter value: what holds on a day; nil when there is nothing then.
  /// - Returns: one entry for each time, in order; neighbours differ.
  static func spans<Value: Equatable>(
    changingOn days: some Sequence<LocalDate>, _ value: (LocalDate) -> Value?
  ) -> [(value: Value, from: LocalDate, until: LocalDate?)] {
    var spans: [(value: Value, from: LocalDate, until: LocalDate?)] = []
    for day in Set(days).sorted() {
      let now = value(day)
      if let last = spans.last, last.until == nil {
        if last.value == now { continue }
        spans[spans.count - 1].until = day
      }
      if let now { spans.append((now, day, nil)) }
    }
    return spans
  }
}

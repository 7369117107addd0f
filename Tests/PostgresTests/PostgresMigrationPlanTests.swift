import Testing

@testable import Postgres

@Suite
struct PostgresMigrationPlanTests {
  private func migration(_ number: Int) -> PostgresMigration {
    PostgresMigration(number: number, name: "m\(number)", sql: "\(number)")
  }

  private func pending(_ known: [Int], applied: [Int], changed: Int? = nil) throws(PostgresMigrationError) -> [Int] {
    try PostgresMigrationPlan.pending(
      known.map(migration), checksums: known.map { [UInt8($0)] },
      applied: applied.map { number in
        PostgresAppliedMigration(
          number: number, name: "m\(number)", sha256: number == changed ? [] : [UInt8(number)],
          appliedAt: PostgresTimestamp(microsecondsSinceUnixEpoch: 0))
      }
    ).map(\.number)
  }

  @Test func `what is missing comes in the order of its numbers`() throws {
    #expect(try pending([3, 1, 2], applied: []) == [1, 2, 3])
    #expect(try pending([1, 2, 5], applied: [1, 2]) == [5])
    #expect(try pending([1], applied: [1]) == [])
    #expect(try pending([], applied: []) == [])
  }

  @Test func `what does not fit is an error that says what`() {
    #expect(throws: PostgresMigrationError.unknownNewer(database: 3, known: 2)) {
      try pending([1, 2], applied: [1, 2, 3])
    }
    #expect(throws: PostgresMigrationError.unknownApplied(number: 2, name: "m2")) {
      try pending([1, 3], applied: [1, 2])
    }
    #expect(throws: PostgresMigrationError.checksumChanged(number: 2, name: "m2")) {
      try pending([1, 2, 3], applied: [1, 2], changed: 2)
    }
    #expect(throws: PostgresMigrationError.outOfOrder(number: 2, applied: 3)) {
      try pending([1, 2, 3], applied: [1, 3])
    }
    #expect(throws: PostgresMigrationError.duplicateNumber(1)) { try pending([1, 1], applied: []) }
  }
}

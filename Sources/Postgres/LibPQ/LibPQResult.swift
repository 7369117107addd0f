import CLibPQ

/// One `PGresult`, freed with the last reference to it.
final class LibPQResult: @unchecked Sendable {  // a PGresult is never changed after PQgetResult returned it
  private let pointer: OpaquePointer
  let rowCount: Int
  let columnCount: Int

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
    rowCount = Int(PQntuples(pointer))
    columnCount = Int(PQnfields(pointer))
  }

  deinit {
    PQclear(pointer)
  }

  /// What the result means for the protocol.
  var kind: ResultKind {
    switch PQresultStatus(pointer) {
    case PGRES_TUPLES_OK: .rows
    case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .command
    case PGRES_COPY_OUT: .copyOut
    case PGRES_COPY_IN: .copyIn
    case PGRES_PIPELINE_SYNC: .pipelineSync
    case PGRES_PIPELINE_ABORTED: .pipelineAborted
    case PGRES_FATAL_ERROR: serverError.map { .serverError($0) } ?? .clientError(clientMessage)
    default: .clientError("unexpected result status")
    }
  }

  /// The server's report; nil when libpq itself is the one who failed.
  private var serverError: PostgresServerError? {
    var fields: [PostgresServerError.Field: String] = [:]
    for field in PostgresServerError.Field.allCases {
      if let value = PQresultErrorField(pointer, Int32(field.rawValue)) { fields[field] = String(cString: value) }
    }
    return fields[.sqlState] == nil ? nil : PostgresServerError(fields: fields)
  }

  private var clientMessage: String {
    PQresultErrorMessage(pointer).map { String(cString: $0) } ?? ""
  }

  /// Such as "INSERT 0 5", or "ROLLBACK" in answer to COMMIT.
  var commandTag: String {
    PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
  }

  /// The number in the command tag; zero for commands that have none.
  var affectedRows: Int {
    PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
  }

  /// The cell's bytes, valid while this object lives; nil for NULL. The caller has checked both indices.
  func cell(row: Int, column: Int) -> UnsafeRawBufferPointer? {
    let length = PQgetlength(pointer, Int32(row), Int32(column))
    if length == 0, PQgetisnull(pointer, Int32(row), Int32(column)) != 0 { return nil }
    return UnsafeRawBufferPointer(start: PQgetvalue(pointer, Int32(row), Int32(column)), count: Int(length))
  }

  func columnType(_ column: Int) -> PostgresType {
    PostgresType(rawValue: PQftype(pointer, Int32(column)))
  }

  func columnName(_ column: Int) -> String {
    PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
  }

  /// The first column of this name, compared exactly.
  func columnIndex(named name: String) -> Int? {
    (0..<columnCount).first { columnName($0) == name }
  }
}

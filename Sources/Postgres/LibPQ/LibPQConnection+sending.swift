import CLibPQ

extension LibPQConnection {
  /// Everything asked of the server is in binary format, both ways.
  private static let binary: Int32 = 1

  /// Sends a parse request; its parameter types come from the statement's values.
  func sendPrepare(name: String, _ statement: PostgresStatement) -> Bool {
    withUnsafeTemporaryAllocation(of: Oid.self, capacity: statement.parameters.count) { types in
      for (index, parameter) in statement.parameters.enumerated() {
        types[index] = parameter.type.rawValue
      }
      return PQsendPrepare(raw, name, statement.sql, Int32(types.count), types.baseAddress) == 1
    }
  }

  /// Sends a prepared statement's parameters and asks for its execution.
  func sendExecute(name: String, _ statement: PostgresStatement) -> Bool {
    let count = statement.parameters.count
    guard count > 0 else {
      return PQsendQueryPrepared(raw, name, 0, nil, nil, nil, Self.binary) == 1
    }
    return statement.bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
          withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
            for (index, parameter) in statement.parameters.enumerated() {
              values[index] = parameter.length < 0 ? nil : bytes.baseAddress.map { $0 + parameter.offset }
              numbers[index] = max(parameter.length, 0)
              numbers[count + index] = Self.binary
            }
            let lengths = numbers.baseAddress
            return PQsendQueryPrepared(
              raw, name, Int32(count), values.baseAddress, lengths, lengths.map { $0 + count }, Self.binary) == 1
          }
        }
      }
    }
  }

  /// Sends a text of one or more statements, by the simple protocol.
  func sendScript(_ sql: String) -> Bool {
    PQsendQuery(raw, sql) == 1
  }

  // MARK: Pipeline

  func enterPipeline() -> Bool {
    PQenterPipelineMode(raw) == 1
  }

  /// Only when every result has been taken.
  func exitPipeline() -> Bool {
    PQexitPipelineMode(raw) == 1
  }

  func sendSync() -> Bool {
    PQpipelineSync(raw) == 1
  }

  // MARK: COPY

  enum CopyRead {
    /// The buffer holds as much as was asked for.
    case full
    /// Everything that has arrived was taken.
    case blocked
    /// The server has ended the copy, well or not: its results say which.
    case ended
  }

  /// Appends what has arrived to the buffer until it holds `limit` bytes.
  func readCopy(into buffer: inout [UInt8], limit: Int) -> CopyRead {
    while buffer.count < limit {
      var row: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(raw, &row, 1)
      guard length > 0, let row else { return length == 0 ? .blocked : .ended }
      buffer.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(length)))
      PQfreemem(row)
    }
    return .full
  }

  /// Drops what has arrived.
  func discardCopy() -> CopyRead {
    while true {
      var row: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(raw, &row, 1)
      guard length > 0 else { return length == 0 ? .blocked : .ended }
      PQfreemem(row)
    }
  }

  enum CopyWrite {
    case written
    /// The socket takes no more: flush, wait, try again.
    case blocked
    case failed
  }

  /// Hands bytes to libpq's buffer; at most 2 GB at once.
  func writeCopy(_ bytes: UnsafeRawBufferPointer) -> CopyWrite {
    let result = bytes.withMemoryRebound(to: CChar.self) { PQputCopyData(raw, $0.baseAddress, Int32($0.count)) }
    return result == 1 ? .written : result == 0 ? .blocked : .failed
  }

  /// Ends the copy; with a reason the server discards it and reports an error.
  func endCopy(failing reason: String?) -> CopyWrite {
    let result = PQputCopyEnd(raw, reason)
    return result == 1 ? .written : result == 0 ? .blocked : .failed
  }
}

/// SQL text with its parameters, encoded into one buffer before the connection is asked for.
struct PostgresStatement: Sendable {
  /// One parameter's place in the buffer.
  struct Parameter: Sendable {
    let type: PostgresType
    let offset: Int
    /// Negative for NULL.
    let length: Int32
  }

  let sql: String
  let parameters: [Parameter]
  /// All parameters one after the other, and one byte more, so that it is never empty.
  let bytes: [UInt8]

  /// The protocol counts parameters with 16 bits.
  static let parametersMax = 65535

  /// A statement without parameters.
  init(_ sql: String) {
    self.sql = sql
    parameters = []
    bytes = []
  }

  init(_ sql: String, _ values: [any PostgresEncodable], _ call: CallSite) throws(PostgresError) {
    self.sql = sql
    guard values.count <= Self.parametersMax else {
      throw call.error(.encoding(.tooManyParameters(count: values.count), parameter: values.count))
    }
    var hint = 1
    for value in values { hint += value.postgresByteCountHint }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hint)
    var parameters: [Parameter] = []
    parameters.reserveCapacity(values.count)
    for value in values {
      do throws(PostgresEncodingError) {
        parameters.append(try Self.append(value, to: &bytes))
      } catch {
        throw call.error(.encoding(error, parameter: parameters.count + 1))
      }
    }
    bytes.append(0)
    self.parameters = parameters
    self.bytes = bytes
  }

  /// Takes the value out of its box once, so that its type is looked up once.
  private static func append<Value: PostgresEncodable>(
    _ value: Value, to bytes: inout [UInt8]
  ) throws(PostgresEncodingError) -> Parameter {
    let offset = bytes.count
    guard !value.isPostgresNull else { return Parameter(type: Value.postgresType, offset: offset, length: -1) }
    try value.encode(into: &bytes)
    guard let length = Int32(exactly: bytes.count - offset) else {
      throw .tooLarge(byteCount: bytes.count - offset)
    }
    return Parameter(type: Value.postgresType, offset: offset, length: length)
  }
}

extension PostgresStatement: CustomDebugStringConvertible {
  /// So many characters of one parameter are shown.
  private static let shownMax = 200

  /// The SQL and the values, long ones cut short.
  var debugDescription: String {
    let values = parameters.enumerated().map { index, parameter in "$\(index + 1) = \(shown(parameter))" }
    return values.isEmpty ? "statement: \(sql)" : "statement: \(sql)\nparameters: \(values.joined(separator: ", "))"
  }

  private func shown(_ parameter: Parameter) -> String {
    guard parameter.length >= 0 else { return "NULL" }
    let value = bytes[parameter.offset..<parameter.offset + Int(parameter.length)]
    let text = value.withUnsafeBytes { raw -> String? in
      switch parameter.type {
      case .int8, .int4, .int2: return (try? Int64(binary: raw, type: parameter.type)).map { "\($0)" }
      case .bool: return (try? Bool(binary: raw, type: .bool)).map { "\($0)" }
      case .float8: return (try? Double(binary: raw, type: .float8)).map { "\($0)" }
      case .text, .json:
        return "'\(String(decoding: raw.prefix(Self.shownMax), as: UTF8.self))'\(raw.count > Self.shownMax ? "…" : "")"
      default: return nil
      }
    }
    if let text { return text }
    let digits = value.prefix(Self.shownMax / 2).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    return "\(parameter.type) \\x\(digits.joined())\(value.count > Self.shownMax / 2 ? "…" : "")"
  }
}

/// Who called and what for: the part of an error that is known before anything happens.
struct CallSite: Sendable {
  let operation: String
  let file: String
  let line: Int

  func error(
    _ kind: PostgresError.Kind, outcomeUnknown: Bool = false, statement: PostgresStatement? = nil
  ) -> PostgresError {
    PostgresError(
      operation, kind, outcomeUnknown: outcomeUnknown, statement: statement, file: file, line: line)
  }
}

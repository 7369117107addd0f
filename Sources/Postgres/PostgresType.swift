/// The type of a value on the wire, named by its object identifier.
///
/// Built-in types have fixed identifiers, so a module that conforms its own type only names the one it is sent as:
/// a 16-byte identifier is `.uuid`, and its array is `.uuidArray`.
public struct PostgresType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The object identifier in `pg_type`.
  public let rawValue: UInt32

  /// Wraps any object identifier, also of a type this list does not name.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The type is not known: as a parameter the server infers it, and a COPY row carries no other.
  public static let unspecified = PostgresType(rawValue: 0)
  public static let bool = PostgresType(rawValue: 16)
  public static let bytea = PostgresType(rawValue: 17)
  public static let char = PostgresType(rawValue: 18)
  public static let name = PostgresType(rawValue: 19)
  public static let int8 = PostgresType(rawValue: 20)
  public static let int2 = PostgresType(rawValue: 21)
  public static let int4 = PostgresType(rawValue: 23)
  public static let text = PostgresType(rawValue: 25)
  public static let oid = PostgresType(rawValue: 26)
  public static let json = PostgresType(rawValue: 114)
  public static let float4 = PostgresType(rawValue: 700)
  public static let float8 = PostgresType(rawValue: 701)
  public static let unknown = PostgresType(rawValue: 705)
  public static let bpchar = PostgresType(rawValue: 1042)
  public static let varchar = PostgresType(rawValue: 1043)
  public static let date = PostgresType(rawValue: 1082)
  public static let timestamp = PostgresType(rawValue: 1114)
  public static let timestamptz = PostgresType(rawValue: 1184)
  public static let numeric = PostgresType(rawValue: 1700)
  public static let void = PostgresType(rawValue: 2278)
  public static let uuid = PostgresType(rawValue: 2950)
  public static let jsonb = PostgresType(rawValue: 3802)

  public static let boolArray = PostgresType(rawValue: 1000)
  public static let byteaArray = PostgresType(rawValue: 1001)
  public static let int2Array = PostgresType(rawValue: 1005)
  public static let int4Array = PostgresType(rawValue: 1007)
  public static let textArray = PostgresType(rawValue: 1009)
  public static let int8Array = PostgresType(rawValue: 1016)
  public static let float8Array = PostgresType(rawValue: 1022)
  public static let dateArray = PostgresType(rawValue: 1182)
  public static let timestamptzArray = PostgresType(rawValue: 1185)
  public static let uuidArray = PostgresType(rawValue: 2951)

  /// Types above this identifier were created by a user: enums, domains' bases, extensions.
  static let firstUserDefined: UInt32 = 16384

  /// The name of a type this list knows, else its number.
  public var description: String {
    Self.names[self] ?? "type \(rawValue)"
  }

  private static let names: [PostgresType: String] = [
    .unspecified: "unspecified", .bool: "bool", .bytea: "bytea", .char: "char", .name: "name", .int8: "int8",
    .int2: "int2", .int4: "int4", .text: "text", .oid: "oid", .json: "json", .float4: "float4", .float8: "float8",
    .unknown: "unknown", .bpchar: "bpchar", .varchar: "varchar", .date: "date", .timestamp: "timestamp",
    .timestamptz: "timestamptz", .numeric: "numeric", .void: "void", .uuid: "uuid", .jsonb: "jsonb",
    .boolArray: "bool[]", .byteaArray: "bytea[]", .int2Array: "int2[]", .int4Array: "int4[]", .textArray: "text[]",
    .int8Array: "int8[]", .float8Array: "float8[]", .dateArray: "date[]", .timestamptzArray: "timestamptz[]",
    .uuidArray: "uuid[]",
  ]
}

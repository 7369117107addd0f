/// A value that can stand in a field of a command or event.
///
/// Decoding is strict: the wrong type, a wrong form or an excess over a limit is a refusal that names the field.
public protocol FieldValue: Sendable {
  /// JSON Schema (2020-12) of the value, for OpenAPI.
  static var schema: JSON { get }
  /// Whether the field may be absent.
  static var isOptional: Bool { get }
  /// Whether events keep this field only as a salted digest (`_sd`), its value beside the log.
  static var isDisclosable: Bool { get }

  init(json: JSON, field: String) throws(Refusal)
  /// The value of a field that is not there.
  static func absent(field: String) throws(Refusal) -> Self
  /// False when the field is left out of the written record.
  var isPresent: Bool { get }
  /// Whether values of the type can refer to anything by its id.
  static var canRefer: Bool { get }
  /// Adds the ids in the value: what it refers to.
  func appendIdentifiers(to identifiers: inout [EntityID])
  func write(to writer: inout CanonicalJSONWriter)
}

extension FieldValue {
  public static var isOptional: Bool { false }
  public static var isDisclosable: Bool { false }
  public var isPresent: Bool { true }
  public static var canRefer: Bool { false }
  public func appendIdentifiers(to identifiers: inout [EntityID]) {}

  public static func absent(field: String) throws(Refusal) -> Self {
    throw Refusal(
      .malformed, "missing-field", field: field, de: "Das Feld fehlt.", en: "The field is missing.")
  }

  /// The refusal for a value of another JSON type.
  public static func wrongType(_ json: JSON, field: String, expected: String) -> Refusal {
    Refusal(
      .malformed, "wrong-type", field: field,
      de: "Erwartet wird ein anderer Werttyp (\(expected)).", en: "Expected \(expected), found \(json.kindName).",
      facts: [.init("expected", .string(expected)), .init("found", .string(json.kindName))])
  }

  /// The refusal for a value of the right type and the wrong form.
  public static func invalid(field: String, de german: String, en english: String) -> Refusal {
    Refusal(.malformed, "invalid-value", field: field, de: german, en: english)
  }
}

extension Optional: FieldValue where Wrapped: FieldValue {
  /// The same value, or null, which is as good as absent.
  public static var schema: JSON {
    .object(
      (Wrapped.schema.members ?? []).map { member in
        switch (member.key, member.value) {
        case ("type", .string(let type)): .init("type", [.string(type), "null"])
        case ("enum", .array(let values)): .init("enum", .array(values + [.null]))
        default: member
        }
      })
  }
  public static var isOptional: Bool { true }
  public static var isDisclosable: Bool { Wrapped.isDisclosable }
  public var isPresent: Bool { self?.isPresent ?? false }
  public static var canRefer: Bool { Wrapped.canRefer }

  public init(json: JSON, field: String) throws(Refusal) {
    self = json == .null ? nil : try Wrapped(json: json, field: field)
  }

  public static func absent(field: String) throws(Refusal) -> Self { nil }

  public func appendIdentifiers(to identifiers: inout [EntityID]) { self?.appendIdentifiers(to: &identifiers) }

  public func write(to writer: inout CanonicalJSONWriter) {
    if let self { self.write(to: &writer) } else { writer.null() }
  }
}

/// A list; at most `countMax` elements.
extension Array: FieldValue where Element: FieldValue {
  public static var countMax: Int { 200 }
  public static var schema: JSON {
    ["type": "array", "items": Element.schema, "maxItems": .integer(Int64(countMax))]
  }
  public static var isOptional: Bool { true }
  public var isPresent: Bool { !isEmpty }
  public static var canRefer: Bool { Element.canRefer }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let elements = json.array else { throw Self.wrongType(json, field: field, expected: "an array") }
    guard elements.count <= Self.countMax else {
      throw Self.invalid(
        field: field, de: "Höchstens \(Self.countMax) Einträge.", en: "At most \(Self.countMax) elements.")
    }
    var values: [Element] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      values.append(try Element(json: element, field: "\(field)[\(index)]"))
    }
    self = values
  }

  public static func absent(field: String) throws(Refusal) -> Self { [] }

  public func appendIdentifiers(to identifiers: inout [EntityID]) {
    for element in self { element.appendIdentifiers(to: &identifiers) }
  }

  public func write(to writer: inout CanonicalJSONWriter) {
    writer.beginArray()
    for element in self { element.write(to: &writer) }
    writer.endArray()
  }
}

extension Int: FieldValue {
  public static var schema: JSON {
    ["type": "integer", "minimum": .integer(-JSON.integerMax), "maximum": .integer(JSON.integerMax)]
  }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let value = json.integer else { throw Self.wrongType(json, field: field, expected: "an integer") }
    self = Int(value)
  }

  public func write(to writer: inout CanonicalJSONWriter) { writer.integer(Int64(self)) }
}

extension Bool: FieldValue {
  public static var schema: JSON { ["type": "boolean"] }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let value = json.bool else { throw Self.wrongType(json, field: field, expected: "a boolean") }
    self = value
  }

  public func write(to writer: inout CanonicalJSONWriter) { writer.bool(self) }
}

extension LocalDate: FieldValue {
  public static var schema: JSON { ["type": "string", "format": "date"] }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let text = json.string else { throw Self.wrongType(json, field: field, expected: "a date string") }
    guard let date = LocalDate(text) else {
      throw Self.invalid(field: field, de: "Erwartet wird ein Datum JJJJ-MM-TT.", en: "Expected a date YYYY-MM-DD.")
    }
    self = date
  }

  public func write(to writer: inout CanonicalJSONWriter) { writer.string(self) }
}

extension Identifier: FieldValue {
  public static var schema: JSON { ["type": "string", "format": "uuid"] }
  public static var canRefer: Bool { true }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let text = json.string else { throw Self.wrongType(json, field: field, expected: "a UUID string") }
    guard let id = EntityID(text) else {
      throw Self.invalid(field: field, de: "Erwartet wird eine UUID.", en: "Expected a UUID.")
    }
    self.init(id)
  }

  public func appendIdentifiers(to identifiers: inout [EntityID]) { identifiers.append(value) }

  public func write(to writer: inout CanonicalJSONWriter) { writer.string(self) }
}

/// An enumeration whose raw values are part of the public interface.
public protocol ChoiceFieldValue: FieldValue, RawRepresentable, CaseIterable where RawValue == String {}

extension ChoiceFieldValue {
  public static var schema: JSON { ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })] }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let text = json.string else { throw Self.wrongType(json, field: field, expected: "a string") }
    guard let choice = Self(rawValue: text) else {
      let choices = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw Self.invalid(field: field, de: "Erlaubt sind: \(choices).", en: "Allowed are: \(choices).")
    }
    self = choice
  }

  public func write(to writer: inout CanonicalJSONWriter) { writer.string(rawValue) }
}

/// A string with a form of its own, such as a slug or a label.
public protocol TextFieldValue: FieldValue, Hashable {
  static var lengthMax: Int { get }
  static var pattern: String? { get }
  var text: String { get }
  /// Takes a text that `TextForm.normalize` has accepted, or refuses it by returning nil.
  init?(normalized text: String)
  /// What is expected, for the refusal.
  static var expectation: LocalizedText { get }
  static var allowsLineBreaks: Bool { get }
}

extension TextFieldValue {
  public static var pattern: String? { nil }
  public static var allowsLineBreaks: Bool { false }

  public static var schema: JSON {
    var members: [JSON.Member] = [
      .init("type", "string"), .init("minLength", 1), .init("maxLength", .integer(Int64(lengthMax))),
    ]
    members.append(.init("pattern", .string(pattern ?? TextForm.pattern(allowsLineBreaks: allowsLineBreaks))))
    return .object(members)
  }

  public init(json: JSON, field: String) throws(Refusal) {
    guard let raw = json.string else { throw Self.wrongType(json, field: field, expected: "a string") }
    try self.init(raw, field: field)
  }

  /// Normalises and checks a text from outside.
  public init(_ raw: String, field: String) throws(Refusal) {
    let text = try TextForm.normalize(
      raw, lengthMax: Self.lengthMax, allowsLineBreaks: Self.allowsLineBreaks, field: field)
    guard let value = Self(normalized: text) else {
      throw Self.invalid(field: field, de: Self.expectation.german, en: Self.expectation.english)
    }
    self = value
  }

  public func write(to writer: inout CanonicalJSONWriter) { writer.string(text) }

  public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

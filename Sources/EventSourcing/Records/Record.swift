internal import Synchronization

/// One named field of a record.
public struct Field<Root: Sendable, Value: FieldValue>: Sendable {
  let name: String
  let circle: Circle?
  let doc: LocalizedText
  let value: @Sendable (Root) -> Value

  /// - Parameters:
  ///   - value: written as a key path, which the compiler turns into a plain read.
  ///   - circle: who may see the field of an event, where that are fewer than may see the event.
  public init(
    _ name: String, _ value: @escaping @Sendable (Root) -> Value, circle: Circle? = nil, de german: String = "",
    en english: String = ""
  ) {
    self.name = name
    self.circle = circle
    self.doc = LocalizedText(de: german, en: english)
    self.value = value
  }
}

/// The fields of a command or event, declared once: how to read it, how to write it, and what to tell OpenAPI about it.
///
/// Written records are canonical JSON: fields in ascending order of their names, absent ones left out.
public final class Record<Root: Sendable>: Sendable {
  /// In the order of declaration.
  public let fields: [FieldDescription]
  /// Fields of which one is given, and whether it is only one.
  private let alternatives: (names: [String], isOnlyOne: Bool)?
  private let readFields: @Sendable (borrowing FieldReader) throws(Refusal) -> Root
  /// In the order of their names.
  private let writers: [FieldWriter]
  private let disclosers: [FieldDiscloser]
  private let referrers: [FieldReferrer]

  public init<each Value: FieldValue>(
    _ make: @escaping @Sendable (repeat each Value) -> Root, _ field: repeat Field<Root, each Value>
  ) {
    var descriptions: [FieldDescription] = []
    var writers: [FieldWriter] = []
    var disclosers: [FieldDiscloser] = []
    var referrers: [FieldReferrer] = []
    repeat Self.add(each field, to: &descriptions, &writers, &disclosers, &referrers)
    fields = descriptions
    self.writers = writers.sorted { $0.name < $1.name }
    self.disclosers = disclosers
    self.referrers = referrers
    alternatives = nil
    let names = descriptions.map(\.name)
    readFields = { (reader: borrowing FieldReader) throws(Refusal) -> Root in
      // By their number, and not through the fields themselves: the runtime would look up the type of each of them for
      // every record that is read.
      var number = -1
      return make(repeat try reader.value(names, &number, as: (each Value).self))
    }
  }

  private static func add<Value>(
    _ field: Field<Root, Value>, to descriptions: inout [FieldDescription], _ writers: inout [FieldWriter],
    _ disclosers: inout [FieldDiscloser], _ referrers: inout [FieldReferrer]
  ) {
    descriptions.append(
      FieldDescription(
        name: field.name, doc: field.doc, schema: Value.schema, isOptional: Value.isOptional,
        isDisclosable: Value.isDisclosable, circle: field.circle))
    if Value.canRefer {
      referrers.append(
        FieldReferrer { root, identifiers in
          field.value(root.assumingMemoryBound(to: Root.self).pointee).appendIdentifiers(to: &identifiers)
        })
    }
    if Value.isDisclosable {
      disclosers.append(
        FieldDiscloser { root, sink in
          let value = field.value(root.assumingMemoryBound(to: Root.self).pointee)
          guard value.isPresent else { return nil }
          return sink.disclose(name: field.name, value: value)
        })
    } else {
      let key = EncodedKey(field.name)
      writers.append(
        FieldWriter(name: field.name) { root, writer in
          let value = field.value(root.assumingMemoryBound(to: Root.self).pointee)
          guard value.isPresent else { return }
          writer.key(key)
          value.write(to: &writer)
        })
    }
  }

  /// Reads a record from a JSON object.
  /// - Parameters:
  ///   - prefix: where the object lies in the whole input, for refusals.
  ///   - except: names that belong to the caller, not to the record.
  ///   - disclosed: values of disclosable fields by name.
  public func read(
    _ json: JSON, prefix: String = "", except: Set<String> = [], disclosed: [String: JSON] = [:]
  ) throws(Refusal) -> Root {
    guard let members = json.members else {
      throw Refusal(
        .malformed, "wrong-type", field: prefix.isEmpty ? nil : prefix,
        de: "Erwartet wird ein JSON-Objekt.", en: "Expected a JSON object, found \(json.kindName).")
    }
    for member in members where !isField(member.key) && !except.contains(member.key) {
      throw Refusal(
        .malformed, "unknown-field", field: FieldReader.path(prefix, member.key),
        de: "Dieses Feld gibt es hier nicht.", en: "There is no such field here.",
        facts: [.init("fields", .array(fields.map { .string($0.name) }))])
    }
    return try readFields(FieldReader(members: members, prefix: prefix, disclosed: disclosed))
  }

  private func isField(_ name: String) -> Bool {
    for field in fields where field.name == name { return true }
    return false
  }

  /// Writes the record as one canonical JSON object in clear. Disclosable fields, which only events have, are left out.
  public func write(_ root: Root, to writer: inout CanonicalJSONWriter) {
    writer.beginObject()
    writeFields(root, to: &writer)
    writer.endObject()
  }

  private func writeFields(_ root: Root, to writer: inout CanonicalJSONWriter) {
    withUnsafePointer(to: root) { root in
      for field in writers { field.write(UnsafeRawPointer(root), &writer) }
    }
  }

  /// Writes the record as event data: disclosable fields only as digests in `_sd`, which sorts before every field name.
  public func write(_ root: Root, to writer: inout CanonicalJSONWriter, disclosing sink: inout DisclosureSink) {
    let digests = withUnsafePointer(to: root) { root in
      disclosers.compactMap { $0.disclose(UnsafeRawPointer(root), &sink) }
    }
    write(root, to: &writer, digests: digests)
  }

  /// Writes the record as event data with these digests; disclosable fields are left out, whatever they hold.
  public func write(_ root: Root, to writer: inout CanonicalJSONWriter, digests: [String]) {
    writer.beginObject()
    if !digests.isEmpty {
      writer.key("_sd")
      writer.beginArray()
      for digest in digests.sorted() { writer.string(digest) }
      writer.endArray()
    }
    writeFields(root, to: &writer)
    writer.endObject()
  }

  /// The same record, of which OpenAPI says that exactly one of these fields is given.
  public func withEither(_ names: String...) -> Record { with(names, isOnlyOne: true) }

  /// The same record, of which OpenAPI says that at least one of these fields is given.
  public func withAny(_ names: String...) -> Record { with(names, isOnlyOne: false) }

  private func with(_ names: [String], isOnlyOne: Bool) -> Record {
    Record(of: self, alternatives: (names, isOnlyOne))
  }

  private init(of record: Record, alternatives: (names: [String], isOnlyOne: Bool)) {
    fields = record.fields
    self.alternatives = alternatives
    readFields = record.readFields
    writers = record.writers
    disclosers = record.disclosers
    referrers = record.referrers
  }

  /// The same facts as somebody knows them who may not see some of their fields: those read as if they were absent.
  /// - Returns: nil when the facts are none without these fields.
  public func withholding(_ names: Set<String>, from root: Root) -> Root? {
    var writer = CanonicalJSONWriter()
    write(root, to: &writer)
    guard let members = try? JSONParser.parse(writer.bytes).members else { return nil }
    return try? read(.object(members.filter { !names.contains($0.key) }))
  }

  /// The ids that the record refers to, in the order of its fields.
  public func identifiers(in root: Root) -> [EntityID] {
    var identifiers: [EntityID] = []
    appendIdentifiers(in: root, to: &identifiers)
    return identifiers
  }

  fileprivate func appendIdentifiers(in root: Root, to identifiers: inout [EntityID]) {
    withUnsafePointer(to: root) { root in
      for field in referrers { field.appendIdentifiers(UnsafeRawPointer(root), &identifiers) }
    }
  }

  fileprivate var canRefer: Bool { !referrers.isEmpty }

  /// JSON Schema of the object.
  public var schema: JSON {
    let properties = fields.map { field -> JSON.Member in
      var members = field.schema.members ?? []
      if !field.doc.english.isEmpty {
        members.append(.init("description", .string("\(field.doc.english) · \(field.doc.german)")))
      }
      return .init(field.name, .object(members))
    }
    var schema: [JSON.Member] = [
      .init("type", "object"), .init("additionalProperties", false), .init("properties", .object(properties)),
      .init("required", .array(fields.filter { !$0.isOptional }.map { .string($0.name) })),
    ]
    if let alternatives {
      let forms = alternatives.names.map { name -> JSON in
        ["required": [.string(name)], "properties": .object([.init(name, ["not": ["type": "null"]])])]
      }
      schema.append(.init(alternatives.isOnlyOne ? "oneOf" : "anyOf", .array(forms)))
    }
    return .object(schema)
  }
}

extension Record {
  /// The record of a type that takes its declaration from a protocol, which cannot store one: made with the first use
  /// for each type.
  public static func shared(_ make: () -> Record) -> Record {
    let type = ObjectIdentifier(Root.self)
    if let known = SharedRecords.byType.withLock({ $0[type] }) as? Record { return known }
    let record = make()
    SharedRecords.byType.withLock { $0[type] = record }
    return record
  }
}

private enum SharedRecords {
  static let byType = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])
}

extension Refusal {
  /// None or several of some fields were given of which exactly one is wanted.
  public static func either(_ name: String, _ other: String) -> Refusal {
    Refusal(
      .malformed, "invalid-value", field: name, de: "Entweder „\(name)“ oder „\(other)“ angeben.",
      en: "Give either “\(name)” or “\(other)”.")
  }
}

/// What OpenAPI and the command line say of one field.
public struct FieldDescription: Sendable {
  public let name: String
  public let doc: LocalizedText
  public let schema: JSON
  public let isOptional: Bool
  /// Whether events keep only its digest, so that its value can be erased.
  public let isDisclosable: Bool
  /// As declared; nil where it is the circle of the event.
  public let circle: Circle?
}

/// How one field is written. The record comes as a pointer, because a list of functions that name its type would make
/// the runtime look that type up for every field of every event.
private struct FieldWriter: Sendable {
  let name: String
  let write: @Sendable (UnsafeRawPointer, inout CanonicalJSONWriter) -> Void
}

/// How the digest of one erasable field is made; nil where there is nothing to erase.
private struct FieldDiscloser: Sendable {
  let disclose: @Sendable (UnsafeRawPointer, inout DisclosureSink) -> String?
}

/// How the ids in one field are found.
private struct FieldReferrer: Sendable {
  let appendIdentifiers: @Sendable (UnsafeRawPointer, inout [EntityID]) -> Void
}

/// The members of one object while its fields are read.
struct FieldReader {
  let members: [JSON.Member]
  let prefix: String
  let disclosed: [String: JSON]

  /// The value of the field after the one with that number.
  func value<Value: FieldValue>(
    _ names: [String], _ number: inout Int, as type: Value.Type
  ) throws(Refusal) -> Value {
    number += 1
    return try value(names[number], as: type)
  }

  private func value<Value: FieldValue>(_ name: String, as type: Value.Type) throws(Refusal) -> Value {
    let path = Self.path(prefix, name)
    if Value.isDisclosable, let value = disclosed[name] { return try Value(json: value, field: path) }
    guard let json = json(of: name) else { return try Value.absent(field: path) }
    return try Value(json: json, field: path)
  }

  private func json(of name: String) -> JSON? {
    for member in members where member.key == name { return member.value }
    return nil
  }

  static func path(_ prefix: String, _ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }
}

/// A value made of fields that stands inside another record, such as a source reference.
public protocol RecordFieldValue: FieldValue {
  static var record: Record<Self> { get }
}

extension RecordFieldValue {
  public static var schema: JSON { record.schema }

  public init(json: JSON, field: String) throws(Refusal) { self = try Self.record.read(json, prefix: field) }

  public static var canRefer: Bool { record.canRefer }

  public func appendIdentifiers(to identifiers: inout [EntityID]) {
    Self.record.appendIdentifiers(in: self, to: &identifiers)
  }

  public func write(to writer: inout CanonicalJSONWriter) { Self.record.write(self, to: &writer) }
}

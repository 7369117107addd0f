/// One named field of a record.
package struct Field<Root: Sendable, Value: FieldValue>: Sendable {
  let name: String
  let circle: Circle?
  let doc: LocalizedText
  let value: @Sendable (Root) -> Value

  /// - Parameters:
  ///   - value: written as a key path, which the compiler turns into a plain read.
  ///   - circle: who may see the field of an event, where that are fewer than may see the event.
  package init(
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
package struct Record<Root: Sendable>: Sendable {
  /// What OpenAPI and the command line say of one field.
  package struct FieldDescription: Sendable {
    package let name: String
    package let doc: LocalizedText
    package let schema: JSON
    package let isOptional: Bool
    /// Whether events keep only its digest, so that its value can be erased.
    package let isDisclosable: Bool
    /// As declared; nil where it is the circle of the event.
    package let circle: Circle?
  }

  /// In the order of declaration.
  package let fields: [FieldDescription]
  /// Fields of which one is given, and whether it is only one.
  private var alternatives: (names: [String], isOnlyOne: Bool)?
  private let readFields: @Sendable (borrowing FieldReader) throws(Refusal) -> Root
  private let writeFields: [@Sendable (Root, inout CanonicalJSONWriter) -> Void]
  private let discloseFields: [@Sendable (Root, inout DisclosureSink) -> String?]
  private let identifyFields: @Sendable (Root) -> [EntityID]

  package init<each Value: FieldValue>(
    _ make: @escaping @Sendable (repeat each Value) -> Root, _ field: repeat Field<Root, each Value>
  ) {
    var descriptions: [FieldDescription] = []
    var writers: [(name: String, write: @Sendable (Root, inout CanonicalJSONWriter) -> Void)] = []
    var disclosers: [@Sendable (Root, inout DisclosureSink) -> String?] = []
    repeat Self.add(each field, to: &descriptions, &writers, &disclosers)
    fields = descriptions
    // Not `.map(\.write)`: the runtime cannot build a key path into a tuple of this generic context, and traps.
    writeFields = writers.sorted { $0.name < $1.name }.map { $0.write }
    discloseFields = disclosers
    let all = (repeat each field)
    readFields = { (reader: borrowing FieldReader) throws(Refusal) -> Root in
      make(repeat try reader.value(each all))
    }
    identifyFields = { root in
      var identifiers: [EntityID] = []
      for field in repeat each all { identifiers += field.value(root).identifiers }
      return identifiers
    }
  }

  private static func add<Value>(
    _ field: Field<Root, Value>, to descriptions: inout [FieldDescription],
    _ writers: inout [(name: String, write: @Sendable (Root, inout CanonicalJSONWriter) -> Void)],
    _ disclosers: inout [@Sendable (Root, inout DisclosureSink) -> String?]
  ) {
    descriptions.append(
      FieldDescription(
        name: field.name, doc: field.doc, schema: Value.schema, isOptional: Value.isOptional,
        isDisclosable: Value.isDisclosable, circle: field.circle))
    if Value.isDisclosable {
      disclosers.append { root, sink in
        let value = field.value(root)
        guard value.isPresent else { return nil }
        return sink.disclose(name: field.name, value: JSON(writing: value))
      }
    } else {
      writers.append(
        (
          field.name,
          { root, writer in
            let value = field.value(root)
            guard value.isPresent else { return }
            writer.key(field.name)
            value.write(to: &writer)
          }
        ))
    }
  }

  /// Reads a record from a JSON object.
  /// - Parameters:
  ///   - prefix: where the object lies in the whole input, for refusals.
  ///   - except: names that belong to the caller, not to the record.
  ///   - disclosed: values of disclosable fields by name.
  package func read(
    _ json: JSON, prefix: String = "", except: Set<String> = [], disclosed: [String: JSON] = [:]
  ) throws(Refusal) -> Root {
    guard let members = json.members else {
      throw Refusal(
        .malformed, "wrong-type", field: prefix.isEmpty ? nil : prefix,
        de: "Erwartet wird ein JSON-Objekt.", en: "Expected a JSON object, found \(json.kindName).")
    }
    for member in members where !fields.contains(where: { $0.name == member.key }) && !except.contains(member.key) {
      throw Refusal(
        .malformed, "unknown-field", field: FieldReader.path(prefix, member.key),
        de: "Dieses Feld gibt es hier nicht.", en: "There is no such field here.",
        facts: [.init("fields", .array(fields.map { .string($0.name) }))])
    }
    return try readFields(FieldReader(members: members, prefix: prefix, disclosed: disclosed))
  }

  /// Writes the record as one canonical JSON object in clear. Disclosable fields, which only events have, are left out.
  package func write(_ root: Root, to writer: inout CanonicalJSONWriter) {
    writer.beginObject()
    for write in writeFields { write(root, &writer) }
    writer.endObject()
  }

  /// Writes the record as event data: disclosable fields only as digests in `_sd`, which sorts before every field name.
  package func write(_ root: Root, to writer: inout CanonicalJSONWriter, disclosing sink: inout DisclosureSink) {
    writer.beginObject()
    var digests: [String] = []
    for disclose in discloseFields {
      if let digest = disclose(root, &sink) { digests.append(digest) }
    }
    if !digests.isEmpty {
      writer.key("_sd")
      writer.beginArray()
      for digest in digests.sorted() { writer.string(digest) }
      writer.endArray()
    }
    for write in writeFields { write(root, &writer) }
    writer.endObject()
  }

  /// The same record, of which OpenAPI says that exactly one of these fields is given.
  package func withEither(_ names: String...) -> Record { with(names, isOnlyOne: true) }

  /// The same record, of which OpenAPI says that at least one of these fields is given.
  package func withAny(_ names: String...) -> Record { with(names, isOnlyOne: false) }

  private func with(_ names: [String], isOnlyOne: Bool) -> Record {
    var record = self
    record.alternatives = (names, isOnlyOne)
    return record
  }

  /// The same facts as somebody knows them who may not see some of their fields: those read as if they were absent.
  /// - Returns: nil when the facts are none without these fields.
  package func withholding(_ names: Set<String>, from root: Root) -> Root? {
    var writer = CanonicalJSONWriter()
    write(root, to: &writer)
    guard let members = try? JSONParser.parse(writer.bytes).members else { return nil }
    return try? read(.object(members.filter { !names.contains($0.key) }))
  }

  /// The ids that the record refers to, in the order of its fields.
  package func identifiers(in root: Root) -> [EntityID] { identifyFields(root) }

  /// JSON Schema of the object.
  package var schema: JSON {
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

extension Refusal {
  /// None or several of some fields were given of which exactly one is wanted.
  package static func either(_ name: String, _ other: String) -> Refusal {
    Refusal(
      .malformed, "invalid-value", field: name, de: "Entweder „\(name)“ oder „\(other)“ angeben.",
      en: "Give either “\(name)” or “\(other)”.")
  }
}

extension JSON {
  init(writing value: some FieldValue) {
    var writer = CanonicalJSONWriter()
    value.write(to: &writer)
    // What a field value writes is JSON by construction.
    self = (try? JSONParser.parse(writer.bytes)) ?? .null
  }
}

/// The members of one object while its fields are read.
struct FieldReader {
  let members: [JSON.Member]
  let prefix: String
  let disclosed: [String: JSON]

  func value<Root, Value>(_ field: Field<Root, Value>) throws(Refusal) -> Value {
    let path = Self.path(prefix, field.name)
    if Value.isDisclosable, let value = disclosed[field.name] { return try Value(json: value, field: path) }
    guard let member = members.first(where: { $0.key == field.name }) else { return try Value.absent(field: path) }
    return try Value(json: member.value, field: path)
  }

  static func path(_ prefix: String, _ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }
}

/// A value made of fields that stands inside another record, such as a source reference.
package protocol RecordFieldValue: FieldValue {
  static var record: Record<Self> { get }
}

extension RecordFieldValue {
  package static var schema: JSON { record.schema }

  package init(json: JSON, field: String) throws(Refusal) { self = try Self.record.read(json, prefix: field) }

  package var identifiers: [EntityID] { Self.record.identifiers(in: self) }

  package func write(to writer: inout CanonicalJSONWriter) { Self.record.write(self, to: &writer) }
}

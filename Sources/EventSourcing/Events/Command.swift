/// What a caller may ask for: its data, its name on the wire, and what to tell people about it.
///
/// A command type describes itself once; routes, OpenAPI and command-line help are made from the description.
public protocol Command: Sendable {
  /// Kebab-case, imperative: the last part of `POST …/commands/{command}`.
  static var name: String { get }
  static var summary: LocalizedText { get }
  static var record: Record<Self> { get }
}

extension Command {
  /// The command's own fields as canonical JSON.
  public var canonicalBody: [UInt8] {
    var writer = CanonicalJSONWriter()
    Self.record.write(self, to: &writer)
    return writer.bytes
  }

  /// The name and the body: two commands with one signature ask for the same.
  public var signature: [UInt8] { Array(Self.name.utf8) + canonicalBody }
}

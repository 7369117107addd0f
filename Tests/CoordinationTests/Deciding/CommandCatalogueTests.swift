import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct CommandCatalogueTests {
  @Test func `names are unique, kebab-case and imperative for all the world to read`() {
    let names = CommandCatalogue.all.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(CommandCatalogue.byName.count == names.count)
    for kind in CommandCatalogue.all {
      #expect(Slug(normalized: kind.name) != nil)
      #expect(!kind.summary.german.isEmpty && !kind.summary.english.isEmpty, "\(kind.name)")
      #expect(!kind.facts.isEmpty, "\(kind.name)")
    }
  }

  @Test func `there is an accepted sample of every command`() {
    #expect(Set(CommandSamples.accepted.keys) == Set(CommandCatalogue.all.map { $0.name }))
  }

  @Test func `the samples fill every field, but one of two that exclude each other`() {
    func unfilled<Command: PlanCommand>(_ kind: Command.Type) -> Set<String> {
      Set(kind.record.fields.map(\.name)).subtracting((CommandSamples.accepted[kind.name]?.members ?? []).map(\.key))
    }
    let others: [String: Set<String>] = [
      "declare-dependency": ["act"], "declare-cross-cutting": ["theme"], "end-link": ["external"],
    ]
    for kind in CommandCatalogue.all { #expect(unfilled(kind) == others[kind.name] ?? [], "\(kind.name)") }
  }

  @Test func `a command that is written and read back is the same bytes`() throws {
    func written<Command: PlanCommand>(_ kind: Command.Type, _ json: JSON) throws -> [UInt8] {
      var writer = CanonicalJSONWriter()
      kind.record.write(try kind.record.read(json), to: &writer)
      return writer.bytes
    }
    for kind in CommandCatalogue.all {
      let json = try #require(CommandSamples.accepted[kind.name])
      let bytes = try written(kind, json)
      #expect(bytes == json.canonicalBytes, "\(kind.name)")
      #expect(try written(kind, JSONParser.parse(bytes)) == bytes, "\(kind.name)")
    }
  }

  @Test func `a command without its optional fields is read and written without them`() throws {
    func check<Command: PlanCommand>(_ kind: Command.Type, _ json: JSON) throws {
      let required = Set(kind.record.fields.filter { !$0.isOptional }.map(\.name))
      let least = JSON.object((json.members ?? []).filter { required.contains($0.key) })
      var writer = CanonicalJSONWriter()
      kind.record.write(try kind.record.read(least), to: &writer)
      #expect(writer.bytes == least.canonicalBytes, "\(kind.name)")
      for name in required {
        let refusal = #expect(throws: Refusal.self) { try kind.record.read(least.replacing(name, nil)) }
        #expect(refusal?.code == "missing-field")
        #expect(refusal?.field == name)
      }
    }
    for kind in CommandCatalogue.all { try check(kind, try #require(CommandSamples.accepted[kind.name])) }
  }

  @Test func `an unknown field is refused by every command`() {
    func refusal<Command: PlanCommand>(_ kind: Command.Type) -> Refusal? {
      do throws(Refusal) {
        _ = try kind.record.read((CommandSamples.accepted[kind.name] ?? [:]).replacing("frobnicate", 1))
        return nil
      } catch { return error }
    }
    for kind in CommandCatalogue.all {
      #expect(refusal(kind)?.code == "unknown-field", "\(kind.name)")
      #expect(refusal(kind)?.field == "frobnicate", "\(kind.name)")
    }
  }

  @Test func `the schema of every command names exactly its fields`() {
    func check<Command: PlanCommand>(_ kind: Command.Type) {
      #expect(kind.record.schema["properties"]?.members?.map(\.key) == kind.record.fields.map(\.name), "\(kind.name)")
      #expect(kind.record.schema["additionalProperties"] == false)
    }
    for kind in CommandCatalogue.all { check(kind) }
  }
}

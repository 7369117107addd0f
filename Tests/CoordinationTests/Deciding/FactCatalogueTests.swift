import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct FactCatalogueTests {
  @Test func `type strings are unique and have the agreed form`() throws {
    let form = /org\.federwerk(\.[a-z]+(-[a-z]+)*){2}\.v[1-9][0-9]*/
    for (type, kind) in FactCatalogue.byType {
      #expect(type == kind.type)
      #expect(type.wholeMatch(of: form) != nil, "\(type)")
    }
    let kinds = CommandCatalogue.all.flatMap { $0.facts }.map { ObjectIdentifier($0) }
    #expect(Set(kinds).count == FactCatalogue.byType.count, "two facts share a type string")
  }

  @Test func `every fact comes back from its data, byte for byte`() throws {
    for (type, kind) in FactCatalogue.byType {
      let data = FactSamples.data(of: kind)
      let fact = try #require(FactCatalogue.fact(type: type, data: data), "\(type)")
      #expect(
        NewEvent(Subject("measures", id(1).value), fact).clearData().canonicalBytes == data.canonicalBytes, "\(type)")
    }
  }

  @Test func `every fact can be folded into an empty plan, alone and after every other`() throws {
    let record = { (position: Int64) in
      EventRecord(
        position: Position(position), subject: Subject("measures", id(1).value),
        recordedAt: Timestamp(microsecondsSinceEpoch: position), effectiveDate: day("2019-03-01"),
        actor: .system("clock"),
        recordedSource: .clock)
    }
    let facts = try FactCatalogue.byType.sorted { $0.key < $1.key }.map { type, kind in
      try #require(FactCatalogue.fact(type: type, data: FactSamples.data(of: kind)))
    }
    for first in facts {
      var plan = Plan(id: id(0).value)
      plan.apply(first, record(0))
      #expect(plan.size == LogSize(1))
      for (index, next) in facts.enumerated() { plan.apply(next, record(Int64(index) + 1)) }
      for (index, next) in facts.reversed().enumerated() { plan.apply(next, record(Int64(facts.count + index) + 1)) }
      #expect(plan.size == LogSize(Int64(2 * facts.count) + 1))
      // Whatever lies in the plan now, asking it does not trap either.
      _ = plan.dueCommands(on: day("2030-01-01"))
      for counted in StatedFigure.Counted.allCases { _ = plan.count(of: counted, on: day("2030-01-01")) }
    }
  }

  @Test func `facts of random data in random order never trap`() throws {
    var random = SplitMix64(state: 17)
    let kinds = FactCatalogue.byType.sorted { $0.key < $1.key }.map(\.value)
    for _ in 0..<30 {
      var plan = Plan(id: id(0).value)
      for position in 0..<60 {
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        let data = FactSamples.data(of: kind, identifiers: (0..<5).map { id($0) }.shuffled(using: &random))
        let fact = try #require(FactCatalogue.fact(type: kind.type, data: data))
        let noun = ["measures", "institutions", "issues", "plans"][Int.random(in: 0..<4, using: &random)]
        let about = id(UInt64.random(in: 0..<5, using: &random)).value
        let record = EventRecord(
          position: Position(Int64(position)), subject: Subject(noun, about),
          recordedAt: Timestamp(microsecondsSinceEpoch: 0),
          effectiveDate: LocalDate(daysSinceEpoch: .random(in: 17_000...19_000, using: &random)),
          actor: .system("import"), recordedSource: .import)
        plan.apply(fact, record)
        let sentence = fact.sentence(in: plan, record)
        #expect(!"\(sentence.german) \(sentence.english)".contains(/\d{4}-\d{2}-\d{2}/), "dates are written in words")
        for command in plan.dueCommands(on: day("2030-01-01")) {
          var context = DecisionContext(
            now: Timestamp(microsecondsSinceEpoch: 0), today: day("2030-01-01"), actor: .clock,
            identifiers: IdentifierSource(seed: 1, at: Timestamp(microsecondsSinceEpoch: 0)))
          _ = try? Decider.decide(command, on: plan, &context)
        }
      }
    }
  }

  @Test(
    arguments: [
      ("assign-lead", [60, 34]), ("link-measures", [60, 11]), ("raise-issue", [21, 31]), ("create-plan", []),
    ] as [(String, [UInt64])])
  func `a fact tells which ids it refers to, also those that may be missing`(
    command: String, numbers: [UInt64]
  ) throws {
    let json = try #require(CommandSamples.accepted[command])
    let event = try #require(CommandSamples.spec(for: command).when(command, json).result.get().first)
    #expect(event.fact.identifiers == numbers.map { id($0).value })
  }

  @Test func `an unknown type and data that do not fit are no fact`() {
    #expect(FactCatalogue.fact(type: "org.federwerk.plan.abolished.v1", data: [:]) == nil)
    #expect(FactCatalogue.fact(type: "org.federwerk.plan.created.v1", data: [:]) == nil)
    #expect(
      FactCatalogue.fact(type: "org.federwerk.plan.created.v1", data: ["slug": "s", "title": "T", "new": 1]) == nil)
    #expect(FactCatalogue.fact(type: "org.federwerk.plan.created.v1", data: nil) == nil)
    #expect(FactCatalogue.fact(type: "org.federwerk.plan.created.v1", data: ["slug": "s", "title": "T"]) != nil)
  }

  // MARK: - Frozen samples

  @Test func `there is a frozen sample of every type`() {
    #expect(Set(FrozenEvents.data.keys) == Set(FactCatalogue.byType.keys))
  }

  @Test(arguments: FrozenEvents.data.keys.sorted())
  func `what was ever written stays readable, with the same meaning`(type: String) throws {
    let frozen = Array(try #require(FrozenEvents.data[type]).utf8)
    let data = try JSONParser.parse(frozen)
    #expect(data.canonicalBytes == frozen)
    let fact = try #require(FactCatalogue.fact(type: type, data: data))
    let event = NewEvent(Subject("measures", id(1).value), fact)
    #expect(event.clearData().canonicalBytes == data.replacing("_sd", nil).canonicalBytes)
  }

  @Test(arguments: FrozenEvents.data.keys.sorted())
  func `what is written today is what was written then`(type: String) throws {
    let kind = try #require(FactCatalogue.byType[type])
    let fact = try #require(FactCatalogue.fact(type: type, data: FactSamples.data(of: kind)))
    let stored = NewEvent(Subject("measures", id(1).value), fact).storedData().canonicalBytes
    #expect(String(decoding: stored, as: UTF8.self) == FrozenEvents.data[type])
  }
}

/// Data with every field filled, made from what a record says of its fields.
enum FactSamples {
  static func data(of kind: any PlanFact.Type, identifiers: [SampleID] = [id(1)]) -> JSON {
    func fields<Fact: PlanFact>(_ kind: Fact.Type) -> [(String, JSON)] {
      kind.record.fields.map { ($0.name, $0.schema) }
    }
    return .object(
      fields(kind).sorted { $0.0 < $1.0 }.enumerated().map { index, field in
        JSON.Member(field.0, value(of: field.1, identifiers[index % identifiers.count]))
      })
  }

  private static func value(of schema: JSON, _ identifier: SampleID) -> JSON {
    if let choice = schema["enum"]?.array?.last(where: { $0 != .null }) { return choice }
    switch schema["type"]?.array?.first?.string ?? schema["type"]?.string ?? "" {
    case "integer": return 7
    case "boolean": return true
    case "array": return .array([value(of: schema["items"] ?? [:], identifier)])
    case "object":
      let members = schema["properties"]?.members ?? []
      return .object(members.map { JSON.Member($0.key, value(of: $0.value, identifier)) })
    default: return text(schema["format"]?.string ?? schema["pattern"]?.string, identifier)
    }
  }

  private static func text(_ form: String?, _ identifier: SampleID) -> JSON {
    if form == "date" { return "2019-04-01" }
    if form == "uuid" { return identifier.json }
    if form == Slug.pattern { return "slug-1" }
    if form == WebhookAddress.pattern { return "https://hooks.example/a" }
    if form == EventTypePattern.pattern { return "measure.*" }
    if form == Citation.pattern { return "S2:688-692" }
    return form == Numeral.pattern ? "IV" : "Größe „A“"
  }
}

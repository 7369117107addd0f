public import Coordination
public import EventSourcing
public import Testing

/// Given events (as the commands that caused them), when a command, then events or a refusal.
///
/// Commands are written as the JSON that callers send. What a command yields is folded only after a trip through its
/// stored form, without disclosures, so that a fold that needs an erasable value fails here.
public struct DeciderSpecification: Sendable {
  public private(set) var plan: Plan
  /// What was folded into the plan, in order.
  public private(set) var history: [(fact: any PlanFact, record: EventRecord, actor: PlanActor)] = []
  /// The day on which commands are sent; also their effective date unless a test says otherwise.
  public var today: LocalDate

  public init(plan: EntityID = id(0).value, today: LocalDate = day("2019-03-01")) {
    self.plan = Plan(id: plan)
    self.today = today
  }

  /// Sends a command that must be accepted, and folds its events.
  public mutating func given(
    _ command: String, _ json: JSON, as actor: PlanActor = .office, on effectiveDate: LocalDate? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    switch when(command, json, as: actor, on: effectiveDate, sourceLocation: sourceLocation).result {
    case .success(let events): record(events, as: actor, on: effectiveDate ?? today)
    case .failure(let refusal):
      Issue.record("given \(command): \(refusal.code) \(refusal.field ?? "")", sourceLocation: sourceLocation)
    }
  }

  /// Sends a command that may be refused, and folds its events if it is not.
  public mutating func attempt(_ command: String, _ json: JSON, as actor: PlanActor = .office) {
    switch when(command, json, as: actor).result {
    case .success(let events): record(events, as: actor, on: today)
    case .failure: break
    }
  }

  /// Folds facts that no command of this build would yield.
  public mutating func record(_ events: [NewEvent], as actor: PlanActor = .office, on effectiveDate: LocalDate) {
    for event in events {
      let record = EventRecord(
        position: plan.size.nextPosition, subject: event.subject,
        recordedAt: Timestamp(microsecondsSinceEpoch: plan.size.value), effectiveDate: effectiveDate, actor: actor.id,
        onBehalfOf: actor.institution.flatMap { plan.party($0) }?.subject, recordedSource: .api)
      guard let stored = FactCatalogue.fact(type: type(of: event.fact).type, data: event.storedData()) else {
        Issue.record("\(type(of: event.fact).type) cannot be read back")
        continue
      }
      plan.apply(stored, record)
      history.append((stored, record, actor))
    }
  }

  public func when(
    _ command: String, _ json: JSON, as actor: PlanActor = .office, on effectiveDate: LocalDate? = nil,
    unchangedSince: Position? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Outcome {
    guard let kind = CommandCatalogue.byName[command] else {
      Issue.record("there is no command \(command)", sourceLocation: sourceLocation)
      return Outcome(result: .success([]))
    }
    var context = DecisionContext(
      now: Timestamp(microsecondsSinceEpoch: Int64(today.daysSinceEpoch) * 86_400_000_000), today: today, actor: actor,
      effectiveDate: effectiveDate,
      identifiers: IdentifierSource(
        seed: UInt64(plan.size.value), at: Timestamp(microsecondsSinceEpoch: 1_551_441_600_000_000)))
    func send<Command: PlanCommand>(_ kind: Command.Type) throws(Refusal) -> [NewEvent] {
      try Decider.decide(try kind.record.read(json), on: plan, &context, unchangedSince: unchangedSince)
    }
    do throws(Refusal) { return Outcome(result: .success(try send(kind))) } catch {
      return Outcome(result: .failure(error))
    }
  }
}

/// What became of a command.
public struct Outcome {
  public let result: Result<[NewEvent], Refusal>

  /// Expects one event of a type on a subject, with these data (all fields in clear).
  public func yields(
    _ type: String, on subject: String, _ data: JSON? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let events = events(sourceLocation) else { return }
    #expect(events.count == 1, sourceLocation: sourceLocation)
    guard let event = events.first else { return }
    #expect(Swift.type(of: event.fact).type == "org.federwerk.\(type)", sourceLocation: sourceLocation)
    #expect(event.subject.description == subject, sourceLocation: sourceLocation)
    guard let data else { return }
    let written = String(decoding: event.clearData().canonicalBytes, as: UTF8.self)
    #expect(written == String(decoding: data.canonicalBytes, as: UTF8.self), sourceLocation: sourceLocation)
  }

  /// Expects an acceptance, whatever it yields.
  public func isAccepted(sourceLocation: SourceLocation = #_sourceLocation) { _ = events(sourceLocation) }

  /// Expects an acceptance that changes nothing.
  public func yieldsNothing(sourceLocation: SourceLocation = #_sourceLocation) {
    guard let events = events(sourceLocation) else { return }
    #expect(events.isEmpty, sourceLocation: sourceLocation)
  }

  /// Expects a refusal, with its kind, code, field and, where given, its facts.
  public func isRefused(
    _ kind: Refusal.Kind, _ code: String, field: String? = nil, facts: JSON? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .failure(let refusal) = result else {
      Issue.record("expected \(code), but the command was accepted", sourceLocation: sourceLocation)
      return
    }
    #expect(refusal.kind == kind, sourceLocation: sourceLocation)
    #expect(refusal.code == code, sourceLocation: sourceLocation)
    #expect(refusal.field == field, sourceLocation: sourceLocation)
    #expect(!refusal.reason.german.isEmpty && !refusal.reason.english.isEmpty, sourceLocation: sourceLocation)
    guard let facts else { return }
    let told = String(decoding: JSON.object(refusal.facts).canonicalBytes, as: UTF8.self)
    #expect(told == String(decoding: facts.canonicalBytes, as: UTF8.self), sourceLocation: sourceLocation)
  }

  private func events(_ sourceLocation: SourceLocation) -> [NewEvent]? {
    switch result {
    case .success(let events): return events
    case .failure(let refusal):
      Issue.record(
        "refused: \(refusal.code) at \(refusal.field ?? "no field"): \(refusal.reason.english)",
        sourceLocation: sourceLocation)
      return nil
    }
  }
}

extension NewEvent {
  /// The data as they are stored, without the disclosures.
  public func storedData() -> JSON {
    var sink = DisclosureSink(seed: 1)
    var writer = CanonicalJSONWriter()
    fact.writeData(to: &writer, disclosing: &sink)
    return (try? JSONParser.parse(writer.bytes)) ?? .null
  }

  /// The data with every value in clear, as a reader sees them who has all disclosures.
  public func clearData() -> JSON {
    var sink = DisclosureSink(seed: 1)
    var writer = CanonicalJSONWriter()
    fact.writeData(to: &writer, disclosing: &sink)
    var data = ((try? JSONParser.parse(writer.bytes)) ?? .null).replacing("_sd", nil)
    for disclosure in sink.disclosures {
      if let (name, value) = disclosure.content { data = data.replacing(name, value) }
    }
    return data
  }
}

/// A date written in a test.
public func day(_ text: String) -> LocalDate {
  guard let date = LocalDate(text) else { preconditionFailure("\(text) is no date") }
  return date
}

extension ActorID {
  public static func sample(_ number: UInt64) -> ActorID { .user(id(number).value) }
}

extension PlanActor {
  public static let office = PlanActor(id: .sample(9001), role: .coordinator, institution: "senweb")
  public static let clock = PlanActor(id: .system("clock"), role: .system)

  public static func lead(_ institution: String?) -> PlanActor {
    PlanActor(id: .sample(9002), role: .lead, institution: institution)
  }

  public static func contributor(_ institution: String?) -> PlanActor {
    PlanActor(id: .sample(9003), role: .contributor, institution: institution)
  }

  /// A partner system by its slug.
  public static func partner(_ slug: String) -> PlanActor {
    PlanActor(id: .sample(9006), role: .partner, partner: slug)
  }

  public static let steering = PlanActor(id: .sample(9004), role: .steering, institution: "skip")

  public static func sample(_ role: Role) -> PlanActor {
    PlanActor(id: .sample(9005), role: role, institution: "senweb")
  }
}

/// A fixed identifier that shows its number.
public struct SampleID: CustomStringConvertible {
  public let value: EntityID
  public var description: String { value.description }
  /// As a value in JSON.
  public var json: JSON { .string(description) }
}

public func id(_ number: UInt64) -> SampleID {
  SampleID(value: EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | number))
}

extension DeciderSpecification {
  /// A plan with one cluster, one task field and three measures, and the institutions of its first chapter.
  public static func masterplan() -> DeciderSpecification {
    var spec = DeciderSpecification(today: day("2018-09-04"))
    spec.given("create-plan", ["slug": "industriestadt", "title": "Masterplan Industriestadt Berlin"])
    spec.given("register-document", ["key": "S2", "title": "Masterplan 2018–2021"])
    spec.given(
      "register-plan-version",
      [
        "id": id(1).json, "slug": "2018-2021", "title": "Fassung 2018–2021", "from": "2018-05-01",
        "until": "2021-12-31",
        "ladder": [
          ["slug": "lead", "title": "Federführung"], ["slug": "office", "title": "Geschäftsstelle"],
          ["slug": "netzwerk", "title": "Netzwerk Industriepolitik", "mandate": "advise"],
          ["slug": "skip", "title": "Steuerungskreis", "mandate": "decide"], ["slug": "senat", "title": "Senat"],
        ],
      ])
    spec.given("add-action-field", ["id": id(10).json, "number": 1, "slug": "innovation", "title": "Innovation"])
    spec.given(
      "add-theme-cluster",
      ["id": id(11).json, "actionField": "innovation", "slug": "fachkraefte", "title": "Fachkräfte"])
    spec.given("set-goal", ["id": id(12).json, "cluster": "fachkraefte", "letter": "a", "title": "Genug Fachkräfte"])
    spec.given("add-task-field", ["id": id(13).json, "cluster": "fachkraefte", "number": 1, "title": "Nachwuchs"])
    for (number, numeral) in [(21, "I"), (22, "II"), (23, "III")] as [(UInt64, String)] {
      spec.given(
        "add-measure",
        [
          "id": id(number).json, "cluster": "fachkraefte", "taskField": 1, "numeral": .string(numeral),
          "title": .string("Maßnahme \(numeral)"),
        ])
    }
    for (number, slug) in [(31, "senweb"), (32, "ihk"), (33, "hwk"), (34, "tu"), (35, "zewk"), (36, "skip")]
      as [(UInt64, String)]
    {
      spec.given(
        "register-institution",
        ["id": id(number).json, "slug": .string(slug), "name": .string("Institution \(slug)"), "kind": "body"])
    }
    spec.given("define-group", ["id": id(41).json, "slug": "kammern", "name": "Kammern", "kind": "collective"])
    spec.given("add-group-member", ["group": "kammern", "member": "ihk"])
    spec.given("add-group-member", ["group": "kammern", "member": "hwk", "until": "2019-07-01"])
    spec.given("declare-unit", ["unit": "zewk", "of": "tu"])
    spec.given("register-strategy", ["id": id(51).json, "slug": "bek", "title": "BEK 2030"])
    spec.today = day("2019-03-01")
    return spec
  }

  /// Assigns a role in measure I.
  public mutating func assign(
    _ role: String, _ institution: String, _ number: UInt64, _ more: JSON = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let terms: [JSON.Member] = [
      .init("id", id(number).json), .init("measure", "fachkraefte.1.I"), .init("institution", .string(institution)),
    ]
    given("assign-\(role)", .object(terms + (more.members ?? [])), sourceLocation: sourceLocation)
  }
}

extension JSON {
  /// The same object with another value, or none, for one key.
  public func replacing(_ key: String, _ value: JSON?) -> JSON {
    let rest = (members ?? []).filter { $0.key != key }
    return .object(value.map { rest + [Member(key, $0)] } ?? rest)
  }
}

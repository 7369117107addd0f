import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct VisibilityTests {
  private static let types = FactCatalogue.byType.keys.sorted()

  private static func fieldCircles<Fact: PlanFact>(_ kind: Fact.Type) -> [(name: String, circle: Circle)] {
    kind.record.fields.map { (name: $0.name, circle: FactCatalogue.circle(of: $0, kind)) }
  }

  // MARK: - What is declared

  /// What is said in confidence. To make one of these known to more people is a decision, not a slip.
  @Test func `these events are internal`() {
    let internals = FactCatalogue.byType.filter { $0.value.circle == .internal }.keys
    #expect(
      internals.sorted() == [
        "org.federwerk.institution.contact-appointed.v1", "org.federwerk.institution.contact-replaced.v1",
        "org.federwerk.issue.solution-proposed.v1", "org.federwerk.measure.support-granted.v1",
        "org.federwerk.measure.support-requested.v1", "org.federwerk.plan.view-digest-recorded.v1",
      ])
  }

  @Test func `what can be erased is never public, and no field is wider than its event`() throws {
    for type in Self.types {
      let kind = try #require(FactCatalogue.byType[type])
      func check<Fact: PlanFact>(_ kind: Fact.Type) {
        for field in kind.record.fields {
          let circle = FactCatalogue.circle(of: field, kind)
          #expect(circle <= kind.circle, "\(type) \(field.name)")
          if field.isDisclosable { #expect(circle < .public, "\(type) \(field.name)") }
          if let declared = field.circle {
            #expect(declared < kind.circle, "\(type) \(field.name) says what holds anyway")
          }
        }
      }
      check(kind)
    }
  }

  @Test func `these fields are narrower than their events, besides what can be erased`() throws {
    var narrow: [String] = []
    for type in Self.types {
      let kind = try #require(FactCatalogue.byType[type])
      func collect<Fact: PlanFact>(_ kind: Fact.Type) -> [String] {
        kind.record.fields.compactMap { field in field.circle.map { "\(type) \(field.name) \($0)" } }
      }
      narrow += collect(kind)
    }
    #expect(
      narrow == [
        "org.federwerk.issue.raised.v1 text internal", "org.federwerk.issue.raised.v1 wish internal",
        "org.federwerk.measure.added.v1 note partners", "org.federwerk.measure.resources-noted.v1 amount internal",
        "org.federwerk.measure.sub-measure-added.v1 note partners",
        "org.federwerk.webhook.registered.v1 address internal",
      ])
  }

  // MARK: - What is folded

  @Test(arguments: types) func `a fact without what is withheld is still a fact`(type: String) throws {
    let kind = try #require(FactCatalogue.byType[type])
    let fact = try #require(FactCatalogue.fact(type: type, data: FactSamples.data(of: kind)))
    for viewer in [Viewer.anybody, .participant, .office] {
      let plan = Plan(id: id(0).value, for: viewer)
      let seen = plan.seen(fact, Self.record)
      // Who learns of an erasure depends on who knows of what was erased.
      guard type != PersonalDataErased.type || viewer == .office else { continue }
      #expect((seen != nil) == (viewer.circle <= kind.circle), "\(viewer.circle)")
      guard let seen else { continue }
      #expect(
        seen.withheld == Set(Self.fieldCircles(kind).filter { $0.circle < viewer.circle }.map(\.name)),
        "\(viewer.circle)")
      let told = NewEvent(Self.record.subject, seen.fact).clearData()
      for name in seen.withheld { #expect(told[name] == nil, "\(name)") }
    }
  }

  private static let record = EventRecord(
    position: Position(0), subject: Subject("measures", id(1).value), recordedAt: Timestamp(microsecondsSinceEpoch: 0),
    effectiveDate: day("2019-01-01"), actor: .sample(1), recordedSource: .api)

  @Test func `the office, auditors and the program see everything`() {
    for role in Role.allCases {
      let viewer = Viewer(.sample(role), in: CommandSamples.spec(for: "cite-source").plan, on: day("2019-04-02"))
      #expect((viewer == .office) == [.coordinator, .auditor, .system].contains(role), "\(role)")
    }
  }

  @Test func `what is hidden only makes the log longer`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("appoint-contact", ["institution": "tu", "name": "N"])
    let plan = Self.plan(spec, for: .participant)
    #expect(plan.size == spec.plan.size)
    #expect(plan.lastRecordedAt != spec.plan.lastRecordedAt)
    #expect(try #require(plan.party("tu")).contacts.last == nil)
    let last = try #require(spec.plan.size.lastPosition)
    #expect(plan.erasableEvents[last] == nil)
    let known = try #require(plan.subjects[id(34).value])
    let whole = try #require(spec.plan.subjects[id(34).value])
    #expect(known.version < whole.version)
  }

  // MARK: - One's own affairs

  private static func plan(_ spec: DeciderSpecification, for viewer: Viewer) -> Plan {
    var plan = Plan(id: spec.plan.id, for: viewer)
    for (fact, record, _) in spec.history { plan.apply(fact, record) }
    return plan
  }

  private static func plan(_ spec: DeciderSpecification, for institution: String) -> Plan {
    plan(spec, for: Viewer(.lead(institution), in: spec.plan, on: spec.today))
  }

  @Test func `an institution sees its own contact, and nobody else's`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("appoint-contact", ["institution": "tu", "name": "N"])
    #expect(try #require(Self.plan(spec, for: "tu").party("tu")).contacts.last != nil)
    // A unit acts for nobody but itself, its institution acts for it.
    #expect(try #require(Self.plan(spec, for: "zewk").party("tu")).contacts.last == nil)
    #expect(try #require(Self.plan(spec, for: "ihk").party("tu")).contacts.last == nil)
    spec.given("appoint-contact", ["institution": "zewk", "name": "N"])
    #expect(try #require(Self.plan(spec, for: "tu").party("zewk")).contacts.last != nil)
  }

  @Test func `a proposal is seen by who made it, who asked and who leads, until it is accepted`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.assign("contributor", "ihk", 62)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"],
      as: .contributor("ihk"))
    spec.given("take-up-issue", ["issue": id(60).json])
    spec.given("propose-solution", ["issue": id(60).json, "text": "T"])
    func state(for institution: String) -> Coordination.Issue.State? {
      Self.plan(spec, for: institution).issues[IssueID(id(60).value)]?.state
    }
    #expect(state(for: "ihk") == .solutionProposed)
    #expect(state(for: "tu") == .solutionProposed)
    #expect(state(for: "hwk") == .takenUp)
    spec.given("accept-solution", ["issue": id(60).json], as: .contributor("ihk"))
    #expect(state(for: "hwk") == .accepted)
    #expect(Self.plan(spec, for: "hwk").issues[IssueID(id(60).value)]?.solutions.isEmpty == true)
  }

  @Test func `whoever takes over a measure sees its history, whoever gave it away only its own part`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.assign("contributor", "ihk", 62)
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"],
      as: .contributor("ihk"))
    spec.given("take-up-issue", ["issue": id(60).json])
    spec.given("propose-solution", ["issue": id(60).json, "text": "T"])
    spec.given("request-support", ["measure": "fachkraefte.1.I", "text": "T"], as: .lead("tu"))
    spec.given("hand-over-lead", ["assignment": id(61).json, "to": "hwk", "from": "2019-04-01", "reason": "R"])
    spec.today = day("2019-05-01")
    let (new, old) = (Self.plan(spec, for: "hwk"), Self.plan(spec, for: "tu"))
    #expect(new.issues[IssueID(id(60).value)]?.state == .solutionProposed)
    #expect(old.issues[IssueID(id(60).value)]?.state == .takenUp)
    #expect(try #require(new.measure("fachkraefte.1.I")).supportRequests.count == 1)
    #expect(try #require(old.measure("fachkraefte.1.I")).supportRequests.count == 1)
  }

  @Test func `viewers who may know the same are the same`() {
    let spec = DeciderSpecification.masterplan()
    #expect(Viewer(.lead(nil), in: spec.plan, on: spec.today) == .participant)
    #expect(Viewer(.lead("unknown"), in: spec.plan, on: spec.today) == .participant)
    #expect(
      Viewer(.lead("tu"), in: spec.plan, on: spec.today) == Viewer(.contributor("tu"), in: spec.plan, on: spec.today))
  }

  // MARK: - Erasures and refusals

  @Test func `an erasure is told to those who knew of the values`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.given(
      "report-progress",
      ["measure": "fachkraefte.1.I", "institution": "tu", "condition": "on-track", "percent": 10, "text": "T"])
    let report = spec.plan.size.value - 1
    spec.given("appoint-contact", ["institution": "tu", "name": "N"])
    let contact = spec.plan.size.value - 1
    spec.given("erase-personal-data", ["event": .integer(report), "reason": "requested"])
    spec.given("erase-personal-data", ["event": .integer(contact), "reason": "requested"])
    func erased(_ position: Int64, _ plan: Plan) -> Set<String>? { plan.erasableEvents[Position(position)]?.erased }
    let other = Self.plan(spec, for: "ihk")
    #expect(erased(report, other) == ["text"])
    #expect(erased(contact, other) == nil)
    #expect(erased(contact, Self.plan(spec, for: "tu")) == ["name", "function", "phone", "mail"])
    #expect(erased(report, Self.plan(spec, for: .anybody)) == nil)
  }

  @Test func `the steering circle reads an issue once it was taken beyond the office`() {
    var spec = DeciderSpecification.masterplan()
    let raised = spec.plan.size.nextPosition
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "decision-needed", "text": "T"])
    func readable(_ actor: PlanActor) -> [String]? {
      Self.plan(spec, for: Viewer(actor, in: spec.plan, on: spec.today)).erasableEvents[raised]?.fields
    }
    #expect(readable(.steering) == [])
    spec.given("take-up-issue", ["issue": id(60).json])
    spec.given("propose-solution", ["issue": id(60).json, "text": "S"])
    let escalation: JSON = ["issue": id(60).json, "deadline": "2019-06-30", "reason": "R", "urgent": true]
    spec.given("escalate-issue", escalation.replacing("level", "office"))
    #expect(readable(.steering) == [])
    spec.given("escalate-issue", escalation.replacing("level", "skip"))
    #expect(readable(.steering) == ["text", "wish"])
    #expect(readable(.contributor("hwk")) == [])
    // What was proposed in confidence stays so.
    let seen = Self.plan(spec, for: Viewer(.steering, in: spec.plan, on: spec.today))
    #expect(seen.issues[IssueID(id(60).value)]?.solutions.isEmpty == true)
  }

  @Test func `of two levels the upper one reads what it is to decide`() {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "register-plan-version",
      [
        "slug": "b", "title": "B", "from": "2019-01-01", "until": "2025-12-31",
        "ladder": [["slug": "lead", "title": "Federführung"], ["slug": "skip", "title": "Steuerungskreis"]],
      ])
    let raised = spec.plan.size.nextPosition
    spec.given(
      "raise-issue", ["id": id(60).json, "measure": "fachkraefte.1.I", "kind": "decision-needed", "text": "T"])
    func readable() -> [String]? {
      Self.plan(spec, for: Viewer(.steering, in: spec.plan, on: spec.today)).erasableEvents[raised]?.fields
    }
    #expect(readable() == [])
    spec.given("escalate-issue", ["issue": id(60).json, "deadline": "2019-06-30"])
    #expect(readable() == ["text", "wish"])
  }

  @Test(arguments: CommandSamples.accepted.keys.sorted())
  func `a refusal tells nothing of what is hidden`(command: String) throws {
    let json = try #require(CommandSamples.accepted[command])
    let spec = CommandSamples.spec(for: command)
    for actor in [PlanActor.lead("hwk"), .contributor("hwk"), .steering] {
      let viewer = Viewer(actor, in: spec.plan, on: spec.today)
      let known = Self.plan(spec, for: viewer)
      func answer(_ plan: Plan) throws -> String {
        var context = DecisionContext(
          now: Timestamp(microsecondsSinceEpoch: Int64(spec.today.daysSinceEpoch) * 86_400_000_000), today: spec.today,
          actor: actor, identifiers: IdentifierSource(seed: 1, at: Timestamp(microsecondsSinceEpoch: 0)))
        func send<Command: PlanCommand>(_ kind: Command.Type) throws(Refusal) -> [NewEvent] {
          try Decider.decide(try kind.record.read(json), on: plan, &context)
        }
        let kind = try #require(CommandCatalogue.byName[command])
        do throws(Refusal) {
          _ = try send(kind)
          return "accepted"
        } catch {
          return "\(error.code) \(error.field ?? "") \(error.reason.english) \(JSON.object(error.facts))"
        }
      }
      let (told, tellable) = (try answer(spec.plan), try answer(known))
      #expect(told == tellable, "\(actor.role)")
    }
  }
}

extension VisibilityTests {
  // MARK: - What a condition on a version tells

  @Test func `what somebody may not know of is no change to them`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.assign("contributor", "ihk", 62)
    let seen = try #require(spec.plan.size.lastPosition)
    spec.given("request-support", ["measure": "fachkraefte.1.I", "text": "T"], as: .lead("tu"))
    let report: JSON = ["measure": "fachkraefte.1.I", "institution": "ihk", "condition": "on-track"]
    spec.when("report-progress", report, as: .contributor("ihk"), unchangedSince: seen).isAccepted()
    spec.when("report-progress", report.replacing("institution", "tu"), as: .lead("tu"), unchangedSince: seen)
      .isRefused(.stale, "subject-changed")
    spec.when("report-progress", report, unchangedSince: seen).isRefused(.stale, "subject-changed")
    spec.given("report-progress", report.replacing("institution", "tu"), as: .lead("tu"))
    let last = try #require(spec.plan.size.lastPosition)
    spec.when("report-progress", report, as: .contributor("ihk"), unchangedSince: seen)
      .isRefused(
        .stale, "subject-changed",
        facts: [
          "subject": .string("measures/\(try #require(spec.plan.measure("fachkraefte.1.I")).id)"),
          "ifMatch": .integer(seen.value), "version": .integer(last.value),
        ])
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

/// The sentences of the audit timeline about institutions and who does what.
struct SentenceTests {
  private var spec = DeciderSpecification.masterplan()

  init() {
    spec.given("rename-institution", ["institution": "senweb", "name": "Wirtschaft", "short": "SenWEB"])
    spec.assign("lead", "senweb", 60)
    spec.assign("contributor", "ihk", 61, ["condition": "ggf."])
    spec.assign("unclear", "hwk", 62)
    spec.given("add-alias", ["institution": "ihk", "name": "Kammer"])
    spec.given("register-placeholder", ["slug": "partner", "label": "P", "steward": "senweb", "due": "2019-12-31"])
    spec.given("appoint-contact", ["institution": "tu", "name": "Vor Name"])
  }

  /// What the timeline says of the first event of a command, in both languages.
  private func sentence(
    _ command: String, _ json: JSON, as actor: PlanActor = .office, on date: LocalDate? = nil
  ) throws -> [String] {
    var later = spec
    let events = try spec.when(command, json, as: actor, on: date).result.get()
    later.record(events, as: actor, on: date ?? spec.today)
    let event = try #require(events.first)
    let fact = try #require(FactCatalogue.fact(type: type(of: event.fact).type, data: event.storedData()))
    let record = EventRecord(
      position: spec.plan.size.nextPosition, subject: event.subject, recordedAt: Timestamp(microsecondsSinceEpoch: 0),
      effectiveDate: date ?? spec.today, actor: actor.id, recordedSource: .api)
    let text = fact.sentence(in: later.plan, record)
    return [text.german, text.english]
  }

  @Test func `about institutions`() throws {
    #expect(
      try sentence("rename-institution", ["institution": "ihk", "name": "Neu", "short": "N"], on: day("2020-01-01"))
        == [
          "ihk heißt ab 1.1.2020 „Neu“ (N).", "ihk is called “Neu” (N) from 1 January 2020.",
        ])
    #expect(
      try sentence("register-institution", ["slug": "x", "name": "Haus X", "kind": "body"]) == [
        "Die Institution x ist angelegt: Haus X.", "The institution x is registered: Haus X.",
      ])
    #expect(
      try sentence("add-alias", ["institution": "ihk", "name": "IHK", "presumed": true]) == [
        "ihk heißt vermutlich auch „IHK“.", "ihk presumably is also called “IHK”.",
      ])
    #expect(
      try sentence("withdraw-alias", ["institution": "ihk", "name": "Kammer"]) == [
        "„Kammer“ gilt ab 1.3.2019 nicht mehr als Name von ihk.",
        "“Kammer” no longer counts as a name of ihk from 1 March 2019.",
      ])
    #expect(
      try sentence("succeed-institution", ["predecessors": ["ihk"], "successor": "senweb"]) == [
        "SenWEB ist ab 1.3.2019 Nachfolgerin von ihk.", "SenWEB succeeds ihk from 1 March 2019.",
      ])
    #expect(
      try sentence("dissolve-institution", ["institution": "ihk", "successor": "senweb", "reason": "R"]) == [
        "ihk ist ab 1.3.2019 aufgelöst; es folgt SenWEB.", "ihk is dissolved from 1 March 2019; SenWEB follows.",
      ])
  }

  @Test func `about groups, units and placeholders`() throws {
    #expect(
      try sentence(
        "add-group-member", ["group": "kammern", "member": "tu", "from": "2019-01-01", "until": "2019-07-01"])
        == [
          "tu gehört zu kammern vom 1.1.2019 bis 30.6.2019.",
          "tu is a member of kammern from 1 January 2019 until 30 June 2019.",
        ])
    #expect(
      try sentence("remove-group-member", ["group": "kammern", "member": "ihk", "until": "2019-06-01"]) == [
        "ihk gehört ab 1.6.2019 nicht mehr zu kammern.", "ihk is no longer a member of kammern from 1 June 2019.",
      ])
    #expect(
      try sentence("declare-chair", ["body": "skip", "by": "senweb", "kind": "chair"]) == [
        "skip wird geleitet von SenWEB.", "skip is chaired by SenWEB.",
      ])
    #expect(
      try sentence("resolve-placeholder", ["placeholder": "partner", "institutions": ["ihk", "hwk"]]) == [
        "Für partner steht ab 1.3.2019: ihk, hwk.", "partner is from 1 March 2019: ihk, hwk.",
      ])
    #expect(
      try sentence("resolve-placeholder", ["placeholder": "partner", "reason": "R"]) == [
        "partner entfällt ab 1.3.2019.", "partner is dropped from 1 March 2019.",
      ])
  }

  @Test func `about contacts, without the person`() throws {
    #expect(
      try sentence("appoint-contact", ["institution": "ihk", "name": "Vor Name"]) == [
        "ihk hat ab 1.3.2019 eine Ansprechperson.", "ihk has a contact from 1 March 2019.",
      ])
    #expect(
      try sentence("replace-contact", ["institution": "tu", "name": "Nach Folge"]) == [
        "Die Ansprechperson von tu wechselt zum 1.3.2019.", "The contact of tu changes on 1 March 2019.",
      ])
  }

  @Test func `about roles`() throws {
    let terms: JSON = ["measure": "fachkraefte.1.II", "institution": "senweb", "from": "2019-07-01"]
    #expect(
      try sentence("assign-lead", terms) == [
        "SenWEB übernimmt die Federführung von fachkraefte.1.II ab 1.7.2019.",
        "SenWEB takes the lead of fachkraefte.1.II from 1 July 2019.",
      ])
    let limited = terms.replacing("phase", "Aufbau").replacing("subject", "StEP").replacing("condition", "ggf.")
    #expect(
      try sentence("assign-contributor", limited) == [
        "SenWEB wirkt mit an fachkraefte.1.II für StEP in der Phase Aufbau ab 1.7.2019, sobald die Bedingung eintritt.",
        "SenWEB contributes to fachkraefte.1.II for StEP in the phase Aufbau from 1 July 2019 once the condition comes true.",
      ])
    #expect(
      try sentence("end-assignment", ["assignment": id(60).json, "until": "2019-08-01", "reason": "R"]) == [
        "Die Rolle von SenWEB in fachkraefte.1.I (Federführung) endet zum 1.8.2019.",
        "The role of SenWEB in fachkraefte.1.I (lead) ends on 1 August 2019.",
      ])
    #expect(
      try sentence(
        "hand-over-lead", ["assignment": id(60).json, "to": "tu", "from": "2019-07-01", "reason": "R"]) == [
          "Die Federführung von fachkraefte.1.I geht zum 1.7.2019 von SenWEB auf tu über.",
          "The lead of fachkraefte.1.I passes from SenWEB to tu on 1 July 2019.",
        ])
    #expect(
      try sentence("grant-lead-cap-exception", ["measure": "fachkraefte.1.I", "leads": 3, "reason": "R"]) == [
        "fachkraefte.1.I darf ab 1.3.2019 ausnahmsweise 3 Federführungen haben.",
        "fachkraefte.1.I may have 3 leads from 1 March 2019, as an exception.",
      ])
  }

  @Test func `about answers, conditions and roles that are clarified`() throws {
    #expect(
      try sentence("accept-assignment", ["assignment": id(60).json], as: .lead("senweb")) == [
        "Die Rolle von SenWEB in fachkraefte.1.I (Federführung) ist bestätigt, erklärt SenWEB.",
        "The role of SenWEB in fachkraefte.1.I (lead) is accepted, says SenWEB.",
      ])
    #expect(
      try sentence("decline-assignment", ["assignment": id(61).json], as: .contributor("ihk")) == [
        "Die Rolle von ihk in fachkraefte.1.I (Mitarbeit) ist abgelehnt, erklärt ihk.",
        "The role of ihk in fachkraefte.1.I (contributor) is declined, says ihk.",
      ])
    #expect(
      try sentence("activate-condition", ["assignment": id(61).json, "reason": "R"]) == [
        "Die Rolle von ihk in fachkraefte.1.I (Mitarbeit) ruht ab 1.3.2019 nicht mehr; die Bedingung ist eingetreten.",
        "The role of ihk in fachkraefte.1.I (contributor) is active from 1 March 2019; its condition came true.",
      ])
    #expect(
      try sentence("clarify-role", ["assignment": id(62).json, "role": "consulted", "reason": "R"]) == [
        "Die Rolle von hwk in fachkraefte.1.I ist ab 1.3.2019 geklärt: Abstimmung.",
        "The role of hwk in fachkraefte.1.I is clarified from 1 March 2019: consulted.",
      ])
  }

  @Test func `of things that the plan does not know, too`() throws {
    let nouns = ["institution.", "group.", "placeholder.", "measure.assignment", "measure.lead", "measure.condition"]
    for (type, kind) in FactCatalogue.byType
    where nouns.contains(where: { type.hasPrefix("org.federwerk.\($0)") }) {
      let fact = try #require(FactCatalogue.fact(type: type, data: FactSamples.data(of: kind)))
      let text = fact.sentence(
        in: Plan(id: id(0).value),
        EventRecord(
          position: Position(0), subject: Subject("measures", id(1).value),
          recordedAt: Timestamp(microsecondsSinceEpoch: 0), effectiveDate: day("2019-03-01"), actor: .system("clock"),
          recordedSource: .clock))
      #expect(text.german.hasSuffix(".") && text.english.hasSuffix(".") && text.german != text.english, "\(type)")
    }
  }
}

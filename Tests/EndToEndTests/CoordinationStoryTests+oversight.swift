import EventSourcing
import Foundation
import Testing

/// Those who look on from outside the work: the steering circle, auditors, partner systems.
extension CoordinationStoryTests {
  // MARK: - Steering circle

  @Test func `the steering circle decides what lies before it, and sees what became of it and who carries how much`()
    async throws
  {
    try await withServer("story-steering", arguments: Self.arguments) { server in
      let office = try await Desk(server, "coordinator")
      let lead = try await Desk(server, "lead", of: "senweb")
      let member = try await Desk(server, "steering", of: "berlin-partner")
      let guest = try await Desk(server, "steering", of: "tu-berlin")
      let issue = try await Self.bringsAnIssueBeforeTheCircle(lead, office)
      try await Self.decides(issue, member, guest: guest, lead)
      try await Self.followsUp(issue, member, lead, office)
      try await Self.returnsAndJumps(office, member)
      try await Self.comparesTwoDays(office, member)
    }
  }

  private static func bringsAnIssueBeforeTheCircle(_ lead: Desk, _ office: Desk) async throws -> String {
    try await lead.does(
      "report-progress",
      ["measure": "verwaltung.1.I", "condition": "on-track", "percent": 30, "effectiveDate": "2019-04-01"])
    let issue = try await lead.raises([
      "measure": "verwaltung.1.I", "kind": "decision-needed",
      "text": "Zwei Gewerbegebiete fallen aus der Förderung", "wish": "Eine Entscheidung über Landesmittel",
    ])
    let step: JSON = ["issue": .string(issue)]
    let deadline = JSON.string("2099-02-28")
    try await lead.isRefused("escalate-issue", step, 400, "missing-field", field: "deadline")
    try await lead.does("escalate-issue", step.adding("deadline", deadline))
    #expect(try await lead.issue(issue)["level"]?["slug"]?.string == "office")
    #expect(
      try await lead.measure("verwaltung.1.I")["condition"]?.string == "on-track", "to escalate is not to fail")

    let facts = try await office.isRefused(
      "escalate-issue", step.adding("deadline", deadline).adding("level", "skip"), 422, "level-skipped", field: "level")
    #expect(facts?["next"]?.string == "network")
    try await office.isRefused(
      "escalate-issue", step.adding("deadline", "2019-01-31"), 422, "deadline-in-past", field: "deadline")
    try await office.does("escalate-issue", step.adding("deadline", deadline))
    try await office.does("escalate-issue", step.adding("deadline", deadline))
    let owed = try await office.issues().filter { $0["level"]?["body"]?.string == "skip" }
    #expect(owed.map { $0["id"]?.string } == [issue], "what the circle owes")
    #expect(owed.first?["deadline"] == deadline)
    return issue
  }

  private static func decides(_ issue: String, _ member: Desk, guest: Desk, _ lead: Desk) async throws {
    let step: JSON = ["issue": .string(issue)]
    let decision = step.adding("body", "skip").adding("outcome", "decide").adding("text", "Das Land finanziert vor")
    let nothing = decision.adding("noFollowUp", true)
    try await lead.isRefused("decide-escalation", nothing, 403, "role-not-allowed")
    try await guest.isRefused("decide-escalation", nothing, 403, "not-seated", field: "body")
    try await member.isRefused(
      "decide-escalation", nothing.replacing("body", "netzwerk-industriepolitik"), 422, "no-mandate", field: "body")
    try await member.isRefused("decide-escalation", decision, 422, "follow-up-missing", field: "followUps")
    let deferral = step.adding("body", "skip").adding("outcome", "defer").adding("noFollowUp", true)
    try await member.isRefused("decide-escalation", deferral, 422, "date-missing", field: "deferredTo")
    try await member.does("decide-escalation", deferral.adding("deferredTo", "2099-06-30"))
    let open = try await member.issue(issue)
    #expect(open["state"]?.string == "escalated", "deferred is not decided")
    #expect(open["deadline"]?.string == "2099-06-30")

    try await member.does(
      "decide-escalation",
      decision.adding(
        "followUps", [["text": "Vorlage für den Haushalt schreiben", "responsible": "senweb", "due": "2099-12-31"]]))
    let decided = try await member.issue(issue)
    #expect(decided["state"]?.string == "decided")
    #expect(decided["deadline"] == .null)
    #expect(decided["decision"]?["outcome"]?.string == "decide")
    #expect(decided["decision"]?["body"]?.string == "skip")
    #expect(decided["earlierDecisions"]?.array?.map { $0["outcome"]?.string } == ["defer"])
    try await member.isRefused("decide-escalation", nothing, 409, "already-decided", field: "issue")
    let summaries = try await member.sentences(about: "issues/\(issue)").suffix(2)
    #expect(summaries.first?.hasPrefix("SKIP entscheidet über die Meldung vom ") == true, "\(summaries)")
    #expect(summaries.last?.hasSuffix(" einen Folgeauftrag bis 31.12.2099.") == true, "\(summaries)")
  }

  private static func followsUp(_ issue: String, _ member: Desk, _ lead: Desk, _ office: Desk) async throws {
    let owed = try await lead.look("institutions/senweb")["institution"]?["followUps"]?.array ?? []
    let order = try #require(owed.first)
    #expect(order["due"]?.string == "2099-12-31")
    let late = try await member.issue(issue, on: "2100-01-31")["followUps"]?.array?.first
    #expect(late?["overdueDays"]?.integer == 31, "what would be late a month after")
    let done: JSON = ["followUp": order["id"] ?? .null]
    try await member.isRefused("complete-follow-up", done, 403, "not-yours", field: "followUp")
    try await lead.does("complete-follow-up", done.adding("text", "Die Vorlage liegt vor"))
    #expect(try await member.issue(issue, on: "2100-01-31")["followUps"]?.array?.first?["overdueDays"] == .null)
    try await lead.isRefused("complete-follow-up", done, 409, "already-completed", field: "followUp")
    for step in ["resolve-issue", "close-issue"] { try await office.does(step, ["issue": .string(issue)]) }
    #expect(try await member.issue(issue)["state"]?.string == "closed")
    #expect(try await member.measure("verwaltung.1.I")["openIssues"]?.integer == 0)
  }

  private static func returnsAndJumps(_ office: Desk, _ member: Desk) async throws {
    let issue = try await office.raises(["kind": "obstacle", "text": "Die Messetermine liegen in der Ferienzeit"])
    let jump: JSON = ["issue": .string(issue), "level": "skip", "urgent": true, "deadline": "2099-02-28"]
    try await office.isRefused("escalate-issue", jump, 422, "level-skipped", field: "level")
    try await office.does("escalate-issue", jump.adding("reason", "Die Anmeldung endet vor der nächsten Sitzung"))
    try await member.does(
      "return-escalation", ["issue": .string(issue), "body": "skip", "reason": "Das kann das Netzwerk selbst lösen"])
    let returned = try await member.issue(issue)
    #expect(returned["state"]?.string == "returned")
    #expect(returned["level"]?["slug"]?.string == "network")
    #expect(returned["deadline"] == .null)

    let again: JSON = [
      "issue": .string(issue), "level": "senate", "urgent": true, "deadline": "2099-02-28",
      "reason": "Nun hat auch der Senat danach gefragt",
    ]
    try await member.does("escalate-issue", again)
    try await member.isRefused("escalate-issue", again, 422, "top-reached", field: "level")
    try await member.isRefused(
      "decide-escalation", ["issue": .string(issue), "body": "senat", "outcome": "refuse", "noFollowUp": true], 403,
      "not-seated", field: "body")
  }

  private static func comparesTwoDays(_ office: Desk, _ member: Desk) async throws {
    for code in ["verwaltung.1.I", "verwaltung.2.I"] {
      let lead = try await office.assignment(of: "senweb", in: code)
      try await office.does(
        "hand-over-lead",
        [
          "assignment": lead["id"] ?? .null, "to": "seninnds", "from": "2019-07-01",
          "reason": "Ein Haus trägt zu viel",
        ])
    }
    let answer = try await member.client.get("\(Desk.plan)/network/difference?from=2019-06-30&to=2019-07-01")
    #expect(answer.status == 200)
    let difference = try JSONDecoder().decode(NetworkDifference.self, from: Data(answer.bytes))
    let changed = Dictionary(uniqueKeysWithValues: difference.nodes.changed.map { ($0.from.slug, $0) })
    let relieved = try #require(changed["senweb"])
    #expect(relieved.to.lead == relieved.from.lead - 2)
    #expect(relieved.to.load < relieved.from.load)
    let burdened = try #require(changed["seninnds"])
    #expect(burdened.to.lead == burdened.from.lead + 2)
    #expect(difference.nodes.added.isEmpty && difference.nodes.removed.isEmpty)
    let network = try await member.client.get("\(Desk.plan)/network?validAt=2019-06-30")
    let nodes = try JSONDecoder().decode(Network.self, from: Data(network.bytes)).nodes
    let heaviest = nodes.sorted { $0.load > $1.load }.prefix(2).map(\.slug)
    #expect(heaviest == ["berlin-partner", "senweb"], "who carries most")
  }

  /// The parts of the network that are looked at; its loads have decimals, which our own parser refuses.
  private struct Network: Decodable {
    struct Node: Decodable {
      let slug: String
      let lead: Int
      let load: Double
    }
    let nodes: [Node]
  }

  private struct NetworkDifference: Decodable {
    struct Changed: Decodable {
      let from: Network.Node
      let to: Network.Node
    }
    struct Changes: Decodable {
      let added: [Network.Node]
      let removed: [Network.Node]
      let changed: [Changed]
    }
    let nodes: Changes
  }

  // MARK: - Auditor

  @Test func `an auditor changes nothing and follows each measure from the resolution to its end on two clocks`()
    async throws
  {
    try await withServer("story-auditor", arguments: Self.arguments) { server in
      let auditor = try await Desk(server, "auditor")
      let office = try await Desk(server, "coordinator")
      try await Self.changesNothing(auditor)
      try await Self.seesWhoWasResponsibleAndWhatWasKnown(auditor, office)
      try await Self.followsAMeasureToItsEnd(auditor, office)
      try await Self.seesExceptionsAndErasures(auditor, office)
      try await Self.readsTheEvents(auditor)
      try await Self.asksOnlyForWhatWas(auditor)
    }
  }

  private static func changesNothing(_ auditor: Desk) async throws {
    let me = try await auditor.client.get("/v1/me").json
    #expect(me["commands"] == [])
    #expect(me["readsEvents"]?.bool == true)
    let position = try await auditor.position
    try await auditor.isRefused(
      "report-progress", ["measure": "fachkraefte.1.I", "institution": "senias", "condition": "on-track"], 403,
      "role-not-allowed")
    try await auditor.isRefused(
      "raise-issue", ["kind": "question", "text": "Ist das belegt?"], 403, "role-not-allowed")
    try await auditor.isRefused("erase-personal-data", ["event": 825, "reason": "requested"], 403, "role-not-allowed")
    #expect(try await auditor.position == position)
  }

  /// What is recorded late shows on the day it is about, and not in what was known before.
  private static func seesWhoWasResponsibleAndWhatWasKnown(_ auditor: Desk, _ office: Desk) async throws {
    let code = "startups.2.I"
    let report: JSON = ["measure": .string(code), "institution": "digitalagentur", "condition": "on-track"]
    let first = try await office.does(
      "report-progress", report.adding("percent", 50).adding("effectiveDate", "2019-05-31"))
    let known = try await auditor.lastEntry(about: code)
    let recorded = try #require(known["recordedAt"]?.string)
    let lead = try await office.assignment(of: "digitalagentur", in: code)
    try await office.does(
      "hand-over-lead",
      [
        "assignment": lead["id"] ?? .null, "to": "senweb", "from": "2019-06-01",
        "reason": "Der Vertrag der Agentur endet",
      ])
    try await office.does(
      "correct-report",
      ["measure": .string(code), "report": .integer(first), "percent": 45, "reason": "Zählfehler in der Liste"])

    let then = try await auditor.look("measures/\(code)/sheet?asOf=\(recorded)&validAt=2019-06-15")
    #expect(then["position"]?.integer == first, "the last position that was recorded by then")
    #expect(Self.leads(in: then["measure"]) == ["digitalagentur"], "what was known then")
    #expect(then["measure"]?["percent"]?["value"]?.integer == 50)
    let now = try await auditor.look("measures/\(code)/sheet?validAt=2019-06-15")
    #expect(Self.leads(in: now["measure"]) == ["senweb"], "what is known now of the same day")
    #expect(now["measure"]?["percent"]?["value"]?.integer == 45)
    #expect(try await auditor.holders(of: code, as: "lead", on: "2019-05-31") == ["digitalagentur"])

    let entries = try await auditor.entries(about: code).suffix(2)
    #expect(
      entries.map { $0["type"]?.string } == [
        "org.federwerk.measure.lead-handed-over.v1", "org.federwerk.measure.report-corrected.v1",
      ])
    #expect(entries.allSatisfy { $0["actor"]?.string?.hasPrefix("users/") == true }, "who did it")
    let change = entries.last?["changes"]?.array?.first { $0["field"]?.string == "percent" }
    #expect(change?["before"]?.integer == 50)
    #expect(change?["after"]?.integer == 45)
    #expect(
      entries.last?["summary"]?["de"]?.string?.hasSuffix(
        "für startups.2.I zum 31.5.2019 wird berichtigt: im Plan, 45 %.") == true)
  }

  private static func followsAMeasureToItsEnd(_ auditor: Desk, _ office: Desk) async throws {
    let adoption = try await auditor.look("tree")["version"]?["adoption"]
    #expect(adoption?["date"]?.string == "2018-09-04")
    #expect(adoption?["body"]?.string == "senat")
    let code = "fachkraefte.3.IV"
    try await office.does(
      "report-progress",
      [
        "measure": .string(code), "institution": "senbjf", "condition": "on-track", "percent": 10,
        "effectiveDate": "2019-03-29",
      ])
    let lead = try await office.assignment(of: "senbjf", in: code)
    try await office.does(
      "hand-over-lead",
      [
        "assignment": lead["id"] ?? .null, "to": "senweb", "from": "2019-09-01", "reason": "Die Betriebe sind gefragt",
      ])
    let end: JSON = [
      "measure": .string(code), "reason": "Kein Betrieb hat sich gefunden", "effectiveDate": "2020-11-02",
    ]
    try await office.isRefused("discontinue-measure", end, 422, "decision-needed", field: "decision")
    try await office.does("discontinue-measure", end.adding("decision", "Beschluss 7/2020"))
    try await office.isRefused(
      "report-progress",
      ["measure": .string(code), "institution": "senweb", "condition": "on-track", "effectiveDate": "2020-11-03"], 409,
      "finished", field: "measure")

    let sheet = try await auditor.look("measures/\(code)/sheet")["measure"]
    #expect(sheet?["state"]?["value"]?.string == "discontinued")
    #expect(
      sheet?["state"]?["history"]?.array?.map { $0["value"]?.string } == ["planned", "running", "discontinued"])
    let chain = sheet?["assignments"]?.array?.filter { $0["role"]?.string == "lead" } ?? []
    #expect(chain.map { $0["institution"]?["slug"]?.string } == ["senbjf", "senweb"])
    #expect(chain.map { $0["until"]?.string } == ["2019-09-01", nil])
    #expect(
      try await auditor.types(about: code).suffix(3) == [
        "org.federwerk.measure.progress-reported.v1", "org.federwerk.measure.lead-handed-over.v1",
        "org.federwerk.measure.discontinued.v1",
      ])
    #expect(
      try await auditor.lastSentence(about: code)
        == "fachkraefte.3.IV ist ab 2.11.2020 eingestellt (Beschluss: Beschluss 7/2020).")
    #expect(try await auditor.look("measures")["measures"]?.array?.count == 90, "it stays on the board")
  }

  private static func seesExceptionsAndErasures(_ auditor: Desk, _ office: Desk) async throws {
    try await office.does(
      "grant-lead-cap-exception",
      ["measure": "marketing.1.V", "leads": 3, "reason": "Drei Häuser betreiben die Seiten gemeinsam"])
    let granted = try await auditor.entries(ofType: "org.federwerk.measure.lead-cap-exception-granted.v1")
    #expect(granted.count == 1)

    let contact = try await office.does(
      "appoint-contact",
      ["institution": "zvei", "name": "Fachstelle Netze", "phone": "030 0000000", "effectiveDate": "2019-01-01"])
    let erasure: JSON = ["event": .integer(contact), "reason": "no-longer-needed"]
    try await office.does("erase-personal-data", erasure)
    let erased = try await auditor.lastEntry(about: "zvei")
    #expect(
      erased["summary"]?["en"]?.string
        == "Data on ZVEI in event \(contact) were erased (name, function, phone, mail): they are no longer needed.")
    #expect(try await auditor.types(about: "zvei").contains("org.federwerk.institution.contact-appointed.v1"))
    let position = try await auditor.position
    try await office.does("erase-personal-data", erasure, isNothingNew: true)
    #expect(try await auditor.position == position, "what is gone cannot go again")
  }

  private static func readsTheEvents(_ auditor: Desk) async throws {
    let events = try await auditor.client.allEvents()
    let position = try await auditor.position
    #expect(events.count == Int(position) + 1)
    #expect(events.indices.allSatisfy { events[$0]["sequence"]?.string.flatMap { Int($0) } == $0 }, "without a gap")
    let times = events.compactMap { $0["time"]?.string }
    #expect(times == times.sorted(), "recorded time never goes back")
    #expect(events.allSatisfy { $0["actor"]?.string != nil && $0["effectivedate"]?.string != nil })
    let texts = ["Zählfehler", "Fachstelle Netze", "030 0000000", "Kein Betrieb"]
    let log = events.map { String(decoding: $0.canonicalBytes, as: UTF8.self) }.joined()
    #expect(!texts.contains { log.contains($0) }, "what can be erased is not in the log")
  }

  private static func asksOnlyForWhatWas(_ auditor: Desk) async throws {
    let cases: [(String, UInt, String, String)] = [
      ("measures?asOf=2099-01-01", 422, "as-of-in-future", "asOf"),
      ("measures?position=999999", 422, "position-in-future", "position"),
      ("measures?position=1&asOf=2019-01-01", 422, "two-moments", "asOf"),
      ("measures?position=-1", 400, "invalid-value", "position"),
      ("measures?validAt=1.7.2019", 400, "invalid-value", "validAt"),
      ("measures?at=2019-07-01", 400, "unknown-parameter", "at"),
    ]
    for (path, status, code, field) in cases {
      let answer = try await auditor.client.get("\(Desk.plan)/\(path)")
      #expect(answer.status == status, "\(path): \(answer.text)")
      #expect(answer.code == code, "\(path)")
      #expect(answer.json["field"]?.string == field, "\(path)")
    }
    let before = try await auditor.look("measures?asOf=2018-01-01")
    #expect(before["position"] == .null)
    #expect(before["measures"] == [], "before the first event there is nothing, and that is no error")
  }

  private static func leads(in sheet: JSON?) -> [String] {
    sheet?["assignments"]?.array?
      .filter { $0["role"]?.string == "lead" && $0["time"]?.string == "present" }
      .compactMap { $0["institution"]?["slug"]?.string } ?? []
  }

  // MARK: - Partner system

  @Test func `a partner system pushes its own status, and only that, also after its measure was renumbered`()
    async throws
  {
    try await withServer("story-partner", arguments: Self.arguments) { server in
      let office = try await Desk(server, "coordinator")
      let stranger = try await Desk(server, "partner", as: "bek-monitoring")
      try await stranger.isRefused("record-external-status", Self.status, 403, "unregistered-partner")
      try await office.does(
        "register-partner-system",
        ["slug": "bek-monitoring", "name": "Monitoring des BEK 2030", "programmes": ["bek-2030"]])
      let partner = try await Desk(server, "partner", as: "bek-monitoring")
      try await Self.pushesItsStatus(partner)
      try await Self.isRefusedExactly(partner)
      try await Self.keepsItsMeasure(partner, office)
    }
  }

  private static let status: JSON = [
    "programme": "bek-2030", "externalID": "W-14", "statusID": "w14-2020-1", "status": "in Umsetzung", "percent": 40,
    "date": "2020-01-31",
  ]

  private static func pushesItsStatus(_ partner: Desk) async throws {
    let position = try await partner.position
    let trial = try await partner.send("record-external-status", status, isDryRun: true)
    #expect(trial.status == 201)
    #expect(trial.headers["dry-run"] == "true")
    #expect(try await partner.link("W-14")["status"] == .null, "a trial stores nothing")

    let key = UUID().uuidString
    let first = try await partner.send("record-external-status", status, key: key)
    #expect(first.status == 201)
    let again = try await partner.send("record-external-status", status, key: key)
    #expect(again.bytes == first.bytes, "the lost answer, byte for byte")
    try await partner.does("record-external-status", status, isNothingNew: true)
    #expect(try await partner.position == position + 1, "sent three times, stored once")
    let shown = try await partner.link("W-14", on: "2020-03-01")["status"]
    #expect(shown?["status"]?.string == "in Umsetzung")
    #expect(shown?["ageDays"]?.integer == 30)

    try await partner.does(
      "record-external-status",
      status.replacing("statusID", "w14-2019-2").replacing("percent", 20).replacing("date", "2019-07-01"))
    #expect(try await partner.link("W-14")["status"]?["percent"]?.integer == 40, "older news is history, not the state")
    #expect(try await partner.link("W-14", on: "2019-12-31")["status"]?["percent"]?.integer == 20)
    let tree = try await partner.look("tree?validAt=2020-03-01")["rollUp"]
    #expect(tree?["external"]?.integer == 7, "counted beside the others, not among them")
  }

  private static func isRefusedExactly(_ partner: Desk) async throws {
    let facts = try await partner.isRefused(
      "record-external-status", status.replacing("percent", 41), 409, "status-id-taken", field: "statusID")
    #expect(facts?["value"]?.string == "w14-2020-1")
    let new = status.replacing("statusID", "w14-2020-2")
    try await partner.isRefused(
      "record-external-status", new.replacing("externalID", "W-99"), 404, "unknown-external-measure",
      field: "externalID")
    try await partner.isRefused(
      "record-external-status", new.replacing("programme", "bek"), 404, "unknown-programme", field: "programme")
    try await partner.isRefused(
      "record-external-status", new.replacing("percent", 101), 422, "percent-out-of-range", field: "percent")
    try await partner.isRefused(
      "record-external-status", new.replacing("date", "2099-01-31"), 422, "future-date", field: "date")
    try await partner.isRefused(
      "record-external-status", new.adding("colour", "grün"), 400, "unknown-field", field: "colour")
    try await partner.isRefused(
      "report-progress", ["measure": "energie.1.I", "condition": "on-track"], 403, "role-not-allowed")
    let position = try await partner.position
    let reused = try await partner.send("record-external-status", new, key: "same-key")
    #expect(reused.status == 201)
    let other = try await partner.send("record-external-status", new.replacing("percent", 50), key: "same-key")
    #expect(other.status == 422)
    #expect(other.code == "key-reused")
    #expect(try await partner.position == position + 1)
  }

  private static func keepsItsMeasure(_ partner: Desk, _ office: Desk) async throws {
    let id = try await partner.measure("energie.1.I")["id"]
    let renumbering: JSON = ["measure": "energie.1.I", "number": "VIII"]
    try await office.isRefused("renumber-measure", renumbering, 422, "reason-needed", field: "reason")
    let reason = renumbering.adding("reason", "Die Runden Tische stehen künftig am Ende")
    try await office.isRefused("renumber-measure", reason, 422, "source-needed", field: "source")
    try await office.does("renumber-measure", reason.adding("source", ["S2:1656-1684"]))
    #expect(try await partner.link("W-14")["measure"]?.string == "energie.1.VIII", "its own id still leads there")
    #expect(try await partner.measure("energie.1.I")["id"] == id, "so does the old code")
    #expect(
      try await partner.lastSentence(about: "energie.1.VIII")
        .hasSuffix("wurde umnummeriert und heißt jetzt energie.1.VIII."))
    try await partner.does(
      "record-external-status",
      status.replacing("statusID", "w14-2021-1").replacing("percent", 90).replacing("date", "2021-01-31"))
    #expect(try await partner.link("W-14")["status"]?["percent"]?.integer == 90)
  }
}

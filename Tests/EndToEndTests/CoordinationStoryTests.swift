import EventSourcing
import Foundation
import HangLimit
import TestDatabases
import Testing

/// The stories of those who work with the plan, over HTTP on the real one: what they send, what they then look at, and
/// what they are refused.
///
/// One after another, because each has a server and a database of its own.
@Suite(.hangLimit, .serialized) struct CoordinationStoryTests {
  static let arguments = ["--import", Program.planFile]

  // MARK: - Coordination office

  @Test func `the office sees what the plan leaves open, settles it, and answers a question as of a day`() async throws
  {
    try await withServer("story-office", arguments: Self.arguments) { server in
      let office = try await Desk(server, "coordinator")
      try await Self.seesWhatThePrintedPlanSays(office)
      try await Self.clarifiesARole(office)
      try await Self.namesWhoStandsBehindAPlaceholder(office)
      try await Self.allowsAThirdLead(office)
      try await Self.triesAListBeforeItCounts(office)
      try await Self.answersAParliamentaryQuestion(office)
    }
  }

  /// Ranges, groups and contradictions of the import are in the views, with where they are printed.
  private static func seesWhatThePrintedPlanSays(_ office: Desk) async throws {
    let tree = try await office.look("tree")
    let figure = tree["statedFigures"]?.array?.first { $0["counts"]?.string == "theme-clusters" }
    #expect(figure?["stated"]?.integer == 11)
    #expect(figure?["counted"]?.integer == 10)
    #expect(figure?["agrees"]?.bool == false)
    let ranged = try await office.assignment(of: "senbjf", in: "fachkraefte.3.III")
    #expect(ranged["range"]?.string == "II-IV")
    let group = try await office.look("institutions/kammern")["institution"]
    #expect(group?["members"]?.array?.compactMap { $0["slug"]?.string } == ["ihk", "hwk"])

    let early = try await office.gaps(on: "2019-06-30")
    #expect(early.filter { $0["gap"]?.string == "placeholder" }.map { $0["overdueDays"] } == [.null, .null])
    let late = try await office.gaps(on: "2020-01-31")
    #expect(late.filter { $0["gap"]?.string == "placeholder" }.map { $0["overdueDays"]?.integer } == [31, 31])
    let unled = late.filter { $0["gap"]?.string == "no-lead" }
    #expect(unled.count == 7)
    #expect(unled.allSatisfy { $0["allowedAs"]?.string == "external" }, "the energy measures are led elsewhere")
  }

  private static func clarifiesARole(_ office: Desk) async throws {
    let named = try await office.assignment(of: "ifaf-berlin", in: "transfer.1.III")
    #expect(named["role"]?.string == "unclear")
    let clarified: JSON = ["assignment": named["id"] ?? .null, "role": "contributor", "effectiveDate": "2019-05-06"]
    try await office.isRefused("clarify-role", clarified, 422, "source-needed", field: "source")
    try await office.does(
      "clarify-role", clarified.adding("reason", "Auskunft der Hochschulverbünde, Vermerk in der Akte"))

    let before = try await office.responsibilities(of: "ifaf-berlin", on: "2019-05-05")
    #expect(before["unclear"]?.array?.map { $0["measure"]?.string } == ["transfer.1.III"])
    let after = try await office.responsibilities(of: "ifaf-berlin", on: "2019-05-06")
    #expect(after["unclear"] == [])
    #expect(after["unaccepted"]?.array?.first?["role"]?.string == "contributor", "clarified, and still not accepted")
    #expect(
      try await office.lastSentence(about: "transfer.1.III")
        == "Die Rolle von IFAF Berlin in transfer.1.III ist ab 6.5.2019 geklärt: Mitarbeit.")
    try await office.isRefused(
      "clarify-role", clarified.adding("reason", "Noch einmal"), 409, "nothing-unclear", field: "assignment")
  }

  private static func namesWhoStandsBehindAPlaceholder(_ office: Desk) async throws {
    let placeholder = "weitere-partner-transfer"
    try await office.isRefused(
      "resolve-placeholder", ["placeholder": .string(placeholder)], 422, "reason-needed", field: "reason")
    let known = try await office.position
    let resolved: JSON = [
      "placeholder": .string(placeholder), "institutions": ["htw", "tu-berlin"], "effectiveDate": "2019-10-01",
    ]
    try await office.does("resolve-placeholder", resolved)

    for measure in ["transfer.2.I", "transfer.2.II"] {
      let old = try await office.holders(of: measure, as: "contributor", on: "2019-09-30")
      #expect(old == ["ihk", placeholder])
      let new = try await office.holders(of: measure, as: "contributor", on: "2019-10-01")
      #expect(new == ["htw", "ihk", "tu-berlin"], "all that the placeholder held moves in one step")
      let asKnown = try await office.holders(of: measure, as: "contributor", on: "2019-10-01", at: known)
      #expect(asKnown == ["ihk", placeholder], "what was known before stays readable")
    }
    let open = try await office.gaps(on: "2019-10-01").compactMap { $0["placeholder"]?["slug"]?.string }
    #expect(open == ["weitere-akteure-verkehrsloesungen"])
    try await office.isRefused("resolve-placeholder", resolved, 409, "already-resolved", field: "placeholder")
  }

  private static func allowsAThirdLead(_ office: Desk) async throws {
    let third: JSON = ["measure": "marketing.1.V", "institution": "senias", "effectiveDate": "2019-02-01"]
    let facts = try await office.isRefused("assign-lead", third, 422, "lead-cap", field: "institution")
    #expect(facts?["leads"] == ["berlin-partner", "senweb"])
    #expect(facts?["exception"]?.string == "grant-lead-cap-exception")
    let exception: JSON = ["measure": "marketing.1.V", "leads": 3, "effectiveDate": "2019-02-01"]
    try await office.isRefused("grant-lead-cap-exception", exception, 422, "reason-needed", field: "reason")
    try await office.does(
      "grant-lead-cap-exception", exception.adding("reason", "Die Fachkräfteseiten brauchen eine eigene Federführung"))
    try await office.does("assign-lead", third)
    let row = try await office.responsibilities(of: "senias", on: "2019-02-01")
    #expect(row["leadCapExceptions"] == [["leads": 3, "measure": "marketing.1.V", "phase": nil]])
    #expect(
      try await office.holders(of: "marketing.1.V", as: "lead", on: "2019-01-31") == ["berlin-partner", "senweb"])
  }

  /// Dry run, refusal and commitment of a list: all of it or nothing.
  private static func triesAListBeforeItCounts(_ office: Desk) async throws {
    func list(secondRank: Int64) -> JSON {
      let measures: [(JSON, JSON)] = [("fachkraefte.1.I", 1), ("fachkraefte.1.II", .integer(secondRank))]
      return [
        "commands": .array(
          measures.map { ["command": "prioritise-measure", "with": ["measure": $0.0, "rank": $0.1]] })
      ]
    }
    let before = try await office.position
    let wrong = try await office.list(list(secondRank: 0))
    #expect(wrong.status == 422)
    #expect(wrong.code == "rank-too-small")
    #expect(wrong.json["field"]?.string == "commands[1].with.rank")
    let tried = try await office.list(list(secondRank: 2), isDryRun: true)
    #expect(tried.status == 201)
    #expect(tried.headers["dry-run"] == "true")
    #expect(try await office.position == before, "neither a refused list nor a dry run leaves a trace")

    let done = try await office.list(list(secondRank: 2))
    #expect(done.status == 201)
    #expect(done.json["events"] == tried.json["events"], "the dry run has told what would happen")
    #expect(try await office.position == before + 2)
  }

  /// Who was responsible on a day and what was known, with the events that say so, and the same answer ever after.
  private static func answersAParliamentaryQuestion(_ office: Desk) async throws {
    let code = "verwaltung.2.III"
    try await office.does(
      "report-progress",
      [
        "measure": .string(code), "institution": "seninnds", "condition": "on-track", "percent": 20,
        "effectiveDate": "2019-03-29",
      ])
    let lead = try await office.assignment(of: "seninnds", in: code)
    try await office.does(
      "hand-over-lead",
      [
        "assignment": lead["id"] ?? .null, "to": "senfin", "from": "2019-07-01",
        "reason": "Die Verfahren werden künftig zentral finanziert",
      ])
    let question = "measures/\(code)/sheet?position=\(try await office.position)&validAt=2019-06-30"
    let answer = try await office.client.get("\(Desk.plan)/\(question)")
    let sheet = try #require(answer.json["measure"])
    let leads = sheet["assignments"]?.array?.filter { $0["role"]?.string == "lead" } ?? []
    #expect(leads.map { $0["institution"]?["slug"]?.string } == ["seninnds", "senfin"])
    #expect(leads.map { $0["time"]?.string } == ["present", "future"])
    #expect(sheet["percent"]?["value"]?.integer == 20)
    #expect(sheet["percent"]?["since"]?.string == "2019-03-29")

    let told =
      leads.flatMap { $0["events"]?.array ?? [] }.compactMap { $0["position"] }
      + ["state", "percent", "condition"].compactMap { sheet[$0]?["position"] }
    let evidence = Set(told.compactMap(\.integer))
    #expect(evidence.count >= 3)
    for position in evidence {
      let event = try await office.look("events/\(position)")
      #expect(event["subject"]?.string == "measures/\(sheet["id"]?.string ?? "")")
    }

    try await office.does(
      "report-progress",
      [
        "measure": .string(code), "institution": "senfin", "condition": "at-risk", "percent": 35,
        "effectiveDate": "2019-11-22", "text": "Ein Verfahren wird neu ausgeschrieben",
      ])
    #expect(try await office.client.get("\(Desk.plan)/\(question)").bytes == answer.bytes)
  }

  // MARK: - Lead

  @Test func `a lead confirms, reports, corrects, asks for help and hands over without losing its history`()
    async throws
  {
    try await withServer("story-lead", arguments: Self.arguments) { server in
      let office = try await Desk(server, "coordinator")
      let senweb = try await Desk(server, "lead", of: "senweb")
      let successor = try await Desk(server, "lead", of: "digitalagentur")
      try await Self.answersForItself(senweb, successor)
      try await Self.reportsAllItsMeasuresInOnePass(senweb, office)
      try await Self.contributorsStandBeside(senweb, try await Desk(server, "contributor", of: "ihk"))
      try await Self.correctsAnErrorOpenly(senweb, successor)
      try await Self.asksForHelp(senweb, office)
      try await Self.handsOver(senweb, successor, stranger: try await Desk(server, "contributor", of: "citylab-berlin"))
      try await Self.leadsOnlyItsPhase(try await Desk(server, "lead", of: "sensw"), senweb)
    }
  }

  private static func answersForItself(_ senweb: Desk, _ other: Desk) async throws {
    let lead = try await senweb.assignment(of: "senweb", in: "smart-city.3.I")
    #expect(lead["state"]?.string == "named")
    let answer: JSON = ["assignment": lead["id"] ?? .null]
    try await other.isRefused("accept-assignment", answer, 403, "not-named", field: "assignment")
    try await senweb.does("accept-assignment", answer)
    #expect(try await senweb.assignment(of: "senweb", in: "smart-city.3.I")["state"]?.string == "confirmed")
    let unaccepted = try await senweb.responsibilities(of: "senweb")["unaccepted"]?.array ?? []
    #expect(!unaccepted.contains { $0["measure"]?.string == "smart-city.3.I" })
    #expect(unaccepted.contains { $0["measure"]?.string == "smart-city.2.I" }, "silence is not acceptance")
    try await senweb.isRefused("decline-assignment", answer, 409, "already-answered", field: "assignment")

    let part = try await senweb.assignment(of: "senweb", in: "fachkraefte.1.I")
    try await senweb.does(
      "decline-assignment",
      ["assignment": part["id"] ?? .null, "reason": "Die Zahlen liefert schon die Arbeitsagentur"])
    #expect(try await senweb.assignment(of: "senweb", in: "fachkraefte.1.I")["state"]?.string == "declined")
    try await senweb.isRefused(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "on-track"], 403, "not-assigned",
      field: "institution")
  }

  private static func reportsAllItsMeasuresInOnePass(_ senweb: Desk, _ office: Desk) async throws {
    func reports(lastPercent: Int64) -> JSON {
      let percents: [(JSON, JSON)] = [
        ("smart-city.3.I", 15), ("smart-city.2.I", 40), ("smart-city.1.IV", .integer(lastPercent)),
      ]
      return [
        "commands": .array(
          percents.map {
            [
              "command": "report-progress",
              "with": ["measure": $0.0, "condition": "on-track", "percent": $0.1, "effectiveDate": "2019-05-02"],
            ]
          })
      ]
    }
    let before = try await office.position
    let wrong = try await senweb.list(reports(lastPercent: 101))
    #expect(wrong.status == 422)
    #expect(wrong.code == "percent-out-of-range")
    #expect(try await office.position == before, "one wrong report, and none is stored")
    let done = try await senweb.list(reports(lastPercent: 5))
    #expect(done.status == 201)
    #expect(done.json["events"]?.array?.count == 3)
    let measure = try await senweb.measure("smart-city.2.I", on: "2019-05-02")
    #expect(measure["state"]?.string == "running")
    #expect(measure["condition"]?.string == "on-track")
    #expect(measure["percent"]?.integer == 40)
    #expect(try await senweb.measure("smart-city.2.I", on: "2019-05-01")["state"]?.string == "planned")

    let entry = try await senweb.lastEntry(about: "smart-city.2.I")
    let changed = entry["changes"]?.array?.compactMap { $0["field"]?.string } ?? []
    #expect(Set(changed).isSuperset(of: ["condition", "percent", "state"]), "one act, one entry")
    #expect(
      entry["summary"]?["de"]?.string == "SenWEB meldet für smart-city.2.I zum 2.5.2019: im Plan, 40 %.")
    let worse: JSON = ["measure": "smart-city.1.IV", "condition": "off-track", "effectiveDate": "2019-06-03"]
    try await senweb.isRefused("report-progress", worse, 422, "worsening-needs-text", field: "text")
    try await senweb.does("report-progress", worse.adding("text", "Der Fonds ist noch nicht beschlossen"))
  }

  private static func contributorsStandBeside(_ senweb: Desk, _ ihk: Desk) async throws {
    let before = try await senweb.measure("smart-city.3.I")
    try await ihk.does(
      "report-progress",
      [
        "measure": "smart-city.3.I", "condition": "at-risk", "percent": 90, "effectiveDate": "2019-05-20",
        "text": "Zwei Betriebe sind abgesprungen",
      ])
    let after = try await senweb.measure("smart-city.3.I")
    #expect(after["percent"] == before["percent"])
    #expect(after["condition"] == before["condition"], "a contribution stands beside the lead's word, not over it")
    #expect(
      try await senweb.lastSentence(about: "smart-city.3.I")
        == "IHK meldet den eigenen Beitrag zu smart-city.3.I zum 20.5.2019: gefährdet, 90 %.")
  }

  private static func correctsAnErrorOpenly(_ senweb: Desk, _ other: Desk) async throws {
    let report = try await senweb.lastEntry(about: "smart-city.2.I")["position"] ?? .null
    let correction: JSON = [
      "measure": "smart-city.2.I", "report": report, "percent": 30, "reason": "Ein Teilprojekt war doppelt gezählt",
    ]
    try await other.isRefused("correct-report", correction, 403, "not-yours", field: "report")
    let known = try await senweb.position
    try await senweb.does("correct-report", correction)
    #expect(try await senweb.measure("smart-city.2.I", on: "2019-05-02")["percent"]?.integer == 30)
    #expect(try await senweb.measure("smart-city.2.I", on: "2019-05-02", at: known)["percent"]?.integer == 40)
    let types = try await senweb.types(about: "smart-city.2.I")
    #expect(
      types.suffix(2) == ["org.federwerk.measure.progress-reported.v1", "org.federwerk.measure.report-corrected.v1"])
    try await senweb.isRefused("correct-report", correction, 409, "already-corrected", field: "report")
  }

  private static func asksForHelp(_ senweb: Desk, _ office: Desk) async throws {
    let before = try await senweb.measure("smart-city.3.I")
    let request = JSON.string(UUID().uuidString.lowercased())
    try await senweb.does(
      "request-support",
      ["id": request, "measure": "smart-city.3.I", "text": "Wir brauchen Hilfe bei der Suche nach Betrieben"])
    try await senweb.isRefused(
      "grant-support", ["measure": "smart-city.3.I", "request": request], 403, "role-not-allowed")
    try await office.does(
      "grant-support", ["measure": "smart-city.3.I", "request": request, "text": "Ein Aufruf im Netzwerk folgt"])
    let after = try await senweb.measure("smart-city.3.I")
    #expect(after["condition"] == before["condition"], "asking for help is no failure")
    #expect(
      try await senweb.lastSentence(about: "smart-city.3.I")
        == "Die Geschäftsstelle sagt SenWEB Unterstützung für smart-city.3.I zu.")
  }

  private static func handsOver(_ senweb: Desk, _ successor: Desk, stranger: Desk) async throws {
    let code = "smart-city.3.I"
    let support = ["org.federwerk.measure.support-requested.v1", "org.federwerk.measure.support-granted.v1"]
    #expect(try await successor.types(about: code).filter(support.contains).isEmpty, "not its affair yet")
    let lead = try await senweb.assignment(of: "senweb", in: code)
    let handOver: JSON = ["assignment": lead["id"] ?? .null, "from": "2019-07-01"]
    let reason: JSON = "Die Agentur führt die Reallabore zusammen"
    try await senweb.isRefused(
      "hand-over-lead", handOver.adding("to", "digitalagentur"), 422, "reason-needed", field: "reason")
    try await senweb.isRefused(
      "hand-over-lead", handOver.adding("to", "senweb").adding("reason", reason), 422, "same-holder", field: "to")
    try await senweb.isRefused(
      "hand-over-lead", handOver.adding("to", "berlin-partner").adding("reason", reason), 422, "role-excluded",
      field: "to")
    try await senweb.does("hand-over-lead", handOver.adding("to", "digitalagentur").adding("reason", reason))
    #expect(
      try await successor.lastSentence(about: code)
        == "Die Federführung von smart-city.3.I geht zum 1.7.2019 von SenWEB auf Digitalagentur über.")

    #expect(try await senweb.holders(of: code, as: "lead", on: "2019-06-30") == ["senweb"])
    #expect(try await senweb.holders(of: code, as: "lead", on: "2019-07-01") == ["digitalagentur"])
    #expect(try await senweb.leads("senweb", on: "2019-06-30").contains(code), "it stays visible for its time")
    #expect(try await !senweb.leads("senweb", on: "2019-07-01").contains(code))
    #expect(try await successor.types(about: code).filter(support.contains) == support, "who takes over sees it all")
    #expect(try await stranger.types(about: code).filter(support.contains).isEmpty, "others do not")

    let late: JSON = ["measure": .string(code), "condition": "on-track", "percent": 20]
    try await senweb.isRefused(
      "report-progress", late.adding("effectiveDate", "2019-07-01"), 403, "not-assigned", field: "institution")
    try await senweb.does("report-progress", late.adding("effectiveDate", "2019-06-28"))
    let taken = try await successor.assignment(of: "digitalagentur", in: code)
    #expect(taken["state"]?.string == "named", "the successor has not accepted yet")
    try await successor.does("accept-assignment", ["assignment": taken["id"] ?? .null])
    try await successor.does(
      "report-progress",
      ["measure": .string(code), "condition": "on-track", "percent": 25, "effectiveDate": "2019-09-30"])
    #expect(try await senweb.measure(code, on: "2019-06-30")["percent"]?.integer == 20)
    #expect(try await senweb.measure(code, on: "2019-09-30")["percent"]?.integer == 25)
  }

  private static func leadsOnlyItsPhase(_ sensw: Desk, _ contributor: Desk) async throws {
    let phase: JSON = ["measure": "flaechen.2.II", "effectiveDate": "2019-01-15"]
    try await contributor.isRefused(
      "start-phase", phase.adding("phase", "Programmierung"), 403, "not-lead", field: "measure")
    let facts = try await sensw.isRefused(
      "start-phase", phase.adding("phase", "Testphase"), 422, "no-lead", field: "phase")
    #expect(facts?["phase"]?.string == "Testphase")
    try await sensw.does("start-phase", phase.adding("phase", "Programmierung"))
    let matrix = try await sensw.responsibilities(of: "sensw")["roles"]?["lead"]?.array ?? []
    #expect(matrix.contains(["measures": ["flaechen.2.II"], "phase": "Programmierung"]))
    #expect(!matrix.contains { $0["phase"]?.string == "Umsetzung" })
    let subjects = try await sensw.look("measures/flaechen.2.I")["measure"]?["assignments"]?.array ?? []
    #expect(
      subjects.filter { $0["role"]?.string == "lead" }.map { $0["subject"]?.string } == [
        "StEP Wirtschaft", "Bebauungspläne",
      ])
  }

  // MARK: - Contributor

  @Test func `a contributor finds where it is named, adds its part, and learns who answers its question by when`()
    async throws
  {
    try await withServer("story-contributor", arguments: Self.arguments) { server in
      let office = try await Desk(server, "coordinator")
      let ihk = try await Desk(server, "contributor", of: "ihk")
      let stranger = try await Desk(server, "contributor", of: "citylab-berlin")
      try await Self.seesWhereItIsNamed(ihk)
      try await Self.addsItsPartAndFollows(ihk, office)
      try await Self.silenceStaysSilence(ihk)
      try await Self.asksAQuestion(ihk, office, stranger)
      try await Self.keepsItsContactToItself(ihk, stranger)
    }
  }

  private static func seesWhereItIsNamed(_ ihk: Desk) async throws {
    let card = try await ihk.look("institutions/ihk")["institution"]
    let roles = card?["assignments"]?.array ?? []
    func via(_ measure: String) -> JSON? { roles.first { $0["measure"]?.string == measure }?["via"] }
    #expect(via("fachkraefte.2.I") == .null, "named itself")
    #expect(via("fachkraefte.1.I") == "kammern", "named through a group")
    #expect(card?["groups"]?.array?.contains { $0["slug"]?.string == "kammern" } == true)
    let alias = try await ihk.look("institutions/ibb")["institution"]?["aliases"]?.array?.first
    #expect(alias?["name"]?.string == "Investitionsbank Berlin-Brandenburg")
    #expect(alias?["source"]?.array?.isEmpty == false)

    let wrong = try await ihk.assignment(of: "ihk", in: "fachkraefte.3.VI")
    try await ihk.does(
      "decline-assignment",
      ["assignment": wrong["id"] ?? .null, "reason": "Dort wirkt der Berufsbildungsausschuss mit"])
    #expect(
      try await ihk.lastSentence(about: "fachkraefte.3.VI")
        .contains("abgelehnt"))
    let foreign = try await ihk.assignment(of: "uvb", in: "fachkraefte.2.I")
    try await ihk.isRefused(
      "decline-assignment", ["assignment": foreign["id"] ?? .null], 403, "not-named", field: "assignment")
  }

  private static func addsItsPartAndFollows(_ ihk: Desk, _ office: Desk) async throws {
    let address = "\(Desk.plan)/measures/startups.2.II"
    let seen = try await ihk.client.get(address)
    let tag = try #require(seen.headers["etag"])
    #expect(try await ihk.client.get(address, headers: ["If-None-Match": tag]).status == 304)
    let report: JSON = ["measure": "startups.2.II", "condition": "on-track", "effectiveDate": "2019-04-10"]
    try await ihk.isRefused(
      "report-progress", report.adding("institution", "hwk"), 403, "other-institution", field: "institution")
    try await ihk.isRefused(
      "report-progress", ["measure": "startups.2.III", "condition": "on-track"], 403, "not-assigned",
      field: "institution")
    try await ihk.does("report-progress", report.adding("percent", 60))
    #expect(try await ihk.client.get(address, headers: ["If-None-Match": tag]).status == 200, "something happened")
    let measure = try await office.measure("startups.2.II")
    #expect(measure["percent"] == .null)
    #expect(measure["condition"]?.string == "not-assessed", "the lead has not spoken yet")
    try await ihk.isRefused(
      "complete-measure", ["measure": "startups.2.II"], 403, "role-not-allowed")
    #expect(try await ihk.client.get("\(Desk.plan)/events").code == "role-not-allowed")
  }

  private static func silenceStaysSilence(_ ihk: Desk) async throws {
    for date in ["2018-09-04", "2021-12-31"] {
      let row = try await ihk.responsibilities(of: "auswaertiges-amt", on: date)
      #expect(row["unaccepted"]?.array?.map { $0["role"]?.string } == ["consulted"])
      #expect(row["unaccepted"]?.array?.map { $0["state"]?.string } == ["named"])
    }
  }

  private static func asksAQuestion(_ ihk: Desk, _ office: Desk, _ stranger: Desk) async throws {
    let question: JSON = ["kind": "question", "text": "Wer trägt die Kosten der Kompetenzfeststellung?"]
    try await ihk.isRefused(
      "raise-issue", question.adding("measure", "startups.2.III"), 403, "not-assigned", field: "institution")
    try await ihk.isRefused(
      "raise-issue", question.adding("measure", "fachkraefte.9.I"), 404, "unknown-measure", field: "measure")
    try await ihk.isRefused(
      "raise-issue", ["measure": "fachkraefte.5.III", "kind": "question", "text": "  "], 400, "empty-text",
      field: "text")
    let issue = try await ihk.raises(question.adding("measure", "fachkraefte.5.III"))
    #expect(try await ihk.measure("fachkraefte.5.III")["openIssues"]?.integer == 1)
    #expect(
      try await stranger.lastSentence(about: "issues/\(issue)") == "IHK meldet zu fachkraefte.5.III eine Frage.")

    try await office.does("take-up-issue", ["issue": .string(issue)])
    try await office.does(
      "propose-solution", ["issue": .string(issue), "text": "Die Kosten teilen sich Land und Arbeitsagentur"])
    let own = try await ihk.issue(issue)
    #expect(own["state"]?.string == "solution-proposed")
    let foreign = try await stranger.issue(issue)
    #expect(foreign["state"]?.string == "taken-up", "an answer within a moderated solution is not for everybody")
    #expect(foreign["solution"] == .null)

    for _ in ["office", "network"] {
      try await office.does("escalate-issue", ["issue": .string(issue), "deadline": "2099-03-31"])
    }
    let waiting = try await ihk.issue(issue)
    #expect(waiting["state"]?.string == "escalated")
    #expect(waiting["level"]?["body"]?.string == "netzwerk-industriepolitik", "which body answers")
    #expect(waiting["deadline"]?.string == "2099-03-31", "and by when")
    try await ihk.isRefused(
      "decide-escalation",
      ["issue": .string(issue), "body": "netzwerk-industriepolitik", "outcome": "decide", "noFollowUp": true], 403,
      "role-not-allowed")
    try await ihk.does("withdraw-issue", ["issue": .string(issue), "reason": "Die Frage hat sich geklärt"])
    #expect(try await ihk.issue(issue)["deadline"] == .null)
    #expect(try await ihk.measure("fachkraefte.5.III")["openIssues"]?.integer == 0)
  }

  private static func keepsItsContactToItself(_ ihk: Desk, _ stranger: Desk) async throws {
    try await ihk.does(
      "appoint-contact",
      ["name": "Ansprechstelle Industrie", "function": "Servicestelle", "effectiveDate": "2019-03-01"])
    #expect(try await ihk.lastSentence(about: "ihk") == "IHK hat ab 1.3.2019 eine Ansprechperson.")
    #expect(try await !stranger.types(about: "ihk").contains("org.federwerk.institution.contact-appointed.v1"))
    try await ihk.isRefused(
      "appoint-contact", ["institution": "hwk", "name": "Ansprechstelle Handwerk"], 403, "other-institution",
      field: "institution")
    #expect(try await ihk.client.get("\(Desk.plan)/institutions/ihk").text.contains("Ansprechstelle Industrie"))
    #expect(try await !stranger.client.get("\(Desk.plan)/institutions/ihk").text.contains("Ansprechstelle"))
  }
}

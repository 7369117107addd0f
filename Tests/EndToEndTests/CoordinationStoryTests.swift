import EventSourcing
import Foundation
import Testing

/// The stories of those who work with the plan, over HTTP on the real one: what they send, what they then look at, and
/// what they are refused.
///
/// One after another, because each has a server and a database of its own.
@Suite(.timeLimit(.minutes(10)), .serialized) struct CoordinationStoryTests {
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
      leads.flatMap { $0["events"]?.array ?? [] }
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
      entry["summary"]?["de"]?.string == "SenWEB meldet für smart-city.2.I zum 2.5.2019: on-track, 40 %.")
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
        == "IHK meldet den eigenen Beitrag zu smart-city.3.I zum 20.5.2019: at-risk, 90 %.")
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
    #expect(try await !ihk.client.get("\(Desk.plan)/institutions/ihk").text.contains("Ansprechstelle"))
  }

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
        "für startups.2.I zum 31.5.2019 wird berichtigt: on-track, 45 %.") == true)
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
      let partner = try await Desk(server, "partner")
      let office = try await Desk(server, "coordinator")
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

/// Somebody at work: what they send, and what they look at.
private struct Desk: Sendable {
  static let plan = "/v1/plans/industriestadt-berlin"
  let client: Client

  init(_ server: RunningServer, _ role: String, of institution: String? = nil) async throws {
    client = try await Client(server, role: role, institution: institution, actor: institution ?? role)
  }

  // MARK: - Sending

  func send(
    _ command: String, _ body: JSON, key: String = UUID().uuidString, isDryRun: Bool = false
  ) async throws -> Client.Answer {
    try await client.command(isDryRun ? "\(command)?dryRun=true" : command, Self.text(body), key: key)
  }

  func list(_ body: JSON, isDryRun: Bool = false) async throws -> Client.Answer {
    try await client.send(
      "POST", "\(Self.plan)/commands?dryRun=\(isDryRun)", body: Self.text(body),
      headers: ["Idempotency-Key": UUID().uuidString])
  }

  /// Sends what must succeed.
  /// - Returns: the position of its first event, or of the plan when there was nothing new to say.
  @discardableResult
  func does(
    _ command: String, _ body: JSON, isNothingNew: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Int64 {
    let answer = try await send(command, body)
    #expect(answer.status == 201, "\(command): \(answer.text)", sourceLocation: sourceLocation)
    let events = try #require(answer.json["events"]?.array, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(events.isEmpty == isNothingNew, sourceLocation: sourceLocation)
    let position = events.first?["position"] ?? answer.json["position"]
    return try #require(position?.integer, sourceLocation: sourceLocation)
  }

  /// Sends what must be refused, with just this code and field.
  /// - Returns: the facts that the refusal gives.
  @discardableResult
  func isRefused(
    _ command: String, _ body: JSON, _ status: UInt, _ code: String, field: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSON? {
    let answer = try await send(command, body)
    #expect(answer.status == status, "\(command): \(answer.text)", sourceLocation: sourceLocation)
    #expect(answer.code == code, sourceLocation: sourceLocation)
    #expect(answer.json["field"]?.string == field, sourceLocation: sourceLocation)
    return answer.json["facts"]
  }

  /// - Returns: the issue's id.
  func raises(_ issue: JSON, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let id = UUID().uuidString.lowercased()
    try await does("raise-issue", issue.adding("id", .string(id)), sourceLocation: sourceLocation)
    return id
  }

  private static func text(_ json: JSON) -> String { String(decoding: json.canonicalBytes, as: UTF8.self) }

  // MARK: - Looking

  func look(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSON {
    let answer = try await client.get("\(Self.plan)/\(path)")
    #expect(answer.status == 200, "\(path): \(answer.text)", sourceLocation: sourceLocation)
    return answer.json
  }

  /// The plan's last position.
  var position: Int64 {
    get async throws { try #require(try await look("placeholders?limit=1")["position"]?.integer) }
  }

  func measure(_ code: String, on date: String? = nil, at position: Int64? = nil) async throws -> JSON {
    try #require(try await look("measures/\(code)\(Self.query(on: date, at: position))")["measure"])
  }

  func assignment(of institution: String, in measure: String) async throws -> JSON {
    let all = try await self.measure(measure)["assignments"]?.array ?? []
    return try #require(all.first { $0["institution"]?["slug"]?.string == institution })
  }

  func holders(
    of measure: String, as role: String, on date: String, at position: Int64? = nil
  ) async throws -> [String] {
    let all = try await self.measure(measure, on: date, at: position)["assignments"]?.array ?? []
    return all.filter { $0["role"]?.string == role }.compactMap { $0["institution"]?["slug"]?.string }.sorted()
  }

  func leads(_ institution: String, on date: String) async throws -> [String] {
    let card = try await look("institutions/\(institution)?validAt=\(date)")["institution"]
    return card?["assignments"]?.array?.filter { $0["role"]?.string == "lead" }
      .compactMap { $0["measure"]?.string } ?? []
  }

  func gaps(on date: String) async throws -> [JSON] {
    try await look("placeholders?validAt=\(date)")["placeholders"]?.array ?? []
  }

  func responsibilities(of institution: String, on date: String? = nil) async throws -> JSON {
    let rows = try await look("responsibilities\(Self.query(on: date))")["responsibilities"]?.array ?? []
    return try #require(rows.first { $0["institution"]?["slug"]?.string == institution })
  }

  func issues(on date: String? = nil) async throws -> [JSON] {
    try await look("issues\(Self.query(on: date))")["issues"]?.array ?? []
  }

  func issue(_ id: String, on date: String? = nil) async throws -> JSON {
    try #require(try await issues(on: date).first { $0["id"]?.string == id })
  }

  func link(_ externalID: String, on date: String? = nil) async throws -> JSON {
    let links = try await look("external-links\(Self.query(on: date))")["external-links"]?.array ?? []
    return try #require(links.first { $0["externalID"]?.string == externalID })
  }

  private static func query(on date: String?, at position: Int64? = nil) -> String {
    let parts = [date.map { "validAt=\($0)" }, position.map { "position=\($0)" }].compactMap(\.self)
    return parts.isEmpty ? "" : "?\(parts.joined(separator: "&"))"
  }

  // MARK: - Timeline

  func entries(about subject: String) async throws -> [JSON] {
    try await look("timeline?subject=\(subject)&limit=500")["entries"]?.array ?? []
  }

  func entries(ofType type: String) async throws -> [JSON] {
    try await look("timeline?type=\(type)&limit=500")["entries"]?.array ?? []
  }

  func types(about subject: String) async throws -> [String] {
    try await entries(about: subject).compactMap { $0["type"]?.string }
  }

  func sentences(about subject: String) async throws -> [String] {
    try await entries(about: subject).compactMap { $0["summary"]?["de"]?.string }
  }

  func lastEntry(about subject: String) async throws -> JSON { try #require(try await entries(about: subject).last) }

  func lastSentence(about subject: String) async throws -> String {
    try #require(try await sentences(about: subject).last)
  }
}

extension JSON {
  /// An object with one member more.
  fileprivate func adding(_ key: String, _ value: JSON) -> JSON { .object((members ?? []) + [Member(key, value)]) }

  /// An object in which one member has another value.
  fileprivate func replacing(_ key: String, _ value: JSON) -> JSON {
    .object((members ?? []).map { $0.key == key ? Member(key, value) : $0 })
  }
}

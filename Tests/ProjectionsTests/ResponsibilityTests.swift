import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

/// The responsibility matrix, the register of gaps and the card of an institution look at the same assignments.
struct ResponsibilityTests {
  private static let spec: DeciderSpecification = {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "register-placeholder",
      ["id": id(45).json, "slug": "partner", "label": "Noch zu benennen", "steward": "senweb", "due": "2019-06-30"])
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04", "until": "2019-07-01"])
    spec.assign("contributor", "kammern", 62, ["phase": "Aufbau"])
    spec.assign("contributor", "ihk", 63)
    spec.assign("unclear", "tu", 64)
    spec.assign("consulted", "hwk", 65, ["condition": "ggf."])
    spec.given("assign-lead", ["id": id(66).json, "measure": "fachkraefte.1.II", "institution": "partner"])
    spec.given("link-external-measure", ["measure": "fachkraefte.1.III", "programme": "bek", "externalID": "W-14"])
    spec.today = day("2019-03-02")
    return spec
  }()

  private func items(_ view: any View.Type, on date: String = "2019-03-02") -> [String: JSON] {
    func items<V: View>(_ view: V.Type) -> [ViewItem] { view.items(of: Self.spec.plan, validAt: day(date)) }
    return Dictionary(items(view).map { ($0.key, $0.json) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: - Matrix

  @Test func `each institution has a row with its measures by role and phase`() throws {
    let rows = items(ResponsibilityMatrix.self)
    #expect(Set(rows.keys) == Set(Self.spec.plan.parties.values.map(\.slug)))
    #expect(rows["senweb"]?["roles"]?["lead"] == [["phase": .null, "measures": ["fachkraefte.1.I"]]])
    #expect(rows["kammern"]?["roles"]?["contributor"] == [["phase": "Aufbau", "measures": ["fachkraefte.1.I"]]])
    #expect(rows["kammern"]?["institution"]?["type"] == "group")
    #expect(rows["partner"]?["roles"]?["lead"] == [["phase": .null, "measures": ["fachkraefte.1.II"]]])
    #expect(rows["zewk"]?["roles"]?["lead"] == [])
  }

  @Test func `a row tells what nobody has settled`() throws {
    let rows = items(ResponsibilityMatrix.self)
    #expect(rows["senweb"]?["placeholders"] == [["slug": "partner", "due": "2019-06-30"]])
    #expect(rows["senweb"]?["unaccepted"]?.array?.map { $0["assignment"] } == [id(61).json])
    #expect(rows["hwk"]?["unaccepted"] == [], "a dormant assignment waits for its condition, not for an answer")
    #expect(rows["tu"]?["unclear"]?.array?.map { $0["measure"] } == ["fachkraefte.1.I"])
  }

  @Test func `what ended is in no row`() {
    #expect(items(ResponsibilityMatrix.self, on: "2019-07-01")["senweb"]?["roles"]?["lead"] == [])
  }

  // MARK: - Gaps

  @Test func `a placeholder shows its steward, its date and what it holds`() throws {
    let gap = try #require(items(GapRegister.self)["placeholder partner"])
    #expect(gap["gap"] == "placeholder")
    #expect(gap["steward"] == "senweb")
    #expect(gap["due"] == "2019-06-30")
    #expect(gap["overdueDays"] == .null)
    #expect(gap["assignments"]?.array?.map { $0["measure"] } == ["fachkraefte.1.II"])
    #expect(items(GapRegister.self, on: "2019-07-10")["placeholder partner"]?["overdueDays"] == 10)
  }

  @Test func `a placeholder is open until the day on which it is resolved`() throws {
    var spec = Self.spec
    spec.given(
      "resolve-placeholder", ["placeholder": "partner", "institutions": ["tu"]], on: day("2019-05-01"))
    func open(_ date: String) -> JSON? {
      GapRegister.items(of: spec.plan, validAt: day(date)).first { $0.key == "placeholder partner" }?.json
    }
    #expect(open("2019-04-30") != nil)
    #expect(open("2019-05-01") == nil)
    let steward = try #require(spec.plan.party("senweb"))
    #expect(InstitutionCard.json(steward, spec.plan, day("2019-05-01"))["placeholders"] == [])
  }

  @Test(arguments: ["complete-measure", "discontinue-measure"])
  func `nobody needs to lead what is finished`(end: String) {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61, ["until": "2019-04-01"])
    let measure: JSON = ["measure": "fachkraefte.1.I"]
    spec.given("report-progress", measure.replacing("condition", "on-track"), as: .lead("tu"))
    spec.given(
      end, end == "complete-measure" ? measure : measure.replacing("reason", "R").replacing("decision", "Beschluss 7"))
    func gaps() -> [String] { GapRegister.items(of: spec.plan, validAt: day("2019-04-01")).map(\.key) }
    #expect(!gaps().contains("no-lead fachkraefte.1.I"))
    guard end == "complete-measure" else { return }
    spec.given("make-permanent", measure)
    #expect(!gaps().contains("no-lead fachkraefte.1.I"))
  }

  @Test func `a measure without a lead says what allows it`() throws {
    let gaps = items(GapRegister.self)
    #expect(gaps["no-lead fachkraefte.1.I"] == nil)
    #expect(gaps["no-lead fachkraefte.1.II"]?["allowedAs"] == "placeholder")
    #expect(gaps["no-lead fachkraefte.1.III"]?["allowedAs"] == "external")
    let later = try #require(items(GapRegister.self, on: "2019-07-01")["no-lead fachkraefte.1.I"])
    #expect(later["allowedAs"] == .null)
    #expect(later["parts"] == [])
  }

  @Test func `a measure is led when all its parts are`() {
    var spec = DeciderSpecification.masterplan()
    for part in ["A", "B"] {
      spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": .string(part), "title": "T"])
    }
    func gap() -> JSON? {
      GapRegister.items(of: spec.plan, validAt: spec.today).first { $0.key == "no-lead fachkraefte.1.I" }?.json
    }
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.A", "institution": "tu"])
    #expect(gap()?["parts"] == ["fachkraefte.1.I.B"])
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.B", "institution": "tu"])
    #expect(gap() == nil)
  }

  @Test func `more leads than the plan allows are a gap per phase`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 61)
    spec.assign("lead", "ihk", 62)
    spec.assign("lead", "tu", 63, ["phase": "Aufbau"])
    spec.given(
      "grant-lead-cap-exception", ["measure": "fachkraefte.1.I", "phase": "Aufbau", "leads": 4, "reason": "R"])
    spec.assign("lead", "hwk", 64, ["phase": "Aufbau"])
    spec.assign("lead", "senweb", 65, ["phase": "aufbau"])
    func gaps() -> [JSON] {
      GapRegister.items(of: spec.plan, validAt: spec.today).map(\.json).filter { $0["gap"] == "lead-cap" }
    }
    #expect(gaps().isEmpty)
    // A measure is judged by its own version.
    spec.given(
      "register-plan-version",
      ["slug": "b", "title": "B", "from": "2019-01-01", "until": "2025-12-31", "leadCap": 1])
    #expect(gaps().isEmpty)
    // An exception that is taken back in part leaves more than are allowed; those of all phases lead in this one, too.
    spec.given(
      "grant-lead-cap-exception", ["measure": "fachkraefte.1.I", "phase": "Aufbau", "leads": 3, "reason": "R"])
    let gap = try #require(gaps().first)
    #expect(gaps().count == 1)
    #expect(gap["measure"] == "fachkraefte.1.I")
    #expect(gap["phase"] == "Aufbau")
    #expect(gap["leads"] == ["hwk", "ihk", "senweb", "tu"])
    #expect(gap["leadCap"] == 3)
  }

  @Test func `leads that an exception allows are no gap, but the matrix tells of it`() throws {
    var spec = DeciderSpecification.masterplan()
    for (number, holder) in [(61, "tu"), (62, "ihk"), (63, "hwk")] as [(UInt64, String)] {
      if number == 63 {
        spec.given(
          "grant-lead-cap-exception", ["measure": "fachkraefte.1.I", "leads": 3, "reason": "Drei tragen gemeinsam."])
      }
      spec.assign("lead", holder, number)
    }
    func keys() -> [String] { GapRegister.items(of: spec.plan, validAt: spec.today).map(\.key) }
    func exceptions(_ date: String) -> [JSON?] {
      ResponsibilityMatrix.items(of: spec.plan, validAt: day(date)).filter { ["hwk", "senweb"].contains($0.key) }
        .map { $0.json["leadCapExceptions"] }
    }
    #expect(!keys().contains { $0.hasPrefix("lead-cap") })
    #expect(exceptions("2019-03-01") == [[["measure": "fachkraefte.1.I", "phase": .null, "leads": 3]], []])
    #expect(exceptions("2019-02-28") == [[], []])
    spec.given(
      "grant-lead-cap-exception",
      ["measure": "fachkraefte.1.I", "leads": 4, "phase": "Aufbau", "reason": "Nur für diese Phase."])
    #expect(!keys().contains { $0.hasPrefix("lead-cap") })
  }

  // MARK: - Card

  private func card(_ slug: String, on date: String = "2019-03-02") throws -> JSON {
    InstitutionCard.json(try #require(Self.spec.plan.party(slug)), Self.spec.plan, day(date))
  }

  @Test func `a card tells everything held, also through a group`() throws {
    let ihk = try card("ihk")
    #expect(ihk["assignments"]?.array?.map { $0["assignment"] } == [id(62).json, id(63).json])
    #expect(ihk["assignments"]?.array?.map { $0["via"] } == ["kammern", .null])
    #expect(try card("hwk", on: "2019-07-01")["assignments"]?.array?.map { $0["via"] } == [.null])
    let senweb = try card("senweb")
    #expect(senweb["placeholders"] == [["slug": "partner", "due": "2019-06-30"]])
    #expect(senweb["assignments"]?.array?.map { $0["role"] } == ["lead"])
    #expect(try card("partner")["steward"] == "senweb")
  }

  @Test func `a relation shows on both cards, while it lasts`() throws {
    #expect(try card("tu")["units"] == ["zewk"])
    #expect(try card("zewk")["unitOf"] == "tu")
    #expect(
      try card("hwk")["groups"] == [["slug": "kammern", "from": "2018-09-04", "until": "2019-07-01"]])
    #expect(try card("kammern")["members"]?.array?.map { $0["slug"] } == ["ihk", "hwk"])
    #expect(try card("kammern", on: "2019-07-01")["members"]?.array?.map { $0["slug"] } == ["ihk"])
    var spec = Self.spec
    spec.given("declare-hosting", ["body": "skip", "by": "senweb"])
    spec.given("declare-chair", ["body": "skip", "by": "senweb", "kind": "chair"])
    let host = InstitutionCard.json(try #require(spec.plan.party("senweb")), spec.plan, spec.today)
    let body = InstitutionCard.json(try #require(spec.plan.party("skip")), spec.plan, spec.today)
    #expect(host["hosts"] == ["skip"])
    #expect(host["chairs"] == [["slug": "skip", "kind": "chair"]])
    #expect(body["hostedBy"] == "senweb")
    #expect(body["chair"] == ["slug": "senweb", "kind": "chair"])
  }

  @Test func `a card keeps every name there ever was`() throws {
    var spec = Self.spec
    spec.given("revise-wording", ["item": "senweb", "title": "Neuer Name"], on: day("2019-05-01"))
    spec.given("add-alias", ["institution": "senweb", "name": "Wirtschaft", "presumed": true])
    let party = try #require(spec.plan.party("senweb"))
    func card(_ date: String) -> JSON { InstitutionCard.json(party, spec.plan, day(date)) }
    #expect(card("2019-04-30")["name"] == "Institution senweb")
    #expect(card("2019-05-01")["name"] == "Neuer Name")
    #expect(card("2019-05-01")["names"]?.array?.map { $0["name"] } == ["Institution senweb", "Neuer Name"])
    #expect(card("2019-05-01")["names"]?.array?.map { $0["from"] } == ["2018-09-04", "2019-05-01"])
    #expect(card("2019-05-01")["aliases"]?.array?.map { $0["presumed"] } == [true])
  }

  @Test func `a card shows what an institution raised and what it owes`() throws {
    var spec = Self.spec
    spec.given(
      "raise-issue", ["id": id(70).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "text": "T"],
      as: .contributor("ihk"))
    spec.given("escalate-issue", ["issue": id(70).json, "deadline": "2019-03-31"])
    spec.given(
      "decide-escalation",
      [
        "issue": id(70).json, "body": "senweb", "outcome": "decide",
        "followUps": [["id": id(71).json, "text": "T", "responsible": "tu", "due": "2019-12-31"]],
      ])
    func card(_ slug: String) throws -> JSON {
      InstitutionCard.json(try #require(spec.plan.party(slug)), spec.plan, spec.today)
    }
    #expect(try card("ihk")["issues"]?.array?.map { $0["state"] } == ["decided"])
    #expect(try card("tu")["followUps"]?.array?.map { $0["id"] } == [id(71).json])
    #expect(try card("ihk")["followUps"] == [])
  }

  // MARK: - External links

  @Test func `a linked measure shows the programme and its id there`() throws {
    let link = try #require(items(ExternalLinkBoard.self)["fachkraefte.1.III"])
    #expect(link["programme"] == ["slug": "bek", "title": "BEK 2030"])
    #expect(link["externalID"] == "W-14")
    #expect(link["measure"] == "fachkraefte.1.III")
    #expect(link["linkedOn"] == "2019-03-01")
    #expect(link["status"] == .null, "the other programme has said nothing yet")
    #expect(items(ExternalLinkBoard.self, on: "2019-02-28").isEmpty)
  }

  @Test func `keys are unique, so that a page can begin after any item`() {
    func keys<V: View>(_ view: V.Type) -> [String] {
      view.items(of: Self.spec.plan, validAt: day("2019-07-10")).map(\.key)
    }
    for keys in [keys(ResponsibilityMatrix.self), keys(GapRegister.self), keys(ExternalLinkBoard.self)] {
      #expect(Set(keys).count == keys.count)
    }
  }
}

import Coordination
import EventSourcing
import PlanImport
import Testing

/// The plan that ships with the program, with all its oddities (domain.md 1.5 and 1.6).
struct MasterplanTests {
  private let story: PlanStory
  private let proposal: ImportProposal
  private var plan: Plan { story.plan }

  /// Imported once for all tests; they only look.
  private static let imported = Result {
    var story = PlanStory()
    let proposal = try story.importing(Masterplan.file())
    return (story, proposal)
  }

  init() throws {
    (story, proposal) = try Self.imported.get()
  }

  @Test func `the plan has the counts of the document`() {
    #expect(plan.actionFields.count == 4)
    #expect(plan.clusters.count == 10)
    #expect(plan.goals.count == 17)
    #expect(plan.count(of: .taskFields, on: PlanStory.today) == 28)
    #expect(plan.count(of: .measures, on: PlanStory.today) == 90)
    #expect(plan.measures.count == 94)
    #expect(plan.parties.count == 129)
    #expect(plan.issues.count == 37)
    #expect(story.eventCount == 826)
    #expect(proposal.commands.count == story.eventCount)
  }

  @Test func `a second import of the plan proposes nothing`() throws {
    let again = story.propose(try Masterplan.file())
    #expect(again.fatalText == "")
    #expect(again.commandNames == [])
  }

  @Test func `every command of the import stands in the catalogue`() {
    #expect(Set(proposal.commandNames).subtracting(CommandCatalogue.byName.keys) == [])
  }

  @Test func `every code of the file resolves`() throws {
    for measure in try Masterplan.file().measures { #expect(plan.measure(measure.code)?.code == measure.code) }
    for question in try Masterplan.file().questions {
      if let about = question.about { #expect(plan.measure(about) != nil) }
    }
  }

  @Test func `everything that cites cites a registered document`() throws {
    for (_, source) in try Masterplan.file().citations {
      #expect(source.allSatisfy { plan.documents[$0.document] != nil })
    }
  }

  // MARK: Findings (1.5)

  @Test(arguments: [
    ("stated-figure-mismatch", ImportFinding.Severity.contradiction, 1), ("two-names", .contradiction, 2),
    ("names-beyond-lead-cap", .contradiction, 14), ("lead-cap-kept", .note, 1), ("measure-without-lead", .question, 7),
    ("external-measure", .note, 7), ("presumed-alias", .question, 5), ("unclear-role", .question, 6),
    ("unresolved-pair", .question, 4), ("placeholder-open", .question, 2), ("placeholder-due-inferred", .note, 2),
    ("date-outside-term", .contradiction, 3), ("relative-member", .note, 2), ("open-question", .question, 37),
    ("conditional-assignment", .note, 6),
  ])
  func `the import finds what is odd`(code: String, severity: ImportFinding.Severity, count: Int) {
    let found = proposal.findings(code)
    #expect(found.count == count)
    #expect(found.allSatisfy { $0.severity == severity && $0.line != nil })
  }

  @Test func `no finding blocks the plan, and each speaks German and English`() {
    #expect(!proposal.isFatal)
    #expect(proposal.findings.allSatisfy { !$0.message.german.isEmpty && !$0.message.english.isEmpty })
    #expect(proposal.findings.map { $0.line ?? .max } == proposal.findings.map { $0.line ?? .max }.sorted())
  }

  @Test func `eleven clusters are stated and ten counted`() {
    #expect(
      proposal.findings("stated-figure-mismatch").first?.message.english
        == "The plan states 11 theme-clusters; 10 were counted.")
    let figure = plan.statedFigures.first { $0.slug == "theme-clusters" }
    #expect(figure?.value == 11)
    #expect(plan.count(of: .themeClusters, on: PlanStory.today) == 10)
  }

  @Test func `the seven energy measures are the ones without a lead`() {
    #expect(
      proposal.findings("measure-without-lead").map(\.path)
        == ["I", "II", "III", "IV", "V", "VI", "VII"].map { "energie.1.\($0)" })
  }

  @Test func `groups without members are named, the open ones as a note`() {
    let found = proposal.findings("group-without-members")
    #expect(found.contains { $0.path == "akteure-additive-fertigung" && $0.severity == .note })
    #expect(found.contains { $0.path == "landesbetriebe" && $0.severity == .question })
    #expect(found.allSatisfy { plan.party($0.path)?.memberships.isEmpty == true })
  }

  @Test func `dates before and after the term are found`() {
    #expect(Set(proposal.findings("date-outside-term").map(\.path)) == ["marketing.1.II", "transfer.1.II"])
  }

  // MARK: Awkward cases (1.6)

  /// Roles in one measure, written `role holder [phase] [subject]`, where a case is about them.
  struct Case: Sendable, CustomTestStringConvertible {
    let number: Int
    let code: String
    let roles: [String]

    var testDescription: String { "no. \(number), \(code)" }
  }

  private static let cases: [Case] = [
    Case(
      number: 1, code: "fachkraefte.2.I",
      roles: ["lead senbjf", "lead-partner netzwerkstelle-jba", "lead-partner bso-team", "lead-partner psw"]),
    Case(number: 1, code: "fachkraefte.2.II", roles: ["lead senias", "lead-partner bqn"]),
    Case(
      number: 1, code: "transfer.2.II",
      roles: ["lead senweb", "lead-partner rbm-wissforsch", "lead-partner berlin-partner"]),
    Case(number: 1, code: "smart-city.1.IV", roles: ["lead senweb", "lead-partner senfin", "lead-partner ibb"]),
    Case(
      number: 1, code: "flaechen.4.III",
      roles: ["lead tegel-projekt-gmbh", "lead-partner senweb", "lead-partner sensw"]),
    Case(
      number: 2, code: "transfer.1.III",
      roles: [
        "lead rbm-wissforsch", "unclear hochschulpraesidien", "unclear ifaf-berlin", "unclear bit6",
        "unclear berlin-university-alliance",
      ]),
    Case(number: 3, code: "marketing.1.V", roles: ["lead berlin-partner", "lead senweb"]),
    Case(number: 4, code: "startups.1.I", roles: ["lead wista-regionalmanagement"]),
    Case(number: 4, code: "startups.1.II", roles: ["lead senweb-digitalagentur"]),
    Case(number: 4, code: "fachkraefte.3.VIII", roles: ["lead hochschulen-tu-berlin · MINT-Orientierungsstudium"]),
    Case(
      number: 5, code: "flaechen.2.II",
      roles: ["lead sensw · Programmierung", "lead bezirke · Erstellung", "lead bezirke · Umsetzung"]),
    Case(number: 5, code: "verwaltung.2.II", roles: ["lead senweb · Stärkung", "lead berlin-partner · Umsetzung"]),
    Case(number: 6, code: "smart-city.2.I", roles: ["contributor itdz · Aufbau", "contributor ressorts · Umsetzung"]),
    Case(number: 6, code: "smart-city.1.I", roles: ["contributor weitere-ressorts · Umsetzung"]),
    Case(number: 7, code: "flaechen.2.I", roles: ["lead sensw · StEP Wirtschaft", "lead bezirke · Bebauungspläne"]),
    Case(number: 7, code: "fachkraefte.2.II", roles: ["lead-partner sengpg · Girls’ Day"]),
    Case(number: 8, code: "fachkraefte.2.III.mint-botschafterin", roles: ["lead bundesagentur-fuer-arbeit"]),
    Case(number: 8, code: "digitale-industrie.2.II.A", roles: ["lead mga"]),
    Case(number: 8, code: "digitale-industrie.2.II.C", roles: ["lead senuvk"]),
    Case(number: 9, code: "fachkraefte.3.III", roles: ["lead senbjf"]),
    Case(number: 9, code: "marketing.2.III", roles: ["lead berlin-partner", "consulted uebrige-industriecluster"]),
    Case(number: 10, code: "flaechen.3.II", roles: ["lead bezirke"]),
    Case(number: 10, code: "smart-city.3.II", roles: ["contributor senat", "contributor landesunternehmen"]),
    Case(number: 10, code: "marketing.3.I", roles: ["lead-partner branchenverbaende"]),
    Case(number: 11, code: "flaechen.4.II", roles: ["lead-partner jeweiliger-bezirk"]),
    Case(number: 11, code: "digitale-industrie.2.III", roles: ["lead-partner jeweiliges-standortmanagement"]),
    Case(number: 12, code: "flaechen.4.III", roles: ["lead-partner bezirk-reinickendorf"]),
    Case(number: 13, code: "transfer.2.I", roles: ["contributor weitere-partner-transfer"]),
    Case(number: 13, code: "verwaltung.3.II", roles: ["contributor weitere-akteure-verkehrsloesungen"]),
    Case(number: 14, code: "digitale-industrie.2.II.A", roles: ["contributor akteure-additive-fertigung"]),
    Case(number: 14, code: "fachkraefte.2.III", roles: ["lead-partner partner-mint-netz"]),
    Case(number: 16, code: "fachkraefte.3.VII", roles: ["lead ag-career-services"]),
    Case(number: 17, code: "smart-city.1.III", roles: ["lead ag-smart-city"]),
    Case(number: 18, code: "flaechen.2.III", roles: ["lead gemeinsame-landesplanung"]),
    Case(
      number: 19, code: "fachkraefte.5.I", roles: ["lead business-immigration-service", "consulted auswaertiges-amt"]),
    Case(number: 20, code: "fachkraefte.4.II", roles: ["contributor abb"]),
    Case(number: 20, code: "digitale-industrie.2.IV", roles: ["contributor iot-hub-bund"]),
    Case(number: 20, code: "fachkraefte.3.II", roles: ["contributor integrationsbeauftragter"]),
    Case(number: 23, code: "flaechen.2.II", roles: ["lead sensw · Programmierung", "contributor sensw · Erstellung"]),
    Case(number: 24, code: "marketing.1.II", roles: ["contributor skip"]),
    Case(number: 25, code: "flaechen.3.I", roles: ["lead senweb", "lead-partner senfin", "lead-partner sensw"]),
    Case(number: 25, code: "digitale-industrie.2.V", roles: ["contributor berlin-partner"]),
    Case(number: 27, code: "fachkraefte.3.II", roles: ["contributor ihk", "contributor sozialpartner"]),
  ]

  @Test(arguments: cases)
  func `an awkward case keeps its roles`(awkward: Case) throws {
    let measure = try #require(plan.measure(awkward.code))
    let roles = measure.assignments.map { assignment in
      let holder = plan.parties[assignment.holder]?.slug ?? ""
      return ["\(assignment.role.rawValue) \(holder)", assignment.phase, assignment.subject].compactMap { $0 }
        .joined(separator: " · ")
    }
    for role in awkward.roles { #expect(roles.contains(role), "\(roles)") }
  }

  @Test func `no. 1: the fourteen lines with more than two names keep within the cap`() {
    #expect(
      Set(proposal.findings("names-beyond-lead-cap").map(\.path)) == [
        "fachkraefte.2.I", "fachkraefte.2.II", "transfer.2.I", "transfer.2.II", "smart-city.1.IV", "startups.1.II",
        "startups.2.II", "flaechen.2.I", "flaechen.3.I", "flaechen.4.II", "flaechen.4.III", "flaechen.5.I",
        "finanzierung.2.II", "marketing.3.I",
      ])
  }

  @Test func `no. 8: parts belong to their measure`() {
    #expect(
      plan.measure("digitale-industrie.2.II")?.parts.compactMap { plan.measures[$0]?.place.part } == ["A", "B", "C"])
    #expect(
      plan.measure("fachkraefte.2.III")?.parts.compactMap { plan.measures[$0]?.place.part } == ["mint-botschafterin"])
  }

  @Test func `no. 9: ranges are expanded and kept`() {
    #expect(
      proposal.summary.expansions.map(\.range) == [
        "fachkraefte.3 II-IV", "transfer.2 I-II", "flaechen.1 I-II", "energie.1 I-VII", "marketing.2 I-III",
      ])
    #expect(plan.measure("fachkraefte.3.III")?.assignments.allSatisfy { $0.range == "II-IV" } == true)
  }

  @Test func `no. 15: conditions make assignments dormant and keep their wording`() {
    func dormant(_ code: String) -> [String] {
      plan.measure(code)?.assignments.filter { $0.state(on: $0.from) == .dormant && $0.condition != nil }
        .compactMap { plan.parties[$0.holder]?.slug } ?? []
    }
    #expect(dormant("verwaltung.2.I") == ["spiegelreferate-rbm-skzl", "wirtschaftsstadtraete"])
    #expect(dormant("transfer.1.II") == ["senweb"])
    #expect(dormant("marketing.2.I") == ["messe-berlin"])
    // The same wording also is the measure's horizon.
    #expect(plan.measure("transfer.1.II")?.horizon?.contains("2023") == true)
  }

  @Test func `no. 16 to 20: parties keep what they are made of, who hosts and who leads them`() {
    func slugs(_ ids: [PartyID]) -> [String] { ids.compactMap { plan.parties[$0]?.slug } }
    func slug(_ id: PartyID?) -> String? { id.flatMap { plan.parties[$0]?.slug } }
    #expect(
      slugs(plan.party("ag-career-services")?.memberships.map(\.member) ?? []) == ["uvb", "career-service-tu-berlin"])
    #expect(slugs(plan.party("iot-hub-bund")?.memberships.map(\.member) ?? []).count == 3)
    #expect(slug(plan.party("ag-smart-city")?.chair?.by) == "rbm-skzl")
    #expect(plan.party("ag-smart-city")?.chair?.kind == .chair)
    #expect(slug(plan.party("netzwerk-smart-city")?.chair?.by) == "berlin-partner")
    #expect(plan.party("netzwerk-smart-city")?.chair?.kind == .coordinator)
    #expect(slug(plan.party("gemeinsame-landesplanung")?.hostedBy) == "sensw")
    #expect(slug(plan.party("geschaeftsstelle-zukunftsorte")?.hostedBy) == "senweb")
    #expect(slug(plan.party("business-immigration-service")?.unitOf) == "berlin-partner")
    #expect(slug(plan.party("wirtschaftsstadtraete")?.unitOf) == "bezirke")
    #expect(plan.party("integrationsbeauftragter")?.kind == "office-holder")
    #expect(plan.party("abb")?.kind == "company")
  }

  @Test func `no. 11: relative members refer to their group`() {
    func slug(_ id: PartyID?) -> String? { id.flatMap { plan.parties[$0]?.slug } }
    #expect(slug(plan.party("jeweiliger-bezirk")?.relativeTo) == "bezirke")
    #expect(slug(plan.party("jeweiliges-standortmanagement")?.relativeTo) == "standortmanagements")
  }

  @Test func `no. 13: placeholders have a steward and a date that is marked as set by us`() {
    let placeholder = plan.party("weitere-partner-transfer")
    #expect(placeholder?.noun == .placeholders)
    #expect(placeholder?.steward.flatMap { plan.parties[$0]?.slug } == "senweb")
    #expect(placeholder?.due == LocalDate("2019-12-31"))
    #expect(placeholder?.isDueInferred == true)
  }

  @Test func `no. 21: aliases are kept with their evidence, presumed ones flagged`() {
    let presumed = plan.parties.values.flatMap(\.aliases).filter(\.isPresumed)
    #expect(
      Set(presumed.map(\.name)) == [
        "Wirtschaftssenat", "Investitionsbank Berlin-Brandenburg", "Messe", "Digitales Leistungszentrum", "de:hub IoT",
      ])
    #expect(plan.parties.values.flatMap(\.aliases).allSatisfy { !$0.source.isEmpty })
  }

  @Test func `no. 22: earlier names of departments are an open question`() {
    #expect(proposal.findings("open-question").contains { $0.message.german.contains("Frühere und spätere Namen") })
  }

  @Test func `no. 23, 24, 27: overlaps and a body that decides on itself are noted`() {
    #expect(proposal.findings("named-beside-own-group").contains { $0.path == "smart-city.2.I" })
    #expect(proposal.findings("named-beside-own-group").contains { $0.path == "marketing.1.IV" })
    #expect(proposal.findings("decides-on-own-measure").contains { $0.path == "marketing.1.II" })
  }

  @Test func `no. 25: slips of the document are remarks on the measures`() {
    #expect(plan.measure("flaechen.3.I")?.note?.isEmpty == false)
    #expect(plan.measure("flaechen.5.I")?.note?.isEmpty == false)
    #expect(plan.measure("fachkraefte.2.III.mint-botschafterin")?.note?.isEmpty == false)
  }

  @Test func `no. 26: an act outside the plan is a dependency without owner`() {
    let measure = plan.measure("verwaltung.3.I")
    let links = plan.links.filter { $0.measure == measure?.id && $0.kind == .dependsOn }
    #expect(links.count == 1)
    #expect(links.allSatisfy { if case .externalAct = $0.target { true } else { false } })
  }

  @Test func `no. 28: on whose behalf the office acts is an open question`() {
    #expect(proposal.findings("open-question").contains { $0.message.german.contains("In wessen Namen") })
  }

  @Test func `cross-references, strategies and external ids are linked`() {
    #expect(plan.links.count { $0.kind == .seeAlso } == 2)
    #expect(plan.links.count { $0.kind == .strategy } == 16)
    #expect(plan.measure("energie.1.I")?.external?.programme == "bek-2030")
    #expect(plan.measure("energie.1.I")?.external?.externalID == "W-14")
    #expect(plan.measures.values.count { $0.external != nil } == 7)
    #expect(plan.measures.values.filter { $0.external != nil }.allSatisfy { $0.states.last == .external })
  }

  @Test func `the version carries the rules that are data`() {
    let version = plan.currentVersion
    #expect(version?.leadCap == 2)
    #expect(version?.ladder.map(\.slug.text) == ["lead", "office", "network", "skip", "senate"])
    #expect(version?.resolutionDate == LocalDate("2018-09-04"))
    #expect(version?.resolutionBody == "senat")
    #expect(version?.source.map(\.text).contains("S0:5") == true)
  }
}

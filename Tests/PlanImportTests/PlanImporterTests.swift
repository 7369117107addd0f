import Coordination
import EventSourcing
import Foundation
import PlanImport
import Testing

struct PlanImporterTests {
  @Test func `a new plan begins with its creation and is whole after the commands`() throws {
    var story = PlanStory()
    let proposal = try story.importing(SmallPlan.file())
    #expect(
      proposal.commandNames == [
        "create-plan", "register-document", "cite-source", "register-plan-version", "register-strategy",
        "register-institution", "register-institution", "register-institution", "define-group", "declare-unit",
        "add-group-member", "add-action-field", "add-theme-cluster", "set-goal", "add-task-field", "add-measure",
        "add-measure", "link-strategy", "assign-lead", "assign-contributor", "assign-lead", "assign-contributor",
        "assign-consulted", "raise-issue",
      ])
    #expect(proposal.effectiveDate == LocalDate("2018-01-01"))
    #expect(story.plan.slug == "kleiner-plan")
    #expect(story.plan.measure("thema.1.II")?.note == "Anmerkung zum Block.")
    #expect(story.plan.citations[PlanStory.planID]?.map(\.text) == ["D1:1"])
  }

  @Test func `importing the same file again proposes nothing`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let again = story.propose(try SmallPlan.file())
    #expect(again.commandNames == [])
    #expect(again.fatalText == "")
    #expect(again.summary.counts.values.allSatisfy { $0.created + $0.changed + $0.ended == 0 })
  }

  @Test func `the same file gives the same ids wherever it is imported`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    // UUIDv5 of the plan's id and `measure:thema.1.I`, computed with Python's uuid module.
    #expect(story.plan.measure("thema.1.I")?.id.description == "dbed342b-602e-53b2-8f28-52574de3f79e")
    #expect(story.plan.party("amt")?.id.description == "55f40719-0529-5cc4-969a-c8a0563e33ac")
    #expect(
      story.plan.measure("thema.1.I")?.assignments.first?.id.description == "611a11ef-9354-5cc9-a313-fcaa7880f1f7")
  }

  struct Edit: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let commands: [String]

    var testDescription: String { new }
  }

  @Test(arguments: [
    Edit(old: "title: Erste Maßnahme", new: "title: Umbenannte Maßnahme", commands: ["revise-wording"]),
    Edit(old: "name: Das Amt", new: "name: Das neue Amt", commands: ["revise-wording"]),
    Edit(old: "title: Kleiner Plan", new: "title: Großer Plan", commands: ["revise-wording"]),
    Edit(old: "title: Ziel", new: "title: Anderes Ziel", commands: ["revise-wording"]),
    Edit(
      old: "lead: [amt]", new: "lead: [hof]",
      commands: ["end-assignment", "end-assignment", "assign-lead", "assign-lead"]),
    Edit(old: "                contributor: [haus]\n", new: "", commands: ["end-assignment", "end-assignment"]),
    Edit(old: "lead: [amt]", new: "lead: [amt, hof]", commands: ["assign-lead", "assign-lead"]),
    Edit(
      old: "kind: office, source: D1:3", new: "kind: office, aliases: [{name: Altes Amt, source: D1:3}], source: D1:3",
      commands: ["add-alias"]),
    Edit(old: "members: [amt]", new: "members: [amt, haus]", commands: ["add-group-member"]),
    Edit(old: "kind: office, source: D1:3", new: "kind: office, source: [D1:3, D1:33]", commands: ["cite-source"]),
    Edit(
      old: "title: Erste Maßnahme", new: "title: Erste Maßnahme, strategies: [strategie]", commands: ["link-strategy"]),
    Edit(old: "title: Erste Maßnahme", new: "title: Erste Maßnahme, seeAlso: [thema]", commands: ["link-measures"]),
    Edit(
      old: "title: Erste Maßnahme",
      new: "title: Erste Maßnahme, dependsOn: {label: ein Gesetz, source: D1:10}", commands: ["declare-dependency"]),
    Edit(
      old: "title: Erste Maßnahme", new: "title: Erste Maßnahme, external: {programme: strategie, id: X-1}",
      commands: ["link-external-measure"]),
    Edit(
      old: "  - {slug: hof,", new: "  - {slug: neu, name: Die Neue, kind: office, source: D1:4}\n  - {slug: hof,",
      commands: ["register-institution"]),
    Edit(
      old: "            structure:\n",
      new: "              - {numeral: III, title: Dritte, source: D1:14}\n            structure:\n",
      commands: ["add-measure"]),
    Edit(
      old: "title: Zweite Maßnahme",
      new: "title: Zweite Maßnahme, subMeasures: [{letter: A, title: Teil, source: D1:15}]",
      commands: ["add-sub-measure"]),
    Edit(
      old: "source: D1:7", new: "otherTitles: [{title: Anderes Thema, source: D1:7}]\n        source: D1:7",
      commands: ["note-other-title"]),
    Edit(
      old: "{slug: haus, name", new: "{slug: haus, hostedBy: amt, chairedBy: amt, name",
      commands: ["declare-hosting", "declare-chair"]),
    Edit(old: "label: Wer führt?", new: "label: Wer führt wirklich?", commands: ["raise-issue"]),
    Edit(old: "until: 2023-12-31", new: "until: 2024-12-31", commands: ["extend-plan-term"]),
    Edit(
      old: "until: 2023-12-31", new: "until: 2023-12-31\n  conditions: [green, red]", commands: ["configure-lists"]),
    Edit(
      old: "until: 2023-12-31", new: "until: 2023-12-31\n  horizons: [bald, spaeter]", commands: ["configure-lists"]),
    Edit(
      old: "until: 2023-12-31",
      new: "until: 2025-12-31\n  labels: [{slug: on-track, de: im Plan, en: on plan}]",
      commands: ["extend-plan-term", "configure-lists"]),
    Edit(old: "short: Amt, ", new: "short: A, ", commands: ["rename-institution"]),
    Edit(old: "members: [amt]", new: "members: []", commands: ["remove-group-member"]),
    Edit(old: "members: [amt]", new: "members: [hof]", commands: ["add-group-member", "remove-group-member"]),
    Edit(old: "strategies: [strategie], ", new: "", commands: ["end-link"]),
    Edit(old: ", condition: falls nötig", new: "", commands: ["activate-condition"]),
    Edit(old: "condition: falls nötig", new: "condition: falls nötig, until: 2019-06-01", commands: ["end-assignment"]),
  ])
  func `an edited file proposes the commands for the difference and no others`(edit: Edit) throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let edited = try SmallPlan.file(edit.old, edit.new)
    let proposal = try story.importing(edited)
    #expect(proposal.commandNames == edit.commands)
    #expect(proposal.effectiveDate == PlanStory.today)
    #expect(story.propose(edited).commandNames == [])
    #expect(story.propose(edited).fatalText == "")
  }

  @Test(arguments: [
    ("kind: office, source: D1:3", "kind: agency, source: D1:3", "kind", 12),
    ("short: Amt, ", "", "short", 12),
    ("until: 2023-12-31", "until: 2022-12-31", "until", 6),
    ("until: 2023-12-31", "until: 2023-12-31\n  leadCap: 3", "leadCap", 6),
    ("unitOf: haus, ", "", "unitOf", 14),
    ("kind: collective", "kind: open", "kind", 16),
    ("number: 1\n    slug: feld", "number: 2\n    slug: feld", "number", 22),
    ("title: Erste Maßnahme", "title: Erste Maßnahme, kind: examine", "kind", 37),
    ("title: Erste Maßnahme", "title: Erste Maßnahme, horizon: bald", "horizon", 37),
    ("note: Anmerkung zum Block.", "note: Andere Anmerkung.", "note", 38),
    ("condition: falls nötig", "condition: falls möglich", "condition", 47),
    ("{numeral: II,", "{numeral: III,", "measures", nil),
    ("{slug: hof, name: Der Hof, kind: office, unitOf: haus, source: D1:4}", "", "institutions", nil),
    ("source: D1:3}", "source: D1:33}", "source", 12),
    ("source: D1:12", "source: D1:22", "source", 42),
    ("about: thema.1.I,", "about: thema.1.II,", "about", 20),
    ("title: Strategie", "title: Andere Strategie", "title", 18),
    ("title: Dokument", "title: Anderes Dokument", "title", 4),
  ])
  func `a change that no command can bring about is fatal and names its place`(
    old: String, new: String, part: String, line: Int?
  ) throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    var text = try SmallPlan.changed(old, new)
    // A numeral that is gone takes its blocks along.
    if part == "measures" {
      text = text.replacing("measures: I-II", with: "measures: I").replacing("measures: II\n", with: "measures: III\n")
    }
    if part == "institutions" { text = text.replacing("\n  - \n", with: "\n") }
    let proposal = story.propose(try PlanFile(yaml: text))
    let found = proposal.findings("change-not-supported")
    #expect(
      found.contains { $0.path.hasSuffix(part) && $0.line == line && $0.proposal != nil }, "\(proposal.fatalText)")
    #expect(proposal.commands.isEmpty)
  }

  @Test func `a measure that the file has elsewhere is moved with its roles, parts and links`() throws {
    var story = PlanStory()
    let part = "title: Teil, source: D1:15"
    let before = SmallPlan.text.replacing("title: Erste Maßnahme", with: "title: Erste Maßnahme, seeAlso: [thema.1.II]")
      .replacing("title: Zweite Maßnahme", with: "title: Zweite Maßnahme, subMeasures: [{letter: A, \(part)}]")
    try story.importing(PlanFile(yaml: before))
    let (first, second) = (story.plan.measure("thema.1.I")?.id, story.plan.measure("thema.1.II")?.id)
    let partID = story.plan.measure("thema.1.II.A")?.id
    // The second measure goes to a task field that the file adds, the first takes its place, and a new one comes first.
    let edited = try PlanFile(yaml: Self.moved.replacing("about: thema.1.I,", with: "about: thema.1.III,"))
    let proposal = try story.importing(edited)
    #expect(
      proposal.commandNames == [
        "add-task-field", "renumber-measure", "move-measure", "renumber-measure", "add-measure", "assign-contributor",
      ])
    #expect(story.plan.measure("thema.1.III")?.id == first)
    #expect(story.plan.measure("thema.2.II")?.id == second)
    #expect(story.plan.measure("thema.2.II.B")?.id == partID)
    let new = try #require(story.plan.measure("thema.1.I"))
    #expect(new.titles.last == "Neue Maßnahme" && new.id != first)
    #expect(story.plan.links.map(\.until) == [nil, nil])
    #expect(story.propose(edited).fatalText == "")
    #expect(story.propose(edited).commandNames == [])
    // Once it is done, what the file says about the past no longer matters.
    let export = try PlanFile(yaml: PlanFileWriter.yaml(from: story.plan, on: PlanStory.today))
    #expect(story.propose(export).commandNames == [])
  }

  private static let moved =
    (SmallPlan.text.components(separatedBy: "            measures:\n").first ?? "") + """
                  measures:
                    - {numeral: I, title: Neue Maßnahme, source: D1:10}
                    - {numeral: III, formerly: thema.1.I, title: Erste Maßnahme, seeAlso: [thema.2.II], source: D1:10}
                  structure:
                    - {measures: I, source: D1:12, contributor: [haus]}
                    - measures: III
                      source: D1:12
                      lead: [{who: amt, range: I-II}]
                      contributor: [{who: haus, range: I-II}]
                - number: 2
                  title: Neue Aufgabe
                  source: D1:9
                  measures:
                    - numeral: II
                      formerly: thema.1.II
                      title: Zweite Maßnahme
                      strategies: [strategie]
                      source: D1:11
                      subMeasures: [{letter: B, formerly: thema.1.II.A, title: Teil, source: D1:15}]
                  structure:
                    - measures: II
                      source: D1:12
                      lead: [{who: amt, range: I-II}]
                      contributor: [{who: haus, range: I-II}]
                    - measures: II
                      source: D1:13
                      note: Anmerkung zum Block.
                      consulted: [{who: alle, condition: falls nötig}]

      """

  @Test func `measures that follow one another into each other's places are renumbered from the end`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let ids = ["thema.1.I", "thema.1.II"].map { story.plan.measure($0)?.id }
    let text = SmallPlan.text.replacing("measures: II\n", with: "measures: III\n")
      .replacing("measures: I-II\n", with: "measures: II-III\n")
      .replacing("[amt]\n", with: "[{who: amt, range: I-II}]\n")
      .replacing("[haus]\n", with: "[{who: haus, range: I-II}]\n")
      .replacing("numeral: II,", with: "numeral: III, formerly: thema.1.II,")
      .replacing("numeral: I,", with: "numeral: II, formerly: thema.1.I,")
      .replacing("about: thema.1.I,", with: "about: thema.1.II,")
    let edited = try PlanFile(yaml: text)
    #expect(try story.importing(edited).commandNames == ["renumber-measure", "renumber-measure"])
    #expect(["thema.1.II", "thema.1.III"].map { story.plan.measure($0)?.id } == ids)
    #expect(story.propose(edited).commandNames == [])
    #expect(story.propose(edited).fatalText == "")
  }

  @Test func `a former code that names nothing in the plan makes a new measure`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file("numeral: I,", "numeral: I, formerly: thema.9.IX,"))
    #expect(story.plan.measure("thema.1.I")?.titles.last == "Erste Maßnahme")
  }

  @Test func `an external id that changes ends one link and makes another`() throws {
    var story = PlanStory()
    func file(_ id: String) throws -> PlanFile {
      let link = id.isEmpty ? "" : ", external: {programme: strategie, id: \(id)}"
      return try SmallPlan.file(
        "{numeral: II, title: Zweite Maßnahme, strategies: [strategie], source: D1:11}",
        """
        {numeral: II, title: Zweite Maßnahme, strategies: [strategie], source: D1:11}
                      - {numeral: III, title: Dritte Maßnahme, source: D1:11\(link)}
        """)
    }
    try story.importing(file("X-1"))
    #expect(try story.importing(file("X-2")).commandNames == ["end-link", "link-external-measure"])
    #expect(story.plan.measure("thema.1.III")?.external?.externalID == "X-2")
    #expect(try story.importing(file("")).commandNames == ["end-link"])
  }

  @Test func `a measure that is led elsewhere has no leads here`() throws {
    let file = try SmallPlan.file(
      "title: Erste Maßnahme", "title: Erste Maßnahme, external: {programme: strategie, id: X-1}")
    #expect(PlanStory().propose(file).findings("externally-led").map(\.severity) == [.fatal])
  }

  @Test func `a link that ended and is made again gets an id of its own`() throws {
    var story = PlanStory()
    let without = try SmallPlan.file("strategies: [strategie], ", "")
    try story.importing(SmallPlan.file())
    try story.importing(without)
    #expect(try story.importing(SmallPlan.file()).commandNames == ["link-strategy"])
    #expect(Set(story.plan.links.map(\.id)).count == 2)
  }

  @Test func `a role whose end lies behind is neither missed nor made again`() throws {
    var story = PlanStory()
    let file = try SmallPlan.file("consulted: [{who: alle,", "consulted: [{who: alle, until: 2018-06-30,")
    try story.importing(file)
    #expect(story.propose(file).fatalText == "")
    #expect(story.propose(file).commandNames == [])
  }

  @Test func `what became of the plan since the file was made stays`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let imported = story.plan
    #expect(imported.lastImport == imported.size.lastPosition)
    let lead = try #require(imported.measure("thema.1.I")?.assignments.first { $0.role == .lead })
    let commands: [(any PlanCommand.Type, JSON)] = [
      (HandOverLead.self, ["assignment": .string(lead.id.description), "to": "hof", "reason": "R"]),
      (AssignContributor.self, ["measure": "thema.1.II", "institution": "hof"]),
      (AddAlias.self, ["institution": "amt", "name": "Amt X"]),
      (LinkMeasures.self, ["measure": "thema.1.I", "to": "thema.1.II"]),
      (RenameInstitution.self, ["institution": "haus", "name": "Das neue Haus", "short": "DNH"]),
      (AddGroupMember.self, ["group": "alle", "member": "haus"]),
      (ConfigureLists.self, ["horizons": ["bald"]]),
    ]
    for (kind, json) in commands { try story.run(read(kind, json), effectiveDate: PlanStory.today, source: .api) }
    #expect(story.plan.lastImport == imported.lastImport)
    // Compared with the plan alone the file would take all of it back.
    #expect(
      story.propose(try SmallPlan.file()).findings("change-not-supported").map(\.path) == ["institutions[1].short"])

    let unedited = story.propose(try SmallPlan.file(), since: imported)
    #expect(unedited.commandNames == [])
    #expect(unedited.fatalText == "")
    #expect(unedited.findings("plan-went-on").allSatisfy { $0.severity == .note })
    #expect(unedited.findings("plan-went-on").count > 5)
    #expect(unedited.summary.counts.values.allSatisfy { $0.created + $0.changed + $0.ended == 0 })

    let edited = try SmallPlan.file("title: Zweite Maßnahme", "title: Zweite Maßnahme neu")
    #expect(story.propose(edited, since: imported).commandNames == ["revise-wording"])
    #expect(story.propose(edited, since: imported).summary[.measures].changed == 1)

    // An export says from where it was written, so that what is taken out of it is meant to end.
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let whole = try PlanFile(yaml: export)
    #expect(PlanImporter.position(of: whole) == story.plan.size.lastPosition)
    #expect(story.propose(whole, since: story.plan).commandNames == [])
    let shortened = try PlanFile(yaml: export.replacing("Amt X", with: "Amt Y"))
    #expect(story.propose(shortened, since: story.plan).commandNames == ["add-alias", "withdraw-alias"])
  }

  /// The office hands a lead over, adds an alias and takes a member into a group.
  private func letTheOfficeWork(on story: inout PlanStory) throws {
    let lead = try #require(story.plan.measure("thema.1.I")?.assignments.first { $0.role == .lead && $0.until == nil })
    let commands: [(any PlanCommand.Type, JSON)] = [
      (HandOverLead.self, ["assignment": .string(lead.id.description), "to": "hof", "reason": "R"]),
      (AddAlias.self, ["institution": "amt", "name": "Amt X"]),
      (AddGroupMember.self, ["group": "alle", "member": "haus"]),
    ]
    for (kind, json) in commands { try story.run(read(kind, json), effectiveDate: PlanStory.today, source: .api) }
  }

  /// Whether the plan still says what the office did.
  private func expectTheOfficesWork(in plan: Plan, sourceLocation: SourceLocation = #_sourceLocation) {
    let leads = plan.measure("thema.1.I")?.assignments.filter { $0.leads(on: PlanStory.today) } ?? []
    #expect(leads.map { plan.parties[$0.holder]?.slug } == ["hof"], sourceLocation: sourceLocation)
    #expect(
      plan.party("amt")?.aliases.contains { $0.name == "Amt X" && $0.holds(on: PlanStory.today) } == true,
      sourceLocation: sourceLocation)
    #expect(
      plan.party("alle")?.memberships.count { $0.holds(on: PlanStory.today) } == 2, sourceLocation: sourceLocation)
  }

  @Test(arguments: [false, true])
  func `a file that is imported once more takes nothing of the office's work back`(isFollowedByOffice: Bool) throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    try letTheOfficeWork(on: &story)
    let edited = try SmallPlan.file("title: Zweite Maßnahme", "title: Zweite Maßnahme neu")
    let first = try story.importing(edited, since: story.base(of: edited))
    #expect(first.commandNames == ["revise-wording"])
    #expect(first.findings("plan-went-on").count > 2)
    // Whatever comes in between changes nothing about what was edited.
    if isFollowedByOffice {
      try story.run(
        read(AddAlias.self, ["institution": "haus", "name": "Haus X"]), effectiveDate: PlanStory.today, source: .api)
    }
    let again = try story.importing(edited, since: story.base(of: edited))
    #expect(again.commandNames == [])
    #expect(again.leavesOut)
    expectTheOfficesWork(in: story.plan)
    // What was edited can be edited back.
    let original = try SmallPlan.file()
    #expect(try story.importing(original, since: story.base(of: original)).commandNames == ["revise-wording"])
    expectTheOfficesWork(in: story.plan)
  }

  @Test func `what the office changed again after an import stays when an export is imported once more`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let edited = try PlanFile(yaml: export.replacing("title: Zweite Maßnahme", with: "title: Zweite Maßnahme neu"))
    #expect(try story.importing(edited, since: story.base(of: edited)).commandNames == ["revise-wording"])
    try story.run(
      read(ReviseWording.self, ["item": "thema.1.II", "title": "Was das Amt sagt"]), effectiveDate: PlanStory.today,
      source: .api)
    #expect(story.propose(edited, since: story.base(of: edited)).commandNames == [])
    #expect(story.plan.measure("thema.1.II")?.titles.last == "Was das Amt sagt")
  }

  @Test(arguments: [0, 14])
  func `what takes effect after an export was written stays when it is imported then`(daysBefore: Int32) throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let (today, later) = (PlanStory.today, PlanStory.today.advanced(byDays: 60))
    let lead = try #require(story.plan.measure("thema.1.I")?.assignments.first { $0.role == .lead })
    try story.run(
      read(
        HandOverLead.self,
        ["assignment": .string(lead.id.description), "to": "hof", "from": .string(later.description), "reason": "R"]),
      effectiveDate: today, source: .api)
    let text = PlanFileWriter.yaml(from: story.plan, on: today.advanced(byDays: -daysBefore))
    let export = try PlanFile(yaml: text)
    #expect(export.validAt == today.advanced(byDays: -daysBefore))
    let after = later.advanced(byDays: 4)
    let unedited = story.propose(export, since: story.base(of: export), today: after)
    #expect(unedited.fatalText == "")
    #expect(unedited.commandNames == [])
    // What was edited is carried out then, and nothing else.
    let edited = try PlanFile(yaml: text.replacing("title: Zweite Maßnahme", with: "title: Zweite Maßnahme neu"))
    #expect(
      try story.importing(edited, since: story.base(of: edited), today: after).commandNames == ["revise-wording"])
    let leads = story.plan.measure("thema.1.I")?.assignments.filter { $0.leads(on: after) } ?? []
    #expect(leads.map { story.plan.parties[$0.holder]?.slug } == ["hof"])
  }

  @Test func `an edit of one list does not send along what the office changed beside it`() throws {
    var story = PlanStory()
    let lists = "until: 2023-12-31\n  conditions: [green, red]\n  horizons: [bald, spaeter]"
    let text = try SmallPlan.changed("until: 2023-12-31", lists)
    try story.importing(PlanFile(yaml: text))
    try story.run(
      read(ConfigureLists.self, ["horizons": ["morgen"]]), effectiveDate: PlanStory.today, source: .api)
    let edited = try PlanFile(yaml: text.replacing("[green, red]", with: "[green, amber, red]"))
    #expect(try story.importing(edited, since: story.base(of: edited)).commandNames == ["configure-lists"])
    #expect(story.plan.currentVersion?.conditions == ["green", "amber", "red"])
    #expect(story.plan.currentVersion?.horizons == ["morgen"])
    #expect(story.propose(edited, since: story.base(of: edited)).commandNames == [])
  }

  @Test func `an edit of a short form does not send along the name that the office changed`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    try story.run(
      read(RenameInstitution.self, ["institution": "amt", "name": "Das Amt für alles"]),
      effectiveDate: PlanStory.today, source: .api)
    let edited = try SmallPlan.file("short: Amt, ", "short: A, ")
    #expect(try story.importing(edited, since: story.base(of: edited)).commandNames == ["rename-institution"])
    let office = try #require(story.plan.party("amt"))
    #expect(office.short == "A" && office.names.last == "Das Amt für alles")
    #expect(story.propose(edited, since: story.base(of: edited)).commandNames == [])
    // Both may be edited at once.
    let renamed = try SmallPlan.file("short: Amt, name: Das Amt,", "short: DA, name: Das wahre Amt,")
    #expect(
      try story.importing(renamed, since: story.base(of: renamed)).commandNames
        == ["rename-institution", "revise-wording"])
    let both = try #require(story.plan.party("amt"))
    #expect(both.short == "DA" && both.names.last == "Das wahre Amt")
    #expect(story.propose(renamed, since: story.base(of: renamed)).commandNames == [])
  }

  struct LateEdit: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let code: String

    var testDescription: String { new }
  }

  @Test(
    arguments: [
      LateEdit(old: "title: Erste Maßnahme", new: "title: Erste Maßnahme neu", code: "edit-collides"),
      LateEdit(old: "source: D1:10}\n", new: "source: [D1:10, D1:99]}\n", code: "edit-collides"),
      LateEdit(old: "title: Erste Maßnahme", new: "title: Erste Maßnahme, seeAlso: [thema]", code: "edit-collides"),
      LateEdit(old: "contributor: [haus]", new: "contributor: [haus, hof]", code: "edit-collides"),
      LateEdit(
        old: "title: Erste Maßnahme", new: "title: Erste Maßnahme, horizon: bald", code: "change-not-supported"),
    ], [false, true])
  func `an edit of what the office has renumbered is fatal and never dropped`(edit: LateEdit, isTaken: Bool) throws {
    var story = PlanStory()
    // A question of the file is asked about the measure by the code that it had.
    let questions = "questions:\n  - {slug: frage, label: Wer führt?, about: thema.1.I, source: D1:10}\n"
    let text = try SmallPlan.changed(questions, "")
    try story.importing(PlanFile(yaml: text))
    try story.run(
      read(RenumberMeasure.self, ["measure": "thema.1.I", "number": "IV"]), effectiveDate: PlanStory.today,
      source: .api)
    // Where another one takes the code, nothing that was meant for the first may go to it.
    if isTaken {
      try story.run(
        read(AddMeasure.self, ["cluster": "thema", "taskField": 1, "numeral": "I", "title": "Eine andere"]),
        effectiveDate: PlanStory.today, source: .api)
    }
    let unedited = try PlanFile(yaml: text)
    let nothing = story.propose(unedited, since: story.base(of: unedited))
    #expect(nothing.commandNames == [])
    #expect(nothing.fatalText == "")
    let edited = try PlanFile(yaml: text.replacing(edit.old, with: edit.new))
    let proposal = story.propose(edited, since: story.base(of: edited))
    #expect(proposal.commandNames == [])
    #expect(proposal.findings(edit.code).contains { $0.severity == .fatal && $0.line != nil })
  }

  @Test func `what the office has done already collides with no edit that says the same`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    try letTheOfficeWork(on: &story)
    // The group differs from the file all the same.
    try story.run(
      read(AddGroupMember.self, ["group": "alle", "member": "hof"]), effectiveDate: PlanStory.today, source: .api)
    let edited = try PlanFile(
      yaml: SmallPlan.text.replacing("members: [amt]", with: "members: [amt, haus]")
        .replacing("short: Amt, ", with: "short: Amt, aliases: [{name: Amt X, source: []}], "))
    let proposal = story.propose(edited, since: story.base(of: edited))
    #expect(proposal.fatalText == "")
    #expect(proposal.commandNames == [])
  }

  @Test func `two exports that are edited beside each other do not take each other's edits back`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let first = try PlanFile(yaml: export.replacing("title: Erste Maßnahme", with: "title: Erste Maßnahme neu"))
    let second = try PlanFile(yaml: export.replacing("title: Zweite Maßnahme", with: "title: Zweite Maßnahme neu"))
    #expect(try story.importing(first, since: story.base(of: first)).commandNames == ["revise-wording"])
    #expect(try story.importing(second, since: story.base(of: second)).commandNames == ["revise-wording"])
    #expect(story.plan.measure("thema.1.I")?.titles.last == "Erste Maßnahme neu")
    #expect(story.plan.measure("thema.1.II")?.titles.last == "Zweite Maßnahme neu")
  }

  @Test func `what an exported file added can be edited in the same file`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let added = export.replacing(
      "institutions:\n", with: "institutions:\n  - {slug: neu, name: Die Neue, kind: office, source: D1:4}\n")
    let first = try PlanFile(yaml: added)
    #expect(try story.importing(first, since: story.base(of: first)).commandNames == ["register-institution"])
    let second = try PlanFile(yaml: added.replacing("name: Die Neue", with: "name: Die Neueste"))
    #expect(try story.importing(second, since: story.base(of: second)).commandNames == ["revise-wording"])
    #expect(try story.importing(second, since: story.base(of: second)).commandNames == [])
  }

  @Test func `what an exported file added can be linked in the same file, and to something else`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let structure = try #require(export.split(separator: "\n").first { $0.hasSuffix(" structure:") })
    let indent = structure.prefix { $0 == " " }
    func file(_ external: String) throws -> PlanFile {
      let added = "\(indent)  - {numeral: III, title: Dritte, source: D1:14\(external)}"
      return try PlanFile(yaml: export.replacing(structure, with: "\(added)\n\(structure)", maxReplacements: 1))
    }
    for (external, commands) in [
      ("", ["add-measure"]), (", external: {programme: strategie, id: X-1}", ["link-external-measure"]),
      (", external: {programme: strategie, id: X-2}", ["end-link", "link-external-measure"]),
    ] {
      let edited = try file(external)
      #expect(try story.importing(edited, since: story.base(of: edited)).commandNames == commands, "\(external)")
    }
    #expect(story.plan.measure("thema.1.III")?.external?.externalID == "X-2")
  }

  @Test func `a file that gives the version another name is refused`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let proposal = story.propose(try SmallPlan.file("slug: erste", "slug: zweite"))
    #expect(proposal.findings("change-not-supported").map(\.path) == ["version"])
    #expect(proposal.commands.isEmpty)
  }

  @Test func `lists that the file does not name stay as they are`() throws {
    var story = PlanStory()
    let named = try SmallPlan.file(
      "until: 2023-12-31", "until: 2023-12-31\n  conditions: [green, red]\n  horizons: [bald]")
    #expect(try story.importing(named).commandNames.contains("configure-lists"))
    #expect(story.propose(named).commandNames == [])
    #expect(story.propose(try SmallPlan.file()).commandNames == [])
    #expect(story.plan.currentVersion?.conditions == ["green", "red"])
    #expect(story.plan.currentVersion?.horizons == ["bald"])
    var copy = PlanStory()
    try copy.importing(PlanFile(yaml: PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)))
    #expect(copy.plan.currentVersion?.horizons == ["bald"])
  }

  @Test func `a role that is given back gets an id of its own`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let other = try SmallPlan.file("lead: [amt]", "lead: [hof]")
    try story.importing(other, today: PlanStory.today)
    try story.importing(SmallPlan.file(), today: PlanStory.today.advanced(byDays: 10))
    try story.importing(other, today: PlanStory.today.advanced(byDays: 10))
    try story.importing(SmallPlan.file(), today: PlanStory.today.advanced(byDays: 20))
    let leads = try #require(story.plan.measure("thema.1.I")).assignments.filter { $0.role == .lead }
    #expect(leads.count == 5)
    #expect(Set(leads.map(\.id)).count == 5)
    #expect(leads.filter { $0.holds(on: PlanStory.today.advanced(byDays: 30)) }.count == 1)
  }

  @Test func `an ended role ends today, not at the beginning of the term`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    try story.importing(SmallPlan.file("lead: [amt]", "lead: [hof]"))
    let leads = try #require(story.plan.measure("thema.1.I")).assignments.filter { $0.role == .lead }
    #expect(leads.map(\.until) == [PlanStory.today, nil])
    #expect(leads.map(\.from) == [LocalDate("2018-01-01"), PlanStory.today])
  }

  @Test func `a third lead is fatal with its line and nothing is proposed`() throws {
    let proposal = PlanStory().propose(try SmallPlan.file("lead: [amt]", "lead: [amt, haus, hof]"))
    let found = proposal.findings("lead-cap")
    #expect(found.map(\.line) == [42, 42])
    #expect(found.first?.message.english.contains("amt") == true)
    #expect(proposal.commands.isEmpty)
  }

  @Test func `what the domain refuses is found for every command, not only the first`() throws {
    let text = SmallPlan.text
      .replacing("members: [amt]", with: "members: [alle]")
      .replacing("unitOf: haus", with: "unitOf: hof")
      .replacing("contributor: [haus]", with: "leadPartner: [amt]")
    let proposal = PlanStory().propose(try PlanFile(yaml: text))
    #expect(proposal.findings("cycle").map(\.line) == [14, 16])
    #expect(proposal.findings("role-excluded").map(\.line) == [43, 43])
  }

  @Test func `a file of another plan is refused`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let proposal = story.propose(try SmallPlan.file("slug: kleiner-plan", "slug: anderer-plan"))
    #expect(proposal.findings("other-plan").map(\.line) == [2])
    #expect(proposal.commands.isEmpty)
  }

  @Test func `a question that is gone from the file stays in the register and is said to`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let text = SmallPlan.text.replacing(
      "questions:\n  - {slug: frage, label: Wer führt?, about: thema.1.I, source: D1:10}\n", with: "")
    let proposal = story.propose(try PlanFile(yaml: text))
    #expect(proposal.commandNames == [])
    #expect(proposal.findings("questions-stay-open").map(\.severity) == [.note])
  }

  @Test func `a printed range is kept on every assignment it stands for`() throws {
    var story = PlanStory()
    let proposal = try story.importing(SmallPlan.file())
    #expect(proposal.summary.expansions.map(\.range) == ["thema.1 I-II"])
    #expect(proposal.summary.expansions.map(\.measures) == [["thema.1.I", "thema.1.II"]])
    #expect(story.plan.measure("thema.1.I")?.assignments.map(\.range) == ["I-II", "I-II"])
    #expect(story.plan.measure("thema.1.II")?.assignments.map(\.range) == ["I-II", "I-II", nil])
    #expect(
      story.plan.measure("thema.1.II")?.assignments.map { $0.state(on: PlanStory.today) } == [.named, .named, .dormant])
  }
}

extension PlanImporterTests {
  @Test func `the summary counts what would be created, changed, ended and left alone`() throws {
    var story = PlanStory()
    let first = try story.importing(SmallPlan.file()).summary
    #expect(first[.measures].created == 2)
    #expect(first[.assignments].created == 5)
    let text = SmallPlan.text.replacing("title: Erste Maßnahme", with: "title: Neu")
      .replacing("contributor: [haus]", with: "contributor: [hof]")
    let second = story.propose(try PlanFile(yaml: text)).summary
    #expect(second[.measures].changed == 1)
    #expect(second[.measures].unchanged == 1)
    #expect(second[.assignments].created == 2)
    #expect(second[.assignments].ended == 2)
    #expect(second[.assignments].unchanged == 3)
    #expect(second[.institutions].unchanged == 3)
  }

  // MARK: - Adopted plans

  /// The small plan with a resolution and one text replaced.
  private static func adopted(_ old: String, _ new: String) throws -> PlanFile {
    try PlanFile(
      yaml: SmallPlan.changed(old, new).replacing(
        "  from: 2018-01-01", with: "  resolution: {date: 2018-02-01, body: amt, source: D1:2}\n  from: 2018-01-01"))
  }

  @Test func `the wording of an adopted plan changes with the citations of the file`() throws {
    var story = PlanStory()
    try story.importing(Self.adopted("title: Feld", "title: Feld"))
    let edited = try Self.adopted("title: Erste Maßnahme", "title: Umbenannte Maßnahme")
    let proposal = try story.importing(edited)
    #expect(proposal.commandNames == ["revise-wording"])
    let command = try #require(proposal.commands.first as? ReviseWording)
    #expect(command.source.map(\.text) == ["D1:10"])
    #expect(command.reason != nil)
    #expect(story.propose(edited).commandNames == [])
  }

  @Test func `an item of an adopted plan that the file cites nothing for cannot be reworded`() throws {
    var story = PlanStory()
    try story.importing(Self.adopted("kind: office, source: D1:3", "kind: office, source: []"))
    let proposal = story.propose(
      try Self.adopted("name: Das Amt, kind: office, source: D1:3", "name: Neu, kind: office, source: []"))
    #expect(proposal.findings("source-needed").map(\.severity) == [.fatal])
    #expect(proposal.commands.isEmpty)
  }

  @Test func `what a later version continues is neither exported nor missed`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let commands: [(any PlanCommand.Type, JSON)] = [
      (
        StartSuccessorVersion.self, ["slug": "zweite", "title": "Zweite", "from": "2019-01-01", "until": "2027-12-31"]
      ),
      (CarryOverMeasure.self, ["measure": "thema.1.I", "numeral": "V"]),
      (RenumberMeasure.self, ["measure": "thema.1.II", "number": "VI"]),
    ]
    for (kind, json) in commands { try story.run(read(kind, json), effectiveDate: PlanStory.today) }
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let file = try PlanFile(yaml: export)
    #expect(file.measures.map(\.code) == ["thema.1.V", "thema.1.VI"])
    let proposal = story.propose(file, today: PlanStory.today)
    #expect(proposal.fatalText == "")
    #expect(proposal.commandNames == [])
  }

  private func read<Command: PlanCommand>(_ kind: Command.Type, _ json: JSON) throws -> any PlanCommand {
    try kind.record.read(json)
  }

  @Test func `the version of RFC 9562 and the namespace make the ids`() {
    // The name-based example of RFC 9562, A.4: namespace DNS, name www.example.com.
    let namespace = EntityID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    #expect(
      namespace.map { ImportedID.make("www.example.com", in: $0).description } == "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    )
  }

  @Test func `a file that changes much on the real plan is brought about whole`() throws {
    var story = PlanStory()
    try story.importing(Masterplan.file())
    let text = try Masterplan.text()
      .replacing("lead: [mga]", with: "lead: [berlin-partner]")
      .replacing(
        "contributor: [senweb, berlin-partner, akteure-additive-fertigung]", with: "contributor: [senweb, mga]"
      )
      .replacing("title: Gewerbepark ohne Emissionen", with: "title: Gewerbepark ganz ohne Emissionen")
    let edited = try PlanFile(yaml: text)
    let proposal = try story.importing(edited)
    #expect(
      proposal.commandNames == [
        "revise-wording", "end-assignment", "end-assignment", "end-assignment", "assign-lead", "assign-contributor",
      ])
    #expect(story.propose(edited).commandNames == [])
  }
}

import Coordination
import EventSourcing
import PlanImport
import Testing

struct PlanFileWriterTests {
  @Test(arguments: [false, true])
  func `importing an export onto the same plan proposes nothing`(isMasterplan: Bool) throws {
    var story = PlanStory()
    try story.importing(isMasterplan ? Masterplan.file() : SmallPlan.file())
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    let proposal = story.propose(try PlanFile(yaml: export))
    #expect(proposal.fatalText == "")
    #expect(proposal.commandNames == [])
  }

  /// The file without the position that it was written from: questions are not part of it, so a copy has fewer events.
  private static func yaml(from plan: Plan) -> String {
    PlanFileWriter.yaml(from: plan, on: PlanStory.today).split(separator: "\n").filter { !$0.hasPrefix("position: ") }
      .joined(separator: "\n")
  }

  @Test(arguments: [false, true])
  func `an export as JSON is the same file`(isMasterplan: Bool) throws {
    var story = PlanStory()
    try story.importing(isMasterplan ? Masterplan.file() : SmallPlan.file())
    let export = PlanFileWriter.json(from: story.plan, on: PlanStory.today)
    #expect(throws: Never.self) { try JSONParser.parse(Array(export.utf8)) }
    var copy = PlanStory()
    try copy.importing(PlanFile(yaml: export))
    #expect(Self.yaml(from: copy.plan) == Self.yaml(from: story.plan))
  }

  @Test(arguments: [false, true])
  func `a plan made from an export exports the same file`(isMasterplan: Bool) throws {
    var story = PlanStory()
    try story.importing(isMasterplan ? Masterplan.file() : SmallPlan.file())
    var copy = PlanStory()
    try copy.importing(PlanFile(yaml: PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)))
    #expect(Self.yaml(from: copy.plan) == Self.yaml(from: story.plan))
  }

  @Test func `an export after changes says what holds now`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let text = SmallPlan.text
      .replacing("title: Zweite Maßnahme", with: "title: \"Zweite: \\\"Maßnahme\\\"\"")
      .replacing("source: D1:3}", with: "source: [D1:3, D1:33]}")
      .replacing("                contributor: [haus]\n", with: "")
    try story.importing(PlanFile(yaml: text))
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    #expect(export.contains(#"title: "Zweite: \"Maßnahme\"""#))
    #expect(!export.contains("contributor"))
    #expect(export.contains("measures: I-II"))
    #expect(story.propose(try PlanFile(yaml: export)).commandNames == [])
    #expect(story.propose(try PlanFile(yaml: export)).fatalText == "")
  }

  @Test func `what is to be renumbered later is exported as it is called today`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let code = try #require(story.plan.measures.values.map(\.code).sorted().first)
    let command = try RenumberMeasure.record.read(["measure": .string(code), "number": "XXX"])
    try story.run(command, effectiveDate: PlanStory.today.advanced(byDays: 30))
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    #expect(!export.contains("XXX"))
    let proposal = story.propose(try PlanFile(yaml: export))
    #expect(proposal.fatalText == "" && proposal.commandNames == [])
    let later = PlanStory.today.advanced(byDays: 30)
    let laterExport = PlanFileWriter.yaml(from: story.plan, on: later)
    #expect(laterExport.contains("XXX"))
    let laterProposal = story.propose(try PlanFile(yaml: laterExport), today: later)
    #expect(laterProposal.fatalText == "" && laterProposal.commandNames == [])
  }

  @Test func `a range whose measures no longer agree is written measure by measure`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let contributor = try #require(story.plan.measure("thema.1.II")?.assignments.first { $0.role == .contributor })
    try story.run(
      EndAssignment(assignment: Identifier(contributor.id), until: nil, reason: nil), effectiveDate: PlanStory.today)
    let export = PlanFileWriter.yaml(from: story.plan, on: PlanStory.today)
    #expect(!export.contains("measures: I-II"))
    #expect(export.contains("range: \"I-II\"") || export.contains("range: I-II"))
    let proposal = story.propose(try PlanFile(yaml: export))
    #expect(proposal.fatalText == "")
    #expect(proposal.commandNames == [])
  }

  @Test(arguments: [
    "ja: nein", "- Liste", "#1", "a #b", "true", "null", "12", "2018-2021", "&anker", "x &y", "*stern", "'", "\"", "\\",
    "a, b", "[x]", "{x}", "Ende:", "@x", "%x", "`x`", "!x", "|", ">", "é\u{2028}x", "a\u{FEFF}b", "😀 x", "– Strich",
    "Ä", "1,5", "~", "Kultur-&Kreativwirtschaft *x",
  ])
  func `any wording survives`(wording: String) throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let measure = try #require(story.plan.measure("thema.1.I"))
    try story.run(
      ReviseWording(
        item: ItemReference(measure.id.value), title: try Label(wording, field: "title"), reason: nil),
      effectiveDate: PlanStory.today)
    for export in [PlanFileWriter.yaml, PlanFileWriter.json] {
      let file = try PlanFile(yaml: export(story.plan, PlanStory.today))
      #expect(file.measures.first?.title.text == wording)
      #expect(story.propose(file).commandNames == [])
    }
  }
}

extension PlanFileWriterTests {
  /// Reads a command as the API would.
  private func command<Command: PlanCommand>(_ type: Command.Type, _ json: JSON) throws -> Command {
    try Command.record.read(json)
  }

  @Test func `what came in through the API without citations and with dates survives`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file())
    let today = PlanStory.today
    let later = today.advanced(byDays: 400)
    let commands: [any PlanCommand] = [
      try command(RegisterInstitution.self, ["slug": "neu", "name": "Die Neue", "kind": "company"]),
      try command(
        RegisterPlaceholder.self, ["slug": "wer", "label": "Wer?", "steward": "amt", "due": "2020-06-30"]),
      try command(DefineGroup.self, ["slug": "eine", "name": "Eine davon", "kind": "relative", "of": "alle"]),
      try command(AddGroupMember.self, ["group": "alle", "member": "neu"]),
      try command(AddMeasure.self, ["cluster": "thema", "taskField": 1, "numeral": "III", "title": "Dritte"]),
      try command(AddSubMeasure.self, ["measure": "thema.1.III", "part": "B", "title": "Teil", "kind": "examine"]),
      try command(LinkMeasures.self, ["measure": "thema.1.III", "to": "thema.1.I", "source": ["D1:99"]]),
      try command(DeclareDependency.self, ["measure": "thema.1.III", "on": "thema.1.II"]),
      try command(
        AssignLead.self,
        [
          "measure": "thema.1.III", "institution": "neu", "from": .string(today.description),
          "until": .string(later.description),
        ]),
      try command(AssignContributor.self, ["measure": "thema.1.II", "institution": "wer"]),
      try command(CiteSource.self, ["item": "thema.1.II", "source": ["D1:98"]]),
      try command(ReviseWording.self, ["item": "thema", "title": "Thema, neu gefasst"]),
    ]
    for command in commands { try story.run(command, effectiveDate: today) }
    let export = PlanFileWriter.yaml(from: story.plan, on: today)
    let proposal = story.propose(try PlanFile(yaml: export))
    #expect(proposal.fatalText == "")
    #expect(proposal.commandNames == [])
    #expect(export.contains("until: \(later)"))
  }

  @Test func `what changes later is exported as it is until then, and otherwise from then on`() throws {
    var story = PlanStory()
    try story.importing(SmallPlan.file("contributor: [haus]", "unclear: [haus]"))
    let (today, later) = (PlanStory.today, PlanStory.today.advanced(byDays: 30))
    let plan = story.plan
    let unclear = try #require(plan.measure("thema.1.I")?.assignments.first { $0.role == .unclear })
    var commands: [any PlanCommand] = [
      try command(DeclareUnit.self, ["unit": "haus", "of": "amt"]),
      try command(DeclareHosting.self, ["body": "hof", "by": "amt"]),
      try command(DeclareChair.self, ["body": "hof", "by": "amt", "kind": "chair"]),
      try command(LinkMeasures.self, ["measure": "thema.1.I", "to": "thema.1.II"]),
      try command(
        ClarifyRole.self, ["assignment": .string(unclear.id.description), "role": "contributor", "reason": "R"]),
    ]
    for item in [plan.id, plan.actionFields[0].id, plan.clusters[0].id, plan.goals[0].id, plan.taskFields[0].id] {
      commands.append(
        try command(ReviseWording.self, ["item": .string(item.description), "title": "Künftig"]))
    }
    for command in commands { try story.run(command, effectiveDate: later) }
    let marks = ["title: Künftig", "unitOf: amt", "hostedBy: amt", "chairedBy: amt", "seeAlso", "contributor"]
    for (day, isLater) in [(today, false), (later, true)] {
      let export = PlanFileWriter.yaml(from: story.plan, on: day)
      #expect(marks.map { export.contains($0) } == marks.map { _ in isLater }, "\(export)")
      let proposal = story.propose(try PlanFile(yaml: export), today: day)
      #expect(proposal.fatalText == "")
      #expect(proposal.commandNames == [])
    }
  }
}

public import Coordination
public import EventSourcing

/// Turns a plan file into the commands that make a plan say the same.
public enum PlanImporter {
  public static func planSlug(of file: PlanFile) -> String { file.plan.slug.text }
  public static func position(of file: PlanFile) -> Position? { file.position.map { Position(Int64($0)) } }
  public static func planTitle(of file: PlanFile) -> String { file.plan.title.text }

  /// The commands for the difference between a file and a plan; none when there is no difference.
  ///
  /// A plan that does not exist yet begins with `CreatePlan`. Every proposal has been decided once in memory, so a
  /// refusal of the domain already is a finding here. What cannot be brought about is a fatal finding, never left out.
  ///
  /// - Parameter base: what the file knew of the plan. Where nobody has edited the file, what became of the plan since
  ///   stays; without a base all of the difference counts as edited.
  public static func propose(
    _ file: PlanFile, onto plan: Plan?, since base: ImportBase? = nil, planID: EntityID, today: LocalDate
  ) -> ImportProposal {
    func compared(with plan: Plan, on day: LocalDate? = nil) -> ProposalDraft {
      var draft = ProposalDraft(file, onto: plan, today: today, on: day)
      draft.compareAll()
      return draft
    }
    var draft = compared(with: plan ?? Plan(id: planID))
    if let base {
      draft.leaveOut(
        whatIsNotIn: FileEdits(
          shown: compared(with: base.shown, on: file.validAt), imported: compared(with: base.imported)))
    }
    let oddities = Oddities.findings(in: file)
    let findings = (draft.findings + draft.rehearse() + oddities).inFileOrder()
    let isFatal = findings.contains { $0.severity == .fatal }
    return ImportProposal(
      commands: isFatal ? [] : draft.steps.map(\.command), lines: isFatal ? [] : draft.steps.map(\.line),
      effectiveDate: draft.effectiveDate, findings: findings, summary: draft.countedSummary)
  }
}

/// A proposal in the making: the file on one side, the plan on the other.
struct ProposalDraft {
  struct Step {
    let command: any PlanCommand
    /// What the file asks for with it: the same on every state of the plan.
    let edit: [UInt8]
    let line: Int?
    let path: String
    /// Whether it makes the item at that path.
    let makesItem: Bool
    /// What it counts as.
    let counts: [(kind: ImportSummary.Kind, change: WritableKeyPath<ImportSummary.Count, Int>)]
  }

  /// Why the plan changes: adopted plans want to know (§37).
  static let reason = FreeText(normalized: "Änderung der Plandatei")

  let file: PlanFile
  let plan: Plan
  let effectiveDate: LocalDate
  /// What exists is compared with its state on this day.
  let day: LocalDate
  let isNew: Bool
  private let measuresByFileCode: [String: MeasureID]
  private let fileCodesByMeasure: [MeasureID: String]
  private(set) var steps: [Step] = []
  private(set) var findings: [ImportFinding] = []
  /// What is unchanged, and the ranges.
  var summary = ImportSummary()
  private var uncounted: [(kind: ImportSummary.Kind, change: WritableKeyPath<ImportSummary.Count, Int>)] = []

  /// - Parameter day: the day that the plan is compared on; that of the import unless given.
  init(_ file: PlanFile, onto plan: Plan, today: LocalDate, on day: LocalDate? = nil) {
    self.file = file
    self.plan = plan
    isNew = plan.size == .zero
    effectiveDate = isNew ? file.version.from : max(today, file.version.from)
    self.day = day ?? effectiveDate
    measuresByFileCode = Self.measures(of: file, in: plan, on: self.day)
    for measure in file.measures {
      guard !isNew, let former = measure.formerCode, plan.measure(former) == nil else { continue }
      findings.append(
        ImportFinding(
          .note, "unknown-former-code", line: measure.line, path: "\(measure.path).formerly",
          message: LocalizedText(
            de: "Eine Maßnahme „\(former)“ gab es im Plan nie; „\(measure.code)“ gilt als neu.",
            en: "The plan never had a measure “\(former)”; “\(measure.code)” counts as new.")))
    }
    fileCodesByMeasure = Dictionary(
      measuresByFileCode.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
  }

  func id<Entity>(_ key: String) -> Identifier<Entity> { Identifier(ImportedID.make(key, in: plan.id)) }

  /// The id that a name gives, or that of its next repetition where something has it already.
  func freeID<Entity>(_ key: String, where isTaken: (EntityID) -> Bool) -> Identifier<Entity> {
    var repetition = 1
    var id = ImportedID.make(key, in: plan.id)
    while isTaken(id) {
      repetition += 1
      id = ImportedID.make(ItemKey.repeated(key, repetition), in: plan.id)
    }
    return Identifier(id)
  }

  // MARK: Measures

  /// The measure of the plan that the file calls by this code, which may be about to become its code.
  func known(_ code: String) -> Measure? { measuresByFileCode[code].flatMap { plan.measures[$0] } }

  /// A measure's code after the import.
  func codeInFile(of measure: Measure) -> String { fileCodesByMeasure[measure.id] ?? measure.code(on: day) }

  /// Which measure of the plan each measure of the file is: the one that has its former code, as long as its new one is
  /// free or about to be left; else the one that has its code; else the same part of a measure that has moved.
  private static func measures(
    of file: PlanFile, in plan: Plan, on day: LocalDate
  ) -> [String: MeasureID] {
    func current(_ code: String) -> Measure? {
      plan.measure(code, on: day).flatMap { $0.code(on: day) == code ? $0 : nil }
    }
    var found: [String: MeasureID] = [:]
    var moved: Set<MeasureID> = []
    while true {
      // Each one that leaves its code may make room for another.
      let next = file.measures.first { measure in
        found[measure.code] == nil && current(measure.code).map { moved.contains($0.id) } ?? true
          && measure.formerCode.flatMap(current).map { !moved.contains($0.id) } ?? false
      }
      guard let next, let known = next.formerCode.flatMap(current) else { break }
      found[next.code] = known.id
      moved.insert(known.id)
    }
    for measure in file.taskFields.flatMap(\.measures) {
      if let known = current(measure.code), !moved.contains(known.id) { found[measure.code] = known.id }
      let whole = found[measure.code].flatMap { plan.measures[$0] }
      for part in measure.parts where found[part.code] == nil {
        found[part.code] = whole?.parts.first {
          plan.measures[$0]?.place(on: day).part == part.part?.text && !moved.contains($0)
        }
      }
    }
    return found
  }

  /// A measure as commands name it: by its id where the plan knows it, because its code in the plan may be another
  /// measure's by then.
  func reference(toMeasure code: String) -> MeasureReference? {
    known(code).map { MeasureReference($0.id) } ?? MeasureReference(normalized: code)
  }

  // MARK: Commands

  /// Adds a command, made by the rules that hold for the same command from anywhere else.
  ///
  /// - Parameters:
  ///   - fields: what the file says.
  ///   - kept: what the command has to repeat of the plan, because it cannot say the other alone.
  mutating func send<Command: PlanCommand>(
    _ type: Command.Type, _ item: any PlanFileItem, _ fields: KeyValuePairs<String, any FieldValue>,
    keeping kept: KeyValuePairs<String, any FieldValue> = [:]
  ) {
    let said = Self.members(of: fields)
    do {
      let command = try Command.record.read(.object(said + Self.members(of: kept)))
      append(
        command, item, edit: Array(Command.name.utf8) + JSON.object(said).canonicalBytes,
        // Whatever is made is given its id.
        makesItem: said.contains { $0.key == "id" })
    } catch {
      findings.append(
        ImportFinding(.fatal, error.code, line: item.line, path: item.path, message: error.reason))
    }
  }

  private static func members(of fields: KeyValuePairs<String, any FieldValue>) -> [JSON.Member] {
    fields.compactMap { name, value in value.isPresent ? JSON.Member(name, JSON(of: value)) : nil }
  }

  mutating func append(
    _ command: any PlanCommand, _ item: (any PlanFileItem)?, edit: [UInt8]? = nil, makesItem: Bool = false
  ) {
    steps.append(
      Step(
        command: command, edit: edit ?? command.signature, line: item?.line, path: item?.path ?? "",
        makesItem: makesItem, counts: uncounted))
    uncounted = []
  }

  /// Counts an item that is left alone, or one that the next command is about.
  mutating func count(_ kind: ImportSummary.Kind, _ change: WritableKeyPath<ImportSummary.Count, Int>) {
    if change == \.unchanged { summary.count(kind, change) } else { uncounted.append((kind, change)) }
  }

  var countedSummary: ImportSummary {
    var counted = summary
    for (kind, change) in steps.flatMap(\.counts) { counted.count(kind, change) }
    return counted
  }

  // MARK: What the plan did itself

  /// Leaves out what the file says otherwise than the plan without being edited there: the plan went on since, and
  /// nobody asked to take that back. An edit that the plan has no place for any more is fatal, never left out.
  mutating func leaveOut(whatIsNotIn edits: FileEdits) {
    let asked = Set(edits.steps.map(\.edit))
    let left = steps.filter { !asked.contains($0.edit) }
    steps.removeAll { !asked.contains($0.edit) }
    for step in left {
      note(.note, "plan-went-on", step) { what in
        LocalizedText(
          de: "Hier ist der Plan weitergegangen, seit die Datei entstand; „\(what.german)“ unterbleibt.",
          en: "The plan went on here since the file was made; “\(what.english)” is left out.")
      }
    }
    let refused = Set(edits.findings)
    let passed = findings.filter { $0.isUnsupportedChange && !refused.contains($0) }
    findings.removeAll { $0.isUnsupportedChange && !refused.contains($0) }
    refuseEdits(lostFrom: edits, beside: left, passed)
  }

  /// Reports the edits that are not among the steps, where the plan says something else than the file: they were made
  /// on what is not there as it was, such as a measure that has another code since.
  ///
  /// - Parameters:
  ///   - left: the steps that were left out.
  ///   - passed: the unsupported changes that were left out.
  private mutating func refuseEdits(lostFrom edits: FileEdits, beside left: [Step], _ passed: [ImportFinding]) {
    let kept = Set(steps.map(\.edit))
    let known = Set(findings)
    let gone = left.filter(\.makesItem).map(\.path)
    for finding in edits.findings where !known.contains(finding) {
      let isLost =
        gone.contains { finding.path.hasPrefix("\($0).") } || passed.contains { $0.path == finding.path }
      if isLost { findings.append(finding) }
    }
    let differing = Set(left.map(\.path) + passed.map { String($0.itemPath) })
    for edit in edits.steps where !kept.contains(edit.edit) && differing.contains(edit.path) && !isSo(edit.command) {
      note(.fatal, "edit-collides", edit) { what in
        LocalizedText(
          de: "Auch der Plan hat sich hier geändert, seit die Datei entstand; „\(what.german)“ passt nicht mehr.",
          en: "The plan changed here, too, since the file was made; “\(what.english)” no longer fits.")
      }
    }
  }

  /// Reports a command that is not carried out because the plan is another one than the file knew.
  private mutating func note(
    _ severity: ImportFinding.Severity, _ code: String, _ step: Step, _ message: (LocalizedText) -> LocalizedText
  ) {
    findings.append(
      ImportFinding(
        severity, code, line: step.line, path: step.path, message: message(type(of: step.command).summary),
        proposal: LocalizedText(
          de: "Soll es geschehen: den Plan neu exportieren (federwerk export) und dort ändern.",
          en: "If it is wanted: export the plan anew (federwerk export) and make the change there.")))
  }

  /// What the domain says to a command that asks for what is so already.
  private static let repetitions: Set = [
    "already-assigned", "already-a-unit", "already-chaired", "already-ended", "already-hosted", "already-linked",
    "already-member", "already-withdrawn", "not-a-member",
  ]

  /// Whether the plan says already what a command would bring about.
  private func isSo(_ command: any PlanCommand) -> Bool {
    var context = rehearsalContext
    do {
      return try Decider.decide(command, on: plan, &context).isEmpty
    } catch {
      return Self.repetitions.contains(error.code)
    }
  }

  // MARK: Differences

  /// Reports every part of an existing item that the file has differently and that no command can change.
  mutating func refuseChanges(
    _ item: any PlanFileItem, _ name: String, _ parts: KeyValuePairs<String, Bool>
  ) {
    for (part, isSame) in parts where !isSame {
      findings.append(
        ImportFinding(
          .fatal, "change-not-supported", line: item.line, path: "\(item.path).\(part)",
          message: LocalizedText(
            de: "„\(part)“ von „\(name)“ ist im Plan anders; das lässt sich noch nicht ändern.",
            en: "“\(part)” of “\(name)” differs from the plan; there is no command yet that changes it."),
          proposal: LocalizedText(
            de: "Den Stand des Plans in die Datei übernehmen (federwerk export) oder einen neuen Eintrag anlegen.",
            en: "Take the plan's value into the file (federwerk export), or add a new item.")))
    }
  }

  /// Reports what the plan has and the file has no longer.
  mutating func refuseRemoval(
    _ name: String, _ path: String,
    proposal: LocalizedText = LocalizedText(
      de: "Den Eintrag in der Datei behalten (federwerk export schreibt ihn).",
      en: "Keep the item in the file (federwerk export writes it).")
  ) {
    findings.append(
      ImportFinding(
        .fatal, "change-not-supported", line: nil, path: path,
        message: LocalizedText(
          de: "„\(name)“ steht im Plan und fehlt in der Datei; entfernen lässt es sich noch nicht.",
          en: "“\(name)” is in the plan and not in the file; there is no command yet that removes it."),
        proposal: proposal))
  }

  mutating func note(_ finding: ImportFinding) { findings.append(finding) }

  /// Proposes the wording of the file where the plan's differs; counts the item as changed or unchanged.
  ///
  /// An adopted plan wants to know why its wording changes and where that is printed (§37): because the file says so,
  /// and where the file says. An item that the file gives no citation for cannot be changed then.
  mutating func compareWording(
    _ item: any PlanFileItem, _ id: EntityID, _ kind: ImportSummary.Kind, file wording: String, plan current: String,
    source: [Citation]
  ) {
    guard !wording.utf8.elementsEqual(current.utf8) else { return count(kind, \.unchanged) }
    count(kind, \.changed)
    send(
      ReviseWording.self, item,
      [
        "item": ItemReference(id), "title": Label(normalized: wording),
        "reason": Self.reason, "source": source,
      ])
  }

  /// Proposes the citations that the plan does not have; those that the file lacks cannot be taken back.
  mutating func compareSource(
    _ item: any PlanFileItem, _ id: EntityID, _ name: String, file source: [Citation], plan known: [Citation]
  ) {
    let known = known + (plan.citations[id] ?? [])
    let new = source.filter { !known.contains($0) }
    if !new.isEmpty {
      count(.citations, \.created)
      send(CiteSource.self, item, ["item": ItemReference(id), "source": new])
    }
    refuseChanges(item, name, ["source": known.allSatisfy(source.contains)])
  }

  // MARK: Rehearsal

  /// Decides the commands one after the other on a copy of the plan; what the domain refuses is fatal.
  func rehearse() -> [ImportFinding] {
    var plan = plan
    var refusals: [ImportFinding] = []
    var context = rehearsalContext
    for step in steps {
      do {
        for event in try Decider.decide(step.command, on: plan, &context) {
          plan.apply(
            event.fact,
            EventRecord(
              position: plan.size.nextPosition, subject: event.subject, recordedAt: context.now,
              effectiveDate: effectiveDate, actor: context.actor.id, recordedSource: .import))
        }
      } catch {
        let facts = error.facts.map { "\($0.key): \(String(decoding: $0.value.canonicalBytes, as: UTF8.self))" }
        let detail = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        refusals.append(
          ImportFinding(
            .fatal, error.code, line: step.line, path: step.path,
            message: LocalizedText(de: error.reason.german + detail, en: error.reason.english + detail)))
      }
    }
    return refusals
  }

  private var rehearsalContext: DecisionContext {
    let now =
      plan.lastRecordedAt ?? Timestamp(microsecondsSinceEpoch: Int64(effectiveDate.daysSinceEpoch) * 86_400_000_000)
    return DecisionContext(
      now: now, today: effectiveDate, actor: PlanActor(id: .system("import"), role: .system),
      effectiveDate: effectiveDate, identifiers: IdentifierSource(seed: 0, at: now))
  }
}

extension JSON {
  /// The JSON of one field, as a client would send it.
  fileprivate init(of value: some FieldValue) {
    var writer = CanonicalJSONWriter()
    value.write(to: &writer)
    // What a field value writes is JSON by construction.
    self = (try? JSONParser.parse(writer.bytes)) ?? .null
  }
}

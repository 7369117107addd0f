internal import Coordination
internal import EventSourcing

/// Finds what is contradictory, open or merely remarkable in a plan. None of it blocks the import.
struct Oddities {
  private let file: PlanFile
  private let parties: [String: PartyEntry]
  private let groups: [String: PlanFile.Group]
  private var findings: [ImportFinding] = []

  static func findings(in file: PlanFile) -> [ImportFinding] {
    var oddities = Oddities(file: file)
    oddities.lookAtPlan()
    oddities.lookAtParties()
    for field in file.taskFields { for measure in field.allMeasures { oddities.look(at: measure, in: field) } }
    oddities.lookAtCap()
    return oddities.findings
  }

  private init(file: PlanFile) {
    self.file = file
    parties = Dictionary(file.parties.map { ($0.slug.text, $0) }, uniquingKeysWith: { first, _ in first })
    groups = Dictionary(file.groups.map { ($0.slug.text, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private mutating func add(
    _ severity: ImportFinding.Severity, _ code: String, _ item: any PlanFileItem, path: String? = nil,
    de german: String, en english: String, proposal: LocalizedText? = nil
  ) {
    findings.append(
      ImportFinding(
        severity, code, line: item.line, path: path ?? item.path, message: LocalizedText(de: german, en: english),
        proposal: proposal))
  }

  // MARK: The plan as a whole

  private mutating func lookAtPlan() {
    for figure in file.figures {
      let count = count(of: figure.counts)
      guard count != figure.value else { continue }
      add(
        .contradiction, "stated-figure-mismatch", figure, de: "\(figure.label): \(figure.value), gezählt: \(count).",
        en: "The plan states \(figure.value) \(figure.counts.rawValue); \(count) were counted.")
    }
    for (item, title, other) in [(file.plan.slug, file.plan.title, file.plan.otherTitles)].map({ ($0.0, $0.1, $0.2) })
      + file.clusters.map({ ($0.slug, $0.title, $0.otherTitles) })
    {
      for name in other {
        add(
          .contradiction, "two-names", name, path: item.text, de: "Zwei Namen: „\(title)“ und „\(name.title)“.",
          en: "Two names for one thing: “\(title)” and “\(name.title)”.")
      }
    }
    for question in file.questions {
      add(
        .question, "open-question", question, path: question.about ?? question.path,
        de: "Offene Frage: \(question.label.text)", en: "Open question (in German): \(question.label.text)",
        proposal: LocalizedText(
          de: "Wird als Frage im Meldungsregister angelegt.", en: "Will be raised as a question in the issue register.")
      )
    }
    for placeholder in file.placeholders {
      lookAtTerm(placeholder, placeholder.path, placeholder.due...placeholder.due)
    }
  }

  private func count(of counted: StatedFigure.Counted) -> Int {
    switch counted {
    case .actionFields: file.actionFields.count
    case .themeClusters: file.clusters.count
    case .goals: file.clusters.flatMap(\.goals).count
    case .measures: file.taskFields.flatMap(\.measures).count
    case .institutions: file.institutions.count
    case .taskFields: file.taskFields.count
    }
  }

  // MARK: Parties

  private mutating func lookAtParties() {
    for party in file.parties {
      for alias in party.aliases where alias.isPresumed {
        add(
          .question, "presumed-alias", alias, path: party.slug.text,
          de: "„\(alias.name)“ ist vermutlich „\(party.name)“.",
          en: "“\(alias.name)” presumably is “\(party.name)”.",
          proposal: LocalizedText(
            de: "Bestätigen oder als eigene Institution anlegen.", en: "Confirm it, or register it on its own."))
      }
    }
    for group in file.groups { look(at: group) }
    for placeholder in file.placeholders {
      add(
        .question, "placeholder-open", placeholder, path: placeholder.slug.text,
        de:
          "Noch niemand benannt: \(placeholder.label); zu klären durch \(placeholder.steward) bis \(placeholder.due.german).",
        en:
          "Nobody named yet: \(placeholder.label); \(placeholder.steward) is to find out by \(placeholder.due.english)."
      )
      guard placeholder.isDueInferred else { continue }
      add(
        .note, "placeholder-due-inferred", placeholder, path: placeholder.slug.text,
        de: "Die Frist \(placeholder.due.german) steht nicht im Plan; sie wurde gesetzt.",
        en: "The date \(placeholder.due.english) is not in the plan; it was set by the office.")
    }
  }

  private mutating func look(at group: PlanFile.Group) {
    switch group.kind {
    case .unresolvedPair:
      add(
        .question, "unresolved-pair", group, path: group.slug.text,
        de: "„\(group.name)“: eine Stelle mit Untereinheit oder zwei Stellen?",
        en: "“\(group.name)”: a body with its unit, or two bodies?")
    case .relative:
      add(
        .note, "relative-member", group, path: group.slug.text,
        de: "„\(group.name)“ steht erst je Ort fest.", en: "“\(group.name)” is only known per location.")
    case .collective, .open, .composite, .consortium:
      guard group.members.isEmpty else { return }
      add(
        group.kind == .open ? .note : .question, "group-without-members", group, path: group.slug.text,
        de: "„\(group.name)“ hat noch keine Mitglieder.", en: "“\(group.name)” has no members yet.")
    }
  }

  // MARK: Measures

  private mutating func look(at measure: PlanFile.Measure, in field: PlanFile.TaskField) {
    let entries = field.entries(for: measure).map(\.entry)
    lookForLead(measure, in: field)
    if let horizon = measure.horizon { lookAtTerms(of: horizon, measure, measure.code) }
    for entry in entries {
      if entry.role == .unclear {
        add(
          .question, "unclear-role", entry, path: measure.code,
          de: "Die Rolle von „\(entry.who)“ steht nicht im Plan.",
          en: "The plan does not give the role of “\(entry.who)”.",
          proposal: LocalizedText(de: "Bei der Geschäftsstelle klären.", en: "Ask the coordination office."))
      }
      if let condition = entry.condition {
        add(
          .note, "conditional-assignment", entry, path: measure.code,
          de: "„\(entry.who)“ nur unter einer Bedingung: \(condition). Die Zuordnung ruht.",
          en: "“\(entry.who)” only under a condition (in German: \(condition)). The assignment is dormant.")
        lookAtTerms(of: condition, entry, measure.code)
      }
      lookAtDecider(entry, measure)
    }
    lookAtOverlaps(entries, measure)
    if let note = field.note(of: measure) {
      add(.note, "remark", measure, path: measure.code, de: "Anmerkung: \(note)", en: "Remark (in German): \(note)")
    }
    if let external = measure.external {
      add(
        .note, "external-measure", external, path: measure.code,
        de: "Wird unter \(external.programme) als \(external.id) geführt.",
        en: "Runs under \(external.programme) as \(external.id).")
    }
  }

  private mutating func lookForLead(_ measure: PlanFile.Measure, in field: PlanFile.TaskField) {
    func hasLead(_ measure: PlanFile.Measure) -> Bool {
      field.entries(for: measure).contains { $0.entry.role == .lead }
    }
    // A measure that is only the sum of its parts needs no lead of its own.
    guard !hasLead(measure), measure.parts.isEmpty || !measure.parts.allSatisfy(hasLead) else { return }
    add(
      .question, "measure-without-lead", measure, path: measure.code,
      de: measure.external == nil ? "Keine Federführung angegeben." : "Keine Federführung; extern geführt.",
      en: measure.external == nil ? "No lead is given." : "No lead is given; it is led under another programme.")
  }

  /// A body that decides on escalations takes part in the measure itself.
  private mutating func lookAtDecider(_ entry: PlanFile.RoleEntry, _ measure: PlanFile.Measure) {
    let level = file.version.ladder.first { $0.body == entry.who && $0.mandate != .advise }
    guard let level else { return }
    add(
      .note, "decides-on-own-measure", entry, path: measure.code,
      de: "„\(entry.who)“ entscheidet als Stufe „\(level.title)“ auch über diese Maßnahme.",
      en: "“\(entry.who)” also decides on this measure, as level “\(level.slug)” of the ladder.")
  }

  /// Somebody is named beside a group that already holds it.
  private mutating func lookAtOverlaps(_ entries: [PlanFile.RoleEntry], _ measure: PlanFile.Measure) {
    for group in entries where groups[group.who.text] != nil {
      let members = members(of: group.who.text)
      for entry in entries where entry.who != group.who && members.contains(entry.who.text) {
        guard entry.phase == nil || group.phase == nil || entry.phase == group.phase else { continue }
        add(
          .note, "named-beside-own-group", entry, path: measure.code,
          de: "„\(entry.who)“ gehört auch zu „\(group.who)“, das hier ebenfalls genannt ist.",
          en: "“\(entry.who)” also belongs to “\(group.who)”, which is named here too.")
      }
    }
  }

  private func members(of group: String) -> Set<String> {
    var found: Set<String> = []
    var open = groups[group]?.members.map(\.text) ?? []
    while let next = open.popLast() {
      guard found.insert(next).inserted else { continue }
      open += groups[next]?.members.map(\.text) ?? []
    }
    return found
  }

  // MARK: Cap

  private mutating func lookAtCap() {
    let cap = file.version.leadCap ?? 2
    var isKept = true
    for field in file.taskFields {
      for measure in field.allMeasures {
        for (leads, partners) in names(of: measure, in: field) {
          isKept = isKept && leads <= cap
          guard leads <= cap, leads + partners > cap else { continue }
          let names = leads + partners
          add(
            .contradiction, "names-beyond-lead-cap", measure, path: measure.code,
            de: "\(names) Namen bei der Federführung, erlaubt sind \(cap); ohne die Partner „i. V. m.“: \(leads).",
            en: "\(names) names where the lead is printed, \(cap) allowed; without lead partners: \(leads).")
        }
      }
    }
    guard isKept else { return }
    add(
      .note, "lead-cap-kept", file.version, de: "Keine Maßnahme hat mehr als \(cap) Federführungen je Phase.",
      en: "No measure has more than \(cap) leads per phase.")
  }

  /// How many leads and lead partners a measure has in each phase, without the conditional ones.
  private func names(
    of measure: PlanFile.Measure, in field: PlanFile.TaskField
  ) -> [(leads: Int, partners: Int)] {
    let entries = field.entries(for: measure).map(\.entry).filter { $0.condition == nil }
    return Set(entries.map(\.phase)).map { phase in
      let names = { role in Set(entries.filter { $0.phase == phase && $0.role == role }.map(\.who)).count }
      return (names(.lead), names(.leadPartner))
    }
  }

  // MARK: Term

  private mutating func lookAtTerms(of label: Label, _ item: any PlanFileItem, _ path: String) {
    for period in MentionedPeriod.periods(in: label.text) { lookAtTerm(item, path, period) }
  }

  private mutating func lookAtTerm(_ item: any PlanFileItem, _ path: String, _ period: ClosedRange<LocalDate>) {
    let version = file.version
    guard period.upperBound < version.from || period.lowerBound > version.until else { return }
    let isEarly = period.upperBound < version.from
    add(
      .contradiction, "date-outside-term", item, path: path,
      de: isEarly
        ? "Ein Zeitpunkt (bis \(period.upperBound.german)) liegt vor der Laufzeit ab \(version.from.german)."
        : "Ein Zeitpunkt (ab \(period.lowerBound.german)) liegt nach der Laufzeit bis \(version.until.german).",
      en: isEarly
        ? "A date (up to \(period.upperBound.english)) lies before the term from \(version.from.english)."
        : "A date (from \(period.lowerBound.english)) lies after the term until \(version.until.english).")
  }
}

/// Finds years and months in German wording, such as `ab 2023` or `Mai 2018`.
enum MentionedPeriod {
  private static let months = [
    "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
    "dezember",
  ]

  static func periods(in text: String) -> [ClosedRange<LocalDate>] {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    return words.indices.compactMap { index in
      guard words[index].utf8.count == 4, let year = Int(words[index]), (1900...2199).contains(year) else { return nil }
      let month = index > 0 ? months.firstIndex(of: words[index - 1]).map { $0 + 1 } : nil
      guard let first = LocalDate(year: year, month: month ?? 1, day: 1) else { return nil }
      let next = month.map { $0 == 12 ? (year + 1, 1) : (year, $0 + 1) } ?? (year + 1, 1)
      guard let after = LocalDate(year: next.0, month: next.1, day: 1) else { return nil }
      return first...after.advanced(byDays: -1)
    }
  }
}

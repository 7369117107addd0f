import Coordination
import EventSourcing
import Foundation
import PlanImport
import Testing

/// A plan that grows by proposals, decided and folded one command after the other as the service does it.
struct PlanStory {
  static let planID = EntityID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
  /// A day within the term of the plan.
  static let today = LocalDate(daysSinceEpoch: 18_000)

  private(set) var plan = Plan(id: planID)
  private var events: [(fact: any PlanFact, record: EventRecord)] = []

  var eventCount: Int { events.count }

  /// Proposes, and carries out what was proposed.
  @discardableResult
  mutating func importing(
    _ file: PlanFile, since base: ImportBase? = nil, today: LocalDate = PlanStory.today
  ) throws -> ImportProposal {
    let proposal = propose(file, since: base, today: today)
    try #require(!proposal.isFatal, "\(proposal.fatalText)")
    for command in proposal.commands { try run(command, effectiveDate: proposal.effectiveDate) }
    return proposal
  }

  func propose(_ file: PlanFile, since base: ImportBase? = nil, today: LocalDate = PlanStory.today) -> ImportProposal {
    PlanImporter.propose(file, onto: plan.size == .zero ? nil : plan, since: base, planID: plan.id, today: today)
  }

  /// Proposes what the file says beyond a plan after which there was no import.
  func propose(_ file: PlanFile, since plan: Plan) -> ImportProposal {
    propose(file, since: ImportBase(shown: plan, imported: plan))
  }

  /// What the service compares a file with that is imported now.
  func base(of file: PlanFile) -> ImportBase? {
    ImportBase.positions(of: file, in: plan).map { positions in
      ImportBase(
        shown: fold { $0.position <= positions.shown },
        imported: fold { $0.position <= positions.imported || $0.recordedSource == .import })
    }
  }

  private func fold(_ belongs: (EventRecord) -> Bool) -> Plan {
    var (whole, folded) = (Plan(id: plan.id), Plan(id: plan.id))
    for (fact, record) in events {
      if belongs(record) {
        folded.apply(fact.rebased(from: whole, onto: folded, record), record)
      } else {
        folded.pass(over: record)
      }
      whole.apply(fact, record)
    }
    return folded
  }

  mutating func run(
    _ command: any PlanCommand, effectiveDate: LocalDate, source: RecordedSource = .import
  ) throws {
    let now = Timestamp(microsecondsSinceEpoch: 1_600_000_000_000_000 + plan.size.value)
    var context = DecisionContext(
      now: now, today: effectiveDate, actor: PlanActor(id: .system("import"), role: .system),
      effectiveDate: effectiveDate, identifiers: IdentifierSource(seed: UInt64(plan.size.value), at: now))
    for event in try Decider.decide(command, on: plan, &context) {
      let record = EventRecord(
        position: plan.size.nextPosition, subject: event.subject, recordedAt: now, effectiveDate: effectiveDate,
        actor: .system("import"), recordedSource: source)
      plan.apply(event.fact, record)
      events.append((event.fact, record))
    }
  }
}

extension ImportProposal {
  var fatalText: String {
    findings.filter { $0.severity == .fatal }
      .map { "\($0.line ?? 0) \($0.code) \($0.path): \($0.message.english)" }.joined(separator: "\n")
  }

  /// The names of the proposed commands, in order.
  var commandNames: [String] { commands.map { type(of: $0).name } }

  func findings(_ code: String) -> [ImportFinding] { findings.filter { $0.code == code } }
}

/// The files of this repository that the tests read.
enum RepositoryFile {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }
}

/// The plan that ships with the program.
enum Masterplan {
  static func text() throws -> String { try RepositoryFile.text("plans/industriestadt-berlin.yaml") }
  static func file() throws -> PlanFile { try PlanFile(yaml: text()) }
}

/// A plan file as small as one can be that still has one of most things.
enum SmallPlan {
  static let text = """
    federwerk: 1
    plan: {slug: kleiner-plan, title: Kleiner Plan, source: D1:1}
    documents:
      - {key: D1, title: Dokument}
    version:
      slug: erste
      title: Erste Fassung
      from: 2018-01-01
      until: 2023-12-31
      source: D1:2
    institutions:
      - {slug: amt, short: Amt, name: Das Amt, kind: office, source: D1:3}
      - {slug: haus, name: Das Haus, kind: office, source: D1:4}
      - {slug: hof, name: Der Hof, kind: office, unitOf: haus, source: D1:4}
    groups:
      - {slug: alle, name: Alle, kind: collective, members: [amt], source: D1:5}
    strategies:
      - {slug: strategie, title: Strategie, source: D1:5}
    questions:
      - {slug: frage, label: Wer führt?, about: thema.1.I, source: D1:10}
    actionFields:
      - number: 1
        slug: feld
        title: Feld
        source: D1:6
        clusters:
          - slug: thema
            title: Thema
            source: D1:7
            goals:
              - {letter: a, title: Ziel, source: D1:8}
            taskFields:
              - number: 1
                title: Aufgabe
                source: D1:9
                measures:
                  - {numeral: I, title: Erste Maßnahme, source: D1:10}
                  - {numeral: II, title: Zweite Maßnahme, strategies: [strategie], source: D1:11}
                structure:
                  - measures: I-II
                    source: D1:12
                    lead: [amt]
                    contributor: [haus]
                  - measures: II
                    source: D1:13
                    note: Anmerkung zum Block.
                    consulted: [{who: alle, condition: falls nötig}]

    """

  static func file() throws -> PlanFile { try PlanFile(yaml: text) }

  /// The file with one text replaced.
  static func file(_ old: String, _ new: String) throws -> PlanFile {
    try PlanFile(yaml: changed(old, new))
  }

  static func changed(_ old: String, _ new: String) throws -> String {
    try #require(text.contains(old))
    return text.replacing(old, with: new)
  }
}

import Coordination
import EventSourcing
import Foundation
import PlanSpecification
import Projections
import Testing

/// Nothing of what is hidden from a viewer shows in any view.
struct LeakTests {
  /// What somebody who does not see everything reads of a plan.
  private struct Reader {
    let name: String
    let plan: Plan
    let texts: [String: String]

    init(_ name: String, _ viewer: Viewer, _ spec: DeciderSpecification) {
      self.name = name
      plan = LeakTests.plan(spec, for: viewer)
      texts = AllViews.texts(of: plan, validAt: spec.today)
    }
  }

  /// The readers of the plan that a command is sampled on: HWK is named in it and leads nothing.
  private static func readers(for command: String) -> [Reader] {
    command == "create-plan" ? readers(of: CommandSamples.spec(for: command)) : begun
  }

  private static let begun = readers(of: CommandSamples.spec(for: "raise-issue"))

  private static func readers(of spec: DeciderSpecification) -> [Reader] {
    [
      Reader("anybody", .anybody, spec), Reader("a participant", .participant, spec),
      Reader("hwk", Viewer(.contributor("hwk"), in: spec.plan, on: spec.today), spec),
    ]
  }

  private static let marker = "Geheimnis-4711"
  private static let markedAmount: JSON = 471_147_114

  /// A sample with a marker in every field of the command that an event may keep from somebody.
  private static func marked(_ command: String, _ json: JSON) throws -> JSON {
    func fields<Command: PlanCommand>(_ kind: Command.Type) -> [String] {
      kind.record.fields.filter { $0.schema["maxLength"] == FreeText.schema["maxLength"] }.map(\.name)
    }
    let kind = try #require(CommandCatalogue.byName[command])
    var marked = (fields(kind) + ["note"]).filter { json[$0] != nil }.reduce(json) {
      $0.replacing($1, .string(marker))
    }
    if json["amount"] != nil { marked = marked.replacing("amount", markedAmount) }
    return marked
  }

  fileprivate static func plan(_ spec: DeciderSpecification, for viewer: Viewer) -> Plan {
    var plan = Plan(id: spec.plan.id, for: viewer)
    for (fact, record, _) in spec.history { plan.apply(fact, record) }
    return plan
  }

  @Test(arguments: CommandSamples.accepted.keys.sorted())
  func `what is hidden changes nothing that can be read`(command: String) throws {
    let json = try Self.marked(command, try #require(CommandSamples.accepted[command]))
    var spec = CommandSamples.spec(for: command)
    let first = spec.history.count
    spec.given(command, json, as: CommandSamples.actor(for: command))
    for reader in Self.readers(for: command) {
      var plan = reader.plan
      var entries: [TimelineEntry] = []
      var isTold = false
      for (fact, record, _) in spec.history[first...] {
        let entry = AuditTimeline.apply(fact, record, to: &plan)
        #expect(entry == nil || type(of: fact).circle >= reader.plan.viewer.circle, "\(reader.name)")
        if let entry { entries.append(entry) }
        isTold = isTold || Self.markedFields(of: fact).contains { $0 >= reader.plan.viewer.circle }
      }
      let texts = AllViews.texts(of: plan, validAt: spec.today)
      if entries.isEmpty { #expect(texts == reader.texts, "\(reader.name)") }
      // The length of the log is no secret, so that a reader can say how new the answer is.
      #expect(plan.size == spec.plan.size)
      guard !isTold else { continue }
      let known = entries.map(\.json.text) + texts.values
      for marker in [Self.marker, Self.markedAmount.text] {
        #expect(!known.contains { $0.contains(marker) }, "\(reader.name)")
      }
    }
  }

  /// The circles of the fields in clear that hold a marker.
  private static func markedFields<Fact: PlanFact>(of fact: Fact) -> [Circle] {
    Fact.record.fields.filter { ["note", "amount"].contains($0.name) }.map { FactCatalogue.circle(of: $0, Fact.self) }
  }

  @Test func `the markers are where the office sees them`() throws {
    for (command, field) in [("add-measure", "note"), ("add-sub-measure", "note"), ("note-resources", "amount")] {
      var spec = CommandSamples.spec(for: command)
      let json = try Self.marked(command, try #require(CommandSamples.accepted[command]))
      let entries = spec.entries { $0.given(command, json) }
      let marker = field == "note" ? Self.marker : Self.markedAmount.text
      let isSeen = (entries.map(\.json.text) + AllViews.texts(of: spec.plan, validAt: spec.today).values).contains {
        $0.contains(marker)
      }
      #expect(isSeen, "\(command)")
      // To those outside it looks as if the field had never been filled.
      var bare = CommandSamples.spec(for: command)
      bare.given(command, json.replacing(field, nil))
      for viewer in [Viewer.anybody] + (field == "amount" ? [.participant] : []) {
        let filled = AllViews.texts(of: Self.plan(spec, for: viewer), validAt: spec.today)
        #expect(filled == AllViews.texts(of: Self.plan(bare, for: viewer), validAt: spec.today), "\(command)")
        #expect(
          spec.timeline(from: spec.history.count - 1, for: viewer)
            == bare.timeline(from: spec.history.count - 1, for: viewer), "\(command)")
      }
    }
  }

  @Test func `a plan full of secrets reads like one without them`() {
    var spec = CommandSamples.spec(for: "raise-issue")
    let before = AllViews.texts(of: Self.plan(spec, for: .participant), validAt: spec.today)
    spec.given("appoint-contact", ["institution": "senweb", "name": "N"])
    spec.given("request-support", ["measure": "fachkraefte.1.I", "institution": "senweb", "text": "T"])
    spec.given("propose-solution", ["issue": id(401).json, "text": "T"])
    let position = JSON.integer(spec.plan.size.value - 1)
    spec.given("erase-personal-data", ["event": position, "reason": "requested"])
    #expect(AllViews.texts(of: Self.plan(spec, for: .participant), validAt: spec.today) == before)
    #expect(spec.timeline(from: spec.history.count - 4, for: .participant).isEmpty)
    #expect(AllViews.texts(of: spec.plan, validAt: spec.today) != before)
  }

  @Test func `anybody finds no issue at all, neither in lists nor in counts`() throws {
    let spec = CommandSamples.spec(for: "raise-issue")
    let plan = Self.plan(spec, for: .anybody)
    #expect(IssueRegister.items(of: plan, validAt: spec.today).isEmpty)
    #expect(plan.issues[IssueID(id(91).value)] == nil)
    #expect(plan.subjects[id(91).value] == nil)
    #expect(try #require(plan.measure("fachkraefte.1.I")).openIssues(on: spec.today) == 0)
    #expect(!Self.plan(spec, for: .participant).issues.values.isEmpty)
  }

  @Test func `every view of the module is looked at`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/Projections")
    let walk = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var views: Set<String> = []
    for case let url as URL in walk where url.pathExtension == "swift" {
      for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
        guard let name = line.wholeMatch(of: /public enum (\w+): View \{/)?.1 else { continue }
        views.insert(String(name))
      }
    }
    #expect(views == Set(AllViews.lists.map { "\($0)" }))
  }
}

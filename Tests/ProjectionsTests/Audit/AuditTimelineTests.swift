import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct AuditTimelineTests {
  private var spec = DeciderSpecification.masterplan()

  // MARK: - Every event has its entry

  /// Events that change nothing in the plan's state, and why that is right.
  private static let withoutChange = [
    "org.federwerk.log.epoch-opened.v1": "it tells of the log, not of the plan",
    "org.federwerk.plan.view-digest-recorded.v1": "it tells of views, which follow from the plan",
    "org.federwerk.plan.personal-data-erased.v1": "what can be erased is no part of what a subject is",
  ]

  @Test func `every kind of event changes something that is described, or says why not`() throws {
    var seen: Set<String> = []
    for (command, json) in CommandSamples.accepted.sorted(by: { $0.key < $1.key }) {
      var spec = CommandSamples.spec(for: command)
      let entries = spec.entries { $0.given(command, json, as: CommandSamples.actor(for: command)) }
      #expect(!entries.isEmpty, "\(command)")
      for entry in entries {
        seen.insert(entry.type)
        #expect(entry.changes.isEmpty == (Self.withoutChange[entry.type] != nil), "\(command): \(entry.type)")
        #expect(Set(entry.changes.map(\.field)).count == entry.changes.count, "\(command) names a field twice")
        for change in entry.changes { #expect(change.before != change.after, "\(command): \(change.field)") }
        let text = FieldChange.canonicalText(of: entry.changes)
        #expect(text == JSON.array(entry.changes.map(\.json)).text, "\(command)")
        #expect(!entry.sentence.german.isEmpty && !entry.sentence.english.isEmpty, "\(command)")
        #expect(entry.subject == spec.history.last?.record.subject || entries.count > 1)
      }
    }
    #expect(Set(Self.withoutChange.keys).isSubset(of: seen), "an exception that no event needs")
  }

  @Test func `a part that is renumbered on the day of its beginning has changed`() throws {
    var spec = spec
    let part: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil"]
    spec.given("add-sub-measure", part)
    let entries = spec.entries { $0.given("renumber-measure", ["measure": id(60).json, "number": "B"]) }
    #expect(
      entries.first?.changes.map(\.json) == [
        ["field": "code", "before": "fachkraefte.1.I.A", "after": "fachkraefte.1.I.B"]
      ])
  }

  @Test func `what a subject is, is what its changes add up to`() throws {
    let nothing: [JSON] = [.null, 0, false, []]
    // A new version may bring another ladder: the levels of issues then have other names without an event of their own.
    var stories: [String: DeciderSpecification] = [:]
    for (command, json) in CommandSamples.accepted where command != "register-plan-version" {
      var spec = CommandSamples.spec(for: command)
      spec.given(command, json, as: CommandSamples.actor(for: command))
      stories[command] = spec
    }
    for about in ["2018-09-15", "2018-10-15", "2019-01-15", "2019-02-15"] {
      stories["correct-report about \(about)"] = corrected(about: about)
    }
    stories["backdated"] = backdated
    for (story, spec) in stories {
      var known: [Subject: [String: JSON]] = [:]
      for entry in spec.timeline() {
        for change in entry.changes where !change.field.contains("@") {
          let value = known[entry.subject]?[change.field]
          #expect(
            value == change.before || value == nil && nothing.contains(change.before),
            "\(story): \(entry.type) \(change.field)")
          known[entry.subject, default: [:]][change.field] = change.after
        }
      }
      // Also what an event of another subject would have changed is missed here.
      for subject in Set(spec.history.map(\.record.subject)) {
        let told = (known[subject] ?? [:]).filter { !nothing.contains($0.value) }
        let described = SubjectDescription.fields(of: subject, in: spec.plan).filter { !nothing.contains($0.value) }
        #expect(Set(told.keys) == Set(described.map(\.name)), "\(story): \(subject)")
        for field in described { #expect(told[field.name] == field.value, "\(story): \(subject) \(field.name)") }
      }
    }
  }

  /// Three reports, the last of which turns out to be about another day.
  private func corrected(about: String) -> DeciderSpecification {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given("report-progress", Self.report("on-track", 60), on: day("2018-10-01"))
    spec.given("report-progress", Self.report("at-risk", 40), on: day("2018-11-01"))
    let report = spec.plan.size.value
    spec.given("report-progress", Self.report("off-track", 20), on: day("2019-02-01"))
    spec.given("correct-report", Self.correction(of: report, about: about))
    return spec
  }

  /// What is recorded for days before what was recorded first.
  private var backdated: DeciderSpecification {
    var spec = spec
    Self.declare(1, in: &spec, on: "2019-02-01")
    Self.declare(2, in: &spec, on: "2019-01-01")
    return spec
  }

  /// One of two versions of all that holds over time and is told otherwise than by its last wording.
  private static func declare(_ version: Int, in spec: inout DeciderSpecification, on date: String) {
    let (by, name) = (JSON.string(version == 1 ? "tu" : "hwk"), JSON.string("N\(version)"))
    spec.given("declare-unit", ["unit": "ihk", "of": by], on: day(date))
    spec.given("declare-hosting", ["body": "skip", "by": by], on: day(date))
    spec.given("declare-chair", ["body": "skip", "by": by, "kind": "chair"], on: day(date))
    spec.given("rename-institution", ["institution": "zewk", "name": name, "short": name], on: day(date))
    let measure: [JSON.Member] = [.init("measure", "fachkraefte.1.I"), .init("reason", "R")]
    spec.given(
      "grant-lead-cap-exception", .object(measure + [.init("leads", .integer(Int64(5 - version)))]), on: day(date))
    let due = JSON.string("2020-0\(version)-01")
    if version == 1 {
      for number: UInt64 in [71, 72] {
        let milestone: [JSON.Member] = [.init("id", id(number).json), .init("title", "M"), .init("due", "2020-09-01")]
        spec.given("set-milestone", .object(measure + milestone), on: day("2018-10-01"))
      }
    }
    spec.given(
      "reschedule-milestone", .object(measure + [.init("milestone", id(72).json), .init("due", due)]), on: day(date))
  }

  private static func correction(of report: Int64, about: String) -> JSON {
    ["measure": "fachkraefte.1.I", "report": .integer(report), "about": .string(about), "text": "T", "reason": "R"]
  }

  @Test func `nothing that can be erased shows`() throws {
    // A text that nothing else holds, in every field that takes free text.
    let secret = "Geheimnis-4711"
    func withSecrets<Command: PlanCommand>(_ kind: Command.Type, _ json: JSON) -> JSON {
      let texts = kind.record.fields.filter { $0.schema["maxLength"] == FreeText.schema["maxLength"] }
      return texts.reduce(json) { $0.replacing($1.name, .string(secret)) }
    }
    var count = 0
    for (command, json) in CommandSamples.accepted {
      let kind = try #require(CommandCatalogue.byName[command])
      let filled = withSecrets(kind, json)
      count += filled.text.contains(secret) ? 1 : 0
      var spec = CommandSamples.spec(for: command)
      let entries = spec.entries { $0.given(command, filled, as: CommandSamples.actor(for: command)) }
      #expect(!entries.contains { $0.json.text.contains(secret) }, "\(command)")
      for measure in spec.plan.measures.values {
        #expect(!MeasureSheet.json(measure, spec.plan, spec.today).text.contains(secret), "\(command)")
      }
    }
    #expect(count >= 5)
  }

  // MARK: - An auditor's questions

  @Test mutating func `who leads, and who led before, is one field each`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    let entries = spec.entries {
      $0.given("end-assignment", ["assignment": id(61).json, "until": "2019-07-01", "reason": "Neuer Zuschnitt"])
      $0.assign("lead", "ihk", 62, ["from": "2019-07-01", "phase": "Aufbau", "condition": "ggf."])
    }
    #expect(
      entries.map(\.told) == [
        [
          #"lead:senweb: {"from":"2018-09-04"} → "#
            + #"{"from":"2018-09-04","until":"2019-07-01"}"#
        ],
        [#"lead:ihk/Aufbau: null → {"condition":"ggf.","from":"2019-07-01"}"#],
      ])
    #expect(entries.map(\.institutions) == [[id(31).value], [id(31).value, id(32).value]])
  }

  @Test mutating func `an institution that returns to a role is told apart from its first time`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04", "until": "2019-01-01"])
    let entries = spec.entries { $0.assign("lead", "senweb", 62, ["from": "2020-01-01"]) }
    #expect(entries.flatMap(\.told) == [#"lead:senweb (2): null → {"from":"2020-01-01"}"#])
  }

  @Test mutating func `a report shows the values before and after, and not what stayed`() {
    spec.assign("lead", "senweb", 61)
    let entries = spec.entries {
      $0.given("report-progress", Self.report("on-track", 20))
      $0.given("report-progress", Self.report("at-risk", 20), on: day("2019-03-08"))
    }
    #expect(
      entries.map(\.told) == [
        [
          #"state: "planned" → "running""#, #"condition: null → "on-track""#, "percent: null → 20", "reports: 0 → 1",
        ],
        [
          #"condition: "on-track" → "at-risk""#, "reports: 1 → 2",
        ],
      ])
  }

  @Test mutating func `what is contributed shows, and what takes its place`() {
    spec.assign("lead", "senweb", 61)
    spec.assign("contributor", "tu", 62)
    let first = spec.plan.size.value
    let entries = spec.entries {
      $0.given("report-progress", Self.report("on-track", 20).replacing("institution", "tu"))
      $0.given(
        "correct-report",
        [
          "measure": "fachkraefte.1.I", "report": .integer(first), "condition": "at-risk", "percent": 10, "text": "T",
          "reason": "R",
        ])
    }
    let reported = #"{"about":"2019-03-01","condition":"on-track","institution":"tu","percent":20}"#
    let corrected = #"{"about":"2019-03-01","condition":"at-risk","institution":"tu","percent":10}"#
    #expect(entries.first?.told.contains("report:\(first): null → \(reported)") == true)
    #expect(entries.last?.told == ["report:\(first): \(reported) → \(corrected)"])
  }

  @Test mutating func `who corrects the past is seen, though nothing of today changes`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given("report-progress", Self.report("on-track", 10), on: day("2018-10-01"))
    spec.given("report-progress", Self.report("on-track", 40), on: day("2019-02-01"))
    let entries = spec.entries {
      $0.given("report-progress", Self.report("at-risk", 5), as: .lead("senweb"), on: day("2018-12-01"))
    }
    #expect(
      entries.map(\.told) == [
        [
          #"condition@2018-12-01: "on-track" → "at-risk""#, "percent@2018-12-01: 10 → 5", "reports: 2 → 3",
        ]
      ])
    #expect(entries.first?.actor == .sample(9002))
    #expect(entries.first?.onBehalfOf == Subject("institutions", id(31).value))
    #expect(entries.first?.effectiveDate == day("2018-12-01"))
  }

  @Test mutating func `a report that moves to another day is seen there, and where it no longer stands`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given("report-progress", Self.report("on-track", 60), on: day("2018-10-01"))
    let report = spec.plan.size.value
    spec.given("report-progress", Self.report("off-track", 20), on: day("2019-02-01"))
    let entries = spec.entries { $0.given("correct-report", Self.correction(of: report, about: "2018-09-15")) }
    #expect(
      entries.map(\.told) == [
        [
          #"state@2018-09-15: "planned" → "running""#, #"condition: "off-track" → "on-track""#,
          #"condition@2018-09-15: null → "off-track""#, "percent: 20 → 60", "percent@2018-09-15: null → 20",
        ]
      ])
  }

  @Test mutating func `what holds before and after a correction is no change`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    let report = spec.plan.size.value
    spec.given("report-progress", Self.report("on-track", 20), on: day("2019-02-01"))
    let entries = spec.entries { $0.given("correct-report", Self.correction(of: report, about: "2019-01-15")) }
    #expect(
      entries.map(\.told) == [
        [
          #"state@2019-01-15: "planned" → "running""#, #"condition@2019-01-15: null → "on-track""#,
          "percent@2019-01-15: null → 20",
        ]
      ])
  }

  @Test mutating func `whatever holds over time shows where it is backdated`() {
    Self.declare(1, in: &spec, on: "2019-02-01")
    let entries = spec.entries { Self.declare(2, in: &$0, on: "2019-01-01") }
    #expect(
      entries.map(\.told) == [
        [#"unitOf@2019-01-01: null → "hwk""#], [#"hostedBy@2019-01-01: null → "hwk""#],
        [#"chair@2019-01-01: null → {"by":"hwk","kind":"chair"}"#],
        [#"short@2019-01-01: null → "N2""#, #"name@2019-01-01: "Institution zewk" → "N2""#],
        ["leadCap@2019-01-01: null → 3"],
        [
          #"milestone:M (2)@2019-01-01: {"beyondTerm":false,"due":"2020-09-01"} → "#
            + #"{"beyondTerm":false,"due":"2020-02-01"}"#
        ],
      ])
  }

  @Test mutating func `what was known on a day is what the entries up to it say`() {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given("report-progress", Self.report("on-track", 10), on: day("2018-10-01"))
    let known = spec.plan.size.nextPosition
    spec.given("report-progress", Self.report("off-track", 5), on: day("2018-10-01"))
    func percent(_ entries: [TimelineEntry]) -> JSON? {
      entries.flatMap(\.changes).last { $0.field == "percent" }?.after
    }
    let entries = spec.timeline()
    #expect(percent(entries.filter { $0.position < known }) == 10)
    #expect(percent(entries) == 5)
    #expect(entries.last?.told.contains(#"condition: "on-track" → "off-track""#) == true)
  }

  @Test mutating func `a new name shows beside the old one`() {
    let entries = spec.entries {
      $0.given("revise-wording", ["item": "senweb", "title": "Neue Verwaltung"], on: day("2020-01-01"))
      $0.given("revise-wording", ["item": "fachkraefte.1.I", "title": "Neuer Titel"])
      $0.given("revise-wording", ["item": "fachkraefte", "title": "Fachkräfte sichern"])
    }
    #expect(
      entries.map(\.told) == [
        [#"name: "Institution senweb" → "Neue Verwaltung""#], [#"title: "Maßnahme I" → "Neuer Titel""#],
        [#"title: "Fachkräfte" → "Fachkräfte sichern""#],
      ])
  }

  @Test mutating func `something new is told by what it is, without what is empty`() {
    let entries = spec.entries {
      $0.given(
        "add-sub-measure",
        ["id": id(70).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil", "source": ["S2:9"]])
    }
    #expect(
      entries.flatMap(\.told) == [
        #"code: null → "fachkraefte.1.I.A""#, #"title: null → "Teil""#, #"kind: null → "deliver""#,
        #"partOf: null → "fachkraefte.1.I""#, #"state: null → "planned""#, #"source: null → ["S2:9"]"#,
      ])
  }

  @Test mutating func `members, links and issues show by name`() {
    let entries = spec.entries {
      $0.given("add-group-member", ["group": "kammern", "member": "tu", "from": "2019-04-01"])
      $0.given(
        "declare-dependency", ["id": id(71).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"])
      $0.given(
        "raise-issue",
        ["id": id(72).json, "measure": "fachkraefte.1.I", "kind": "question", "institution": "ihk", "text": "T"])
      $0.given("escalate-issue", ["issue": id(72).json, "deadline": "2019-06-30"])
    }
    #expect(
      entries.map(\.told) == [
        [#"member:tu: null → {"from":"2019-04-01"}"#], [#"link:depends-on:fachkraefte.1.II: null → {"source":[]}"#],
        [
          #"kind: null → "question""#, #"measure: null → "fachkraefte.1.I""#, #"institution: null → "ihk""#,
          #"state: null → "raised""#, #"level: null → "lead""#,
        ],
        [
          #"state: "raised" → "escalated""#, #"level: "lead" → "office""#, #"deadline: null → "2019-06-30""#,
        ],
      ])
  }

  // MARK: - The form

  @Test mutating func `an entry has exactly the agreed form`() throws {
    spec.assign("lead", "senweb", 61)
    let entry = try #require(spec.timeline().last)
    #expect(
      entry.json.members?.map(\.key) == [
        "position", "type", "recordedAt", "effectiveDate", "actor", "onBehalfOf", "subject", "summary", "changes",
      ])
    #expect(entry.json["type"] == "org.federwerk.measure.lead-assigned.v1")
    #expect(entry.json["actor"] == .string("users/\(id(9001))"))
    #expect(entry.json["onBehalfOf"] == .string("institutions/\(id(31))"))
    #expect(entry.json["subject"] == .string("measures/\(id(21))"))
    #expect(entry.json["summary"]?.members?.map(\.key) == ["de", "en"])
    #expect(entry.json["changes"]?.array?.first?.members?.map(\.key) == ["field", "before", "after"])
    let rehearsed = try #require(spec.timeline(source: .simulation).last)
    #expect(rehearsed.json["simulated"] == true)
    #expect(rehearsed.json["recordedSource"] == "simulation")
  }

  private static func report(_ condition: String, _ percent: Int) -> JSON {
    [
      "measure": "fachkraefte.1.I", "institution": "senweb", "condition": .string(condition),
      "percent": .integer(Int64(percent)), "text": "T",
    ]
  }
}

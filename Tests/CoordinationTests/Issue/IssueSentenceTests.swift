import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct IssueSentenceTests {
  /// Folds what a command yields and reads the sentences of it.
  private func sentences(
    _ spec: inout DeciderSpecification, _ command: String, _ json: JSON, as actor: PlanActor = .office
  ) throws -> [LocalizedText] {
    let json = JSON.object([.init("issue", id(60).json)] + (json.members ?? []))
    let events = try spec.when(
      command, command == "complete-follow-up" ? json.replacing("issue", nil) : json, as: actor
    )
    .result.get()
    spec.record(events, as: actor, on: spec.today)
    let plan = spec.plan
    return events.compactMap { event in
      let record = EventRecord(
        position: Position(0), subject: event.subject, recordedAt: Timestamp(microsecondsSinceEpoch: 0),
        effectiveDate: spec.today, actor: actor.id, recordedSource: .api)
      return event.fact.sentence(in: plan, record)
    }
  }

  @Test func `what happens to an issue is told in both languages`() throws {
    var spec = IssueStory.begun
    let steps: [(String, JSON, [LocalizedText])] = [
      (
        "take-up-issue", [:],
        [
          LocalizedText(
            de: "Die Meldung vom 1.3.2019 zu fachkraefte.1.I wird aufgenommen.",
            en: "The issue of 1 March 2019 about fachkraefte.1.I is taken up.")
        ]
      ),
      (
        "propose-solution", ["text": "T"],
        [
          LocalizedText(
            de: "Die Geschäftsstelle schlägt eine Lösung für die Meldung vom 1.3.2019 zu fachkraefte.1.I vor.",
            en: "The office proposes a solution for the issue of 1 March 2019 about fachkraefte.1.I.")
        ]
      ),
      (
        "escalate-issue", ["deadline": "2019-06-30", "urgent": true, "level": "skip", "reason": "R"],
        [
          LocalizedText(
            de:
              "Die Meldung vom 1.3.2019 zu fachkraefte.1.I wird als eilig an die Stufe „Steuerungskreis“ eskaliert; "
              + "zu entscheiden ist bis 30.6.2019.",
            en:
              "The issue of 1 March 2019 about fachkraefte.1.I is escalated as urgent to the level “Steuerungskreis”; "
              + "a decision is due by 30 June 2019.")
        ]
      ),
      (
        "decide-escalation",
        [
          "body": "skip", "outcome": "decide",
          "followUps": [["id": id(71).json, "text": "T", "responsible": "tu", "due": "2019-12-31"]],
        ],
        [
          LocalizedText(
            de: "skip entscheidet über die Meldung vom 1.3.2019 zu fachkraefte.1.I.",
            en: "skip decides on the issue of 1 March 2019 about fachkraefte.1.I."),
          LocalizedText(
            de: "tu erhält zur Meldung vom 1.3.2019 zu fachkraefte.1.I einen Folgeauftrag bis 31.12.2019.",
            en: "tu is to follow up on the issue of 1 March 2019 about fachkraefte.1.I by 31 December 2019."),
        ]
      ),
      (
        "complete-follow-up", ["followUp": id(71).json],
        [
          LocalizedText(
            de: "tu hat den Folgeauftrag zur Meldung vom 1.3.2019 zu fachkraefte.1.I erledigt.",
            en: "tu has completed the follow-up on the issue of 1 March 2019 about fachkraefte.1.I.")
        ]
      ),
    ]
    for (command, json, expected) in steps {
      #expect(try sentences(&spec, command, json) == expected, "\(command)")
    }
  }

  @Test func `every fact about issues has a sentence of its own, also about what is not known`() throws {
    let kinds = FactCatalogue.byType.filter { $0.key.hasPrefix("org.federwerk.issue.") }
    #expect(kinds.count >= 15)
    let record = EventRecord(
      position: Position(0), subject: Subject("issues", id(60).value),
      recordedAt: Timestamp(microsecondsSinceEpoch: 0), effectiveDate: day("2019-03-01"), actor: .system("clock"),
      recordedSource: .clock)
    for (type, kind) in kinds {
      let fact = try #require(FactCatalogue.fact(type: type, data: FactSamples.data(of: kind)))
      for plan in [Plan(id: id(0).value), IssueStory.begun.plan] {
        let sentence = fact.sentence(in: plan, record)
        #expect(sentence.german.hasSuffix(".") && sentence.english.hasSuffix("."), "\(type)")
        #expect(!sentence.german.contains("org.federwerk") && sentence.german != sentence.english, "\(type)")
      }
    }
  }
}

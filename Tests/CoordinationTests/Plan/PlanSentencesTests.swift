import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct PlanSentencesTests {
  /// The last sentence of a command, told of the plan that holds its events already.
  private func sentence(_ command: String, _ json: JSON) throws -> LocalizedText {
    var spec = CommandSamples.spec(for: command)
    let actor = CommandSamples.actor(for: command)
    let events = try spec.when(command, json, as: actor).result.get()
    spec.record(events, as: actor, on: spec.today)
    let event = try #require(events.last)
    // Read back without disclosures: a sentence needs none.
    let fact = try #require(FactCatalogue.fact(type: type(of: event.fact).type, data: event.storedData()))
    return fact.sentence(
      in: spec.plan,
      EventRecord(
        position: Position(spec.plan.size.value - 1), subject: event.subject,
        recordedAt: Timestamp(microsecondsSinceEpoch: 0), effectiveDate: spec.today, actor: actor.id,
        recordedSource: .api))
  }

  @Test(arguments: [
    ("create-plan", "Der Plan n „T“ wurde angelegt.", "The plan n, “T”, was created."),
    (
      "register-plan-version", "Die Fassung b mit der Laufzeit 1.1.2022 bis 31.12.2025 wurde angelegt.",
      "The version b with a term from 1 January 2022 to 31 December 2025 was registered."
    ),
    ("register-document", "Das Dokument S9 „T“ wurde angelegt.", "The document S9, “T”, was registered."),
    ("declare-stated-figure", "Der Plan gibt an: L 11.", "The plan states 11 goals."),
    ("cite-source", "Für senweb wurde S2:1-2 als Fundstelle angegeben.", "S2:1-2 was cited for senweb."),
    (
      "note-other-title", "fachkraefte erscheint auch unter dem Titel „O“.",
      "fachkraefte also appears under the title “O”."
    ),
    ("add-action-field", "Das Handlungsfeld n „T“ wurde angelegt.", "The action field n, “T”, was added."),
    ("add-theme-cluster", "Das Themencluster n „T“ wurde angelegt.", "The theme cluster n, “T”, was added."),
    ("set-goal", "Das Ziel fachkraefte.z „T“ wurde gesetzt.", "The goal fachkraefte.z, “T”, was set."),
    (
      "add-task-field", "Das Aufgabenfeld fachkraefte.9 „T“ wurde angelegt.",
      "The task field fachkraefte.9, “T”, was added."
    ),
    (
      "add-measure", "Die Maßnahme fachkraefte.1.XX „T“ wurde angelegt.",
      "The measure fachkraefte.1.XX, “T”, was added."
    ),
    (
      "add-sub-measure", "Die Teilmaßnahme fachkraefte.1.I.Z „T“ wurde angelegt.",
      "The sub-measure fachkraefte.1.I.Z, “T”, was added."
    ),
    (
      "revise-wording", "Der Wortlaut von fachkraefte.1.I heißt ab 2.4.2019 „Neu“.",
      "The wording of fachkraefte.1.I is “Neu” from 2 April 2019."
    ),
    ("revise-goal", "Das Ziel fachkraefte.y lautet jetzt „Neu“.", "The goal fachkraefte.y now reads “Neu”."),
    (
      "move-measure", "Die Maßnahme „Maßnahme II“ wurde nach fachkraefte.2 umgehängt und heißt jetzt fachkraefte.2.V.",
      "The measure “Maßnahme II” moved to fachkraefte.2 and now is fachkraefte.2.V."
    ),
    (
      "renumber-measure", "Die Maßnahme „Maßnahme II“ wurde umnummeriert und heißt jetzt fachkraefte.1.V.",
      "The measure “Maßnahme II” was renumbered and now is fachkraefte.1.V."
    ),
    (
      "carry-over-measure",
      "Die Maßnahme fachkraefte.1.II wurde als fachkraefte.2.V in die Fassung 2019-2025 übernommen.",
      "The measure fachkraefte.1.II was carried over into the version 2019-2025 as fachkraefte.2.V."
    ),
    (
      "adopt-plan", "Die Fassung 2018-2021 wurde am 4.9.2018 von senat beschlossen (S-1/2018).",
      "The version 2018-2021 was adopted by senat on 4 September 2018 (S-1/2018)."
    ),
    (
      "extend-plan-term", "Die Laufzeit der Fassung 2018-2021 wurde bis 31.12.2023 verlängert.",
      "The term of the version 2018-2021 was extended to 31 December 2023."
    ),
    (
      "close-plan", "Die Fassung 2018-2021 ist ab 1.4.2019 abgeschlossen.",
      "The version 2018-2021 is closed from 1 April 2019."
    ),
    (
      "start-successor-version", "Die Fassung b schreibt die Fassung 2019-2025 fort.",
      "The version b continues the version 2019-2025."
    ),
    (
      "configure-lists", "Listen des Plans: Zustände gut, schlecht; Horizonte bald.",
      "Lists of the plan: conditions gut, schlecht; horizons bald."
    ),
    (
      "open-log-epoch", "Nach der Epoche 1 wurde eine neue Logepoche geöffnet; veröffentlicht waren 7 Ereignisse.",
      "A new epoch of the log was opened after epoch 1, of which 7 events had been published."
    ),
    (
      "record-view-digests", "Was die Sichten nach Ereignis 1 zeigen, wurde als Prüfsummen festgehalten.",
      "What the views show after event 1 was recorded as digests."
    ),
  ])
  func `every event says what happened in both languages`(command: String, german: String, english: String) throws {
    let said = try sentence(command, try #require(CommandSamples.accepted[command]))
    #expect(said.german == german)
    #expect(said.english == english)
  }

  @Test func `what is unknown is called by its id`() {
    let plan = DeciderSpecification.masterplan().plan
    func name(_ number: UInt64) -> String { plan.name(of: id(number).value, on: day("2019-03-01")) }
    #expect(name(999) == id(999).description)
    #expect(name(51) == "bek")
    #expect(name(10) == "innovation")
    #expect(name(0) == "industriestadt")
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct MeasureSentencesTests {
  private static let one: JSON = ["measure": "fachkraefte.1.I"]

  private var spec: DeciderSpecification {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "tu", 60)
    spec.assign("contributor", "ihk", 61)
    return spec
  }

  @Test func `what was reported and corrected`() throws {
    var spec = spec
    let report = Self.one.replacing("condition", "at-risk").replacing("text", "Geheim")
    var told = try spec.told("report-progress", report.replacing("percent", 40), as: .lead("tu"))
    #expect(told.german == "tu meldet für fachkraefte.1.I zum 1.3.2019: gefährdet, 40 %.")
    #expect(told.english == "tu reports fachkraefte.1.I as of 1 March 2019: at risk, 40 %.")
    told = try spec.told(
      "correct-report",
      Self.one.replacing("report", .integer(spec.plan.size.value - 1)).replacing("percent", 30).replacing(
        "reason", "R"),
      as: .lead("tu"))
    #expect(told.german == "Die Meldung von tu für fachkraefte.1.I zum 1.3.2019 wird berichtigt: gefährdet, 30 %.")
    #expect(told.english == "The report by tu on fachkraefte.1.I as of 1 March 2019 is corrected: at risk, 30 %.")
    told = try spec.told("report-progress", report, as: .contributor("ihk"))
    #expect(told.german == "ihk meldet den eigenen Beitrag zu fachkraefte.1.I zum 1.3.2019: gefährdet.")
    #expect(told.english == "ihk reports its own part of fachkraefte.1.I as of 1 March 2019: at risk.")
  }

  @Test func `what was planned`() throws {
    var spec = spec
    var told = try spec.told("prioritise-measure", Self.one.replacing("rank", 2).replacing("horizon", "long-term"))
    #expect(told.german == "fachkraefte.1.I wird ab 1.3.2019 priorisiert: Rang 2, long-term.")
    #expect(told.english == "fachkraefte.1.I is prioritised from 1 March 2019: rank 2, long-term.")
    told = try spec.told("schedule-measure", Self.one.replacing("from", "2019-07-01").replacing("until", "2020-06-30"))
    #expect(told.german == "fachkraefte.1.I ist von 1.7.2019 bis 30.6.2020 geplant.")
    #expect(told.english == "fachkraefte.1.I is planned from 1 July 2019 until 30 June 2020.")
    told = try spec.told(
      "set-milestone",
      Self.one.replacing("id", id(70).json).replacing("title", "Konzept").replacing("due", "2019-12-31"))
    #expect(told.german == "fachkraefte.1.I soll bis 31.12.2019 den Meilenstein „Konzept“ erreichen.")
    #expect(told.english == "fachkraefte.1.I is to reach the milestone “Konzept” by 31 December 2019.")
    let milestone = Self.one.replacing("milestone", id(70).json)
    told = try spec.told("reschedule-milestone", milestone.replacing("due", "2020-01-31"))
    #expect(told.german == "Der Meilenstein „Konzept“ von fachkraefte.1.I wird auf 31.1.2020 verschoben.")
    #expect(told.english == "The milestone “Konzept” of fachkraefte.1.I is moved to 31 January 2020.")
    told = try spec.told("reach-milestone", milestone)
    #expect(told.german == "fachkraefte.1.I hat am 1.3.2019 den Meilenstein „Konzept“ erreicht.")
    #expect(told.english == "fachkraefte.1.I reached the milestone “Konzept” on 1 March 2019.")
  }

  @Test func `what was done`() throws {
    var spec = spec
    var told = try spec.told("start-phase", Self.one.replacing("phase", "Aufbau"))
    #expect(told.german == "In fachkraefte.1.I beginnt am 1.3.2019 die Phase „Aufbau“.")
    #expect(told.english == "In fachkraefte.1.I the phase “Aufbau” starts on 1 March 2019.")
    told = try spec.told("end-phase", Self.one.replacing("phase", "Aufbau"))
    #expect(told.german == "In fachkraefte.1.I endet am 1.3.2019 die Phase „Aufbau“.")
    #expect(told.english == "In fachkraefte.1.I the phase “Aufbau” ends on 1 March 2019.")
    told = try spec.told("record-deliverable", Self.one.replacing("deliverable", "Broschüre"))
    #expect(told.german == "fachkraefte.1.I hat seit 1.3.2019 ein Ergebnis: Broschüre.")
    #expect(told.english == "fachkraefte.1.I has a deliverable since 1 March 2019: Broschüre.")
    told = try spec.told("note-resources", Self.one.replacing("fund", "SIWANA").replacing("amount", 5000))
    #expect(told.german == "Zu fachkraefte.1.I sind Ressourcen festgehalten: SIWANA, 5000 €.")
    #expect(told.english == "Resources of fachkraefte.1.I are noted: SIWANA, 5000 €.")
    told = try spec.told("note-resources", Self.one.replacing("text", "Geheim"))
    #expect(told.german == "Zu fachkraefte.1.I sind Ressourcen festgehalten.")
    told = try spec.told("highlight-measure", Self.one.replacing("reason", "R"))
    #expect(told.german == "fachkraefte.1.I ist ab 1.3.2019 herausgehoben.")
    #expect(told.english == "fachkraefte.1.I is highlighted from 1 March 2019.")
    told = try spec.told(
      "request-support", Self.one.replacing("id", id(70).json).replacing("text", "Geheim"), as: .lead("tu"))
    #expect(told.german == "tu bittet die Geschäftsstelle um Unterstützung für fachkraefte.1.I.")
    #expect(told.english == "tu asks the office for support with fachkraefte.1.I.")
    told = try spec.told("grant-support", Self.one.replacing("request", id(70).json))
    #expect(told.german == "Die Geschäftsstelle sagt tu Unterstützung für fachkraefte.1.I zu.")
    #expect(told.english == "The office grants tu support with fachkraefte.1.I.")
  }

  @Test func `how its state changed`() throws {
    var spec = spec
    spec.given("start-phase", Self.one.replacing("phase", "Aufbau"))
    let reasoned = Self.one.replacing("reason", "Geheim")
    let story: [(String, JSON, String, String)] = [
      ("pause-measure", reasoned, "ruht ab 1.3.2019.", "rests from 1 March 2019."),
      ("resume-measure", reasoned, "läuft ab 1.3.2019 wieder.", "runs again from 1 March 2019."),
      ("complete-measure", reasoned, "ist am 1.3.2019 abgeschlossen.", "is completed on 1 March 2019."),
      ("reopen-measure", reasoned, "ist ab 1.3.2019 wieder geöffnet.", "is open again from 1 March 2019."),
      ("complete-measure", reasoned, "ist am 1.3.2019 abgeschlossen.", "is completed on 1 March 2019."),
      ("make-permanent", reasoned, "ist ab 1.3.2019 verstetigt.", "is permanent from 1 March 2019."),
      (
        "discontinue-measure", reasoned.replacing("decision", "17/2019"),
        "ist ab 1.3.2019 eingestellt (Beschluss: 17/2019).", "is discontinued from 1 March 2019 (decision: 17/2019)."
      ),
    ]
    for (command, json, german, english) in story {
      let told = try spec.told(command, json)
      #expect(told.german == "fachkraefte.1.I \(german)")
      #expect(told.english == "fachkraefte.1.I \(english)")
    }
  }

  @Test func `how an examination ended`() throws {
    var spec = spec
    spec.given(
      "add-measure",
      ["cluster": "fachkraefte", "taskField": 1, "numeral": "IV", "title": "Prüfen", "kind": "examine"])
    let told = try spec.told(
      "conclude-examination", ["measure": "fachkraefte.1.IV", "result": "partly", "reason": "Geheim"])
    #expect(told.german == "Der Prüfauftrag fachkraefte.1.IV ist am 1.3.2019 abgeschlossen, Ergebnis: teilweise.")
    #expect(told.english == "The examination fachkraefte.1.IV is concluded on 1 March 2019, result: partly.")
  }
}

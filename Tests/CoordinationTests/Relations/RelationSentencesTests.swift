import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RelationSentencesTests {
  @Test func `what was linked, and what is no longer`() throws {
    var spec = DeciderSpecification.masterplan()
    let story: [(String, JSON, String, String)] = [
      (
        "register-strategy", ["slug": "bso", "title": "Strategie BSO"], "Der Plan nimmt Bezug auf bso: Strategie BSO.",
        "The plan refers to bso: Strategie BSO."
      ),
      (
        "link-strategy", ["id": id(60).json, "measure": "fachkraefte.1.I", "strategy": "bek"],
        "fachkraefte.1.I ist mit der Strategie bek verknüpft.", "fachkraefte.1.I is linked to the strategy bek."
      ),
      (
        "link-measures", ["id": id(61).json, "measure": "fachkraefte.1.I", "to": "fachkraefte.1.II"],
        "fachkraefte.1.I und fachkraefte.1.II verweisen aufeinander.",
        "fachkraefte.1.I and fachkraefte.1.II refer to each other."
      ),
      (
        "declare-dependency", ["id": id(62).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.III"],
        "fachkraefte.1.I wartet auf fachkraefte.1.III.", "fachkraefte.1.I waits for fachkraefte.1.III."
      ),
      (
        "lift-dependency", ["link": id(62).json, "reason": "Geheim"],
        "fachkraefte.1.I wartet ab 1.3.2019 nicht mehr auf fachkraefte.1.III.",
        "fachkraefte.1.I no longer waits for fachkraefte.1.III from 1 March 2019."
      ),
      (
        "declare-cross-cutting", ["id": id(63).json, "theme": "Digitalisierung"],
        "Digitalisierung ist ab 1.3.2019 Querschnittsthema.",
        "Digitalisierung is a cross-cutting theme from 1 March 2019."
      ),
      (
        "end-link", ["link": id(60).json, "reason": "Geheim"],
        "Der Verweis von fachkraefte.1.I auf bek endet am 1.3.2019.",
        "The link from fachkraefte.1.I to bek ends on 1 March 2019."
      ),
      (
        "end-link", ["link": id(63).json],
        "Der Verweis von industriestadt auf Digitalisierung endet am 1.3.2019.",
        "The link from industriestadt to Digitalisierung ends on 1 March 2019."
      ),
      (
        "link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"],
        "fachkraefte.1.I wird ab 1.3.2019 im Programm bek als W-14 geführt.",
        "fachkraefte.1.I is led by the programme bek as W-14 from 1 March 2019."
      ),
      (
        "record-external-status",
        [
          "programme": "bek", "externalID": "W-14", "statusID": "1", "status": "läuft", "percent": 5,
          "date": "2019-02-01",
        ],
        "bek meldet für fachkraefte.1.I (W-14) zum 1.2.2019: läuft, 5 %.",
        "bek reports fachkraefte.1.I (W-14) as of 1 February 2019: läuft, 5 %."
      ),
      (
        "end-link", ["external": "fachkraefte.1.I"],
        "Der Verweis von fachkraefte.1.I auf bek W-14 endet am 1.3.2019.",
        "The link from fachkraefte.1.I to bek W-14 ends on 1 March 2019."
      ),
    ]
    for (command, json, german, english) in story {
      let told = try spec.told(command, json)
      #expect(told.german == german)
      #expect(told.english == english)
    }
  }
}

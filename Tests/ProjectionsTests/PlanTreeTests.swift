import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct PlanTreeTests {
  private func tree(_ spec: DeciderSpecification, on date: String = "2019-03-01") -> JSON {
    PlanTree.json(of: spec.plan, validAt: day(date))
  }

  private func report(_ spec: inout DeciderSpecification, _ measure: String, _ condition: JSON, _ percent: JSON) {
    let code: JSON = .string("fachkraefte.1.\(measure)")
    spec.given("assign-lead", ["measure": code, "institution": "tu"])
    spec.given(
      "report-progress", ["measure": code, "condition": condition, "percent": percent], as: .lead("tu"))
  }

  /// Measure I with two parts, one of them delivered; measure II reported; measure III delivered elsewhere.
  private var underWay: DeciderSpecification {
    var spec = DeciderSpecification.masterplan()
    for part in ["A", "B"] as [JSON] {
      spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": part, "title": part])
    }
    report(&spec, "I.A", "off-track", 20)
    report(&spec, "I.B", "on-track", 100)
    spec.given("complete-measure", ["measure": "fachkraefte.1.I.B"])
    report(&spec, "II", "on-track", 30)
    spec.given("link-external-measure", ["measure": "fachkraefte.1.III", "programme": "bek", "externalID": "W-14"])
    return spec
  }

  @Test func `what follows from the measures shows on every level above them`() throws {
    let tree = tree(underWay)
    let expected: JSON = [
      "state": "running", "condition": "off-track", "percent": 45, "counted": 2, "reported": 2, "external": 1,
      "states": [
        "proposed": 0, "admitted": 0, "planned": 0, "running": 2, "paused": 0, "completed": 0, "permanent": 0,
        "discontinued": 0,
      ],
    ]
    let field = try #require(tree["actionFields"]?.array?.first)
    let cluster = try #require(field["clusters"]?.array?.first)
    let taskField = try #require(cluster["taskFields"]?.array?.first)
    for level in [tree, field, cluster, taskField] { #expect(level["rollUp"] == expected) }
  }

  @Test func `a measure with parts shows what follows from them, beside what was said of it`() throws {
    var spec = underWay
    spec.given("assign-lead", ["measure": "fachkraefte.1.I", "institution": "ihk"])
    spec.given(
      "report-progress", ["measure": "fachkraefte.1.I", "condition": "at-risk"], as: .lead("ihk"))
    let cluster = tree(spec)["actionFields"]?.array?.first?["clusters"]?.array?.first
    let measures = try #require(cluster?["taskFields"]?.array?.first?["measures"]?.array)
    let board = MeasureBoard.items(of: spec.plan, validAt: spec.today).map(\.json)
    for shown in [measures, board] {
      #expect(shown.map { $0["state"] } == ["running", "running", "external"])
      #expect(shown.map { $0["percent"] } == [60, 30, .null])
      #expect(shown.map { $0["condition"] } == ["at-risk", "on-track", "not-assessed"])
      #expect(shown[0]["rollUp"]?["condition"] == "off-track")
      #expect(shown[0]["rollUp"]?["states"]?["completed"] == 1)
      #expect(shown[1]["rollUp"] == .null)
    }
  }

  @Test func `a figure that the plan states stands beside the real one`() throws {
    var spec = DeciderSpecification.masterplan()
    for (slug, value) in [("eleven", 11), ("one", 1)] as [(JSON, JSON)] {
      spec.given(
        "declare-stated-figure", ["slug": slug, "label": "Themencluster", "counts": "theme-clusters", "value": value])
    }
    let figures = try #require(tree(spec)["statedFigures"]?.array)
    #expect(figures.map { $0["counted"] } == [1, 1])
    #expect(figures.map { $0["agrees"] } == [false, true])
  }

  @Test func `a version says how its lists are called, how it was adopted and what became of it`() throws {
    var spec = DeciderSpecification.masterplan()
    #expect(tree(spec)["version"]?["adoption"] == .null)
    #expect(tree(spec)["version"]?["labels"] == [])
    spec.given("adopt-plan", ["resolution": "S-1234/2018", "date": "2018-09-04", "body": "senat"])
    spec.given(
      "configure-lists",
      [
        "conditions": ["on-track", "off-track", "not-assessed"], "horizons": ["soon"],
        "labels": [["slug": "soon", "de": "bald", "en": "soon"]],
      ])
    let version = try #require(tree(spec)["version"])
    #expect(version["adoption"] == ["date": "2018-09-04", "resolution": "S-1234/2018", "body": "senat"])
    #expect(version["labels"] == [["slug": "soon", "de": "bald", "en": "soon"]])
    #expect(version["horizons"] == ["soon"])
    #expect(version["closedOn"] == .null)
    #expect(version["continues"] == .null)
  }

  @Test func `all versions show, each with the one that it continues`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("close-plan", ["date": "2021-12-31", "reason": "R"])
    spec.given(
      "start-successor-version", ["slug": "2022", "title": "Fassung 2022", "from": "2022-01-01", "until": "2025-12-31"])
    let versions = try #require(tree(spec)["versions"]?.array)
    #expect(versions.map { $0["slug"] } == ["2018-2021", "2022"])
    #expect(versions.map { $0["continues"] } == [.null, "2018-2021"])
    #expect(versions.map { $0["continuedBy"] } == [["2022"], []])
    #expect(versions.map { $0["closedOn"] } == ["2021-12-31", .null])
    #expect(tree(spec)["version"]?["slug"] == "2018-2021")
    let later = PlanTree.json(of: spec.plan, validAt: day("2022-01-01"))
    #expect(later["version"]?["slug"] == "2022")
    let before = PlanTree.json(of: spec.plan, validAt: day("2010-01-01"))
    #expect(before["version"]?["slug"] == "2018-2021")
  }

  @Test func `the wording of a day is that of the day, for the plan and all that it is made of`() {
    var spec = DeciderSpecification.masterplan()
    let old = PlanTree.json(of: spec.plan, validAt: day("2019-12-31")).text
    let field = spec.plan.actionFields[0].id.description
    for item in ["industriestadt", "fachkraefte", .string(field)] as [JSON] {
      spec.given(
        "revise-wording", ["item": item, "title": "Neuer Wortlaut", "reason": "R", "source": ["S2:1"]],
        on: day("2020-01-01"))
    }
    #expect(PlanTree.json(of: spec.plan, validAt: day("2019-12-31")).text == old)
    #expect(PlanTree.json(of: spec.plan, validAt: day("2020-01-01")).text.split(separator: "Neuer Wortlaut").count == 4)
  }

  @Test func `what is set for a later day is neither shown nor counted before it`() throws {
    var spec = DeciderSpecification.masterplan()
    let before = tree(spec)
    let later = day("2021-06-01")
    spec.given("add-action-field", ["number": 2, "slug": "standort", "title": "Standort"], on: later)
    spec.given("add-theme-cluster", ["actionField": "innovation", "slug": "energie", "title": "Energie"], on: later)
    spec.given("set-goal", ["cluster": "fachkraefte", "letter": "b", "title": "Mehr Vielfalt"], on: later)
    spec.given("add-task-field", ["cluster": "fachkraefte", "number": 2, "title": "Weiterbildung"], on: later)
    #expect(tree(spec, on: "2021-05-31")["actionFields"] == before["actionFields"])
    #expect(tree(spec, on: "2021-05-31")["counts"] == before["counts"])
    let after = tree(spec, on: "2021-06-01")
    let clusters = try #require(after["actionFields"]?.array?.first?["clusters"]?.array)
    #expect(clusters.map { $0["slug"] } == ["fachkraefte", "energie"])
    #expect(clusters.first?["goals"]?.array?.count == 2 && clusters.first?["taskFields"]?.array?.count == 2)
    for counted in ["action-fields", "theme-clusters", "goals", "task-fields"] {
      #expect(after["counts"]?[counted] == 2, "\(counted)")
    }
  }

  @Test func `what a measure was placed in before it was there is shown with the measure`() throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("add-theme-cluster", ["actionField": "innovation", "slug": "energie", "title": "Energie"])
    spec.given("add-task-field", ["cluster": "energie", "number": 1, "title": "Netze"])
    let earlier = spec.today.advanced(byDays: -20)
    #expect(!tree(spec, on: earlier.description).text.contains("energie"))
    spec.given(
      "add-measure", ["cluster": "energie", "taskField": 1, "numeral": "I", "title": "T"],
      on: earlier)
    let shown = tree(spec, on: earlier.description)
    let clusters = try #require(shown["actionFields"]?.array?.first?["clusters"]?.array)
    #expect(clusters.last?["slug"] == "energie" && clusters.last?["counts"]?["measures"] == 1)
    let counted = clusters.reduce(0) { $0 + ($1["counts"]?["measures"]?.integer ?? 0) }
    #expect(shown["counts"]?["measures"] == .integer(counted))
  }

  @Test func `issues about parts count where their measure does`() {
    var spec = DeciderSpecification.masterplan()
    spec.given("add-sub-measure", ["id": id(70).json, "measure": "fachkraefte.1.I", "part": "Z", "title": "T"])
    let before = tree(spec).text.split(separator: #""openIssues":1"#).count
    spec.given("raise-issue", ["measure": id(70).json, "kind": "question", "text": "T"])
    #expect(tree(spec).text.split(separator: #""openIssues":1"#).count == before + 1)
  }
}

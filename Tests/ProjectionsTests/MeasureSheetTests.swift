import Coordination
import EventSourcing
import PlanSpecification
import Projections
import Testing

struct MeasureSheetTests {
  private var spec = DeciderSpecification.masterplan()

  @Test mutating func `who holds the lead on a day, and who did or will, with the events`() throws {
    let first = spec.plan.size.value
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    spec.given("end-assignment", ["assignment": id(61).json, "until": "2019-07-01"])
    spec.assign("lead", "ihk", 62, ["from": "2019-07-01"])
    func leads(on date: String) -> [String]? {
      spec.sheet(on: date)["assignments"]?.array?.map {
        "\($0["institution"]?["slug"]?.string ?? "") \($0["time"]?.string ?? "")"
      }
    }
    #expect(leads(on: "2018-09-03") == ["senweb future", "ihk future"])
    #expect(leads(on: "2019-06-30") == ["senweb present", "ihk future"])
    #expect(leads(on: "2019-07-01") == ["senweb past", "ihk present"])
    let assignments = try #require(spec.sheet(on: "2019-07-01")["assignments"]?.array)
    let events = assignments.map { $0["events"]?.array?.map { $0["position"] } }
    #expect(events == [[.integer(first), .integer(first + 1)], [.integer(first + 2)]])
    #expect(assignments.first?["until"] == "2019-07-01")
  }

  @Test mutating func `each value comes with its day, its event and its history`() throws {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    let first = spec.plan.size.value
    for (percent, date) in [(10, "2018-10-01"), (40, "2019-02-01")] as [(Int64, String)] {
      spec.given(
        "report-progress",
        ["measure": "fachkraefte.1.I", "institution": "senweb", "condition": "on-track", "percent": .integer(percent)],
        on: day(date))
    }
    let sheet = spec.sheet(on: "2019-01-01")
    #expect(
      sheet["percent"] == [
        "value": 10, "since": "2018-10-01", "position": .integer(first),
        "history": [
          ["value": 10, "from": "2018-10-01", "position": .integer(first)],
          ["value": 40, "from": "2019-02-01", "position": .integer(first + 1)],
        ],
      ])
    #expect(sheet["state"]?["value"] == "running")
    #expect(sheet["reports"]?["count"] == 2)
    #expect(sheet["reports"]?["last"]?.array?.first?["percent"] == 40)
    #expect(spec.sheet(on: "2018-09-05")["condition"]?["value"] == "not-assessed")
    #expect(spec.sheet(on: "2018-09-05")["percent"]?["since"] == .null)
  }

  @Test mutating func `what is only said again holds since it was said first`() throws {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    let first = spec.plan.size.value
    for date in ["2018-10-01", "2019-02-01"] {
      spec.given(
        "report-progress",
        ["measure": "fachkraefte.1.I", "institution": "senweb", "condition": "on-track", "percent": 10], on: day(date))
    }
    for name in ["condition", "percent"] {
      let value = try #require(spec.sheet(on: "2019-03-01")[name])
      #expect(value["since"] == "2018-10-01" && value["position"] == .integer(first))
      #expect(value["history"]?.array?.count == 2)
    }
    let newest = try #require(spec.sheet(on: "2019-03-01")["reports"]?["newest"]?.array)
    #expect(newest.map { $0["position"] } == [.integer(first + 1), .integer(first)])
    #expect(newest.allSatisfy { $0["institution"] == "senweb" && $0["part"] == "lead" && $0["correctedBy"] == .null })
  }

  @Test mutating func `delivery shows as it went`() throws {
    spec.assign("lead", "senweb", 61, ["from": "2018-09-04"])
    let commands: [(String, JSON)] = [
      ("prioritise-measure", ["rank": 2, "horizon": "short-term"]),
      ("schedule-measure", ["from": "2019-03-01", "until": "2019-12-31"]),
      ("set-milestone", ["id": id(70).json, "title": "Vertrag", "due": "2019-06-30", "mandatory": true]),
      ("start-phase", ["phase": "Aufbau"]),
      ("record-deliverable", ["deliverable": "Broschüre"]),
      ("note-resources", ["fund": "SIWANA", "amount": 1000]),
      ("highlight-measure", ["reason": "R"]),
      ("request-support", ["id": id(71).json, "institution": "senweb", "text": "Hilfe"]),
    ]
    let first = spec.plan.size.value
    for (name, fields) in commands {
      spec.given(name, name == "reach-milestone" ? fields : fields.replacing("measure", "fachkraefte.1.I"))
    }
    let sheet = spec.sheet(on: spec.today.description)
    #expect(sheet["priority"]?["value"] == ["rank": 2, "horizon": "short-term"])
    #expect(sheet["schedule"]?["value"] == ["from": "2019-03-01", "until": "2019-12-31"])
    let milestone = try #require(sheet["milestones"]?.array?.first)
    #expect(milestone["title"] == "Vertrag" && milestone["due"] == "2019-06-30" && milestone["mandatory"] == true)
    #expect(milestone["reachedOn"] == .null && milestone["overdueDays"] == .null)
    #expect(sheet["phases"]?.array?.first?["phase"] == "Aufbau")
    #expect(sheet["phases"]?.array?.first?["time"] == "present")
    #expect(sheet["results"]?.array?.first?["deliverable"] == "Broschüre")
    #expect(sheet["resources"]?.array?.first?["amount"] == 1000)
    #expect(sheet["highlighted"] == ["date": .string(spec.today.description), "position": .integer(first + 6)])
    #expect(sheet["phases"]?.array?.first?["events"] == [["position": .integer(first + 3)]])
    #expect(milestone["events"] == [["position": .integer(first + 2)]])
    #expect(sheet["supportRequests"]?.array?.first?["institution"] == "senweb")
    #expect(sheet["supportRequests"]?.array?.first?["granted"] == .null)
    let late = spec.sheet(on: "2019-07-10")
    #expect(late["milestones"]?.array?.first?["overdueDays"] == 10)
    let board = MeasureBoard.items(of: spec.plan, validAt: spec.today).first?.json
    #expect(board?["priority"] == ["rank": 2, "horizon": "short-term"])
  }

  @Test mutating func `a sheet calls everything by its code of the day`() throws {
    spec.given("link-measures", ["measure": "fachkraefte.1.II", "to": "fachkraefte.1.I"])
    let renumbered = spec.plan.size.value
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"], on: day("2019-07-01"))
    for (date, code) in [("2019-06-30", "fachkraefte.1.I"), ("2019-07-01", "fachkraefte.1.IX")] {
      let sheet = spec.sheet(on: date)
      #expect(sheet["code"] == .string(code))
      #expect(sheet["places"]?["value"]?["code"] == .string(code))
      let board = MeasureBoard.items(of: spec.plan, validAt: day(date))
      #expect(board.contains { $0.json["code"] == .string(code) && $0.json["id"] == sheet["id"] })
      let other = spec.plan.measure("fachkraefte.1.II").map { MeasureSheet.json($0, spec.plan, day(date)) }
      #expect(other?["links"]?.array?.first?["name"] == .string(code))
    }
    let places = try #require(spec.sheet(on: "2019-07-01")["places"]?["history"]?.array)
    #expect(places.map { $0["value"]?["code"] } == ["fachkraefte.1.I", "fachkraefte.1.IX"])
    #expect(places.last?["position"] == .integer(renumbered))
    // On the board of the last day of the old number it stands first, from then on behind the others.
    #expect(MeasureBoard.items(of: spec.plan, validAt: day("2019-06-30")).first?.key == "fachkraefte.1.I")
    #expect(MeasureBoard.items(of: spec.plan, validAt: day("2019-07-01")).last?.key == "fachkraefte.1.IX")
  }

  @Test mutating func `another programme's ids and what it said stand on the sheet`() throws {
    let linked = spec.plan.size.value
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-99"])
    spec.given(
      "record-external-status",
      ["programme": "bek", "externalID": "W-99", "statusID": "1", "status": "läuft", "date": "2019-02-01"])
    let external = try #require(spec.sheet(on: "2019-03-01")["externals"]?.array?.first)
    #expect(external["externalID"] == "W-99" && external["time"] == "present")
    #expect(external["events"] == [["position": .integer(linked)]])
    #expect(external["status"]?["value"]?["status"] == "läuft")
    #expect(external["status"]?["position"] == .integer(linked + 1))
  }

  @Test mutating func `a link that was lifted is past, one that comes later is to come`() throws {
    let declared = spec.plan.size.value
    spec.given("declare-dependency", ["id": id(72).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II"])
    let begun = spec.today
    spec.given("lift-dependency", ["link": id(72).json], on: begun.advanced(byDays: 30))
    func times(_ days: Int32) -> JSON? {
      spec.sheet(on: begun.advanced(byDays: days).description)["links"]?.array?.first?["time"]
    }
    #expect([-1, 0, 29, 30].map(times) == ["future", "present", "present", "past"])
    let events = spec.sheet(on: begun.description)["links"]?.array?.first?["events"]
    #expect(events == [["position": .integer(declared)], ["position": .integer(declared + 1)]])
  }

  @Test mutating func `links show from both ends, issues and parts where they belong`() throws {
    spec.given("link-measures", ["id": id(70).json, "measure": "fachkraefte.1.I", "to": "fachkraefte"])
    spec.given("declare-dependency", ["id": id(71).json, "measure": "fachkraefte.1.II", "on": "fachkraefte.1.I"])
    spec.given("declare-dependency", ["id": id(72).json, "measure": "fachkraefte.1.I", "act": "Mobilitätsgesetz"])
    spec.given("add-sub-measure", ["id": id(73).json, "measure": "fachkraefte.1.I", "part": "A", "title": "Teil"])
    spec.given(
      "raise-issue",
      ["id": id(74).json, "measure": "fachkraefte.1.I", "kind": "obstacle", "institution": "ihk", "text": "T"])
    spec.given("raise-issue", ["id": id(75).json, "measure": "fachkraefte.1.II", "kind": "obstacle", "text": "T"])
    let sheet = spec.sheet(on: "2019-03-01")
    #expect(
      sheet["links"]?.array?.map { "\($0["direction"]?.string ?? "") \($0["name"]?.string ?? "")" } == [
        "to fachkraefte", "from fachkraefte.1.II", "to Mobilitätsgesetz",
      ])
    #expect(sheet["parts"]?.array?.map { $0["code"] } == ["fachkraefte.1.I.A"])
    #expect(sheet["issues"]?.array?.map { $0["id"] } == [id(74).json])
    #expect(sheet["issues"]?.array?.first?["institution"] == "ihk")
    let part = try #require(spec.plan.measure("fachkraefte.1.I.A"))
    #expect(MeasureSheet.json(part, spec.plan, day("2019-03-01"))["partOf"]?["code"] == "fachkraefte.1.I")
  }

  @Test mutating func `what follows from parts is what the sheet tells, as the board does`() throws {
    let part: JSON = ["measure": "fachkraefte.1.I", "part": "Z", "title": "Teil"]
    spec.given("add-sub-measure", part, on: day("2019-02-01"))
    spec.given("assign-lead", ["measure": "fachkraefte.1.I.Z", "institution": "senweb"], on: day("2019-02-01"))
    spec.given(
      "report-progress",
      ["measure": "fachkraefte.1.I.Z", "institution": "senweb", "condition": "on-track", "percent": 50],
      on: day("2019-02-10"))
    let before = spec.sheet(on: "2019-01-31")
    #expect(before["state"]?["value"] == "planned" && before["state"]?["derived"] == nil && before["rollUp"] == .null)
    let sheet = spec.sheet(on: "2019-02-10")
    let board = MeasureBoard.items(of: spec.plan, validAt: day("2019-02-10")).map(\.json)
    let row = try #require(board.first { $0["code"] == "fachkraefte.1.I" })
    #expect(sheet["state"]?["value"] == "running" && sheet["state"]?["derived"] == true)
    for field in ["state", "percent"] { #expect(sheet[field]?["value"] == row[field], "\(field)") }
    #expect(sheet["rollUp"] == row["rollUp"])
  }

  @Test mutating func `an old name stays in the history of its measure`() {
    spec.given("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], on: day("2020-01-01"))
    #expect(spec.sheet(on: "2019-12-31")["title"]?["value"] == "Maßnahme I")
    #expect(spec.sheet(on: "2020-01-01")["title"]?["value"] == "Neu")
    #expect(
      spec.sheet(on: "2020-01-01")["title"]?["history"]?.array?.map { $0["value"] } == ["Maßnahme I", "Neu"])
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct AssignLeadTests {
  private let spec = DeciderSpecification.masterplan()
  private static let lead: JSON = ["id": id(60).json, "measure": "fachkraefte.1.I", "institution": "senweb"]

  @Test func `a lead is assigned with all its terms`() {
    let terms: JSON = [
      "phase": "Aufbau", "subject": "StEP", "condition": "ggf.", "wording": "gemeinsam", "range": "I-III",
      "from": "2019-04-01", "until": "2019-05-01", "source": ["S2:686"],
    ]
    let more = terms.members ?? []
    spec.when("assign-lead", .object((Self.lead.members ?? []) + more)).yields(
      "measure.lead-assigned.v1", on: "measures/\(id(21))",
      .object([.init("assignment", id(60).json), .init("holder", id(31).json)] + more))
  }

  @Test func `a lead counts from the effective date unless told otherwise`() {
    spec.when("assign-lead", Self.lead, on: day("2019-04-01")).yields(
      "measure.lead-assigned.v1", on: "measures/\(id(21))",
      ["assignment": id(60).json, "holder": id(31).json, "from": "2019-04-01"])
  }

  // MARK: - §1, the cap

  private func capFacts(_ cap: Int64, _ leads: JSON) -> JSON {
    ["leadCap": .integer(cap), "leads": leads, "exception": "grant-lead-cap-exception"]
  }

  @Test func `a third lead is refused with the two there are`() {
    var spec = spec
    spec.assign("lead", "senweb", 61)
    spec.assign("lead", "ihk", 62)
    spec.when("assign-lead", Self.lead.replacing("institution", "tu")).isRefused(
      .rule, "lead-cap", field: "institution", facts: capFacts(2, ["ihk", "senweb"]))
  }

  @Test func `another measure, another part and another phase have leads of their own`() {
    var spec = spec
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "A", "title": "Teil A"])
    for (number, institution) in [(61, "senweb"), (62, "ihk")] as [(UInt64, String)] {
      spec.assign("lead", institution, number)
      spec.assign("lead", institution, number + 10, ["phase": "Aufbau"])
    }
    let third = Self.lead.replacing("institution", "tu")
    for measure in ["fachkraefte.1.II", "fachkraefte.1.I.A"] {
      #expect(spec.plan.measure(measure) != nil)
      spec.when("assign-lead", third.replacing("measure", .string(measure)))
        .yields("measure.lead-assigned.v1", on: "measures/\(spec.plan.measure(measure)?.id.description ?? "")")
    }
    spec.when("assign-lead", third.replacing("phase", "Aufbau")).isRefused(.rule, "lead-cap", field: "institution")
  }

  @Test func `who leads without a phase leads in every phase`() {
    var spec = spec
    spec.assign("lead", "senweb", 61)
    spec.assign("lead", "ihk", 62, ["phase": "Aufbau"])
    let tu = Self.lead.replacing("institution", "tu")
    spec.when("assign-lead", tu.replacing("phase", "Umsetzung"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
    for phase in ["Aufbau", "aufbau"] {
      spec.when("assign-lead", tu.replacing("phase", .string(phase))).isRefused(
        .rule, "lead-cap", field: "institution",
        facts: ["leadCap": 2, "leads": ["ihk", "senweb"], "exception": "grant-lead-cap-exception"])
    }
    spec.when("assign-lead", tu).isRefused(.rule, "lead-cap", field: "institution")
  }

  @Test func `only leads of the same time count`() {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["until": "2019-06-01"])
    spec.assign("lead", "ihk", 62)
    let third = Self.lead.replacing("institution", "tu")
    spec.when("assign-lead", third.replacing("from", "2019-06-01"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
    spec.when("assign-lead", third.replacing("from", "2019-05-31")).isRefused(.rule, "lead-cap", field: "institution")
    spec.when("assign-lead", third.replacing("from", "2019-01-01").replacing("until", "2019-03-01"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
    spec.when("assign-lead", third.replacing("from", "2019-01-01").replacing("until", "2019-03-02"))
      .isRefused(.rule, "lead-cap", field: "institution")
  }

  @Test func `leads that follow each other count as one beside a third`() {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["until": "2019-06-01"])
    spec.assign("lead", "ihk", 62, ["from": "2019-06-01"])
    spec.when("assign-lead", Self.lead.replacing("institution", "tu"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `being lead for a while opens no door to being a third`() {
    var spec = spec
    spec.assign("lead", "tu", 61, ["until": "2019-04-01", "subject": "StEP"])
    spec.assign("lead", "senweb", 62, ["from": "2019-04-01"])
    spec.assign("lead", "ihk", 63, ["from": "2019-04-01"])
    spec.when("assign-lead", Self.lead.replacing("institution", "tu")).isRefused(
      .rule, "lead-cap", field: "institution", facts: capFacts(2, ["ihk", "senweb"]))
  }

  @Test func `a lead for two subjects counts once`() {
    var spec = spec
    spec.assign("lead", "senweb", 61, ["subject": "StEP"])
    spec.assign("lead", "senweb", 62, ["subject": "Bebauungspläne"])
    spec.assign("lead", "ihk", 63)
    spec.when("assign-lead", Self.lead.replacing("subject", "Girls' Day"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
    spec.when("assign-lead", Self.lead.replacing("institution", "tu"))
      .isRefused(.rule, "lead-cap", field: "institution")
  }

  @Test func `a lead that ended on the day it began was never one`() {
    var spec = spec
    spec.assign("lead", "senweb", 61)
    spec.assign("lead", "ihk", 62)
    spec.given("end-assignment", ["assignment": id(62).json, "until": "2019-03-01"])
    spec.when("assign-lead", Self.lead.replacing("institution", "tu").replacing("from", "2019-01-01"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `a group counts one, and partners, contributors and consulted do not count`() {
    var spec = spec
    spec.assign("lead", "kammern", 61)
    spec.assign("lead-partner", "tu", 62)
    spec.assign("contributor", "ihk", 63)
    spec.assign("consulted", "hwk", 64)
    spec.assign("unclear", "zewk", 65)
    spec.when("assign-lead", Self.lead).yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `the cap is what the plan version says`() {
    var spec = spec
    spec.given(
      "register-plan-version",
      ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31", "leadCap": 1])
    spec.given(
      "add-measure",
      ["id": id(70).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "T"])
    let later = Self.lead.replacing("measure", id(70).json)
    spec.given("assign-lead", later.replacing("institution", "ihk").replacing("id", id(72).json))
    spec.when("assign-lead", later).isRefused(.rule, "lead-cap", field: "institution", facts: capFacts(1, ["ihk"]))
    // A measure of the version before keeps its rules.
    spec.assign("lead", "ihk", 61)
    spec.when("assign-lead", Self.lead).isAccepted()
  }

  // MARK: - §2, roles beside each other

  @Test(arguments: ["lead-partner", "consulted"])
  func `who is lead partner or consulted is not lead of the same phase`(role: String) {
    var spec = spec
    spec.assign(role, "senweb", 61, ["until": "2019-06-01"])
    let facts: JSON = ["assignment": id(61).json, "role": .string(role)]
    spec.when("assign-lead", Self.lead).isRefused(.rule, "role-excluded", field: "institution", facts: facts)
    // Who is named without a phase is named for each of them.
    spec.when("assign-lead", Self.lead.replacing("phase", "Aufbau"))
      .isRefused(.rule, "role-excluded", field: "institution", facts: facts)
    spec.assign(role, "tu", 62, ["phase": "Aufbau"])
    let other = Self.lead.replacing("institution", "tu")
    for phase: JSON in [.null, "aufbau"] {
      spec.when("assign-lead", other.replacing("phase", phase == .null ? nil : phase))
        .isRefused(.rule, "role-excluded", field: "institution")
    }
    spec.when("assign-lead", other.replacing("phase", "Betrieb")).isAccepted()
    spec.when("assign-lead", Self.lead.replacing("from", "2019-06-01"))
      .yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `a contributor may become lead`() {
    var spec = spec
    spec.assign("contributor", "senweb", 61)
    spec.when("assign-lead", Self.lead).yields("measure.lead-assigned.v1", on: "measures/\(id(21))")
  }

  @Test func `a measure that another programme leads gets no leads here, but contributors`() {
    var spec = spec
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-1"])
    for command in ["assign-lead", "assign-lead-partner"] {
      spec.when(command, Self.lead).isRefused(.conflict, "externally-led", field: "measure")
    }
    spec.when("assign-contributor", Self.lead).isAccepted()
  }

  @Test func `nor one that would still lead when another programme does`() {
    var spec = spec
    spec.given(
      "link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-1"],
      on: day("2019-06-01"))
    spec.when("assign-lead", Self.lead).isRefused(.conflict, "externally-led", field: "measure")
    spec.when("assign-lead", Self.lead.replacing("until", "2019-06-02"))
      .isRefused(.conflict, "externally-led", field: "measure")
    spec.when("assign-lead", Self.lead.replacing("until", "2019-06-01")).isAccepted()
  }

  @Test func `who leads a measure that is to begin is named before it does, and moves with the others`() {
    var spec = spec
    spec.given(
      "add-measure",
      ["id": id(70).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "T"],
      on: day("2020-01-01"))
    spec.given("register-placeholder", ["slug": "partner", "label": "P", "steward": "senweb", "due": "2019-12-31"])
    let later = Self.lead.replacing("measure", id(70).json).replacing("institution", "partner")
    spec.when("assign-lead", later).isRefused(.rule, "before-start", field: "effectiveDate")
    spec.when("assign-lead", later.replacing("from", "2019-12-31")).isRefused(.rule, "before-start", field: "from")
    spec.given("assign-lead", later.replacing("from", "2020-01-01").replacing("id", id(71).json))
    spec.given("resolve-placeholder", ["placeholder": "partner", "institutions": ["tu"]])
    let leads = spec.plan.measures[MeasureID(id(70).value)]?.assignments.filter { $0.leads(on: day("2020-01-01")) }
    #expect(leads?.map { spec.plan.parties[$0.holder]?.slug } == ["tu"])
  }

  @Test func `nobody is named for a time after an announced end`() {
    var spec = spec
    spec.given("close-plan", ["date": "2019-12-31", "reason": "R"])
    spec.when("assign-lead", Self.lead.replacing("from", "2019-12-31"))
      .isRefused(.conflict, "plan-closed", field: "from", facts: ["closed": "2019-12-31"])
    spec.when("assign-lead", Self.lead.replacing("from", "2019-12-30")).isAccepted()
  }

  @Test func `who is registered later has no role before`() {
    var spec = spec
    spec.given("register-institution", ["slug": "neu", "name": "Neu", "kind": "office"], on: day("2020-01-01"))
    let lead = Self.lead.replacing("institution", "neu")
    spec.when("assign-lead", lead)
      .isRefused(.rule, "before-start", field: "institution", facts: ["start": "2020-01-01"])
    spec.when("assign-lead", lead.replacing("from", "2020-01-01")).isAccepted()
  }

  @Test func `no other way leads to a lead of a measure that is led elsewhere`() {
    var spec = spec
    spec.assign("unclear", "tu", 61)
    spec.assign("lead", "ihk", 62)
    spec.assign("lead", "hwk", 63, ["condition": "ggf."])
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-1"])
    let refused = { (command: String, json: JSON) in
      spec.when(command, json).isRefused(.conflict, "externally-led", field: "measure")
    }
    refused("clarify-role", ["assignment": id(61).json, "role": "lead", "reason": "R"])
    refused("hand-over-lead", ["assignment": id(62).json, "to": "tu", "from": "2019-06-01", "reason": "R"])
    refused("activate-condition", ["assignment": id(63).json, "reason": "R"])
  }
}

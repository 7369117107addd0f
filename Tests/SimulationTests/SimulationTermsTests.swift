import Coordination
import EventSourcing
import PlanSpecification
import Simulation
import Testing

/// What the terms of a simulation do to its history.
struct SimulationTermsTests {
  @Test func `the same seed gives the same history, another seed another one`() throws {
    let first = try SimulatedMasterplan(to: "2019-08").digest
    #expect(try SimulatedMasterplan(to: "2019-08").digest == first)
    #expect(try SimulatedMasterplan(to: "2019-08", seed: 2).digest != first)
  }

  /// The numbers change with every change of the simulation, and are then written anew. What changes from run to run
  /// betrays something that asks chance in the order of a dictionary.
  @Test func `a history is the same in every process`() throws {
    var spec = DeciderSpecification.masterplan()
    for (number, institution) in ["senweb", "ihk", "tu"].enumerated() {
      spec.given(
        "assign-lead",
        ["measure": .string("fachkraefte.1.\(["I", "II", "III"][number])"), "institution": .string(institution)])
      spec.given("assign-contributor", ["measure": "fachkraefte.1.I", "institution": .string(institution)])
    }
    let terms = SimulationTerms(period: day("2019-03-01")...day("2021-12-31"), seed: 7, scale: 4)
    var run = try SimulationRun(terms, onto: spec.plan)
    var sink = DisclosureSink(seed: 1)
    var digest: UInt64 = 0
    while let batch = run.nextBatch() {
      for event in batch {
        for byte in event.envelope.encode(event.fact, disclosing: &sink) {
          digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
      }
    }
    #expect(run.plan.size.value == 244)
    #expect(digest == 1_120_620_873_425_947_018)
  }

  @Test func `other seeds are no more often refused`() throws {
    for seed in 2...3 {
      let other = try SimulatedMasterplan(seed: UInt64(seed))
      #expect(other.run.refusalCount * 200 <= other.run.commandCount, "\(other.run.refusals)")
    }
  }

  @Test func `the plan and its events grow with the scale`() throws {
    let one = try SimulatedMasterplan(to: "2019-08")
    let four = try SimulatedMasterplan(to: "2019-08", scale: 4)
    // What another programme leads is not copied.
    #expect(four.plan.measures.count == 4 * (one.plan.measures.count - 7) + 7)
    #expect(four.events.count > 2 * one.events.count)
    #expect(four.run.refusalCount * 200 <= four.run.commandCount, "\(four.run.refusals)")
    #expect(four.plan.measure("fachkraefte-4.1.I") != nil)
  }

  @Test func `the office may close the plan at the end of its term`() throws {
    let closed = try SimulatedMasterplan(closesPlan: true)
    #expect(closed.plan.currentVersion?.closedOn == day("2022-01-01"))
    #expect(try SimulatedMasterplan.usual.get().plan.currentVersion?.closedOn == nil)
  }

  @Test func `nothing is made up before what people recorded`() throws {
    let used = try SimulatedMasterplan(to: "2018-12").plan
    let terms = SimulationTerms(period: day("2018-09-01")...day("2019-12-31"), seed: 1)
    #expect {
      _ = try SimulationRun(terms, onto: used)
    } throws: { ($0 as? Refusal)?.code == "log-is-newer" }
    // Afterwards is another matter.
    var more = try SimulationRun(SimulationTerms(period: day("2019-01-01")...day("2019-12-31"), seed: 1), onto: used)
    #expect(more.nextBatch()?.first?.envelope.position == used.size.nextPosition)
  }

  @Test func `a period before the plan is refused`() {
    #expect {
      _ = try SimulatedMasterplan(from: "2017-01", to: "2018-08")
    } throws: { ($0 as? Refusal)?.code == "period-before-plan" }
  }

  @Test(arguments: [
    ("2018-09", "2021-12", "2018-09-01", "2021-12-31"), ("2019-02", "2019-02", "2019-02-01", "2019-02-28"),
  ])
  func `a period is made of whole months`(from: String, to: String, first: String, last: String) {
    #expect(SimulationTerms.period(from: from, to: to) == day(first)...day(last))
  }

  @Test(arguments: [("2019-02", "2019-01"), ("2019", "2020-01"), ("2019-13", "2020-01"), ("2019-01-01", "2020-01")])
  func `what is no period is none`(from: String, to: String) {
    #expect(SimulationTerms.period(from: from, to: to) == nil)
  }
}

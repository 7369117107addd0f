import EventSourcing
import Foundation
import HangLimit
import TestDatabases
import Testing

/// A made-up history, written by the command line, served, looked at and verified like a real one.
@Suite(.hangLimit) struct SimulationStoryTests {
  @Test func `a simulated plan says so everywhere, and its rows equal those of a rebuild`() async throws {
    let home = try Program.makeHome("simulation")
    let arguments = ["simulate", "--plan", Program.planFile, "--from", "2018-09", "--to", "2019-12", "--seed", "7"]
    let simulated = try await Program.run(arguments + ["--json"], home: home)
    #expect(simulated.status == 0, "\(simulated.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(simulated.text.utf8)) as? [String: Any], "\(simulated.text)")
    #expect(report["plan"] as? String == "industriestadt-berlin-simulation")
    let events = try #require(report["events"] as? Int)
    #expect(events > 1_500)

    let twin = try await Program.run(arguments + ["--json"], home: try Program.makeHome("simulation-twin"))
    #expect(twin.text == simulated.text, "the same seed gives the same history")
    let again = try await Program.run(arguments, home: home)
    #expect(again.status == 1 && again.errors.contains("--slug"), "\(again.errors)")
    let quiet = try await Program.run(arguments + ["--if-missing"], home: home)
    #expect(quiet.status == 0 && quiet.text.isEmpty, "\(quiet.text)")
    let wrong = try await Program.run(["simulate", "--from", "2019-13"], home: home)
    #expect(wrong.status == 1 && wrong.errors.contains("2018-09"), "\(wrong.errors)")

    let server = try await RunningServer.start(home: home)
    let client = try await Client(server, role: "coordinator")
    let plan = "/v1/plans/industriestadt-berlin-simulation"
    let plans = try await client.get("/v1/plans")
    #expect(plans.json["plans"]?.array?.first?["simulated"] == true)
    for view in [
      "", "/measures", "/institutions", "/issues", "/responsibilities", "/placeholders", "/external-links", "/network",
      "/measures/fachkraefte.1.I/sheet", "/institutions/senweb",
    ] {
      let answer = try await client.get(plan + view)
      #expect(answer.status == 200 && answer.text.contains(#""simulated":true"#), "\(view)")
    }
    #expect(try await client.get("\(plan)/network?format=dot").text.contains("SIMULATION"))
    let timeline = try await client.getWhenVisible("\(plan)/timeline?limit=50&order=desc")
    let entries = try #require(timeline.json["entries"]?.array)
    #expect(entries.count == 50 && entries.allSatisfy { $0["simulated"] == true })

    for command in [["verify"], ["projections", "verify"]] {
      let verified = try await Program.run(command + ["industriestadt-berlin-simulation"], home: home)
      #expect(verified.status == 0, "\(command): \(verified.text) \(verified.errors)")
    }
    let size = try await client.get("\(plan)/timeline?limit=1&order=desc").json["position"]?.integer
    #expect(size == Int64(events) - 1, "the real clock adds nothing to a made-up plan")
    await server.stop()
    try FileManager.default.removeItem(atPath: home)
  }
}

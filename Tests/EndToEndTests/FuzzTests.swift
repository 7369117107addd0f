import Foundation
import Testing

/// The OpenAPI document, believed and provoked by a fuzzer that others wrote: what it describes is accepted, what it
/// rules out is refused, every answer has the form that it promises, and nothing is an unexpected failure.
///
/// `make soak` sends as many examples for each operation as FEDERWERK_SOAK_ROUNDS says; the seed is fixed.
@Suite(.serialized, .timeLimit(.minutes(60))) struct FuzzTests {
  static let examples = ProcessInfo.processInfo.environment["FEDERWERK_SOAK_ROUNDS"].flatMap { Int($0) } ?? 1

  @Test func `a fuzzer finds nothing, neither as the office nor as a lead`() async throws {
    let tools = try #require(
      ProcessInfo.processInfo.environment["FEDERWERK_OUTSIDE_TOOLS"], "run the tests with: make test")
    try await withServer("fuzz", arguments: ["--import", Program.planFile]) { server in
      for (role, institution) in [("coordinator", "senweb"), ("lead", "senias")] {
        let token = try await Program.run(
          [
            "token", "--actor", "fuzz", "--role", role, "--institution", institution, "--plan",
            "industriestadt-berlin",
          ], home: server.home)
        try #require(token.status == 0, "\(token.text)")
        let found = try await Program.run(
          "/usr/bin/env",
          [
            // What it remembers belongs to this run.
            "-C", server.home, "\(tools)/bin/schemathesis", "--config-file",
            "\(Program.repository)/Tests/OutsideTools/schemathesis.toml", "run",
            "\(server.address)/openapi.yaml", "--url", server.address, "--header",
            "Authorization: Bearer \(token.text.trimmingCharacters(in: .whitespacesAndNewlines))", "--seed", "20180904",
            "--phases", "coverage,fuzzing", "--max-examples", String(Self.examples), "--no-shrink", "--no-color",
          ])
        #expect(found.status == 0, "\(role): \(found.text.suffix(6_000))")
        #expect(found.text.contains("Test cases:"))
      }
    }
  }
}

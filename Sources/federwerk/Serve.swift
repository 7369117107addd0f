import ArgumentParser
import Composition

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the API.",
    discussion: """
      With DATABASE_URL the server uses that database, which must have been migrated (`federwerk migrate`); otherwise it
      starts an embedded PostgreSQL in the home folder. Ctrl-C stops the server, then the database. Commands of the same
      home use its database meanwhile; the server itself does not start while one of them runs it.

      Without --behind-proxy it prints a coordinator's token to try it with. What a server behind a proxy prints is
      kept in logs, so that has none; `federwerk token` makes them.
      """)

  @Flag(help: "Use the embedded PostgreSQL, even where a database is configured.") var embedded = false
  @Option(name: .customLong("import"), help: "A plan file to import first, when its plan does not exist yet.")
  var planFile: String?
  @Flag(help: "A proxy in front terminates TLS and protects the port; allows other addresses than loopback.")
  var behindProxy = false
  @Flag(help: "Accept a database that may lose acknowledged commands (fsync off). For throw-away tests only.")
  var unsafe = false

  func validate() throws {
    if let planFile, planFile.isEmpty { throw ValidationError("--import needs a file") }
  }

  func run() async throws {
    var configuration = try await ServerConfiguration.load()
    if embedded { configuration.databaseURL = nil }
    var serving = Serving()
    serving.planFile = planFile
    serving.isUnsafe = unsafe
    serving.isBehindProxy = behindProxy
    let host = configuration.host
    try await serving.run(
      configuration,
      onListening: { federwerk, port in await greet(federwerk, "http://\(host):\(port)") },
      progress: { explain($0) })
    explain("Stopped.")
  }

  private func greet(_ federwerk: Federwerk, _ address: String) async {
    guard !behindProxy, let token = try? await federwerk.demonstrationToken() else { return say("Serving \(address)") }
    let plan = await federwerk.firstPlanSlug() ?? "PLAN"
    say(
      """
      Serving \(address)

      Try this (the token is a coordinator's and lasts a day):
        TOKEN=\(token)
        curl -s -H "Authorization: Bearer $TOKEN" \(address)/v1/plans/\(plan)/measures?limit=1
        curl -s -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: first-report" -d '{"measure":"fachkraefte.1.I","institution":"senias","condition":"on-track","percent":10}' \(address)/v1/plans/\(plan)/commands/report-progress
        curl -s -H "Authorization: Bearer $TOKEN" \(address)/v1/plans/\(plan)/log/checkpoint
      """)
  }
}

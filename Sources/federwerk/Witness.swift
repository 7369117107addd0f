import ArgumentParser
import Composition

struct Witness: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a witness that cosigns the checkpoints of others' logs.",
    discussion: """
      A witness remembers the newest head of each log that it cosigned, in <home>/witness, and refuses any that does not
      continue it: a log that forks or shrinks gets no cosignature. It needs no database. Listens on FEDERWERK_HOST and
      FEDERWERK_PORT (c2sp.org/tlog-witness). Whoever runs the log names it in the file of FEDERWERK_WITNESS_POLICY:

        witness NAME VKEY http://host:port
        quorum NAME
      """)

  @Option(help: "What those who verify call this witness, such as witness.example.org/city.") var name: String
  @Option(help: "Verifier key of a log to watch (federwerk keys, or …/log/vkeys); may be given again.")
  var log: [String]

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let host = configuration.host
    try await WitnessServing(name: name, logKeys: log).run(configuration) { key, port in
      say("Verifier key: \(key)")
      say("Witnessing at http://\(host):\(port)")
    }
    explain("Stopped.")
  }
}

import ArgumentParser
import Composition

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the keys that verify the checkpoints of the logs, or exchange the one that signs.",
    subcommands: [Show.self, Rotate.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The C2SP verifier keys of each plan's log; those that sign now come first.",
      discussion: """
        The secret keys lie in <home>/keys and are made at the first start; keep them in the backup, and give all servers of
        one database the same.
        """)

    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let keys = try await withFederwerk { try await $0.verifierKeys() }
      if json { return try sayJSON(keys) }
      for (plan, own) in keys.sorted(by: { $0.key < $1.key }) { for key in own { say("\(plan)  \(key)") } }
      if keys.isEmpty { explain("There is no plan yet; each plan's log gets its key with its first event.") }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Exchange the key that signs checkpoints.",
      discussion: """
        First `federwerk keys rotate`: after a restart of all servers the old key and a new one sign, and the new one is shown
        by `federwerk keys`. Tell everybody who verifies; witnesses must be started with both keys (--log twice). Then
        `federwerk keys rotate --finish` and another restart: only the new key signs; the old one is still published, for
        old checkpoints. --finish is refused while the newest checkpoint of a plan lacks one of both signatures: nobody could
        follow from the old key to the new one; --force ends the exchange all the same. Copy the keys folder to every server
        each time.
        """)

    @Flag(help: "End the exchange: only the new key signs from now on.") var finish = false
    @Flag(help: "With --finish: also where the newest checkpoint of a plan is not signed by both keys.") var force =
      false

    func validate() throws {
      if force, !finish { throw ValidationError("--force goes with --finish") }
    }

    func run() async throws {
      if finish {
        if force {
          try KeyStore(home: try await ServerConfiguration.load().home).endLogKeyExchange()
        } else {
          try await withFederwerk { try await $0.endLogKeyExchange() }
        }
        say("From the next start on only the new key signs. Old checkpoints still verify with the old one.")
      } else {
        try KeyStore(home: try await ServerConfiguration.load().home).beginLogKeyExchange()
        say(
          "From the next start on both keys sign. Publish what `federwerk keys` shows, then run it again with --finish."
        )
      }
    }
  }
}

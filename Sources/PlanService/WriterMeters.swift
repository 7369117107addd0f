internal import Metrics

/// What the writers count: batches, commands, acceptances.
struct WriterMeters: Sendable {
  private let commands = Counter(label: "federwerk_commands_decided_total")
  private let accepted = Counter(label: "federwerk_commands_accepted_total")
  private let batches = Counter(label: "federwerk_command_batches_total")

  func batch(_ count: Int, accepted acceptedCount: Int) {
    batches.increment()
    commands.increment(by: count)
    accepted.increment(by: acceptedCount)
  }
}

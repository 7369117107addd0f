internal import Coordination
internal import EventSourcing
public import TamperEvidence

/// What a log says that its views showed, by the position after which they were read.
public struct ViewRecordings: Sendable {
  private var found: [Position: [(by: Position, fact: ViewDigestRecorded)]] = [:]

  public init() {}

  /// What was recorded of the views after an event, and by which event.
  subscript(position: Position) -> [(by: Position, fact: ViewDigestRecorded)] { found[position] ?? [] }

  /// The type is the last member of an event.
  private static let ending = Array("\"type\":\"\(ViewDigestRecorded.type)\"}".utf8)

  /// Keeps what an entry records, if it records anything.
  mutating func take(_ entry: UnsafeRawBufferPointer, at position: Position) {
    guard entry.ends(with: Self.ending),
      let fact = try? ReadEvent(entry, at: position).fact as? ViewDigestRecorded
    else { return }
    found[Position(Int64(fact.position)), default: []].append((position, fact))
  }

  mutating func add(_ later: ViewRecordings) { found.merge(later.found) { $0 + $1 } }
}

/// What is believed of a log that was verified: what its checkpoint covers, and what was recorded in it of its views.
public struct VerifiedLog: Sendable {
  public let checkpoint: Checkpoint
  let recordings: ViewRecordings

  public init(_ checkpoint: Checkpoint, recordings: ViewRecordings) {
    self.checkpoint = checkpoint
    self.recordings = recordings
  }
}

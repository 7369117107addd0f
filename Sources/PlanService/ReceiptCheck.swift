internal import Coordination
internal import EventSourcing
internal import TamperEvidence

/// Compares the answers that receipts hold with the log: the root at the size that they name, and the events that they
/// list.
///
/// Answers come ordered by size, so one pass over the log sees to all of them. Of the log it keeps as many events as
/// one append can have added.
struct ReceiptCheck {
  /// More than the events of one append: a batch, or a list that may exceed it.
  private static let eventCountMax = 16_384

  private struct Pending {
    let size: Int64
    let root: String
    let events: [JSON]
  }

  private var pending: Pending?
  private(set) var count = 0
  /// What the newest events say of themselves, by position modulo the number kept.
  private var recent: [(position: Position, type: String, subject: String, isAnswered: Bool)] = []
  /// The events that no receipt answers for, and the first of them.
  private var unanswered: (count: Int, first: Position?) = (0, nil)
  private var hasWrongAnswer = false

  /// Takes the next event of the log, and checks the answers that name the size with it.
  /// - Parameters:
  ///   - isMadeUp: whether a simulation wrote it.
  ///   - next: gives one answer with each call, nil after the last.
  mutating func take(
    _ event: StoredEvent, isMadeUp: Bool, root: @autoclosure () -> MerkleHash, _ findings: inout FindingList,
    _ next: () async throws -> [UInt8]?
  ) async throws {
    // A simulation writes past the service, and an epoch is opened around the writer: nobody waits for an answer.
    let isAnswered = isMadeUp || event.type == LogEpochOpened.type
    let entry = (event.position, event.type, event.subject, isAnswered)
    if recent.count < Self.eventCountMax {
      recent.append(entry)
    } else {
      let index = Int(event.position.value) % Self.eventCountMax
      noteUnanswered(recent[index])
      recent[index] = entry
    }
    if pending == nil { try await advance(&findings, next) }
    let size = event.position.sizeIncluding.value
    guard let first = pending, first.size <= size else { return }
    let root = root().base64
    while let answer = pending, answer.size <= size {
      check(answer, at: event.position, root, &findings)
      try await advance(&findings, next)
    }
  }

  /// What is left names a size that the log has not.
  mutating func finish(_ findings: inout FindingList, _ next: () async throws -> [UInt8]?) async throws {
    if pending == nil { try await advance(&findings, next) }
    while let answer = pending {
      hasWrongAnswer = true
      findings.note(
        Finding(
          position: nil, code: "receipt", expected: "a size of the log",
          found: "an answer that names size \(answer.size)"))
      try await advance(&findings, next)
    }
    for entry in recent.sorted(by: { $0.position < $1.position }) { noteUnanswered(entry) }
    // An answer that is another one now, which is told already, answers for nothing.
    guard !hasWrongAnswer, let first = unanswered.first else { return }
    findings.note(
      Finding(
        position: first, code: "receipt-missing", expected: "a receipt for each event",
        found: "none for \(unanswered.count), the first of them here"))
  }

  private mutating func noteUnanswered(_ entry: (position: Position, type: String, subject: String, isAnswered: Bool)) {
    guard !entry.isAnswered else { return }
    unanswered = (unanswered.count + 1, unanswered.first ?? entry.position)
  }

  private mutating func check(_ answer: Pending, at position: Position, _ root: String, _ findings: inout FindingList) {
    findings.expect(root, answer.root, "receipt", at: position)
    for event in answer.events {
      guard let number = event["position"]?.integer, number >= 0, number <= position.value else {
        hasWrongAnswer = true
        findings.expect("a position up to \(position.value)", "another", "receipt", at: position)
        continue
      }
      let index = Int(number) % Self.eventCountMax
      // An answer lists what its own append added; what lies further back was not added with it.
      guard index < recent.count, recent[index].position.value == number, recent[index].type == event["type"]?.string,
        recent[index].subject == event["subject"]?.string
      else {
        hasWrongAnswer = true
        findings.expect(
          "the event of the log", "\(event["type"]?.string ?? "nothing") on \(event["subject"]?.string ?? "nothing")",
          "receipt", at: Position(number))
        continue
      }
      // One command, one receipt: a second one would answer for what another did.
      if recent[index].isAnswered {
        findings.expect("one receipt for an event", "two", "receipt", at: Position(number))
      }
      recent[index].isAnswered = true
    }
  }

  /// Reads the next answer that can be read, and notes those that cannot.
  private mutating func advance(
    _ findings: inout FindingList, _ next: () async throws -> [UInt8]?
  ) async throws {
    pending = nil
    while pending == nil, let bytes = try await next() {
      count += 1
      guard let json = try? JSONParser.parse(bytes), let size = json["size"]?.integer, let root = json["root"]?.string,
        let events = json["events"]?.array
      else {
        hasWrongAnswer = true
        findings.note(
          Finding(position: nil, code: "receipt", expected: "an answer", found: "\(bytes.count) other bytes"))
        continue
      }
      pending = Pending(size: size, root: root, events: events)
    }
  }
}

import EventSourcing
import HangLimit
import Logging
import PlanService
import Synchronization
import TamperEvidence
import Testing

/// A checkpoint on its way past the witnesses.
@Suite(.hangLimit)
struct WitnessingTests {
  @Test func `witnesses cosign a checkpoint before it is published, and each one that follows`() async throws {
    let town = try Town(witnesses: 3, quorum: 3)
    try await town.publishing { publisher, grow in
      for round in 1...3 {
        let checkpoint = try #require(try await publisher.publish(town.rehearsal.log))
        let note = try SignedNote(parsing: Array(checkpoint.note.utf8))
        let body = try town.policy(publisher, checkpoint).verify(note)
        #expect(body.size == UInt64(checkpoint.size.value))
        #expect(
          note.signatures.map(\.name).sorted() == ["plans.test/\(id(0))/main/1", "w0.test", "w1.test", "w2.test"])
        // None has to say which size it knows: the program remembers.
        #expect(town.requests.map(\.count) == [round, round, round])
        try await grow()
      }
      #expect(town.requests[0].map(\.oldSize) == [0, 11, 12])
    }
  }

  @Test func `a witness that knows another size is asked once more`() async throws {
    let town = try Town(witnesses: 1, quorum: 1)
    try await town.publishing { publisher, grow in
      _ = try await publisher.publish(town.rehearsal.log)
      try await grow()
    }
    // A program that was started again remembers nothing.
    try await town.publishing(begins: false) { publisher, _ in
      let checkpoint = try #require(try await publisher.publish(town.rehearsal.log))
      #expect(checkpoint.size == LogSize(12))
      #expect(town.requests[0].map(\.oldSize) == [0, 0, 11])
    }
  }

  @Test func `a witness that never agrees on a size is asked twice, and no more`() async throws {
    for body in ["5\n", "0\n", "11\n"] {
      let town = try Town(witnesses: 1, quorum: 0)
      town.behave(0) { _, _ in (409, Array(body.utf8)) }
      try await town.publishing { publisher, _ in
        let checkpoint = try #require(try await publisher.publish(town.rehearsal.log))
        #expect(try SignedNote(parsing: Array(checkpoint.note.utf8)).signatures.count == 1)
        #expect(town.requests[0].map(\.oldSize) == [0, UInt64(body.dropLast())])
      }
    }
  }

  @Test(arguments: ["", "5", "\n", "-1\n", "x\n", "99999999999999999999\n", "12\n"])
  func `a witness that says no size, or one beyond the log, is not asked again`(body: String) async throws {
    let town = try Town(witnesses: 1, quorum: 0)
    town.behave(0) { _, _ in (409, Array(body.utf8)) }
    try await town.publishing { publisher, _ in
      let published = try await publisher.publish(town.rehearsal.log)
      #expect(published != nil)
      #expect(town.requests[0].count == 1)
    }
  }

  @Test func `what a witness answers counts only where it is its cosignature of this checkpoint`() async throws {
    struct Unreachable: Error {}
    let strange = try Town.key(77)
    let answers: [Town.Behaviour] = [
      { _, _ in throw Unreachable() },
      { _, _ in (500, []) },
      { _, _ in (200, []) },
      { _, _ in (200, [0xFF]) },
      { _, _ in (200, Array("— w0.test AAAA\n".utf8)) },
      // Right, but by another key, or not of this checkpoint, or with a status that says no.
      { request, _ in (200, Array(try strange.cosign(Checkpoint(noteText: request.note.text), at: 1).line.utf8)) },
      { request, key in
        (200, Array(try key.cosign(Checkpoint(origin: request.origin, size: 0, root: .empty), at: 1).line.utf8))
      },
      { request, key in (403, Array(try key.cosign(Checkpoint(noteText: request.note.text), at: 1).line.utf8)) },
      { request, key in
        (200, Array(try key.cosign(Checkpoint(noteText: request.note.text), at: 1).line.dropLast().utf8))
      },
    ]
    for (number, answer) in answers.enumerated() {
      let town = try Town(witnesses: 2, quorum: 1)
      town.behave(0, answer)
      try await town.publishing { publisher, _ in
        let checkpoint = try #require(try await publisher.publish(town.rehearsal.log), "answer \(number)")
        let names = try SignedNote(parsing: Array(checkpoint.note.utf8)).signatures.map(\.name)
        #expect(names.sorted() == ["plans.test/\(id(0))/main/1", "w1.test"], "answer \(number)")
      }
    }
  }

  @Test func `no checkpoint is published that too few have cosigned, until enough have`() async throws {
    let town = try Town(witnesses: 2, quorum: 2)
    town.behave(0) { _, _ in (503, []) }
    try await town.publishing { publisher, _ in
      await #expect(throws: QuorumMissing.self) { try await publisher.publish(town.rehearsal.log) }
      #expect(try await town.rehearsal.memory.checkpoint(of: town.rehearsal.log, sizeMax: nil) == nil)
      // What was shown to anybody is remembered.
      #expect(try town.rehearsal.highWater.mark(of: LogIDPath(town.rehearsal.log))?.size == 11)
      town.behave(0, nil)
      let checkpoint = try #require(try await publisher.publish(town.rehearsal.log))
      #expect(checkpoint.size == LogSize(11))
    }
  }

  @Test func `no earlier checkpoint is signed where witnesses are required`() async throws {
    for quorum in [0, 1] {
      let town = try Town(witnesses: 1, quorum: quorum)
      try await town.publishing { publisher, _ in
        _ = try await publisher.publish(town.rehearsal.log)
        let earlier = try await publisher.publishEarlier(LogSize(5), of: town.rehearsal.log)
        #expect(earlier?.size == (quorum == 0 ? LogSize(5) : nil))
      }
    }
  }

  @Test func `a witness cannot spoil what the log and other witnesses have signed`() async throws {
    let town = try Town(witnesses: 2, quorum: 1)
    // Beside its own cosignature it answers in the names of the others, with signatures that are wrong.
    town.behave(0) { request, key in
      let body = try Checkpoint(noteText: request.note.text)
      let other = Checkpoint(origin: "x", size: 0, root: .empty)
      let forged = try request.note.signatures.map { signature in
        try Town.logKey(signature.name).signature(of: other.noteText).line
      }
      let lines = try [key.cosign(body, at: 1).line] + forged + [Town.key(1).cosign(other, at: 1).line]
      return (200, Array(lines.joined().utf8))
    }
    try await town.publishing { publisher, _ in
      let published = try #require(try await publisher.publish(town.rehearsal.log))
      let note = try SignedNote(parsing: Array(published.note.utf8))
      let body = try town.policy(publisher, published).verify(note)
      #expect(body.size == 11)
    }
  }
}

/// A plan and its witnesses, each of whom does as a test says.
private struct Town: Sendable {
  typealias Behaviour = @Sendable (_ request: WitnessRequest, _ key: NoteSigningKey) throws -> (Int, [UInt8])

  let rehearsal = Rehearsal()
  private let witnesses: [FakeWitness]
  private let wanted: LogPolicy

  init(witnesses count: Int, quorum: Int) throws {
    let witnesses = try (0..<count).map { FakeWitness(key: try Self.key(UInt8($0))) }
    self.witnesses = witnesses
    let members = witnesses.enumerated().map { index, witness in
      LogPolicy.Witness(name: PolicyName("w\(index)"), key: witness.key.verifierKey, url: "\(index)")
    }
    let group = LogPolicy.Group(name: "g", threshold: .atLeast(max(1, quorum)), members: members.map(\.name))
    wanted = try LogPolicy(logs: [], witnesses: members, groups: [group], quorum: quorum == 0 ? nil : "g")
  }

  /// What each witness was asked.
  var requests: [[WitnessRequest]] { witnesses.map(\.requests) }

  /// - Parameter behaviour: nil for that of a witness as it should be.
  func behave(_ index: Int, _ behaviour: Behaviour?) { witnesses[index].behave(behaviour) }

  /// Runs a service with a publisher; the second argument of `body` lets the plan grow by an event.
  func publishing(
    begins: Bool = true,
    _ body: @escaping @Sendable (CheckpointPublisher, @Sendable () async throws -> Void) async throws -> Void
  ) async throws {
    try await rehearsal.withService { service in
      if begins { try await rehearsal.begin(service) }
      let publisher = CheckpointPublisher(
        service: service, highWater: rehearsal.highWater,
        keys: LogKeys(signing: { [try Self.logKey($0)] }, verifying: { [try Self.logKey($0).verifierKey] }),
        witnessing: Witnessing(policy: wanted, client: Client(witnesses: witnesses)),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await body(publisher) {
        let number = try await rehearsal.events().count
        _ = try #require(await service.submit(try institution(number), to: rehearsal.plan).bytes)
      }
    }
  }

  /// What others believe a checkpoint of the log by.
  func policy(_ publisher: CheckpointPublisher, _ checkpoint: StoredCheckpoint) throws -> LogPolicy {
    let body = try Checkpoint(noteText: SignedNote(parsing: Array(checkpoint.note.utf8)).text)
    return try publisher.published(rehearsal.log).policy(of: body.origin)
  }

  static func key(_ number: UInt8) throws -> NoteSigningKey {
    try NoteSigningKey(
      name: "w\(number).test", algorithm: .cosignature, seed: [UInt8](repeating: 100 + number, count: 32))
  }

  static func logKey(_ origin: String) throws -> NoteSigningKey {
    try NoteSigningKey(name: origin, seed: [UInt8](repeating: 7, count: 32))
  }

  private struct Client: WitnessClient {
    let witnesses: [FakeWitness]

    func addCheckpoint(_ request: WitnessRequest, at url: String) throws -> (status: Int, body: [UInt8]) {
      // What is sent must be readable on the other side.
      let received = try WitnessRequest(parsing: request.bytes)
      return try witnesses[try #require(Int(url))].answer(received)
    }
  }
}

private final class FakeWitness: Sendable {
  private struct State {
    var known: WitnessedHead?
    var requests: [WitnessRequest] = []
    var behaviour: Town.Behaviour?
  }

  let key: NoteSigningKey
  private let state = Mutex(State())

  init(key: NoteSigningKey) { self.key = key }

  var requests: [WitnessRequest] { state.withLock { $0.requests } }

  func behave(_ behaviour: Town.Behaviour?) { state.withLock { $0.behaviour = behaviour } }

  func answer(_ request: WitnessRequest) throws -> (Int, [UInt8]) {
    try state.withLock { state in
      state.requests.append(request)
      if let behaviour = state.behaviour { return try behaviour(request, key) }
      let logKey = try Town.logKey(request.origin).verifierKey
      switch Witness.judge(request, known: state.known, keys: { _ in [logKey] }) {
      case .cosign(let checkpoint):
        state.known = WitnessedHead(size: checkpoint.size, root: checkpoint.root)
        return (200, Array(try key.cosign(checkpoint, at: 1_551_441_600).line.utf8))
      case .otherSizeKnown(let size): return (409, Array("\(size)\n".utf8))
      case .malformedCheckpoint, .oldSizeAboveCheckpoint: return (400, [])
      case .untrusted: return (403, [])
      case .unknownOrigin: return (404, [])
      case .inconsistent: return (422, [])
      }
    }
  }
}

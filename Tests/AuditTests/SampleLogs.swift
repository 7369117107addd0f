import Audit
import Coordination
import EventSourcing
import PlanService
import PlanSpecification
import TamperEvidence

/// A log in memory with a signed checkpoint of all of it.
struct SampleLog: Sendable {
  typealias History = [(event: StoredEvent, disclosures: [StoredDisclosure])]

  static let plan = PlanSpecification.id(0).value

  let log: LogID
  let origin: String
  let published: PublishedLog
  let checkpoint: StoredCheckpoint

  /// - Parameters:
  ///   - witnesses: of which the policy of the log consists.
  ///   - cosigners: those that cosign the checkpoint.
  init(
    _ history: History, of plan: EntityID = Self.plan, witnesses: LogPolicy? = nil, cosigners: [NoteSigningKey] = []
  ) async throws {
    log = LogID(plan: plan)
    origin = Self.origin(of: plan)
    let memory = InMemoryEventLog { Timestamp(microsecondsSinceEpoch: 0) }
    var frontier = MerkleFrontier()
    for (event, _) in history { frontier.append(MerkleTree.leafHash(event.body)) }
    let size = LogSize(Int64(history.count))
    let head = LogHead(
      size: size, epoch: 1, root: frontier.root.bytes, frontier: frontier.bytes, origin: origin,
      lastRecordedAt: history.last?.event.recordedAt)
    let outcome = try await memory.append(
      AppendBatch(
        log: log, creation: AppendBatch.Creation(slug: "plan"), expectedSize: .zero, expectedEpoch: 1, newHead: head,
        events: history.map(\.event), disclosures: history.flatMap(\.disclosures), receipts: []))
    guard case .appended = outcome else { throw Unappended(outcome: "\(outcome)") }
    let body = Checkpoint(origin: origin, size: UInt64(history.count), root: frontier.root)
    let note = try Keys.sign(body, cosignedBy: cosigners)
    checkpoint = StoredCheckpoint(
      epoch: 1, size: size, root: frontier.root.bytes, note: String(decoding: note.bytes, as: UTF8.self))
    guard try await memory.publish(checkpoint, of: log) else { throw Unappended(outcome: "no checkpoint") }
    published = PublishedLog(log, in: memory, keys: Keys.logKeys, witnesses: witnesses)
  }

  private struct Unappended: Error { let outcome: String }

  static func origin(of plan: EntityID) -> String { "plans.test/\(plan)/main/1" }

  /// A log as the commands of a plan make it, without erasable values.
  static let real: History = DeciderSpecification.everything.storedHistory { MerkleTree.leafHash($0).bytes }

  /// A log of so many events that mean nothing; every fourth has an erasable value.
  static func made(_ count: Int, of plan: EntityID = Self.plan) -> History {
    (0..<count).map { made(at: $0, of: plan, number: $0) }
  }

  static func made(at index: Int, of plan: EntityID = Self.plan, number: Int) -> History.Element {
    let position = Position(Int64(index))
    let command = EntityID(high: 0x7000, low: 0x8000_0000_0000_0000 | UInt64(index))
    let envelope = EventEnvelope(
      log: LogID(plan: plan), epoch: 1, position: position, type: Made.type, subject: Subject("plans", plan),
      time: Timestamp(microsecondsSinceEpoch: Int64(index)), effectiveDate: LocalDate(daysSinceEpoch: 17_000),
      actor: .system("test"), onBehalfOf: nil, commandID: command, correlationID: command, causationID: nil,
      recordedSource: .api)
    var sink = DisclosureSink(seed: UInt64(index))
    let text = index % 4 == 1 ? Disclosable.text("text \(number)") : .none
    let body = envelope.encode(Made(number: number, text: text), disclosing: &sink)
    let event = StoredEvent(
      position: position, type: envelope.type, subject: "\(envelope.subject)", effectiveDate: envelope.effectiveDate,
      recordedAt: envelope.time, body: body, leafHash: MerkleTree.leafHash(body).bytes)
    let disclosures = sink.takeDisclosures().map {
      StoredDisclosure(position: position, digest: $0.digest, encoded: $0.encoded)
    }
    return (event, disclosures)
  }

  func bundle(withDisclosures: Bool = true) async throws -> [UInt8] {
    var output = MemoryOutput()
    try await AuditBundle.write(
      published, as: checkpoint, plan: Array("plan: A\n".utf8), modifiedAt: 1_551_441_600,
      withDisclosures: withDisclosures, to: &output, progress: { _ in })
    return output.bytes
  }

  /// A bundle of 300 events without what is for people; made once, since many tests damage a copy of it.
  static var archiveOf300: Archive {
    get async throws { try await whole.value }
  }

  private static let whole = Task { try await SampleLog(made(300)).archive() }

  /// The bundle without what is for people.
  func archive() async throws -> Archive {
    var archive = try await Archive(bundle())
    archive.members.removeAll { AuditBundle.companions.contains($0.name) }
    return archive
  }
}

/// An event of no plan.
private struct Made: EventPayload {
  static let type = "org.federwerk.test.made.v1"
  static let record = Record(Self.init(number:text:), Field("number", \.number), Field("text", \.text))

  let number: Int
  let text: Disclosable
}

/// Keys that are the same in every run: a log's, and those of witnesses.
enum Keys {
  static func log(_ origin: String, _ number: UInt8 = 1) throws -> NoteSigningKey {
    try NoteSigningKey(name: origin, seed: [UInt8](repeating: number, count: 32))
  }

  static func witness(_ number: UInt8) throws -> NoteSigningKey {
    try NoteSigningKey(
      name: "witness\(number).test", algorithm: .cosignature, seed: [UInt8](repeating: 100 + number, count: 32))
  }

  static let logKeys = LogKeys(signing: { [try log($0)] }, verifying: { [try log($0).verifierKey] })

  /// The witnesses of these numbers, of whom so many must cosign.
  static func policy(witnesses numbers: [UInt8], quorum: Int) throws -> LogPolicy {
    let witnesses = try numbers.map { LogPolicy.Witness(name: PolicyName("w\($0)"), key: try witness($0).verifierKey) }
    let group = LogPolicy.Group(name: "g", threshold: .atLeast(quorum), members: witnesses.map(\.name))
    return try LogPolicy(logs: [], witnesses: witnesses, groups: [group], quorum: "g")
  }

  static func sign(
    _ checkpoint: Checkpoint, with key: NoteSigningKey? = nil, cosignedBy cosigners: [NoteSigningKey] = []
  ) throws -> SignedNote {
    try SignedNote.sign(text: checkpoint.noteText, with: [try key ?? log(checkpoint.origin)])
      .adding(cosigners.map { try $0.cosign(checkpoint, at: 1_551_441_600) })
  }
}

struct MemoryOutput: ByteOutput {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ bytes: [UInt8]) { self.bytes += bytes }
}

/// An archive that a test takes apart and puts together, written and read without the program's own code.
struct Archive {
  struct Member: Hashable {
    var name: String
    var content: [UInt8]
    /// Other than the size of the content, for headers that lie.
    var size: String?
    var type = UInt8(ascii: "0")
  }

  var members: [Member] = []

  init(_ bytes: [UInt8] = []) {
    var offset = 0
    while offset + 512 <= bytes.count, bytes[offset] != 0 {
      let name = bytes[offset..<offset + 100].prefix { $0 != 0 }
      let size = Int(String(decoding: bytes[offset + 124..<offset + 135], as: UTF8.self), radix: 8) ?? 0
      offset += 512
      members.append(
        Member(name: String(decoding: name, as: UTF8.self), content: Array(bytes[offset..<offset + size])))
      offset += (size + 511) / 512 * 512
    }
  }

  /// The archive as IEEE Std 1003.1 describes it, with the same metadata for all members.
  var bytes: [UInt8] { members.flatMap { Self.bytes(of: $0) } + [UInt8](repeating: 0, count: 1024) }

  static func bytes(of member: Member) -> [UInt8] {
    let count = member.content.count
    return header(of: member) + member.content + [UInt8](repeating: 0, count: (512 - count % 512) % 512)
  }

  private static func header(of member: Member) -> [UInt8] {
    let size = String(member.content.count, radix: 8)
    let fields: [(Int, String)] = [
      (0, member.name), (100, "0000644"), (108, "0000000"), (116, "0000000"),
      (124, member.size ?? String(repeating: "0", count: 11 - size.count) + size), (136, "13436217300"),
      (148, "        "), (156, String(UnicodeScalar(member.type))), (257, "ustar"), (263, "00"),
    ]
    var header = [UInt8](repeating: 0, count: 512)
    for (offset, text) in fields { header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8) }
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    let checksum = String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} "
    header.replaceSubrange(148..<156, with: checksum.utf8)
    return header
  }

  /// The content of a member.
  subscript(_ name: String) -> [UInt8] {
    get { members.first { $0.name == name }?.content ?? [] }
    set {
      guard let index = members.firstIndex(where: { $0.name == name }) else { preconditionFailure("no \(name)") }
      members[index].content = newValue
    }
  }

  mutating func remove(_ name: String) { members.removeAll { $0.name == name } }

  /// Changes the entries of one bundle.
  mutating func changeEntries(_ name: String, _ change: (inout [[UInt8]]) -> Void) throws {
    var entries = try EntryBundle.decode(self[name])
    change(&entries)
    self[name] = try EntryBundle.encode(entries)
  }
}

/// What a verification of these bytes finds.
func verify(
  _ bytes: [UInt8], trusting trust: AuditVerification.Trust = AuditVerification.Trust(), parallelism: Int = 2
) async throws -> AuditVerification {
  var source: any AuditSource = BundleSource(MemoryInput(bytes))
  return try await AuditVerification.run(
    &source, trust: trust, parallelism: parallelism, keepingRecordings: true, progress: { _, _ in })
}

extension AuditVerification {
  func has(_ code: String, at position: Int64? = nil) -> Bool {
    findings.contains { $0.code == code && $0.position == position.map { Position($0) } }
  }
}

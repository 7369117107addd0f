import EventSourcing
import GrowingLog
import PartnerKit
import TamperEvidence
import Testing
import Webhooks

/// The kit finds what a sender or a feed does wrong, and nothing else.
struct PartnerKitTests {
  private static let now = 1_551_441_600
  private static let keys = WebhookKeys(secret: [UInt8](repeating: 3, count: 32)).generation(
    1, of: EntityID(high: 1, low: 1))

  private static func event(
    _ id: Int64, _ subject: String = "measures/a", source: String = "urn:federwerk:plan:p:log:feed-a:epoch:1",
    text: String = ""
  ) -> [UInt8] {
    let name = JSON.string(Position(id).padded.description)
    return JSON.object([
      .init("data", ["text": .string(text)]), .init("id", name), .init("partitionkey", .string(subject)),
      .init("sequence", name), .init("source", .string(source)), .init("specversion", "1.0"),
      .init("subject", .string(subject)), .init("type", "t"),
    ]).canonicalBytes
  }

  private static func delivery(
    _ id: Int64, at timestamp: Int = now, body: [UInt8]? = nil, change: (inout [String: String]) -> Void = { _ in }
  ) -> Delivery {
    let body = body ?? event(id)
    let signature = WebhookSignature(
      event(id), id: Position(id).padded.description, timestamp: timestamp, keys: [keys])
    var fields = Dictionary(uniqueKeysWithValues: signature.fields.map { ($0.name, $0.value) })
    change(&fields)
    return Delivery(
      id: fields["webhook-id"], timestamp: fields["webhook-timestamp"], signatures: fields["webhook-signature"],
      contentType: "application/cloudevents+json", body: body)
  }

  @Test func `our own deliveries are genuine, by the secret, by the public key, and by both`() throws {
    for (secrets, open) in [
      ([Self.keys.secret], []), ([], [Self.keys.publicKey]), ([Self.keys.secret], [Self.keys.publicKey]),
    ] {
      let verifier = try #require(WebhookVerifier(secrets: secrets, publicKeys: open))
      #expect(verifier.objection(to: Self.delivery(7), at: Self.now) == nil)
      #expect(verifier.objection(to: Self.delivery(7), at: Self.now + 300) == nil)
    }
  }

  @Test func `what is not genuine is refused, with the reason`() throws {
    let verifier = try #require(
      WebhookVerifier(secrets: [Self.keys.secret], publicKeys: [Self.keys.publicKey]))
    let wrong: [(Delivery, String)] = [
      (Self.delivery(7, body: Self.event(7, text: "x")), "no v1 signature"),
      (Self.delivery(7, at: Self.now - 301), "five minutes"), (Self.delivery(7, at: Self.now + 301), "five minutes"),
      (Self.delivery(7) { $0["webhook-id"] = "0000000000000008" }, "no v1 signature"),
      (Self.delivery(7) { $0["webhook-id"] = nil }, "webhook-id"),
      (Self.delivery(7) { $0["webhook-id"] = "a.b" }, "webhook-id"),
      (Self.delivery(7) { $0["webhook-timestamp"] = "1551441600.0" }, "webhook-timestamp"),
      (Self.delivery(7) { $0["webhook-timestamp"] = "01551441600" }, "webhook-timestamp"),
      (Self.delivery(7) { $0["webhook-timestamp"] = "\(Int.min)" }, "five minutes"),
      (Self.delivery(7) { $0["webhook-timestamp"] = "\(Int.max)" }, "five minutes"),
      (Self.delivery(7) { $0["webhook-signature"] = nil }, "webhook-signature"),
      (Self.delivery(7) { $0["webhook-signature"] = "v1" }, "comma"),
      (
        Self.delivery(7) {
          $0["webhook-signature"] = $0["webhook-signature"]?.split(separator: " ").first.map(String.init)
        }, "no v1a"
      ),
      (
        Self.delivery(7) {
          $0["webhook-signature"] = $0["webhook-signature"]?.split(separator: " ").last.map(String.init)
        }, "no v1 "
      ),
    ]
    for (delivery, reason) in wrong {
      let objection = verifier.objection(to: delivery, at: Self.now)
      #expect(objection?.contains(reason) == true, "\(objection ?? "genuine")")
    }
    #expect(WebhookVerifier(secrets: [], publicKeys: []) == nil)
    #expect(WebhookVerifier(secrets: ["whsec_"], publicKeys: []) == nil)
    #expect(WebhookVerifier(secrets: ["secret"], publicKeys: []) == nil)
    #expect(WebhookVerifier(secrets: [], publicKeys: ["whpk_AAAA"]) == nil)
  }

  @Test func `repetitions are counted, and gaps, changed bytes, wrong order and another source are found`() {
    var ledger = EventLedger()
    #expect(ledger.take(Self.event(0)) == .new)
    #expect(ledger.take(Self.event(0)) == .repeated)
    #expect(ledger.take(Self.event(2, "measures/b")) == .new)
    #expect(ledger.gaps == ["0000000000000001 is missing"])
    #expect(ledger.take(Self.event(1)) == .new, "another subject may be ahead")
    #expect(ledger.gaps == [])
    #expect(ledger.take(Self.event(5, "measures/b")) == .new)
    #expect(ledger.gaps == ["0000000000000003 to 0000000000000004 are missing"])
    for (event, reason) in [
      (Self.event(1, text: "other"), "other bytes"), (Self.event(4, "measures/b"), "came after"),
      (Self.event(6, source: "urn:federwerk:plan:p:log:feed-a:epoch:2"), "restored"),
      (Array("{\"b\":1,\"a\":2}".utf8), "canonical"), (Array("{}".utf8), "specversion"),
      (Array(#"{"id":"x","source":"s","specversion":"1.0","type":"t"}"#.utf8), "sixteen"),
    ] {
      guard case .faulty(let faults) = ledger.take(event) else {
        Issue.record("\(reason) is not found")
        continue
      }
      #expect(faults.contains { $0.contains(reason) }, "\(faults)")
    }
    #expect(ledger.repeatedCount == 2)
  }

  @Test func `whatever comes first, order is looked at about each subject, and a replay is none of its faults`() {
    var ledger = EventLedger()
    // Deliveries about different subjects come side by side.
    for (id, subject) in [(9, "measures/b"), (2, "measures/a"), (4, "measures/a")] as [(Int64, String)] {
      #expect(ledger.take(Self.event(id, subject)) == .new)
    }
    #expect(ledger.take(Self.event(3)) == .faulty(["0000000000000003 about measures/a came after 0000000000000004"]))
    for (id, subject) in [(0, "measures/a"), (1, "measures/a"), (5, "measures/b")] as [(Int64, String)] {
      #expect(ledger.take(Self.event(id, subject)) == .new, "what comes before all about its subject is replayed")
    }
    #expect(ledger.take(Self.event(2)) == .repeated)
  }

  @Test func `a receiver that verifies meets every expectation of a trial, one that takes all does not`() throws {
    let trial = try #require(ReceiverTrial(secret: Self.keys.secret, now: Self.now))
    let verifier = try #require(WebhookVerifier(secrets: [Self.keys.secret], publicKeys: []))
    for step in trial.steps {
      let fields = Dictionary(uniqueKeysWithValues: step.fields.map { ($0.name, $0.value) })
      let delivery = Delivery(
        id: fields["webhook-id"], timestamp: fields["webhook-timestamp"], signatures: fields["webhook-signature"],
        contentType: fields["content-type"], body: step.body)
      let status = verifier.objection(to: delivery, at: Self.now) == nil ? 204 : 401
      #expect(step.expectation.isMet(by: status), "\(step.name)")
      if case .failure(let fault) = CloudEventCheck.read(step.body) { Issue.record("\(step.name): \(fault.text)") }
    }
    #expect(trial.steps.count { !$0.expectation.isMet(by: 200) } == 5)
    #expect(trial.steps.count { !$0.expectation.isMet(by: 401) } == 8)
    #expect(ReceiverTrial(secret: "none", now: Self.now) == nil)
  }

  @Test func `a checkpoint proves just the events that it was made of`() async throws {
    let log = GrowingLog()
    try await log.grow(by: 30)
    let head = try #require(try await log.memory.head(of: log.id))
    let key = try NoteSigningKey(name: "plans.test", seed: [UInt8](repeating: 5, count: 32))
    let root = try #require(MerkleHash(bytes: head.root))
    let text = Checkpoint(origin: "plans.test", size: 30, root: root).noteText
    let note = try SignedNote.sign(text: text, with: [key]).bytes
    let keys = [key.verifierKey.description]
    let entries = (0..<Int64(30)).map { Array(log.entry($0).utf8) }
    func fault(_ entries: [[UInt8]], _ note: [UInt8], _ keys: [String]) -> String? {
      if case .failure(let fault) = FeedTrial.prove(entries, by: note, keys: keys) { fault.text } else { nil }
    }
    #expect(FeedTrial.prove(entries, by: note, keys: keys) == .success(30))
    #expect(FeedTrial.prove(entries + [[1]], by: note, keys: keys) == .success(30))
    #expect(fault(Array(entries.dropLast()), note, keys)?.contains("only 29 came") == true)
    #expect(fault([entries[1], entries[0]] + entries.dropFirst(2), note, keys)?.contains("not those") == true)
    let other = try NoteSigningKey(name: "plans.test", seed: [UInt8](repeating: 6, count: 32))
    #expect(fault(entries, note, [other.verifierKey.description])?.contains("not signed") == true)
    #expect(fault(entries, Array("nothing".utf8), keys)?.contains("not signed") == true)
  }

  @Test func `a stream is read in whatever pieces it comes`() {
    let text = """
      : hello\r
      id: 1\r
      data: a\r
      \r
      id: 1
      event: checkpoint
      data: {"size":1}

      retry: 10
      data:b
      data:  c
      unknown


      """
    for size in 1...20 {
      var reader = EventStreamReader()
      var blocks: [EventStreamReader.Block] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        blocks += reader.take(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(blocks.map(\.event) == ["message", "checkpoint", "message"])
      #expect(blocks.map(\.id) == ["1", "1", "1"])
      #expect(blocks.map { String(decoding: $0.data, as: UTF8.self) } == ["a", #"{"size":1}"#, "b\n c"])
    }
  }

  @Test func `the elements of an array are its bytes`() {
    func elements(_ text: String) -> [String]? {
      CanonicalJSON.elements(ofArray: Array(text.utf8))?.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(elements("[]") == [])
    #expect(elements(#"[{"a":[1,2]},"],[",3]"#) == [#"{"a":[1,2]}"#, #""],[""#, "3"])
    for wrong in ["", "[", "[1", "[1,", "[1,]", "[1 ]", "[1]x", "{}", "[1]]", "[ 1]", "1"] {
      #expect(elements(wrong) == nil, "\(wrong)")
    }
  }
}

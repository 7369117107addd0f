import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanService
import TamperEvidence
import Testing

/// The log as outsiders read it: tiles, entries, proofs, keys.
@Suite(.hangLimit)
struct LogRoutesTests {
  private static let log = "/v1/plans/industriestadt/log"

  /// A plan with so many events, and its checkpoint.
  private func withLog(
    of count: Int, _ body: @escaping @Sendable (Client, Checkpoint, [StoredEvent]) async throws -> Void
  ) async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let begun = Int(try await edge.eventCount())
      let list: JSON = [
        "commands": .array(
          (begun..<max(begun, count)).map {
            ["command": "register-document", "with": ["key": .string("D\($0)"), "title": "T"]]
          })
      ]
      if count > begun { #expect(try await client.post("/v1/plans/industriestadt/commands", list).status == 201) }
      let log = LogID(plan: try await edge.plan())
      let stored = try #require(try await edge.publisher.publish(log))
      let note = try SignedNote(parsing: Array(stored.note.utf8))
      let events = try await edge.memory.events(of: log, matching: EventQuery(limit: 1000))
      try await body(
        client, try note.checkpoint(signedBy: [Edge.key(edge.service.origin(of: log, epoch: 1)).verifierKey]), events)
    }
  }

  @Test func `every event has a proof that verifies with its bytes and the published keys`() async throws {
    try await withLog(of: 300) { client, checkpoint, events in
      let keys = try await client.get("\(Self.log)/vkeys").text.split(separator: "\n").map {
        try NoteVerifierKey(parsing: String($0))
      }
      #expect(keys.map(\.name) == [checkpoint.origin])
      for position in [0, 1, 255, 256, 299] {
        let answer = try await client.get("\(Self.log)/proofs/\(position)")
        #expect(answer.status == 200)
        let proof = try TlogProofFile(parsing: answer.bytes)
        #expect(proof.index == UInt64(position))
        #expect(try proof.verify(entry: events[position].body, with: keys) == checkpoint)
        #expect(throws: TlogProofFileError.self) { try proof.verify(entry: events[2].body, with: keys) }
      }
      let policy = try LogPolicy(parsing: Array(try await client.get("\(Self.log)/policy").text.utf8))
      let proof = try TlogProofFile(parsing: try await client.get("\(Self.log)/proofs/7").bytes)
      #expect(try proof.verify(entry: events[7].body, under: policy) == checkpoint)
    }
  }

  @Test func `tiles and entries are those of the events, and partial ones of every size`() async throws {
    try await withLog(of: 300) { client, _, events in
      let leaves = events.map { MerkleTree.leafHash($0.body) }
      for (path, range) in [("0/000", 0..<256), ("0/001.p/44", 256..<300), ("0/001.p/7", 256..<263)] {
        let answer = try await client.get("\(Self.log)/tile/\(path)")
        #expect(answer["Content-Type"] == "application/octet-stream")
        #expect(answer["Cache-Control"] == "private, max-age=31536000, immutable")
        #expect(answer.bytes == Tile.encode(Array(leaves[range])), "\(path)")
      }
      let above = try await client.get("\(Self.log)/tile/1/000.p/1")
      #expect(above.bytes == Tile.root(of: Array(leaves[..<256]))?.bytes)
      for (path, range) in [("000", 0..<256), ("001.p/44", 256..<300), ("001.p/1", 256..<257)] {
        let answer = try await client.get("\(Self.log)/tile/entries/\(path)")
        #expect(try EntryBundle.decode(answer.bytes) == events[range].map(\.body), "\(path)")
      }
    }
  }

  @Test func `the log of a size continues every earlier one`() async throws {
    try await withLog(of: 300) { client, checkpoint, events in
      var frontier = MerkleFrontier()
      var roots = [frontier.root]
      for event in events {
        frontier.append(MerkleTree.leafHash(event.body))
        roots.append(frontier.root)
      }
      for (old, new) in [(0, 300), (1, 300), (255, 256), (256, 257), (257, 300), (300, 300)] {
        let answer = try await client.get("\(Self.log)/consistency?from=\(old)&to=\(new)")
        let hashes = try #require(answer.json["hashes"]?.array).map { MerkleHash(base64: $0.string ?? "") }
        let proof = ConsistencyProof(
          oldSize: UInt64(old), newSize: UInt64(new), hashes: hashes.compactMap(\.self))
        #expect(hashes.allSatisfy { $0 != nil })
        #expect(proof.verifies(oldRoot: roots[old], newRoot: roots[new]), "\(old) to \(new)")
        #expect(answer.json["fromRoot"]?.string == roots[old].base64)
      }
      let newest = try await client.get("\(Self.log)/consistency?from=10")
      #expect(newest.json["to"]?.integer == Int64(checkpoint.size))
      #expect(newest.json["toRoot"]?.string == checkpoint.root.base64)
    }
  }

  @Test func `every full stretch has a checkpoint of its own`() async throws {
    try await withLog(of: 600) { client, newest, events in
      let answer = try await client.get("\(Self.log)/checkpoint?size=512")
      let key = try Edge.key(newest.origin).verifierKey
      let checkpoint = try SignedNote(parsing: answer.bytes).checkpoint(signedBy: [key])
      var frontier = MerkleFrontier()
      for event in events[..<512] { frontier.append(MerkleTree.leafHash(event.body)) }
      #expect(checkpoint.size == 512)
      #expect(checkpoint.root == frontier.root)
      #expect(answer["Cache-Control"] == "private, max-age=31536000, immutable")
      #expect(try await client.get("\(Self.log)/checkpoint?size=512").bytes == answer.bytes)
      // The newest stays the newest.
      #expect(
        try SignedNote(parsing: try await client.get("\(Self.log)/checkpoint").bytes).checkpoint(signedBy: [key])
          == newest)
      let proof = try TlogProofFile(parsing: try await client.get("\(Self.log)/proofs/511?size=512").bytes)
      #expect(try proof.verify(entry: events[511].body, with: [key]) == checkpoint)
      for size in [511, 768, 0, 100_000] {
        try await client.expectProblem(404, "unknown-checkpoint") {
          try await client.get("\(Self.log)/checkpoint?size=\(size)")
        }
      }
    }
  }

  @Test func `entries and values are for auditors and the office, hashes for everybody who may know of the plan`()
    async throws
  {
    try await withLog(of: 30) { client, _, _ in
      for role in [Role.lead, .contributor, .steering, .partner, .auditor] {
        let token = try await client.edge.token(role, role == .lead || role == .contributor ? "ihk" : nil)
        for path in ["tile/entries/000.p/3", "disclosures/000.p/3"] {
          let answer = try await client.send(.get, "\(Self.log)/\(path)", token: token)
          #expect(answer.status == (role == .auditor ? 200 : 403), "\(role) \(path)")
        }
        for path in ["checkpoint", "vkeys", "policy", "tile/0/000.p/3", "proofs/2", "consistency?from=1"] {
          #expect(try await client.send(.get, "\(Self.log)/\(path)", token: token).status == 200, "\(role) \(path)")
        }
      }
      for path in ["checkpoint", "vkeys", "policy", "tile/0/000.p/3", "proofs/2", "consistency?from=1"] {
        #expect(try await client.send(.get, "\(Self.log)/\(path)", token: nil).status == 401)
      }
    }
  }

  @Test func `erasable values stand beside the entries until they are erased`() async throws {
    try await withLog(of: 10) { client, _, _ in
      let raised = try await client.command("raise-issue", ["kind": "question", "text": "Wer zahlt?"])
      let position = try #require(raised.json["position"]?.integer)
      let path = "\(Self.log)/disclosures/000.p/\(position + 1)"
      let before = try await client.get(path)
      #expect(before["Content-Type"] == "application/x-ndjson")
      #expect(before["Cache-Control"] == "private, no-store")
      func values(_ answer: Answer) throws -> [JSON?] {
        try answer.bytes.split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
          .filter { $0["position"]?.integer == position }
          .map { Disclosure(encoded: $0["disclosure"]?.string ?? "").content?.value }
      }
      #expect(try values(before).contains("Wer zahlt?"))
      _ = try await client.command("erase-personal-data", ["event": .integer(position), "reason": "requested"])
      #expect(try values(try await client.get(path)) == [])
    }
  }

  @Test(
    arguments: [
      ("tile/0/001", 404, "unknown-tile", nil), ("tile/0/000.p/31", 404, "unknown-tile", nil),
      ("tile/0/0", 404, "unknown-tile", nil), ("tile/0/000.p/0", 404, "unknown-tile", nil),
      ("tile/0/000.p/256", 404, "unknown-tile", nil), ("tile/0/x000/000", 404, "unknown-tile", nil),
      ("tile/1/000", 404, "unknown-tile", nil), ("tile/64/000", 404, "unknown-tile", nil),
      ("tile/-1/000", 404, "unknown-tile", nil), ("tile/entries/001", 404, "unknown-tile", nil),
      ("tile/entries/x018/x446/x744/x073/x709/x551/616", 404, "unknown-tile", nil),
      ("tile/0/..%2F..%2Fvkeys", 404, "unknown-tile", nil), ("disclosures/001", 404, "unknown-tile", nil),
      ("proofs/30", 422, "not-covered", "position"), ("proofs/-1", 400, "invalid-value", "position"),
      ("proofs/99999999999999999999", 400, "invalid-value", "position"),
      ("proofs/1?size=7", 404, "unknown-checkpoint", nil), ("proofs/1?size=x", 400, "invalid-value", "size"),
      ("consistency", 400, "missing-parameter", "from"), ("consistency?from=5&to=4", 422, "sizes-reversed", "from"),
      ("consistency?from=0&to=31", 422, "sizes-reversed", "from"),
      ("consistency?from=0&to=1.5", 400, "invalid-value", "to"),
      ("consistency?from=0&until=1", 400, "unknown-parameter", "until"),
      ("vkeys?all=1", 400, "unknown-parameter", "all"),
    ] as [(String, Int, String, String?)])
  func `what is not there or not well asked is a problem`(
    path: String, status: Int, code: String, field: String?
  ) async throws {
    try await withLog(of: 30) { client, _, _ in
      try await client.expectProblem(status, code, field: field) { try await client.get("\(Self.log)/\(path)") }
    }
  }

  @Test func `no proof is handed out of hashes that contradict the checkpoint`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let log = LogID(plan: try await edge.plan())
      let stored = try #require(try await edge.publisher.publish(log))
      var root = stored.root
      root[0] ^= 1
      let forged = StoredCheckpoint(epoch: 1, size: LogSize(stored.size.value - 1), root: root, note: stored.note)
      #expect(try await edge.memory.publish(forged, of: log))
      let answer = try await client.expectProblem(503, "log-damaged") {
        try await client.get("\(Self.log)/proofs/1?size=\(stored.size.value - 1)")
      }
      #expect(answer["Retry-After"] == nil)
    }
  }
}

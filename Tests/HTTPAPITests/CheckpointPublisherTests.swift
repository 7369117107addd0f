import EventSourcing
import Foundation
import HTTPAPI
import HangLimit
import PlanService
import Synchronization
import TamperEvidence
import Testing

@Suite(.hangLimit)
struct CheckpointPublisherTests {
  @Test func `a committed head is signed once, and the mark outside the database is raised`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let log = LogID(plan: try await edge.plan())
      let head = try #require(try await edge.memory.head(of: log))
      let first = try #require(try await edge.publisher.publish(log))
      #expect(first.size == head.size)
      #expect(first.root == head.root)
      let note = try SignedNote(parsing: Array(first.note.utf8))
      #expect(try note.verify(with: [Edge.key(head.origin).verifierKey]).map(\.name) == [head.origin])
      #expect(throws: SignedNoteError.self) { try note.verify(with: [Edge.key("other").verifierKey]) }
      let mark = try #require(try edge.highWater.mark(of: LogIDPath(log)))
      #expect(mark.size == head.size.value)
      #expect(mark.root == MerkleHash(bytes: head.root)?.base64)
      #expect(try await edge.publisher.publish(log) == first)
      _ = try await client.command("register-document", ["key": "A", "title": "T"])
      let second = try #require(try await edge.publisher.publish(log))
      #expect(second.size.value == head.size.value + 1)
      #expect(try edge.highWater.mark(of: LogIDPath(log))?.size == second.size.value)
    }
  }

  @Test func `what another server has published is marked on this one too`() async throws {
    let edge = Edge()
    let other = Edge(continuing: edge, onOtherServer: true)
    try await edge.run { client in
      try await client.begin()
      let log = LogID(plan: try await edge.plan())
      let checkpoint = try await edge.publisher.publish(log)
      try await other.run { _ in
        #expect(try other.highWater.mark(of: LogIDPath(log)) == nil)
        #expect(try await other.publisher.publish(log) == checkpoint)
        #expect(try other.highWater.mark(of: LogIDPath(log)) == edge.highWater.mark(of: LogIDPath(log)))
        // It grows and is published there: this server notes that as well.
        _ = try await client.command("register-document", ["key": "A", "title": "T"])
        _ = try await edge.publisher.publish(log)
        try await other.publisher.publish(log)
        #expect(try other.highWater.mark(of: LogIDPath(log)) == edge.highWater.mark(of: LogIDPath(log)))
      }
    }
  }

  @Test func `a published log verifies with its checkpoint, and with no other key`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let log = LogID(plan: try await edge.plan())
      _ = try await edge.publisher.publish(log)
      let mark = try edge.highWater.mark(of: LogIDPath(log))
      func findings(_ keys: @escaping @Sendable (String) -> [NoteVerifierKey]) async throws -> [String] {
        let verification = try await LogVerification.run(
          log, in: edge.memory, verifierKeys: keys, published: mark, progress: { _ in })
        #expect(verification.checkpointCount == 1)
        return verification.findings.map(\.code)
      }
      #expect(try await findings { [try? Edge.key($0).verifierKey].compactMap(\.self) } == [])
      #expect(
        try await findings { _ in [try? Edge.key("other").verifierKey].compactMap(\.self) } == ["checkpoint-signature"])
    }
  }

  @Test func `no second root is ever signed`() async throws {
    for size in [1, 5, 1000] as [Int64] {
      let edge = Edge()
      try await edge.run { try await $0.begin() }
      let log = LogID(plan: try await edge.plan())
      // Something else was published: at a size that this log has passed, or beyond it.
      let root = String(repeating: "A", count: 43) + "="
      let json = Data("{\"epoch\":1,\"size\":\(size),\"root\":\"\(root)\"}".utf8)
      let mark = try JSONDecoder().decode(HighWater.Mark.self, from: json)
      try edge.highWater.raise(mark, of: LogIDPath(log))
      let later = Edge(continuing: edge)
      try await later.run { client in
        await #expect(throws: Unavailability.self) { try await later.publisher.publish(log) }
        #expect(try await later.memory.checkpoint(of: log, sizeMax: nil) == nil)
        #expect(try later.highWater.mark(of: LogIDPath(log)) == mark)
        try await client.expectProblem(503, "log-regressed") {
          try await client.command("register-document", ["key": "A", "title": "T"])
        }
      }
    }
  }

  @Test func `one log that cannot be published keeps no other from it`() async throws {
    let edge = Edge()
    try await edge.run { client in
      _ = try await client.post("/v1/plans", ["slug": "a", "title": "T"])
      _ = try await client.post("/v1/plans", ["slug": "b", "title": "T"])
    }
    try edge.regress(try await edge.plan("a"))
    let later = Edge(continuing: edge)
    try await later.run { _ in
      let other = LogID(plan: try await later.plan("b"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await later.publisher.run() }
        while try await later.memory.checkpoint(of: other, sizeMax: nil) == nil {
          try Task.checkCancellation()
          await Task.yield()
        }
        group.cancelAll()
      }
      let log = LogID(plan: try await later.plan("a"))
      #expect(try await later.memory.checkpoint(of: log, sizeMax: nil) == nil)
    }
  }

  @Test func `a quorum of witnesses is asked for the plan's own log, and holds no feed back`() async throws {
    let key = try NoteSigningKey(name: "w.test", algorithm: .cosignature, seed: Edge.secret).verifierKey
    let policy = try LogPolicy(
      logs: [], witnesses: [LogPolicy.Witness(name: "w", key: key, url: "w")], groups: [], quorum: "w")
    let strangers = Strangers()
    let edge = Edge(witnessing: Witnessing(policy: policy, client: strangers))
    try await withFeed(["types": ["institution.*"]], history: true, on: edge) { desk in
      try await desk.keep()
      let main = LogID(plan: try await edge.plan())
      let feed = LogID(plan: main.plan, name: "feed-press")
      await #expect(throws: QuorumMissing.self) { try await edge.publisher.publish(main) }
      let checkpoint = try #require(try await edge.publisher.publish(feed))
      let note = try SignedNote(parsing: Array(checkpoint.note.utf8))
      let origin = try Checkpoint(noteText: note.text).origin
      // What the feed publishes as its policy is kept by what it publishes.
      let believed = try edge.publisher.published(feed).policy(of: origin).verify(note)
      #expect(believed.size == UInt64(checkpoint.size.value))
      #expect(try edge.publisher.published(main).policy(of: origin).quorum == policy.quorum)
      let earlier = try await edge.publisher.publishEarlier(LogSize(1), of: feed)
      #expect(earlier?.size == LogSize(1))
      #expect(strangers.origins.allSatisfy { $0.hasSuffix("/main/1") }, "\(strangers.origins)")
      #expect(!strangers.origins.isEmpty)
    }
  }
}

/// Witnesses who know no log.
private final class Strangers: WitnessClient {
  private let asked = Mutex<[String]>([])

  /// The logs that they were asked about.
  var origins: [String] { asked.withLock { $0 } }

  func addCheckpoint(_ request: WitnessRequest, at url: String) -> (status: Int, body: [UInt8]) {
    asked.withLock { $0.append(request.origin) }
    return (404, [])
  }
}

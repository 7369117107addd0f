import EventSourcing
import Foundation
import Synchronization
import Testing

/// Callers that never give up: each sends its commands with keys of its own, and after a fault repeats what was not
/// answered with the same key. What they were told must be what the log holds.
final class PersistentCallers: Sendable {
  struct Attempt: Sendable {
    let issue: String
    let key: String
  }

  private struct State {
    var acknowledged: [String: (issue: String, answer: [UInt8])] = [:]
    var open: [String: Attempt] = [:]
    var number = 0
    var isStopped = false
    var waiters: [(target: Int, resume: CheckedContinuation<Void, Never>)] = []

    mutating func takeReadyWaiters() -> [CheckedContinuation<Void, Never>] {
      let count = acknowledged.count
      let stopped = isStopped
      defer { waiters.removeAll { stopped || $0.target <= count } }
      return waiters.filter { stopped || $0.target <= count }.map(\.resume)
    }
  }

  private let state = Mutex(State())
  private let count: Int

  init(count: Int) { self.count = count }

  var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }

  /// Sends commands while the body runs; returns when every caller has noticed that it is over.
  func call(_ client: Client, during body: () async -> Void) async {
    // Before anything else: a caller that begins late must not find, or undo, the end of this round or the last one.
    state.withLock { $0.isStopped = false }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          while let attempt = self.next() { await self.send(attempt, client) }
        }
      }
      await body()
      stop()
    }
  }

  private func stop() {
    let ready = state.withLock { state in
      state.isStopped = true
      return state.takeReadyWaiters()
    }
    for waiter in ready { waiter.resume() }
  }

  /// Suspends until so many commands are acknowledged in all, or the callers are stopped.
  func waitUntil(acknowledged target: Int) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        state.waiters.append((target, continuation))
        return state.takeReadyWaiters()
      }
      for waiter in ready { waiter.resume() }
    }
  }

  /// Repeats what was never answered until it is; each either was carried out before or is now.
  func settle(_ client: Client) async throws {
    for attempt in state.withLock({ Array($0.open.values) }) {
      while state.withLock({ $0.open[attempt.key] != nil }) { await send(attempt, client) }
    }
  }

  private func next() -> Attempt? {
    state.withLock { state in
      guard !state.isStopped else { return nil }
      state.number += 1
      let attempt = Attempt(issue: UUID().uuidString.lowercased(), key: "fault-\(state.number)")
      state.open[attempt.key] = attempt
      return attempt
    }
  }

  private func send(_ attempt: Attempt, _ client: Client) async {
    let body = #"{"id":"\#(attempt.issue)","kind":"question","text":"Frage \#(attempt.key)"}"#
    guard let answer = try? await client.command("raise-issue", body, plan: "fault", key: attempt.key) else { return }
    guard answer.status == 201 else {
      #expect([503, 409].contains(answer.status), "\(answer.status) \(answer.text)")
      return
    }
    let ready = state.withLock { state in
      state.open[attempt.key] = nil
      state.acknowledged[attempt.key] = (attempt.issue, answer.bytes)
      return state.takeReadyWaiters()
    }
    for waiter in ready { waiter.resume() }
  }

  /// Every acknowledged command is in the log exactly once, nothing else is, and repeating one gets the first answer.
  func check(_ events: [JSON], _ client: Client) async throws {
    let acknowledged = state.withLock { $0.acknowledged }
    for (position, event) in events.enumerated() {
      #expect(event["id"]?.string == Position(Int64(position)).padded.description)
    }
    let subjects = events.compactMap { $0["subject"]?.string }.filter { $0.hasPrefix("issues/") }
    #expect(subjects.count == Set(subjects).count, "no issue is there twice")
    #expect(Set(subjects) == Set(acknowledged.values.map { "issues/\($0.issue)" }))
    for (key, value) in acknowledged.sorted(by: { $0.key < $1.key }).prefix(25) {
      let body = #"{"id":"\#(value.issue)","kind":"question","text":"Frage \#(key)"}"#
      let again = try await client.command("raise-issue", body, plan: "fault", key: key)
      #expect(again.bytes == value.answer)
    }
  }
}

/// Rounds of killing, seeded: `make test` runs fifty of each, `make soak` as many as FEDERWERK_SOAK_ROUNDS says.
@Suite(.serialized) struct SoakTests {
  static let rounds = ProcessInfo.processInfo.environment["FEDERWERK_SOAK_ROUNDS"].flatMap { Int($0) } ?? 50
  static let seed: UInt64 = 20_180_904

  private static func makePlan(_ client: Client) async throws {
    let created = try await client.send(
      "POST", "/v1/plans", body: #"{"slug":"fault","title":"Ausfallprobe"}"#, headers: ["Idempotency-Key": "make"])
    #expect(created.status == 201, "\(created.text)")
    for (command, body) in [
      ("register-partner-system", #"{"slug":"press","name":"Pressestelle"}"#),
      ("subscribe-feed", #"{"partner":"press","slug":"press","history":true,"terms":{"types":["issue.*"]}}"#),
    ] { #expect(try await client.command(command, body, plan: "fault").status == 201) }
  }

  /// Those who follow the feed through all of it.
  private static func followers(_ client: Client) -> [FeedFollower] {
    FeedFollower.Form.allCases.enumerated().map { index, form in
      FeedFollower(form, of: "/v1/plans/fault/feed", client, seed: seed + UInt64(index))
    } + [
      FeedFollower(.stream, of: "/v1/plans/fault/feeds/press", client, seed: seed) { event in
        ["issues", "feeds"].contains { event["subject"]?.string?.hasPrefix($0) == true }
      }
    ]
  }

  private static func checkAll(
    _ server: RunningServer, _ client: Client, _ callers: PersistentCallers, _ followers: [FeedFollower],
    of events: [JSON]
  ) async throws {
    try await callers.check(events, client)
    for follower in followers {
      let read = try follower.events.map { try JSONParser.parse($0) }
      #expect(read.map { $0["id"]?.string } == read.indices.map { Position(Int64($0)).padded.description })
      let expected = events.filter(follower.isMeant).map { $0["subject"] }
      #expect(read.map { $0["subject"] } == expected, "\(follower.form) missed, repeated or reordered events")
      #expect(follower.connectionCount > 1)
    }
    #expect(followers[0].events == events.map(\.canonicalBytes) && followers[1].events == followers[0].events)
    let verified = try await Program.run(["verify", "fault"], home: server.home)
    #expect(verified.status == 0, "\(verified.text)")
    let views = try await Program.run(["projections", "verify", "fault"], home: server.home)
    #expect(views.status == 0 && views.text.contains("equal to those of a rebuild"), "\(views.text)")
    try await OutsideTools.checkLog(of: "fault", server: server, client: client)
  }

  @Test func `a server killed under load loses nothing, repeats nothing and reorders nothing`() async throws {
    let home = try Program.makeHome("kill-server")
    var server = try await RunningServer.start(home: home)
    var client = try await Client(server, role: "coordinator")
    try await Self.makePlan(client)
    let callers = PersistentCallers(count: 8)
    var random = SplitMix64(state: Self.seed)
    let followers = Self.followers(client)
    let events = try await followers.follow {
      for _ in 0..<Self.rounds {
        let target = callers.acknowledgedCount + Int(random.next() % 40)
        let victim = server
        await callers.call(client) {
          await callers.waitUntil(acknowledged: target)
          await victim.stop(SIGKILL)
        }
        server = try await RunningServer.start(home: home)
        client.address = server.address
        for follower in followers { follower.move(to: server.address) }
      }
      try await callers.settle(client)
      return try await client.allEvents(of: "fault")
    }
    try await Self.checkAll(server, client, callers, followers, of: events)
    await server.stop()
  }

  @Test func `a database killed under load loses nothing, repeats nothing and reorders nothing`() async throws {
    try await withServer("kill-database") { server in
      let client = try await Client(server, role: "coordinator")
      try await Self.makePlan(client)
      let callers = PersistentCallers(count: 8)
      var random = SplitMix64(state: Self.seed)
      let followers = Self.followers(client)
      let events = try await followers.follow {
        for _ in 0..<Self.rounds {
          let target = callers.acknowledgedCount + 1 + Int(random.next() % 40)
          await callers.call(client) {
            await callers.waitUntil(acknowledged: target)
            for id in server.databaseProcessIDs { kill(id, SIGKILL) }
            // The server starts its database again by itself; the callers go on until it answers again.
            await callers.waitUntil(acknowledged: callers.acknowledgedCount + 8)
          }
        }
        try await callers.settle(client)
        return try await client.allEvents(of: "fault")
      }
      try await Self.checkAll(server, client, callers, followers, of: events)
    }
  }
}

import AsyncHTTPClient
import EventSourcing
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// A partner's program that follows a feed for good: it comes back after every fault, its own among them, with the id
/// of the last event that it has.
final class FeedFollower: Sendable {
  enum Form: CaseIterable { case batches, stream }

  private struct State {
    var address: String
    var events: [[UInt8]] = []
    var random: SplitMix64
    var connections = 0
    var isStopped = false
    var waiting: [(count: Int, resume: CheckedContinuation<Void, Never>)] = []
  }

  let form: Form
  /// Which events of the plan's log the feed should have.
  let isMeant: @Sendable (JSON) -> Bool
  private let token: String
  private let path: String
  private let state: Mutex<State>

  init(
    _ form: Form, of path: String, _ client: Client, seed: UInt64,
    having isMeant: @escaping @Sendable (JSON) -> Bool = { _ in true }
  ) {
    self.form = form
    self.isMeant = isMeant
    self.path = path
    token = client.token
    state = Mutex(State(address: client.address, random: SplitMix64(state: seed)))
  }

  var events: [[UInt8]] { state.withLock { $0.events } }
  var connectionCount: Int { state.withLock { $0.connections } }

  func move(to address: String) { state.withLock { $0.address = address } }

  /// Follows until the body is over and everything is here that it says there is.
  func follow<Result>(_ body: () async throws -> (Result, count: Int)) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { while !self.state.withLock({ $0.isStopped }) { await self.connect() } }
      defer {
        state.withLock { $0.isStopped = true }
        group.cancelAll()
      }
      let (result, count) = try await body()
      await wait(for: count)
      return result
    }
  }

  private func wait(for count: Int) async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.events.count < count { state.waiting.append((count, continuation)) }
        return state.events.count >= count
      }
      if isOver { continuation.resume() }
    }
  }

  /// Reads for a while; every fault is one to come back from.
  private func connect() async {
    let (address, cursor, count) = state.withLock { state in
      state.connections += 1
      let last = LogSize(Int64(state.events.count)).lastPosition
      return (state.address, last?.padded.description, Int(state.random.next() % 300) + 1)
    }
    switch form {
    case .batches: try? await read(batchAt: address, cursor)
    case .stream: try? await read(streamAt: address, cursor, atMost: count)
    }
  }

  private func request(_ address: String, _ query: String) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: "\(address)\(path)\(query)")
    request.headers.add(name: "Authorization", value: "Bearer \(token)")
    return request
  }

  private func read(batchAt address: String, _ cursor: String?) async throws {
    let query = "?timeout=1000&limit=100" + (cursor.map { "&lastEventId=\($0)" } ?? "")
    let response = try await Client.http.execute(request(address, query), timeout: .seconds(10))
    guard response.status == .ok else { return expectFault(response.status.code) }
    let body = try await response.body.collect(upTo: 16 * 1024 * 1024)
    let events = try JSONParser.parse(Array(body.readableBytesView)).array ?? []
    for event in events { take(event.canonicalBytes) }
  }

  private func read(streamAt address: String, _ cursor: String?, atMost count: Int) async throws {
    var request = request(address, "")
    request.headers.add(name: "Accept", value: "text/event-stream")
    if let cursor { request.headers.add(name: "Last-Event-ID", value: cursor) }
    let response = try await Client.http.execute(request, timeout: .seconds(3600))
    guard response.status == .ok else { return expectFault(response.status.code) }
    var bytes: [UInt8] = []
    var taken = 0
    for try await buffer in response.body {
      bytes += buffer.readableBytesView
      while let end = bytes.firstRange(of: [10, 10]) {
        let lines = bytes[..<end.lowerBound].split(separator: 10)
        bytes.removeSubrange(..<end.upperBound)
        guard lines.count == 2, lines[1].starts(with: "data: ".utf8) else { continue }
        take(Array(lines[1].dropFirst(6)))
        taken += 1
        // Its own fault: gone without a word.
        if taken >= count { return }
      }
    }
  }

  private func expectFault(_ status: UInt) { #expect(status == 503, "a follower was told \(status)") }

  private func take(_ event: [UInt8]) {
    let ready = state.withLock { state in
      state.events.append(event)
      let ready = state.waiting.filter { $0.count <= state.events.count }.map(\.resume)
      state.waiting.removeAll { $0.count <= state.events.count }
      return ready
    }
    for one in ready { one.resume() }
  }
}

extension [FeedFollower] {
  /// Lets all of them follow until each has what it should have of the events that the body returns.
  func follow(_ body: () async throws -> [JSON]) async throws -> [JSON] {
    guard let first else { return try await body() }
    return try await first.follow {
      let events = try await Array(dropFirst()).follow(body)
      return (events, count: events.count(where: first.isMeant))
    }
  }
}

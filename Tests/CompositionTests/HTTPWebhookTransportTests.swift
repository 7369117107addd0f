import Composition
import Foundation
import HangLimit
import Synchronization
import Testing
import Webhooks

/// Deliveries go to the address that was judged, whatever a name says a moment later.
@Suite(.hangLimit) struct HTTPWebhookTransportTests {
  /// A name server whose answers a test writes down.
  private final class Names: Sendable {
    private let answers: Mutex<[[String]]>
    private let asked = Atomic<Int>(0)

    init(_ answers: [String]...) { self.answers = Mutex(answers) }

    var askedCount: Int { asked.load(ordering: .sequentiallyConsistent) }

    func resolve(_ host: String) -> [IPAddress] {
      asked.add(1, ordering: .sequentiallyConsistent)
      let next = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      return next.compactMap { IPAddress($0) }
    }
  }

  /// Lends a transport and ends it.
  private func deliver(
    to address: String, allowing allowed: String?, _ names: Names
  ) async throws -> DeliveryOutcome {
    let transport = HTTPWebhookTransport(
      egress: EgressGuard(allowed: allowed), resolve: { names.resolve($0) })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await transport.run() }
      let outcome = await transport.post(Array("{}".utf8), to: address, fields: [("webhook-id", "1")])
      group.cancelAll()
      try await group.waitForAll()
      return outcome
    }
  }

  @Test(arguments: ["receiver.test", "Receiver.TEST"])
  func `a name that changes between the look and the connection leads to where was looked`(_ name: String) async throws
  {
    let judged = try Receiver(at: "127.0.0.2")
    let later = try Receiver(at: "127.0.0.3", port: judged.port)
    let names = Names(["127.0.0.2"], ["127.0.0.3"])
    let address = "http://\(name):\(judged.port)/hook"
    let outcome = try await deliver(to: address, allowing: "receiver.test", names)
    #expect(outcome == .delivered(status: 204))
    #expect((judged.connections, later.connections, names.askedCount) == (1, 0, 1))
    judged.stop()
    later.stop()
  }

  @Test func `a name that leads inside is not connected to, not even when it is one address of several`() async throws {
    let inside = try Receiver(at: "127.0.0.4")
    for addresses in [["127.0.0.4"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.4"], ["::ffff:127.0.0.4"]] {
      let names = Names(addresses)
      let outcome = try await deliver(to: "https://receiver.test:\(inside.port)/hook", allowing: nil, names)
      #expect(outcome == .forbidden(reason: "internal-address"), "\(addresses)")
    }
    let outcome = try await deliver(to: "https://receiver.test/hook", allowing: nil, Names([]))
    #expect(outcome == .unreachable(reason: EgressGuard.Objection.unresolved.rawValue, status: nil))
    #expect(inside.connections == 0)
    inside.stop()
  }

  @Test func `what a receiver answers is what becomes of the delivery, and a redirect is not followed`() async throws {
    let elsewhere = try Receiver(at: "127.0.0.8")
    let moved =
      "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.8:\(elsewhere.port)/\r\nContent-Length: 0\r\n\r\n"
    let busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    let failing = "HTTP/1.1 500 Oh\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
    let large = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n\(String(repeating: "x", count: 1_000_000))"
    for (answer, expected) in [
      (moved, DeliveryOutcome.rejected(status: 307)), (busy, .throttled(status: 429, seconds: 7)),
      (failing, .throttled(status: 500, seconds: 3600)),
      ("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", .gone), (large, .delivered(status: 200)),
      ("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", .unreachable(reason: "the receiver answered 500", status: 500)),
      ("HTTP/1.1 200 OK\r\nContent-Le", .unreachable(reason: "no answer", status: nil)),
      ("", .unreachable(reason: "the connection was closed", status: nil)),
      ("SMTP ready\r\n\r\n", .unreachable(reason: "no answer", status: nil)),
    ] {
      let receiver = try Receiver(at: "127.0.0.7", answering: answer)
      let address = "http://receiver.test:\(receiver.port)/hook"
      let outcome = try await deliver(to: address, allowing: "receiver.test,127.0.0.8", Names(["127.0.0.7"]))
      #expect(outcome == expected, "\(answer.prefix(40))")
      receiver.stop()
    }
    #expect(elsewhere.connections == 0)
    elsewhere.stop()
  }

  @Test func `a receiver that says until when it wants to be left alone is not asked before`() async throws {
    let answer = "HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"
    let receiver = try Receiver(at: "127.0.0.11", answering: answer)
    let outcome = try await deliver(
      to: "http://receiver.test:\(receiver.port)/hook", allowing: "receiver.test", Names(["127.0.0.11"]))
    guard case .throttled(503, let seconds?) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(seconds > 86_400)
    receiver.stop()
  }

  @Test func `a receiver that takes a delivery and resets the connection is not tried at another address`() async throws
  {
    let first = try Receiver(at: "127.0.0.9", end: .reset)
    let second = try Receiver(at: "127.0.0.10", port: first.port)
    let outcome = try await deliver(
      to: "http://receiver.test:\(first.port)/hook", allowing: "receiver.test", Names(["127.0.0.9", "127.0.0.10"]))
    #expect(outcome == .unreachable(reason: "the connection was closed", status: nil))
    #expect((first.connections, second.connections) == (1, 0))
    first.stop()
    second.stop()
  }

  @Test func `another address of a receiver is tried when one cannot be reached`() async throws {
    let second = try Receiver(at: "127.0.0.6")
    // Nobody listens at the first one.
    let names = Names(["127.0.0.5", "127.0.0.6"])
    let outcome = try await deliver(
      to: "http://receiver.test:\(second.port)/hook", allowing: "receiver.test", names)
    #expect(outcome == .delivered(status: 204))
    #expect(second.connections == 1)
    second.stop()
  }
}

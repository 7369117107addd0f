internal import AsyncHTTPClient
internal import Foundation
internal import HTTPAPI
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import PartnerKit
internal import ServiceLifecycle
internal import UnixSignals

/// What every client of a feed has to do, as a text.
public let partnerDuties = EventLedger.duties

/// Runs a receiver of deliveries until it has enough, or is told to stop.
public struct ReceiverServing: Sendable {
  public let secrets: [String]
  public let publicKeys: [String]
  /// What its bad behaviour depends on; nil for a receiver that behaves.
  public let trouble: UInt64?
  /// Ends after so many different events.
  public let count: Int?

  public init(secrets: [String], publicKeys: [String], trouble: UInt64?, count: Int?) {
    self.secrets = secrets
    self.publicKeys = publicKeys
    self.trouble = trouble
    self.count = count
  }

  /// - Returns: what came, what was wrong with it, and what was missing when it ended.
  public func run(
    port: Int, onListening: @escaping @Sendable (Int) async -> Void,
    tell: @escaping @Sendable (String) -> Void
  ) async throws -> (summary: String, findings: [String], missing: [String]) {
    guard let verifier = WebhookVerifier(secrets: secrets, publicKeys: publicKeys) else {
      throw ConfigurationProblem("give the secret (whsec_…) or the public key (whpk_…) that the operator handed over")
    }
    let logger = Logger(label: "federwerk") { _ in SwiftLogNoOpLogHandler() }
    let (progress, grown) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let routes = ReceiverRoutes(
      verifier: verifier, trouble: trouble, now: Federwerk.secondsSince1970, logger: logger
    ) { line in
      tell(line)
      grown.yield()
    }
    let (count, address) = (count, ServerAddress(host: "127.0.0.1", port: port))
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: routes.server(at: address, onListening: onListening))],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      tasks.addTask {
        for await _ in progress where routes.count >= count ?? .max { return await group.triggerGracefulShutdown() }
      }
      try await tasks.next()
      grown.finish()
      try await tasks.waitForAll()
    }
    return (routes.summary, routes.findings, routes.missing)
  }
}

/// Tries out a partner's receiver.
public struct ReceiverTrialRun: Sendable {
  private static let timeout: TimeAmount = .seconds(20)

  public let address: String
  public let secret: String

  public init(address: String, secret: String) {
    self.address = address
    self.secret = secret
  }

  /// What the receiver answered to one request.
  public struct Outcome: Sendable, Encodable {
    public let name: String
    public let expected: String
    public let answer: String
    public let isRight: Bool
    /// What to do when it was wrong.
    public let duty: String
  }

  /// - Parameter tell: gets each outcome as it comes.
  public func run(tell: (Outcome) -> Void) async throws {
    guard let trial = ReceiverTrial(secret: secret, now: Federwerk.secondsSince1970()) else {
      throw ConfigurationProblem("the secret is none; it looks like whsec_…")
    }
    for step in trial.steps {
      var request = HTTPClientRequest(url: address)
      request.method = .POST
      for field in step.fields { request.headers.add(name: field.name, value: field.value) }
      request.body = .bytes(step.body)
      let (answer, isRight) = await Self.send(request, expecting: step.expectation)
      tell(
        Outcome(
          name: step.name, expected: step.expectation == .taken ? "2xx" : "4xx", answer: answer, isRight: isRight,
          duty: step.duty))
    }
  }

  private static func send(
    _ request: HTTPClientRequest, expecting expectation: ReceiverTrial.Expectation
  ) async -> (answer: String, isRight: Bool) {
    do {
      let response = try await HTTPClient.shared.execute(request, timeout: timeout)
      let status = Int(response.status.code)
      return (String(status), expectation.isMet(by: status))
    } catch {
      return ("no answer within 20 seconds", false)
    }
  }
}

internal import Foundation
internal import HTTPAPI
internal import Hummingbird
internal import Logging
internal import PlanService
internal import ServiceLifecycle
internal import TamperEvidence
internal import UnixSignals

/// Runs a witness until it is told to stop. It needs no database, and nothing of those whose logs it watches but their
/// verifier keys.
public struct WitnessServing: Sendable {
  public let name: String
  public let logKeys: [String]

  /// - Parameter logKeys: verifier keys of the logs that are watched.
  public init(name: String, logKeys: [String]) {
    self.name = name
    self.logKeys = logKeys
  }

  /// - Parameter onListening: called with the witness's own verifier key and its port once that is open.
  public func run(
    _ configuration: ServerConfiguration, onListening: @escaping @Sendable (String, Int) async -> Void
  ) async throws {
    let logger = Federwerk.logger(configuration)
    let key = try KeyStore.witnessKey(home: configuration.home, name: name)
    let keys: [NoteVerifierKey]
    do { keys = try logKeys.map { try NoteVerifierKey(parsing: $0) } } catch { throw ConfigurationProblem("\(error)") }
    let service = WitnessService(
      folder: "\(configuration.home)/witness", key: key, logKeys: keys, clock: Federwerk.localTime)
    let verifierKey = key.verifierKey.description
    let server = WitnessRoutes(service: service, logger: logger).server(
      at: ServerAddress(host: configuration.host, port: configuration.port),
      onListening: { port in await onListening(verifierKey, port) })
    let group = ServiceGroupConfiguration(
      services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await ServiceGroup(configuration: group).run()
  }
}

extension Witnessing {
  /// Reads the policy file of the configuration; nil where none is configured.
  convenience init?(_ configuration: ServerConfiguration) throws {
    guard let path = configuration.witnessPolicy else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationProblem("the witness policy \(path) cannot be read")
    }
    let policy: LogPolicy
    do { policy = try LogPolicy(parsing: Array(data.prefix(LogPolicy.byteCountMax + 1))) } catch {
      throw ConfigurationProblem("the witness policy \(path): \(error)")
    }
    self.init(policy: policy, client: HTTPWitnessClient())
  }
}

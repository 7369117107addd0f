public import Hummingbird
internal import Logging
internal import NIOCore

/// Where the server listens.
public struct ServerAddress: Sendable {
  public let host: String
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }
}

extension Routes {
  /// The HTTP server as a service.
  /// - Parameters:
  ///   - beforeListening: runs while the services before this one are up and the port is still shut.
  ///   - onListening: called with the port once the socket is open; port 0 picks a free one.
  public func server(
    at address: ServerAddress, beforeListening: @escaping @Sendable () async throws -> Void,
    onListening: @escaping @Sendable (Int) async -> Void
  ) -> some ApplicationProtocol {
    HTTPServer.application(
      router(), at: address, beforeListening: beforeListening, onListening: onListening, logger: logger)
  }
}

extension WitnessRoutes {
  /// The HTTP server of a witness as a service.
  public func server(
    at address: ServerAddress, onListening: @escaping @Sendable (Int) async -> Void
  ) -> some ApplicationProtocol {
    HTTPServer.application(router(), at: address, beforeListening: {}, onListening: onListening, logger: logger)
  }
}

extension ReceiverRoutes {
  /// The HTTP server of a receiver as a service.
  public func server(
    at address: ServerAddress, onListening: @escaping @Sendable (Int) async -> Void
  ) -> some ApplicationProtocol {
    HTTPServer.application(router(), at: address, beforeListening: {}, onListening: onListening, logger: logger)
  }
}

private enum HTTPServer {
  static func application<Context: RequestContext>(
    _ router: Router<Context>, at address: ServerAddress,
    beforeListening: @escaping @Sendable () async throws -> Void, onListening: @escaping @Sendable (Int) async -> Void,
    logger: Logger
  ) -> some ApplicationProtocol where Context.Source == ApplicationRequestContextSource {
    var application = Application(
      router: router,
      server: .http1(configuration: .init(idleTimeout: .seconds(75))),
      configuration: .init(
        address: .hostname(address.host, port: address.port), serverName: "federwerk", backlog: 1024),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
      logger: logger)
    application.beforeServerStarts(perform: beforeListening)
    return application
  }
}

internal import AsyncHTTPClient
internal import Coordination
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization
public import Webhooks

/// Sends deliveries over HTTP: to addresses that the guard has seen, and to no others.
///
/// The name of a receiver is looked up before every delivery (at most once a second), all its addresses are judged, and
/// the connection goes to one of these very addresses, with the name in TLS and in `Host`. Redirects are not followed,
/// and what a receiver answers is not looked at beyond its status and Retry-After.
public final class HTTPWebhookTransport: WebhookTransport, Service {
  /// From the first byte to the end of the answer.
  private static let timeout: TimeAmount = .seconds(20)
  private static let bodyByteCountMax = 64 * 1024
  private static let clientsMax = 512
  /// Of a receiver that are tried with one delivery.
  private static let addressesMax = 4
  private static let lookUpLifetime: Duration = .seconds(1)

  private struct State {
    var clients: [String: HTTPClient] = [:]
    var lookUps: [String: (addresses: [IPAddress], until: ContinuousClock.Instant)] = [:]
    var isClosed = false
  }

  private let egress: EgressGuard
  private let resolve: @Sendable (String) -> [IPAddress]
  private let state = Mutex(State())

  /// - Parameter resolve: the addresses that a name has now; it may block.
  public init(
    egress: EgressGuard,
    resolve: @escaping @Sendable (String) -> [IPAddress] = HTTPWebhookTransport.systemAddresses(of:)
  ) {
    self.egress = egress
    self.resolve = resolve
  }

  /// Keeps the connections until the program ends.
  public func run() async throws {
    try? await gracefulShutdown()
    let clients = state.withLock { state in
      state.isClosed = true
      defer { state.clients = [:] }
      return Array(state.clients.values)
    }
    for client in clients { try? await client.shutdown() }
  }

  public func post(_ body: [UInt8], to address: String, fields: [(name: String, value: String)]) async
    -> DeliveryOutcome
  {
    switch await send(.POST, to: address, fields: fields, body: body) {
    case .answered(let status, let headers):
      let wait = headers.first(name: "Retry-After").flatMap { RetryAfter($0, at: Federwerk.localTime()) }
      return DeliveryOutcome(status: status, retryAfter: wait?.seconds)
    case .failed(let outcome): return outcome
    }
  }

  public func ask(_ address: String, as origin: String, perMinute: Int) async -> Handshake {
    let fields = [("webhook-request-origin", origin), ("webhook-request-rate", String(perMinute))]
    switch await send(.OPTIONS, to: address, fields: fields, body: nil) {
    case .answered(let status, let headers):
      return Handshake(
        status: status, allowedOrigin: headers.first(name: "WebHook-Allowed-Origin"),
        allowedRate: headers.first(name: "WebHook-Allowed-Rate"), askedBy: origin)
    case .failed(.unreachable(let reason, _)), .failed(.forbidden(let reason)): return .failed(reason: reason)
    case .failed: return .failed(reason: "no answer")
    }
  }

  /// What came of a request.
  private enum Exchange {
    case answered(status: Int, HTTPHeaders)
    case failed(DeliveryOutcome)
  }

  private func send(
    _ method: HTTPMethod, to address: String, fields: [(name: String, value: String)], body: [UInt8]?
  ) async -> Exchange {
    guard let address = WebhookAddress(normalized: address) else {
      return .failed(.forbidden(reason: "no address"))
    }
    let addresses = await lookUp(address)
    if let objection = egress.objection(to: address, resolvedTo: addresses) {
      return .failed(
        objection == .unresolved
          ? .unreachable(reason: objection.rawValue, status: nil) : .forbidden(reason: objection.rawValue))
    }
    var request = HTTPClientRequest(url: address.location)
    request.method = method
    request.headers.add(name: "user-agent", value: "federwerk")
    for field in fields { request.headers.add(name: field.name, value: field.value) }
    if let body { request.body = .bytes(body) }
    var exchange = Exchange.failed(.unreachable(reason: "no connection", status: nil))
    // A name may lead to an address that cannot be reached from here, and to another that can.
    for ip in addresses.prefix(Self.addressesMax) {
      guard let client = await client(for: address, at: ip) else {
        return .failed(.unreachable(reason: "the server is shutting down", status: nil))
      }
      let isConnected: Bool
      (exchange, isConnected) = await Self.execute(request, on: client)
      if isConnected { break }
    }
    return exchange
  }

  /// - Returns: what became of it, and whether there was a connection: without one nothing was sent.
  private static func execute(
    _ request: HTTPClientRequest, on client: HTTPClient
  ) async -> (exchange: Exchange, isConnected: Bool) {
    do {
      let deadline = NIODeadline.now() + timeout
      let response = try await client.execute(request, deadline: deadline)
      // What a receiver says is taken so that the connection can be used again. Too much of it, or too slowly, costs
      // the connection and not the delivery, whose outcome is known.
      _ = try? await response.body.collect(upTo: bodyByteCountMax, by: deadline)
      return (.answered(status: Int(response.status.code), response.headers), true)
    } catch {
      let (reason, isConnected) = failure(error)
      return (.failed(.unreachable(reason: reason, status: nil)), isConnected)
    }
  }

  /// In words of ours: what a library says may hold addresses.
  private static func failure(_ error: any Error) -> (reason: String, isConnected: Bool) {
    switch error {
    case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
      ("no answer in time", true)
    case let error as HTTPClientError where error == .connectTimeout: ("no connection in time", false)
    case let error as HTTPClientError where error == .remoteConnectionClosed: ("the connection was closed", true)
    // A receiver that closes before it has read everything resets the connection.
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): ("the connection was closed", true)
    case is NIOConnectionError, is IOError: ("no connection", false)
    default: ("no answer", true)
    }
  }

  // MARK: Addresses and connections

  private func lookUp(_ address: WebhookAddress) async -> [IPAddress] {
    if let literal = IPAddress(address.host) { return [literal] }
    let host = address.host
    if let known = state.withLock({ $0.lookUps[host] }), known.until > .now { return known.addresses }
    // It blocks, so it has a thread of its own.
    let addresses = (try? await NIOThreadPool.singleton.runIfActive { self.resolve(host) }) ?? []
    state.withLock { state in
      if state.lookUps.count >= Self.clientsMax { state.lookUps = [:] }
      state.lookUps[host] = (addresses, .now + Self.lookUpLifetime)
    }
    return addresses
  }

  /// What the resolver of the system says.
  @Sendable public static func systemAddresses(of host: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { entry -> IPAddress? in
      guard let entry = entry?.pointee, let address = entry.ai_addr else { return nil }
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard getnameinfo(address, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
        return nil
      }
      let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return IPAddress(name.split(separator: "%").first.map(String.init) ?? name)
    }
  }

  /// The connections to a receiver at one address; nil once the program ends.
  private func client(for address: WebhookAddress, at ip: IPAddress) async -> HTTPClient? {
    let key = "\(address.host) \(ip)"
    let (client, spare) = state.withLock { state -> (HTTPClient?, [HTTPClient]) in
      guard !state.isClosed else { return (nil, []) }
      if let known = state.clients[key] { return (known, []) }
      var spare: [HTTPClient] = []
      if state.clients.count >= Self.clientsMax {
        spare = Array(state.clients.values)
        state.clients = [:]
      }
      var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
      configuration.dnsOverride = [address.host: ip.description]
      configuration.timeout = .init(connect: .seconds(5), read: .seconds(15))
      configuration.connectionPool.retryConnectionEstablishment = false
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = WebhookConfiguration().inFlightMax
      configuration.httpVersion = .http1Only
      let client = HTTPClient(configuration: configuration)
      state.clients[key] = client
      return (client, spare)
    }
    for one in spare { try? await one.shutdown() }
    return client
  }
}

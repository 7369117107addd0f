public import Coordination
internal import Foundation

/// Keeps deliveries from reaching what lies inside: only https to public addresses, unless the operator allows a host.
public struct EgressGuard: Sendable {
  /// Hosts (`host` or `host:port`) that may be reached whatever their address, also without TLS.
  private let allowed: Set<String>

  /// - Parameter allowed: as the operator lists them, separated by commas.
  public init(allowed: String? = nil) {
    self.allowed = Set(
      (allowed ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace }.lowercased() }.filter { !$0.isEmpty })
  }

  public func isAllowed(_ address: WebhookAddress) -> Bool {
    allowed.contains(address.host) || allowed.contains("\(address.host):\(address.port)")
  }

  /// Why an address must not be used, as far as it can be told without asking for its addresses; nil when it may.
  public func objection(to address: WebhookAddress) -> Objection? {
    if isAllowed(address) { return nil }
    if !address.isSecure { return .insecure }
    if let literal = IPAddress(address.host) { return literal.isPublic ? nil : .internal }
    let isLocal = ["localhost", "local", "internal", "home.arpa"].contains { suffix in
      address.host == suffix || address.host.hasSuffix(".\(suffix)")
    }
    return isLocal || !address.host.contains(".") ? .internal : nil
  }

  /// Whether all addresses that a name has now may be connected to.
  public func objection(to address: WebhookAddress, resolvedTo addresses: [IPAddress]) -> Objection? {
    if let objection = objection(to: address) { return objection }
    guard !addresses.isEmpty else { return .unresolved }
    return isAllowed(address) || addresses.allSatisfy(\.isPublic) ? nil : .internal
  }

  public enum Objection: String, Sendable {
    /// Not https.
    case insecure = "https-required"
    /// Leads, or may lead, to where only insiders get.
    case `internal` = "internal-address"
    case unresolved = "unresolved-host"
  }
}

/// An address of the internet protocol.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 or 16 bytes.
  public let bytes: [UInt8]

  public init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  public init(bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
    self.bytes = bytes
  }

  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    _ = bytes.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it is one that everybody on the internet reaches, as IANA's registries of special addresses have it.
  public var isPublic: Bool { !Self.special.contains { $0.holds(bytes) } }

  private struct Range {
    let prefix: [UInt8]
    let length: Int

    init(_ text: StaticString, _ length: Int) {
      guard let address = IPAddress("\(text)") else { preconditionFailure("\(text) is an address") }
      prefix = address.bytes
      self.length = length
    }

    func holds(_ bytes: [UInt8]) -> Bool {
      guard bytes.count == prefix.count else { return false }
      for index in 0..<length / 8 where bytes[index] != prefix[index] { return false }
      let rest = length % 8
      guard rest > 0 else { return true }
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
      return bytes[length / 8] & mask == prefix[length / 8] & mask
    }
  }

  private static let special = [
    // This network, private, shared (CGNAT), loopback, link-local (with the metadata services of clouds).
    Range("0.0.0.0", 8), Range("10.0.0.0", 8), Range("100.64.0.0", 10), Range("127.0.0.0", 8),
    Range("169.254.0.0", 16), Range("172.16.0.0", 12), Range("192.168.0.0", 16),
    // Protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast.
    Range("192.0.0.0", 24), Range("192.0.2.0", 24), Range("192.88.99.0", 24), Range("198.18.0.0", 15),
    Range("198.51.100.0", 24), Range("203.0.113.0", 24), Range("224.0.0.0", 4), Range("240.0.0.0", 4),
    // Unspecified, loopback and IPv4-compatible; IPv4-mapped; NAT64; discard.
    Range("::", 96), Range("::ffff:0:0", 96), Range("64:ff9b::", 96), Range("64:ff9b:1::", 48), Range("100::", 64),
    // Teredo, benchmarks, ORCHID, documentation, 6to4.
    Range("2001::", 32), Range("2001:2::", 48), Range("2001:10::", 28), Range("2001:20::", 28),
    Range("2001:db8::", 32), Range("3fff::", 20), Range("2002::", 16), Range("5f00::", 16),
    // Unique local, link-local, site-local, multicast.
    Range("fc00::", 7), Range("fe80::", 10), Range("fec0::", 10), Range("ff00::", 8),
  ]
}

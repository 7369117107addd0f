public import EventSourcing

/// Where deliveries go: `https://host[:port]/path`, printable ASCII, without user or fragment.
///
/// Whether the host may be reached at all is for the egress guard to say, when it is registered and with every
/// delivery.
public struct WebhookAddress: TextFieldValue {
  public static let lengthMax = 1000
  public static let pattern: String? = "^https?://[A-Za-z0-9.\\-\\[\\]:]+(/[!-~]*)?$"
  public static let expectation = LocalizedText(
    de: "Erwartet wird eine Adresse https://… ohne Benutzer und ohne #.",
    en: "Expected an address https://… without user and without #.")

  public let text: String
  public let isSecure: Bool
  /// Lower case; an IPv6 address without its brackets.
  public let host: String
  public let port: Int
  /// The text with its host in lower case: a client that was told where a name leads must find it under that name.
  public let location: String

  public init?(normalized text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") }) else {
      return nil
    }
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@"), let (host, port) = Self.split(authority, isSecure ? 443 : 80) else { return nil }
    self.text = text
    self.isSecure = isSecure
    self.host = host
    self.port = port
    location = text.prefix(isSecure ? 8 : 7) + authority.lowercased() + rest.dropFirst(authority.count)
  }

  private static func split(_ authority: Substring, _ standardPort: Int) -> (String, Int)? {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      let host = authority[authority.index(after: authority.startIndex)..<end]
      return port(authority[authority.index(after: end)...], standardPort).map { (host.lowercased(), $0) }
    }
    let host = authority.prefix { $0 != ":" }
    let isName = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard !host.isEmpty, isName else { return nil }
    return port(authority.dropFirst(host.count), standardPort).map { (host.lowercased(), $0) }
  }

  private static func port(_ text: Substring, _ standardPort: Int) -> Int? {
    if text.isEmpty { return standardPort }
    guard text.hasPrefix(":"), let port = Int(text.dropFirst()), (1...65_535).contains(port) else { return nil }
    return port
  }
}

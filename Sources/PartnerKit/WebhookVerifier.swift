internal import Crypto
internal import EventSourcing
internal import Foundation

/// What arrived in one request.
public struct Delivery: Sendable {
  public let id: String?
  public let timestamp: String?
  public let signatures: String?
  public let contentType: String?
  public let body: [UInt8]

  public init(id: String?, timestamp: String?, signatures: String?, contentType: String?, body: [UInt8]) {
    self.id = id
    self.timestamp = timestamp
    self.signatures = signatures
    self.contentType = contentType
    self.body = body
  }
}

/// Tells whether a delivery is from whom it should be (Standard Webhooks 1.0).
public struct WebhookVerifier: Sendable {
  /// How far the time of an attempt may be from ours, in seconds.
  public static let toleranceSeconds = 300
  private static let secretPrefix = "whsec_"
  private static let publicKeyPrefix = "whpk_"

  private let secrets: [SymmetricKey]
  private let publicKeys: [Curve25519.Signing.PublicKey]

  /// - Parameters:
  ///   - secrets: `whsec_…`; one that signed suffices.
  ///   - publicKeys: `whpk_…`; with any, one of them must have signed too.
  /// - Returns: nil when one of them is none.
  public init?(secrets: [String], publicKeys: [String]) {
    func bytes(_ text: String, _ prefix: String) -> Data? {
      text.hasPrefix(prefix) ? Data(base64Encoded: String(text.dropFirst(prefix.count))) : nil
    }
    let shared = secrets.compactMap { bytes($0, Self.secretPrefix) }.filter { !$0.isEmpty }
    let open = publicKeys.compactMap { bytes($0, Self.publicKeyPrefix) }
      .compactMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
    guard shared.count == secrets.count, open.count == publicKeys.count, !shared.isEmpty || !open.isEmpty else {
      return nil
    }
    self.secrets = shared.map { SymmetricKey(data: $0) }
    self.publicKeys = open
  }

  /// What is wrong with it; nil when it is genuine.
  /// - Parameter now: seconds since 1970.
  public func objection(to delivery: Delivery, at now: Int) -> String? {
    guard let id = delivery.id, !id.isEmpty, !id.contains(".") else { return "webhook-id is missing, or has a dot" }
    guard let timestamp = delivery.timestamp, let time = Int(timestamp), String(time) == timestamp else {
      return "webhook-timestamp is no whole number of seconds"
    }
    guard (now - Self.toleranceSeconds...now + Self.toleranceSeconds).contains(time) else {
      return "webhook-timestamp is more than five minutes off"
    }
    guard let signatures = delivery.signatures else { return "webhook-signature is missing" }
    let signed = Array("\(id).\(timestamp).".utf8) + delivery.body
    var (isShared, isOpen) = (secrets.isEmpty, publicKeys.isEmpty)
    for token in signatures.split(separator: " ") {
      let parts = token.split(separator: ",", maxSplits: 1)
      guard parts.count == 2 else { return "webhook-signature has a token without a comma" }
      guard let signature = Data(base64Encoded: String(parts[1])) else { continue }
      switch parts[0] {
      case "v1":
        isShared =
          isShared
          || secrets.contains { HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: signed, using: $0) }
      case "v1a": isOpen = isOpen || publicKeys.contains { $0.isValidSignature(signature, for: signed) }
      // Schemes to come are passed over.
      default: break
      }
    }
    if !isShared { return "no v1 signature is made with a secret that is known here" }
    return isOpen ? nil : "no v1a signature is made with a key that is known here"
  }

  /// The `v1` signatures that all secrets make.
  func sign(_ body: [UInt8], id: String, timestamp: Int) -> String {
    let signed = Array("\(id).\(timestamp).".utf8) + body
    return secrets.map { key in
      "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }.joined(separator: " ")
  }
}

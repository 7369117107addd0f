internal import Crypto
public import EventSourcing
internal import Foundation

/// The secrets that sign deliveries. Each is made of the installation's own key and never stored: none lies in the
/// database, and whoever loses one gets the next.
public struct WebhookKeys: Sendable {
  private let installation: SymmetricKey

  /// - Parameter secret: 32 random bytes that only this installation has.
  public init(secret: [UInt8]) { installation = SymmetricKey(data: secret) }

  /// The secrets of one webhook in one generation.
  public struct Generation: Sendable {
    fileprivate let shared: SymmetricKey
    fileprivate let signing: Curve25519.Signing.PrivateKey

    /// What the receiver verifies `v1` signatures with (Standard Webhooks: `whsec_`).
    public var secret: String { "whsec_" + shared.withUnsafeBytes { Data($0).base64EncodedString() } }
    /// What anybody verifies `v1a` signatures with (Standard Webhooks: `whpk_`).
    public var publicKey: String { "whpk_" + signing.publicKey.rawRepresentation.base64EncodedString() }
    /// The public key as a JSON Web Key (RFC 8037).
    public var jwk: JSON {
      let x = Base64URL.encode(Array(signing.publicKey.rawRepresentation))
      return [
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": .string(x),
        "kid": .string(String(x.prefix(12))),
      ]
    }
  }

  public func generation(_ number: Int, of webhook: EntityID) -> Generation {
    let seed = derive("ed25519", webhook, number)
    guard let signing = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      preconditionFailure("any 32 bytes are a seed of Ed25519")
    }
    return Generation(shared: SymmetricKey(data: derive("hmac", webhook, number)), signing: signing)
  }

  /// The generations that sign now: the newest, and the one before it.
  public func generations(upTo number: Int, of webhook: EntityID) -> [Generation] {
    (max(1, number - 1)...max(1, number)).reversed().map { generation($0, of: webhook) }
  }

  private func derive(_ purpose: String, _ webhook: EntityID, _ number: Int) -> [UInt8] {
    let text = "webhook:\(purpose):\(webhook):\(number)"
    return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: installation))
  }
}

/// The header fields of one attempt (Standard Webhooks 1.0).
public struct WebhookSignature: Sendable {
  public let id: String
  /// Seconds since 1970 of this attempt.
  public let timestamp: Int
  public let signatures: String

  public init(_ body: [UInt8], id: String, timestamp: Int, keys: [WebhookKeys.Generation]) {
    self.id = id
    self.timestamp = timestamp
    let signed = Array("\(id).\(timestamp).".utf8) + body
    let shared = keys.map { key in
      "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key.shared)).base64EncodedString()
    }
    // Signing with a key in memory fails only where the library is broken.
    let open = keys.compactMap { key in
      (try? key.signing.signature(for: signed)).map { "v1a," + $0.base64EncodedString() }
    }
    signatures = (shared + open).joined(separator: " ")
  }

  public var fields: [(name: String, value: String)] {
    [("webhook-id", id), ("webhook-timestamp", String(timestamp)), ("webhook-signature", signatures)]
  }
}

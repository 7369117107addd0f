package import Coordination
internal import Crypto
internal import EventSourcing
internal import Foundation
internal import HTTPTypes
package import JWTKit
internal import Synchronization

/// What a token says about its bearer. No name: `sub` is a surrogate id.
package struct TokenClaims: JWTPayload, Hashable {
  package static let issuerName = "federwerk"

  package let iss: String
  package let aud: String
  /// `users/<uuid>`.
  package let sub: String
  package let role: String
  package let institution: String?
  /// Slug of the partner system that the bearer is.
  package let partner: String?
  /// Slug of the only plan the bearer may see; nil for all.
  package let plan: String?
  package let iat: Int
  package let exp: Int

  package func verify(using algorithm: some JWTAlgorithm) async throws {
    guard iss == Self.issuerName, aud == Self.issuerName else {
      throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "foreign token")
    }
  }
}

/// Who makes a request.
package struct Principal: Sendable {
  package let actor: PlanActor
  package let plan: String?
  /// When the token was made and when it expires, in seconds since 1970.
  package let issued: Int
  package let expires: Int
}

/// Issues and verifies the tokens of the local key (HS256, RFC 7519).
package actor TokenAuthority {
  /// The longest lifetime a token may have.
  package static let lifetimeMax: Duration = .seconds(366 * 86_400)

  private let keys = JWTKeyCollection()
  private let secret: [UInt8]
  private var isReady = false

  /// - Parameter secret: at least 32 random bytes.
  package init(secret: [UInt8]) {
    precondition(secret.count >= 32, "the token secret has at least 32 bytes")
    self.secret = secret
  }

  private func ready() async -> JWTKeyCollection {
    if !isReady {
      await keys.add(hmac: HMACKey(from: Data(secret)), digestAlgorithm: .sha256)
      isReady = true
    }
    return keys
  }

  /// A token for an actor. The name never leaves this function: the token carries a surrogate made of it.
  package func issue(
    actorName: String, role: Role, institution: String?, partner: String? = nil, plan: String?, issuedAt: Int,
    lifetimeSeconds: Int
  ) async throws -> String {
    let claims = TokenClaims(
      iss: TokenClaims.issuerName, aud: TokenClaims.issuerName,
      sub: ActorID.user(surrogate(of: actorName)).description, role: role.rawValue, institution: institution,
      partner: partner, plan: plan, iat: issuedAt, exp: issuedAt + lifetimeSeconds)
    return try await ready().sign(claims)
  }

  /// The claims of a token that this authority signed; nil for any other.
  package func verify(_ token: String) async -> TokenClaims? {
    try? await ready().verify(token, as: TokenClaims.self)
  }

  private func surrogate(of name: String) -> EntityID {
    let code = HMAC<SHA256>.authenticationCode(for: Array("actor:\(name)".utf8), using: SymmetricKey(data: secret))
    return EntityID(digest: Array(code), version: 8)
  }
}

/// Turns bearer tokens into principals, and remembers the verified ones until they expire.
package final class Authenticator: Sendable {
  private let authority: TokenAuthority
  private let countMax: Int
  private let now: @Sendable () -> Int
  private let verified = Mutex<[String: Principal]>([:])

  /// - Parameter now: seconds since 1970.
  package init(authority: TokenAuthority, countMax: Int, now: @escaping @Sendable () -> Int) {
    self.authority = authority
    self.countMax = countMax
    self.now = now
  }

  package func principal(authorization: String?) async throws(Problem) -> Principal {
    guard let authorization, authorization.utf8.count < 4096, authorization.lowercased().hasPrefix("bearer ") else {
      throw .unauthorized
    }
    let token = String(authorization.dropFirst(7))
    let known = verified.withLock { $0[token] }
    let principal = if let known { known } else { try await verify(token) }
    guard principal.expires > now() else {
      verified.withLock { $0[token] = nil }
      throw Problem(
        .unauthorized, "token-expired", de: "Das Zugriffstoken ist abgelaufen.", en: "The access token has expired.")
    }
    return principal
  }

  private func verify(_ token: String) async throws(Problem) -> Principal {
    guard let claims = await authority.verify(token), let role = Role(rawValue: claims.role), role != .system,
      let id = ActorID(claims.sub), case .user = id
    else { throw .unauthorized }
    let principal = Principal(
      actor: PlanActor(id: id, role: role, institution: claims.institution, partner: claims.partner), plan: claims.plan,
      issued: claims.iat, expires: claims.exp)
    verified.withLock { verified in
      if verified.count >= countMax { verified.removeAll(keepingCapacity: true) }
      verified[token] = principal
    }
    return principal
  }
}

public import Coordination
internal import Crypto
internal import EventSourcing
internal import Foundation
internal import HTTPTypes
public import JWTKit
internal import Synchronization

/// What a token says about its bearer. No name: `sub` is a surrogate id.
public struct TokenClaims: JWTPayload, Hashable {
  public static let issuerName = "federwerk"

  public let iss: String
  public let aud: String
  /// `users/<uuid>`.
  public let sub: String
  public let role: String
  public let institution: String?
  /// Slug of the partner system that the bearer is.
  public let partner: String?
  /// Slug of the only plan the bearer may see; nil for all.
  public let plan: String?
  public let iat: Int
  public let exp: Int

  public func verify(using algorithm: some JWTAlgorithm) async throws {
    guard iss == Self.issuerName, aud == Self.issuerName else {
      throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "foreign token")
    }
  }
}

/// Who makes a request.
public struct Principal: Sendable {
  public let actor: PlanActor
  public let plan: String?
  /// When the token was made and when it expires, in seconds since 1970.
  public let issued: Int
  public let expires: Int
}

/// Issues and verifies the tokens of the local key (HS256, RFC 7519).
public actor TokenAuthority {
  /// The longest lifetime a token may have.
  public static let lifetimeMax: Duration = .seconds(366 * 86_400)

  private let keys = JWTKeyCollection()
  private let secret: [UInt8]
  private var isReady = false

  /// - Parameter secret: at least 32 random bytes.
  public init(secret: [UInt8]) {
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
  public func issue(
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
  public func verify(_ token: String) async -> TokenClaims? {
    try? await ready().verify(token, as: TokenClaims.self)
  }

  private func surrogate(of name: String) -> EntityID {
    let code = HMAC<SHA256>.authenticationCode(for: Array("actor:\(name)".utf8), using: SymmetricKey(data: secret))
    return EntityID(digest: Array(code), version: 8)
  }
}

/// Turns bearer tokens into principals, and remembers the verified ones until they expire.
public final class Authenticator: Sendable {
  private let authority: TokenAuthority
  private let countMax: Int
  private let now: @Sendable () -> Int
  private let verified = Mutex<[String: Principal]>([:])

  /// - Parameter now: seconds since 1970.
  public init(authority: TokenAuthority, countMax: Int, now: @escaping @Sendable () -> Int) {
    self.authority = authority
    self.countMax = countMax
    self.now = now
  }

  public func principal(authorization: String?) async throws(Problem) -> Principal {
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

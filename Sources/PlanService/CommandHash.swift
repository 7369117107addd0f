internal import Crypto
internal import EventSourcing

/// Recognises a repeated command without keeping its content: an HMAC, so that erased text cannot be guessed from it.
public struct CommandHash: Sendable {
  /// Keyed and fed nothing: copying it spares keying for each command.
  private let keyed: HMAC<SHA256>

  /// - Parameter secret: at least 32 bytes; all servers of one database must use the same.
  public init(secret: [UInt8]) {
    precondition(secret.count >= 32, "the receipt secret has at least 32 bytes")
    keyed = HMAC<SHA256>(key: SymmetricKey(data: secret))
  }

  /// HMAC-SHA-256 over the command's name, its canonical body and If-Match, each with its length.
  public func hash(_ request: CommandRequest) -> [UInt8] {
    var message: [UInt8] = []
    message.reserveCapacity(request.canonicalBody.count + 96)
    func append(_ part: some Collection<UInt8>) {
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { message.append(contentsOf: $0) }
      message.append(contentsOf: part)
    }
    append(request.name.utf8)
    append(request.canonicalBody)
    append((request.ifMatch?.value.description ?? "-1").utf8)
    var hmac = keyed
    hmac.update(data: message)
    return hmac.finalize().withUnsafeBytes { Array($0) }
  }
}

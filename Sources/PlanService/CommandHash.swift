internal import Crypto
internal import EventSourcing

/// Recognises a repeated command without keeping its content: an HMAC, so that erased text cannot be guessed from it.
package struct CommandHash: Sendable {
  private let key: SymmetricKey

  /// - Parameter secret: at least 32 bytes; all servers of one database must use the same.
  package init(secret: [UInt8]) {
    precondition(secret.count >= 32, "the receipt secret has at least 32 bytes")
    key = SymmetricKey(data: secret)
  }

  /// HMAC-SHA-256 over the command's name, its canonical body and If-Match, each with its length.
  package func hash(_ request: CommandRequest) -> [UInt8] {
    var hmac = HMAC<SHA256>(key: key)
    for part in [Array(request.name.utf8), request.canonicalBody, Array("\(request.ifMatch?.value ?? -1)".utf8)] {
      hmac.update(data: withUnsafeBytes(of: UInt64(part.count).bigEndian) { Array($0) })
      hmac.update(data: part)
    }
    return Array(hmac.finalize())
  }
}

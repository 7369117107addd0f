internal import Foundation
package import TamperEvidence

/// The secrets of an installation: files in `<home>/keys`, readable by their owner only, never in the database.
///
/// - `token.key`: signs access tokens.
/// - `receipts.key`: hashes commands for their receipts.
/// - `log.key`: seed of the Ed25519 key that signs checkpoints.
///
/// All servers of one database must have the same files.
package struct KeyStore: Sendable {
  package let folder: String
  package let tokenSecret: [UInt8]
  package let receiptSecret: [UInt8]
  private let logSeed: [UInt8]

  /// Opens the keys, making those that are missing.
  package init(home: String) throws {
    folder = "\(home)/keys"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    tokenSecret = try Self.secret("\(folder)/token.key")
    receiptSecret = try Self.secret("\(folder)/receipts.key")
    logSeed = try Self.secret("\(folder)/log.key")
  }

  /// The key that signs the checkpoints of an origin; its name is the origin.
  package func signingKey(origin: String) throws -> NoteSigningKey {
    try NoteSigningKey(name: origin, seed: logSeed)
  }

  private static func secret(_ path: String) throws -> [UInt8] {
    if let text = try? String(contentsOfFile: path, encoding: .utf8) {
      guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)), data.count == 32
      else {
        throw ConfigurationProblem("the key file \(path) is damaged; restore it from the backup of the home folder")
      }
      return Array(data)
    }
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    let content = Data((Data(bytes).base64EncodedString() + "\n").utf8)
    // A hard link refuses to replace a file, so of two programs that start at once one makes the key and both read it.
    let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    guard FileManager.default.createFile(atPath: temporary, contents: content, attributes: [.posixPermissions: 0o600])
    else { throw ConfigurationProblem("the key file \(path) cannot be written") }
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    do { try FileManager.default.linkItem(atPath: temporary, toPath: path) } catch {
      guard FileManager.default.fileExists(atPath: path) else { throw error }
      return try secret(path)
    }
    return bytes
  }
}

internal import Foundation
public import PlanService
public import TamperEvidence
public import Webhooks

/// The secrets of an installation: files in `<home>/keys`, readable by their owner only, never in the database.
///
/// - `token.key`: signs access tokens.
/// - `receipts.key`: hashes commands for their receipts.
/// - `webhooks.key`: what the secrets that sign deliveries are made of.
/// - `log.key`: seed of the Ed25519 key that signs checkpoints.
/// - `log.next.key`: while the key is exchanged, the one that will follow; both sign until the exchange ends.
/// - `log.retired`: public keys that signed earlier, one base64 a line: they verify old checkpoints.
///
/// All servers of one database must have the same files.
public struct KeyStore: Sendable {
  public let folder: String
  public let tokenSecret: [UInt8]
  public let receiptSecret: [UInt8]
  public let webhookKeys: WebhookKeys
  private let logSeeds: [[UInt8]]
  private let retiredLogKeys: [[UInt8]]

  /// Opens the keys, making those that are missing.
  public init(home: String) throws {
    folder = try Self.makeFolder(home)
    tokenSecret = try Self.secret("\(folder)/token.key")
    receiptSecret = try Self.secret("\(folder)/receipts.key")
    webhookKeys = WebhookKeys(secret: try Self.secret("\(folder)/webhooks.key"))
    let first = try Self.secret("\(folder)/log.key")
    let next = FileManager.default.fileExists(atPath: Self.nextLogKey(in: folder))
    logSeeds = [first] + (next ? [try Self.secret(Self.nextLogKey(in: folder))] : [])
    retiredLogKeys = try Self.retired(in: folder)
  }

  /// The keys of the logs; the name of each is the origin that it speaks for.
  public var logKeys: LogKeys {
    LogKeys(
      signing: { origin in try logSeeds.map { try NoteSigningKey(name: origin, seed: $0) } },
      verifying: { origin in
        let signing = try logSeeds.map { try NoteSigningKey(name: origin, seed: $0).verifierKey }
        let retired = try retiredLogKeys.map { try NoteVerifierKey(name: origin, algorithm: .ed25519, publicKey: $0) }
        return signing + retired.filter { !signing.contains($0) }
      })
  }

  /// The key of a witness (`witness.key`), made when it is missing; a witness needs no other.
  /// - Parameter name: what those who verify call the witness, such as `witness.example.org/city`.
  public static func witnessKey(home: String, name: String) throws -> NoteSigningKey {
    let folder = try makeFolder(home)
    do {
      return try NoteSigningKey(name: name, algorithm: .cosignature, seed: try secret("\(folder)/witness.key"))
    } catch let error as NoteKeyError {
      throw ConfigurationProblem("\(error)")
    }
  }

  // MARK: - Exchanging the key of the logs

  /// Begins an exchange: from the next start on a new key signs beside the old one. Does nothing when one has begun.
  public func beginLogKeyExchange() throws {
    _ = try Self.secret(Self.nextLogKey(in: folder))
  }

  /// Ends an exchange: from the next start on only the new key signs, and the old one still verifies.
  public func endLogKeyExchange() throws {
    try requireLogKeyExchange()
    let old = try NoteSigningKey(name: "retired", seed: logSeeds[0]).verifierKey.publicKey
    let line = Data(old).base64EncodedString() + "\n"
    let path = Self.retiredLogKeys(in: folder)
    let known = try Self.content(of: path) ?? ""
    // A crash between the two leaves a key that signs and is retired as well: it verifies all the same.
    if !known.contains(line) { try DurableFile.write(Array((known + line).utf8), to: path) }
    do { try DurableFile.move(Self.nextLogKey(in: folder), to: "\(folder)/log.key") } catch {
      throw ConfigurationProblem("the key file \(folder)/log.key cannot be replaced")
    }
  }

  func requireLogKeyExchange() throws {
    guard logSeeds.count == 2 else {
      throw ConfigurationProblem("no exchange of the key has begun; begin with federwerk keys rotate")
    }
  }

  private static func nextLogKey(in folder: String) -> String { "\(folder)/log.next.key" }

  private static func retiredLogKeys(in folder: String) -> String { "\(folder)/log.retired" }

  private static func retired(in folder: String) throws -> [[UInt8]] {
    let path = retiredLogKeys(in: folder)
    return try (content(of: path) ?? "").split(separator: "\n").map { line in
      guard let data = Data(base64Encoded: String(line)), data.count == 32 else {
        throw ConfigurationProblem("the file \(path) is damaged; restore it from the backup of the home folder")
      }
      return Array(data)
    }
  }

  private static func makeFolder(_ home: String) throws -> String {
    let folder = "\(home)/keys"
    try DurableFile.makeFolder(folder, permissions: 0o700)
    return folder
  }

  /// Nil where there is no such file. One that is there and cannot be read is never taken for missing: what would be
  /// made in its place is another key.
  private static func content(of path: String) throws -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationProblem("the file \(path) cannot be read; it must belong to the user that federwerk runs as")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func known(_ path: String) throws -> [UInt8]? {
    guard let text = try content(of: path) else { return nil }
    guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)), data.count == 32
    else {
      throw ConfigurationProblem("the key file \(path) is damaged; restore it from the backup of the home folder")
    }
    return Array(data)
  }

  private static func secret(_ path: String) throws -> [UInt8] {
    if let known = try known(path) { return known }
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    let content = Array((Data(bytes).base64EncodedString() + "\n").utf8)
    do {
      // It is on disk before anything is signed or hashed with it, which no other key could verify after a crash.
      if try DurableFile.make(content, at: path) { return bytes }
    } catch {
      throw ConfigurationProblem("the key file \(path) cannot be written")
    }
    // Of programs that start at once one makes the key, and all read it.
    guard let known = try known(path) else { throw ConfigurationProblem("the key file \(path) leads to no file") }
    return known
  }
}

internal import EventSourcing
public import PlanService

/// Where the published files of a log are read from: a bundle, an address, or the store itself.
public protocol AuditSource: Sendable {
  /// The bytes of a file; nil where it is not there.
  ///
  /// Files are asked for in the order of a bundle, each once.
  /// - Parameter byteCountMax: a file that is longer is a fault; nothing is kept of it.
  mutating func bytes(of file: LogFile, byteCountMax: Int) async throws -> [UInt8]?

  /// Called once after the last file: throws where something is left that does not belong there.
  mutating func finish() async throws
}

extension AuditSource {
  /// The bytes of a file, no more than one of its kind can have; nil where it is not there.
  mutating func bytes(of file: LogFile) async throws -> [UInt8]? {
    try await bytes(of: file, byteCountMax: AuditVerification.byteCountMax(of: file))
  }
}

/// Why a source cannot be read on. Nothing is known of what comes after.
public enum BundleFault: Error, Hashable {
  case malformed(String)
  /// A link, a folder, or anything else that is not a file.
  case notAFile(name: String)
  case tooLarge(name: String, byteCount: Int, byteCountMax: Int)
  case truncated(name: String)
  /// A file that does not belong there, or not at this place.
  case unexpected(name: String)
  /// Bytes after the end.
  case trailing
}

extension BundleFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let reason): reason
    case .notAFile(let name): "\(name) is not a regular file"
    case .tooLarge(let name, let byteCount, let byteCountMax):
      "\(name) has \(byteCount) bytes, more than \(byteCountMax)"
    case .truncated(let name): "the archive ends within \(name)"
    case .unexpected(let name): "\(name) does not belong at this place"
    case .trailing: "bytes follow the end of the archive"
    }
  }
}

/// The log as the store holds it, read as an outsider would.
public struct PublishedLogSource: AuditSource {
  private let log: PublishedLog

  public init(_ log: PublishedLog) { self.log = log }

  public func bytes(of file: LogFile, byteCountMax: Int) async throws -> [UInt8]? {
    let found: [UInt8]?
    do { found = try await log.bytes(of: file) } catch let failure as EventLogFailure where failure.kind == .broken {
      // Where the store has lost what its head promises, an outsider finds a file missing.
      return nil
    }
    guard let bytes = found else { return nil }
    guard bytes.count <= byteCountMax else {
      throw BundleFault.tooLarge(name: file.path, byteCount: bytes.count, byteCountMax: byteCountMax)
    }
    return bytes
  }

  public func finish() {}
}

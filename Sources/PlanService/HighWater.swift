public import EventSourcing
internal import Foundation
internal import Synchronization
internal import TamperEvidence

/// The largest head of each log that was ever published, kept outside the database.
///
/// A database that is restored from a backup forgets what it once held; this file does not. Before a checkpoint is
/// published its head is written here and flushed, so after a crash the mark is never behind what others have seen.
public final class HighWater: Sendable {
  public struct Mark: Codable, Hashable, Sendable {
    public var epoch: Int
    public var size: Int64
    /// The root in base64.
    public var root: String
  }

  private let folder: String?
  private let marks = Mutex<[String: Mark]>([:])

  /// - Parameter folder: nil keeps the marks in memory, for tests and dry runs.
  public init(folder: String?) { self.folder = folder }

  public func mark(of log: LogIDPath) throws -> Mark? {
    guard let folder else { return marks.withLock { $0[log.name] } }
    let path = "\(folder)/\(log.name).json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONDecoder().decode(Mark.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The logs of which anything was ever published.
  public var logs: [LogID] {
    get throws {
      guard let folder else { return marks.withLock { $0.keys.compactMap(LogID.init(markName:)) } }
      guard FileManager.default.fileExists(atPath: folder) else { return [] }
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap { file in
        file.hasSuffix(".json") ? LogID(markName: String(file.dropLast(5))) : nil
      }
    }
  }

  /// Raises the mark; a smaller one of the same epoch is ignored.
  public func raise(_ mark: Mark, of log: LogIDPath) throws {
    func isKnown() throws -> Bool {
      try self.mark(of: log).map { ($0.epoch, $0.size) >= (mark.epoch, mark.size) } ?? false
    }
    guard let folder else {
      if try !isKnown() { marks.withLock { $0[log.name] = mark } }
      return
    }
    try DurableFile.makeFolder(folder)
    let path = "\(folder)/\(log.name).json"
    // Several programs may share the folder: the mark is compared and replaced by one at a time.
    try DurableFile.withLock(beside: path) {
      if try isKnown() { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      try DurableFile.write(Array(encoder.encode(mark)), to: path)
    }
  }
}

/// The file name of a log's mark: plan id and log name.
public struct LogIDPath: Sendable {
  let name: String
}

extension LogIDPath {
  public init(_ log: LogID) { name = "\(log.plan)-\(log.name)" }
}

extension LogID {
  /// The log whose mark has this name; nil where it is no mark's.
  fileprivate init?(markName: String) {
    let idLength = 36
    guard let plan = EntityID(markName.prefix(idLength)), markName.dropFirst(idLength).first == "-" else { return nil }
    self.init(plan: plan, name: String(markName.dropFirst(idLength + 1)))
  }
}

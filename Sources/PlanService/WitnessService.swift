public import EventSourcing
internal import Foundation
public import TamperEvidence

/// A witness (c2sp.org/tlog-witness): remembers the largest head of each log that it has cosigned, and cosigns another
/// only when that one continues it. A log thus cannot show two histories to those who ask for its cosignature.
///
/// What was cosigned is on disk before the cosignature leaves the house, so a witness that is killed at any instant
/// never goes back. Several programs may share the folder.
public actor WitnessService {
  private let folder: String
  private let key: NoteSigningKey
  private let logKeys: [NoteVerifierKey]
  private let clock: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - folder: holds a checkpoint for each log, under the name that the specification gives it.
  ///   - key: cosigns.
  ///   - logKeys: of the logs that are watched; the name of each is the origin that it speaks for.
  public init(
    folder: String, key: NoteSigningKey, logKeys: [NoteVerifierKey], clock: @escaping @Sendable () -> Timestamp
  ) {
    self.folder = folder
    self.key = key
    self.logKeys = logKeys
    self.clock = clock
  }

  /// What a witness answers.
  public enum Answer: Sendable {
    case verdict(WitnessVerdict)
    /// The line of the cosignature.
    case cosigned(String)
  }

  /// Judges a request, stores the head that it cosigns, and cosigns it.
  public func add(_ request: WitnessRequest) throws -> Answer {
    // A log that is not watched leaves no trace, or anybody could fill the disk.
    guard logKeys.contains(where: { $0.name.utf8.elementsEqual(request.origin.utf8) }) else {
      return .verdict(.unknownOrigin)
    }
    let path = self.path(origin: request.origin)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    var answer: Answer?
    try DurableFile.withLock(beside: path) {
      let keys = logKeys
      let verdict = Witness.judge(request, known: try known(at: path)) { origin in
        keys.filter { $0.name.utf8.elementsEqual(origin.utf8) }
      }
      guard case .cosign(let checkpoint) = verdict else { return answer = .verdict(verdict) }
      let seconds = UInt64(max(0, clock().microsecondsSinceEpoch / 1_000_000))
      let signature = try key.cosign(checkpoint, at: seconds)
      let note = try request.note.adding([signature])
      try DurableFile.write(note.bytes, to: path)
      answer = .cosigned(signature.line)
    }
    guard let answer else { preconditionFailure("a request is answered or an error thrown") }
    return answer
  }

  /// The newest checkpoint that was cosigned for the log of this name (the hexadecimal SHA-256 of its origin).
  public func checkpoint(named name: String) throws -> [UInt8]? {
    guard name.utf8.count == 64, name.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      return nil
    }
    return FileManager.default.contents(atPath: "\(folder)/\(name)/checkpoint").map { Array($0) }
  }

  private func path(origin: String) -> String { "\(folder)/\(Witness.checkpointPath(origin: origin))" }

  /// A file that is there and cannot be read throws: a witness that has forgotten what it signed signs nothing.
  private func known(at path: String) throws -> WitnessedHead? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: Array(bytes)).text)
    return WitnessedHead(size: checkpoint.size, root: checkpoint.root)
  }
}

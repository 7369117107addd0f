internal import Foundation

/// Writes a file so that after a crash it holds either the old or the new content, never half of it, and the new one
/// once the call has returned.
public enum DurableFile {
  /// Makes a folder, and those above it that are missing; does nothing when it is there.
  /// - Parameter permissions: of this folder; what the system gives unless told.
  public static func makeFolder(_ path: String, permissions: Int? = nil) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    // Another program may have made it meanwhile.
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: permissions.map { [.posixPermissions: $0] })
    try flushFolder(of: path)
  }

  /// The name of a file is kept by its folder, which has to be flushed as well.
  private static func flushFolder(of path: String) throws {
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// Runs `body` while no other program that asks the same runs its own; the system lets go when a program dies.
  static func withLock(beside path: String, _ body: () throws -> Void) throws {
    let lock = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(lock) }
    guard flock(lock, LOCK_EX) == 0 else { throw CocoaError(.fileWriteUnknown) }
    try body()
  }

  /// Writes a file, in place of one that is there; only its owner may read it.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = path + ".new"
    try writeFlushed(bytes, to: temporary)
    // Crash here: the old file still stands, the half-written one is overwritten next time.
    try move(temporary, to: path)
  }

  /// Puts a file in the place of another, as a whole.
  public static func move(_ path: String, to other: String) throws {
    guard rename(path, other) == 0 else { throw CocoaError(.fileWriteUnknown) }
    try flushFolder(of: other)
  }

  /// Writes a file where there is none; only its owner may read it.
  /// - Returns: whether it was written; false where a file is there, which stays as it is.
  public static func make(_ bytes: [UInt8], at path: String) throws -> Bool {
    let temporary = "\(path).\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    try writeFlushed(bytes, to: temporary)
    // A hard link replaces no file, so of all who make one at once a single one does.
    let isMade = link(temporary, path) == 0
    guard isMade || errno == EEXIST else { throw CocoaError(.fileWriteUnknown) }
    // Also where another has just made it: whoever reads it may rely on it.
    try flushFolder(of: path)
    return isMade
  }

  private static func writeFlushed(_ bytes: [UInt8], to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
      throw CocoaError(.fileWriteUnknown)
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.write(contentsOf: bytes)
    try handle.synchronize()
  }
}

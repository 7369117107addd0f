internal import Foundation

/// Writes a file so that after a crash it holds either the old or the new content, never half of it, and the new one
/// once the call has returned.
enum DurableFile {
  static func makeFolder(_ path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
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

  static func write(_ data: Data, to path: String) throws {
    let temporary = path + ".new"
    guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600])
    else {
      throw CocoaError(.fileWriteUnknown)
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
    defer { try? handle.close() }
    try handle.write(contentsOf: data)
    // Crash here: the old file still stands, the half-written one is overwritten next time.
    try handle.synchronize()
    guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    try flushFolder(of: path)
  }
}

import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to use a home folder, held by one program at a time.
///
/// The operating system drops the lock when its holder ends, however it ends: a lock file left over from a crash is
/// free.
struct HomeLock: Sendable {
  private let file: FileDescriptor

  /// Takes the lock, or fails at once with the holder's process id.
  init(home: FilePath) throws(EmbeddedPostgresError) {
    let path = home.appending("lock")
    do {
      file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .noFollow, .closeOnExec], permissions: FilePermissions(rawValue: 0o644))
    } catch {
      throw .unusablePath(path: path.string, reason: "\(error)")
    }
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      let holder = (try? readSmallFile(path)).flatMap { Int32(String(decoding: $0.dropLast(), as: UTF8.self)) }
      try? file.close()
      guard reason == EWOULDBLOCK else { throw .unusablePath(path: path.string, reason: "\(Errno(rawValue: reason))") }
      throw .homeInUse(home: home.string, processID: holder)
    }
    // The number only helps people; a crash between these lines leaves a wrong one, and the lock is right all the same.
    ftruncate(file.rawValue, 0)
    _ = try? file.writeAll("\(getpid())\n".utf8)
  }

  func release() {
    // Closing alone would not do: a child that is just being spawned holds the same open file until its exec.
    flock(file.rawValue, LOCK_UN)
    try? file.close()
  }
}

import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `postmaster.pid`, the note that a running server keeps in its data directory.
///
/// Its lines are: process id, data directory, start time, port, socket folder, listen address, shared memory key,
/// status (PostgreSQL's `src/include/utils/pidfile.h`). It stays behind after a crash, so it alone proves nothing.
struct PostmasterPIDFile: Equatable {
  let processID: pid_t
  let socketDirectory: String?
  let status: String?

  init?(in dataDirectory: FilePath) {
    guard let bytes = try? readSmallFile(dataDirectory.appending("postmaster.pid")) else { return nil }
    self.init(contents: String(decoding: bytes, as: UTF8.self))
  }

  init?(contents: String) {
    let lines = contents.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      // The status is padded with blanks, so that it can be overwritten in place.
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    // A standalone backend notes its id as a negative number; it serves nobody, and its data is not ours to touch.
    guard let first = lines.first, let id = pid_t(first), id > 0 else { return nil }
    processID = id
    socketDirectory = lines.count > 4 ? lines[4] : nil
    status = lines.count > 7 ? lines[7] : nil
  }

  var isReady: Bool { status == "ready" }
  var isStopping: Bool { status == "stopping" }

  /// Whether the server's socket is not where we look for it; a server that has just started has not told yet.
  func listensElsewhere(than folder: FilePath) -> Bool {
    guard let socketDirectory, status != nil else { return false }
    return FilePath(socketDirectory) != folder
  }
}

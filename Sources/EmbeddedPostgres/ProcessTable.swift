import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What `/proc` tells about PostgreSQL's processes.
///
/// Owner and command line are readable by everybody, also by root in a container without ptrace rights; a zombie has an
/// empty command line, so a dead server whose parent has not noticed is not taken for a living one.
enum ProcessTable {
  /// Whether process `id` is the postmaster of this data directory.
  static func isPostmaster(_ id: pid_t, of dataDirectory: FilePath, user: OperatingSystemUser) -> Bool {
    guard let arguments = postgresArguments(of: id, user: user) else { return false }
    if workingDirectory(of: id) == dataDirectory { return true }
    let flag = arguments.firstIndex(of: "-D") ?? arguments.endIndex
    return arguments.dropFirst(flag + 1).first == dataDirectory.string
  }

  /// Whether process `id` lives and surely has nothing to do with this data directory; when in doubt it is no stranger.
  static func isStranger(_ id: pid_t, to dataDirectory: FilePath, user: OperatingSystemUser) -> Bool {
    guard kill(id, 0) == 0, !isPostmaster(id, of: dataDirectory, user: user) else { return false }
    return postgresArguments(of: id, user: user) == nil || workingDirectory(of: id) != nil
  }

  /// A postmaster of this data directory that has not yet written its pid file.
  static func newborn(of dataDirectory: FilePath, user: OperatingSystemUser) -> pid_t? {
    processIDs.first { isPostmaster($0, of: dataDirectory, user: user) }
  }

  /// Processes of a server whose postmaster is dead; they call themselves "postgres: cluster name: task".
  static func orphans(ofCluster clusterName: String, user: OperatingSystemUser) -> [pid_t] {
    processIDs.filter { id in
      commandLine(of: id, user: user)?.first?.hasPrefix("postgres: \(clusterName): ") ?? false
    }
  }

  private static var processIDs: [pid_t] { names(in: "/proc").compactMap { pid_t($0) } }

  private static func postgresArguments(of id: pid_t, user: OperatingSystemUser) -> [String]? {
    let arguments = commandLine(of: id, user: user)
    return arguments?.first.map { FilePath($0).lastComponent?.string == "postgres" } == true ? arguments : nil
  }

  /// Where a process is; nil where we may not know. Every process of a server is in its data directory.
  private static func workingDirectory(of id: pid_t) -> FilePath? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let size = readlink("/proc/\(id)/cwd", start, buffer.count)
      guard size > 0, size < buffer.count else { return nil }
      start[size] = 0
      return FilePath(String(cString: start))
    }
  }

  private static func commandLine(of id: pid_t, user: OperatingSystemUser) -> [String]? {
    guard id > 1, let status = try? Stat("/proc/\(id)"), status.userID.rawValue == user.userID,
      let bytes = try? readSmallFile(FilePath("/proc/\(id)/cmdline")), !bytes.isEmpty
    else { return nil }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

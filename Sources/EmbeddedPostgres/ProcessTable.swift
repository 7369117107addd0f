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
  /// Whether process `id` is the postmaster of this data directory (or the shell that is about to become it).
  static func isPostmaster(_ id: pid_t, of dataDirectory: FilePath, user: OperatingSystemUser) -> Bool {
    guard let arguments = commandLine(of: id, user: user), let flag = arguments.firstIndex(of: "-D"),
      arguments[..<flag].contains(where: { FilePath($0).lastComponent?.string == "postgres" })
    else { return false }
    return arguments[(flag + 1)...].first == dataDirectory.string
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

  private static func commandLine(of id: pid_t, user: OperatingSystemUser) -> [String]? {
    guard id > 1, let status = try? Stat("/proc/\(id)"), status.userID.rawValue == user.userID,
      let bytes = try? readSmallFile(FilePath("/proc/\(id)/cmdline")), !bytes.isEmpty
    else { return nil }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

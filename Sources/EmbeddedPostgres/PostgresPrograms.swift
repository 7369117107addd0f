import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An installed PostgreSQL server: a folder with its programs, and its major version.
struct PostgresPrograms: Sendable, Equatable {
  let folder: FilePath
  let majorVersion: Int

  static let majorVersionMin = 14

  var initdb: FilePath { folder.appending("initdb") }
  var postgres: FilePath { folder.appending("postgres") }
  var psql: FilePath { folder.appending("psql") }

  /// Finds every usable server, the newest first; a folder named by the configuration is the only one looked at.
  static func installed(
    binaries: String?, program: ServerProgram
  ) async throws(EmbeddedPostgresError) -> [PostgresPrograms] {
    let folders = try await candidateFolders(binaries: binaries, program: program)
    let usable = try await onBlockingThread { () throws(EmbeddedPostgresError) in
      folders.filter { folder in
        ["initdb", "postgres", "psql"].allSatisfy { access(folder.appending($0).string, X_OK) == 0 }
      }
    }
    var found: [PostgresPrograms] = []
    for folder in usable where !found.contains(where: { $0.folder == folder }) {
      // Programs that the server's user cannot run, in a private folder of ours, count as not there.
      guard let version = try await version(of: folder.appending("postgres"), program: program) else { continue }
      guard version >= majorVersionMin else { continue }
      found.append(PostgresPrograms(folder: folder, majorVersion: version))
    }
    guard !found.isEmpty else { throw .programsNotFound(searched: folders.map(\.string)) }
    return found.sorted { $0.majorVersion > $1.majorVersion }
  }

  private static func version(
    of postgres: FilePath, program: ServerProgram
  ) async throws(EmbeddedPostgresError) -> Int? {
    do {
      return majorVersion(in: try await program.run(postgres, ["--version"]).text)
    } catch .programFailed {
      return nil
    }
  }

  /// Reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" and "… 19beta1".
  static func majorVersion(in answer: String) -> Int? {
    guard let name = answer.firstRange(of: "(PostgreSQL) ") else { return nil }
    return Int(answer[name.upperBound...].prefix { $0.isASCII && $0.isNumber })
  }

  private static func candidateFolders(
    binaries: String?, program: ServerProgram
  ) async throws(EmbeddedPostgresError) -> [FilePath] {
    if let binaries {
      return [try await onBlockingThread { () throws(EmbeddedPostgresError) in absolutePath(binaries) }]
    }
    let searchPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    let onPath = searchPath.split(separator: ":").map { FilePath(String($0)) }.filter(\.isAbsolute)
    var folders: [FilePath] = []
    let tool = onPath.map { $0.appending("pg_config") }.first { access($0.string, X_OK) == 0 }
    if let tool {
      let answer = try await program.run(tool, ["--bindir"]).text
      let folder = answer.split(separator: "\n").first.map { FilePath(String($0)) }
      if let folder, folder.isAbsolute { folders.append(folder) }
    }
    let debian: FilePath = "/usr/lib/postgresql"
    folders += try await onBlockingThread { () throws(EmbeddedPostgresError) in
      names(in: debian).sorted().map { debian.appending($0).appending("bin") }
    }
    return folders + onPath
  }
}

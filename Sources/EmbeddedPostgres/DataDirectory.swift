import Logging
import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The server's data directory: made once, found again ever after.
struct DataDirectory: Sendable {
  let folders: ServerFolders
  let program: ServerProgram
  let logger: Logger

  private static let unfinishedPrefix = "data.new-"

  /// Makes the data directory unless it exists, and answers the programs of its major version.
  ///
  /// Crash states: `data` exists only as a whole, because `initdb` fills another folder, which is flushed and then
  /// renamed. Whatever is found under an unfinished name belongs to a run that was killed, and is removed.
  func prepare(
    installed: [PostgresPrograms], unsafe: Bool
  ) async throws(EmbeddedPostgresError) -> PostgresPrograms {
    let folders = folders
    let (version, isThere, unfinished) = try await onBlockingThread { () throws(EmbeddedPostgresError) in
      (
        try? readSmallFile(folders.data.appending("PG_VERSION")), exists(folders.data),
        names(in: folders.base).filter { $0.hasPrefix(Self.unfinishedPrefix) }
      )
    }
    for name in unfinished {
      logger.notice("Removing an unfinished data directory", metadata: ["folder": "\(name)"])
      try await removeUnfinished(folders.base.appending(name))
    }
    guard let version else {
      guard !isThere, let newest = installed.first else { throw .notADataDirectory(path: folders.data.string) }
      try await initialize(with: newest, unsafe: unsafe)
      return newest
    }
    let written = Int(String(decoding: version, as: UTF8.self).prefix { $0.isNumber }) ?? 0
    guard let match = installed.first(where: { $0.majorVersion == written }) else {
      throw .otherMajorVersion(
        dataDirectory: folders.data.string, written: written, installed: installed.map(\.majorVersion))
    }
    return match
  }

  private func initialize(with programs: PostgresPrograms, unsafe: Bool) async throws(EmbeddedPostgresError) {
    let started = ContinuousClock.now
    // A killed run may have left its initdb running; a new name keeps the two apart.
    let unfinished = folders.base.appending(Self.unfinishedPrefix + "\(getpid())-\(UInt32.random(in: 0 ... .max))")
    do {
      try await program.mustRun(
        programs.initdb,
        [
          "--pgdata=\(unfinished.string)", "--username=\(EmbeddedPostgres.superuser)", "--auth=peer", "--encoding=UTF8",
          "--locale=C", "--data-checksums", "--no-instructions",
        ] + (Self.hasUnicodeLocale ? ["--lc-ctype=C.UTF-8"] : []) + (unsafe ? ["--no-sync"] : []))
    } catch {
      // What cannot be removed now is removed at the next start; the failure of initdb is the one to report.
      try? await removeUnfinished(unfinished)
      throw error
    }
    // initdb has flushed the folder. If we stop here, the next start removes it and begins again.
    let folders = folders
    try await onBlockingThread { () throws(EmbeddedPostgresError) in
      guard rename(unfinished.string, folders.data.string) == 0 else { throw .unusable(folders.data) }
      try synchronizeFolder(folders.base)
    }
    logger.info(
      "Made a data directory",
      metadata: [
        "version": "\(programs.majorVersion)", "folder": "\(folders.data)", "took": "\(ContinuousClock.now - started)",
      ])
  }

  /// An initdb that outlived its killed parent may still write into the folder: then a second try finds it gone.
  private func removeUnfinished(_ path: FilePath) async throws(EmbeddedPostgresError) {
    do {
      try await program.remove(path)
    } catch .programFailed {
      try await program.remove(path)
    }
  }

  /// Sorting by bytes never changes with the C library; upper and lower case of German letters need this one.
  private static var hasUnicodeLocale: Bool {
    guard let locale = newlocale(CInt(LC_CTYPE_MASK), "C.UTF-8", nil) else { return false }
    freelocale(locale)
    return true
  }
}

/// Why the private server could not be started, used or stopped; every case ends with what to run.
public enum EmbeddedPostgresError: Error, Sendable, Equatable {
  /// No PostgreSQL 14 or newer is installed in any of the searched folders.
  case programsNotFound(searched: [String])
  /// We run as root, and the operating system has no user `postgres` that the server could run as.
  case noServerUser
  /// The operating system has no name for the user we run as, and PostgreSQL's peer check needs one.
  case namelessUser(id: UInt32)
  /// Another program holds the lock of the same home folder.
  case homeInUse(home: String, processID: Int32?)
  /// A folder or file could not be created, opened or read.
  case unusablePath(path: String, reason: String)
  /// A folder that must be private belongs to somebody else.
  case ownedBySomebodyElse(path: String, owner: String, expected: String)
  /// The server's user cannot reach the data that an earlier run left there.
  case unreachableData(path: String, user: String)
  /// The data was written by a major version of PostgreSQL that is not installed.
  case otherMajorVersion(dataDirectory: String, written: Int, installed: [Int])
  /// A folder stands where the data belongs, and it is not a data directory.
  case notADataDirectory(path: String)
  /// The name of a setting is not one that may stand in `postgresql.conf`.
  case invalidSetting(name: String)
  /// The path of the server's socket is longer than the operating system allows.
  case socketPathTooLong(path: String)
  /// One of PostgreSQL's programs failed.
  case programFailed(program: String, status: String, output: String)
  /// The server ended, or was not ready in time; `log` is the end of its log.
  case serverDidNotStart(reason: String, logFile: String, log: String)
  /// The task was cancelled while the server was starting.
  case interrupted
}

extension EmbeddedPostgresError: CustomStringConvertible {
  /// What happened and what to run; safe to show to anybody who may see the server's paths.
  public var description: String {
    switch self {
    case .programsNotFound(let searched):
      "couldn't find PostgreSQL 14 or newer (searched \(searched.joined(separator: ", "))). "
        + "Run: apt-get install postgresql"
    case .noServerUser:
      "PostgreSQL refuses to run as root and there is no user \"postgres\" to run it as. "
        + "Run: apt-get install postgresql, or start this program as an ordinary user"
    case .namelessUser(let id):
      "user id \(id) has no name in the operating system, and PostgreSQL needs one. Add it to /etc/passwd, "
        + "or set DATABASE_URL to a server of your own"
    case .homeInUse(let home, let processID):
      "another program \(processID.map { "(process \($0)) " } ?? "")uses \(home). Wait until it has ended, "
        + "or stop it, or set FEDERWERK_HOME to another folder"
    case .unusablePath(let path, let reason):
      "couldn't use \(path): \(reason). Check its owner and permissions (ls -ld \(path)), "
        + "or set FEDERWERK_HOME to another folder"
    case .ownedBySomebodyElse(let path, let owner, let expected):
      "\(path) belongs to \(owner), expected \(expected). Run this program as \(owner), remove the folder, "
        + "or set FEDERWERK_HOME to another folder"
    case .unreachableData(let path, let user):
      "user \(user), whom the server runs as, cannot reach its data in \(path). Run: chmod o+x on each parent folder, "
        + "or move the folder and set FEDERWERK_HOME"
    case .otherMajorVersion(let dataDirectory, let written, let installed):
      "the data in \(dataDirectory) is of PostgreSQL \(written), installed is "
        + "\(installed.map(String.init).joined(separator: ", ")). Run: apt-get install postgresql-\(written), "
        + "or convert the data with pg_upgrade, or set FEDERWERK_HOME to another folder to start afresh"
    case .notADataDirectory(let path):
      "\(path) exists and is not a PostgreSQL data directory. Move it away, or set FEDERWERK_HOME to another folder"
    case .invalidSetting(let name):
      "\"\(name)\" is not the name of a PostgreSQL setting. Correct the settings of the embedded server"
    case .socketPathTooLong(let path):
      "the socket path \(path) is too long for this operating system"
    case .programFailed(let program, let status, let output):
      "\(program) failed (\(status)): \(output)"
    case .serverDidNotStart(let reason, let logFile, let log):
      "couldn't start PostgreSQL: \(reason). The end of \(logFile):\n\(log)"
    case .interrupted:
      "stopped while PostgreSQL was starting"
    }
  }
}

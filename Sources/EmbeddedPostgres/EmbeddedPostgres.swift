public import Logging
public import ServiceLifecycle
import SystemPackage

/// A private PostgreSQL server, for the first run and for tests.
///
/// It listens on a Unix socket only, knows no password, and lets in nobody but the operating system's user that started
/// it. Its data survive the program, and so does the server when the program is killed: the next run with the same home
/// folder adopts it.
public struct EmbeddedPostgres: Sendable {
  /// The role that owns the server, whichever user of the operating system runs it.
  public static let superuser = "postgres"

  private let folders: ServerFolders
  private let configuration: EmbeddedPostgresConfiguration
  private let postmaster: Postmaster
  private let logger: Logger

  /// Starts the server, calls `body` while it runs, and stops it afterwards.
  ///
  /// The first run makes the data directory; a run after a crash adopts the living server or lets it recover. The
  /// server is stopped after `body` has returned or thrown, also when the task was cancelled meanwhile: sessions are
  /// cut off, a last checkpoint is written, and only then does this function return. A server that dies while `body`
  /// runs stays dead unless ``run()`` supervises it.
  ///
  /// - Throws: ``EmbeddedPostgresError`` from the start, `CancellationError` when cancelled while starting, or what
  ///   `body` throws.
  public static func withServer<R: Sendable>(
    _ configuration: EmbeddedPostgresConfiguration, logger: Logger, isolation: isolated (any Actor)? = #isolation,
    _ body: (EmbeddedPostgres) async throws -> R
  ) async throws -> R {
    do {
      let home = try await onBlockingThread { () throws(EmbeddedPostgresError) in
        try ServerFolders.makeHome(configuration.home)
      }
      let lock = try await onBlockingThread { () throws(EmbeddedPostgresError) in try HomeLock(home: home) }
      defer { lock.release() }
      let server = try await prepare(home: home, configuration: configuration, logger: logger)
      let result: Result<R, any Error>
      do {
        try await server.start()
        result = .success(try await body(server))
      } catch {
        result = .failure(error)
      }
      let postmaster = server.postmaster
      await uncancelledTask { await postmaster.stop() }.value
      return try result.get()
    } catch EmbeddedPostgresError.interrupted {
      throw CancellationError()
    }
  }

  private static func prepare(
    home: FilePath, configuration: EmbeddedPostgresConfiguration, logger: Logger
  ) async throws(EmbeddedPostgresError) -> EmbeddedPostgres {
    let currentUser = try await onBlockingThread { () throws(EmbeddedPostgresError) in try OperatingSystemUser.current()
    }
    let (folders, program) = try await ServerFolders.prepare(home: home, currentUser: currentUser)
    if folders.isOutsideHome {
      logger.notice(
        "The database lies outside the home folder, which its user cannot reach",
        metadata: ["folder": "\(folders.base)", "user": "\(program.user.name)"])
    }
    let settings = try ServerSettings(
      folders: folders, clients: [currentUser, program.user], configuration: configuration)
    let installed = try await PostgresPrograms.installed(binaries: configuration.binaries, program: program)
    let programs = try await DataDirectory(folders: folders, program: program, logger: logger)
      .prepare(installed: installed, unsafe: configuration.unsafe)
    return EmbeddedPostgres(
      folders: folders, configuration: configuration,
      postmaster: Postmaster(
        folders: folders, programs: programs, program: program, settings: settings, configuration: configuration,
        logger: logger),
      logger: logger)
  }

  private func start() async throws(EmbeddedPostgresError) {
    try await postmaster.start()
    try await postmaster.makeDatabase(named: configuration.databaseName)
    try await postmaster.allowRoles()
    let processID = await postmaster.processID ?? 0
    logger.info(
      "The server is ready",
      metadata: ["pid": "\(processID)", "data": "\(dataDirectory)", "socket": "\(socketDirectory)"])
  }

  // MARK: Connecting

  /// A libpq connection string for the superuser and the configured database.
  public var superuserConnectionString: String {
    connectionString(user: Self.superuser, database: configuration.databaseName)
  }

  /// A libpq connection string for any role and database; it holds no secret.
  public func connectionString(user: String, database: String) -> String {
    Self.connectionString(socket: folders.socket, user: user, database: database)
  }

  /// Lets this program log in as the roles that were made since the start.
  ///
  /// Call it after migrations. Before version 16, PostgreSQL's user map knows no "any role": it lists each by name.
  public func allowNewRoles() async throws {
    try await postmaster.allowRoles()
  }

  static func connectionString(socket: FilePath, user: String, database: String) -> String {
    func quoted(_ value: String) -> String {
      "'" + value.flatMap { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) } + "'"
    }
    return "host=\(quoted(socket.string)) port=\(ServerFolders.port) user=\(quoted(user)) dbname=\(quoted(database))"
  }

  // MARK: Looking at it

  /// The folder with the database itself.
  public var dataDirectory: String { folders.data.string }

  /// The folder with the server's socket.
  public var socketDirectory: String { folders.socket.string }

  /// The log file that the server writes to at present; a new one begins every day, and lives for a week.
  public var serverLog: String { postmaster.currentLog.string }

  /// The process id of the server that was started or adopted last; after a crash and a restart it is another one.
  public var processID: Int32? {
    get async { await postmaster.processID }
  }

  /// Returns once the present server process is dead, for whatever reason.
  ///
  /// - Throws: `CancellationError` when the task is cancelled before.
  public func waitForExit() async throws {
    do { try await postmaster.waitForExit() } catch EmbeddedPostgresError.interrupted { throw CancellationError() }
  }
}

// MARK: - Supervision

extension EmbeddedPostgres: Service {
  /// A server that lived this long was well: the next crash is answered as quickly as the first.
  private static let healthyUptime: Duration = .seconds(30)

  /// Starts the server again whenever it has died, until graceful shutdown or cancellation.
  ///
  /// Between two attempts it waits, twice as long each time, up to `restartDelayMax`. PostgreSQL recovers by itself:
  /// what was committed is there, what was not is gone. Stopping the server is not done here but by ``withServer``,
  /// after everything that uses it.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      // Cancellation is the usual end of supervision, and the server's failures are answered by trying again.
      try? await supervise()
    }
  }

  private func supervise() async throws {
    var delay = configuration.restartDelayMin
    while true {
      let began = ContinuousClock.now
      try await postmaster.waitForExit()
      if ContinuousClock.now - began > Self.healthyUptime { delay = configuration.restartDelayMin }
      logger.error(
        "The database server has died; it is started again", metadata: ["in": "\(delay)", "log": "\(serverLog)"])
      try await Task.sleep(for: delay)
      delay = min(delay * 2, configuration.restartDelayMax)
      do {
        try await postmaster.start()
        try await postmaster.allowRoles()
        let processID = await postmaster.processID ?? 0
        logger.notice("The database server is back", metadata: ["pid": "\(processID)"])
      } catch .interrupted {
        throw CancellationError()
      } catch {
        logger.error("\(error)")
      }
    }
  }
}

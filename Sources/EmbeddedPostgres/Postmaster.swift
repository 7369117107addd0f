import Logging
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The server process: started or adopted, watched, and stopped.
///
/// A started and an adopted server are handled in the same way, through `postmaster.pid` and signals, so that what
/// happens after a crash of ours is what happens always. They differ only in how we learn of their death: a started
/// server is our child, an adopted one is looked up in `/proc`.
actor Postmaster {
  let folders: ServerFolders
  let programs: PostgresPrograms
  let program: ServerProgram
  let settings: ServerSettings
  let configuration: EmbeddedPostgresConfiguration
  let logger: Logger

  /// The server that we started or adopted last; it may be dead by now.
  private(set) var processID: pid_t?
  private var child: Child?
  /// Roles that we may log in as; a restarted server knows them before its first connection.
  private var roles: [String]
  private var isStopped = false

  private static let pollInterval: Duration = .milliseconds(50)
  private static let immediateStopTimeout: Duration = .seconds(10)
  private static let killTimeout: Duration = .seconds(10)
  private static let progressInterval: Duration = .seconds(5)

  init(
    folders: ServerFolders, programs: PostgresPrograms, program: ServerProgram, settings: ServerSettings,
    configuration: EmbeddedPostgresConfiguration, logger: Logger
  ) {
    self.folders = folders
    self.programs = programs
    self.program = program
    self.settings = settings
    self.configuration = configuration
    self.logger = logger
    roles = [EmbeddedPostgres.superuser] + configuration.roles
  }

  var isRunning: Bool { processID.map(isAlive) ?? false }

  // MARK: Starting

  /// Brings the server up: the one that a crashed run left behind, or a new one.
  ///
  /// Only the holder of the home's lock may call this. Crash states: a living server is adopted with today's settings;
  /// one that is stopping is waited for; processes whose postmaster was killed are ended; a stale pid file is
  /// PostgreSQL's to judge, unless its number now belongs to a stranger. A crash during the start itself is one of
  /// these.
  func start() async throws(EmbeddedPostgresError) {
    guard !isStopped, !isRunning else { return }
    let (socket, user) = (folders.socket, program.user)
    try await onBlockingThread { () throws(EmbeddedPostgresError) in try makePrivateFolder(socket, owner: user) }
    try await writeSettings()
    let pidFile = PostmasterPIDFile(in: folders.data)
    if let left = pidFile, isAlive(left.processID) {
      guard left.isStopping || left.listensElsewhere(than: folders.socket) else {
        return try await adopt(left.processID)
      }
      logger.notice("Ending the server of an earlier run", metadata: ["pid": "\(left.processID)"])
      await end(left.processID)
    } else if let newborn = ProcessTable.newborn(of: folders.data, user: program.user) {
      return try await adopt(newborn)
    }
    try await clearAwayDeadServer()
    guard let started = await launch() else { throw didNotStart("the program could not be run") }
    processID = started
    try await waitUntilReady(started)
  }

  private func adopt(_ id: pid_t) async throws(EmbeddedPostgresError) {
    logger.notice("Adopting the server of an earlier run", metadata: ["pid": "\(id)"])
    processID = id
    try await waitUntilReady(id)
    // The server reads today's settings before it accepts the next connection.
    kill(id, SIGHUP)
  }

  private func writeSettings() async throws(EmbeddedPostgresError) {
    try await program.write(settings.configurationFile, to: folders.data.appending("federwerk.conf"))
    // initdb has tried out what this machine allows, so its file stays; ours is read at its end.
    let script = #"grep -qxF "$2" "$1" || printf '%s\n' "$2" >>"$1""#
    let main = folders.data.appending("postgresql.conf").string
    try await program.mustRun("/bin/sh", ["-c", script, "sh", main, "include 'federwerk.conf'"])
    try await program.write(settings.accessFile, to: folders.data.appending("pg_hba.conf"))
    let identity = settings.identityFile(majorVersion: programs.majorVersion, roles: roles)
    try await program.write(identity, to: folders.data.appending("pg_ident.conf"))
  }

  /// Makes room for a new server after the old one was killed.
  private func clearAwayDeadServer() async throws(EmbeddedPostgresError) {
    // Without their postmaster they serve nobody, and a new one refuses to start while they hold its shared memory.
    let deadline = ContinuousClock.now + Self.immediateStopTimeout
    while true {
      let orphans = ProcessTable.orphans(ofCluster: folders.clusterName, user: program.user)
      guard !orphans.isEmpty, ContinuousClock.now < deadline else { break }
      for orphan in orphans { kill(orphan, SIGQUIT) }
      try await pause(Self.pollInterval)
    }
    var stale: [FilePath] = []
    // PostgreSQL takes any living process of its own user for the postmaster, also one that got the number after a
    // reboot.
    let (data, user) = (folders.data, program.user)
    if let left = PostmasterPIDFile(in: data), ProcessTable.isStranger(left.processID, to: data, user: user) {
      logger.notice("Removing a stale postmaster.pid", metadata: ["pid": "\(left.processID)"])
      stale.append(folders.data.appending("postmaster.pid"))
    }
    // The socket folder is only ours, so a socket without a server is a leftover.
    let socket = folders.socket.appending(".s.PGSQL.\(ServerFolders.port)")
    stale += [socket, FilePath(socket.string + ".lock")]
    try await program.mustRun("/bin/rm", ["-f", "--"] + stale.map(\.string))
  }

  /// Starts the server as our child and answers its process id; its life is then no longer tied to any task of ours.
  private func launch() async -> pid_t? {
    let exited = Exited()
    let (started, continuation) = AsyncStream<pid_t>.makeStream()
    // The shell opens the log as the server's user and then becomes the server, under the same process id.
    let script = #"umask 077; log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null"#
    let program = program
    let command = program.command(
      "/bin/sh",
      ["-c", script, "sh", folders.startLog.string, programs.postgres.string, "-D", folders.data.string])
    let logger = logger
    _ = uncancelledTask {
      defer {
        exited.set()
        continuation.finish()
      }
      do {
        let result = try await Subprocess.run(
          command.executable, arguments: command.arguments, environment: program.environment, workingDirectory: "/",
          platformOptions: program.platformOptions, input: .none, output: .discarded, error: .discarded
        ) { execution in
          continuation.yield(execution.processIdentifier.value)
          continuation.finish()
        }
        logger.debug("The server ended", metadata: ["status": "\(result.terminationStatus)"])
      } catch {
        logger.error("couldn't run the server: \(error)")
      }
    }
    // Spawning takes milliseconds. Cancelled or not we wait for it: a child that nobody knows could not be stopped.
    let id = await uncancelledTask { await started.first { _ in true } }.value
    child = id.map { Child(id: $0, exited: exited) }
    return id
  }

  private func waitUntilReady(_ id: pid_t) async throws(EmbeddedPostgresError) {
    let began = ContinuousClock.now
    var nextReport = began + Self.progressInterval
    while true {
      if let file = PostmasterPIDFile(in: folders.data), file.processID == id, file.isReady, isAlive(id) { return }
      guard isAlive(id) else { throw didNotStart("the server ended at once") }
      let now = ContinuousClock.now
      if now - began > configuration.startTimeout { throw didNotStart("not ready after \(configuration.startTimeout)") }
      if now > nextReport {
        logger.notice("Waiting for the server, which may be recovering", metadata: ["for": "\(now - began)"])
        nextReport = now + Self.progressInterval
      }
      try await pause(Self.pollInterval)
    }
  }

  private func didNotStart(_ reason: String) -> EmbeddedPostgresError {
    let logs = currentLog == folders.startLog ? [folders.startLog] : [folders.startLog, currentLog]
    let ends = logs.map { lastLines(of: $0) }.filter { !$0.isEmpty }
    return .serverDidNotStart(reason: reason, logFile: currentLog.string, log: ends.joined(separator: "\n"))
  }

  /// The log that the server writes to now, as it says itself in `current_logfiles`.
  nonisolated var currentLog: FilePath {
    guard let note = try? readSmallFile(folders.data.appending("current_logfiles")) else { return folders.startLog }
    let line = String(decoding: note, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("stderr ") }
    return line.map { FilePath(String($0.dropFirst("stderr ".count))) } ?? folders.startLog
  }

  // MARK: Watching

  /// Returns once the present server is dead, at once when it is.
  func waitForExit() async throws(EmbeddedPostgresError) {
    while isRunning { try await pause(Self.pollInterval * 4) }
  }

  private func isAlive(_ id: pid_t) -> Bool {
    if let child, child.id == id { return !child.exited.isSet }
    return ProcessTable.isPostmaster(id, of: folders.data, user: program.user)
  }

  private func pause(_ duration: Duration) async throws(EmbeddedPostgresError) {
    do { try await Task.sleep(for: duration) } catch { throw .interrupted }
  }

  // MARK: Logging in

  /// Lets this program log in as every role that the server knows by now.
  func allowRoles() async throws(EmbeddedPostgresError) {
    guard programs.majorVersion < 16 else { return }
    let answer = try await query("select rolname from pg_roles where rolcanlogin order by rolname")
    for role in answer.split(separator: "\n").map(String.init) where !roles.contains(role) { roles.append(role) }
    let path = folders.data.appending("pg_ident.conf")
    let contents = settings.identityFile(majorVersion: programs.majorVersion, roles: roles)
    if let old = try? readSmallFile(path), old == Array(contents.utf8) { return }
    try await program.write(contents, to: path)
    try await reload()
  }

  /// Returns when new connections see the files as they are now.
  private func reload() async throws(EmbeddedPostgresError) {
    let loadTime = "select extract(epoch from pg_conf_load_time())"
    let before = try await query(loadTime)
    guard let processID, isRunning else { return }
    kill(processID, SIGHUP)
    let deadline = ContinuousClock.now + Self.progressInterval
    // A connection inherits the postmaster's load time, and the postmaster reads its files one after the other before
    // it accepts the next connection.
    while try await query(loadTime) == before, ContinuousClock.now < deadline { try await pause(Self.pollInterval) }
  }

  /// Makes a database unless it exists.
  func makeDatabase(named name: String) async throws(EmbeddedPostgresError) {
    let statement = """
      select format('create database %I', :'name')
      where not exists (select from pg_database where datname = :'name') \\gexec
      """
    try await query(statement, variables: ["name=\(name)"])
  }

  /// Runs SQL as superuser through `psql` and answers the rows, columns separated by "|".
  @discardableResult
  func query(_ sql: String, variables: [String] = []) async throws(EmbeddedPostgresError) -> String {
    let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"] + variables.flatMap { ["-v", $0] }
    let target = EmbeddedPostgres.connectionString(
      socket: folders.socket, user: EmbeddedPostgres.superuser, database: "postgres")
    return try await program.mustRun(programs.psql, arguments + ["-d", target, "-f", "-"], input: sql + "\n;\n")
  }

  // MARK: Stopping

  /// Stops the server for good: sessions are cut off, a last checkpoint is written. Not to be called from a cancelled
  /// task.
  func stop() async {
    isStopped = true
    // A socket goes with its server; a folder that cannot be removed now is used again next time.
    defer { rmdir(folders.socket.string) }
    guard let id = processID, isAlive(id) else { return }
    let began = ContinuousClock.now
    await end(id)
    logger.info("The server has stopped", metadata: ["took": "\(ContinuousClock.now - began)"])
  }

  /// Ends a server, at first in order. What a harder step leaves undone, the next start recovers from the log.
  private func end(_ id: pid_t) async {
    let steps: [(signal: CInt, name: String, patience: Duration)] = [
      (SIGINT, "fast", configuration.stopTimeout), (SIGQUIT, "immediate", Self.immediateStopTimeout),
      (SIGKILL, "kill", Self.killTimeout),
    ]
    for step in steps where isAlive(id) {
      if step.signal != SIGINT { logger.warning("The server does not stop", metadata: ["next": "\(step.name)"]) }
      kill(id, step.signal)
      let deadline = ContinuousClock.now + step.patience
      while isAlive(id), ContinuousClock.now < deadline { try? await Task.sleep(for: Self.pollInterval) }
    }
  }
}

/// A server that we started ourselves.
private struct Child {
  let id: pid_t
  let exited: Exited
}

/// Set once a child is dead and its process id may go to another process.
private final class Exited: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() { flag.store(true, ordering: .releasing) }
}

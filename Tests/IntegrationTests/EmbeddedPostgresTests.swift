import Glibc
import HangLimit
import Logging
import Subprocess
import SystemPackage
import TestDatabases
import Testing

@testable import EmbeddedPostgres

@Suite(.hangLimit)
struct EmbeddedPostgresTests {
  @Test func `a first run makes a server without a TCP port`() async throws {
    try await withHome { home in
      try await withServer(home) { server in
        let answer = try await ask(
          server,
          """
          select current_database(), current_setting('listen_addresses') = '', current_setting('data_checksums'),
            current_setting('server_encoding'), current_setting('fsync'), upper('ä')
          """)
        #expect(answer == "federwerk|t|on|UTF8|on|Ä")
        #expect(server.socketDirectory.utf8.count < 80)
        let rules = try await ask(server, "select count(*) from pg_hba_file_rules")
        #expect(rules == "1")
      }
    }
  }

  @Test func `Ctrl-C in the terminal does not reach the server`() async throws {
    try await withHome { home in
      try await withServer(home) { server in
        let id = try #require(await server.processID)
        #expect(getsid(id) == id)
        #expect(getpgid(id) != getpgrp())
      }
    }
  }

  @Test func `data survive a stop, and the server does not`() async throws {
    try await withHome { home in
      let id = try await withServer(home) { server in
        try await ask(server, "create table notes as select 'kept' as note")
        return try #require(await server.processID)
      }
      #expect(kill(id, 0) != 0)
      try await withServer(home) { server in
        let answer = try await ask(server, "select note from notes")
        #expect(answer == "kept")
      }
    }
  }

  @Test func `a cancelled program stops its server`() async throws {
    try await withHome { home in
      let (ids, continuation) = AsyncStream<Int32>.makeStream()
      let program = Task {
        try await withServer(home) { server in
          continuation.yield(try #require(await server.processID))
          try await server.waitForExit()
        }
      }
      let id = try #require(await ids.first { _ in true })
      program.cancel()
      await #expect(throws: CancellationError.self) { try await program.value }
      #expect(kill(id, 0) != 0)
    }
  }

  @Test func `a start can be cancelled and repeated`() async throws {
    try await withHome { home in
      let base = absolutePath(home).appending("postgres")
      let program = Task { try await withServer(home) { _ in } }
      while !names(in: base).contains(where: { $0.hasPrefix("data.new-") }) { await Task.yield() }
      program.cancel()
      await #expect(throws: CancellationError.self) { try await program.value }
      try await withServer(home) { server in
        let answer = try await ask(server, "select 1")
        #expect(answer == "1")
      }
      #expect(names(in: base).sorted() == ["data", "log"])
    }
  }

  @Test func `a supervised server comes back with all that was committed`() async throws {
    try await withHome { home in
      try await withServer(home) { server in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await server.run() }
          try await ask(server, "create table notes as select 'kept' as note")
          for _ in 1...2 {
            let id = try #require(await server.processID)
            kill(id, SIGKILL)
            try await answer(from: server)
            #expect(await server.processID != id)
            let answer = try await ask(server, "select note from notes")
            #expect(answer == "kept")
          }
          group.cancelAll()
        }
      }
    }
  }

  @Test func `a server whose program was killed is adopted`() async throws {
    try await withHome { home in
      let (data, owner) = try await withServer(home) { server in
        try await ask(server, "create table notes as select 'kept' as note")
        return (server.dataDirectory, try serverUser(of: server))
      }
      // A clean stop removes the socket folder; a killed program would have left it.
      let socket = "/tmp/federwerk-\(owner.userID)-\(ServerFolders.hash(of: absolutePath(home)))"
      try makePrivateFolder(.init(socket), owner: owner)
      let program = ServerProgram(user: owner, switchesUser: owner != (try .current()))
      let programs = try #require(try await PostgresPrograms.installed(binaries: nil, program: program).first)
      try await program.mustRun(
        programs.folder.appending("pg_ctl"), ["-D", data, "-w", "-l", "/dev/null", "-s", "start"])
      let left = try #require(PostmasterPIDFile(in: .init(data))).processID
      try await withServer(home) { server in
        #expect(await server.processID == left)
        let answer = try await ask(server, "select note from notes")
        #expect(answer == "kept")
      }
      #expect(PostmasterPIDFile(in: .init(data)) == nil)
    }
  }

  @Test func `a stale pid file that names a stranger is no obstacle`() async throws {
    try await withHome { home in
      let (data, owner) = try await withServer(home) { ($0.dataDirectory, try serverUser(of: $0)) }
      let program = ServerProgram(user: owner, switchesUser: owner != (try .current()))
      try await program.write(
        "\(getpid())\n\(data)\n1\n5432\n/tmp\n\n0 0\nready\n", to: .init(data + "/postmaster.pid"))
      try await withServer(home) { server in
        let answer = try await ask(server, "select 1")
        #expect(answer == "1")
      }
    }
  }

  @Test func `an unfinished data directory is made again`() async throws {
    try await withHome { home in
      let (data, owner) = try await withServer(home) { ($0.dataDirectory, try serverUser(of: $0)) }
      let program = ServerProgram(user: owner, switchesUser: owner != (try .current()))
      // What a kill in the middle of initdb leaves: half a directory under its temporary name.
      try await program.mustRun("/bin/rm", ["-r", data + "/global"])
      try await program.mustRun("/bin/mv", [data, data + ".new-1-1"])
      try await withServer(home) { server in
        let answer = try await ask(server, "select 1")
        #expect(answer == "1")
        #expect(!exists(.init(data + ".new-1-1")))
      }
    }
  }

  @Test func `a second program with the same home is refused`() async throws {
    try await withHome { home in
      try await withServer(home) { _ in
        let error = await #expect(throws: EmbeddedPostgresError.self) { try await withServer(home) { _ in } }
        #expect(error == .homeInUse(home: absolutePath(home).string, processID: getpid()))
        #expect(error?.description.contains("FEDERWERK_HOME") == true)
      }
    }
  }

  @Test func `data of another major version are refused with advice`() async throws {
    try await withHome { home in
      let (data, owner) = try await withServer(home) { ($0.dataDirectory, try serverUser(of: $0)) }
      let program = ServerProgram(user: owner, switchesUser: owner != (try .current()))
      try await program.write("9\n", to: .init(data + "/PG_VERSION"))
      let error = await #expect(throws: EmbeddedPostgresError.self) { try await withServer(home) { _ in } }
      guard case .otherMajorVersion(data, 9, _) = error else {
        Issue.record("unexpected \(String(describing: error))")
        return
      }
      #expect(error?.description.contains("apt-get install postgresql-9") == true)
    }
  }

  @Test func `a server that cannot start says why`() async throws {
    try await withHome { home in
      var configuration = configuration(home)
      configuration.settings = ["shared_buffers": "much"]
      let error = await #expect(throws: EmbeddedPostgresError.self) {
        try await EmbeddedPostgres.withServer(configuration, logger: logger) { _ in }
      }
      #expect(error?.description.contains(#"invalid value for parameter "shared_buffers""#) == true)
    }
  }

  @Test func `a setting cannot bring along another`() async throws {
    try await withHome { home in
      var configuration = configuration(home)
      configuration.settings = ["work_mem = '1MB'\nfsync": "off"]
      await #expect(throws: EmbeddedPostgresError.invalidSetting(name: "work_mem = '1MB'\nfsync")) {
        try await EmbeddedPostgres.withServer(configuration, logger: logger) { _ in }
      }
      configuration.settings = ["cluster_name": "it's\\n\nfsync = off"]
      try await EmbeddedPostgres.withServer(configuration, logger: logger) { server in
        let answer = try await ask(server, "show fsync")
        #expect(answer == "on")
      }
    }
  }

  @Test func `new roles can log in once they are allowed`() async throws {
    try await withHome { home in
      try await withServer(home) { server in
        try await ask(server, #"create role "O'Hara ""x"" " login"#)
        try await server.allowNewRoles()
        let role = #"O'Hara "x" "#
        let answer = try await psql(
          server.connectionString(user: role, database: "federwerk"), "select current_user, session_user")
        #expect(answer == "\(role)|\(role)")
      }
    }
  }

  @Test func `a folder of somebody else is refused`() async throws {
    guard geteuid() == 0 else { return }
    try await withHome { home in
      let nobody = try #require(OperatingSystemUser(name: "nobody"))
      let socket = "/tmp/federwerk-\(try serverUserID())-\(ServerFolders.hash(of: absolutePath(home)))"
      try makePrivateFolder(.init(socket), owner: nobody)
      defer { rmdir(socket) }
      let error = await #expect(throws: EmbeddedPostgresError.self) { try await withServer(home) { _ in } }
      guard case .ownedBySomebodyElse(socket, "nobody", _) = error else {
        Issue.record("unexpected \(String(describing: error))")
        return
      }
    }
  }

  @Test(arguments: [
    ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15), ("postgres (PostgreSQL) 19beta1", 19),
    ("initdb 3", nil),
  ])
  func `the major version is read from what postgres says`(answer: String, version: Int?) {
    #expect(PostgresPrograms.majorVersion(in: answer) == version)
  }

  @Test func `a pid file is read in every state of its server`() throws {
    let starting = try #require(PostmasterPIDFile(contents: "17\n/data\n1732\n5432\n/tmp/a b\n"))
    #expect(starting.processID == 17 && !starting.isReady && !starting.listensElsewhere(than: "/tmp"))
    let ready = try #require(
      PostmasterPIDFile(contents: "17\n/data\n1732\n5432\n/tmp/a b\n\n  123 4\nready   \n"))
    #expect(ready.isReady && ready.listensElsewhere(than: "/tmp") && !ready.listensElsewhere(than: "/tmp/a b"))
    #expect(try #require(PostmasterPIDFile(contents: "17\n\n\n\n\n\n\nstopping\n")).isStopping)
    #expect(PostmasterPIDFile(contents: "-17\n") == nil)
    #expect(PostmasterPIDFile(contents: "") == nil)
  }
}

private let logger = Logger(label: "EmbeddedPostgresTests") { _ in SwiftLogNoOpLogHandler() }

private func configuration(_ home: String) -> EmbeddedPostgresConfiguration {
  EmbeddedPostgresConfiguration(home: home, settings: ["shared_buffers": "16MB", "max_connections": "20"])
}

private func withServer<R: Sendable>(
  _ home: String, _ body: (EmbeddedPostgres) async throws -> R
) async throws -> R {
  try await EmbeddedPostgres.withServer(configuration(home), logger: logger, body)
}

/// Calls `body` with the path of a home folder that does not exist yet, and removes it afterwards.
private func withHome(_ body: (String) async throws -> Void) async throws {
  let parent = getenv("FEDERWERK_TEST_HOME").map { String(cString: $0) } ?? "/tmp"
  let home = "\(parent)/federwerk-home-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  let result = await Result { try await body(home) }
  _ = try await Subprocess.run(.path("/bin/rm"), arguments: ["-rf", "--", home], output: .discarded)
  try result.get()
}

private func serverUser(of server: EmbeddedPostgres) throws -> OperatingSystemUser {
  let owner = try FilePath(server.dataDirectory).stat().userID.rawValue
  return try #require(OperatingSystemUser(id: owner))
}

private func serverUserID() throws -> uid_t {
  geteuid() == 0 ? try #require(OperatingSystemUser(name: "postgres")).userID : geteuid()
}

/// Returns once the server answers; a start attempt that fails is answered by psql's next run.
private func answer(from server: EmbeddedPostgres) async throws {
  while (try? await ask(server, "select 1")) != "1" { try Task.checkCancellation() }
}

private struct QueryFailed: Error {
  let output: String
}

@discardableResult
private func ask(_ server: EmbeddedPostgres, _ sql: String) async throws -> String {
  try await psql(server.superuserConnectionString, sql)
}

@discardableResult
private func psql(_ connection: String, _ sql: String) async throws -> String {
  let result = try await Subprocess.run(
    .name("psql"), arguments: ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", sql],
    output: .string(limit: 65_536), error: .string(limit: 65_536))
  guard result.terminationStatus.isSuccess else { throw QueryFailed(output: result.standardError) }
  return String(result.standardOutput.prefix { $0 != "\n" })
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

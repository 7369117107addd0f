import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where a server's files are.
///
/// ```
/// <home>/lock                                  held by the running program
/// <home>/postgres/data                         the data directory
/// <home>/postgres/log                          start.log and one log per weekday
/// /tmp/federwerk-<user id>-<hash of home>/     the socket; a path of a socket holds 107 bytes at most
/// ```
///
/// As root the server runs as another user. Where that user cannot pass through the home's parents, `postgres` lies in
/// `/var/lib/federwerk/<hash of home>` instead.
struct ServerFolders: Sendable, Equatable {
  let home: FilePath
  let base: FilePath
  let socket: FilePath

  var data: FilePath { base.appending("data") }
  var log: FilePath { base.appending("log") }
  /// What the server says before it opens its own log.
  var startLog: FilePath { log.appending("start.log") }
  /// The title that the server's processes carry; orphans are recognised by it.
  var clusterName: String { "federwerk-\(Self.hash(of: home))" }
  /// Whether the data had to move away from the home folder.
  var isOutsideHome: Bool { !base.starts(with: home) }

  static let port = 5432
  static let systemFolder: FilePath = "/var/lib/federwerk"
  private static let socketPathSizeMax = 107

  private init(home: FilePath, base: FilePath, user: OperatingSystemUser) throws(EmbeddedPostgresError) {
    self.home = home
    self.base = base
    socket = FilePath("/tmp/federwerk-\(user.userID)-\(Self.hash(of: home))")
    let path = socket.appending(".s.PGSQL.\(Self.port)").string
    guard path.utf8.count <= Self.socketPathSizeMax else { throw .socketPathTooLong(path: path) }
  }

  /// Makes the home folder itself and answers its path without links.
  static func makeHome(_ path: String) throws(EmbeddedPostgresError) -> FilePath {
    // As root another user's server passes through, and may not look around.
    try makeFolder(absolutePath(path), mode: geteuid() == 0 ? 0o711 : 0o700)
    return absolutePath(path)
  }

  /// Picks the user that the server runs as, and the folder of its data; makes what is missing.
  ///
  /// Data that exists decides both: it is never silently replaced by an empty server elsewhere.
  static func prepare(
    home: FilePath, currentUser: OperatingSystemUser
  ) async throws(EmbeddedPostgresError) -> (ServerFolders, ServerProgram) {
    let near = home.appending("postgres")
    guard currentUser.isRoot else {
      return try await make(home: home, base: near, program: ServerProgram(user: currentUser, switchesUser: false))
    }
    let far = systemFolder.appending(hash(of: home))
    let ownerOfData = try await onBlockingThread { () throws(EmbeddedPostgresError) in
      [near, far].lazy.compactMap { base in
        (try? base.appending("data").stat(followTargetSymlink: false)).map { (base, $0.userID.rawValue) }
      }.first
    }
    if let (base, owner) = ownerOfData {
      let user = try await onBlockingThread { () throws(EmbeddedPostgresError) in OperatingSystemUser(id: owner) }
      guard let user, !user.isRoot else {
        throw .ownedBySomebodyElse(path: base.appending("data").string, owner: "user id \(owner)", expected: "postgres")
      }
      let program = ServerProgram(user: user, switchesUser: true)
      guard try await program.canEnter(base) else { throw .unreachableData(path: base.string, user: user.name) }
      return try await make(home: home, base: base, program: program)
    }
    let debianUser = try await onBlockingThread { () throws(EmbeddedPostgresError) in
      OperatingSystemUser(name: "postgres")
    }
    guard let user = debianUser else { throw .noServerUser }
    let program = ServerProgram(user: user, switchesUser: true)
    return try await make(home: home, base: program.canEnter(home) ? near : far, program: program)
  }

  private static func make(
    home: FilePath, base: FilePath, program: ServerProgram
  ) async throws(EmbeddedPostgresError) -> (ServerFolders, ServerProgram) {
    let folders = try ServerFolders(home: home, base: base, user: program.user)
    try await onBlockingThread { () throws(EmbeddedPostgresError) in
      try makeFolder(base.removingLastComponent(), mode: 0o755)
      try makePrivateFolder(base, owner: program.user)
    }
    // Inside its own folder the server's user makes the rest itself.
    try await program.mustRun("/bin/mkdir", ["-p", "-m", "0700", "--", folders.log.string])
    return (folders, program)
  }

  /// A short name for a path that stays the same in every run (FNV-1a, 48 of 64 bits).
  static func hash(of path: FilePath) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.string.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash >> 16, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}

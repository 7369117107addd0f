import SystemPackage

/// The contents of the files that rule a server: who may log in, as whom, and with which settings.
///
/// They are written anew at every start. There is no TCP port and no password: the operating system tells the server
/// who is at the other end of the socket, and the map says that this program's user may be any role.
struct ServerSettings: Sendable {
  let folders: ServerFolders
  /// The users of the operating system that may log in: ours, and the server's own.
  let clients: [String]
  let extra: [String: String]
  let unsafe: Bool

  init(
    folders: ServerFolders, clients: [OperatingSystemUser], configuration: EmbeddedPostgresConfiguration
  ) throws(EmbeddedPostgresError) {
    for name in configuration.settings.keys {
      let isName = name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
      guard isName, !name.isEmpty else { throw .invalidSetting(name: name) }
    }
    self.folders = folders
    self.clients = clients.map(\.name).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    extra = configuration.settings
    unsafe = configuration.unsafe
  }

  /// `federwerk.conf`, which wins over initdb's `postgresql.conf`; what is set by `ALTER SYSTEM` wins over both.
  var configurationFile: String {
    var settings = [
      ("listen_addresses", ""),
      ("port", "\(ServerFolders.port)"),
      ("unix_socket_directories", folders.socket.string),
      ("unix_socket_permissions", "0700"),
      ("cluster_name", folders.clusterName),
      ("max_connections", "100"),
      ("shared_buffers", "256MB"),
      ("wal_level", "replica"),
      ("wal_compression", "on"),
      ("min_wal_size", "256MB"),
      ("max_wal_size", "2GB"),
      ("checkpoint_timeout", "15min"),
      ("checkpoint_completion_target", "0.9"),
      ("synchronous_commit", "on"),
      ("timezone", "UTC"),
      ("datestyle", "iso, ymd"),
      ("lc_messages", "C"),
      ("lc_monetary", "C"),
      ("lc_numeric", "C"),
      ("lc_time", "C"),
      ("log_timezone", "UTC"),
      ("log_destination", "stderr"),
      ("logging_collector", "on"),
      ("log_directory", folders.log.string),
      ("log_filename", "server-%a.log"),
      ("log_truncate_on_rotation", "on"),
      ("log_rotation_age", "1d"),
      ("log_rotation_size", "0"),
      ("log_line_prefix", "%m [%p] %q%u@%d "),
    ]
    if unsafe {
      settings += [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off")]
    }
    settings += extra.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let lines = settings.map { "\($0.0) = \(Self.quoted($0.1))" }
    return """
      # Written by Federwerk at every start. Settings of your own: ALTER SYSTEM SET … TO …
      \(lines.joined(separator: "\n"))
      """
  }

  /// `pg_hba.conf`: the socket, and only for users that the map knows.
  var accessFile: String {
    """
    # Written by Federwerk at every start.
    local all all peer map=federwerk

    """
  }

  /// `pg_ident.conf`. From version 16 on it can say "any role"; before, every role needs a line of its own.
  func identityFile(majorVersion: Int, roles: [String]) -> String {
    let targets = majorVersion >= 16 ? ["all"] : roles.map(Self.doubleQuoted)
    let lines = clients.flatMap { client in targets.map { "federwerk \(Self.doubleQuoted(client)) \($0)" } }
    return "# Written by Federwerk at every start.\n" + lines.joined(separator: "\n") + "\n"
  }

  /// A value of `postgresql.conf`, which knows C's escapes and doubled quotes.
  private static func quoted(_ value: String) -> String {
    let escaped = value.flatMap { character -> String in
      switch character {
      case "'": "''"
      case "\\": "\\\\"
      case "\n": "\\n"
      default: String(character)
      }
    }
    return "'\(String(escaped))'"
  }

  private static func doubleQuoted(_ name: String) -> String {
    "\"" + name.flatMap { $0 == "\"" ? "\"\"" : String($0) } + "\""
  }
}

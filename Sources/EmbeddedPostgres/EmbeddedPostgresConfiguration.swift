/// Where a private server lives, how it is set, and how long we wait for it.
public struct EmbeddedPostgresConfiguration: Sendable {
  /// The folder that everything lives in (`FEDERWERK_HOME`); created when missing. One program at a time may use it.
  public var home: String

  /// The folder with `initdb` and `postgres`; nil searches `pg_config`, `/usr/lib/postgresql/*/bin` and `PATH`.
  public var binaries: String?

  /// The database that exists once the server is up, created when missing.
  public var databaseName: String

  /// Roles that may be logged in as before they exist in the server; see ``EmbeddedPostgres/allowNewRoles()``.
  public var roles: [String]

  /// Settings for `postgresql.conf` that come after ours and win over them.
  public var settings: [String: String]

  /// Turns off every flush to disk: fast, and a power cut destroys the data.
  ///
  /// - Warning: Only for tests that throw the data away. A killed server process still loses nothing.
  public var unsafe: Bool

  /// How long a start may take; recovery after a crash replays at most some gigabytes of write-ahead log.
  public var startTimeout: Duration

  /// How long a fast shutdown may take before the server is stopped without a last checkpoint.
  public var stopTimeout: Duration

  /// The first pause before a crashed server is started again; it doubles up to ``restartDelayMax``.
  public var restartDelayMin: Duration

  /// The longest pause between two attempts to start a crashed server again.
  public var restartDelayMax: Duration

  /// Creates a configuration; the defaults are those of a first run.
  public init(
    home: String = ".federwerk", binaries: String? = nil, databaseName: String = "federwerk", roles: [String] = [],
    settings: [String: String] = [:], unsafe: Bool = false
  ) {
    self.home = home
    self.binaries = binaries
    self.databaseName = databaseName
    self.roles = roles
    self.settings = settings
    self.unsafe = unsafe
    startTimeout = .seconds(300)
    stopTimeout = .seconds(60)
    restartDelayMin = .milliseconds(200)
    restartDelayMax = .seconds(1)
  }
}

/// How to reach the database, and every limit of this module.
public struct PostgresConfiguration: Sendable {
  /// libpq's conninfo string or URI. Several hosts, `target_session_attrs`, `sslmode=verify-full`, `passfile` and
  /// service files work as libpq documents them.
  public var connectionString: String
  /// Shown in `pg_stat_activity`, unless the connection string names another.
  public var applicationName: String
  /// The whole time an attempt to connect may take, over all hosts; each host gets an equal share, in whole seconds and
  /// at least two, unless the connection string sets `connect_timeout`.
  public var connectTimeout: Duration
  /// The server's `statement_timeout`; `nil` leaves the server's own setting and sets no deadline here either.
  public var statementTimeout: Duration?
  /// How long after `statementTimeout` an answer is still awaited before the connection is closed as dead.
  public var statementGrace: Duration
  /// How long a cancelled statement may take to end before its connection is closed instead of reused.
  public var cancelTimeout: Duration
  /// How long a COPY may stand still while this side waits for the server.
  public var copyStallTimeout: Duration
  /// About how many bytes one chunk of a COPY holds: the most that is read ahead of its consumer.
  public var copyChunkBytes: Int
  /// How many prepared statements one connection keeps; the least recently used one is released first.
  public var preparedStatementsMax: Int
  /// How many statements one pipeline may hold between two synchronisations.
  public var pipelineStatementsMax: Int
  /// How many notifications wait for a slow listener; beyond it the oldest are dropped and the next one says so.
  public var notificationBufferMax: Int
  /// How many connections a pool opens.
  public var poolSizeMax: Int
  /// How many callers may wait for a pool's connection; the next one is refused at once.
  public var poolWaitersMax: Int
  /// How long a caller waits for a pool's connection.
  public var acquireTimeout: Duration
  /// An idle connection is asked for a sign of life after this time.
  public var idleHealthCheckAge: Duration
  /// The first wait after a failed attempt to connect; it doubles with each failure in a row, with jitter.
  public var connectBackoffMin: Duration
  /// The longest wait between attempts to connect, and so about how late a returned server is noticed.
  public var connectBackoffMax: Duration

  public init(
    connectionString: String,
    applicationName: String = "federwerk",
    connectTimeout: Duration = .seconds(10),
    statementTimeout: Duration? = .seconds(30),
    statementGrace: Duration = .seconds(5),
    cancelTimeout: Duration = .seconds(5),
    copyStallTimeout: Duration = .seconds(300),
    copyChunkBytes: Int = 64 * 1024,
    preparedStatementsMax: Int = 256,
    pipelineStatementsMax: Int = 1024,
    notificationBufferMax: Int = 1024,
    poolSizeMax: Int = 8,
    poolWaitersMax: Int = 1024,
    acquireTimeout: Duration = .seconds(5),
    idleHealthCheckAge: Duration = .seconds(30),
    connectBackoffMin: Duration = .milliseconds(100),
    connectBackoffMax: Duration = .seconds(2)
  ) {
    self.connectionString = connectionString
    self.applicationName = applicationName
    self.connectTimeout = connectTimeout
    self.statementTimeout = statementTimeout
    self.statementGrace = statementGrace
    self.cancelTimeout = cancelTimeout
    self.copyStallTimeout = copyStallTimeout
    self.copyChunkBytes = copyChunkBytes
    self.preparedStatementsMax = preparedStatementsMax
    self.pipelineStatementsMax = pipelineStatementsMax
    self.notificationBufferMax = notificationBufferMax
    self.poolSizeMax = poolSizeMax
    self.poolWaitersMax = poolWaitersMax
    self.acquireTimeout = acquireTimeout
    self.idleHealthCheckAge = idleHealthCheckAge
    self.connectBackoffMin = connectBackoffMin
    self.connectBackoffMax = connectBackoffMax
  }
}

extension PostgresConfiguration {
  /// What every session runs with, whatever the server's or the role's defaults are. `synchronous_commit` is the
  /// promise that an acknowledged commit survives a crash; it stands last, so the connection string cannot weaken it.
  var sessionOptions: [(name: String, value: String)] {
    var options = [("timezone", "UTC"), ("datestyle", "ISO"), ("intervalstyle", "iso_8601")]
    // As this side asks the server: a session whose program vanished without a word keeps its locks for about a minute,
    // and not for the hours of the system's default. Sessions over a Unix socket need none and ignore it.
    options += [("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")]
    if let statementTimeout {
      options.append(("statement_timeout", String(statementTimeout.wholeMilliseconds)))
    }
    options.append(("synchronous_commit", "on"))
    return options
  }

  /// When a statement sent now is given up on this side.
  var statementDeadline: Duration? {
    statementTimeout.map { $0 + statementGrace }
  }
}

extension Duration {
  /// Rounded up, as the server takes zero for "no limit"; at most what the server's setting can hold.
  var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return Int64(Int32.max) }
    let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return min(max(product &+ rest, 1), Int64(Int32.max))
  }
}

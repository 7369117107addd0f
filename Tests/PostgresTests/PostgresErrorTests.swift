import Testing

@testable import Postgres

@Suite
struct PostgresErrorTests {
  private static let secret = "sesame"

  private static let report = PostgresServerError(fields: [
    .severity: "ERROR", .sqlState: "23505", .message: "duplicate \(secret)", .detail: "Key (a)=(\(secret))",
    .constraint: "a_key",
  ])

  private static func error(_ kind: PostgresError.Kind, outcomeUnknown: Bool = false) -> PostgresError {
    let call = CallSite(operation: "query", file: "Module/File.swift", line: 7)
    let statement = try? PostgresStatement("SELECT '\(secret)'", [secret, 1, [1, 2] as [UInt8], Int?.none], call)
    return call.error(kind, outcomeUnknown: outcomeUnknown, statement: statement)
  }

  private static let kinds: [PostgresError.Kind] = [
    .connectionFailed(message: secret), .connectionLost(report, message: secret), .server(report),
    .timeout(.statementOnServer), .cancelled, .poolTimeout(lastConnectError: error(.connectionFailed(message: secret))),
    .transaction(PostgresTransactionError(body: report, rollback: error(.server(report)))),
    .decoding(.noSuchColumn(name: secret), column: secret), .encoding(.nulInText(byteOffset: 1), parameter: 1),
  ]

  @Test func `no description shows SQL, parameters, hosts or the server's texts`() {
    for kind in Self.kinds {
      let error = Self.error(kind, outcomeUnknown: true)
      #expect(!error.description.contains(Self.secret) && !"\(error)".contains(Self.secret))
      #expect(error.description.contains("Module/File.swift:7"))
      #expect(error.description.contains("unknown"))
    }
  }

  @Test func `a debug description shows them all`() {
    for kind in Self.kinds {
      let text = Self.error(kind).debugDescription
      #expect(text.contains("SELECT '\(Self.secret)'"))
      #expect(text.contains("$1 = '\(Self.secret)', $2 = 1, $3 = bytea \\x0102, $4 = NULL"))
    }
    #expect(Self.error(.server(Self.report)).debugDescription.contains("Key (a)="))
  }

  @Test func `the server's code is found wherever it stands`() {
    #expect(Self.error(.server(Self.report)).sqlState == "23505")
    #expect(Self.error(.connectionLost(Self.report, message: "")).sqlState == "23505")
    let commit = Self.error(.server(Self.report))
    #expect(Self.error(.transaction(PostgresTransactionError(commit: commit))).sqlState == "23505")
    #expect(Self.error(.timeout(.statementOnServer)).sqlState == "57014")
    #expect(Self.error(.cancelled).sqlState == nil)
  }

  @Test func `what may succeed later says so`() {
    #expect(Self.error(.connectionFailed(message: "")).isUnavailable)
    #expect(Self.error(.server(PostgresServerError("53100"))).isUnavailable)
    #expect(Self.error(.server(PostgresServerError("55P03"))).isUnavailable)
    #expect(!Self.error(.server(Self.report)).isUnavailable)
    #expect(!Self.error(.cancelled).isUnavailable)
  }

  @Test func `the connection string's secrets are taken out of texts`() throws {
    let conninfo = try #require(LibPQConninfo(parsing: "host=db password=\(Self.secret) sslpassword='two words'"))
    #expect(conninfo.redact("\(Self.secret) at db, two words") == "*** at db, ***")
    #expect(LibPQConninfo(parsing: "host=x password='\(Self.secret)") == nil)
    let uri = try #require(LibPQConninfo(parsing: "postgresql://user:\(Self.secret)@db/name"))
    #expect(uri.redact(Self.secret) == "***")
  }
}

@Suite
struct LibPQConninfoTests {
  @Test func `each host gets its share of the time`() throws {
    let configuration = PostgresConfiguration(connectionString: "host=a,b,c", connectTimeout: .seconds(9))
    #expect(try #require(LibPQConninfo(configuration))["connect_timeout"] == "3")
    let one = PostgresConfiguration(connectionString: "postgresql://a", connectTimeout: .milliseconds(500))
    #expect(try #require(LibPQConninfo(one))["connect_timeout"] == "2")
    let own = PostgresConfiguration(connectionString: "host=a connect_timeout=7")
    #expect(try #require(LibPQConninfo(own))["connect_timeout"] == "7")
  }

  @Test func `synchronous commit stands after whatever the connection string sets`() throws {
    let configuration = PostgresConfiguration(
      connectionString: "host=a options='-c synchronous_commit=off'", statementTimeout: .milliseconds(1500))
    let options = try #require(LibPQConninfo(configuration)?["options"])
    #expect(options.hasPrefix("-c synchronous_commit=off "))
    #expect(options.hasSuffix(" -c synchronous_commit=on"))
    #expect(options.contains("-c statement_timeout=1500"))
    #expect(options.contains("-c tcp_keepalives_idle=30"))
  }

  @Test func `what the connection string says about names and keepalives is kept`() throws {
    let conninfo = try #require(
      LibPQConninfo(
        PostgresConfiguration(connectionString: "host=a application_name=mine keepalives_idle=5 client_encoding=LATIN1")
      ))
    #expect(conninfo["application_name"] == "mine" && conninfo["keepalives_idle"] == "5")
    #expect(conninfo["client_encoding"] == "UTF8")
  }
}

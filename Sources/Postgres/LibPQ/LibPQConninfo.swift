import CLibPQ
import Glibc

/// A connection string taken apart by libpq itself, with what this module adds.
struct LibPQConninfo: Sendable {
  /// Keyword and value, each keyword once.
  private(set) var parameters: [(keyword: String, value: String)]

  /// Nil when libpq cannot read the string. Its reason is not kept: it may quote a password.
  init?(parsing connectionString: String) {
    guard !connectionString.utf8.contains(0), let options = PQconninfoParse(connectionString, nil) else { return nil }
    defer { PQconninfoFree(options) }
    parameters = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        parameters.append((String(cString: keyword), String(cString: value)))
      }
      option += 1
    }
  }

  /// The parameters to connect with, or nil when the connection string is not valid.
  init?(_ configuration: PostgresConfiguration) {
    self.init(parsing: configuration.connectionString)
    setDefault("application_name", configuration.applicationName)
    // Per host, libpq moves on to the next one only by its own timeout.
    let share = configuration.connectTimeout.wholeMilliseconds / Int64(hostCount) / 1000
    setDefault("connect_timeout", String(max(share, 2)))
    // A peer that vanished without a word is noticed after about a minute, also where no deadline applies.
    setDefault("keepalives_idle", "30")
    setDefault("keepalives_interval", "10")
    setDefault("keepalives_count", "3")
    // Kerberos encryption would be tried first wherever a ticket exists; TLS is asked for by sslmode.
    setDefault("gssencmode", "disable")
    set("client_encoding", "UTF8")
    let ours = configuration.sessionOptions.map { "-c \($0.name)=\($0.value)" }.joined(separator: " ")
    set("options", [self["options"], ours].compactMap { $0 }.joined(separator: " "))
  }

  subscript(keyword: String) -> String? {
    parameters.first { $0.keyword == keyword }?.value
  }

  /// How many hosts are tried in turn.
  var hostCount: Int {
    let hosts = self["hostaddr"] ?? self["host"] ?? ""
    return hosts.split(separator: ",", omittingEmptySubsequences: false).count
  }

  /// Values that must appear in no error text.
  var secrets: [String] {
    ["password", "sslpassword"].compactMap { self[$0] }.filter { !$0.isEmpty }
  }

  /// The text with every secret of this connection string replaced.
  func redact(_ text: String) -> String {
    secrets.reduce(text) { text, secret in text.replacing(secret, with: "***") }
  }

  private mutating func set(_ keyword: String, _ value: String) {
    parameters.removeAll { $0.keyword == keyword }
    parameters.append((keyword, value))
  }

  private mutating func setDefault(_ keyword: String, _ value: String) {
    if self[keyword] == nil { parameters.append((keyword, value)) }
  }
}

/// Calls the body with a null-terminated array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  var pointers = copies.map { UnsafePointer<CChar>($0) }
  pointers.append(nil)
  return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
}

internal import Configuration
public import Logging
internal import SystemPackage
internal import Webhooks

/// Everything that can be configured: from the environment first, then from `federwerk.json` in the home folder.
///
/// | key in the file | environment | meaning | default |
/// |---|---|---|---|
/// | – | FEDERWERK_HOME | folder of keys, marks and the embedded database | `.federwerk` |
/// | federwerk.host | FEDERWERK_HOST | address to listen on | 127.0.0.1 |
/// | federwerk.port | FEDERWERK_PORT | port to listen on, 0 for any | 8080 |
/// | federwerk.origin | FEDERWERK_ORIGIN | first part of the logs' C2SP origins; never changed once a plan exists | federwerk.local |
/// | federwerk.logLevel | FEDERWERK_LOG_LEVEL | trace, debug, info, notice, warning, error | notice |
/// | federwerk.witnessPolicy | FEDERWERK_WITNESS_POLICY | file with the witnesses that cosign the checkpoints of plans, and their quorum | – |
/// | federwerk.webhookAllow | FEDERWERK_WEBHOOK_ALLOW | hosts (`host` or `host:port`, separated by commas) that deliveries may reach inside, also without TLS | – |
/// | federwerk.webhookDelays | FEDERWERK_WEBHOOK_DELAYS | seconds after each failed delivery until the next try; after the last one the webhook is parked | 5,300,1800,7200,18000,36000,50400,72000,86400 |
/// | database.url | DATABASE_URL | login of the service; without it the embedded server | – |
/// | database.migrate.url | DATABASE_MIGRATE_URL | login that may change the schema | DATABASE_URL |
public struct ServerConfiguration: Sendable {
  public var home: String
  public var host: String
  public var port: Int
  public var origin: String
  public var logLevel: Logger.Level
  public var witnessPolicy: String?
  public var webhookAllow: String?
  public var webhookDelays: [Int]
  public var databaseURL: String?
  public var migrateURL: String?

  public static func load() async throws(ConfigurationProblem) -> ServerConfiguration {
    let environment = EnvironmentVariablesProvider(
      secretsSpecifier: .specific(["DATABASE_URL", "DATABASE_MIGRATE_URL"]))
    let home = ConfigReader(provider: environment).string(forKey: "federwerk.home", default: ".federwerk")
    let file: FileProvider<JSONSnapshot>
    do {
      file = try await FileProvider<JSONSnapshot>(filePath: FilePath("\(home)/federwerk.json"), allowMissing: true)
    } catch {
      throw ConfigurationProblem("the file \(home)/federwerk.json cannot be read as JSON: \(error)")
    }
    let reader = ConfigReader(providers: [environment, file])
    let level = reader.string(forKey: "federwerk.logLevel", default: "notice")
    guard let logLevel = Logger.Level(rawValue: level) else {
      throw ConfigurationProblem("FEDERWERK_LOG_LEVEL is “\(level)”; use trace, debug, info, notice, warning or error")
    }
    // As a text first: what is no number must not pass for one that is not given.
    let portText = reader.string(forKey: "federwerk.port")
    guard let port = portText.map({ Int($0) }) ?? reader.int(forKey: "federwerk.port", default: 8080),
      (0...65_535).contains(port)
    else {
      throw ConfigurationProblem("FEDERWERK_PORT is “\(portText ?? "another")”; use a port from 0 to 65535")
    }
    let delays = (reader.string(forKey: "federwerk.webhookDelays") ?? "").split(separator: ",").map {
      Int($0.filter { !$0.isWhitespace }) ?? -1
    }
    guard delays.count <= 1000, delays.allSatisfy({ (0...604_800).contains($0) }) else {
      throw ConfigurationProblem(
        "FEDERWERK_WEBHOOK_DELAYS is a list of seconds, separated by commas, such as 5,300,1800")
    }
    let origin = reader.string(forKey: "federwerk.origin", default: "federwerk.local")
    guard (1...200).contains(origin.utf8.count),
      origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }),
      !origin.contains("://")
    else {
      throw ConfigurationProblem(
        "FEDERWERK_ORIGIN is “\(origin)”; use a name such as plans.example.org, without scheme, space or +")
    }
    // libpq takes an empty text for its own defaults, which nobody means who leaves a line empty.
    func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
    return ServerConfiguration(
      home: home, host: reader.string(forKey: "federwerk.host", default: "127.0.0.1"), port: port, origin: origin,
      logLevel: logLevel, witnessPolicy: reader.string(forKey: "federwerk.witnessPolicy"),
      webhookAllow: reader.string(forKey: "federwerk.webhookAllow"),
      webhookDelays: delays.isEmpty ? DeliverySchedule().delays : delays,
      databaseURL: nonEmpty(reader.string(forKey: "database.url")),
      migrateURL: nonEmpty(reader.string(forKey: "database.migrate.url")))
  }

  /// Whether only programs on this machine can reach the server.
  public var isLoopbackOnly: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
}

/// A setting that cannot be used; the description says what to write instead.
public struct ConfigurationProblem: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

internal import AsyncHTTPClient
internal import Audit
internal import NIOCore
internal import NIOHTTP1
internal import PlanService

/// A log that some server publishes, read over HTTP.
struct HTTPLogSource: AuditSource {
  private static let timeout: TimeAmount = .seconds(60)

  /// Ends without a slash.
  private let address: String
  private let token: String?

  /// - Parameter address: of the log, or of its plan.
  init(address: String, token: String?) {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address.hasSuffix("/log") ? address : address + "/log"
    self.token = token
  }

  func bytes(of file: LogFile, byteCountMax: Int) async throws -> [UInt8]? {
    var request = HTTPClientRequest(url: "\(address)/\(file.path)")
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
    switch response.status {
    case .ok: break
    case .notFound: return nil
    case .unauthorized, .forbidden:
      throw ConfigurationProblem(
        "\(address) refuses \(file.path) (status \(response.status.code)); "
          + "give the token of an auditor with --token or in FEDERWERK_TOKEN")
    default: throw ConfigurationProblem("\(address) answers \(file.path) with status \(response.status.code)")
    }
    do {
      return Array((try await response.body.collect(upTo: byteCountMax)).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw BundleFault.tooLarge(name: file.path, byteCount: byteCountMax + 1, byteCountMax: byteCountMax)
    }
  }

  func finish() {}
}

internal import AsyncHTTPClient
public import Audit
internal import NIOCore
internal import NIOHTTP1
public import PlanService

/// A log that some server publishes, read over HTTP.
public struct HTTPLogSource: AuditSource {
  /// Ends without a slash.
  private let address: String
  private let token: String?
  /// For each file, from the request to its last byte.
  private let timeout: Duration

  /// - Parameter address: of the log, or of its plan.
  public init(address: String, token: String?, timeout: Duration = .seconds(60)) {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address.hasSuffix("/log") ? address : address + "/log"
    self.token = token
    self.timeout = timeout
  }

  public func bytes(of file: LogFile, byteCountMax: Int) async throws -> [UInt8]? {
    var request = HTTPClientRequest(url: "\(address)/\(file.path)")
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let deadline = NIODeadline.now() + TimeAmount(timeout)
    do {
      return try await answer(to: request, file, byteCountMax, by: deadline)
    } catch let error as HTTPClientError where error == .deadlineExceeded {
      throw ConfigurationProblem("\(address) did not give \(file.path) in time; try again later")
    }
  }

  private func answer(
    to request: HTTPClientRequest, _ file: LogFile, _ byteCountMax: Int, by deadline: NIODeadline
  ) async throws -> [UInt8]? {
    let response = try await HTTPClient.shared.execute(request, deadline: deadline)
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
      return Array((try await response.body.collect(upTo: byteCountMax, by: deadline)).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw BundleFault.tooLarge(name: file.path, byteCount: byteCountMax + 1, byteCountMax: byteCountMax)
    }
  }

  public func finish() {}
}

extension HTTPClientResponse.Body {
  /// Collects a body. The client's own deadline ends with the head of the answer, so whoever sends a byte now and then
  /// would hold the reader for ever; throws `HTTPClientError.deadlineExceeded` when the body is not whole in time.
  func collect(upTo byteCountMax: Int, by deadline: NIODeadline) async throws -> ByteBuffer {
    try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
      group.addTask { try await collect(upTo: byteCountMax) }
      // Ended as soon as the body is there.
      group.addTask {
        try await Task.sleep(for: .nanoseconds((deadline - .now()).nanoseconds))
        throw HTTPClientError.deadlineExceeded
      }
      defer { group.cancelAll() }
      for try await body in group { return body }
      throw HTTPClientError.deadlineExceeded
    }
  }
}

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import PlanService
internal import TamperEvidence

/// Reaches witnesses over HTTP.
struct HTTPWitnessClient: WitnessClient {
  /// A checkpoint waits for the slowest witness at most this long.
  private static let timeout: TimeAmount = .seconds(5)

  func addCheckpoint(_ request: WitnessRequest, at url: String) async throws -> (status: Int, body: [UInt8]) {
    var message = HTTPClientRequest(url: url.hasSuffix("/") ? "\(url)add-checkpoint" : "\(url)/add-checkpoint")
    message.method = .POST
    message.body = .bytes(request.bytes)
    let deadline = NIODeadline.now() + Self.timeout
    let response = try await HTTPClient.shared.execute(message, deadline: deadline)
    let body = try await response.body.collect(upTo: SignedNote.byteCountMax, by: deadline)
    return (Int(response.status.code), Array(body.readableBytesView))
  }
}

import EventSourcing
import HTTPAPI
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import PartnerKit
import Testing
import Webhooks

/// What the receiver of the kit for partners says of what it got.
struct ReceiverRoutesTests {
  private static let now = 1_551_441_600
  private static let keys = WebhookKeys(secret: [UInt8](repeating: 3, count: 32)).generation(
    1, of: EntityID(high: 1, low: 1))

  @Test func `what has not come when it ends is missing and not wrong`() async throws {
    let verifier = try #require(WebhookVerifier(secrets: [Self.keys.secret], publicKeys: []))
    let receiver = ReceiverRoutes(
      verifier: verifier, trouble: nil, now: { Self.now }, logger: FeedDesk.quiet, tell: { _ in })
    let server = receiver.server(at: ServerAddress(host: "127.0.0.1", port: 0), onListening: { _ in })
    try await server.test(.router) { client in
      for (number, subject) in [(4, "measures/b"), (0, "measures/a")] as [(Int64, String)] {
        let status = try await Self.deliver(number, about: subject, to: client)
        #expect(status == 204)
      }
    }
    #expect(receiver.count == 2)
    #expect(receiver.findings == [])
    #expect(receiver.missing == ["0000000000000001 to 0000000000000003 are missing"])
  }

  private static func deliver(
    _ number: Int64, about subject: String, to client: any TestClientProtocol
  ) async throws -> Int {
    let id = Position(number).padded.description
    let event: JSON = [
      "id": .string(id), "sequence": .string(id), "source": "urn:federwerk:plan:p:log:feed-a:epoch:1",
      "specversion": "1.0", "subject": .string(subject), "type": "t",
    ]
    let body = event.canonicalBytes
    var fields: HTTPFields = [.contentType: "application/cloudevents+json"]
    for field in WebhookSignature(body, id: id, timestamp: now, keys: [keys]).fields {
      fields[try #require(HTTPField.Name(field.name))] = field.value
    }
    let response = try await client.execute(
      uri: "/hook", method: .post, headers: fields, body: ByteBuffer(bytes: body))
    return response.status.code
  }
}

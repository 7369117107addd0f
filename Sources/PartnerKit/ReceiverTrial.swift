internal import EventSourcing

/// Requests that a partner's receiver must tell apart, with simulated events.
public struct ReceiverTrial: Sendable {
  /// What the receiver has to answer.
  public enum Expectation: Hashable, Sendable {
    case taken
    case refused

    public func isMet(by status: Int) -> Bool {
      switch self {
      case .taken: (200..<300).contains(status)
      case .refused: (400..<500).contains(status) && status != 410 && status != 429
      }
    }
  }

  /// One request.
  public struct Step: Sendable {
    public let name: String
    /// What a receiver must do that got this wrong.
    public let duty: String
    public let expectation: Expectation
    public let fields: [(name: String, value: String)]
    public let body: [UInt8]
  }

  private let verifier: WebhookVerifier
  private let foreign: WebhookVerifier
  private let now: Int

  /// - Parameters:
  ///   - secret: `whsec_…` that the receiver verifies with.
  ///   - now: seconds since 1970.
  /// - Returns: nil when the secret is none.
  public init?(secret: String, now: Int) {
    // Not the receiver's secret, which is random.
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    guard let verifier = WebhookVerifier(secrets: [secret], publicKeys: []),
      let foreign = WebhookVerifier(secrets: [other], publicKeys: []), secret != other
    else { return nil }
    self.verifier = verifier
    self.foreign = foreign
    self.now = now
  }

  /// In the order in which they are to be sent.
  public var steps: [Step] {
    let first = event(0, subject: "measures/a")
    let tampered = event(1, subject: "measures/a", text: "changed on the way")
    return [
      step("an event", "take it: 2xx", .taken, first),
      step("the same event again", "answer 2xx and do nothing: deliveries come at least once", .taken, first),
      step("the next one about the same subject", "take it: 2xx", .taken, event(1, subject: "measures/a")),
      step("one about another subject", "take it: 2xx", .taken, event(2, subject: "institutions/b")),
      step(
        "an event of a type that does not exist yet", "take what you do not know and pass over it", .taken,
        event(3, subject: "measures/a", type: "org.federwerk.unheard-of.happened.v7")),
      step(
        "while the secret is exchanged, signed with another one first", "look at every token of webhook-signature",
        .taken, event(4, subject: "measures/a"), signatures: [foreign, verifier]),
      step(
        "with signatures of schemes to come", "pass over tokens other than v1 and v1a", .taken,
        event(5, subject: "measures/a"), prefix: "v9,bmV3 v1a,bmV3 "),
      step(
        "a large event of 40 kilobytes", "take bodies up to 64 kilobytes", .taken,
        event(6, subject: "measures/a", text: String(repeating: "long ", count: 8000))),
      step(
        "signed by somebody else", "verify the signature before anything else, and answer 401", .refused,
        event(7, subject: "measures/a"), signatures: [foreign]),
      step(
        "changed after it was signed", "verify the bytes as they came, and answer 401", .refused, tampered,
        signedBody: event(1, subject: "measures/a")),
      step(
        "with the id of another event", "the id is signed too: answer 401", .refused, event(7, subject: "measures/a"),
        sentID: 8),
      step(
        "ten minutes old", "refuse a time more than five minutes off", .refused, event(7, subject: "measures/a"),
        age: 600),
      step("without a signature", "answer 401", .refused, event(7, subject: "measures/a"), signatures: []),
    ]
  }

  private func step(
    _ name: String, _ duty: String, _ expectation: Expectation, _ event: (id: Int64, body: [UInt8]),
    signatures: [WebhookVerifier]? = nil, prefix: String = "", signedBody: (id: Int64, body: [UInt8])? = nil,
    sentID: Int64? = nil, age: Int = 0
  ) -> Step {
    let id = Position(event.id).padded.description
    let signed = (signatures ?? [verifier]).map {
      $0.sign(signedBody?.body ?? event.body, id: id, timestamp: now - age)
    }
    var fields = [
      ("content-type", "application/cloudevents+json; charset=utf-8"),
      ("webhook-id", Position(sentID ?? event.id).padded.description), ("webhook-timestamp", String(now - age)),
    ]
    if !signed.isEmpty { fields.append(("webhook-signature", prefix + signed.joined(separator: " "))) }
    return Step(name: name, duty: duty, expectation: expectation, fields: fields, body: event.body)
  }

  private func event(
    _ number: Int64, subject: String, type: String = "org.federwerk.measure.highlighted.v1", text: String = "simulated"
  ) -> (id: Int64, body: [UInt8]) {
    let id = JSON.string(Position(number).padded.description)
    let event: JSON = [
      "data": ["note": .string(text)], "datacontenttype": "application/json", "id": id,
      "partitionkey": .string(subject), "recordedsource": "simulation", "sequence": id,
      "source": "urn:federwerk:plan:00000000-0000-7000-8000-000000000000:log:feed-trial:epoch:1", "specversion": "1.0",
      "subject": .string(subject), "time": "2020-01-01T00:00:00.000000Z", "type": .string(type),
    ]
    return (number, event.canonicalBytes)
  }
}

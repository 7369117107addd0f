internal import Coordination
public import EventSourcing

/// The AsyncAPI 3.0 document: the channels on which events go out and come in, and every event as a message, made from
/// the records of the facts.
public enum AsyncAPIDocument {
  public static let yaml = YAMLText.write(json)

  public static let json: JSON = .object([
    .init("asyncapi", "3.0.0"),
    .init(
      "info",
      [
        "title": "Federwerk", "version": "1",
        "description":
          "Events of plans, for those who follow them by machine. Ereignisse der Pläne, für alle, die maschinell mitlesen.",
      ]),
    .init("defaultContentType", "application/cloudevents+json"),
    .init("channels", .object(channels)),
    .init("operations", .object(operations)),
    .init("components", ["messages": .object(messages), "schemas": .object(schemas)]),
  ])

  private static let types = FactCatalogue.byType.keys.sorted()

  private static func name(_ type: String) -> String { String(type.dropFirst("org.federwerk.".count)) }

  private static func reference(_ path: String) -> JSON { ["$ref": .string("#/\(path)")] }

  private static let events: JSON = .object(
    types.map { .init(name($0), reference("components/messages/\(name($0))")) })

  private static func channel(
    _ key: String, _ address: String?, _ description: String, parameters: [String], messages: JSON
  ) -> JSON.Member {
    var members: [JSON.Member] = [
      .init("address", address.map { .string($0) } ?? .null), .init("description", .string(description)),
      .init("messages", messages),
    ]
    if !parameters.isEmpty {
      members.append(.init("parameters", .object(parameters.map { .init($0, ["description": .string("Slug")]) })))
    }
    return .init(key, .object(members))
  }

  private static let channels: [JSON.Member] = [
    channel(
      "plan", "/v1/plans/{plan}/feed",
      "The plan's own log, for auditors and the office: batches (http-feeds) or server-sent events",
      parameters: ["plan"],
      messages: events),
    channel(
      "feed", "/v1/plans/{plan}/feeds/{feed}",
      "A partner system's feed: what its contract covers, with positions and checkpoints of its own",
      parameters: ["plan", "feed"], messages: events),
    channel(
      "deliveries", nil,
      "The address that a partner system registered: one event a request, signed (Standard Webhooks 1.0)",
      parameters: [],
      messages: events),
    channel(
      "inbound", "/v1/plans/{plan}/inbound", "What partner systems report", parameters: ["plan"],
      messages: ["external-status.reported.v1": reference("components/messages/external-status.reported.v1")]),
  ]

  private static func operation(_ key: String, _ action: String, _ channel: String, _ summary: String) -> JSON.Member {
    .init(
      key,
      ["action": .string(action), "channel": reference("channels/\(channel)"), "summary": .string(summary)])
  }

  private static let operations: [JSON.Member] = [
    operation("followPlan", "send", "plan", "Follow the plan's log · Das Log des Plans mitlesen"),
    operation("followFeed", "send", "feed", "Follow a feed · Ein Abo mitlesen"),
    operation("deliver", "send", "deliveries", "Have the events of a feed delivered · Zustellungen empfangen"),
    operation("report", "receive", "inbound", "Report the status of measures · Stände melden"),
  ]

  private static let messages: [JSON.Member] =
    types.map { type in
      .init(
        name(type),
        [
          "name": .string(type), "title": .string(name(type)),
          "payload": ["allOf": [reference("components/schemas/event"), typed(type)]],
        ])
    } + [
      .init(
        "external-status.reported.v1",
        [
          "name": .string(Routes.inboundType), "title": "external-status.reported.v1",
          "payload": reference("components/schemas/report"),
        ])
    ]

  private static func typed(_ type: String) -> JSON {
    [
      "type": "object",
      "properties": ["type": ["const": .string(type)], "data": reference("components/schemas/\(name(type))")],
    ]
  }

  /// What is said of the facts; a feed may leave fields out that its reader must not know.
  private static func facts(_ kind: any PlanFact.Type) -> JSON {
    func fields<Fact: PlanFact>(_ kind: Fact.Type) -> [FieldDescription] { kind.record.fields }
    let open = fields(kind).filter { !$0.isDisclosable }.map { JSON.Member($0.name, $0.schema) }
    let digests = JSON.Member(
      "_sd", ["type": "array", "items": ["type": "string"], "description": "digests of values that are not told here"])
    return ["type": "object", "properties": .object(open + [digests])]
  }

  private static let text: JSON = ["type": "string"]
  private static let id: JSON = ["type": "string", "pattern": "^[0-9]{16}$"]

  private static let schemas: [JSON.Member] =
    [
      .init(
        "event",
        [
          "type": "object",
          "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
          "properties": [
            "specversion": ["const": "1.0"], "id": id, "sequence": id, "source": text, "type": text, "subject": text,
            "time": ["type": "string", "format": "date-time"], "datacontenttype": ["const": "application/json"],
            "effectivedate": ["type": "string", "format": "date"], "partitionkey": text, "dataref": text,
            "onbehalfof": text, "recordedsource": text, "salt": text, "data": ["type": "object"],
          ],
        ]), .init("report", OpenAPIDocument.inboundEvent),
    ]
    + types.compactMap { type in FactCatalogue.byType[type].map { .init(name(type), facts($0)) } }
}

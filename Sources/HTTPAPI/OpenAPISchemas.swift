internal import Coordination
internal import EventSourcing

/// The forms of what is asked and answered, by their names in the document.
extension OpenAPIDocument {
  static let text: JSON = ["type": "string"]
  static let integer: JSON = ["type": "integer", "minimum": 0]
  static let date: JSON = ["type": "string", "format": "date"]
  static let moment: JSON = ["type": "string", "anyOf": [["format": "date"], ["format": "date-time"]]]
  static let bound: JSON = [
    "type": "string", "anyOf": [["format": "date"], ["format": "date-time"], ["pattern": "^[0-9]{1,15}$"]],
  ]
  static let actor: JSON = [
    "type": "string",
    "pattern":
      "^(users/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|system:[a-z]+)$",
  ]
  static let cursor: JSON = [
    "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": .integer(Int64(PageCursor.lengthMax)),
  ]
  static let eventID: JSON = ["type": "string", "pattern": "^[0-9]{16}$"]
  static let nullableText: JSON = ["type": ["string", "null"]]
  static let nullableInteger: JSON = ["type": ["integer", "null"]]

  static func object(_ properties: JSON, required: [String]? = nil) -> JSON {
    [
      "type": "object", "properties": properties,
      "required": .array((required ?? properties.members?.map(\.key) ?? []).map { .string($0) }),
    ]
  }

  static func list(of item: JSON) -> JSON { ["type": "array", "items": item] }

  /// What a partner system reports.
  static let inboundEvent: JSON = [
    "type": "object", "required": ["specversion", "id", "source", "type", "subject", "data"],
    "properties": [
      "specversion": ["const": "1.0"], "id": ["type": "string", "minLength": 1, "maxLength": 200],
      "source": ["type": "string", "minLength": 1, "maxLength": 1000],
      "type": ["const": .string(Routes.inboundType)],
      "subject": [
        "type": "string", "minLength": 1, "maxLength": 200, "description": "the measure's id in the programme",
      ], "data": InboundStatus.schema,
    ],
  ]

  static let schemas: [JSON.Member] =
    [
      .init(
        "Problem",
        object(
          [
            "type": text, "status": ["type": "integer"], "code": text, "title": text, "detail": text, "field": text,
            "facts": ["type": "object"],
          ], required: ["type", "status", "code", "title", "detail"])),
      .init(
        "CommandAnswer",
        object([
          "events": list(of: object(["position": integer, "type": text, "subject": text])),
          "position": nullableInteger, "size": integer, "root": text,
        ])),
      .init("Status", object(["status": text])), .init("Document", ["type": "object"]),
      .init(
        "Me",
        object([
          "actor": text, "role": text, "institution": nullableText, "partner": nullableText, "plan": nullableText,
          "expires": text,
          "commands": list(of: text), "readsEvents": ["type": "boolean"],
        ])),
      .init(
        "Plans",
        object([
          "plans": list(
            of: object(
              [
                "id": text, "slug": text, "title": nullableText, "size": integer,
                "simulated": ["type": ["boolean", "null"]],
                "trouble": [
                  "type": "string",
                  "description":
                    "why a plan takes no commands, such as log-regressed; without a title it cannot be read either",
                ],
              ], required: ["id", "slug", "title", "size", "simulated"])),
          "next": nullableText,
        ])),
      .init(
        "ConsistencyProof",
        object(["from": integer, "to": integer, "fromRoot": text, "toRoot": text, "hashes": list(of: text)])),
      .init(
        "Feeds",
        object([
          "feeds": list(
            of: object([
              "slug": text, "partner": nullableText, "address": text, "history": ["type": "boolean"],
              "ended": ["type": "boolean"], "contract": ["type": "object"], "size": integer,
            ]))
        ])),
      .init("InboundEvent", inboundEvent),
      .init(
        "InboundResults",
        object([
          "results": list(
            of: object(
              [
                "source": nullableText, "id": nullableText, "status": integer,
                "answer": reference("schemas", "CommandAnswer"), "problem": reference("schemas", "Problem"),
              ], required: ["source", "id", "status"]))
        ])),
      .init(
        "Webhook",
        object([
          "id": text, "feed": nullableText, "address": nullableText, "handshake": ["type": "boolean"],
          "consent": nullableText, "status": ["type": "string", "enum": ["active", "parked", "disabled"]],
          "next": eventID, "failures": integer,
          "notBefore": nullableText, "reason": nullableText, "publicKeys": list(of: text),
        ])),
      .init("WebhookAnswer", object(["webhook": reference("schemas", "Webhook")])),
      .init("Webhooks", object(["webhooks": list(of: reference("schemas", "Webhook"))])),
      .init(
        "Consumer",
        object([
          "name": text, "next": eventID, "size": integer,
          "leases": list(of: object(["worker": text, "until": text, "events": integer])),
          "waiting": list(
            of: object(["id": eventID, "subject": text, "failures": integer, "reason": nullableText])),
          "parkedSubjects": list(of: text),
        ])),
      .init("ConsumerAnswer", object(["consumer": reference("schemas", "Consumer")])),
      .init("Consumers", object(["consumers": list(of: reference("schemas", "Consumer"))])),
      .init(
        "LeasedEvents",
        object(["events": list(of: reference("schemas", "Event")), "lease": nullableText, "until": nullableText])),
      .init("Lease", object(["lease": text, "until": text])),
      .init(
        "SetAside",
        object([
          "setAside": list(
            of: object([
              "id": eventID, "subject": text, "outcome": ["type": "string", "enum": ["parked", "skipped"]],
              "reason": text,
            ]))
        ])),
      .init("JWKS", object(["keys": list(of: ["type": "object"])])),
      .init(
        "Deliveries",
        object([
          "attempts": list(
            of: object([
              "id": eventID, "attemptedAt": text, "milliseconds": integer, "outcome": text, "status": nullableInteger,
            ])), "parked": list(of: object(["id": eventID, "subject": text, "reason": text])),
        ])),
      .init("Disclosures", object(["id": text, "disclosures": list(of: text)])),
      .init("Event", ["type": "object", "required": ["id", "source", "specversion", "type", "data"]]),
      .init("EventBatch", list(of: reference("schemas", "Event"))),
    ] + viewSchemas + CommandCatalogue.external.map { schema(of: $0) }
}

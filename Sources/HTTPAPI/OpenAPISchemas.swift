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
  static let cursor: JSON = ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,400}$"]
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

  static let changes = list(of: object(["field": text], required: ["field", "before", "after"]))

  static let place = object(["slug": nullableText, "title": nullableText])

  /// What follows from the parts; null where there are none.
  static let rollUp: JSON = [
    "type": ["object", "null"],
    "properties": [
      "state": text, "condition": text, "percent": nullableInteger, "counted": integer, "reported": integer,
      "external": integer, "states": ["type": "object"],
    ],
  ]

  static func registerSchema(_ name: String) -> JSON.Member {
    let fields: [JSON.Member] = [
      .init("position", nullableInteger), .init("validAt", date), .init(name, list(of: ["type": "object"])),
      .init("next", nullableText),
    ]
    return .init("Register-\(name)", object(.object(fields)))
  }

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
        "Assignment",
        object([
          "id": text,
          "role": ["type": "string", "enum": .array(Assignment.Role.allCases.map { .string($0.rawValue) })],
          "institution": object(["id": text, "slug": nullableText, "name": nullableText]), "phase": nullableText,
          "subject": nullableText, "condition": nullableText, "wording": nullableText, "range": nullableText,
          "state": text, "from": date, "until": nullableText, "source": text,
        ])),
      .init(
        "Measure",
        object([
          "id": text, "code": text, "title": text, "kind": text, "actionField": place, "cluster": place,
          "taskField": object(["number": nullableInteger, "title": nullableText]), "numeral": text,
          "part": nullableText, "state": text, "condition": text, "percent": nullableInteger,
          "assignments": list(of: reference("schemas", "Assignment")),
          "subMeasures": list(of: reference("schemas", "Measure")),
          "rollUp": rollUp, "externalRef": ["type": ["object", "null"]], "horizon": nullableText, "openIssues": integer,
          "source": list(of: text), "version": integer,
        ])),
      .init(
        "Measures",
        object([
          "position": nullableInteger, "validAt": date, "measures": list(of: reference("schemas", "Measure")),
          "next": nullableText,
        ])),
      .init(
        "MeasureAnswer",
        object(["position": nullableInteger, "validAt": date, "measure": reference("schemas", "Measure")])),
      .init(
        "Institutions",
        object([
          "position": nullableInteger, "validAt": date,
          "institutions": list(
            of: object([
              "id": text, "slug": text, "type": text, "kind": text, "short": nullableText, "name": text,
              "aliases": ["type": "array"], "unitOf": nullableText, "hostedBy": nullableText,
              "chair": ["type": ["object", "null"]], "relativeTo": nullableText, "members": list(of: text),
              "steward": nullableText, "due": nullableText, "roles": ["type": "object"], "source": list(of: text),
              "version": integer,
            ])), "next": nullableText,
        ])),
      .init(
        "Tree",
        object([
          "position": nullableInteger, "validAt": date, "plan": ["type": "object"],
          "version": ["type": ["object", "null"]],
          "actionFields": ["type": "array"], "counts": ["type": "object"], "statedFigures": ["type": "array"],
        ])),
      .init(
        "MeasureSheet", object(["position": nullableInteger, "validAt": date, "measure": ["type": "object"]])),
      .init(
        "InstitutionCard", object(["position": nullableInteger, "validAt": date, "institution": ["type": "object"]])),
      registerSchema("issues"), registerSchema("responsibilities"), registerSchema("placeholders"),
      registerSchema("external-links"),
      .init(
        "Network",
        object([
          "position": nullableInteger, "validAt": date,
          "nodes": list(
            of: object([
              "id": text, "slug": text, "name": text, "kind": text, "measures": integer, "lead": integer,
              "leadPartner": integer, "contributor": integer, "consulted": integer, "load": ["type": "number"],
              "betweenness": ["type": "number"], "articulation": ["type": "boolean"],
            ])),
          "edges": list(of: object(["source": text, "target": text, "weight": integer, "measures": list(of: text)])),
          "relations": list(of: object(["kind": text, "source": text, "target": text])), "isolated": list(of: text),
        ])),
      .init(
        "NetworkDifference",
        object([
          "from": ["type": "object"], "to": ["type": "object"], "nodes": ["type": "object"],
          "edges": ["type": "object"], "relations": ["type": "object"],
        ])),
      .init(
        "Timeline",
        object([
          "position": nullableInteger,
          "entries": list(
            of: object([
              "position": integer, "type": text, "recordedAt": text, "effectiveDate": date, "actor": text,
              "onBehalfOf": nullableText, "subject": text, "summary": object(["de": text, "en": text]),
              "changes": changes,
            ])), "next": nullableText,
        ])),
      .init(
        "Comparison",
        object([
          "from": object(["position": nullableInteger]), "to": object(["position": nullableInteger]),
          "eventCount": integer, "subjectCount": integer,
          "subjects": list(
            of: object([
              "subject": text, "name": nullableText, "isNew": ["type": "boolean"], "changes": changes,
              "eventCount": integer, "events": list(of: integer),
            ])), "next": nullableText,
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
    ] + CommandCatalogue.external.map { schema(of: $0) }
}

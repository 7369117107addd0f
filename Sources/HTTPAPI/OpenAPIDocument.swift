internal import Coordination
public import EventSourcing

/// The OpenAPI 3.1 document: one operation per command, made from the command descriptors.
public enum OpenAPIDocument {
  public static let yaml = YAMLText.write(json)

  public static let json: JSON = .object([
    .init("openapi", "3.1.0"),
    .init(
      "info",
      [
        "title": "Federwerk", "version": "1",
        "description":
          "Coordinates plans that many institutions carry together. Koordiniert Pläne, die viele Institutionen gemeinsam tragen.",
        "license": ["name": "Proprietary", "identifier": "LicenseRef-Federwerk"],
      ]),
    .init("servers", [["url": "/"]]),
    .init("security", [["token": []]]),
    .init("paths", .object(paths)),
    .init(
      "components",
      [
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]],
        "schemas": .object(schemas), "parameters": .object(parameters), "responses": .object(responses),
      ]),
  ])

  private static var paths: [JSON.Member] {
    var paths: [JSON.Member] = [
      path("/healthz", get("health", "Whether the process lives", "Status", isOpen: true)),
      path("/readyz", get("readiness", "Whether commands can be carried out", "Status", isOpen: true)),
      path(
        "/metrics", get("metrics", "Metrics in Prometheus' text format", nil, mediaType: "text/plain", isOpen: true)),
      path(
        "/asyncapi.yaml",
        get("asyncapi", "Channels and messages (AsyncAPI 3)", "Document", mediaType: "application/yaml", isOpen: true)),
      path("/openapi.yaml", get("openapi", "This document", nil, mediaType: "application/yaml", isOpen: true)),
      path("/v1/me", get("me", "Who am I, and what may I do · Wer bin ich, was darf ich", "Me")),
      path(
        "/v1/plans", get("listPlans", "The plans · Die Pläne", "Plans", parameters: ["limit", "cursor"]),
        post(CreatePlan.self)),
    ]
    let view = ["position", "asOf", "validAt", "Plan-Position-Min", "If-None-Match"]
    paths += [
      path(
        "/v1/plans/{plan}", get("plan", "The plan as a tree · Der Plan als Baum", "Tree", parameters: ["plan"] + view)),
      path(
        "/v1/plans/{plan}/tree",
        get("tree", "The plan as a tree · Der Plan als Baum", "Tree", parameters: ["plan"] + view)),
      path(
        "/v1/plans/{plan}/measures",
        get(
          "measures", "The measure board · Alle Maßnahmen", "Measures",
          parameters: ["plan"] + view + ["limit", "cursor"])),
      path(
        "/v1/plans/{plan}/measures/{measure}",
        get("measure", "One measure · Eine Maßnahme", "MeasureAnswer", parameters: ["plan", "measure"] + view)),
      path(
        "/v1/plans/{plan}/institutions",
        get(
          "institutions", "Institutions, groups, placeholders", "Institutions",
          parameters: ["plan"] + view + ["limit", "cursor"])),
      path(
        "/v1/plans/{plan}/measures/{measure}/sheet",
        get(
          "measureSheet", "Everything about one measure, now and then · Maßnahmenblatt", "MeasureSheet",
          parameters: ["plan", "measure"] + view)),
      path(
        "/v1/plans/{plan}/institutions/{institution}",
        get(
          "institution", "One institution with all that it holds · Institutionenblatt", "InstitutionCard",
          parameters: ["plan", "institution"] + view)),
      register("issues", "Questions and difficulties with their clocks · Meldungen und Eskalationen", view),
      register("responsibilities", "Who does what, by role and phase · Zuständigkeiten", view),
      register("placeholders", "Placeholders, measures without lead, too many leads · Lücken", view),
      register("external-links", "Measures of other programmes · Verknüpfte Programme", view),
      path(
        "/v1/plans/{plan}/network",
        get(
          "network", "Who shares measures with whom · Netzwerk der Beteiligten", "Network",
          otherMediaTypes: ["application/graphml+xml", "text/vnd.graphviz", "image/svg+xml"],
          parameters: ["plan", "format"] + view)),
      path(
        "/v1/plans/{plan}/network/difference",
        get(
          "networkDifference", "How the network differs between two moments · Vergleich zweier Zeitpunkte",
          "NetworkDifference",
          parameters: [
            "plan", "fromDay", "fromPosition", "fromAsOf", "toDay", "toPosition", "toAsOf", "Plan-Position-Min",
          ])),
      path(
        "/v1/plans/{plan}/timeline",
        get(
          "timeline", "What changed, who, when recorded, when effective · Prüfpfad", "Timeline",
          parameters: [
            "plan", "timelineSubject", "actor", "institutionFilter", "type", "fromBound", "toBound", "position", "asOf",
            "order", "limit", "cursor", "Plan-Position-Min",
          ])),
      path(
        "/v1/plans/{plan}/compare",
        get(
          "compare", "What became of the plan between two moments · Was sich zwischen zwei Zeitpunkten änderte",
          "Comparison",
          parameters: ["plan", "fromMoment", "toMoment", "limit", "cursor", "Plan-Position-Min"])),
      path("/v1/plans/{plan}/commands", commandList), path("/v1/plans/{plan}/inbound", inbound),
      path(
        "/v1/plans/{plan}/events",
        get(
          "events", "Stored events, in order (auditor, coordinator)", "EventBatch",
          mediaType: "application/cloudevents-batch+json",
          parameters: ["plan", "from", "eventLimit", "order", "subject", "type"])),
      path(
        "/v1/plans/{plan}/events/{position}",
        get(
          "event", "The stored bytes of one event (auditor, coordinator)", "Event",
          mediaType: "application/cloudevents+json", parameters: ["plan", "eventPosition"])),
      path(
        "/v1/plans/{plan}/feed",
        get(
          "feed", "The plan's log as a feed, in batches or as a stream (auditor, coordinator) · Ereignisse mitlesen",
          "EventBatch", mediaType: FeedForm.batch.rawValue, otherMediaTypes: [FeedForm.stream.rawValue],
          parameters: ["plan", "lastEventId", "source", "feedLimit", "timeout", "Last-Event-ID"],
          problems: ["406", "410"])),
      path(
        "/v1/plans/{plan}/feed/{id}",
        get(
          "feedEvent", "One event of the feed by its id (auditor, coordinator)", "Event",
          mediaType: "application/cloudevents+json", parameters: ["plan", "eventID"])),
      path(
        "/v1/plans/{plan}/feeds",
        get(
          "feeds",
          "The feeds of partner systems, with what they cover (their own; all for auditor, coordinator) · Abos",
          "Feeds", parameters: ["plan"])),
      path(
        "/v1/plans/{plan}/feeds/{feed}",
        get(
          "partnerFeed", "A partner system's feed, in batches or as a stream · Ein Abo mitlesen", "EventBatch",
          mediaType: FeedForm.batch.rawValue, otherMediaTypes: [FeedForm.stream.rawValue],
          parameters: ["plan", "feed", "lastEventId", "source", "feedLimit", "timeout", "Last-Event-ID"],
          problems: ["406", "410"])),
      path(
        "/v1/plans/{plan}/feeds/{feed}/{id}",
        get(
          "partnerFeedEvent", "One event of a partner system's feed by its id", "Event",
          mediaType: "application/cloudevents+json", parameters: ["plan", "feed", "eventID"])),
      path(
        "/v1/plans/{plan}/webhooks",
        get(
          "webhooks", "Where feeds are delivered to, and how that goes (their partners, auditor, coordinator)",
          "Webhooks", parameters: ["plan"])),
      path(
        "/v1/plans/{plan}/webhooks/{webhook}",
        get("webhook", "One webhook · Eine Zustelladresse", "WebhookAnswer", parameters: ["plan", "webhook"])),
      path(
        "/v1/plans/{plan}/webhooks/{webhook}/keys",
        get(
          "webhookKeys", "The public keys of its v1a signatures (RFC 7517)", "JWKS", parameters: ["plan", "webhook"])),
      path(
        "/v1/plans/{plan}/webhooks/{webhook}/deliveries",
        get(
          "webhookDeliveries", "The newest attempts, and what was set aside · Zustellversuche", "Deliveries",
          parameters: ["plan", "webhook", "limit"])),
      path(
        "/v1/plans/{plan}/webhooks/{webhook}/replay",
        change(
          "post", "replayWebhook", "Deliver again from an event on · Ab einem Ereignis neu zustellen", ReplayForm.self,
          "WebhookAnswer", ["plan", "webhook"])),
      path(
        "/v1/plans/{plan}/feeds/{feed}/{id}/disclosures",
        get(
          "partnerFeedEventDisclosures", "The erasable values of one event that come along by contract", "Disclosures",
          parameters: ["plan", "feed", "eventID"])),
    ]
    paths += consumers
    paths += log(of: "/v1/plans/{plan}", named: "", ["plan"])
    paths += log(of: "/v1/plans/{plan}/feeds/{feed}", named: "partnerFeed", ["plan", "feed"])
    for command in CommandCatalogue.external where command.name != CreatePlan.name {
      paths.append(path("/v1/plans/{plan}/commands/\(command.name)", post(command)))
    }
    return paths
  }

  /// A log as outsiders verify it: that of a plan or of a partner's feed.
  private static func log(of owner: String, named prefix: String, _ parameters: [String]) -> [JSON.Member] {
    func id(_ name: String) -> String {
      prefix.isEmpty ? name : prefix + name.prefix(1).uppercased() + name.dropFirst()
    }
    let text = "text/plain; charset=utf-8"
    return [
      path(
        "\(owner)/log/checkpoint",
        get(
          id("checkpoint"), "The newest signed checkpoint (C2SP), or that of a size", nil, mediaType: text,
          parameters: parameters + ["size"])),
      path(
        "\(owner)/log/vkeys",
        get(
          id("logKeys"), "The keys that verify checkpoints, one a line (C2SP)", nil, mediaType: text,
          parameters: parameters)),
      path(
        "\(owner)/log/policy",
        get(
          id("logPolicy"), "Which signatures make a checkpoint (C2SP tlog-policy)", nil, mediaType: text,
          parameters: parameters)),
      path(
        "\(owner)/log/proofs/{position}",
        get(
          id("inclusionProof"), "That a checkpoint covers an event (C2SP tlog-proof)", nil, mediaType: text,
          parameters: parameters + ["eventPosition", "size"])),
      path(
        "\(owner)/log/consistency",
        get(
          id("consistencyProof"), "That the log continues an earlier size of it (RFC 6962)", "ConsistencyProof",
          parameters: parameters + ["fromSize", "toSize"])),
      path(
        "\(owner)/log/tile/{tile}",
        get(
          id("tile"), "Hashes, or entries for those who may read them (C2SP tlog-tiles)", nil,
          mediaType: "application/octet-stream", parameters: parameters + ["tile"])),
      path(
        "\(owner)/log/disclosures/{tile}",
        get(
          id("disclosures"), "What lies behind the digests of a bundle of entries (auditor, coordinator)", nil,
          mediaType: "application/x-ndjson", parameters: parameters + ["tile"])),
    ]
  }

  private static func path(_ path: String, _ operations: JSON.Member...) -> JSON.Member {
    .init(path, .object(operations))
  }

  /// A view that is a list of items.
  private static func register(_ name: String, _ summary: String, _ view: [String]) -> JSON.Member {
    path(
      "/v1/plans/{plan}/\(name)",
      get(name, summary, "Register-\(name)", parameters: ["plan"] + view + ["limit", "cursor"]))
  }

  private static func get(
    _ id: String, _ summary: String, _ schema: String?, mediaType: String = "application/json",
    otherMediaTypes: [String] = [], parameters: [String] = [], problems: [String] = [], isOpen: Bool = false
  ) -> JSON.Member {
    let bytes: JSON = ["schema": ["type": "string"]]
    let content =
      [JSON.Member(mediaType, schema.map { ["schema": reference("schemas", $0)] } ?? bytes)]
      + otherMediaTypes.map { JSON.Member($0, bytes) }
    var found: [JSON.Member] = [.init("description", .string(summary))]
    let isValidated = parameters.contains("If-None-Match")
    if isValidated { found.append(.init("headers", viewHeaders)) }
    found.append(.init("content", .object(content)))
    var members: [JSON.Member] = [
      .init("operationId", .string(id)), .init("summary", .string(summary)),
      .init("parameters", .array(parameters.map { reference("parameters", $0) })),
      .init(
        "responses",
        .object(
          [.init("200", .object(found))]
            + (isValidated
              ? [
                .init(
                  "304",
                  ["description": "Unchanged since the ETag in If-None-Match", "headers": viewHeaders])
              ] : [])
            + (isOpen ? [] : problemResponses(["400", "401", "403", "404"] + problems + ["422"]))
            + problemResponses(["503"]))),
    ]
    if isOpen { members.append(.init("security", [])) }
    return .init("get", .object(members))
  }

  /// What an answer of a view says of itself.
  private static let viewHeaders: JSON = [
    "ETag": ["schema": text, "description": "Names just this answer; to be sent as If-None-Match"],
    "Plan-Position": [
      "schema": integer, "description": "The last event that the answer knows of; none before the first",
    ],
  ]

  private static func post(_ command: any PlanCommand.Type) -> JSON.Member {
    let isCreation = command.name == CreatePlan.name
    let roles = command.roles.filter { $0 != .system }.map(\.rawValue).sorted().joined(separator: ", ")
    return .init(
      "post",
      .object([
        .init("operationId", .string(command.name)),
        .init("summary", .string("\(command.summary.english) · \(command.summary.german)")),
        .init("description", .string("Roles: \(roles).")),
        .init(
          "parameters",
          .array(
            ((isCreation ? [] : ["plan"]) + ["Idempotency-Key", "If-Match", "dryRun"]).map {
              reference("parameters", $0)
            })),
        .init(
          "requestBody",
          ["required": true, "content": ["application/json": ["schema": reference("schemas", command.name)]]]),
        .init("responses", commandResponses),
      ]))
  }

  /// The form of a command's body, with what every command takes.
  static func schema(of command: any PlanCommand.Type) -> JSON.Member {
    var schema = command.schema.members ?? []
    if let index = schema.firstIndex(where: { $0.key == "properties" }), let own = schema[index].value.members {
      schema[index] = .init("properties", .object(own + commonProperties))
    }
    return .init(command.name, .object(schema))
  }

  private static let commandList = JSON.Member(
    "post",
    [
      "operationId": "command-list",
      "summary": "Several commands as one unit, all or nothing · Mehrere Aufträge als Einheit",
      "parameters": .array(["plan", "Idempotency-Key", "If-Match", "dryRun"].map { reference("parameters", $0) }),
      "requestBody": [
        "required": true,
        "content": [
          "application/json": [
            "schema": [
              "type": "object", "additionalProperties": false, "required": ["commands"],
              "properties": [
                "commands": [
                  "type": "array", "minItems": 1,
                  "items": [
                    "oneOf": .array(
                      CommandCatalogue.external.filter { $0.name != CreatePlan.name }.map { command in
                        [
                          "type": "object", "additionalProperties": false, "required": ["command", "with"],
                          "properties": [
                            "command": ["const": .string(command.name)], "with": reference("schemas", command.name),
                          ],
                        ]
                      })
                  ],
                ]
              ],
            ]
          ]
        ],
      ],
      "responses": commandResponses,
    ])

  /// A request that changes something and is no command.
  private static func change(
    _ method: String, _ id: String, _ summary: String, _ form: (any RecordFieldValue.Type)?, _ answer: String?,
    _ parameters: [String], statuses: [String] = ["200"], problems: [String] = []
  ) -> JSON.Member {
    let success = statuses.map { status in
      var response: [JSON.Member] = [.init("description", "Done, and kept")]
      if let answer {
        response.append(.init("content", ["application/json": ["schema": reference("schemas", answer)]]))
      }
      return JSON.Member(status, .object(response))
    }
    var operation: [JSON.Member] = [
      .init("operationId", .string(id)), .init("summary", .string(summary)),
      .init("description", "Roles: coordinator, partner."),
      .init("parameters", .array(parameters.map { reference("parameters", $0) })),
    ]
    if let form {
      operation.append(
        .init("requestBody", ["required": true, "content": ["application/json": ["schema": form.schema]]]))
    }
    let body = form == nil ? [] : ["413", "422"]
    operation.append(
      .init("responses", .object(success + problemResponses(["400", "401", "403", "404", "503"] + body + problems))))
    return .init(method, .object(operation))
  }

  /// Named consumers of a feed.
  private static var consumers: [JSON.Member] {
    let base = "/v1/plans/{plan}/feeds/{feed}/consumers"
    let (feed, one) = (["plan", "feed"], ["plan", "feed", "consumer"])
    func say(_ verb: String, _ id: String, _ summary: String, _ form: any RecordFieldValue.Type, _ answer: String)
      -> JSON.Member
    {
      path("\(base)/{consumer}/\(verb)", change("post", id, summary, form, answer, one, problems: ["409"]))
    }
    return [
      path(
        base,
        get("consumers", "The consumers of a feed, and where they stand · Abnehmer", "Consumers", parameters: feed)),
      path(
        "\(base)/{consumer}",
        get("consumer", "One consumer · Ein Abnehmer", "ConsumerAnswer", parameters: one),
        change(
          "put", "beginConsumer", "Begin a consumer, or find it there · Abnehmer anlegen", ConsumerForm.self,
          "ConsumerAnswer", one, statuses: ["200", "201"], problems: ["409"]),
        change("delete", "endConsumer", "Forget a consumer · Abnehmer löschen", nil, nil, one, statuses: ["204"])),
      say(
        "lease", "leaseEvents", "Give a worker the next events for a time · Ereignisse ausleihen", LeaseForm.self,
        "LeasedEvents"),
      say("ack", "ackEvents", "Events up to here are finished · Erledigt bis hier", AckForm.self, "ConsumerAnswer"),
      say(
        "nack", "nackEvent", "Give an event back, park or skip it · Ereignis zurückgeben", NackForm.self,
        "ConsumerAnswer"),
      say("extend", "extendLease", "Keep a lease for longer · Ausleihe verlängern", ExtendForm.self, "Lease"),
      say(
        "release", "releaseLease", "Give back what is not finished · Ausleihe beenden", ReleaseForm.self,
        "ConsumerAnswer"),
      say(
        "replay", "replayConsumer", "Begin again from an event · Ab einem Ereignis noch einmal", ReplayForm.self,
        "ConsumerAnswer"),
      path(
        "\(base)/{consumer}/set-aside",
        get(
          "setAsideEvents", "What was parked or skipped, and why · Beiseitegelegtes", "SetAside",
          parameters: one + ["limit"])),
    ]
  }

  private static let inbound = JSON.Member(
    "post",
    [
      "operationId": "inbound",
      "summary": "Take what a partner system reports, as CloudEvents · Stände eines Fachverfahrens übernehmen",
      "description": "Roles: partner.",
      "parameters": .array(["plan", "dryRun"].map { reference("parameters", $0) }),
      "requestBody": [
        "required": true,
        "content": [
          "application/cloudevents+json": ["schema": reference("schemas", "InboundEvent")],
          "application/cloudevents-batch+json": [
            "schema": [
              "type": "array", "minItems": 1, "maxItems": 100, "items": reference("schemas", "InboundEvent"),
            ]
          ],
        ],
      ],
      "responses": .object(
        [
          .init(
            "200",
            [
              "description": "What became of each event of a batch",
              "content": ["application/json": ["schema": reference("schemas", "InboundResults")]],
            ])
        ] + (commandResponses.members ?? []) + problemResponses(["415"])),
    ])

  private static let commonProperties: [JSON.Member] = [
    .init(
      "effectiveDate",
      ["type": "string", "format": "date", "description": "when it takes effect; today unless given · Wirkdatum"]),
    .init(
      "onBehalfOf",
      .object(
        (PartyReference.schema.members ?? []) + [.init("description", "institution acted for · handelnd für")])),
  ]

  private static let commandResponses = JSON.object(
    [
      .init(
        "201",
        [
          "description": "Durable; the same answer for every repetition with the same key",
          "headers": ["Plan-Position": ["schema": ["type": "string"]], "Dry-Run": ["schema": ["type": "string"]]],
          "content": ["application/json": ["schema": reference("schemas", "CommandAnswer")]],
        ])
    ] + problemResponses(["400", "401", "403", "404", "409", "412", "413", "422", "503"]))

  private static func problemResponses(_ statuses: [String]) -> [JSON.Member] {
    statuses.map { .init($0, reference("responses", "Problem")) }
  }

  static func reference(_ section: String, _ name: String) -> JSON {
    ["$ref": .string("#/components/\(section)/\(name)")]
  }

  private static let responses: [JSON.Member] = [
    .init(
      "Problem",
      [
        "description": "What was wrong (RFC 9457)",
        "content": ["application/problem+json": ["schema": reference("schemas", "Problem")]],
      ])
  ]

  private static func parameter(
    _ key: String, _ name: String, _ place: String, _ schema: JSON, _ text: String, isRequired: Bool = false
  ) -> JSON.Member {
    .init(
      key,
      [
        "name": .string(name), "in": .string(place), "required": .bool(isRequired || place == "path"),
        "schema": schema, "description": .string(text),
      ])
  }

  private static let parameters: [JSON.Member] = [
    parameter("plan", "plan", "path", ["type": "string"], "Slug or id of the plan"),
    parameter("feed", "feed", "path", ["type": "string"], "Slug of the feed"),
    parameter("consumer", "consumer", "path", Slug.schema, "Name of the consumer"),
    parameter("webhook", "webhook", "path", ["type": "string"], "Id of the webhook"),
    parameter("measure", "measure", "path", ["type": "string"], "Code such as fachkraefte.1.I, or id"),
    parameter("institution", "institution", "path", ["type": "string"], "Slug or id"),
    parameter(
      "format", "format", "query", ["type": "string", "enum": ["json", "graphml", "dot", "svg"]],
      "JSON unless given; the others come with media types of their own"),
    parameter("fromDay", "from", "query", date, "Day of effective time to compare; today unless given"),
    parameter("toDay", "to", "query", date, "Day of effective time to compare with; today unless given"),
    parameter("fromPosition", "fromPosition", "query", integer, "Compare what was known at this position"),
    parameter("fromAsOf", "fromAsOf", "query", moment, "Compare what was known at this time (RFC 3339) or day"),
    parameter("toPosition", "toPosition", "query", integer, "Compare with what was known at this position"),
    parameter("toAsOf", "toAsOf", "query", moment, "Compare with what was known at this time (RFC 3339) or day"),
    parameter(
      "timelineSubject", "subject", "query", text, "measures/<uuid>, an id, a measure's code or an institution's slug"),
    parameter("actor", "actor", "query", actor, "Only what this actor did, such as users/<uuid> or system:clock"),
    parameter("institutionFilter", "institution", "query", text, "Only what touches this institution; slug or id"),
    parameter("fromBound", "from", "query", bound, "First position, day or time of recording; itself included"),
    parameter("toBound", "to", "query", bound, "Last position, day or time of recording; itself included"),
    parameter(
      "fromMoment", "from", "query", bound, "Position, time or day (its end) to compare with", isRequired: true),
    parameter("toMoment", "to", "query", bound, "Position, time or day (its end); now unless given"),
    parameter("eventPosition", "position", "path", integer, "Position of the event"),
    parameter("size", "size", "query", integer, "Of the checkpoint of this many events; the newest unless given"),
    parameter("fromSize", "from", "query", integer, "The earlier size", isRequired: true),
    parameter("toSize", "to", "query", integer, "The later size; that of the newest checkpoint unless given"),
    parameter(
      "tile", "tile", "path", text,
      "Path of a tile as tlog-tiles writes it, such as 0/x001/234 or entries/000.p/17; its slashes stay slashes"),
    parameter("position", "position", "query", integer, "Read with the events up to and including this position"),
    parameter("asOf", "asOf", "query", moment, "Read with the events recorded up to this time (RFC 3339) or day"),
    parameter(
      "validAt", "validAt", "query", date, "Date of effective time; today in the plan's time zone unless given"),
    parameter("limit", "limit", "query", ["type": "integer", "minimum": 1, "maximum": 500], "Items per page"),
    parameter("cursor", "cursor", "query", cursor, "The `next` of the page before"),
    parameter("from", "from", "query", integer, "First position to read, inclusive"),
    parameter("eventLimit", "limit", "query", ["type": "integer", "minimum": 1, "maximum": 1000], "Events per page"),
    parameter("eventID", "id", "path", eventID, "Id of the event: its position, sixteen digits"),
    parameter(
      "lastEventId", "lastEventId", "query", eventID, "Id of the last event that was read; none at the beginning"),
    parameter(
      "source", "source", "query", text,
      "`source` of that event: whether it is one of this log as it is now is checked, too"),
    parameter(
      "feedLimit", "limit", "query", ["type": "integer", "minimum": 1, "maximum": 1000],
      "Events per page; without it, up to the next multiple of 256"),
    parameter(
      "timeout", "timeout", "query", ["type": "integer", "minimum": 0, "maximum": 30000],
      "Milliseconds to wait for an event when there is none"),
    parameter("Last-Event-ID", "Last-Event-ID", "header", eventID, "What a stream's client sends when it comes back"),
    parameter("order", "order", "query", ["type": "string", "enum": ["asc", "desc"]], "Oldest or newest first"),
    parameter("subject", "subject", "query", text, "Only events about this subject, such as measures/<uuid>"),
    parameter("type", "type", "query", text, "Only events of this type"),
    parameter(
      "dryRun", "dryRun", "query", ["type": "string", "enum": ["true", "false"]],
      "Answer as the real one would and store nothing"),
    parameter(
      "Idempotency-Key", "Idempotency-Key", "header", ["type": "string", "pattern": "^[!-~]{1,200}$"],
      "The caller's own key of this command", isRequired: true),
    parameter(
      "If-Match", "If-Match", "header", ["type": "string", "pattern": "^\"[0-9]{1,15}\"$"],
      "Nothing about the subject changed after this position, in quotes"),
    parameter(
      "If-None-Match", "If-None-Match", "header", ["type": "string"],
      "ETags of answers that the caller has, or *; when one still holds, the answer is 304 without a body"),
    parameter("Plan-Position-Min", "Plan-Position-Min", "header", integer, "Answer with data at least this new"),
  ]
}

extension PlanCommand {
  fileprivate static var schema: JSON { record.schema }
}

internal import Coordination
internal import EventSourcing
internal import Projections

/// The forms of the views. An object that names an event by its `position` may bring the texts of that event along.
extension OpenAPIDocument {
  private static let flag: JSON = ["type": "boolean"]
  private static let number: JSON = ["type": "number"]
  private static let nullableDate: JSON = ["type": ["string", "null"], "format": "date"]
  private static let sources = list(of: text)

  private static func choice<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> JSON {
    ["type": "string", "enum": .array(type.allCases.map { .string($0.rawValue) })]
  }

  /// The same form, or null.
  private static func nullable(_ schema: JSON) -> JSON {
    .object((schema.members ?? []).map { $0.key == "type" ? .init("type", [$0.value, "null"]) : $0 })
  }

  /// Properties that are always there, and such as may be.
  private static func object(_ properties: JSON, optional more: JSON) -> JSON {
    object(
      .object((properties.members ?? []) + (more.members ?? [])), required: properties.members?.map(\.key) ?? [])
  }

  /// What an event says, with its texts where the reader may read them, and which of them were erased.
  private static func told(_ properties: JSON, position: JSON = integer, optional more: JSON = [:]) -> JSON {
    let texts: JSON = ["texts": ["type": "object", "additionalProperties": true], "erased": list(of: text)]
    return object(
      .object((properties.members ?? []) + [.init("position", position)]),
      optional: .object((more.members ?? []) + (texts.members ?? [])))
  }

  private static let events = list(of: told([:]))
  private static let mark = told(["date": date])

  /// A value that holds over time: what holds on the day, since when and by which event, and all that ever held.
  private static func history(of value: JSON) -> JSON {
    told(
      ["value": value, "since": nullableDate, "history": list(of: told(["value": value, "from": date]))],
      position: nullableInteger, optional: ["derived": flag])
  }

  /// An answer of a view: the moment that it is read at, and what it shows.
  private static func answer(_ name: String, _ shown: JSON, isPaged: Bool = false) -> JSON.Member {
    let members: [JSON.Member] =
      [.init("position", nullableInteger), .init("validAt", date)] + (shown.members ?? [])
      + (isPaged ? [.init("next", nullableText)] : [])
    return .init(name, object(.object(members), optional: ["simulated": flag]))
  }

  private static let priority: JSON = nullable(object(["rank": nullableInteger, "horizon": nullableText]))
  private static let externalRef = nullable(object(["programme": text, "id": text]))

  // MARK: - Measures

  private static let place: JSON = object(["slug": nullableText, "title": nullableText])

  /// What follows from the parts; null where there are none.
  private static let rollUp = nullable(
    object([
      "state": text, "condition": text, "percent": nullableInteger, "counted": integer, "reported": integer,
      "external": integer, "states": ["type": "object", "additionalProperties": integer],
    ]))

  private static let taskFieldPlace: JSON = object(["number": nullableInteger, "title": nullableText])

  private static let assignment: JSON = [
    "id": text, "role": choice(Assignment.Role.self),
    "institution": object(["id": text, "slug": nullableText, "name": nullableText]), "phase": nullableText,
    "subject": nullableText, "condition": nullableText, "wording": nullableText, "range": nullableText,
    "state": text, "from": date, "until": nullableDate, "source": text,
  ]

  private static let measure: JSON = object([
    "id": text, "code": text, "title": text, "kind": text, "actionField": place, "cluster": place,
    "taskField": taskFieldPlace, "numeral": text, "part": nullableText, "state": choice(Measure.State.self),
    "condition": text, "percent": nullableInteger, "assignments": list(of: reference("schemas", "Assignment")),
    "subMeasures": list(of: reference("schemas", "Measure")), "rollUp": rollUp, "externalRef": externalRef,
    "horizon": nullableText, "priority": priority, "openIssues": integer, "source": sources, "version": integer,
  ])

  private static let time: JSON = ["type": "string", "enum": ["past", "present", "future"]]

  private static let related = object(["id": text, "code": text, "title": text, "state": text])

  private static let milestone = object([
    "id": text, "title": text, "due": nullableDate, "reachedOn": nullableDate, "mandatory": flag, "beyondTerm": flag,
    "overdueDays": nullableInteger,
    "history": list(of: told(["due": date, "beyondTerm": flag, "from": date])), "events": events, "source": sources,
  ])

  private static let report = told([
    "institution": nullableText, "part": text, "condition": text, "percent": nullableInteger, "effectiveDate": date,
    "corrects": nullableInteger, "correctedBy": nullableInteger,
  ])

  private static let link = object([
    "id": text, "kind": text, "direction": ["type": "string", "enum": ["to", "from"]], "type": text,
    "name": nullableText, "from": date, "until": nullableDate, "time": time, "events": events, "source": sources,
  ])

  private static let external = object([
    "programme": text, "externalID": text, "from": date, "until": nullableDate, "time": time, "events": events,
    "status": history(of: nullable(object(["id": text, "status": text, "percent": nullableInteger]))),
  ])

  private static let sheet: JSON = object([
    "id": text, "code": text, "kind": text,
    "place": object([
      "actionField": place, "cluster": place, "taskField": taskFieldPlace, "numeral": text, "part": nullableText,
    ]),
    "places": history(of: nullable(object(["code": text, "taskField": nullableText]))),
    "title": history(of: nullableText), "state": history(of: nullableText), "condition": history(of: nullableText),
    "percent": history(of: nullableInteger), "rollUp": rollUp,
    "assignments": list(
      of: object(.object((assignment.members ?? []) + [.init("time", time), .init("events", events)]))),
    "priority": history(of: priority),
    "schedule": history(of: nullable(object(["from": nullableDate, "until": nullableDate]))),
    "milestones": list(of: milestone),
    "phases": list(of: object(["phase": text, "from": date, "until": nullableDate, "time": time, "events": events])),
    "examination": history(of: nullableText),
    "results": list(of: told(["deliverable": text, "reference": nullableText, "on": date, "source": sources])),
    "resources": list(of: told(["fund": nullableText, "amount": nullableInteger, "on": date])),
    "highlighted": nullable(mark),
    "supportRequests": list(
      of: told([
        "id": text, "institution": nullableText, "requestedOn": date, "granted": nullable(told(["on": date])),
      ])),
    "leadCapExceptions": list(of: object(["phase": nullableText, "further": history(of: nullableInteger)])),
    "reports": object(["count": integer, "last": list(of: report), "newest": list(of: report)]),
    "issues": list(
      of: told([
        "id": text, "kind": text, "state": text, "level": nullableText, "institution": nullableText, "raisedOn": date,
        "deadline": nullableDate, "missedDeadlines": integer, "source": sources,
      ])),
    "partOf": nullable(related), "parts": list(of: related), "continues": nullable(related),
    "continuedBy": nullable(related), "links": list(of: link), "externalRef": externalRef,
    "externals": list(of: external), "horizon": nullableText, "deliverables": list(of: text), "note": nullableText,
    "source": sources, "begun": nullableDate, "version": integer,
  ])

  // MARK: - The plan as a tree

  private static let otherTitles = list(of: object(["title": text, "source": sources]))

  private static let versionHeading: JSON = [
    "slug": text, "title": text, "from": date, "until": date, "continues": nullableText,
    "continuedBy": list(of: text),
    "adoption": nullable(object(["date": date, "resolution": nullableText, "body": nullableText])),
    "closedOn": nullableDate,
  ]

  private static let versionRules: JSON = [
    "timeZone": text, "leadCap": integer, "conditions": list(of: text), "horizons": list(of: text),
    "labels": list(of: object(["slug": text, "de": text, "en": text])),
    "ladder": list(of: object(["slug": text, "title": text, "body": nullableText, "mandate": text])),
  ]

  private static let treeNode = object([
    "id": text, "code": text, "title": text, "state": text, "condition": text, "percent": nullableInteger,
    "rollUp": rollUp, "hasLead": flag, "parts": list(of: reference("schemas", "TreeMeasure")),
  ])

  private static let treeCluster = object([
    "slug": text, "title": text, "otherTitles": otherTitles, "rollUp": rollUp,
    "goals": list(of: object(["letter": nullableText, "title": text, "source": sources])),
    "taskFields": list(
      of: object([
        "number": nullableInteger, "title": text, "description": nullableText, "rollUp": rollUp,
        "measures": list(of: reference("schemas", "TreeMeasure")),
      ])),
    "counts": object(["measures": integer, "withoutLead": integer, "external": integer, "openIssues": integer]),
  ])

  private static let tree: JSON = [
    "plan": object(["id": text, "slug": text, "title": text, "otherTitles": otherTitles]),
    "version": nullable(object(.object((versionHeading.members ?? []) + (versionRules.members ?? [])))),
    "versions": list(of: object(versionHeading)), "rollUp": rollUp,
    "actionFields": list(
      of: object([
        "number": integer, "slug": text, "title": text, "rollUp": rollUp, "clusters": list(of: treeCluster),
      ])),
    "counts": object(.object(StatedFigure.Counted.allCases.map { .init($0.rawValue, integer) })),
    "statedFigures": list(
      of: object([
        "slug": text, "label": text, "counts": text, "stated": integer, "counted": integer, "agrees": flag,
        "source": sources,
      ])),
  ]

  // MARK: - Institutions

  private static let heading: JSON = [
    "id": text, "slug": text, "type": ["type": "string", "enum": ["institution", "group", "placeholder"]],
    "short": nullableText, "name": text,
  ]

  private static func headed(_ more: JSON) -> JSON { .object((heading.members ?? []) + (more.members ?? [])) }

  private static let institution = object(
    headed([
      "kind": text, "aliases": list(of: object(["name": text, "presumed": flag, "source": sources])),
      "unitOf": nullableText, "hostedBy": nullableText, "chair": nullable(object(["by": nullableText, "kind": text])),
      "relativeTo": nullableText, "members": list(of: nullableText), "steward": nullableText, "due": nullableDate,
      "roles": object(.object(Assignment.Role.allCases.map { .init($0.rawValue, integer) })), "source": sources,
      "version": integer,
    ]))

  private static let heldRole: JSON = [
    "assignment": text, "measure": text, "role": choice(Assignment.Role.self), "phase": nullableText,
    "subject": nullableText, "condition": nullableText, "state": text, "from": date, "until": nullableDate,
  ]

  private static let dueParty = object(["slug": text, "due": nullableDate])
  private static let membership = object(["slug": text, "from": date, "until": nullableDate])
  private static let succession = object(["slug": nullableText, "from": date])
  private static let chair = object(["slug": nullableText, "kind": text])
  private static let contact = told(["since": date])

  private static let followUp = object([
    "id": text, "responsible": nullableText, "assigned": mark, "due": date, "done": nullable(mark),
    "overdueDays": nullableInteger,
  ])

  private static let card = object(
    headed([
      "kind": text, "names": list(of: told(["name": text, "from": date])),
      "aliases": list(
        of: object(["name": text, "presumed": flag, "from": date, "until": nullableDate, "source": sources])),
      "groups": list(of: membership), "members": list(of: membership), "relativeTo": nullableText,
      "unitOf": nullableText, "units": list(of: text), "hostedBy": nullableText, "hosts": list(of: text),
      "dissolved": nullable(object(["from": date, "successor": nullableText])), "successors": list(of: succession),
      "predecessors": list(of: succession),
      "resolved": nullable(object(["from": date, "institutions": list(of: nullableText)])),
      "contact": nullable(contact), "contacts": list(of: contact), "chair": nullable(chair), "chairs": list(of: chair),
      "assignments": list(of: object(.object((heldRole.members ?? []) + [.init("via", nullableText)]))),
      "steward": nullableText, "due": nullableDate, "placeholders": list(of: dueParty),
      "issues": list(of: object(["id": text, "kind": text, "measure": nullableText, "state": text])),
      "followUps": list(of: followUp), "source": sources, "version": integer,
    ]))

  private static let rolesByPhase = list(of: object(["phase": nullableText, "measures": list(of: text)]))

  private static let responsibilities = object([
    "institution": object(heading),
    "roles": object(.object(Assignment.Role.allCases.map { .init($0.rawValue, rolesByPhase) })),
    "unclear": list(of: object(heldRole)), "unaccepted": list(of: object(heldRole)),
    "placeholders": list(of: dueParty),
    "leadCapExceptions": list(of: object(["measure": text, "phase": nullableText, "leads": integer])),
  ])

  // MARK: - Registers

  private static let level = nullable(object(["slug": text, "title": text, "body": nullableText]))

  private static let decision = object([
    "outcome": text, "body": nullableText, "level": level, "deferredTo": nullableDate, "since": mark,
  ])

  private static let issue = object([
    "id": text, "kind": text, "measure": nullableText, "institution": nullableText, "state": text,
    "since": nullable(mark), "level": level, "deadline": nullableDate, "overdueDays": nullableInteger,
    "missedDeadlines": list(of: object(["deadline": date, "level": level, "since": mark])),
    "solution": nullable(
      object(["institution": nullableText, "proposed": nullable(mark), "accepted": nullable(mark)])),
    "decision": nullable(decision), "earlierDecisions": list(of: decision), "followUps": list(of: followUp),
    "raisedOn": date, "raised": mark, "source": sources, "version": integer,
  ])

  /// Three kinds of gaps, told apart by `gap`.
  private static let gap: JSON = [
    "oneOf": [
      object([
        "gap": ["const": "placeholder"], "placeholder": object(heading), "steward": nullableText,
        "due": nullableDate, "dueInferred": flag, "overdueDays": nullableInteger,
        "assignments": list(of: object(heldRole)),
      ]),
      object([
        "gap": ["const": "no-lead"], "measure": text, "title": text, "state": text,
        "allowedAs": ["type": ["string", "null"], "enum": ["external", "proposed", "placeholder", .null]],
        "parts": list(of: text),
      ]),
      object([
        "gap": ["const": "lead-cap"], "measure": text, "phase": nullableText, "leads": list(of: text),
        "leadCap": integer,
      ]),
    ]
  ]

  private static let externalLink = object([
    "programme": object(["slug": text, "title": nullableText]), "externalID": text, "measure": text, "title": text,
    "linkedOn": date,
    "status": nullable(
      object([
        "id": text, "status": text, "percent": nullableInteger, "date": date, "ageDays": ["type": "integer"],
      ])),
    "findings": list(of: ["type": "string", "enum": ["stale", "never-reported", "led-here-too"]]),
  ])

  // MARK: - Network

  private static let node = object([
    "id": text, "slug": text, "name": text, "kind": text, "measures": integer, "lead": integer,
    "leadPartner": integer, "contributor": integer, "consulted": integer, "unclear": integer, "load": number,
    "betweenness": number,
    "articulation": flag,
  ])
  private static let edge = object(["source": text, "target": text, "weight": integer, "measures": list(of: text)])
  private static let relation = object(["kind": text, "source": text, "target": text])
  private static let networkMoment = object(
    ["position": nullableInteger, "validAt": date], optional: ["simulated": flag])

  private static func differences(of value: JSON) -> JSON {
    object([
      "added": list(of: value), "removed": list(of: value), "changed": list(of: object(["from": value, "to": value])),
    ])
  }

  // MARK: - What happened

  private static let changes = list(
    // What a field held may be anything.
    of: object(["field": text, "before": [:], "after": [:]]))

  private static let timelineEntry = told(
    [
      "type": text, "recordedAt": text, "effectiveDate": date, "actor": text, "onBehalfOf": nullableText,
      "subject": text, "summary": object(["de": text, "en": text]), "changes": changes,
    ], optional: ["recordedSource": text, "simulated": flag])

  private static let comparedSubject = object([
    "subject": text, "name": nullableText, "isNew": flag, "changes": changes, "eventCount": integer,
    "events": list(of: integer),
  ])

  static let viewSchemas: [JSON.Member] = [
    .init("Assignment", object(assignment)), .init("Measure", measure),
    answer("Measures", ["measures": list(of: reference("schemas", "Measure"))], isPaged: true),
    answer("MeasureAnswer", ["measure": reference("schemas", "Measure")]), answer("MeasureSheet", ["measure": sheet]),
    .init("TreeMeasure", treeNode), answer("Tree", tree),
    answer("Institutions", ["institutions": list(of: institution)], isPaged: true),
    answer("InstitutionCard", ["institution": card]),
    answer("Register-responsibilities", ["responsibilities": list(of: responsibilities)], isPaged: true),
    answer("Register-placeholders", ["placeholders": list(of: gap)], isPaged: true),
    answer("Register-issues", ["issues": list(of: issue)], isPaged: true),
    answer("Register-external-links", ["external-links": list(of: externalLink)], isPaged: true),
    answer(
      "Network",
      [
        "nodes": list(of: node), "edges": list(of: edge), "relations": list(of: relation), "isolated": list(of: text),
      ]),
    .init(
      "NetworkDifference",
      object(
        [
          "from": networkMoment, "to": networkMoment, "nodes": differences(of: node), "edges": differences(of: edge),
          "relations": differences(of: relation),
        ], optional: ["simulated": flag])),
    .init(
      "Timeline", object(["position": nullableInteger, "entries": list(of: timelineEntry), "next": nullableText])),
    .init(
      "Comparison",
      object(
        [
          "from": object(["position": nullableInteger]), "to": object(["position": nullableInteger]),
          "eventCount": integer, "subjectCount": integer, "subjects": list(of: comparedSubject), "next": nullableText,
        ], optional: ["simulated": flag])),
  ]
}

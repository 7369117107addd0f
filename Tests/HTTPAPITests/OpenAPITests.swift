import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanSpecification
import Projections
import Testing
import Yams

/// The document says what the server does: the same operations, and forms that live bodies and answers have.
@Suite(.hangLimit)
struct OpenAPITests {
  @Test func `the document as YAML is the document`() async throws {
    #expect(try Self.document().canonicalBytes == Self.sorted(OpenAPIDocument.json).canonicalBytes)
  }

  @Test func `every operation of the routes is in the document, and the reverse`() async throws {
    let paths = try #require(try Self.document()["paths"]?.members)
    let documented = Set(
      paths.flatMap { path in (path.value.members ?? []).map { "\($0.key.uppercased()) \(path.key)" } })
    var routed: Set<String> = []
    for operation in Edge().routes.operations {
      if operation.path.hasSuffix("/commands/{command}") {
        for command in CommandCatalogue.external where command.name != "create-plan" {
          routed.insert("POST /v1/plans/{plan}/commands/\(command.name)")
        }
      } else {
        routed.insert("\(operation.method.rawValue) \(operation.path)")
      }
    }
    #expect(documented == routed)
  }

  @Test func `operations have names of their own and references lead somewhere`() throws {
    let document = try Self.document()
    let operations = (document["paths"]?.members ?? []).flatMap { $0.value.members ?? [] }.map(\.value)
    let names = operations.compactMap { $0["operationId"]?.string }
    #expect(names.count == operations.count)
    #expect(Set(names).count == names.count)
    for operation in operations { #expect(operation["responses"]?.members?.isEmpty == false) }
    func follow(_ json: JSON) {
      if let target = json["$ref"]?.string {
        #expect(Schema.resolve(target, in: document) != nil, "\(target)")
      }
      for member in json.members ?? [] { follow(member.value) }
      for element in json.array ?? [] { follow(element) }
    }
    follow(document)
  }

  @Test func `the form of every command accepts a body that the server accepts`() async throws {
    let document = try Self.document()
    try await Edge().run { client in
      try await client.begin()
      for command in CommandCatalogue.external {
        let live = Samples.accepted[command.name]
        let body = try #require(live ?? CommandSamples.accepted[command.name], "\(command.name) has no sample")
        let isCreation = command.name == "create-plan"
        let path = isCreation ? "/v1/plans" : "/v1/plans/industriestadt/commands/\(command.name)"
        // The other samples need a plan that is further along; that they are accepted there, the domain's tests say.
        // Here they are understood, and at most refused by what the plan holds.
        let answer = try await client.post("\(path)?dryRun=true", body)
        let expected = live != nil ? [201] : [201, 403, 404, 409, 422]
        #expect(expected.contains(answer.status), "\(command.name): \(answer.text)")
        let template = isCreation ? "/v1/plans" : "/v1/plans/{plan}/commands/\(command.name)"
        let operation = try #require(document["paths"]?[template]?["post"])
        let schema = try #require(operation["requestBody"]?["content"]?["application/json"]?["schema"])
        #expect(Schema.faults(of: body, in: schema, document) == [], "\(command.name)")
        // And it is strict where the server is.
        #expect(Schema.faults(of: body.with("colour", 1), in: schema, document) != [], "\(command.name)")
        try await client.expectProblem(400, "unknown-field", field: "colour") {
          try await client.post(path, body.with("colour", 1))
        }
        for field in schema["required"]?.array?.compactMap(\.string) ?? [] {
          let rest = JSON.object((body.members ?? []).filter { $0.key != field })
          try await client.expectProblem(400, "missing-field", field: field) { try await client.post(path, rest) }
        }
      }
    }
  }

  @Test func `live answers have the forms of the document`() async throws {
    let document = try Self.document()
    try await Edge().run { client in
      try await client.begin()
      _ = try await client.command("add-sub-measure", ["measure": "fachkraefte.1.II", "part": "A", "title": "Teil"])
      _ = try await client.command("add-alias", ["institution": "ihk", "name": "Kammer"])
      let plan = "/v1/plans/{plan}"
      let views: [(String, String)] = [
        ("/v1/me", "/v1/me"), ("/v1/plans", "/v1/plans"), (plan, "/v1/plans/industriestadt"),
        ("\(plan)/tree", "/v1/plans/industriestadt/tree"),
        ("\(plan)/measures", "/v1/plans/industriestadt/measures"),
        ("\(plan)/measures", "/v1/plans/industriestadt/measures?limit=1"),
        ("\(plan)/measures", "/v1/plans/industriestadt/measures?asOf=2019-01-01"),
        ("\(plan)/measures/{measure}", "/v1/plans/industriestadt/measures/fachkraefte.1.II"),
        ("\(plan)/measures/{measure}/sheet", "/v1/plans/industriestadt/measures/fachkraefte.1.II/sheet"),
        ("\(plan)/institutions", "/v1/plans/industriestadt/institutions"),
        ("\(plan)/institutions/{institution}", "/v1/plans/industriestadt/institutions/ihk"),
        ("\(plan)/issues", "/v1/plans/industriestadt/issues"),
        ("\(plan)/responsibilities", "/v1/plans/industriestadt/responsibilities"),
        ("\(plan)/placeholders", "/v1/plans/industriestadt/placeholders"),
        ("\(plan)/external-links", "/v1/plans/industriestadt/external-links"),
        ("\(plan)/network", "/v1/plans/industriestadt/network"),
        ("\(plan)/network/difference", "/v1/plans/industriestadt/network/difference?from=2018-01-01"),
        ("\(plan)/timeline", "/v1/plans/industriestadt/timeline?limit=3&order=desc"),
        ("\(plan)/compare", "/v1/plans/industriestadt/compare?from=0"),
        ("\(plan)/compare", "/v1/plans/industriestadt/compare?from=0&to=3&limit=1"),
        ("\(plan)/log/consistency", "/v1/plans/industriestadt/log/consistency?from=1&to=3"),
        ("\(plan)/events", "/v1/plans/industriestadt/events"),
        ("\(plan)/events/{position}", "/v1/plans/industriestadt/events/0"),
        ("\(plan)/feed", "/v1/plans/industriestadt/feed?lastEventId=0000000000000002"),
        ("\(plan)/feed/{id}", "/v1/plans/industriestadt/feed/0000000000000002"), ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
      ]
      for (template, path) in views {
        let answer = try await client.get(path)
        #expect(answer.status == 200)
        let content = document["paths"]?[template]?["get"]?["responses"]?["200"]?["content"]
        let schema = try #require(content?[answer["Content-Type"] ?? ""]?["schema"], "\(path)")
        // Numbers with decimal places are written by views only; the parser of commands refuses them.
        let value = answer.json == .null ? try Self.json(yaml: answer.text) : answer.json
        #expect(Schema.faults(of: value, in: schema, document, isClosed: true) == [], "\(path)")
      }
      let done = try await client.command("register-document", ["key": "A", "title": "T"])
      let answer = try #require(document["components"]?["schemas"]?["CommandAnswer"])
      #expect(Schema.faults(of: done.json, in: answer, document) == [])
      let nothing = try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Maßnahme I"])
      #expect(nothing.json["events"] == [])
      #expect(Schema.faults(of: nothing.json, in: answer, document) == [])
      let problem = try await client.get("/v1/plans/nowhere")
      let form = try #require(document["components"]?["schemas"]?["Problem"])
      #expect(Schema.faults(of: problem.json, in: form, document) == [])
    }
  }

  @Test func `views of a plan in which everything happened have the forms of the document, and nothing more`() throws {
    let document = try Self.document()
    let spec = Self.everything()
    let forms = [
      "tree": "Tree", "measures": "Measures", "measure": "MeasureSheet", "institutions": "Institutions",
      "institution": "InstitutionCard", "network": "Network",
    ]
    var seen: Set<String> = []
    for view in ViewCatalogue.all {
      let name = forms[view.name] ?? "Register-\(view.name)"
      let form = try #require(document["components"]?["schemas"]?[name], "\(name)")
      for date in [spec.today, day("2018-05-01"), day("2030-01-01")] {
        for answer in Self.answers(of: view, spec.plan, date, isPaged: form["properties"]?["next"] != nil) {
          let faults = Schema.faults(of: .object(answer), in: form, document, isClosed: true)
          #expect(faults == [], "\(name) on \(date)")
          for member in answer { Self.collect(member.value, at: view.name, in: &seen) }
        }
      }
    }
    let parts = [
      "measure.milestones", "measure.phases", "measure.results", "measure.resources", "measure.highlighted",
      "measure.supportRequests", "measure.leadCapExceptions", "measure.issues", "measure.parts", "measure.continues",
      "measure.links", "measure.externals", "measure.reports.newest",
      "institution.aliases", "institution.groups", "institution.units", "institution.hosts", "institution.successors",
      "institution.predecessors", "institution.resolved", "institution.contacts", "institution.chairs",
      "institution.followUps", "issues.decision", "issues.solution", "issues.followUps",
      "placeholders.placeholder", "external-links.status",
      "responsibilities.unclear", "responsibilities.unaccepted", "tree.labels", "tree.ladder",
    ]
    #expect(parts.filter { !seen.contains($0) } == [])
  }

  /// A plan to which everything was done that can be done.
  private static func everything() -> DeciderSpecification {
    var spec = CommandSamples.spec(for: "report-progress")
    // What ends something comes last.
    let endings = ["close-plan", "discontinue-measure", "dissolve-institution", "end-assignment", "end-link"]
    let names = CommandCatalogue.external.map { $0.name }.filter { $0 != "create-plan" && !endings.contains($0) }
    for (number, name) in (names + endings).enumerated() {
      guard var body = CommandSamples.accepted[name] else { continue }
      if body["id"] != nil { body = body.replacing("id", id(UInt64(1000 + number))) }
      // The samples were made for one plan each; together some are in each other's way.
      spec.attempt(name, body, as: CommandSamples.actor(for: name))
    }
    spec.given("resolve-placeholder", ["placeholder": "partner", "reason": "R"])
    spec.given("register-placeholder", ["slug": "offen", "label": "Offen", "steward": "tu", "due": "2019-12-31"])
    return spec
  }

  /// What the API answers; the catalogue lists what it gives one by one.
  private static func answers(
    of view: NamedView, _ plan: Plan, _ date: LocalDate, isPaged: Bool
  ) -> [[JSON.Member]] {
    var head = [JSON.Member].moment(position: plan.size.lastPosition, validAt: date, isSimulated: false)
    if isPaged { head.append(.init("next", .null)) }
    let members = view.members(plan, date)
    guard ["measure", "institution"].contains(view.name) else { return [head + members] }
    return (members.first?.value.array ?? []).map { head + [JSON.Member(view.name, $0)] }
  }

  /// Notes where a view shows something, by the names on the way there, and by the last one alone.
  private static func collect(_ value: JSON, at path: String, in seen: inout Set<String>) {
    let isEmpty = value == .null || value.array?.isEmpty == true || value.members?.isEmpty == true
    guard !isEmpty else { return }
    seen.insert(path)
    let view = path.split(separator: ".")[0]
    for member in value.members ?? [] {
      collect(member.value, at: "\(path).\(member.key)", in: &seen)
      collect(member.value, at: "\(view).\(member.key)", in: &seen)
    }
    for element in value.array ?? [] { collect(element, at: path, in: &seen) }
  }

  @Test func `the statuses of problems are those that the document lists`() async throws {
    let document = try Self.document()
    let command = document["paths"]?["/v1/plans/{plan}/commands/assign-lead"]?["post"]?["responses"]?.members?.map(
      \.key)
    #expect(Set(command ?? []) == ["201", "400", "401", "403", "404", "409", "412", "413", "422", "503"])
    let view = document["paths"]?["/v1/plans/{plan}/measures"]?["get"]?["responses"]?.members?.map(\.key)
    #expect(Set(view ?? []) == ["200", "304", "400", "401", "403", "404", "422", "503"])
  }

  @Test func `the validator of this test notices what is wrong`() throws {
    let schema: JSON = [
      "type": "object", "required": ["a"], "additionalProperties": false,
      "properties": [
        "a": ["type": ["string", "null"], "maxLength": 2], "b": ["type": "array", "items": ["type": "integer"]],
        "c": ["enum": ["x"]], "d": ["type": "string", "pattern": "^[a-z]+$"],
        "e": ["oneOf": [["const": 1], ["type": "object", "required": ["f"]], ["type": "object", "required": ["g"]]]],
      ],
    ]
    #expect(Schema.faults(of: ["a": "x", "b": [1], "c": "x", "d": "abc", "e": ["f": 1]], in: schema, .null) == [])
    #expect(Schema.faults(of: ["a": .null], in: schema, .null) == [])
    for wrong in [
      [:], ["a": 1], ["a": "xyz"], ["a": "x", "b": ["y"]], ["a": "x", "c": "y"], ["a": "x", "d": "A"],
      ["a": "x", "z": 1], ["a": "x", "e": 2], ["a": "x", "e": ["f": 1, "g": 1]], [],
    ] as [JSON] { #expect(Schema.faults(of: wrong, in: schema, .null) != []) }
  }

  /// The document as a reader of its YAML gets it.
  private static func document() throws -> JSON { try json(yaml: OpenAPIDocument.yaml) }

  /// YAML, of which JSON is a part.
  private static func json(yaml: String) throws -> JSON {
    func json(_ value: Any?) -> JSON {
      switch value {
      case let flag as Bool: .bool(flag)
      case let number as Int: .integer(Int64(number))
      case let number as Double: .decimal(Millionths(rounding: number))
      case let text as String: .string(text)
      case let elements as [Any?]: .array(elements.map(json))
      case let members as [AnyHashable: Any]:
        .object(members.map { JSON.Member("\($0.key)", json($0.value)) }.sorted { $0.key < $1.key })
      default: .null
      }
    }
    return json(try Yams.load(yaml: yaml))
  }

  private static func sorted(_ json: JSON) -> JSON {
    switch json {
    case .object(let members):
      .object(members.map { JSON.Member($0.key, sorted($0.value)) }.sorted { $0.key < $1.key })
    case .array(let elements): .array(elements.map(sorted))
    case .null, .bool, .integer, .decimal, .string: json
    }
  }
}

/// As much of JSON Schema 2020-12 as the document uses.
private enum Schema {
  static func resolve(_ reference: String, in document: JSON) -> JSON? {
    reference.split(separator: "/").dropFirst().reduce(document as JSON?) { $0?[String($1)] }
  }

  /// - Parameter isClosed: whether what a form does not name is a fault too, where it does not say so itself.
  static func faults(
    of value: JSON, in schema: JSON, _ document: JSON, isClosed: Bool = false, at path: String = "$"
  ) -> [String] {
    if let reference = schema["$ref"]?.string {
      guard let target = resolve(reference, in: document) else { return ["\(path): \(reference) leads nowhere"] }
      return faults(of: value, in: target, document, isClosed: isClosed, at: path)
    }
    var faults: [String] = []
    let types = schema["type"]?.array?.compactMap(\.string) ?? schema["type"]?.string.map { [$0] }
    if let types, !types.contains(type(of: value)), !(value.integer != nil && types.contains("number")) {
      faults.append("\(path): \(type(of: value)) is none of \(types)")
    }
    if let values = schema["enum"]?.array, !values.contains(value) { faults.append("\(path): not one of the values") }
    if let only = schema["const"], only != value { faults.append("\(path): not the value") }
    if let form = schema["not"], self.faults(of: value, in: form, document, isClosed: isClosed, at: path).isEmpty {
      faults.append("\(path): has a form that it must not have")
    }
    if let forms = schema["anyOf"]?.array,
      !forms.contains(where: { self.faults(of: value, in: $0, document, isClosed: isClosed, at: path).isEmpty })
    {
      faults.append("\(path): fits none of the forms")
    }
    if let forms = schema["oneOf"]?.array {
      let count = forms.count { self.faults(of: value, in: $0, document, isClosed: isClosed, at: path).isEmpty }
      if count != 1 { faults.append("\(path): fits \(count) of the forms") }
    }
    if let text = value.string { faults += self.faults(ofText: text, in: schema, at: path) }
    if let number = value.integer {
      if let least = schema["minimum"]?.integer, number < least { faults.append("\(path): below \(least)") }
      if let most = schema["maximum"]?.integer, number > most { faults.append("\(path): above \(most)") }
    }
    if let members = value.members {
      for name in schema["required"]?.array?.compactMap(\.string) ?? [] where value[name] == nil {
        faults.append("\(path): \(name) is missing")
      }
      for member in members {
        if let own = schema["properties"]?[member.key] {
          faults += self.faults(of: member.value, in: own, document, isClosed: isClosed, at: "\(path).\(member.key)")
        } else if let rest = schema["additionalProperties"], rest.members != nil {
          faults += self.faults(of: member.value, in: rest, document, isClosed: isClosed, at: "\(path).\(member.key)")
        } else if schema["additionalProperties"] == false
          || isClosed && schema["additionalProperties"] == nil && schema["properties"] != nil
        {
          faults.append("\(path): \(member.key) is not known")
        }
      }
    }
    if let elements = value.array {
      if let most = schema["maxItems"]?.integer, elements.count > most { faults.append("\(path): too many") }
      if let least = schema["minItems"]?.integer, elements.count < least { faults.append("\(path): too few") }
      if let item = schema["items"] {
        for (index, element) in elements.enumerated() {
          faults += self.faults(of: element, in: item, document, isClosed: isClosed, at: "\(path)[\(index)]")
        }
      }
    }
    return faults
  }

  private static func faults(ofText text: String, in schema: JSON, at path: String) -> [String] {
    let length = text.unicodeScalars.count
    var faults: [String] = []
    if let least = schema["minLength"]?.integer, length < least { faults.append("\(path): too short") }
    if let most = schema["maxLength"]?.integer, length > most { faults.append("\(path): too long") }
    if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil {
      faults.append("\(path): does not match \(pattern)")
    }
    return faults
  }

  private static func type(of value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .decimal: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// One body of every command that is accepted on the plan of `Story`, with every field that it has room for.
private enum Samples {
  static let accepted: [String: JSON] = {
    var samples = plan
    samples.merge(parties) { first, _ in first }
    for role in ["lead", "lead-partner", "contributor", "consulted", "unclear"] { samples["assign-\(role)"] = terms }
    samples.merge(delivery) { first, _ in first }
    return samples
  }()

  private static let terms: JSON = [
    "id": id(60), "measure": "fachkraefte.1.III", "institution": "tu", "phase": "Aufbau", "subject": "StEP",
    "condition": "ggf.", "wording": "unter Beteiligung", "range": "I-III", "from": "2019-04-01", "until": "2019-05-01",
    "source": ["S2:1"], "effectiveDate": "2019-03-01", "onBehalfOf": "senweb",
  ]

  private static let plan: [String: JSON] = [
    "create-plan": ["slug": "n", "title": "T"],
    "register-plan-version": [
      "id": id(60), "slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31", "timeZone": "Europe/Berlin",
      "leadCap": 3, "conditions": ["gut", "schlecht"],
      "ladder": [["slug": "lead", "title": "Federführung", "body": "senweb", "mandate": "decide"]],
      "resolutionDate": "2022-01-01", "resolutionBody": "senat", "source": ["S2:1"],
    ],
    "register-document": ["key": "S9", "title": "T", "sha256": "ab"],
    "declare-stated-figure": [
      "id": id(60), "slug": "f", "label": "L", "counts": "goals", "value": 11, "source": ["S2:1"],
    ],
    "cite-source": ["item": "senweb", "source": ["S2:1-2"]],
    "add-action-field": ["id": id(60), "number": 9, "slug": "n", "title": "T", "source": ["S2:1"]],
    "add-theme-cluster": ["id": id(60), "actionField": "innovation", "slug": "n", "title": "T", "source": ["S2:1"]],
    "set-goal": ["id": id(60), "cluster": "fachkraefte", "letter": "z", "title": "T", "source": ["S2:1"]],
    "add-task-field": [
      "id": id(60), "cluster": "fachkraefte", "number": 9, "title": "T", "description": "D", "source": ["S2:1"],
    ],
    "add-measure": [
      "id": id(60), "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "T", "kind": "examine",
      "horizon": "H", "deliverables": ["D", "E"], "note": "N", "source": ["S2:1"],
    ],
    "add-sub-measure": [
      "id": id(60), "measure": "fachkraefte.1.II", "part": "Z", "title": "T", "kind": "recurring", "note": "N",
      "source": ["S2:1"],
    ],
    "revise-wording": ["item": "fachkraefte.1.I", "title": "Neu", "reason": "R"],
    "note-other-title": ["cluster": "fachkraefte", "title": "O", "source": ["S2:1"]],
    "register-strategy": ["id": id(60), "slug": "n", "title": "T", "source": ["S2:1"]],
  ]

  private static let parties: [String: JSON] = [
    "register-institution": ["id": id(60), "slug": "n", "short": "S", "name": "N", "kind": "bank", "source": ["S2:1"]],
    "add-alias": ["institution": "senweb", "name": "A", "presumed": true, "source": ["S2:1"]],
    "define-group": [
      "id": id(60), "slug": "n", "short": "S", "name": "N", "kind": "relative", "of": "kammern", "source": ["S2:1"],
    ],
    "add-group-member": [
      "group": "netz", "member": "tu", "from": "2019-03-01", "until": "2019-04-01", "source": ["S2:1"],
    ],
    "declare-unit": ["unit": "ihk", "of": "senweb", "source": ["S2:1"]],
    "declare-hosting": ["body": "skip", "by": "senweb", "source": ["S2:1"]],
    "declare-chair": ["body": "skip", "by": "senweb", "kind": "chair", "source": ["S2:1"]],
    "register-placeholder": [
      "id": id(60), "slug": "n", "label": "L", "steward": "senweb", "due": "2019-12-31", "dueInferred": true,
      "source": ["S2:1"],
    ],
  ]

  private static let delivery: [String: JSON] = [
    "end-assignment": ["assignment": id(90), "until": "2019-05-01", "reason": "R"],
    "report-progress": [
      "measure": "fachkraefte.1.I", "institution": "senweb", "condition": "at-risk", "percent": 10, "text": "T",
    ],
    "link-strategy": ["id": id(60), "measure": "fachkraefte.1.I", "strategy": "bek", "source": ["S2:1"]],
    "link-external-measure": [
      "measure": "fachkraefte.1.II", "programme": "bek", "externalID": "W-14", "source": ["S2:1"],
    ],
    "link-measures": ["id": id(60), "measure": "fachkraefte.1.I", "to": "fachkraefte", "source": ["S2:1"]],
    "declare-dependency": ["id": id(60), "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II", "source": ["S2:1"]],
    "raise-issue": [
      "id": id(60), "measure": "fachkraefte.1.I", "institution": "senweb", "kind": "decision-needed", "text": "T\nU",
      "wish": "W", "source": ["S2:1"],
    ],
    "escalate-issue": [
      "issue": id(91), "level": "skip", "urgent": true, "deadline": "2019-06-30", "reason": "R",
    ],
  ]
}

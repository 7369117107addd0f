import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import Hummingbird
import HummingbirdTesting
import NIOCore
import PlanService
import Testing

/// The table of errors in part 7 of the architecture: status, stable code, field, words in two languages, and no trace.
@Suite(.hangLimit)
struct ProblemTests {
  // MARK: 400

  @Test(
    arguments: [
      ("{\"slug\":", "malformed-json", nil), ("{} {}", "malformed-json", nil),
      ("{\"slug\":\"\\ud800\"}", "malformed-json", nil),
      ("{\"slug\":\"x\"", "malformed-json", nil), ("nix", "malformed-json", nil),
      ("{\"slug\":01}", "malformed-json", nil),
      ("{\"slug\":\"x\",\"slug\":\"y\",\"name\":\"X\",\"kind\":\"body\"}", "duplicate-key", "slug"),
      ("{\"slug\":\"x\",\"name\":\"X\",\"kind\":\"body\",\"colour\":1}", "unknown-field", "colour"),
      ("{\"slug\":5,\"name\":\"X\",\"kind\":\"body\"}", "wrong-type", "slug"),
      ("{\"slug\":null,\"name\":\"X\",\"kind\":\"body\"}", "wrong-type", "slug"),
      ("{\"name\":\"X\",\"kind\":\"body\"}", "missing-field", "slug"),
      ("{\"slug\":\"Ä\",\"name\":\"X\",\"kind\":\"body\"}", "invalid-value", "slug"),
      ("{\"slug\":\"x\",\"name\":\"  \",\"kind\":\"body\"}", "empty-text", "name"),
      ("{\"slug\":\"x\",\"name\":\"a\\u0007b\",\"kind\":\"body\"}", "control-character", "name"),
      ("{\"slug\":\"x\",\"name\":\"X\",\"kind\":\"body\",\"source\":[1]}", "wrong-type", "source[0]"),
      ("{\"slug\":1.5}", "not-an-integer", nil), ("{\"slug\":1e3}", "not-an-integer", nil),
      ("{\"slug\":9007199254740992}", "integer-out-of-range", nil),
      ("{\"slug\":123456789012345678901234567890}", "integer-out-of-range", nil),
      (
        "{\"slug\":\"x\",\"name\":\"X\",\"kind\":\"body\",\"effectiveDate\":\"2019-02-30\"}", "invalid-value",
        "effectiveDate"
      ),
      ("{\"slug\":\"x\",\"name\":\"X\",\"kind\":\"body\",\"onBehalfOf\":5}", "wrong-type", "onBehalfOf"),
      ("[]", "wrong-type", nil), ("\"x\"", "wrong-type", nil), ("", "empty-body", nil), ("  \n", "empty-body", nil),
    ] as [(String, String, String?)])
  func `a body without the agreed form`(body: String, code: String, field: String?) async throws {
    try await Edge().run { client in
      try await client.begin()
      try await client.expectProblem(400, code, field: field) {
        try await client.send(
          .post, "/v1/plans/industriestadt/commands/register-institution", token: try await client.edge.token(),
          ["Idempotency-Key": "k"], body: Array(body.utf8))
      }
      // The same key may still succeed.
      let good: JSON = ["slug": "x", "name": "X", "kind": "body"]
      let answer = try await client.command("register-institution", good, ["Idempotency-Key": "k"])
      #expect(answer.status == 201)
    }
  }

  @Test func `bytes that are no UTF-8, and nesting without end`() async throws {
    try await Edge().run { client in
      try await client.begin()
      func post(_ body: [UInt8]) async throws -> Answer {
        try await client.send(
          .post, "/v1/plans/industriestadt/commands/register-institution", token: try await client.edge.token(),
          ["Idempotency-Key": "k"], body: body)
      }
      try await client.expectProblem(400, "invalid-utf8") {
        try await post(Array("{\"slug\":\"".utf8) + [0xFF, 0x22, 0x7D])
      }
      try await client.expectProblem(400, "too-deep") {
        try await post([UInt8](repeating: UInt8(ascii: "["), count: 60_000))
      }
    }
  }

  @Test func `a body that breaks off`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let broken = Application(responder: Interrupting(base: edge.routes.router().buildResponder()))
      try await broken.test(.router) { http in
        let client = Client(http: http, edge: edge)
        try await client.expectProblem(400, "interrupted-body") {
          try await client.command("register-institution", ["slug": "x", "name": "X", "kind": "body"])
        }
      }
    }
  }

  @Test func `a missing, long, empty or unprintable Idempotency-Key`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let body = ([("slug", "x"), ("name", "X"), ("kind", "body")] as [(String, JSON)])
      let json = JSON.object(body.map { JSON.Member($0.0, $0.1) })
      try await client.expectProblem(400, "missing-idempotency-key", field: "Idempotency-Key") {
        try await client.send(
          .post, "/v1/plans/industriestadt/commands/register-institution", token: try await client.edge.token(),
          body: json.canonicalBytes)
      }
      for key in [String(repeating: "k", count: 201), "\"\"", "two words", "ä"] {
        try await client.expectProblem(400, "invalid-value", field: "Idempotency-Key") {
          try await client.command("register-institution", json, ["Idempotency-Key": key])
        }
      }
      let longest = String(repeating: "k", count: 200)
      let first = try await client.command("register-institution", json, ["Idempotency-Key": "\"\(longest)\""])
      #expect(first.status == 201)
      // With and without quotes it is the same key.
      let again = try await client.command("register-institution", json, ["Idempotency-Key": longest])
      #expect(again.bytes == first.bytes)
    }
  }

  @Test(arguments: ["5", "\"\"", "\"x\"", "W/\"5\"", "\"-1\"", "\"99999999999999999\"", "*"])
  func `an If-Match that is no position in quotes`(text: String) async throws {
    try await Edge().run { client in
      try await client.begin()
      try await client.expectProblem(400, "invalid-value", field: "If-Match") {
        try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], ["If-Match": text])
      }
    }
  }

  @Test(arguments: [
    ("measures?colour=red", 400, "unknown-parameter", "colour"),
    ("measures?limit=1&limit=2", 400, "duplicate-parameter", "limit"),
    ("measures?position=x", 400, "invalid-value", "position"),
    ("events?subject=%00", 400, "invalid-value", "subject"), ("events?type=a%00", 400, "invalid-value", "type"),
    ("timeline?type=%00", 400, "invalid-value", "type"), ("timeline?subject=%00", 400, "invalid-value", "subject"),
    ("measures?position=-1", 400, "invalid-value", "position"),
    ("measures?position=99999999999999999999", 400, "invalid-value", "position"),
    ("measures?position=1&asOf=2019-01-01", 422, "two-moments", "asOf"),
    ("measures?asOf=yesterday", 400, "invalid-value", "asOf"),
    ("measures?asOf=2019-02-30", 400, "invalid-value", "asOf"),
    ("measures?validAt=2019-13-01", 400, "invalid-value", "validAt"),
    ("measures?limit=0", 400, "invalid-value", "limit"),
    ("measures?limit=501", 400, "invalid-value", "limit"), ("measures?limit=many", 400, "invalid-value", "limit"),
    ("measures?cursor=!!", 422, "unknown-cursor", "cursor"),
    ("measures?cursor=bm9uZQ", 422, "unknown-cursor", "cursor"),
    // “5 2019-03-01 none”, “5 2019-02-30 none” and “1000 2019-03-01 none”.
    ("measures?cursor=NSAyMDE5LTAzLTAxIG5vbmU", 422, "unknown-cursor", "cursor"),
    ("measures?cursor=NSAyMDE5LTAyLTMwIG5vbmU", 422, "unknown-cursor", "cursor"),
    ("measures?cursor=MTAwMCAyMDE5LTAzLTAxIG5vbmU", 422, "position-in-future", "cursor"),
    ("measures?position=1000", 422, "position-in-future", "position"),
    ("measures?asOf=2019-03-02", 422, "as-of-in-future", "asOf"),
    ("measures?asOf=2019-03-01T12:00:01Z", 422, "as-of-in-future", "asOf"),
    ("measures?limit=x", 400, "invalid-value", "limit"),
    ("measures/fachkraefte.1.I?limit=1", 400, "unknown-parameter", "limit"),
    ("tree?cursor=x", 400, "unknown-parameter", "cursor"),
    ("network/difference?toPosition=1000", 422, "position-in-future", "toPosition"),
    ("network/difference?fromAsOf=x", 400, "invalid-value", "fromAsOf"),
    ("network/difference?toAsOf=2019-03-02", 422, "as-of-in-future", "toAsOf"),
    ("network/difference?toPosition=1&toAsOf=2019-01-01", 422, "two-moments", "toAsOf"),
    ("network/difference?from=2019-02-30", 400, "invalid-value", "from"),
    ("tree?position=1000", 422, "position-in-future", "position"),
    ("events?order=up", 400, "invalid-value", "order"), ("events?from=x", 400, "invalid-value", "from"),
    ("events?limit=1001", 400, "invalid-value", "limit"), ("events?asOf=2019-01-01", 400, "unknown-parameter", "asOf"),
    ("events/x", 400, "invalid-value", "position"), ("log/checkpoint?x=1", 400, "unknown-parameter", "x"),
  ])
  func `a query that asks for nothing there is`(query: String, status: Int, code: String, field: String) async throws {
    try await Edge().run { client in
      try await client.begin()
      try await client.expectProblem(status, code, field: field) {
        try await client.get("/v1/plans/industriestadt/\(query)")
      }
    }
  }

  @Test func `a list without its form, and where in it the fault is`() async throws {
    try await Edge().run { client in
      try await client.begin()
      func refused(_ json: JSON, _ status: Int, _ code: String, _ field: String) async throws {
        try await client.expectProblem(status, code, field: field) {
          try await client.post("/v1/plans/industriestadt/commands", json)
        }
      }
      let good: JSON = ["command": "register-document", "with": ["key": "A", "title": "T"]]
      try await refused([:], 400, "invalid-value", "commands")
      try await refused(["commands": []], 400, "invalid-value", "commands")
      try await refused(["commands": [good], "more": 1], 400, "invalid-value", "commands")
      try await refused(["commands": [good, ["command": "x"]]], 400, "invalid-value", "commands[1]")
      try await refused(
        ["commands": [good, ["command": "x", "with": [:]]]], 404, "unknown-command", "commands[1].command")
      try await refused(
        ["commands": [good, ["command": "open-log-epoch", "with": [:]]]], 404, "unknown-command", "commands[1].command")
      try await refused(
        ["commands": [good, ["command": "register-document", "with": ["key": "B", "title": "T", "x": 1]]]], 400,
        "unknown-field", "commands[1].with.x")
      try await refused(["commands": [good, good]], 409, "key-taken", "commands[1].with.key")
    }
  }

  // MARK: 401 and 403

  @Test func `no token, and tokens that are not to be trusted`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let payload = """
        eyJpc3MiOiJmZWRlcndlcmsiLCJhdWQiOiJmZWRlcndlcmsiLCJzdWIiOiJ1c2Vycy8wMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEi\
        LCJyb2xlIjoiY29vcmRpbmF0b3IiLCJpYXQiOjE1NTE0NDE2MDAsImV4cCI6NDEwMjQ0NDgwMH0
        """
      let header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
      // Signed with the right secret by another program: accepted, so that the others fail for their own reason.
      let good = "\(header).\(payload).aIQ0x1-GOQKkMjlEFObW6fpNIr9IpDD8L9qtjsAuqeo"
      #expect(try await client.send(.get, "/v1/me", token: good).status == 200)
      let other = try await TokenAuthority(secret: [UInt8](repeating: 8, count: 32)).issue(
        actorName: "x", role: .coordinator, institution: nil, plan: nil, issuedAt: 1_551_441_600, lifetimeSeconds: 60)
      let untrusted: [String?] = [
        nil, "", "x", "a.b.c", other, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.\(payload).",
        "\(header).\(payload).", String(good.dropLast()), Self.foreignIssuer, Self.foreignAudience, Self.systemRole,
        Self.systemActor, Self.unknownRole, String(repeating: "x", count: 5000),
      ]
      for token in untrusted {
        for path in ["/v1/me", "/v1/plans", "/v1/plans/industriestadt/measures", "/v1/plans/nowhere"] {
          let answer = try await client.expectProblem(401, "unauthorized") {
            try await client.send(.get, path, token: token)
          }
          #expect(answer["WWW-Authenticate"] == "Bearer")
        }
        try await client.expectProblem(401, "unauthorized") {
          try await client.send(
            .post, "/v1/plans/industriestadt/commands/register-document", token: token, ["Idempotency-Key": "k"],
            body: Array("{\"key\":\"A\",\"title\":\"T\"}".utf8))
        }
      }
    }
  }

  @Test func `a token past its time`() async throws {
    try await Edge().run { client in
      for lifetime in [-10, 0] {
        let expired = try await client.edge.token(lifetimeSeconds: lifetime)
        for _ in 0..<2 {
          try await client.expectProblem(401, "token-expired") { try await client.send(.get, "/v1/me", token: expired) }
        }
      }
    }
  }

  @Test func `roles that may not, and institutions that are others`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let institution: JSON = ["slug": "x", "name": "X", "kind": "body"]
      for role in [Role.lead, .contributor, .steering, .auditor, .partner] {
        let answer = try await client.expectProblem(403, "role-not-allowed") {
          try await client.command("register-institution", institution, as: role, of: "ihk")
        }
        #expect(answer.json["facts"]?["role"]?.string == role.rawValue)
        try await client.expectProblem(403, "role-not-allowed") {
          try await client.post("/v1/plans", ["slug": "other", "title": "T"], as: role)
        }
      }
      let report: JSON = ["measure": "fachkraefte.1.I", "condition": "on-track"]
      try await client.expectProblem(403, "other-institution", field: "institution") {
        try await client.command("report-progress", report.with("institution", "ihk"), as: .lead, of: "hwk")
      }
      try await client.expectProblem(403, "not-assigned", field: "institution") {
        try await client.command("report-progress", report, as: .lead, of: "hwk")
      }
      try await client.expectProblem(403, "other-institution", field: "onBehalfOf") {
        try await client.command("report-progress", report.with("onBehalfOf", "senweb"), as: .lead, of: "ihk")
      }
      #expect(try await client.command("report-progress", report, as: .lead, of: "ihk").status == 201)
      for role in [Role.lead, .contributor, .steering, .partner] {
        for path in ["events", "events/0"] {
          try await client.expectProblem(403, "role-not-allowed") {
            try await client.get("/v1/plans/industriestadt/\(path)", as: role)
          }
        }
      }
    }
  }

  // MARK: 404 and 405

  @Test func `addresses of nothing`() async throws {
    try await Edge().run { client in
      try await client.begin()
      func nothing(_ path: String, _ code: String) async throws {
        try await client.expectProblem(404, code) { try await client.get(path) }
      }
      try await nothing("/v1/plans/nowhere", "unknown-plan")
      try await nothing("/v1/plans/00000000-0000-7000-8000-000000000009/measures", "unknown-plan")
      try await nothing("/v1/plans/industriestadt/measures/fachkraefte.1.IX", "unknown-measure")
      try await nothing("/v1/plans/industriestadt/events/999", "unknown-event")
      try await nothing("/v1/plans/industriestadt/desk", "unknown-route")
      try await nothing("/v2", "unknown-route")
      try await nothing("/", "unknown-route")
      for command in ["dance", "create-plan", "record-missed-deadline", "open-log-epoch"] {
        try await client.expectProblem(404, "unknown-command") { try await client.command(command, [:]) }
      }
      try await client.expectProblem(404, "unknown-plan") {
        try await client.post("/v1/plans/nowhere/commands/register-document", ["key": "A", "title": "T"])
      }
      try await client.expectProblem(404, "unknown-measure", field: "measure") {
        try await client.command("assign-lead", ["measure": "fachkraefte.1.IX", "institution": "tu"])
      }
      try await client.expectProblem(404, "unknown-institution", field: "institution") {
        try await client.command("assign-lead", ["measure": "fachkraefte.1.I", "institution": "nobody"])
      }
    }
  }

  @Test func `a method that an address does not take`() async throws {
    try await Edge().run { client in
      for (method, path, allowed) in [
        (HTTPRequest.Method.delete, "/v1/plans", "GET, POST"), (.put, "/v1/me", "GET"),
        (.get, "/v1/plans/p/commands", "POST"), (.get, "/v1/plans/p/commands/assign-lead", "POST"),
        (.patch, "/v1/plans/p/measures/m", "GET"), (.trace, "/healthz", "GET"), (.post, "/v1/plans/p/events", "GET"),
      ] {
        let answer = try await client.expectProblem(405, "method-not-allowed") {
          try await client.send(method, path, token: try await client.edge.token())
        }
        #expect(answer["Allow"] == allowed)
      }
    }
  }

  @Test func `a token for one plan sees no other`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      _ = try await client.post("/v1/plans", ["slug": "aaa", "title": "Other"])
      let other = try await edge.plan("aaa")
      let token = try await edge.token(plan: "industriestadt")
      for reference in ["aaa", other.description] {
        for path in ["", "/measures", "/institutions", "/events", "/events/0", "/log/checkpoint"] {
          try await client.expectProblem(404, "unknown-plan") {
            try await client.send(.get, "/v1/plans/\(reference)\(path)", token: token)
          }
        }
        try await client.expectProblem(404, "unknown-plan") {
          try await client.send(
            .post, "/v1/plans/\(reference)/commands/register-document", token: token, ["Idempotency-Key": "k"],
            body: Array("{\"key\":\"A\",\"title\":\"T\"}".utf8))
        }
      }
      try await client.expectProblem(403, "token-for-one-plan") {
        try await client.send(
          .post, "/v1/plans", token: token, ["Idempotency-Key": "k"],
          body: Array("{\"slug\":\"n\",\"title\":\"T\"}".utf8))
      }
      let own = try await edge.plan()
      for reference in ["industriestadt", own.description] {
        #expect(try await client.send(.get, "/v1/plans/\(reference)", token: token).status == 200)
      }
      for query in ["", "?limit=1"] {
        let plans = try await client.send(.get, "/v1/plans\(query)", token: token).json
        #expect(plans["plans"]?.array?.compactMap { $0["slug"]?.string } == ["industriestadt"])
        #expect(plans["next"] == .null)
      }
    }
  }

  // MARK: 409, 412, 413 and 422

  @Test func `what is already so, stale or against a rule`() async throws {
    try await Edge().run { client in
      try await client.begin()
      try await client.expectProblem(409, "slug-taken", field: "slug") {
        try await client.command("register-institution", ["slug": "ihk", "name": "N", "kind": "body"])
      }
      try await client.expectProblem(409, "slug-taken", field: "slug") {
        try await client.post("/v1/plans", ["slug": "industriestadt", "title": "T"])
      }
      let stale = try await client.expectProblem(412, "subject-changed") {
        try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], ["If-Match": "\"0\""])
      }
      #expect(stale.json["facts"]?["ifMatch"] == 0)
      let lead: JSON = ["measure": "fachkraefte.1.I", "institution": "hwk"]
      let third = try await client.expectProblem(422, "lead-cap", field: "institution") {
        try await client.command("assign-lead", lead)
      }
      #expect(third.json["facts"]?["leads"] == ["ihk", "senweb"])
      let percent = try await client.expectProblem(422, "percent-out-of-range", field: "percent") {
        try await client.command(
          "report-progress",
          ["measure": "fachkraefte.1.I", "institution": "ihk", "condition": "on-track", "percent": 101])
      }
      #expect(percent.json["facts"]?["percent"] == 101)
      // Fresh, it goes through.
      let version = try #require(
        try await client.get("/v1/plans/industriestadt/measures/fachkraefte.1.I").json["measure"]?["version"]?.integer)
      let fresh = try await client.command(
        "revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], ["If-Match": "\"\(version)\""])
      #expect(fresh.status == 201)
      // Nobody can have seen what the log does not hold.
      try await client.expectProblem(412, "position-in-future") {
        try await client.command(
          "revise-wording", ["item": "fachkraefte.1.I", "title": "N"], ["If-Match": "\"9007199254740991\""])
      }
    }
  }

  @Test func `a key makes one plan`() async throws {
    try await Edge().run { client in
      let headers = ["Idempotency-Key": "once"]
      let first = try await client.post("/v1/plans", ["slug": "q1", "title": "T"], headers)
      #expect(first.status == 201)
      try await client.expectProblem(422, "key-reused", field: "Idempotency-Key") {
        try await client.post("/v1/plans", ["slug": "q2", "title": "T"], headers)
      }
      #expect(try await client.post("/v1/plans", ["slug": "q1", "title": "T"], headers).bytes == first.bytes)
      #expect(try await client.get("/v1/plans").json["plans"]?.array?.count == 1)
    }
  }

  @Test func `a key that was used for something else`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let headers = ["Idempotency-Key": "once"]
      let first = try await client.command("register-document", ["key": "A", "title": "T"], headers)
      #expect(first.status == 201)
      for title in ["U", "V"] {
        try await client.expectProblem(422, "key-reused", field: "Idempotency-Key") {
          try await client.command("register-document", ["key": "A", "title": .string(title)], headers)
        }
      }
      try await client.expectProblem(422, "key-reused", field: "Idempotency-Key") {
        try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"], headers)
      }
      let again = try await client.command("register-document", ["title": "T", "key": "A"], headers)
      #expect(again.status == 201)
      #expect(again.bytes == first.bytes)
      #expect(again["Plan-Position"] == first["Plan-Position"])
    }
  }

  @Test func `bodies, lists and events that are too large`() async throws {
    try await Edge(
      { $0.atomicListCountMax = 30 },
      {
        $0.commandByteCountMax = 300_000; $0.listByteCountMax = 100_000
      }
    ).run { client in
      try await client.begin()
      let large = JSON.string(String(repeating: "x", count: 400_000))
      try await client.expectProblem(413, "body-too-large") {
        try await client.command("register-institution", ["slug": large, "name": "X", "kind": "body"])
      }
      try await client.expectProblem(413, "body-too-large") {
        try await client.post("/v1/plans/industriestadt/commands", ["commands": [large]])
      }
      let entry: JSON = ["command": "register-document", "with": ["key": "A", "title": "T"]]
      try await client.expectProblem(413, "list-too-long", field: "commands") {
        try await client.post(
          "/v1/plans/industriestadt/commands", ["commands": .array((0..<31).map { _ in entry })])
      }
      let words = JSON.array((0..<100).map { _ in .string(String(repeating: "🌍", count: 300)) })
      let event = try await client.expectProblem(413, "event-too-large") {
        try await client.command(
          "add-measure",
          ["cluster": "fachkraefte", "taskField": 1, "numeral": "IX", "title": "T", "deliverables": words])
      }
      #expect(event.json["facts"]?["bytesMax"] == 65_535)
    }
  }

  // MARK: 503

  @Test func `a store that is away or full`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      for (kind, code) in [(EventLogFailure.Kind.unavailable, "store-unavailable"), (.full, "store-full")] {
        edge.memory.failNextAppend(EventLogFailure(kind, "secret inside"))
        let answer = try await client.expectProblem(503, code) {
          try await client.command("register-document", ["key": "A", "title": "T"], ["Idempotency-Key": "k"])
        }
        #expect(answer["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
        #expect(!answer.text.contains("secret"))
      }
    }
  }

  @Test func `a position that is not visible yet`() async throws {
    try await Edge({ $0.visibilityTimeout = .milliseconds(10) }).run { client in
      try await client.begin()
      for path in ["measures", "tree", "institutions", "measures/fachkraefte.1.I"] {
        let answer = try await client.expectProblem(503, "not-yet-visible") {
          try await client.get("/v1/plans/industriestadt/\(path)", ["Plan-Position-Min": "999"])
        }
        #expect(answer["Retry-After"] == "1")
      }
      try await client.expectProblem(400, "invalid-value", field: "Plan-Position-Min") {
        try await client.get("/v1/plans/industriestadt/measures", ["Plan-Position-Min": "x"])
      }
      let written = try await client.command("register-document", ["key": "A", "title": "T"])
      let position = try #require(written["Plan-Position"])
      let shown = try await client.get("/v1/plans/industriestadt/measures", ["Plan-Position-Min": position])
      #expect(shown.status == 200)
      #expect(shown["Plan-Position"] == position)
    }
  }

  @Test func `a log behind what was published shows what it tells, takes nothing more, and is red in readiness`()
    async throws
  {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      _ = try await client.command("register-partner-system", ["slug": "press", "name": "P"])
      _ = try await client.command("raise-issue", ["kind": "question", "text": "Vertraulich"])
      #expect(try await client.get("/v1/plans/industriestadt/issues").text.contains("Vertraulich"))
    }
    try edge.regress(try await edge.plan())
    let later = Edge(continuing: edge)
    try await later.run { client in
      // What was erased or taken back since then, the log no longer says: texts stay out, and so do partners.
      let issues = try await client.get("/v1/plans/industriestadt/issues")
      #expect(issues.status == 200 && !issues.text.contains("Vertraulich"), "\(issues.text)")
      let partner = try await later.token(.partner, partner: "press")
      try await client.expectProblem(503, "log-regressed") {
        try await client.send(.get, "/v1/plans/industriestadt/measures", token: partner)
      }
      let answer = try await client.expectProblem(503, "log-regressed") {
        try await client.command("register-document", ["key": "A", "title": "T"])
      }
      #expect(answer.json["facts"]?["publishedSize"] == 1000)
      let readiness = try await client.expectProblem(503, "plans-not-writable") { try await client.get("/readyz") }
      #expect(readiness.json["facts"]?[try await later.plan().description]?.string == "log-regressed")
      #expect(try await client.get("/healthz").status == 200)
      let views = try await client.get("/v1/plans/industriestadt/measures")
      #expect(views.status == 200 && views.json["measures"]?.array?.isEmpty == false, "\(views.text)")
      let listed = try await client.get("/v1/plans").json["plans"]?.array?.first
      #expect(listed?["trouble"] == "log-regressed" && listed?["title"] == "Industriestadt")
      // Nothing newer will come, and whoever asks for it is told why.
      try await client.expectProblem(503, "log-regressed") {
        try await client.get("/v1/plans/industriestadt/measures", ["Plan-Position-Min": "900"])
      }
    }
  }

  @Test func `texts that stay out while a log lacks its end are there in its next epoch`() async throws {
    let edge = Edge()
    try await edge.run { try await $0.begin() }
    let plan = try await edge.plan()
    let path = "/v1/plans/industriestadt/issues?position=\(try await edge.eventCount() - 1)"
    try edge.regress(plan)
    let later = Edge({ $0.troubleRetryPause = .milliseconds(1) }, continuing: edge)
    try await later.run { client in
      let bare = try await client.get(path)
      #expect(bare.status == 200 && !bare.text.contains("Wann?"), "\(bare.text)")
      _ = try await later.service.openEpoch(of: plan, reason: try FreeText("Aus der Sicherung", field: "reason"))
      while try await client.command("register-document", ["key": "A", "title": "T"]).status != 201 {
        await Task.yield()
      }
      let tag = try #require(bare["ETag"])
      let whole = try await client.get(path, as: .coordinator, ["If-None-Match": tag])
      #expect(whole.status == 200 && whole.text.contains("Wann?"), "\(whole.text)")
    }
  }

  @Test func `what was told before a log lost its end is not told again from memory`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let told = try await client.get("/v1/plans/industriestadt/issues")
      #expect(told.text.contains("Wann?"))
      try edge.regress(try await edge.plan())
      // Whoever asks for more than is there makes the server look at the log again.
      try await client.expectProblem(503, "log-regressed") {
        try await client.get("/v1/plans/industriestadt/issues", ["Plan-Position-Min": "900"])
      }
      let tag = try #require(told["ETag"])
      let bare = try await client.get("/v1/plans/industriestadt/issues", as: .coordinator, ["If-None-Match": tag])
      #expect(bare.status == 200 && !bare.text.contains("Wann?"), "\(bare.text)")
    }
  }

  @Test func `every reason for not being available has its own code, words and advice`() {
    let reasons: [Unavailability] = [
      .queueFull, .outcomeUnknown, .storeUnavailable, .storeFull, .clockSkew,
      .logRegressed(published: LogSize(2), found: LogSize(1)), .unreadableEvent(Position(7)), .notYetVisible,
      .contended,
      .shuttingDown,
    ]
    let problems = reasons.map { Problem($0) }
    #expect(problems.allSatisfy { $0.status == .serviceUnavailable })
    #expect(Set(problems.map(\.code)).count == reasons.count)
    for problem in problems {
      #expect(!problem.detail.german.isEmpty && problem.detail.german != problem.detail.english)
      // An operator must act first; for the rest trying again helps.
      let isForOperator = problem.code == "log-regressed" || problem.code == "unreadable-event"
      #expect((problem.retryAfterSeconds == nil) == isForOperator)
    }
    #expect(Problem(.unreadableEvent(Position(7))).facts == [JSON.Member("position", 7)])
    #expect(Problem(.outcomeUnknown).detail.english.contains("Idempotency-Key"))
  }

  @Test func `every kind of refusal has its status`() {
    let statuses = Refusal.Kind.allCases.map { Problem(Refusal($0, "c", de: "d", en: "e")).status.code }
    #expect(statuses == [400, 403, 404, 409, 412, 422, 413])
  }

  // MARK: Languages

  @Test func `details come in German to those who ask for it`() async throws {
    try await Edge().run { client in
      let german = try await client.expectProblem(404, "unknown-plan") {
        try await client.get("/v1/plans/nowhere", ["Accept-Language": "de-DE,de;q=0.9,en;q=0.8"])
      }
      #expect(german.json["detail"]?.string == "Nicht gefunden: Plan.")
      for language in ["en", "en, de", "fr"] {
        let english = try await client.get("/v1/plans/nowhere", ["Accept-Language": language])
        #expect(english.json["detail"]?.string == "There is no such plan.")
      }
    }
  }

  private static let foreignIssuer =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJlbHNld2hlcmUiLCJhdWQiOiJmZWRlcndlcmsiLCJzdWIiOiJ1c2Vycy8wMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJyb2xlIjoiY29vcmRpbmF0b3IiLCJpYXQiOjE1NTE0NDE2MDAsImV4cCI6NDEwMjQ0NDgwMH0.ysw2ghBTrLdmUQFgwgE6gk2E3cYsIqmno6_31orwDgY"
  private static let foreignAudience =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJmZWRlcndlcmsiLCJhdWQiOiJlbHNld2hlcmUiLCJzdWIiOiJ1c2Vycy8wMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJyb2xlIjoiY29vcmRpbmF0b3IiLCJpYXQiOjE1NTE0NDE2MDAsImV4cCI6NDEwMjQ0NDgwMH0.FTMwjObTdO0kXR51iF3KOVJ5847tuN7sMMujwlkjBE0"
  private static let systemRole =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJmZWRlcndlcmsiLCJhdWQiOiJmZWRlcndlcmsiLCJzdWIiOiJ1c2Vycy8wMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJyb2xlIjoic3lzdGVtIiwiaWF0IjoxNTUxNDQxNjAwLCJleHAiOjQxMDI0NDQ4MDB9.Y8ULhALwp0mfvgrx48iHvL2nRcs_UR4hyLvdLu-2ins"
  private static let systemActor =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJmZWRlcndlcmsiLCJhdWQiOiJmZWRlcndlcmsiLCJzdWIiOiJzeXN0ZW06Y2xvY2siLCJyb2xlIjoiY29vcmRpbmF0b3IiLCJpYXQiOjE1NTE0NDE2MDAsImV4cCI6NDEwMjQ0NDgwMH0.-kbWvUP2Y1LBdN8WttOWw1lx8kW9xC6DtePP0y-Nhg0"
  private static let unknownRole =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJmZWRlcndlcmsiLCJhdWQiOiJmZWRlcndlcmsiLCJzdWIiOiJ1c2Vycy8wMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJyb2xlIjoia2luZyIsImlhdCI6MTU1MTQ0MTYwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.BndK1YvzuVsyTZw5Bx40GA8Js3pFhXm5eJ1haFsI-98"
}

/// A connection that breaks while the body comes.
private struct Interrupting<Base: HTTPResponder>: HTTPResponder where Base.Context == Routes.Context {
  typealias Context = Routes.Context
  struct Broken: Error {}
  let base: Base

  func respond(to request: Request, context: Routes.Context) async throws -> Response {
    var request = request
    request.body = RequestBody(
      asyncSequence: AsyncThrowingStream<ByteBuffer, any Error> { continuation in
        continuation.yield(ByteBuffer(string: "{\"slug\":"))
        continuation.finish(throwing: Broken())
      })
    return try await base.respond(to: request, context: context)
  }
}

extension JSON {
  /// The same object with one more member.
  func with(_ key: String, _ value: JSON) -> JSON { .object((members ?? []) + [Member(key, value)]) }
}

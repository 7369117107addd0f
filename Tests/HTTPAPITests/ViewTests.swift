import Coordination
import EventSourcing
import Foundation
import HTTPAPI
import HTTPTypes
import HangLimit
import Metrics
import PlanService
import TamperEvidence
import Testing

/// What there is to read: views, their pages, their validators, raw events, checkpoint, metrics and health.
@Suite(.hangLimit)
struct ViewTests {
  @Test func `a command is answered with its events, the head and the position`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let before = try await edge.eventCount()
      let answer = try await client.command("register-document", ["key": "A", "title": "T"])
      #expect(answer.status == 201)
      #expect(answer["Content-Type"] == "application/json")
      #expect(answer["Plan-Position"] == "\(before)")
      #expect(answer.json["position"]?.integer == before)
      #expect(answer.json["size"]?.integer == before + 1)
      #expect(answer.json["events"]?.array?.count == 1)
      let head = try #require(try await edge.memory.head(of: LogID(plan: try await edge.plan())))
      #expect(answer.json["root"]?.string == MerkleHash(bytes: head.root)?.base64)
    }
  }

  @Test func `a dry run answers as the real one and stores nothing`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let before = try await edge.eventCount()
      let body: JSON = ["key": "A", "title": "T"]
      let path = "/v1/plans/industriestadt/commands"
      let rehearsed = try await client.post("\(path)/register-document?dryRun=true", body)
      let list: JSON = ["commands": [["command": "register-document", "with": body]]]
      let listed = try await client.post("\(path)?dryRun=true", list)
      let created = try await client.post("/v1/plans?dryRun=true", ["slug": "n", "title": "T"])
      for answer in [rehearsed, listed, created] {
        #expect(answer.status == 201)
        #expect(answer["Dry-Run"] == "true")
      }
      #expect(try await edge.eventCount() == before)
      let real = try await client.post("\(path)/register-document?dryRun=false", body)
      #expect(real["Dry-Run"] == nil)
      #expect(real.json["events"]?.array?.first?["position"] == rehearsed.json["events"]?.array?.first?["position"])
      #expect(real.json["size"] == rehearsed.json["size"])
      try await client.expectProblem(400, "invalid-value", field: "dryRun") {
        try await client.post("\(path)/register-document?dryRun=maybe", body)
      }
      try await client.expectProblem(409, "key-taken", field: "key") {
        try await client.post("\(path)/register-document?dryRun=true", body)
      }
    }
  }

  @Test func `the board shows measures in order with who does what`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let board = try await client.get("/v1/plans/industriestadt/measures")
      #expect(board.status == 200)
      #expect(board.json["validAt"] == "2019-03-01")
      let measures = try #require(board.json["measures"]?.array)
      #expect(
        measures.compactMap { $0["code"]?.string } == ["fachkraefte.1.I", "fachkraefte.1.II", "fachkraefte.1.III"])
      let leads = measures[0]["assignments"]?.array?.compactMap { $0["institution"]?["slug"]?.string }
      #expect(leads == ["senweb", "ihk"])
      #expect(measures[0]["openIssues"] == 1)
      // One measure, by code and by id, is the same as on the board.
      let identifier = try #require(measures[0]["id"]?.string)
      for reference in ["fachkraefte.1.I", identifier] {
        let one = try await client.get("/v1/plans/industriestadt/measures/\(reference)")
        #expect(one.json["measure"] == measures[0])
      }
    }
  }

  @Test func `the tree counts, and keeps stated figures beside the counts`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let tree = try await client.get("/v1/plans/industriestadt/tree")
      #expect(tree.bytes == (try await client.get("/v1/plans/industriestadt")).bytes)
      #expect(tree.json["plan"]?["slug"] == "industriestadt")
      let figure = try #require(tree.json["statedFigures"]?.array?.first)
      #expect(figure["stated"] == 11)
      #expect(figure["counted"] == 1)
      #expect(figure["agrees"] == false)
      #expect(tree.json["actionFields"]?.array?.first?["clusters"]?.array?.first?["slug"] == "fachkraefte")
    }
  }

  @Test func `pages follow each other to the end, each item once`() async throws {
    try await Edge().run { client in
      try await client.begin()
      for (path, key) in [("industriestadt/institutions", "institutions"), ("industriestadt/measures", "measures")] {
        let whole = try #require(try await client.get("/v1/plans/\(path)").json[key]?.array)
        for limit in [1, 2, whole.count] {
          var items: [JSON] = []
          var query = "?limit=\(limit)"
          var pages = 0
          while true {
            let page = try await client.get("/v1/plans/\(path)\(query)").json
            let own = try #require(page[key]?.array)
            #expect(own.count <= limit)
            items += own
            pages += 1
            guard let next = page["next"]?.string, pages < 100 else {
              #expect(page["next"] == .null)
              break
            }
            query = "?limit=\(limit)&cursor=\(next)"
          }
          #expect(items == whole)
        }
      }
    }
  }

  @Test func `the pages of a list belong to the moment of the first`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      for path in ["/v1/plans/industriestadt/measures?", "/v1/plans/industriestadt/compare?from=2001-01-01&"] {
        let name = path.contains("compare") ? "subjects" : "measures"
        let whole = try #require(try await client.get("\(path)limit=500").json[name]?.array)
        let first = try await client.get("\(path)limit=1").json
        let cursor = try #require(first["next"]?.string)
        // What the cursor points at moves to the end meanwhile, and gets another name.
        _ = try await client.command(
          "renumber-measure", ["measure": id(21), "number": .string(name == "measures" ? "IX" : "X")])
        let rest = try await client.get("\(path)limit=500&cursor=\(cursor)").json
        #expect((first[name]?.array ?? []) + (rest[name]?.array ?? []) == whole, "\(path)")
        #expect(rest["position"] == first["position"] && rest["to"] == first["to"])
        let now = try await edge.eventCount() - 1
        let moment = name == "measures" ? "position" : "to"
        try await client.expectProblem(422, "unknown-cursor", field: "cursor") {
          try await client.get("\(path)\(moment)=\(now)&cursor=\(cursor)")
        }
      }
      // A day that is not over yet goes on; the list does not.
      let today = "/v1/plans/industriestadt/measures?asOf=2019-03-01&limit="
      let begun = try await client.get("\(today)1").json
      _ = try await client.command("register-document", ["key": "Z", "title": "T"])
      let goesOn = try await client.get("\(today)500&cursor=\(begun["next"]?.string ?? "")").json
      #expect(goesOn["position"] == begun["position"] && goesOn["measures"]?.array?.isEmpty == false)
      let first = try await client.get("/v1/plans/industriestadt/measures?limit=1&validAt=2019-03-05").json
      let cursor = try #require(first["next"]?.string)
      let second = try await client.get("/v1/plans/industriestadt/measures?limit=1&cursor=\(cursor)").json
      #expect(second["validAt"] == "2019-03-05")
      try await client.expectProblem(422, "unknown-cursor", field: "cursor") {
        try await client.get("/v1/plans/industriestadt/measures?validAt=2019-03-06&cursor=\(cursor)")
      }
    }
  }

  @Test func `a network is compared as it was known at a time or position`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let before = try await edge.eventCount() - 1
      _ = try await client.command("assign-contributor", ["measure": "fachkraefte.1.I", "institution": "tu"])
      let path = "/v1/plans/industriestadt/network/difference"
      let byPosition = try await client.get("\(path)?fromPosition=\(before)").network
      #expect(byPosition.from.position == before)
      #expect(byPosition.to.position == before + 1)
      #expect(byPosition.edges.added.contains { $0.measures == ["fachkraefte.1.I"] })
      // Everything was recorded at noon of the first of March; before that there was nothing.
      let byTime = try await client.get("\(path)?fromAsOf=2019-03-01T12:00:00Z&toAsOf=2019-03-01").network
      #expect(byTime.from.position == before + 1)
      #expect(byTime.edges.added.isEmpty)
      let fromNothing = try await client.get("\(path)?fromAsOf=2019-02-28").network
      #expect(fromNothing.from.position == nil)
      #expect(!fromNothing.edges.added.isEmpty)
      // A measure that is only called otherwise ties the same ones.
      let renamed = try await edge.eventCount() - 1
      _ = try await client.command("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"])
      let afterwards = try await client.get("\(path)?fromPosition=\(renamed)").network
      #expect(afterwards.to.position == renamed + 1)
      #expect(afterwards.edges.changed.isEmpty)
    }
  }

  @Test func `plans are listed in pages with their titles and sizes`() async throws {
    let edge = Edge()
    try await edge.run { client in
      for slug in ["c", "a", "b"] as [JSON] { _ = try await client.post("/v1/plans", ["slug": slug, "title": "T"]) }
      let first = try await client.get("/v1/plans?limit=2").json
      #expect(first["plans"]?.array?.compactMap { $0["slug"]?.string } == ["a", "b"])
      let cursor = try #require(first["next"]?.string)
      let second = try await client.get("/v1/plans?limit=2&cursor=\(cursor)").json
      #expect(second["plans"]?.array?.compactMap { $0["slug"]?.string } == ["c"])
      #expect(second["next"] == .null)
      #expect(second["plans"]?.array?.first?["size"] == 1)
    }
  }

  @Test func `who am I says what I may do and no name`() async throws {
    try await Edge().run { client in
      let lead = try await client.get("/v1/me", as: .lead).json
      #expect(lead["role"] == "lead")
      #expect(lead["actor"]?.string?.hasPrefix("users/") == true)
      #expect(lead["commands"]?.array?.contains("report-progress") == true)
      #expect(lead["commands"]?.array?.contains("register-institution") == false)
      #expect(lead["readsEvents"] == false)
      let auditor = try await client.get("/v1/me", as: .auditor).json
      #expect(auditor["commands"] == [])
      #expect(auditor["readsEvents"] == true)
    }
  }

  @Test func `a view that did not change is not sent again`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let path = "/v1/plans/industriestadt/measures"
      let first = try await client.get(path)
      let etag = try #require(first["ETag"])
      let second = try await client.get(path, ["If-None-Match": etag])
      #expect(second.status == 304)
      #expect(second.bytes.isEmpty)
      #expect(second["ETag"] == etag)
      for several in ["*", "\"x\", \(etag)", "W/\(etag) , \"x\""] {
        #expect(try await client.get(path, ["If-None-Match": several]).status == 304, "\(several)")
      }
      #expect(try await client.get(path, ["If-None-Match": "\"x\", W/\"y\""]).status == 200)
      #expect(try await client.get("\(path)?validAt=2018-06-01", ["If-None-Match": etag]).status == 200)
      _ = try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"])
      let third = try await client.get(path, ["If-None-Match": etag])
      #expect(third.status == 200)
      #expect(third["ETag"] != etag)
      #expect(third.text.contains("Neu"))
    }
  }

  @Test func `every view is read as of a position or a time, and a date`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let position = try await edge.eventCount() - 1
      let paths = ["measures", "institutions", "tree", "measures/fachkraefte.1.I"].map {
        "/v1/plans/industriestadt/\($0)"
      }
      var before: [String: [UInt8]] = [:]
      for path in paths { before[path] = try await client.get(path).bytes }
      _ = try await client.command("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"])
      _ = try await client.command("add-alias", ["institution": "ihk", "name": "Kammer"])
      for path in paths {
        let past = try await client.get("\(path)?position=\(position)")
        #expect(past.bytes == before[path], "\(path)")
        #expect(past["Plan-Position"] == "\(position)")
        #expect(try await client.get("\(path)?asOf=2019-03-01").bytes == (try await client.get(path)).bytes)
        #expect(try await client.get("\(path)?asOf=2019-03-01T13:00:00%2B01:00").status == 200)
      }
      let empty = try await client.get("/v1/plans/industriestadt/measures?asOf=2019-02-28")
      #expect(empty.json["measures"] == [])
      #expect(empty.json["position"] == .null)
      let early = try await client.get("/v1/plans/industriestadt/measures?validAt=2019-02-28").json
      #expect(early["validAt"] == "2019-02-28")
      // Nothing had begun by then.
      #expect(early["measures"] == [])
    }
  }

  // MARK: The log

  @Test func `raw events are the stored bytes`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let log = LogID(plan: try await edge.plan())
      let stored = try await edge.memory.events(of: log, matching: EventQuery())
      func batch(_ events: some Sequence<StoredEvent>) -> [UInt8] {
        Array("[".utf8) + events.map(\.body).joined(separator: Array(",".utf8)) + Array("]".utf8)
      }
      let path = "/v1/plans/industriestadt/events"
      for role in [Role.auditor, .coordinator] {
        let all = try await client.get(path, as: role)
        #expect(all.bytes == batch(stored))
        #expect(all["Content-Type"] == "application/cloudevents-batch+json")
        #expect(all["Link"] == "<\(path)?from=\(stored.count)&limit=100>; rel=\"next\"")
      }
      for event in stored {
        let one = try await client.get("\(path)/\(event.position.value)", as: .auditor)
        #expect(one.bytes == event.body)
        #expect(one["Content-Type"] == "application/cloudevents+json")
      }
      #expect(try await client.get("\(path)?from=2&limit=3").bytes == batch(stored[2..<5]))
      #expect(try await client.get("\(path)?from=2&limit=2&order=desc").bytes == batch([stored[2], stored[1]]))
      #expect(try await client.get("\(path)?from=999").bytes == batch([]))
      #expect(try await client.get("\(path)?type=\(stored[0].type)").bytes == batch([stored[0]]))
      let subject = stored[3].subject
      #expect(
        try await client.get("\(path)?subject=\(subject)").bytes == batch(stored.filter { $0.subject == subject }))
    }
  }

  @Test func `links lead through all events, in both directions`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let count = try await edge.eventCount()
      for order in ["asc", "desc"] {
        var link: String? = "/v1/plans/industriestadt/events?limit=4&order=\(order)"
        var positions: [Int64] = []
        for _ in 0..<20 {
          guard let address = link else { break }
          let page = try await client.get(address)
          positions += page.json.array?.compactMap { $0["id"]?.string.flatMap { Int64($0) } } ?? []
          link = page["Link"].flatMap { $0.split(separator: ">").first.map { String($0.dropFirst()) } }
        }
        #expect(positions == (order == "asc" ? Array(0..<count) : (0..<count).reversed()))
        // Oldest first can be polled for what comes; newest first ends at the beginning.
        #expect((link == nil) == (order == "desc"))
      }
    }
  }

  @Test func `free text is not in raw events`() async throws {
    try await Edge().run { client in
      try await client.begin()
      #expect(try await client.get("/v1/plans/industriestadt/events").text.contains("issue.raised"))
      #expect(try await !client.get("/v1/plans/industriestadt/events").text.contains("Wann?"))
    }
  }

  @Test func `the checkpoint is a note that the log's key signed over the present head`() async throws {
    let edge = Edge()
    try await edge.run { client in
      try await client.begin()
      let answer = try await client.get("/v1/plans/industriestadt/log/checkpoint", as: .partner)
      #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
      let note = try SignedNote(parsing: answer.bytes)
      let checkpoint = try Checkpoint(noteText: note.text)
      let plan = try await edge.plan()
      let head = try #require(try await edge.memory.head(of: LogID(plan: plan)))
      #expect(checkpoint.origin == "plans.test/\(plan)/main/1")
      #expect(checkpoint.size == UInt64(head.size.value))
      #expect(checkpoint.root.bytes == head.root)
      #expect(try note.verify(with: [Edge.key(checkpoint.origin).verifierKey]).count == 1)
    }
  }

  // MARK: The server

  @Test func `health, readiness, metrics and the document need no token`() async throws {
    let edge = Edge()
    try await edge.run { client in
      for (path, start) in [
        ("/healthz", "{\"status\":\"ok\"}"), ("/readyz", "{\"status\":\"ready\"}"),
        ("/openapi.yaml", "\"openapi\": \"3.1.0\""),
      ] {
        let answer = try await client.send(.get, path, token: nil)
        #expect(answer.status == 200)
        #expect(answer.text.hasPrefix(start))
      }
      let counter = edge.metrics.makeCounter(label: "jobs.done", dimensions: [("kind", "a\"b")])
      counter.increment(by: 3)
      edge.metrics.makeTimer(label: "wait", dimensions: []).recordNanoseconds(500_000_000)
      edge.metrics.makeMeter(label: "depth", dimensions: []).set(Int64(7))
      let metrics = try await client.send(.get, "/metrics", token: nil)
      #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(
        metrics.text == """
          # TYPE depth gauge
          depth 7.0
          # TYPE jobs_done counter
          jobs_done{kind="ab"} 3.0
          # TYPE wait summary
          wait_sum 0.5
          wait_count 1

          """)
    }
  }
}

/// What a comparison of two networks says, as far as it is looked at here. It has fractions, which our own reader of
/// commands and events does not take.
private struct NetworkComparison: Decodable {
  struct Moment: Decodable { let position: Int64? }
  struct Edges: Decodable {
    struct Edge: Decodable { let measures: [String] }
    struct Changed: Decodable { let to: Edge }
    let added: [Edge]
    let changed: [Changed]
  }

  let from: Moment
  let to: Moment
  let edges: Edges
}

extension Answer {
  fileprivate var network: NetworkComparison {
    get throws { try JSONDecoder().decode(NetworkComparison.self, from: Data(bytes)) }
  }
}

import Coordination
import EventSourcing
import Feeds
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanService
import TamperEvidence
import Testing

/// What a partner system's feed holds, who may read it, and that it proves itself.
@Suite(.hangLimit) struct PartnerFeedTests {
  private static let plan = "/v1/plans/industriestadt"
  private static let feed = FeedDesk.feed

  private static func types(_ events: [JSON]) -> [String] {
    events.compactMap { $0["type"]?.string?.replacing("org.federwerk.", with: "") }
  }

  @Test func `a feed has what its contract covers, in the order of the plan, and says nothing of where`() async throws {
    try await withFeed(["types": ["measure.*"]], history: true) { desk in
      try await desk.does("highlight-measure", ["measure": "fachkraefte.1.II", "reason": "T"])
      try await desk.does("add-alias", ["institution": "ihk", "name": "Kammer"])
      let events = try await desk.events()
      let expected = try await desk.stored().filter { $0.type.contains(".measure.") || $0.type.contains(".feed.") }
      #expect(events.compactMap { $0["type"]?.string } == expected.map(\.type))
      #expect(events.compactMap { $0["subject"]?.string } == expected.map(\.subject))
      #expect(events.compactMap { $0["time"]?.string } == expected.map(\.recordedAt.description))
      let plan = try await desk.edge.plan()
      let attributes: Set<String> = [
        "data", "datacontenttype", "dataref", "effectivedate", "id", "onbehalfof", "partitionkey", "recordedsource",
        "salt", "sequence", "source", "specversion", "subject", "time", "type",
      ]
      for (number, event) in events.enumerated() {
        #expect(event["id"]?.string == Position(Int64(number)).padded.description)
        #expect(event["sequence"] == event["id"])
        #expect(event["source"]?.string == "urn:federwerk:plan:\(plan):log:feed-press:epoch:1")
        #expect(event["partitionkey"] == event["subject"])
        #expect(Set((event.members ?? []).map(\.key)).isSubset(of: attributes))
      }
      let detail = try #require(events.first?["dataref"]?.string)
      #expect(try await desk.get(detail).status == 200, "\(detail)")
    }
  }

  @Test func `what is internal and what tells of the plan's log is not in it`() async throws {
    try await withFeed { desk in
      try await desk.does("appoint-contact", ["institution": "senweb", "name": "Frau N."])
      try await desk.does("raise-issue", ["kind": "question", "text": "Geheim?"])
      try await desk.does("add-alias", ["institution": "ihk", "name": "Kammer"])
      let events = try await desk.events()
      #expect(Self.types(events) == ["feed.subscribed.v1", "issue.raised.v1", "institution.alias-added.v1"])
      let main = try await desk.stored()
      let text = try await desk.get(Self.feed).text
      for event in main {
        let json = try JSONParser.parse(event.body)
        for secret in ["actor", "commandid", "correlationid", "salt"] {
          #expect(!text.contains(try #require(json[secret]?.string)), "\(secret)")
        }
        for digest in json["data"]?["_sd"]?.array ?? [] { #expect(!text.contains(try #require(digest.string))) }
      }
      #expect(events.allSatisfy { $0["data"]?["_sd"]?.array?.count == 1 }, "only the link is left to be disclosed")
    }
  }

  @Test func `subjects and programmes choose what is about them`() async throws {
    let terms: JSON = ["subjects": ["fachkraefte.1.II", "ihk"]]
    try await withFeed(terms) { desk in
      for measure in ["I", "II"] {
        try await desk.does("highlight-measure", ["measure": .string("fachkraefte.1.\(measure)"), "reason": "T"])
      }
      try await desk.does("assign-contributor", ["measure": "fachkraefte.1.III", "institution": "ihk"])
      try await desk.does(
        "raise-issue", ["measure": "fachkraefte.1.II", "kind": "question", "text": "T"])
      #expect(
        Self.types(try await desk.events()) == [
          "feed.subscribed.v1", "measure.highlighted.v1", "measure.contributor-assigned.v1", "issue.raised.v1",
        ])
      try await desk.does("change-feed-contract", ["feed": "press", "terms": ["programmes": ["bek"]]])
      try await desk.does("highlight-measure", ["measure": "fachkraefte.1.III", "reason": "U"])
      try await desk.does(
        "link-external-measure", ["measure": "fachkraefte.1.III", "programme": "bek", "externalID": "W-1"])
      #expect(
        Self.types(try await desk.events()).dropFirst(4) == [
          "feed.contract-changed.v1", "measure.external-measure-linked.v1",
        ])
      try await desk.does("end-feed", ["feed": "press", "reason": "R"])
      try await desk.does("end-link", ["external": "fachkraefte.1.III"])
      #expect(Self.types(try await desk.events()).last == "feed.ended.v1")
      #expect(try await desk.get("\(Self.plan)/feeds").json["feeds"]?.array?.first?["ended"] == true)
    }
  }

  @Test func `a feed of a programme tells that a link ends and where its measures are carried over`() async throws {
    try await withFeed(["programmes": ["bek"]]) { desk in
      try await desk.does(
        "link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-1"])
      try await desk.does("link-strategy", ["measure": "fachkraefte.1.II", "strategy": "bek"])
      try await desk.does(
        "start-successor-version", ["slug": "b", "title": "B", "from": "2019-03-01", "until": "2025-12-31"])
      try await desk.does("carry-over-measure", ["measure": "fachkraefte.1.II"])
      try await desk.does("end-link", ["external": "fachkraefte.1.I"])
      #expect(
        Self.types(try await desk.events()).dropFirst() == [
          "measure.external-measure-linked.v1", "measure.strategy-linked.v1", "measure.carried-over.v1",
          "plan.link-ended.v1",
        ])
    }
  }

  @Test func `a feed brings events of all versions, or of those that its partner understands`() async throws {
    try await withFeed { desk in
      for (title, version) in [("Neu", nil), ("Neuer", 1), ("Am neuesten", 2)] as [(JSON, JSON?)] {
        if let version {
          try await desk.does("change-feed-contract", ["feed": "press", "terms": ["versionMax": version]])
        }
        try await desk.does("revise-wording", ["item": "fachkraefte.1.I", "title": title])
      }
      #expect(
        Self.types(try await desk.events()) == [
          "feed.subscribed.v1", "plan.wording-revised.v2", "feed.contract-changed.v1", "feed.contract-changed.v1",
          "plan.wording-revised.v2",
        ])
    }
  }

  @Test func `a public feed learns what is public`() async throws {
    try await withFeed(["circle": "public"]) { desk in
      try await desk.does("raise-issue", ["kind": "question", "text": "T"])
      try await desk.does("add-alias", ["institution": "ihk", "name": "Kammer"])
      #expect(Self.types(try await desk.events()) == ["feed.subscribed.v1", "institution.alias-added.v1"])
    }
  }

  @Test func `the feed proves itself, and an auditor proves what it was made of`() async throws {
    try await withFeed(["types": ["measure.*"]], history: true) { desk in
      try await desk.keep()
      let (plan, events) = (try await desk.edge.plan(), try await desk.stored("feed-press"))
      let log = LogID(plan: plan, name: "feed-press")
      try await desk.edge.publisher.publish(log)
      let origin = desk.edge.service.origin(of: log, epoch: 1)
      let key = try Edge.key(origin).verifierKey
      #expect(try await desk.get("\(Self.feed)/log/vkeys").text == "\(key)\n")
      for event in events {
        let proof = try await desk.get("\(Self.feed)/log/proofs/\(event.position.value)")
        let checkpoint = try TlogProofFile(parsing: proof.bytes).verify(entry: event.body, with: [key])
        #expect(checkpoint.origin == origin && checkpoint.size == UInt64(events.count))
      }
      let bundle = try await desk.get("\(Self.feed)/log/tile/entries/000.p/\(events.count)")
      #expect(try EntryBundle.decode(bundle.bytes) == events.map(\.body))
      // Behind the digest in each event lies the leaf of the plan's log.
      let main = try await desk.stored()
      let path = "\(Self.feed)/log/disclosures/000.p/\(events.count)"
      try await desk.client.expectProblem(403, "role-not-allowed") { try await desk.get(path) }
      let lines = try await desk.client.get(path, as: .auditor).text.split(separator: "\n")
      #expect(lines.count == events.count)
      let links = try lines.map { line in
        let encoded = try JSONParser.parse(Array(line.utf8))["disclosure"]?.string
        return StoredDisclosure(position: Position(0), digest: "", encoded: try #require(encoded))
      }
      for (event, link) in zip(events, links) {
        let digests = try JSONParser.parse(event.body)["data"]?["_sd"]?.array?.compactMap(\.string)
        #expect(digests == [Disclosure(encoded: link.encoded).digest])
        let value = try #require(Disclosure(encoded: link.encoded).content?.value)
        let position = try #require(value["position"]?.integer)
        #expect(value["hash"]?.string == Base64URL.encode(main[Int(position)].leafHash))
      }
    }
  }

  @Test func `two servers keep one feed, and one that begins again goes on where it ended`() async throws {
    try await withFeed(["types": ["plan.document-registered"]]) { desk in
      let other = Edge(continuing: desk.edge)
      try await other.run { client in
        let (plan, log) = (try await desk.edge.plan(), FeedDesk.quiet)
        let writers = [desk.edge, other].map { FeedWriter(service: $0.service, logger: log) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for writer in writers { group.addTask { for _ in 0..<20 { try await writer.catchUp(plan) } } }
          for number in 0..<20 {
            try await desk.does("register-document", ["key": .string("E\(number)"), "title": "T"])
          }
          try await group.waitForAll()
        }
        let keys = try await desk.events().compactMap { $0["data"]?["key"]?.string }
        #expect(keys == (0..<20).map { "E\($0)" })
        let stored = try await desk.stored("feed-press")
        #expect(stored.map(\.position.value) == Array(0..<Int64(stored.count)))
      }
    }
  }

  @Test func `what is issued in a new epoch has ids of that epoch, history too, and older cursors end`() async throws {
    try await withFeed { desk in
      let (plan, before) = (try await desk.edge.plan(), try await desk.events())
      let reason = try FreeText("Aus der Sicherung", field: "reason")
      _ = try await desk.edge.service.openEpoch(of: plan, reason: reason)
      // As it is when the backup lacks a feed that was agreed on after it.
      try await desk.does("subscribe-feed", ["partner": "bek", "slug": "bek", "history": true, "terms": [:]])
      #expect(try await desk.events().prefix(before.count) == before[...], "what is there stays")
      let feed = "\(Self.plan)/feeds/bek"
      let events = try #require(try await desk.get(feed, partner: "bek").json.array)
      let source = "urn:federwerk:plan:\(plan):log:feed-bek:epoch:"
      #expect(events.count > 10 && events.allSatisfy { $0["source"]?.string == "\(source)2" })
      let cursor = "\(feed)?lastEventId=\(Position(9).padded.description)&source="
      try await desk.client.expectProblem(410, "epoch-ended", field: "source") {
        try await desk.get("\(cursor)\(source)1", partner: "bek")
      }
      #expect(try await desk.get("\(cursor)\(source)2", partner: "bek").status == 200)
    }
  }

  @Test func `what can be erased comes along only by contract, and goes when it is erased`() async throws {
    try await withFeed(["types": ["measure.completed", "measure.paused"], "disclosures": true]) { desk in
      try await desk.does("start-phase", ["measure": "fachkraefte.1.I", "phase": "Aufbau"])
      try await desk.does("pause-measure", ["measure": "fachkraefte.1.I", "reason": "Warten auf Mittel"])
      let paused = try #require(try await desk.events().last)
      #expect(paused["type"]?.string == "org.federwerk.measure.paused.v1")
      let id = try #require(paused["id"]?.string)
      let answer = try await desk.get("\(Self.feed)/\(id)/disclosures")
      let disclosure = Disclosure(encoded: try #require(answer.json["disclosures"]?.array?.first?.string))
      #expect(disclosure.content?.name == "reason" && disclosure.content?.value == "Warten auf Mittel")
      #expect(paused["data"]?["_sd"]?.array?.contains(.string(disclosure.digest)) == true)
      let position = try #require(try await desk.stored().last).position.value
      try await desk.does("erase-personal-data", ["event": .integer(position), "reason": "requested"])
      #expect(try await desk.get("\(Self.feed)/\(id)/disclosures").json["disclosures"] == [])
    }
  }

  @Test func `a feed is for its partner, auditors and the office`() async throws {
    try await withFeed { desk in
      try await desk.keep()
      let id = Position(0).padded.description
      let paths = [Self.feed, "\(Self.feed)/\(id)", "\(Self.feed)/\(id)/disclosures", "\(Self.feed)/log/vkeys"]
      for path in paths {
        #expect(try await desk.get(path).status == 200, "\(path)")
        #expect(try await desk.client.get(path, as: .auditor).status == 200, "\(path)")
        try await desk.client.expectProblem(404, "unknown-feed") { try await desk.get(path, partner: "bek") }
        try await desk.client.expectProblem(403, "unregistered-partner") { try await desk.get(path, partner: nil) }
        try await desk.client.expectProblem(403, "unregistered-partner") { try await desk.get(path, partner: "x") }
        try await desk.client.expectProblem(403, "role-not-allowed") { try await desk.client.get(path, as: .steering) }
      }
      #expect(try await desk.get("\(Self.plan)/feeds", partner: "bek").json["feeds"] == [])
      try await desk.client.expectProblem(404, "unknown-feed") { try await desk.get("\(Self.plan)/feeds/none") }
      try await desk.client.expectProblem(404, "unknown-event") { try await desk.get("\(Self.feed)/0000000000000099") }
    }
  }

  @Test func `whoever is suspended or holds an old token is shut out`() async throws {
    try await withFeed { desk in
      try await desk.keep()
      try await desk.does("suspend-partner", ["partner": "press", "reason": "R"])
      for path in [Self.feed, "\(Self.plan)/measures"] {
        try await desk.client.expectProblem(403, "partner-suspended") { try await desk.get(path) }
        #expect(try await desk.get(path.replacing("/feeds/press", with: "/feeds"), partner: "bek").status == 200)
      }
      let hidden = try await desk.get("/v1/plans")
      #expect(hidden.status == 200)
      #expect(hidden.json["plans"] == [], "\(hidden.text)")
      try await desk.does("reinstate-partner", ["partner": "press"])
      #expect(try await desk.get(Self.feed).status == 200)
      try await desk.does("rotate-credential", ["partner": "press"])
      try await desk.client.expectProblem(401, "credential-rotated") { try await desk.get(Self.feed) }
      #expect(try await desk.get(Self.feed, issuedAt: 1_551_441_601).status == 200)
    }
  }

  @Test func `whoever is shut out while it waits for an event gets none`() async throws {
    var oneReader = FeedConfiguration()
    oneReader.readersMax = 1
    try await withFeed(on: Edge(feedConfiguration: oneReader)) { desk in
      let last = try #require(try await desk.events().last?["id"]?.string)
      async let waiting = desk.get("\(Self.feed)?lastEventId=\(last)&timeout=30000")
      while desk.edge.feeds.hasRoom { await Task.yield() }
      try await desk.does("suspend-partner", ["partner": "press", "reason": "R"])
      try await desk.does("add-alias", ["institution": "ihk", "name": "Kammer"])
      try await desk.keep()
      let answer = try await waiting
      #expect(answer.status == 403 && answer.json["code"] == "partner-suspended", "\(answer.text)")
    }
  }

  @Test func `terms that make no sense are refused with the field`() async throws {
    try await withFeed { desk in
      let base: JSON = ["partner": "press", "slug": "other"]
      let refused: [(JSON, Int, String, String)] = [
        (["types": ["measure"]], 400, "invalid-value", "terms.types[0]"),
        (["types": ["unicorn.*"]], 404, "unknown-event-type", "terms.types[0]"),
        (["types": ["measure.flown"]], 404, "unknown-event-type", "terms.types[0]"),
        (["subjects": ["nowhere.1.I"]], 404, "unknown-item", "terms.subjects[0]"),
        (["programmes": ["none"]], 404, "unknown-programme", "terms.programmes[0]"),
        (["circle": "internal"], 400, "invalid-value", "terms.circle"),
        (["versionMax": 0], 422, "unknown-version", "terms.versionMax"),
        (["versionMax": 3], 422, "unknown-version", "terms.versionMax"),
      ]
      for (terms, status, code, field) in refused {
        try await desk.client.expectProblem(status, code, field: field) {
          try await desk.client.command("subscribe-feed", base.with("terms", terms))
        }
      }
      try await desk.client.expectProblem(409, "slug-taken", field: "slug") {
        try await desk.client.command("subscribe-feed", ["partner": "bek", "slug": "press", "terms": [:]])
      }
      try await desk.client.expectProblem(404, "unknown-partner", field: "partner") {
        try await desk.client.command("subscribe-feed", ["partner": "x", "slug": "y", "terms": [:]])
      }
      try await desk.does("end-feed", ["feed": "press"])
      try await desk.client.expectProblem(409, "feed-ended", field: "feed") {
        try await desk.client.command("change-feed-contract", ["feed": "press", "terms": [:]])
      }
      try await desk.client.expectProblem(409, "not-suspended", field: "partner") {
        try await desk.client.command("reinstate-partner", ["partner": "press"])
      }
    }
  }
}

import Coordination
import EventSourcing
import HangLimit
import PlanService
import PlanSpecification
import Postgres
import Projections
import ReadModels
import TestDatabases
import Testing

@Suite(.hangLimit) struct ReadModelTests {
  // MARK: Rows and log

  @Test(arguments: [3, 50, 10_000], [false, true])
  func `rows that follow a log equal those of a rebuild`(step: Int, isInMemory: Bool) async throws {
    let spec = DeciderSpecification.everything
    // As a server has it that is behind its own rows; one that lacks the plan keeps nothing of it between two batches.
    try await ReadModelStage.with(spec, inMemory: isInMemory ? Plan(id: spec.plan.id) : nil) { stage in
      try await stage.appendAll(by: step, waiting: true)
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `rows that are as new as their log are served without reading it`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      let settings = PostgresConfiguration(connectionString: stage.database.connectionString)
      try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
        try await connection.withTransaction { connection in
          try await connection.execute(script: "LOCK TABLE ledger.events")
          try await stage.withAnotherService { service in
            #expect(await service.wait(for: stage.size, of: stage.plan, timeout: .seconds(60)))
          }
        }
      }
    }
  }

  @Test func `rows of a newer program are left to it, and those of an older one replaced`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.append(0..<20)
      try await stage.waitForRows()
      let own = try #require(try await stage.generations.current())
      try await stage.execute("UPDATE projection.generations SET fold_version = fold_version + 1")
      try await stage.append(20..<30)
      try await stage.withAnotherService { service in
        #expect(await service.wait(for: LogSize(20), of: stage.plan, timeout: .seconds(60)))
      }
      let newer = try #require(try await stage.generations.current())
      #expect(newer.number == own.number && newer.foldVersion == own.foldVersion + 1 && newer.size == 20)
      try await stage.execute("UPDATE projection.generations SET fold_version = fold_version - 2")
      try await stage.waitForRows()
      #expect(try await stage.generations.current()?.foldVersion == own.foldVersion)
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `two servers write each row once`() async throws {
    try await ReadModelStage.with(services: 2) { stage in
      try await stage.appendAll(by: 5, waiting: false)
      try await stage.expectEqualToRebuild()
      let rows = try await stage.value("SELECT count(*) FROM read.timeline")
      #expect(rows == String(stage.size.value))
    }
  }

  @Test func `several servers may make the first rows at the same time`() async throws {
    try await ReadModelStage.with(services: 4) { stage in
      try await stage.append(0..<30)
      try await stage.waitForRows()
      async let first: Void = stage.generations.rebuild { _ in }
      async let second: Void = stage.generations.rebuild { _ in }
      try await stage.append(30..<60)
      _ = try await (first, second)
      try await stage.waitForRows()
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a rebuild that loses its lock stops and leaves the rows that are served`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      let settings = PostgresConfiguration(connectionString: stage.database.connectionString)
      try await PostgresConnection.withConnection(settings, logger: testLogger) { connection in
        try await connection.withTransaction { connection in
          // What the new rows have to wait for before they are served.
          _ = try await connection.query("SELECT generation FROM projection.generations WHERE is_current FOR UPDATE")
          let rebuild = Task { try await stage.generations.rebuild { _ in } }
          try await waitUntil(stage.database, somebodyWaits)
          try await endHolderOfLock(in: stage.database)
          await #expect(throws: EventLogFailure.self) { try await rebuild.value }
        }
      }
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a new generation takes no number that somebody may still write to`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      let left = try #require(try await stage.generations.current()).number + 1
      try await stage.execute(
        """
        INSERT INTO projection.generations (plan_id, generation, fold_version)
        SELECT plan_id, generation + 1, fold_version FROM projection.generations
        """)
      try await stage.generations.rebuild { _ in }
      #expect(try await stage.generations.all().map(\.number) == [left + 1])
    }
  }

  @Test func `rows may be compared while the log grows`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.append(0..<20)
      try await stage.waitForRows()
      async let growth: Void = {
        for position in 20..<Int(stage.size.value) { try await stage.append(position..<position + 1) }
      }()
      for _ in 0..<5 {
        let verified = try #require(try await stage.generations.verify { _ in })
        #expect(verified.differences.isEmpty, "\(verified.differences)")
      }
      try await growth
      try await stage.waitForRows()
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a measure that gets another code takes the rows of its parts and issues along`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90)
    spec.given(
      "add-sub-measure", ["measure": "fachkraefte.1.I", "part": "b", "title": "Teil"])
    spec.given("raise-issue", ["id": id(91).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX", "reason": "R"])
    let renumbered = Int(spec.plan.size.value) - 1
    try await ReadModelStage.with(spec) { stage in
      try await stage.append(0..<renumbered)
      try await stage.waitForRows()
      try await stage.append(renumbered..<renumbered + 1)
      try await stage.waitForRows()
      #expect(try await stage.value("SELECT min(measure) FROM read.issues") == "fachkraefte.1.IX")
      #expect(try await stage.value("SELECT count(*) FROM read.measures WHERE code LIKE 'fachkraefte.1.I_b'") == "0")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a code that comes later ends one row and begins another`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90)
    spec.given("raise-issue", ["id": id(91).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("renumber-measure", ["measure": "fachkraefte.1.I", "number": "IX"], on: day("2019-07-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      for (table, column) in [("measures", "code"), ("assignments", "measure"), ("issues", "measure")] {
        let rows = try await stage.value(
          """
          SELECT string_agg(concat_ws(' ', \(column), valid_from), ', ' ORDER BY valid_from) FROM read.\(table)
          WHERE \(column) IN ('fachkraefte.1.I', 'fachkraefte.1.IX') AND (valid_until = '2019-07-01' OR valid_until IS NULL)
          """)
        #expect(rows?.hasSuffix("fachkraefte.1.IX 2019-07-01") == true, "\(table)")
        #expect(rows?.hasPrefix("fachkraefte.1.I 20") == true, "\(table)")
      }
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a measure of a later version that has the code of another ends its rows`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.given("add-sub-measure", ["measure": "fachkraefte.1.I", "part": "A", "title": "Teil"])
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given(
      "add-measure", ["cluster": "fachkraefte", "taskField": 1, "numeral": "I", "title": "Neu"], on: day("2022-01-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      let rows = try await stage.value(
        """
        SELECT string_agg(concat_ws(' ', code, valid_until), ', ' ORDER BY code) FROM read.measures
        WHERE code LIKE 'fachkraefte.1.I%' AND valid_until = '2022-01-01'
        """)
      #expect(rows == "fachkraefte.1.I 2022-01-01, fachkraefte.1.I.A 2022-01-01")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a code that was given by mistake ends nothing once that is mended`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given(
      "add-measure",
      ["id": id(60).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "I", "title": "Neu"],
      on: day("2022-01-01"))
    spec.given("renumber-measure", ["measure": id(60).json, "number": "IX"], on: day("2022-01-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      let ended = try await stage.value("SELECT count(*) FROM read.measures WHERE valid_until IS NOT NULL")
      #expect(ended == "0")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test(arguments: [
    ("UPDATE projection.measures SET title = 'anders' WHERE code = 'fachkraefte.1.II'", "measures", 1, 1),
    ("DELETE FROM projection.timeline WHERE position = 7", "timeline", 1, 0),
    (
      "INSERT INTO projection.reports SELECT plan_id, generation, position + 100000, measure_id, measure, institution, part, condition, percent, effective_date, recorded_at, simulated FROM projection.reports ORDER BY position LIMIT 1",
      "reports", 0, 1
    ),
    (
      "UPDATE projection.assignments SET role = 'consulted' WHERE ctid = (SELECT min(ctid) FROM projection.assignments WHERE role = 'lead')",
      "assignments", 1, 1
    ),
    (
      "UPDATE projection.issues SET deadline = '1999-01-01' WHERE ctid = (SELECT min(ctid) FROM projection.issues)",
      "issues", 1, 1
    ),
    ("UPDATE projection.institutions SET name = 'anders' WHERE slug = 'tu'", "institutions", 1, 1),
  ])
  func `a row that somebody changed is found`(
    change: String, table: String, missing: Int64, surplus: Int64
  ) async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      try await stage.execute(change)
      let verified = try #require(try await stage.generations.verify { _ in })
      #expect(verified.differences.map(\.table) == [table])
      #expect(verified.differences.first?.missing == missing && verified.differences.first?.surplus == surplus)
      try await stage.generations.rebuild { _ in }
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a correction stands beside the report that it takes the place of`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90, ["from": "2018-09-04"])
    let first = spec.plan.size.value
    for percent in [10, 20] as [Int64] {
      spec.given(
        "report-progress",
        [
          "measure": "fachkraefte.1.I", "institution": "senweb", "condition": "on-track", "percent": .integer(percent),
        ], on: day("2019-02-01"))
    }
    spec.given(
      "correct-report",
      [
        "measure": "fachkraefte.1.I", "report": .integer(first), "percent": 5, "about": "2019-01-01", "text": "T",
        "reason": "R",
      ])
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      let rows = try await stage.value(
        """
        SELECT string_agg(concat_ws(' ', position - \(first), percent, effective_date, is_valid,
          corrects - \(first)), ', ' ORDER BY position) FROM read.reports
        """)
      #expect(rows == "0 10 2019-02-01 f, 1 20 2019-02-01 t, 2 5 2019-01-01 t 0")
      #expect(try await stage.value("SELECT simulated::text FROM read.plans") == "false")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a whole that is dissolved ends its names and leads`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90, ["from": "2018-09-04"])
    spec.given("dissolve-institution", ["institution": "senweb", "reason": "R"], on: day("2019-04-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      let names = "SELECT max(valid_until)::text FROM read.institutions WHERE slug = 'senweb'"
      #expect(try await stage.value(names) == "2019-04-01")
      let leads =
        "SELECT leads::text FROM read.measures WHERE code = 'fachkraefte.1.I' AND valid_until IS NULL"
      #expect(try await stage.value(leads) == "{}")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `a measure that a later version continues ends where that begins, and who did what in it`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90, ["from": "2018-09-04"])
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      let rows = try await stage.value(
        """
        SELECT string_agg(concat_ws(' ', valid_from, coalesce(valid_until::text, 'on')), ', ' ORDER BY valid_from)
        FROM read.measures WHERE code = 'fachkraefte.1.I'
        """)
      #expect(rows == "2018-09-04 2022-01-01, 2022-01-01 on")
      let ended = try await stage.value(
        """
        SELECT string_agg(concat_ws(' ', valid_from, coalesce(valid_until::text, 'on')), ', ') FROM read.assignments
        WHERE assignment_id = '\(id(90).value)'
        """)
      #expect(ended == "2018-09-04 2022-01-01")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `an id that ends before the successor begins ends in its rows too`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.today = day("2021-10-01")
    spec.given(
      "start-successor-version", ["slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31"])
    spec.given("link-external-measure", ["measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14"])
    spec.given("carry-over-measure", ["id": id(60).json, "measure": "fachkraefte.1.I"], on: day("2022-01-01"))
    spec.given("end-link", ["external": id(21).json], on: day("2021-11-01"))
    try await ReadModelStage.with(spec) { stage in
      try await stage.appendAll(by: 1, waiting: true)
      let linked = try await stage.value(
        "SELECT count(*) FROM read.measures WHERE measure_id = '\(id(60).value)' AND external_id IS NOT NULL")
      #expect(linked == "0")
      try await stage.expectEqualToRebuild()
    }
  }

  @Test func `every column says what it means`() async throws {
    try await ReadModelStage.with { stage in
      let silent = try await stage.value(
        """
        SELECT coalesce(string_agg(c.relname || '.' || a.attname, ', '), 'none')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'read'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
          AND col_description(c.oid, a.attnum) IS NULL
        """)
      #expect(silent == "none")
    }
  }

  // MARK: The timeline

  @Test func `the stored timeline answers what the folded one does`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      let stored = StoredTimeline(stage.services[0], timeout: .seconds(60))
      let folded = FoldedTimeline(store: stage.log)
      let last = try #require(stage.size.lastPosition)
      for query in Self.queries(stage.spec.plan) {
        var query = query
        var pages = 0
        repeat {
          let page = try #require(try await stored.page(of: stage.plan, through: last, matching: query))
          let expected = try #require(try await folded.page(of: stage.plan, through: last, matching: query))
          #expect(page.entries.map(\.canonicalBytes) == expected.entries.map(\.canonicalBytes), "\(query)")
          #expect(page.next == expected.next, "\(query)")
          query.cursor = page.next
          pages += 1
        } while query.cursor != nil && pages < 1_000
      }
    }
  }

  private static func queries(_ plan: Plan) -> [TimelineQuery] {
    let changes: [(inout TimelineQuery) -> Void] = [
      { $0.limit = 1_000 },
      { $0.limit = 17 },
      {
        $0.limit = 17; $0.isNewestFirst = true
      },
      { $0.subject = plan.measure("fachkraefte.1.I")?.id.value },
      {
        $0.institution = plan.party("senweb")?.id.value; $0.isNewestFirst = true
      },
      { $0.actor = .system("clock") },
      {
        $0.actor = PlanActor.office.id; $0.limit = 5
      },
      { $0.type = "org.federwerk.progress.reported.v1" },
      { $0.type = "org.federwerk.nothing.like-this.v1" },
      {
        $0.from = .position(Position(10)); $0.to = .position(Position(30))
      },
      {
        $0.from = .recordedAt(Timestamp(microsecondsSinceEpoch: 20));
        $0.to = .recordedAt(Timestamp(microsecondsSinceEpoch: 40))
      },
    ]
    return changes.map { change in
      var query = TimelineQuery()
      change(&query)
      return query
    }
  }

  @Test func `a timeline whose rows are behind says so instead of leaving entries out`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.append(0..<10)
      try await stage.waitForRows()
      let stored = StoredTimeline(stage.services[0], timeout: .milliseconds(1))
      #expect(try await stored.page(of: stage.plan, through: Position(10), matching: TimelineQuery()) == nil)
      #expect(try await stored.page(of: stage.plan, through: Position(9), matching: TimelineQuery()) != nil)
    }
  }

  // MARK: Rights

  static let views = ["plans", "measures", "assignments", "institutions", "issues", "reports", "timeline"]
  static let tables = ["generations", "measures", "assignments", "institutions", "issues", "reports", "timeline"]

  @Test func `the reader's role reads the views and nothing else`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      for view in Self.views {
        #expect(try await stage.value("SELECT count(*) > 0 FROM read.\(view)", as: "test_reader") == "true", "\(view)")
        // A view over several tables takes no rows from anybody.
        await Self.expectDenied(stage, "DELETE FROM read.\(view)", as: "test_reader", "55000")
      }
      for table in Self.tables {
        await Self.expectDenied(stage, "SELECT FROM projection.\(table)", as: "test_reader")
      }
    }
  }

  @Test func `the auditor's role reads the rows and changes none`() async throws {
    try await ReadModelStage.with { stage in
      try await stage.appendAll(by: 10_000, waiting: true)
      for table in Self.tables {
        #expect(try await stage.value("SELECT count(*) > 0 FROM projection.\(table)", as: "test_auditor") == "true")
        for change in ["UPDATE projection.\(table) SET plan_id = plan_id", "DELETE FROM projection.\(table)"] {
          await Self.expectDenied(stage, change, as: "test_auditor")
        }
      }
    }
  }

  private static func expectDenied(
    _ stage: ReadModelStage, _ statement: String, as login: String, _ sqlState: String = "42501"
  ) async {
    let error = await #expect(throws: PostgresError.self) { try await stage.execute(statement, as: login) }
    #expect(error?.sqlState == sqlState, "\(statement): \(error?.sqlState ?? "allowed")")
  }
}

internal import Coordination
internal import EventLogPostgres
public import EventSourcing
internal import Postgres
internal import Projections

/// A plan as its read models have read it so far, and the rows that wait to be written.
struct ReadModelFold: Sendable {
  private(set) var plan: Plan
  private var touched: Set<EntityID> = []
  private var log = LogRows()

  init(_ plan: Plan) { self.plan = plan }

  /// Folds one event without rows: for what the tables hold already.
  mutating func skip(_ event: PreparedEvent) throws(ReadModelFailure) {
    let read = try read(event)
    plan.apply(read.fact, EventRecord(read.envelope))
  }

  mutating func apply(_ event: PreparedEvent) throws(ReadModelFailure) {
    let read = try read(event)
    let (fact, envelope) = (read.fact, read.envelope)
    let measure = MeasureID(envelope.subject.id)
    // Compared, not cast: a cast is looked up by the runtime for each of millions of events.
    let kind = ObjectIdentifier(type(of: fact))
    // A code that is overwritten on its own day is no longer to be seen afterwards.
    let givenUp = Self.moves.contains(kind) ? codes(of: measure) : []
    if let entry = AuditTimeline.apply(fact, envelope, to: &plan) { log.entries.append(entry) }
    if Self.reportKinds.contains(kind), let report = report(envelope) { log.reports.append(report) }
    touched.insert(envelope.subject.id)
    // Whoever is dissolved leads no longer.
    if kind == ObjectIdentifier(InstitutionDissolved.self) {
      for measure in plan.measures.values
      where measure.assignments.contains(where: { $0.holder.value == envelope.subject.id }) {
        touched.insert(measure.id.value)
      }
    }
    guard let changed = plan.measures[measure] else { return }
    // How a whole stands follows from its parts.
    if let whole = changed.parent { touched.insert(whole.value) }
    if kind == ObjectIdentifier(LinkEnded.self) { touchAll(thatContinue: changed) }
    if Self.beginnings.contains(kind) { touchAll(thatGiveWayTo: changed, codes(of: measure)) }
    if Self.moves.contains(kind) {
      touchAll(thatGiveWayTo: changed, givenUp.union(codes(of: measure)))
      touchAll(thatName: changed)
    }
  }

  private func codes(of measure: MeasureID) -> Set<String> {
    Set(plan.measures[measure]?.places.entries.map(\.value.code) ?? [])
  }

  /// What a link to another programme brought with it ends with the link.
  private mutating func touchAll(thatContinue measure: Measure) {
    var next = measure.successor.flatMap { plan.measures[$0] }
    while let successor = next, touched.insert(successor.id.value).inserted {
      if let whole = successor.parent { touched.insert(whole.value) }
      next = successor.successor.flatMap { plan.measures[$0] }
    }
  }

  /// What a measure continues, or had one of its codes in an earlier version, ends with its beginning.
  private mutating func touchAll(thatGiveWayTo measure: Measure, _ codes: Set<String>) {
    let rivals = codes.flatMap { plan.measuresByCode[$0] ?? [] }
    for other in [measure.predecessor].compactMap({ $0 }) + rivals {
      touched.insert(other.value)
      touched.formUnion(plan.measures[other]?.parts.map(\.value) ?? [])
    }
  }

  /// A part's code begins with its measure's, and the rows of issues name both.
  private mutating func touchAll(thatName measure: Measure) {
    let renamed = [measure.id] + measure.parts
    touched.formUnion(renamed.map(\.value))
    for issue in plan.issues.values where issue.measure.map(renamed.contains) == true {
      touched.insert(issue.id.value)
    }
  }

  private func read(_ event: PreparedEvent) throws(ReadModelFailure) -> ReadEvent {
    do throws(UnreadableEvent) { return try event.next(in: plan) } catch { throw .unreadableEvent(error.position) }
  }

  /// Writes what waits, and forgets it.
  /// - Parameter isFresh: whether the generation has no rows of these subjects yet.
  mutating func write(generation: Int, isFresh: Bool, on connection: PostgresConnection) async throws {
    let subjects = touched.sorted()
    for table in ReadTable.all {
      try await table.replace(subjects, of: plan, generation: generation, on: connection, isFresh: isFresh)
    }
    touched = []
    try await takeLog().write(of: plan.id, generation: generation, on: connection)
  }

  /// What each event since the last call adds and no later event changes.
  mutating func takeLog() -> LogRows {
    defer { log = LogRows() }
    return log
  }

  /// Writes the state of every subject: for a generation that has none yet.
  mutating func writeAll(generation: Int, on connection: PostgresConnection) async throws {
    for table in ReadTable.all {
      try await table.replace(
        table.subjects(plan).sorted(), of: plan, generation: generation, on: connection, isFresh: true)
    }
    touched = []
    try await takeLog().write(of: plan.id, generation: generation, on: connection)
  }

  // MARK: Rows of events

  private static let beginnings: Set = [
    ObjectIdentifier(MeasureAdded.self), ObjectIdentifier(SubMeasureAdded.self),
    ObjectIdentifier(MeasureCarriedOver.self),
  ]

  private static let moves: Set = [ObjectIdentifier(MeasureMoved.self), ObjectIdentifier(MeasureRenumbered.self)]

  private static let reportKinds: Set = [
    ObjectIdentifier(ProgressReported.self), ObjectIdentifier(ReportCorrected.self),
  ]

  /// The row of a report or a correction, as the plan has just folded it.
  private func report(_ envelope: EventEnvelope) -> LogRows.Report? {
    guard let measure = plan.measures[MeasureID(envelope.subject.id)], let report = measure.reports.last,
      report.position == envelope.position
    else { return nil }
    let corrected = report.origin == report.position ? nil : measure.reports.last { $0.correctedBy == report.position }
    return LogRows.Report(
      mark: report, measure: measure.id, code: measure.code(on: report.effectiveDate),
      institution: plan.parties[report.institution]?.slug ?? "", corrected: corrected?.position,
      recordedAt: envelope.time, isSimulated: envelope.recordedSource == .simulation)
  }
}

/// Rows that events add, one for each. They are encoded where they are written, while the fold goes on.
struct LogRows: Sendable {
  static let timelineColumns = [
    "position", "type", "subject", "subject_id", "recorded_at", "effective_date", "actor", "on_behalf_of",
    "sentence_de", "sentence_en", "changes", "institutions", "simulated",
  ]

  static let reportColumns = [
    "position", "measure_id", "measure", "institution", "part", "condition", "percent", "effective_date", "recorded_at",
    "simulated", "corrects",
  ]

  struct Report {
    let mark: Measure.ReportMark
    let measure: MeasureID
    let code: String
    let institution: String
    let corrected: Position?
    let recordedAt: Timestamp
    let isSimulated: Bool
  }

  fileprivate(set) var entries: [TimelineEntry] = []
  fileprivate(set) var reports: [Report] = []

  func write(of plan: EntityID, generation: Int, on connection: PostgresConnection) async throws {
    let generation = Int32(generation)
    try await ReadTable.copy(entries, into: "timeline", Self.timelineColumns, on: connection) { entry in
      [
        plan, generation, entry.position.value, entry.type, entry.subject.description, entry.subject.id,
        PostgresTimestamp(entry.recordedAt), entry.effectiveDate.postgres, entry.actor.description,
        entry.onBehalfOf?.description, entry.sentence.german, entry.sentence.english,
        FieldChange.canonicalText(of: entry.changes), PostgresArray(entry.institutions),
        entry.recordedSource == .simulation,
      ]
    }
    try await ReadTable.copy(reports, into: "reports", Self.reportColumns, on: connection) { report in
      [
        plan, generation, report.mark.position.value, report.measure.value, report.code, report.institution,
        report.mark.part.rawValue, report.mark.condition, report.mark.percent.postgres,
        report.mark.effectiveDate.postgres, PostgresTimestamp(report.recordedAt), report.isSimulated,
        report.corrected?.value,
      ]
    }
  }
}

/// Why read models cannot follow a log.
public enum ReadModelFailure: Error, Sendable, CustomStringConvertible {
  case unreadableEvent(Position)
  case unknownPlan(EntityID)
  /// Another server wrote or removed the same rows first; reading goes on from what it left.
  case overtaken

  public var description: String {
    switch self {
    case .unreadableEvent(let position): "this build cannot read the event at position \(position.value)"
    case .unknownPlan(let plan): "there is no plan \(plan)"
    case .overtaken: "another server was faster"
    }
  }
}

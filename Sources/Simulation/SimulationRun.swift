public import Coordination
public import EventSourcing

/// Carries a simulated history out: decides each command on the plan as it is, folds what came of it, and hands it on
/// in batches.
///
/// The run appends nothing. Whoever does encodes each event (`EventEnvelope.encode`), extends the tree and the log's
/// head by the batch, and goes on; times, identifiers and positions are already there.
public struct SimulationRun: Sendable {
  /// An event that was decided and folded.
  public struct Event: Sendable {
    public let fact: any PlanFact
    public let envelope: EventEnvelope
  }

  /// How a kind of refusal is counted.
  public struct RefusalKind: Hashable, Comparable, Sendable {
    public let command: String
    public let code: String

    public static func < (left: Self, right: Self) -> Bool { (left.command, left.code) < (right.command, right.code) }
  }

  public private(set) var plan: Plan
  public private(set) var commandCount = 0
  /// Commands that the rules of the domain did not allow; they were skipped.
  public private(set) var refusals: [RefusalKind: Int] = [:]
  private var history: SimulatedHistory
  private var seeds: SplitMix64
  private let log: LogID
  private let epoch: Int
  private let batchLength: Int

  public var refusalCount: Int { refusals.values.reduce(0, +) }

  /// - Parameters:
  ///   - plan: as it is; an empty plan when the opening creates it.
  ///   - batchLength: how many events make a batch; the last command of a batch may go beyond.
  /// - Throws: a refusal when the plan begins only after the period, or when its log already holds something that was
  ///   recorded after the period begins. A log's times never run backwards, so the made-up days of a plan never lie
  ///   between those that people recorded.
  public init(
    _ terms: SimulationTerms, opening: SimulationOpening? = nil, onto plan: Plan, epoch: Int = 1,
    batchLength: Int = 1000
  ) throws(Refusal) {
    if let last = plan.lastRecordedAt, last.utcDate >= terms.period.lowerBound {
      throw Refusal(
        .conflict, "log-is-newer", field: "from",
        de: "Das Protokoll des Plans reicht schon bis \(last.utcDate); simuliert wird nur danach.",
        en: "The plan's log already reaches \(last.utcDate); a simulation begins after that.")
    }
    guard let history = SimulatedHistory(terms, opening: opening, onto: plan) else {
      throw Refusal(
        .rule, "period-before-plan", field: "to", de: "Der Plan beginnt erst nach diesem Zeitraum.",
        en: "The plan begins only after this period.")
    }
    self.plan = plan
    self.history = history
    seeds = SplitMix64(state: StableHash.of("identifiers", seed: terms.seed))
    log = LogID(plan: plan.id)
    self.epoch = epoch
    self.batchLength = batchLength
  }

  /// The next batch in the order of the log, nil when the history is over.
  public mutating func nextBatch() -> [Event]? {
    var batch: [Event] = []
    while batch.count < batchLength, let command = history.next(in: plan) {
      commandCount += 1
      do throws(Refusal) { try carryOut(command, into: &batch) } catch {
        refusals[RefusalKind(command: command.name, code: error.code), default: 0] += 1
      }
    }
    return batch.isEmpty ? nil : batch
  }

  private mutating func carryOut(_ simulated: SimulatedCommand, into batch: inout [Event]) throws(Refusal) {
    var context = DecisionContext(
      now: simulated.at, today: simulated.today, actor: simulated.actor, effectiveDate: simulated.effectiveDate,
      identifiers: IdentifierSource(seed: seeds.next(), at: simulated.at))
    let commandID = context.newID()
    let command = try simulated.command()
    let onBehalfOf = simulated.actor.institution.flatMap { plan.party($0) }?.subject
    for event in try Decider.decide(command, on: plan, &context) {
      let envelope = EventEnvelope(
        log: log, epoch: epoch, position: plan.size.nextPosition, type: type(of: event.fact).type,
        subject: event.subject, time: simulated.at, effectiveDate: simulated.effectiveDate, actor: simulated.actor.id,
        onBehalfOf: onBehalfOf,
        commandID: commandID, correlationID: commandID, causationID: nil, recordedSource: .simulation)
      plan.apply(event.fact, EventRecord(envelope))
      batch.append(Event(fact: event.fact, envelope: envelope))
    }
  }
}

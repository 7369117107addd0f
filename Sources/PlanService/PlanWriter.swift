internal import Coordination
internal import EventSourcing
internal import Logging
internal import Synchronization
internal import TamperEvidence

/// Decides all commands of one plan, in one order, against the true head of its log.
///
/// Each round takes what waits, decides it, commits it in one append and answers each caller. The state is only ever
/// what the log says: after a conflict the writer catches up and decides again, after a broken connection it sends the
/// identical append until it commits or conflicts, and only then does anything else.
final class PlanWriter: Sendable {
  let log: LogID
  let queue: CommandQueue
  let published = Published()
  private let store: any EventLog
  private let clock: StoreClock
  private let highWater: HighWater
  private let pastPlans: PastPlans
  private let origin: @Sendable (LogID, Int) -> String
  private let configuration: PlanServiceConfiguration
  private let logger: Logger
  private let meters = WriterMeters()
  /// The size that the newest append of this writer gives the log.
  private let ownSize = Mutex(LogSize.zero)

  init(
    log: LogID, store: any EventLog, clock: StoreClock, highWater: HighWater, pastPlans: PastPlans,
    origin: @escaping @Sendable (LogID, Int) -> String, configuration: PlanServiceConfiguration, logger: Logger
  ) {
    self.log = log
    self.store = store
    self.clock = clock
    self.highWater = highWater
    self.pastPlans = pastPlans
    self.origin = origin
    self.configuration = configuration
    self.logger = logger
    queue = CommandQueue(countMax: configuration.queueCountMax)
  }

  /// Loads the plan and serves it until the queue is closed or the task cancelled.
  func run() async {
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.watchGrowth() }
        group.addTask { await self.watchDeadlines() }
        await self.serve()
        group.cancelAll()
      }
    } onCancel: {
      queue.close()
    }
  }

  /// Whether a hint only says what this writer appended itself.
  private func isOwnGrowth(_ size: LogSize?) -> Bool {
    guard let size else { return false }
    return ownSize.withLock { size <= $0 }
  }

  private func noteSize(_ size: LogSize) { ownSize.withLock { $0 = size } }

  private func watchGrowth() async {
    while !Task.isCancelled {
      do {
        try await store.withGrowthHints(of: log) { hints in
          for await size in hints where !self.isOwnGrowth(size) { self.queue.hintGrowth() }
        }
      } catch {
        logger.debug("growth hints interrupted", metadata: ["reason": "\(error)"])
        await pause()
      }
    }
  }

  /// Answers callers whose time is up, also while the store lets an append wait for ever.
  private func watchDeadlines() async {
    while !Task.isCancelled {
      queue.expire(at: .now)
      // Cancellation ends the pause early; the loop condition sees it.
      try? await Task.sleep(for: configuration.commandTimeout / 8)
    }
  }

  private func serve() async {
    var replay = LogReplay(plan: log.plan)
    var isLoaded = false
    while true {
      if !isLoaded {
        isLoaded = await load(&replay)
        if !isLoaded {
          guard await waitOutTrouble() else { return }
          if !replay.isWhole { replay = LogReplay(plan: log.plan) }
          continue
        }
      }
      guard let (commands, mayHaveGrown) = await queue.next(countMax: configuration.batchCountMax) else { return }
      if mayHaveGrown, commands.isEmpty {
        isLoaded = await refresh(&replay)
      } else {
        isLoaded = await process(commands, &replay)
      }
    }
  }

  // MARK: Loading and catching up

  /// Reads the whole log; false when it cannot be served now, with the reason reported to readers.
  private func load(_ replay: inout LogReplay) async -> Bool {
    do throws(Unavailability) {
      guard let storeTime = try? await store.storeTime() else { throw .storeUnavailable }
      clock.observe(storeTime)
      try await catchUp(&replay)
      published.publish(PlanSnapshot(plan: replay.plan, head: head(of: replay)))
      return true
    } catch {
      // A log that ends before what was published takes nothing more; what it tells is true as far as it goes. Only the
      // bare views show it: what was erased, taken back or ended since then, the log no longer says.
      let isTrue = error.isRegression && replay.isWhole && published.snapshot == nil
      report(error, showing: isTrue ? PlanSnapshot(plan: replay.plan, head: head(of: replay)) : nil)
      return false
    }
  }

  private func refresh(_ replay: inout LogReplay) async -> Bool {
    let before = replay.plan.size
    do throws(Unavailability) {
      try await catchUp(&replay)
      if replay.plan.size > before || published.trouble != nil {
        published.publish(PlanSnapshot(plan: replay.plan, head: head(of: replay)))
      }
      return true
    } catch .storeUnavailable {
      // What is shown stays right; the next hint or command tries again.
      return true
    } catch {
      report(error)
      return false
    }
  }

  /// Folds what the log holds beyond the replay, and compares the tree with the head and with what was published.
  private func catchUp(_ replay: inout LogReplay) async throws(Unavailability) {
    replay.doubt()
    do throws(EventLogFailure) {
      let mark = try publishedMark()
      guard let head = try await store.head(of: log) else {
        if let mark { throw regressed(mark, found: .zero) }
        guard replay.plan.size == .zero else { throw lost(replay.plan.size, found: .zero) }
        return
      }
      guard head.size >= replay.plan.size else { throw lost(replay.plan.size, found: head.size) }
      if replay.plan.size == .zero { pastPlans.forget(log.plan) }
      var rootAtMark = mark?.size == replay.plan.size.value ? replay.frontier.root : nil
      try await store.forEachPage(
        of: log, from: replay.plan.size.nextPosition, through: head.size.lastPosition,
        pageSize: configuration.replayPageSize, reading: PreparedLeaf.init, failing: { $0 }
      ) { page throws(EventLogFailure) in
        for leaf in page {
          try apply(leaf, to: &replay)
          if mark?.size == replay.plan.size.value { rootAtMark = replay.frontier.root }
        }
        keepMoment(of: replay.plan, epoch: head.epoch)
        return true
      }
      replay.compare(with: head)
      guard replay.isWhole else { throw lost(head.size, found: replay.plan.size) }
      if let mark, head.epoch <= mark.epoch {
        // The mark may lie behind the part that was folded just now; then it was compared when it was passed.
        let isAnother = head.epoch < mark.epoch || rootAtMark.map { $0.base64 != mark.root } ?? false
        // Another history than the one that was published is not shown.
        if isAnother { replay.doubt() }
        guard !isAnother, head.size.value >= mark.size else { throw regressed(mark, found: head.size) }
      }
    } catch {
      throw Unavailability(error)
    }
  }

  private func keepMoment(of plan: Plan, epoch: Int) {
    guard let recordedAt = plan.lastRecordedAt else { return }
    pastPlans.offer(
      plan, recordedAt: recordedAt, for: PastPlans.Key(plan: plan.id, epoch: epoch, viewer: plan.viewer))
  }

  private func apply(_ leaf: PreparedLeaf, to replay: inout LogReplay) throws(EventLogFailure) {
    do throws(Unavailability) { try replay.apply(leaf) } catch {
      throw EventLogFailure(.broken, "unreadable event", error)
    }
  }

  /// A mark that is there and cannot be read might be ahead of the log, so the plan is not served without it.
  private func publishedMark() throws(EventLogFailure) -> HighWater.Mark? {
    do { return try highWater.mark(of: LogIDPath(log)) } catch {
      throw EventLogFailure(.broken, "unreadable mark", Unavailability.markUnreadable)
    }
  }

  private func regressed(_ mark: HighWater.Mark, found: LogSize) -> EventLogFailure {
    EventLogFailure(.broken, "log regressed", Unavailability.logRegressed(published: LogSize(mark.size), found: found))
  }

  private func lost(_ known: LogSize, found: LogSize) -> EventLogFailure {
    EventLogFailure(.broken, "log regressed", Unavailability.logRegressed(published: known, found: found))
  }

  private func report(_ trouble: Unavailability, showing snapshot: PlanSnapshot? = nil) {
    if published.trouble != trouble {
      logger.error("plan is not writable here", metadata: ["plan": "\(log.plan)", "reason": "\(trouble)"])
    }
    if let snapshot { published.publish(snapshot, despite: trouble) } else { published.report(trouble) }
  }

  private func head(of replay: LogReplay) -> LogHead {
    LogHead(
      size: replay.plan.size, epoch: replay.epoch, root: replay.frontier.root.bytes, frontier: replay.frontier.bytes,
      origin: origin(log, replay.epoch), lastRecordedAt: replay.plan.lastRecordedAt)
  }

  /// Answers what waits with the reported trouble, then pauses before the next attempt; false when there is none.
  private func waitOutTrouble() async -> Bool {
    let trouble = published.trouble ?? .storeUnavailable
    guard let commands = queue.takeAll() else { return false }
    for command in commands { queue.answer(command, .unavailable(trouble)) }
    switch trouble {
    case .logRegressed, .unreadableEvent, .markUnreadable: await pause(configuration.troubleRetryPause)
    case .queueFull, .outcomeUnknown, .storeUnavailable, .storeFull, .clockSkew, .notYetVisible, .contended,
      .shuttingDown:
      await pause()
    }
    return !Task.isCancelled
  }

  private func pause(_ duration: Duration? = nil) async {
    // Cancellation ends the pause early, which is all that its error says.
    try? await Task.sleep(for: duration ?? configuration.storeRetryPause)
  }

  // MARK: One batch

  /// Commands that are decided together, on the plan as it is or as it will be once the batch before is committed.
  private struct Round {
    let base: LogReplay
    var commands: [PendingCommand] = []
    var decision: BatchDecision
    let recordedAt: Timestamp
    let today: LocalDate

    /// The plan with this round.
    var after: LogReplay { LogReplay(plan: decision.plan, frontier: decision.frontier, epoch: base.epoch) }

    mutating func decide(_ more: [PendingCommand]) {
      for command in more { decision.decide(command.request, today: today) }
      commands += more
    }

    /// The commands that are answered without anything being written: refused ones and dry runs.
    var others: [(PendingCommand, BatchDecision.Verdict)] {
      zip(commands, decision.verdicts).filter { if case .accepted = $0.1 { false } else { true } }
    }
  }

  /// What is left to do with a batch after one attempt.
  private enum Attempt {
    case settled
    case decideAgain([PendingCommand])
    case reload
  }

  /// Decides, commits and answers, and does so with what arrives meanwhile; false when the plan must be loaded afresh.
  ///
  /// While the store commits one batch the next is decided on top of it. That is only sent, and its refusals are only
  /// answered, once the one before is durable; otherwise its commands are decided again with the others.
  private func process(_ commands: [PendingCommand], _ replay: inout LogReplay) async -> Bool {
    var open = commands
    var retries = 0
    while retries < configuration.conflictRetriesMax {
      open.removeAll { !$0.isAwaited }
      if open.isEmpty { return true }
      guard let round = await decide(open, on: replay) else { return true }
      var hasCommitted = false
      switch await carryOut(round, &replay, &hasCommitted) {
      case .settled: return true
      case .decideAgain(let rest): open = rest
      case .reload: return false
      }
      retries = hasCommitted ? 0 : retries + 1
    }
    for command in open { queue.answer(command, .unavailable(.contended)) }
    return true
  }

  /// Nil when the time is not known; the callers are answered then.
  private func decide(_ commands: [PendingCommand], on replay: LogReplay) async -> Round? {
    guard let now = await trustworthyTime() else {
      let answer = clock.estimate == nil ? Unavailability.storeUnavailable : .clockSkew
      for command in commands { queue.answer(command, .unavailable(answer)) }
      return nil
    }
    var round = round(on: replay, now: now)
    round.decide(commands)
    return round
  }

  private func round(on replay: LogReplay, now: Timestamp) -> Round {
    let recordedAt = max(now, replay.plan.lastRecordedAt ?? now)
    return Round(
      base: replay, decision: BatchDecision(onto: replay, log: log, recordedAt: recordedAt, epoch: replay.epoch),
      recordedAt: recordedAt, today: replay.plan.today(at: recordedAt))
  }

  /// Commits a round and those that follow it without a pause.
  private func carryOut(_ first: Round, _ replay: inout LogReplay, _ hasCommitted: inout Bool) async -> Attempt {
    await withTaskGroup(of: Commit.self) { group in
      var round = first
      var sending = send(round, &group)
      while case .ready(let batch, let isAlone) = sending {
        let decidedAhead = isAlone ? nil : await decideAhead(of: round)
        let ahead = decidedAhead?.commands ?? []
        switch isAlone ? await commit(batch, round.commands) : await group.next() ?? .reload {
        case .durable:
          hasCommitted = true
          let next = clock.isTrustworthy ? decidedAhead : nil
          // The store gets its next batch before the callers of this one take the processor.
          sending = next.map { send($0, &group) } ?? .nothing
          replay = round.after
          answer(round, batch)
          _ = await settle(round.others, isHeadConfirmed: true, &replay)
          guard let next else { return .decideAgain(ahead) }
          round = next
        case .conflict(let rest):
          noteSize(replay.plan.size)
          return await refresh(&replay) ? .decideAgain(rest + ahead) : unwritable(rest + ahead)
        case .decideAgain(let rest):
          noteSize(replay.plan.size)
          return .decideAgain(rest + ahead)
        case .reload:
          return unwritable(ahead)
        }
      }
      guard case .nothing = sending else { return .decideAgain(round.commands) }
      return await settle(round.others, isHeadConfirmed: false, &replay)
    }
  }

  private enum Sending {
    /// The store has the batch or, when its callers are the only ones, gets it as soon as the writer waits for it.
    case ready(AppendBatch, isAlone: Bool)
    /// The round has refusals and dry runs only.
    case nothing
    /// A caller's time was up before its command could be sent, and it was told so: the round needs deciding without
    /// it.
    case overtaken
  }

  /// Gives the store the accepted commands of a round.
  private func send(_ round: Round, _ group: inout TaskGroup<Commit>) -> Sending {
    let accepted = Self.receipts(of: round)
    guard !accepted.isEmpty else { return .nothing }
    guard queue.beginCommit(round.commands) else { return .overtaken }
    meters.batch(round.commands.count, accepted: accepted.count)
    let decision = round.decision
    let newHead = LogHead(
      size: decision.plan.size, epoch: round.base.epoch, root: decision.frontier.root.bytes,
      frontier: decision.frontier.bytes, origin: origin(log, round.base.epoch), lastRecordedAt: round.recordedAt)
    let batch = AppendBatch(
      log: log, creation: round.base.plan.size == .zero ? accepted.first?.0.request.creation : nil,
      expectedSize: round.base.plan.size, expectedEpoch: round.base.epoch, newHead: newHead, events: decision.events,
      disclosures: decision.disclosures, erasures: decision.erasures, receipts: accepted.map(\.1))
    noteSize(newHead.size)
    let commands = round.commands
    // A task of its own would cost a lone caller two changes of task, and there is nobody to decide ahead for.
    let isAlone = queue.holds(onlyFew: commands)
    if !isAlone { group.addTask { await self.commit(batch, commands) } }
    return .ready(batch, isAlone: isAlone)
  }

  /// Shows what is durable and answers whose commands it is.
  private func answer(_ round: Round, _ batch: AppendBatch) {
    published.publish(PlanSnapshot(plan: round.decision.plan, head: batch.newHead))
    keepMoment(of: round.decision.plan, epoch: batch.newHead.epoch)
    let position = batch.newHead.size.lastPosition
    let accepted = zip(round.commands, round.decision.verdicts).filter {
      if case .accepted = $0.1 { true } else { false }
    }
    queue.answer(
      zip(accepted, batch.receipts).map { ($0.0.0, CommandAnswer.done(bytes: $0.1.answer, position: position)) })
  }

  /// The accepted commands of a round with their receipts.
  private static func receipts(of round: Round) -> [(PendingCommand, Receipt)] {
    let ending = round.decision.answerEnding
    return zip(round.commands, round.decision.verdicts).compactMap { command, verdict in
      guard case .accepted(let first, let count) = verdict else { return nil }
      let answer = round.decision.answer(first: first, count: count, ending: ending)
      return (command, Receipt(key: command.receiptKey, commandHash: command.commandHash, answer: answer))
    }
  }

  /// Decides what arrives until a round is committed, on top of it.
  private func decideAhead(of round: Round) async -> Round? {
    var next: Round?
    while let commands = await queue.nextWhileCommitting(
      countMax: configuration.batchCountMax, taken: next?.commands.count ?? 0)
    {
      var deciding = next ?? self.round(on: round.after, now: clock.estimate ?? round.recordedAt)
      next = nil
      deciding.decide(commands)
      next = deciding
    }
    return next
  }

  /// How a commit ended.
  private enum Commit {
    case durable
    /// The head has moved; these are to be decided again after catching up.
    case conflict([PendingCommand])
    case decideAgain([PendingCommand])
    /// The callers are answered, and the plan must be loaded afresh.
    case reload
  }

  private func commit(_ batch: AppendBatch, _ commands: [PendingCommand]) async -> Commit {
    defer { queue.commitEnded() }
    var isOutcomeUnknown = false
    while true {
      do throws(EventLogFailure) {
        switch try await store.append(batch) {
        case .appended(let storeTime):
          clock.observe(storeTime)
          return .durable
        case .conflict:
          // Also the way in which an append is found whose first sending did commit: its receipts are there then.
          return .conflict(isOutcomeUnknown ? await answerFromReceipts(commands) : commands)
        case .keysUsed:
          return .decideAgain(await answerFromReceipts(commands))
        case .slugTaken:
          return .decideAgain(await refuseSlug(commands))
        }
      } catch {
        switch error.kind {
        case .outcomeUnknown:
          isOutcomeUnknown = true
        case .unavailable where isOutcomeUnknown, .cancelled where isOutcomeUnknown && !Task.isCancelled: break
        case .unavailable, .full, .cancelled, .broken:
          // With an open outcome nothing else may be done before it is known; shutting down is the one exception, and
          // whoever starts next finds the truth in the log.
          let answer: Unavailability = isOutcomeUnknown ? .outcomeUnknown : Unavailability(error)
          for command in commands { queue.answer(command, .unavailable(answer)) }
          if error.kind == .broken { logger.error("append refused by the store", metadata: ["reason": "\(error)"]) }
          return .reload
        }
        await pause()
        if Task.isCancelled {
          for command in commands { queue.answer(command, .unavailable(.outcomeUnknown)) }
          return .reload
        }
      }
    }
  }

  /// Answers the commands that already have receipts; returns the rest.
  private func answerFromReceipts(_ commands: [PendingCommand]) async -> [PendingCommand] {
    while true {
      do throws(EventLogFailure) {
        let receipts = try await store.receipts(of: log.plan, for: commands.map(\.receiptKey))
        let byKey = Dictionary(receipts.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return commands.filter { command in
          guard let receipt = byKey[command.receiptKey] else { return true }
          queue.answer(command, Self.answer(hashed: command.commandHash, from: receipt))
          return false
        }
      } catch {
        await pause()
        if Task.isCancelled {
          for command in commands { queue.answer(command, .unavailable(.outcomeUnknown)) }
          return []
        }
      }
    }
  }

  /// The first answer again, or that the key belongs to another command.
  static func answer(hashed commandHash: [UInt8], from receipt: Receipt) -> CommandAnswer {
    guard ConstantTime.equal(receipt.commandHash, commandHash) else { return .keyReused }
    guard let json = try? JSONParser.parse(receipt.answer) else { return .unavailable(.storeUnavailable) }
    return .done(bytes: receipt.answer, position: json["position"]?.integer.map { Position($0) })
  }

  private func refuseSlug(_ commands: [PendingCommand]) async -> [PendingCommand] {
    commands.filter { command in
      guard let slug = command.request.creation?.slug else { return true }
      queue.answer(command, .refused(.slugTaken(slug)))
      return false
    }
  }

  private func unwritable(_ commands: [PendingCommand]) -> Attempt {
    for command in commands { queue.answer(command, .unavailable(published.trouble ?? .storeUnavailable)) }
    return .reload
  }

  /// Answers refusals and dry runs once the head they were decided on is confirmed, and no earlier receipt speaks for
  /// them.
  private func settle(
    _ others: [(PendingCommand, BatchDecision.Verdict)], isHeadConfirmed: Bool, _ replay: inout LogReplay
  ) async -> Attempt {
    guard !others.isEmpty else { return .settled }
    do throws(EventLogFailure) {
      if !isHeadConfirmed {
        let head = try await store.head(of: log)
        guard head?.size ?? .zero == replay.plan.size, head?.epoch ?? replay.epoch == replay.epoch else {
          return await refresh(&replay) ? .decideAgain(others.map(\.0)) : unwritable(others.map(\.0))
        }
      }
      let receipts = try await store.receipts(of: log.plan, for: others.map(\.0.receiptKey))
      let byKey = Dictionary(receipts.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      for (command, verdict) in others {
        if let receipt = byKey[command.receiptKey] {
          queue.answer(command, Self.answer(hashed: command.commandHash, from: receipt))
          continue
        }
        switch verdict {
        case .refused(let refusal): queue.answer(command, .refused(refusal))
        case .dryRun(let bytes): queue.answer(command, .wouldDo(bytes: bytes))
        case .accepted: preconditionFailure("accepted commands are answered with their receipts")
        }
      }
    } catch {
      for (command, _) in others { queue.answer(command, .unavailable(Unavailability(error))) }
    }
    return .settled
  }

  private func trustworthyTime() async -> Timestamp? {
    if clock.isTrustworthy, let estimate = clock.estimate { return estimate }
    guard let storeTime = try? await store.storeTime() else { return nil }
    clock.observe(storeTime)
    return clock.isTrustworthy ? clock.estimate : nil
  }
}

extension Refusal {
  static func slugTaken(_ slug: String) -> Refusal {
    Refusal(
      .conflict, "slug-taken", field: "slug", de: "„\(slug)“ ist schon vergeben.", en: "“\(slug)” is already taken.",
      facts: [.init("value", .string(slug))])
  }
}

/// Compares without revealing by its duration where two values differ.
enum ConstantTime {
  static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

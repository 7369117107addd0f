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
  private let origin: @Sendable (LogID, Int) -> String
  private let configuration: PlanServiceConfiguration
  private let logger: Logger
  private let meters = WriterMeters()
  /// The size that the newest append of this writer gives the log.
  private let ownSize = Mutex(LogSize.zero)

  init(
    log: LogID, store: any EventLog, clock: StoreClock, highWater: HighWater,
    origin: @escaping @Sendable (LogID, Int) -> String, configuration: PlanServiceConfiguration, logger: Logger
  ) {
    self.log = log
    self.store = store
    self.clock = clock
    self.highWater = highWater
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
          await waitOutTrouble()
          if Task.isCancelled { return }
          replay = LogReplay(plan: log.plan)
          guard queue.take(countMax: 0) != nil else { return }
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
      report(error)
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
    do throws(EventLogFailure) {
      let mark = try publishedMark()
      guard let head = try await store.head(of: log) else {
        if let mark { throw regressed(mark, found: .zero) }
        guard replay.plan.size == .zero else { throw lost(replay.plan.size, found: .zero) }
        return
      }
      guard head.size >= replay.plan.size else { throw lost(replay.plan.size, found: head.size) }
      var rootAtMark = mark?.size == replay.plan.size.value ? replay.frontier.root : nil
      while replay.plan.size < head.size {
        let page = try await store.events(
          of: log,
          matching: EventQuery(from: replay.plan.size.nextPosition, limit: configuration.replayPageSize))
        guard !page.isEmpty else { break }
        for event in page where event.position < head.size.nextPosition {
          try apply(event, to: &replay)
          if mark?.size == replay.plan.size.value { rootAtMark = replay.frontier.root }
        }
      }
      replay = LogReplay(plan: replay.plan, frontier: replay.frontier, epoch: head.epoch)
      guard replay.plan.size == head.size, replay.frontier.root.bytes == head.root else {
        throw lost(head.size, found: replay.plan.size)
      }
      if let mark, head.epoch <= mark.epoch {
        guard head.epoch == mark.epoch, head.size.value >= mark.size else { throw regressed(mark, found: head.size) }
        // The mark may lie behind the part that was folded just now; then it was compared when it was passed.
        if let rootAtMark, rootAtMark.base64 != mark.root { throw regressed(mark, found: head.size) }
      }
    } catch {
      throw trouble(of: error)
    }
  }

  private func apply(_ event: StoredEvent, to replay: inout LogReplay) throws(EventLogFailure) {
    do throws(Unavailability) { try replay.apply(event) } catch {
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

  private func trouble(of failure: EventLogFailure) -> Unavailability {
    if let known = failure.underlying as? Unavailability { return known }
    switch failure.kind {
    case .full: return .storeFull
    case .unavailable, .outcomeUnknown, .cancelled, .broken: return .storeUnavailable
    }
  }

  private func report(_ trouble: Unavailability) {
    if published.trouble != trouble {
      logger.error("plan is not writable here", metadata: ["plan": "\(log.plan)", "reason": "\(trouble)"])
    }
    published.report(trouble)
  }

  private func head(of replay: LogReplay) -> LogHead {
    LogHead(
      size: replay.plan.size, epoch: replay.epoch, root: replay.frontier.root.bytes, frontier: replay.frontier.bytes,
      origin: origin(log, replay.epoch), lastRecordedAt: replay.plan.lastRecordedAt)
  }

  /// Answers what waits with the reported trouble, then pauses before the next attempt.
  private func waitOutTrouble() async {
    let trouble = published.trouble ?? .storeUnavailable
    if let (commands, _) = queue.take(countMax: configuration.queueCountMax) {
      for command in commands { queue.answer(command, .unavailable(trouble)) }
    }
    switch trouble {
    case .logRegressed, .unreadableEvent, .markUnreadable: await pause(configuration.troubleRetryPause)
    case .queueFull, .outcomeUnknown, .storeUnavailable, .storeFull, .clockSkew, .notYetVisible, .contended,
      .shuttingDown:
      await pause()
    }
  }

  private func pause(_ duration: Duration? = nil) async {
    // Cancellation ends the pause early, which is all that its error says.
    try? await Task.sleep(for: duration ?? configuration.storeRetryPause)
  }

  // MARK: One batch

  /// What is left to do with a batch after one attempt.
  private enum Attempt {
    case settled
    case decideAgain([PendingCommand])
    case reload
  }

  /// Decides, commits and answers; false when the plan must be loaded afresh.
  private func process(_ commands: [PendingCommand], _ replay: inout LogReplay) async -> Bool {
    var open = commands
    for _ in 0..<configuration.conflictRetriesMax {
      switch await attempt(open, &replay) {
      case .settled: return true
      case .decideAgain(let rest): open = rest
      case .reload: return false
      }
      if open.isEmpty { return true }
    }
    for command in open { queue.answer(command, .unavailable(.contended)) }
    return true
  }

  private func attempt(_ commands: [PendingCommand], _ replay: inout LogReplay) async -> Attempt {
    guard let now = await trustworthyTime() else {
      for command in commands {
        queue.answer(command, .unavailable(clock.estimate == nil ? .storeUnavailable : .clockSkew))
      }
      return .settled
    }
    let recordedAt = max(now, replay.plan.lastRecordedAt ?? now)
    var decision = BatchDecision(onto: replay, log: log, recordedAt: recordedAt, epoch: replay.epoch)
    let today = replay.plan.today(at: recordedAt)
    for command in commands { decision.decide(command.request, today: today) }
    let accepted = zip(commands, decision.verdicts).compactMap { command, verdict in
      if case .accepted(let first, let count) = verdict {
        (
          command,
          Receipt(
            key: command.request.receiptKey, commandHash: command.commandHash,
            answer: decision.answer(first: first, count: count))
        )
      } else {
        nil
      }
    }
    let others = zip(commands, decision.verdicts).filter { if case .accepted = $0.1 { false } else { true } }
    meters.batch(commands.count, accepted: accepted.count)
    if !accepted.isEmpty {
      let newHead = LogHead(
        size: decision.plan.size, epoch: replay.epoch, root: decision.frontier.root.bytes,
        frontier: decision.frontier.bytes, origin: origin(log, replay.epoch), lastRecordedAt: recordedAt)
      let batch = AppendBatch(
        log: log, creation: replay.plan.size == .zero ? accepted.first?.0.request.creation : nil,
        expectedSize: replay.plan.size, expectedEpoch: replay.epoch, newHead: newHead, events: decision.events,
        disclosures: decision.disclosures, receipts: accepted.map(\.1))
      ownSize.withLock { $0 = newHead.size }
      if let unsettled = await commit(batch, accepted, commands, &replay) { return unsettled }
      replay = LogReplay(plan: decision.plan, frontier: decision.frontier, epoch: replay.epoch)
      published.publish(PlanSnapshot(plan: decision.plan, head: newHead))
      for (command, receipt) in accepted {
        queue.answer(command, .done(bytes: receipt.answer, position: decision.plan.size.lastPosition))
      }
    }
    return await settle(others, isHeadConfirmed: !accepted.isEmpty, &replay)
  }

  /// Commits the batch; nil when it is durable, otherwise what to do with all commands of the round.
  private func commit(
    _ batch: AppendBatch, _ accepted: [(PendingCommand, Receipt)], _ commands: [PendingCommand],
    _ replay: inout LogReplay
  ) async -> Attempt? {
    var isOutcomeUnknown = false
    while true {
      do throws(EventLogFailure) {
        switch try await store.append(batch) {
        case .appended(let storeTime):
          clock.observe(storeTime)
          return nil
        case .conflict:
          // Also the way in which an append is found whose first sending did commit: its receipts are there then.
          let rest = isOutcomeUnknown ? await answerFromReceipts(commands) : commands
          return await refresh(&replay) ? .decideAgain(rest) : unwritable(rest)
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
          let answer: Unavailability = isOutcomeUnknown ? .outcomeUnknown : trouble(of: error)
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
        let receipts = try await store.receipts(of: log.plan, for: commands.map(\.request.receiptKey))
        let byKey = Dictionary(receipts.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return commands.filter { command in
          guard let receipt = byKey[command.request.receiptKey] else { return true }
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

  /// Answers refusals and dry runs once the head they were decided on is confirmed, and no earlier receipt speaks for them.
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
      let receipts = try await store.receipts(of: log.plan, for: others.map(\.0.request.receiptKey))
      let byKey = Dictionary(receipts.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      for (command, verdict) in others {
        if let receipt = byKey[command.request.receiptKey] {
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
      for (command, _) in others { queue.answer(command, .unavailable(trouble(of: error))) }
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

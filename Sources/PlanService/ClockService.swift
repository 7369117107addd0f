internal import Coordination
internal import EventSourcing
public import Logging
public import ServiceLifecycle

/// Sends the commands that are due because time passed, as `system:clock`, so that replay needs no clock.
public struct ClockService: Service {
  private let service: PlanService
  private let logger: Logger

  public init(service: PlanService, logger: Logger) {
    self.service = service
    self.logger = logger
  }

  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await tick()
        // Ends early on cancellation; the loop condition sees it.
        try? await Task.sleep(for: service.configuration.clockInterval)
      }
    }
  }

  /// Looks at every plan once. The keys are made of what is due, so several servers judge each deadline once.
  public func tick() async {
    do {
      var last: String?
      while true {
        let plans = try await service.store.plans(after: last, limit: 100)
        for entry in plans { await look(at: entry.plan) }
        guard plans.count == 100 else { return }
        last = plans.last?.slug
      }
    } catch {
      logger.debug("the clock could not look at the plans", metadata: ["reason": "\(error)"])
    }
  }

  /// A plan that cannot be read now must not keep the clock from those after it.
  private func look(at plan: EntityID) async {
    do { try await sendDueCommands(of: plan) } catch {
      logger.debug("the clock could not look at a plan", metadata: ["plan": "\(plan)", "reason": "\(error)"])
    }
  }

  private func sendDueCommands(of plan: EntityID) async throws(Unavailability) {
    let folded = try await service.snapshot(of: plan).plan
    // A made-up plan has made-up days; the real one does not judge its deadlines.
    guard !folded.isSimulated else { return }
    let now = try await service.now()
    // Once a day on which something happened is over, what all views showed at its end.
    if let last = folded.lastRecordedAt, folded.today(at: last) < folded.today(at: now) {
      _ = try await service.recordViewDigests(of: plan)
    }
    for command in folded.dueCommands(on: folded.today(at: now)) {
      let body = String(decoding: command.canonicalBody, as: UTF8.self)
      let key = "\(RecordMissedDeadline.name):\(body):\(folded.size.value)"
      _ = await service.submit(
        CommandRequest(
          system: "clock", key: key, command: command, effectiveDate: command.effectiveDate(in: folded),
          recordedSource: .clock), to: plan)
    }
  }
}

public import Coordination
public import EventSourcing

/// One command with what the caller said around it.
public struct RequestedCommand: Sendable {
  public let command: any PlanCommand
  public let effectiveDate: LocalDate?
  public let onBehalfOf: PartyReference?

  public init(_ command: any PlanCommand, effectiveDate: LocalDate? = nil, onBehalfOf: PartyReference? = nil) {
    self.command = command
    self.effectiveDate = effectiveDate
    self.onBehalfOf = onBehalfOf
  }
}

/// What a caller asks of one plan: a command, or an atomic list of them.
public struct CommandRequest: Sendable {
  public var actor: PlanActor
  /// The caller's Idempotency-Key, unique per plan and actor.
  public var key: String
  public var commands: [RequestedCommand]
  /// Position in the list is part of a refusal's field path.
  public var isList: Bool
  /// Canonical bytes of what was asked, for recognising a repeated request.
  public var canonicalBody: [UInt8]
  /// Nothing about the subjects may have changed after this position.
  public var ifMatch: Position?
  /// Decide and answer, but store nothing.
  public var isDryRun: Bool
  public var recordedSource: RecordedSource
  /// Set for the request that creates the plan; its first command is then `CreatePlan`.
  public var creation: AppendBatch.Creation?

  public init(
    actor: PlanActor, key: String, commands: [RequestedCommand], isList: Bool = false, canonicalBody: [UInt8],
    ifMatch: Position? = nil, isDryRun: Bool = false, recordedSource: RecordedSource = .api
  ) {
    self.actor = actor
    self.key = key
    self.commands = commands
    self.isList = isList
    self.canonicalBody = canonicalBody
    self.ifMatch = ifMatch
    self.isDryRun = isDryRun
    self.recordedSource = recordedSource
    if let create = commands.first?.command as? CreatePlan {
      creation = AppendBatch.Creation(slug: create.slug.text)
    }
  }

  /// A command of the program itself.
  public init(
    system name: String, key: String, command: any PlanCommand, effectiveDate: LocalDate? = nil,
    recordedSource: RecordedSource
  ) {
    self.init(
      actor: PlanActor(id: .system(name), role: .system), key: key,
      commands: [RequestedCommand(command, effectiveDate: effectiveDate)], canonicalBody: command.canonicalBody,
      recordedSource: recordedSource)
  }

  public var receiptKey: ReceiptKey { ReceiptKey(actor: actor.id.description, key: key) }

  /// What the request is called in receipts and metrics.
  public var name: String { isList ? "command-list" : commands.first.map { type(of: $0.command).name } ?? "" }
}

/// What a caller gets.
public enum CommandAnswer: Sendable {
  /// Durable; the bytes are the stored answer, the same for every repetition.
  case done(bytes: [UInt8], position: Position?)
  /// A dry run's answer; nothing was stored.
  case wouldDo(bytes: [UInt8])
  case refused(Refusal)
  /// The key was used for another command.
  case keyReused
  /// The same key is being worked on right now.
  case keyInFlight
  case unavailable(Unavailability)
}

/// Why a plan cannot answer now, or cannot be written.
public enum Unavailability: Error, Hashable, Sendable {
  case queueFull
  /// The caller's time is up; whether the command was stored is not known here. Retry with the same key.
  case outcomeUnknown
  /// The store cannot be reached, or is too busy to answer in time; nothing was written.
  case storeUnavailable
  case storeFull
  /// This server's clock and the store's disagree.
  case clockSkew
  /// The log is behind or beside what was last published.
  case logRegressed(published: LogSize, found: LogSize)
  /// The file that says what was published is there and cannot be read.
  case markUnreadable
  /// An event that this build cannot read.
  case unreadableEvent(Position)
  /// The position asked for is not visible here yet.
  case notYetVisible
  /// Too many conflicts with other servers; nothing was written.
  case contended
  case shuttingDown

  /// Whether the log is no longer what was published of it.
  public var isRegression: Bool { if case .logRegressed = self { true } else { false } }
}

extension Unavailability {
  /// Why a plan cannot be served whose store has failed in this way.
  init(_ failure: EventLogFailure) {
    switch (failure.kind, failure.underlying) {
    case (_, let known as Unavailability): self = known
    // What is not there cannot be read, and nothing after it is.
    case (_, let gap as LogGap): self = .unreadableEvent(gap.position)
    case (.full, _): self = .storeFull
    case (.unavailable, _), (.outcomeUnknown, _), (.cancelled, _), (.broken, _): self = .storeUnavailable
    }
  }
}

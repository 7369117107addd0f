public import Coordination
public import EventSourcing

/// A command of the simulated history, with who sends it and when.
public struct SimulatedCommand: Sendable {
  private enum Content: Sendable {
    case made(any PlanCommand)
    case fields(any PlanCommand.Type, JSON)
  }

  private let content: Content
  public let actor: PlanActor
  public let at: Timestamp
  /// The day of `at` in the plan's time zone.
  public let today: LocalDate
  public let effectiveDate: LocalDate

  init(_ command: any PlanCommand, as actor: PlanActor, at time: Timestamp, on today: LocalDate, effective: LocalDate) {
    content = .made(command)
    self.actor = actor
    at = time
    self.today = today
    effectiveDate = effective
  }

  init(
    _ kind: any PlanCommand.Type, _ fields: JSON, as actor: PlanActor, at time: Timestamp, on today: LocalDate,
    effective: LocalDate
  ) {
    // Fields without a value are left out, as callers do.
    content = .fields(kind, .object((fields.members ?? []).filter { $0.value != .null }))
    self.actor = actor
    at = time
    self.today = today
    effectiveDate = effective
  }

  public var name: String {
    switch content {
    case .made(let command): type(of: command).name
    case .fields(let kind, _): kind.name
    }
  }

  /// The command itself, read by the rules that hold for the same command from anywhere else.
  public func command() throws(Refusal) -> any PlanCommand {
    switch content {
    case .made(let command): return command
    case .fields(let kind, let fields): return try Self.read(kind, fields)
    }
  }

  private static func read<Kind: PlanCommand>(_ kind: Kind.Type, _ fields: JSON) throws(Refusal) -> any PlanCommand {
    try kind.record.read(fields)
  }
}

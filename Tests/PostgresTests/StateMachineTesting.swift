@testable import Postgres

extension PostgresServerError {
  /// A report with a code and nothing else.
  init(_ sqlState: String, severity: String = "ERROR") {
    self.init(fields: [.sqlState: sqlState, .severity: severity])
  }

  static let cancelled = PostgresServerError("57014")
  static let unique = PostgresServerError("23505")
  static let fatal = PostgresServerError("57P01", severity: "FATAL")
}

/// Every event of an exchange, as a value, so that tests can run through all of them.
enum ExchangeEvent: String, CaseIterable, Codable, Sendable {
  case sendFailed
  case sendFailedOnBrokenConnection
  case rows
  case serverError
  case clientError
  case copyOut
  case copyIn
  case pipelineSync
  case pipelineAborted
  case noMoreResults
  case dataEnded
  case cancelRequested
  case cancelReturned
  case cancelPauseElapsed
  case deadlinePassed
  case connectionLost
}

extension ExchangeStateMachine {
  mutating func handle(_ event: ExchangeEvent) -> Action {
    switch event {
    case .sendFailed: sendFailed(isBroken: false)
    case .sendFailedOnBrokenConnection: sendFailed(isBroken: true)
    case .rows: received(.rows)
    case .serverError: received(.serverError(.unique))
    case .clientError: received(.clientError("out of memory"))
    case .copyOut: received(.copyOut)
    case .copyIn: received(.copyIn)
    case .pipelineSync: received(.pipelineSync)
    case .pipelineAborted: received(.pipelineAborted)
    case .noMoreResults: noMoreResults()
    case .dataEnded: dataEnded()
    case .cancelRequested: cancelRequested()
    case .cancelReturned: cancelReturned()
    case .cancelPauseElapsed: cancelPauseElapsed()
    case .deadlinePassed: deadlinePassed()
    case .connectionLost: connectionLost()
    }
  }
}

extension ExchangeEnd {
  static func failed(_ failure: ExchangeFailure, unknown: Bool = false, close: Bool = false) -> ExchangeEnd {
    ExchangeEnd(failure: failure, outcomeUnknown: unknown, mustClose: close)
  }
}

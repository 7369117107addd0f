import CLibPQ
import Glibc
import Logging

/// One `PGconn`. Every method returns at once, except `connect`.
final class LibPQConnection: @unchecked Sendable {  // after connecting, the event loop's thread only
  private var pointer: OpaquePointer?
  private let noticeSink: Unmanaged<NoticeSink>
  private let secrets: LibPQConninfo

  private init(_ pointer: OpaquePointer, _ conninfo: LibPQConninfo, _ logger: Logger) {
    self.pointer = pointer
    secrets = conninfo
    noticeSink = .passRetained(NoticeSink(logger: logger))
    // libpq would print notices to standard error.
    PQsetNoticeReceiver(
      pointer,
      { sink, result in
        guard let sink, let result else { return }
        Unmanaged<NoticeSink>.fromOpaque(sink).takeUnretainedValue().receive(result)
      }, noticeSink.toOpaque())
  }

  deinit {
    finish()
    noticeSink.release()
  }

  enum ConnectResult {
    case connected(LibPQConnection)
    /// libpq's message, without secrets.
    case failed(message: String)
  }

  /// Resolves names, connects, negotiates TLS, authenticates, tries one host after the other. Blocks: for a
  /// ``BlockingThreads`` thread only.
  static func connect(_ conninfo: LibPQConninfo, logger: Logger) -> ConnectResult {
    let pointer = withCStrings(conninfo.parameters.map(\.keyword)) { keywords in
      withCStrings(conninfo.parameters.map(\.value)) { values in
        PQconnectdbParams(keywords, values, 0)
      }
    }
    guard let pointer else { return .failed(message: "out of memory") }
    let connection = LibPQConnection(pointer, conninfo, logger)
    guard PQstatus(pointer) == CONNECTION_OK, PQsetnonblocking(pointer, 1) == 0 else {
      return .failed(message: connection.errorMessage)
    }
    return .connected(connection)
  }

  /// Says goodbye and closes the socket; the object must not be used any more.
  func finish() {
    guard let pointer else { return }
    self.pointer = nil
    PQfinish(pointer)
  }

  /// The `PGconn`, for this folder.
  var raw: OpaquePointer {
    guard let pointer else { preconditionFailure("a finished libpq connection is not used again") }
    return pointer
  }

  // MARK: What libpq knows

  var isBroken: Bool { PQstatus(raw) != CONNECTION_OK }
  /// The descriptor of the established connection; libpq closes it itself when the connection breaks.
  var socket: Int32 { PQsocket(raw) }
  /// Such as 150018 for 15.18.
  var serverVersion: Int { Int(PQserverVersion(raw)) }
  var backendPID: Int32 { PQbackendPID(raw) }
  var isEncrypted: Bool { PQsslInUse(raw) != 0 }
  /// libpq's own message about the last failure, without secrets.
  var errorMessage: String { secrets.redact(String(cString: PQerrorMessage(raw))) }

  var transactionStatus: PostgresTransactionStatus {
    switch PQtransactionStatus(raw) {
    case PQTRANS_IDLE: .idle
    case PQTRANS_INTRANS: .open
    case PQTRANS_INERROR: .failed
    default: .unknown
    }
  }

  // MARK: Reading and writing

  enum FlushResult {
    case flushed
    case pending
    case failed
  }

  /// Writes what is buffered, as far as the socket takes it.
  func flush() -> FlushResult {
    switch PQflush(raw) {
    case 0: .flushed
    case 1: .pending
    default: .failed
    }
  }

  /// Reads what has arrived, as far as libpq's buffer takes it. False when the connection is broken.
  func consumeInput() -> Bool {
    guard PQconsumeInput(raw) == 1 else { return false }
    // Bytes that OpenSSL has already decrypted make no socket readable, so they must not stay behind.
    while isEncrypted, TLSPending.count(of: raw) > 0 {
      guard PQconsumeInput(raw) == 1 else { return false }
    }
    return true
  }

  /// Whether `nextResult` would block.
  var isBusy: Bool { PQisBusy(raw) != 0 }

  /// The next result of the statement in progress; nil after ReadyForQuery, and between statements of a pipeline.
  /// Only when `isBusy` is false, or when the connection is broken.
  func nextResult() -> LibPQResult? {
    PQgetResult(raw).map { LibPQResult($0) }
  }

  /// A notification that has arrived.
  func nextNotification() -> (channel: String, payload: String, backendPID: Int32)? {
    guard let notification = PQnotifies(raw) else { return nil }
    defer { PQfreemem(notification) }
    let payload = notification.pointee.extra.map { String(cString: $0) } ?? ""
    return (String(cString: notification.pointee.relname), payload, notification.pointee.be_pid)
  }

  /// What is needed to ask the server, on another connection, to cancel what this one executes.
  func makeCancelRequest() -> LibPQCancelRequest? {
    PQgetCancel(raw).map { LibPQCancelRequest($0) }
  }

  /// A name as an SQL identifier; nil when it cannot be one.
  func quoteIdentifier(_ name: String) -> String? {
    var name = name
    let quoted = name.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { PQescapeIdentifier(raw, $0.baseAddress, $0.count) }
    }
    guard let quoted else { return nil }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}

/// A copy of what `PQcancel` needs.
final class LibPQCancelRequest: @unchecked Sendable {  // nothing changes a PGcancel
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQfreeCancel(pointer)
  }

  /// Connects, sends the request and waits until the server has taken it. Blocks, for as long as TCP tries: for a
  /// ``BlockingThreads`` thread only. libpq 15 does not encrypt this connection; it carries no secret but the cancel
  /// key.
  func send() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      // The statement's own end shows whether it helped.
      _ = PQcancel(pointer, message.baseAddress, Int32(message.count))
    }
  }
}

/// Receives NOTICE, WARNING and the like, on the event loop's thread.
private final class NoticeSink {
  private let logger: Logger

  init(logger: Logger) {
    self.logger = logger
  }

  func receive(_ result: OpaquePointer) {
    guard logger.logLevel <= .debug, let message = PQresultErrorMessage(result) else { return }
    logger.log(level: .debug, "notice from the server", [.notice: String(cString: message)])
  }
}

/// `SSL_pending` of the OpenSSL that libpq was linked with; libpq 15 has no call for it.
private enum TLSPending {
  private typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Int32
  private static let function: Function? = dlsym(nil, "SSL_pending").map { unsafeBitCast($0, to: Function.self) }

  static func count(of connection: OpaquePointer) -> Int32 {
    guard let function, let session = PQsslStruct(connection, "OpenSSL") else { return 0 }
    return function(session)
  }
}

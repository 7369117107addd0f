import Dispatch

/// Runs file and name look-ups, which may block on a slow disk or a directory service, off the cooperative pool.
func onBlockingThread<R: Sendable>(
  _ work: @Sendable @escaping () throws(EmbeddedPostgresError) -> R
) async throws(EmbeddedPostgresError) -> R {
  let result: Result<R, EmbeddedPostgresError> = await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(returning: Result(catching: work))
    }
  }
  return try result.get()
}

/// Starts work that the caller's cancellation must not reach: the life of the server process, and stopping it.
///
/// This is the module's only unstructured task. A cancelled program must still stop its server in order, and the server
/// must outlive the cancelled work that is using it, for as long as that takes to end.
func uncancelledTask<R: Sendable>(_ work: @Sendable @escaping () async -> R) -> Task<R, Never> {
  Task { await work() }
}

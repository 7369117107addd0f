import Glibc
import Synchronization

/// Short-lived threads for calls that block: name resolution, connecting, cancelling.
///
/// They may hang as long as a network does, so they are neither on the cooperative pool nor on the event loop, and
/// their number is bounded. Work beyond the bound waits in order; whoever waits for it has a deadline of its own.
final class BlockingThreads: Sendable {
  /// Connecting: at most this many hosts or name servers can hang at once before others wait.
  static let connecting = BlockingThreads(name: "postgres-connect", limit: 8)
  /// Cancelling has threads of its own, so that a hanging name server cannot hold it up.
  static let cancelling = BlockingThreads(name: "postgres-cancel", limit: 8)

  private let name: String
  private let limit: Int
  private let state = Mutex(State())

  private struct State {
    var running = 0
    var waiting: [@Sendable () -> Void] = []
  }

  init(name: String, limit: Int) {
    self.name = name
    self.limit = limit
  }

  /// Runs the closure on one of the threads, now or when one is free. False when the system has no thread left.
  func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
    let mustStart = state.withLock { state in
      guard state.running < limit else {
        state.waiting.append(work)
        return false
      }
      state.running += 1
      return true
    }
    guard mustStart else { return true }
    let started = startThread(named: name) { [self] in run(work) }
    if !started { state.withLock { $0.running -= 1 } }
    return started
  }

  private func run(_ first: @escaping @Sendable () -> Void) {
    var next: (@Sendable () -> Void)? = first
    while let work = next {
      work()
      next = state.withLock { state in
        if state.waiting.isEmpty {
          state.running -= 1
          return nil
        }
        return state.waiting.removeFirst()
      }
    }
  }
}

/// Starts a detached thread that takes no signals of the process. False when the system refuses.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
  final class Body {
    let run: @Sendable () -> Void
    let name: String
    init(run: @escaping @Sendable () -> Void, name: String) {
      self.run = run
      self.name = name
    }
  }
  let argument = Unmanaged.passRetained(Body(run: body, name: name))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var all = sigset_t()
  var previous = sigset_t()
  sigfillset(&all)
  // A new thread inherits the mask, so it must be set around its creation.
  pthread_sigmask(SIG_BLOCK, &all, &previous)
  defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
  var thread = pthread_t()
  let result = pthread_create(
    &thread, &attributes,
    { pointer in
      guard let pointer else { return nil }
      let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
      nameCurrentThread(body.name)
      body.run()
      return nil
    }, argument.toOpaque())
  if result != 0 { argument.release() }
  return result == 0
}

/// Shows the name in `top -H` and debuggers. Best effort: Swift does not import the calls that are made for it.
private func nameCurrentThread(_ name: String) {
  let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = write(descriptor, name, name.utf8.count)
  close(descriptor)
}

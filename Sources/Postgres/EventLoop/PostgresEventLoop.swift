import CLibPQ
import Glibc
import Synchronization

/// The one thread that watches all sockets of libpq, and the executor of every connection.
///
/// SwiftNIO cannot watch a descriptor that is not its own, and a libpq connection must be used by one thread at a time.
/// So the thread that waits in `epoll_wait` is also the one on which connection actors run: a socket that becomes
/// readable resumes its waiter without a change of thread. It starts with its first use and lives as long as the
/// process.
///
/// Sockets and timers: `PostgresEventLoop+sockets.swift`.
final class PostgresEventLoop: SerialExecutor, TaskExecutor {
  static let shared = PostgresEventLoop()

  let epollDescriptor: Int32
  let state = Mutex(State())
  private let wakeDescriptor: Int32
  private let thread = Atomic<UInt>(0)

  struct State {
    /// Actor jobs and closures in order of arrival.
    var jobs: [Work] = []
    /// Whether the thread sleeps in `epoll_wait` and must be woken through the descriptor.
    var isAsleep = false
    var sockets: [SocketToken: Socket] = [:]
    var lastToken: UInt64 = 0
    var timers: [TimerToken: Timer] = [:]
    /// No deadline is sooner than this; it may be earlier than the soonest, which costs one idle turn.
    var soonestDeadline: ContinuousClock.Instant?
  }

  enum Work {
    case job(UnownedJob)
    case closure(@Sendable () -> Void)
  }

  private init() {
    epollDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(epollDescriptor >= 0 && wakeDescriptor >= 0, "no file descriptor left for the database's event loop")
    var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(u64: Self.wakeToken))
    let added = epoll_ctl(epollDescriptor, EPOLL_CTL_ADD, wakeDescriptor, &event)
    precondition(added == 0, "an eventfd can always be watched")
    let started = startThread(named: "postgres-loop") { [self] in run() }
    precondition(started, "no thread left for the database's event loop")
  }

  // MARK: Work from any thread

  func enqueue(_ job: consuming ExecutorJob) {
    append(.job(UnownedJob(job)))
  }

  /// Runs the closure on the loop's thread, after everything enqueued before it.
  func execute(_ closure: @escaping @Sendable () -> Void) {
    append(.closure(closure))
  }

  private func append(_ work: Work) {
    let mustWake = state.withLock { state in
      state.jobs.append(work)
      let wasAsleep = state.isAsleep
      state.isAsleep = false
      return wasAsleep
    }
    if mustWake { wake() }
  }

  func wake() {
    // Fails only when the counter is full, and then the thread is awake anyway.
    _ = eventfd_write(wakeDescriptor, 1)
  }

  /// Runs an operation of a connection, and what it awaits, on this thread.
  ///
  /// A continuation is resumed on the executor its task prefers, whatever actor waits for it. Without this preference
  /// that is the cooperative pool, and each wake-up of a socket would cost two changes of thread.
  nonisolated(nonsending) func run<R: Sendable>(_ operation: () async -> R) async -> R {
    await withTaskExecutorPreference(self) { await operation() }
  }

  // MARK: Isolation

  func checkIsolated() {
    precondition(isCurrentThread, "not on the database's event loop")
  }

  func isIsolatingCurrentContext() -> Bool? {
    isCurrentThread
  }

  private var isCurrentThread: Bool {
    thread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  // MARK: The thread

  /// No descriptor has this token: they count from one.
  static let wakeToken: UInt64 = 0
  /// So many events are taken from the kernel at once; the rest comes with the next turn.
  private static let eventsMax = 64
  /// So many rounds of jobs run before sockets are looked at again.
  private static let jobRoundsMax = 8

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    let serialExecutor = asUnownedSerialExecutor()
    let taskExecutor = asUnownedTaskExecutor()
    var events = [epoll_event](repeating: epoll_event(), count: Self.eventsMax)
    var jobs: [Work] = []
    while true {
      let timeout = prepareToSleep()
      let count = epoll_wait(epollDescriptor, &events, Int32(Self.eventsMax), timeout)
      // A negative count is an interruption by a signal: nothing happened.
      dispatch(events.prefix(Int(max(count, 0))))
      for _ in 0..<Self.jobRoundsMax {
        let isEmpty = state.withLock { state in
          swap(&state.jobs, &jobs)
          return jobs.isEmpty
        }
        if isEmpty { break }
        for job in jobs {
          switch job {
          case .job(let job): job.runSynchronously(isolatedTo: serialExecutor, taskExecutor: taskExecutor)
          case .closure(let closure): closure()
          }
        }
        jobs.removeAll(keepingCapacity: true)
      }
    }
  }

  /// The timeout for `epoll_wait` in milliseconds: zero while there is work, else until the soonest deadline.
  private func prepareToSleep() -> Int32 {
    state.withLock { state in
      guard state.jobs.isEmpty else { return 0 }
      state.isAsleep = true
      guard let deadline = state.soonestDeadline else { return -1 }
      let remaining = ContinuousClock.now.duration(to: deadline)
      return remaining > .zero ? Int32(clamping: remaining.wholeMilliseconds) : 0
    }
  }

  private func dispatch(_ events: ArraySlice<epoll_event>) {
    var consequences: [Consequence] = []
    state.withLock { state in
      state.isAsleep = false
      // The wake-up is edge-triggered: every write to its descriptor is one event, and the counter need not be read.
      for event in events where event.data.u64 != Self.wakeToken {
        handle(event, in: &state, &consequences)
      }
      handleDeadlines(in: &state, &consequences)
    }
    for consequence in consequences {
      switch consequence {
      case .resume(let continuation, let reason): continuation.resume(returning: reason)
      case .call(let closure): closure()
      }
    }
  }

  /// What follows from an event once the lock is free.
  enum Consequence {
    case resume(UnsafeContinuation<SocketWake, Never>, SocketWake)
    case call(@Sendable () -> Void)
  }
}

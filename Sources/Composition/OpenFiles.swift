internal import Foundation

/// How many files and connections this process may have open.
enum OpenFiles {
  /// Takes what the system grants at most: thousands may follow a feed, each over a connection of its own, and a shell
  /// starts programs with about a thousand.
  static func allowAll() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // Without it the limit stays as it was; what it forbids then is refused one by one.
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

import Subprocess
import SystemPackage

/// Runs programs as the server's user: in a session of their own, in "/", with nothing of our environment.
///
/// The session keeps the terminal's Ctrl-C away from them, so that this program decides in which order things stop.
/// Files that the server owns are also written by such a program: root never follows a path that another user could
/// bend.
struct ServerProgram: Sendable {
  let user: OperatingSystemUser
  /// Whether we are somebody else (that is, root) and have to become the server's user first.
  let switchesUser: Bool

  struct Output: Sendable {
    let status: TerminationStatus
    let text: String
    let errorText: String
  }

  /// Most that a program may print; what PostgreSQL's tools print here is a few kilobytes.
  private static let outputSizeMax = 1 << 20

  var environment: Environment {
    .custom([
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "USER": user.name, "LC_ALL": "C", "TZ": "UTC",
    ])
  }

  var platformOptions: PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    // initdb removes what it has made when it is told to end.
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
    return options
  }

  /// The program and arguments that run `executable` as the server's user, under the process id that is spawned.
  ///
  /// `setpriv` (of util-linux, which every Debian has) changes the user. Subprocess could do it too, but between its
  /// raw `clone` and `exec` it then calls glibc's `setgroups`, which waits for ever if any thread was just being
  /// created.
  func command(_ executable: FilePath, _ arguments: [String]) -> (executable: Executable, arguments: Arguments) {
    guard switchesUser else { return (.path(executable), Arguments(arguments)) }
    let change = ["--reuid=\(user.userID)", "--regid=\(user.groupID)", "--clear-groups", "--", executable.string]
    return (.path("/usr/bin/setpriv"), Arguments(change + arguments))
  }

  /// Runs a program to its end; a failing exit code is a result, not an error.
  func run(
    _ executable: FilePath, _ arguments: [String], input: String = ""
  ) async throws(EmbeddedPostgresError) -> Output {
    let command = command(executable, arguments)
    do {
      let result = try await Subprocess.run(
        command.executable, arguments: command.arguments, environment: environment, workingDirectory: "/",
        platformOptions: platformOptions, input: .string(input), output: .string(limit: Self.outputSizeMax),
        error: .string(limit: Self.outputSizeMax))
      return Output(status: result.terminationStatus, text: result.standardOutput, errorText: result.standardError)
    } catch is CancellationError {
      throw .interrupted
    } catch {
      throw .programFailed(program: executable.string, status: "not run", output: "\(error)")
    }
  }

  /// Runs a program to its end and answers what it printed; a failing exit code is an error.
  @discardableResult
  func mustRun(
    _ executable: FilePath, _ arguments: [String], input: String = ""
  ) async throws(EmbeddedPostgresError) -> String {
    let output = try await run(executable, arguments, input: input)
    // A cancelled run ends its program; that is not the program's failure.
    if !output.status.isSuccess, Task.isCancelled { throw .interrupted }
    guard output.status.isSuccess else {
      throw .programFailed(
        program: executable.string, status: "\(output.status)", output: output.errorText + output.text)
    }
    return output.text
  }

  /// Replaces a file of the server's as a whole: whoever reads it sees the old contents or the new ones.
  func write(_ contents: String, to path: FilePath) async throws(EmbeddedPostgresError) {
    let script = #"umask 077 && cat >"$1.new" && mv -f -- "$1.new" "$1""#
    try await mustRun("/bin/sh", ["-c", script, "sh", path.string], input: contents)
  }

  /// Removes a folder of the server's with all it holds.
  func remove(_ path: FilePath) async throws(EmbeddedPostgresError) {
    try await mustRun("/bin/rm", ["-rf", "--", path.string])
  }

  /// Whether the server's user can enter a folder.
  func canEnter(_ folder: FilePath) async throws(EmbeddedPostgresError) -> Bool {
    try await run("/bin/sh", ["-c", #"cd -- "$1""#, "sh", folder.string]).status.isSuccess
  }
}

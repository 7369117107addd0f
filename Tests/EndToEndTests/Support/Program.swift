import Foundation
import Synchronization
import Testing

/// The built `federwerk` program, run as a user runs it.
enum Program {
  static let path: String = {
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appendingPathComponent("federwerk").path
  }()

  /// The root of the repository.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static let planFile = "\(repository)/plans/industriestadt-berlin.yaml"

  /// A folder of its own under the test run's folder.
  static func makeHome(_ name: String) throws -> String {
    let base = ProcessInfo.processInfo.environment["FEDERWERK_TEST_HOME"] ?? NSTemporaryDirectory()
    let home = "\(base)/\(name)-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
    return home
  }

  /// What a finished run printed.
  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String
  }

  /// Runs a command of the program to its end.
  static func run(_ arguments: [String], home: String, environment: [String: String] = [:]) async throws -> Output {
    try await run(path, arguments, environment: environment.merging(["FEDERWERK_HOME": home]) { $1 })
  }

  /// Runs any program to its end; what it prints goes through files, so that no pipe can fill up.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Output {
    let base = "\(NSTemporaryDirectory())/federwerk-run-\(UUID().uuidString)"
    let files = ["\(base).out", "\(base).err"]
    for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let handles = try files.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    // Thousands of rounds run in one process; what the child has inherited is closed here.
    defer { for handle in handles { try? handle.close() } }
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Output(
      status: status, text: try String(contentsOfFile: files[0], encoding: .utf8),
      errors: try String(contentsOfFile: files[1], encoding: .utf8))
  }
}

/// A running `federwerk serve`, or another command of the program that listens.
final class RunningServer: Sendable {
  let address: String
  /// What it printed up to its address.
  let greeting: String
  let home: String
  private let process: Mutex<Process>
  private let exited: AsyncStream<Int32>

  private init(
    address: String, greeting: String, home: String, process: sending Process, exited: AsyncStream<Int32>
  ) {
    self.address = address
    self.greeting = greeting
    self.home = home
    self.process = Mutex(process)
    self.exited = exited
  }

  /// Starts the server and returns once it has printed its address.
  static func start(
    _ command: String = "serve", home: String, arguments: [String] = [], environment: [String: String] = [:]
  ) async throws -> RunningServer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = [command] + arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["FEDERWERK_HOME": home, "FEDERWERK_PORT": "0"]) { $1 }.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    let errors = "\(home)/serve-errors.log"
    if !FileManager.default.fileExists(atPath: errors) { try Data().write(to: URL(fileURLWithPath: errors)) }
    let log = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try log.seekToEnd()
    process.standardError = log
    let (exited, signal) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = {
      signal.yield($0.terminationStatus)
      signal.finish()
    }
    try process.run()
    // The child has them; here they would only add up.
    try log.close()
    try output.fileHandleForWriting.close()
    let handle = output.fileHandleForReading
    let greeting = await withCheckedContinuation { (continuation: CheckedContinuation<String?, Never>) in
      Thread.detachNewThread { reportGreeting(in: handle, to: continuation) }
    }
    guard let greeting, let address = address(in: greeting) else {
      throw ServerDidNotStart(log: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
    }
    return RunningServer(address: address, greeting: greeting, home: home, process: process, exited: exited)
  }

  /// Reads until the server says where it listens, then only drains, so that it never waits for us.
  private static func reportGreeting(in handle: FileHandle, to continuation: CheckedContinuation<String?, Never>) {
    var text = ""
    var isFound = false
    while true {
      let data = handle.availableData
      if !isFound {
        text += String(decoding: data, as: UTF8.self)
        if address(in: text) != nil, text.contains("\n") {
          isFound = true
          continuation.resume(returning: text)
        }
      }
      if data.isEmpty {
        if !isFound { continuation.resume(returning: nil) }
        try? handle.close()
        return
      }
    }
  }

  private static func address(in text: String) -> String? {
    text.split(separator: "\n").lazy.compactMap { line in
      ["Serving ", "Witnessing at ", "Receiving at "].first { line.hasPrefix("\($0)http") }.map {
        String(line.dropFirst($0.count))
      }
    }.first
  }

  var processID: Int32 { process.withLock { $0.processIdentifier } }

  /// Sends a signal and waits until the process is gone.
  @discardableResult
  func stop(_ signal: Int32 = SIGINT) async -> Int32 {
    kill(processID, signal)
    return await waitForExit()
  }

  func waitForExit() async -> Int32 {
    for await status in exited { return status }
    return process.withLock { $0.terminationStatus }
  }

  /// The process ids of the database servers under the home folder, from their pid files.
  var databaseProcessIDs: [Int32] {
    let found = FileManager.default.enumerator(atPath: home)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix("postmaster.pid") }.compactMap { path in
      (try? String(contentsOfFile: "\(home)/\(path)", encoding: .utf8))?.split(separator: "\n").first.flatMap {
        Int32($0)
      }
    }
  }
}

struct ServerDidNotStart: Error, CustomStringConvertible {
  let log: String
  var description: String { "the server did not start: \(log.suffix(2000))" }
}

/// Starts a server, lends it, and stops it and its database afterwards.
func withServer<R>(
  _ name: String, arguments: [String] = [], environment: [String: String] = [:],
  _ body: (RunningServer) async throws -> R
) async throws -> R {
  let home = try Program.makeHome(name)
  let server = try await RunningServer.start(home: home, arguments: arguments, environment: environment)
  let result: Result<R, any Error>
  do { result = .success(try await body(server)) } catch { result = .failure(error) }
  await server.stop()
  try? FileManager.default.removeItem(atPath: home)
  return try result.get()
}

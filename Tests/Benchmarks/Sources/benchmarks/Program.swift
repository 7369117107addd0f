import Foundation
import Synchronization

/// Why the benchmark cannot go on; the text says what to do about it.
struct Problem: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Another program that runs beside this one, with a limit in time. It ends when this program does, however it does.
final class Program {
  /// The children that an interruption ends.
  private static let children = Mutex<Set<Int32>>([])
  private static let isInterrupted = Mutex(false)

  private let process = Process()
  private let name: String
  private let outputPath: String
  private let errorPath: String

  /// - Parameters:
  ///   - folder: where its output goes.
  ///   - limit: seconds after which it is told to stop; ten more, and it is killed.
  init(
    _ arguments: [String], environment: [String: String] = [:], folder: String, limit: Int
  ) throws {
    guard !Self.isInterrupted.withLock({ $0 }) else { throw Problem("interrupted") }
    name = arguments.first ?? ""
    let base = "\(folder)/\(UUID().uuidString)"
    outputPath = base + ".out"
    errorPath = base + ".err"
    for path in [outputPath, errorPath] where !FileManager.default.createFile(atPath: path, contents: nil) {
      throw Problem("\(path) cannot be written")
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // setpriv: a killed benchmark takes its children with it. timeout: nothing hangs.
    process.arguments = ["setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=10", "\(limit)"] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    try process.run()
    let id = process.processIdentifier
    Self.children.withLock { _ = $0.insert(id) }
  }

  /// Runs a program to its end and returns what it printed.
  @discardableResult
  static func run(
    _ arguments: [String], environment: [String: String] = [:], folder: String, limit: Int = 60
  ) throws -> String {
    let program = try Program(arguments, environment: environment, folder: folder, limit: limit)
    program.wait()
    guard program.process.terminationStatus == 0 else {
      throw Problem(
        "\(arguments.prefix(2).joined(separator: " ")) ended with \(program.process.terminationStatus): "
          + program.errors.suffix(2000) + program.output.suffix(500))
    }
    return program.output
  }

  var isRunning: Bool { process.isRunning }
  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  func wait() {
    process.waitUntilExit()
    let id = process.processIdentifier
    Self.children.withLock { _ = $0.remove(id) }
  }

  /// Asks it to stop and waits; `timeout` passes the request on.
  func stop() {
    if process.isRunning { process.terminate() }
    wait()
  }

  /// The process under `timeout`, whose memory can be looked at.
  var childID: Int32? {
    let id = process.processIdentifier
    let path = "/proc/\(id)/task/\(id)/children"
    return (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ").first.flatMap { Int32($0) }
  }

  /// After this, Ctrl-C and `kill` end the children; the program then cleans up on its way out.
  static func watchInterruptions() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        isInterrupted.withLock { $0 = true }
        for child in children.withLock({ $0 }) { kill(child, SIGTERM) }
      }
      source.resume()
      return source
    }
  }
}

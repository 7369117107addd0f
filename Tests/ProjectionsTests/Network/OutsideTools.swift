import Foundation
import Testing

/// Checkers written by others: they must accept what we write.
enum OutsideTools {
  private static let repository = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
    url.deletingLastPathComponent()
  }.path

  private static let folder =
    ProcessInfo.processInfo.environment["FEDERWERK_OUTSIDE_TOOLS"] ?? "\(repository)/.build/outside-tools"

  /// Hands files to a script of Tests/OutsideTools and expects that it accepts them and says so.
  static func expect(_ script: String, of files: [(name: String, content: [UInt8])], toSay text: String) async throws {
    let home = FileManager.default.temporaryDirectory.appending(path: "federwerk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    for file in files { try Data(file.content).write(to: home.appending(path: file.name)) }
    // What it prints goes through a file, so that no pipe can fill up.
    let printed = home.appending(path: "printed")
    try Data().write(to: printed)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(folder)/bin/python")
    process.arguments =
      ["\(repository)/Tests/OutsideTools/\(script)"] + files.map { home.appending(path: $0.name).path }
    let output = try FileHandle(forWritingTo: printed)
    process.standardOutput = output
    process.standardError = output
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    let said = try String(contentsOf: printed, encoding: .utf8)
    #expect(status == 0, "\(said)")
    #expect(said.contains(text), "\(said)")
  }
}

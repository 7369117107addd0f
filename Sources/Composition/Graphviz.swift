internal import EventSourcing
public import HTTPAPI
internal import Subprocess
internal import SystemPackage

/// Graphviz's `dot`, run as a program of its own, one drawing at a time.
public actor Graphviz: GraphDrawer {
  /// Drawings are some hundred kilobytes; more than this is none of ours.
  static let byteCountMax = 16 << 20
  /// A drawing of the whole Masterplan takes a fifth of a second.
  static let timeout: Duration = .seconds(20)
  /// Who comes when this many wait already is sent away.
  static let waitingMax = 16

  private var isDrawing = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  public init() {}

  public func svg(ofDOT text: String) async throws(GraphDrawerFailure) -> [UInt8] {
    guard waiting.count < Self.waitingMax else { throw .busy }
    while isDrawing { await withCheckedContinuation { waiting.append($0) } }
    isDrawing = true
    defer {
      isDrawing = false
      if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
    return try await draw(text)
  }

  private nonisolated func draw(_ text: String) async throws(GraphDrawerFailure) -> [UInt8] {
    do {
      let result = try await withThrowingTaskGroup(of: (Bool, [UInt8], String)?.self) { group in
        group.addTask {
          let record = try await Subprocess.run(
            .name("dot"), arguments: ["-Tsvg"], input: .string(text), output: .bytes(limit: Self.byteCountMax),
            error: .string(limit: 4_096))
          return (record.terminationStatus.isSuccess, record.standardOutput, record.standardError)
        }
        group.addTask {
          try await Task.sleep(for: Self.timeout)
          return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
      guard let (isSuccess, svg, errors) = result else { throw GraphDrawerFailure.failed("it took too long") }
      guard isSuccess else { throw GraphDrawerFailure.failed(errors) }
      return svg
    } catch let failure as GraphDrawerFailure {
      throw failure
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw .notInstalled
    } catch {
      throw .failed("\(error)")
    }
  }
}

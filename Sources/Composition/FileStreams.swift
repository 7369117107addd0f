internal import Audit
internal import NIOCore
internal import SystemPackage
internal import _NIOFileSystem

/// A file that is read from its start.
struct FileInput: ByteInput {
  private var reader: BufferedReader<ReadFileHandle>

  /// Opens a file for `body`.
  static func with<R>(_ path: String, _ body: (FileInput) async throws -> R) async throws -> R {
    try await FileSystem.shared.withFileHandle(forReadingAt: FilePath(path)) { handle in
      try await body(FileInput(reader: handle.bufferedReader()))
    }
  }

  mutating func read(_ count: Int) async throws -> [UInt8] {
    guard count > 0 else { return [] }
    return Array(try await reader.read(.bytes(Int64(count))).readableBytesView)
  }
}

/// A new file that appears under its name once it is whole.
struct FileOutput: ByteOutput {
  private var writer: BufferedWriter<WriteFileHandle>

  /// Replaces what is there; when `body` throws, nothing has changed.
  static func with(_ path: String, _ body: (inout FileOutput) async throws -> Void) async throws {
    try await FileSystem.shared.withFileHandle(forWritingAt: FilePath(path), options: .newFile(replaceExisting: true)) {
      handle in
      var output = FileOutput(writer: handle.bufferedWriter())
      try await body(&output)
      try await output.writer.flush()
    }
  }

  mutating func write(_ bytes: [UInt8]) async throws { _ = try await writer.write(contentsOf: bytes) }
}

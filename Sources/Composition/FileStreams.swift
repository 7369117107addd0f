internal import Audit
internal import NIOCore
internal import SystemPackage
internal import _NIOFileSystem

/// A file that is read from its start.
struct FileInput: ByteInput {
  private static let chunkByteCount: Int64 = 1 << 20

  private let handle: ReadFileHandle
  private var chunk = ByteBuffer()
  private var offset: Int64 = 0

  private init(_ handle: ReadFileHandle) { self.handle = handle }

  /// Opens a file for `body`.
  static func with<R>(_ path: String, _ body: (FileInput) async throws -> R) async throws -> R {
    try await FileSystem.shared.withFileHandle(forReadingAt: FilePath(path)) { try await body(FileInput($0)) }
  }

  mutating func read(_ count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      if chunk.readableBytes == 0 {
        chunk = try await handle.readChunk(fromAbsoluteOffset: offset, length: .bytes(Self.chunkByteCount))
        offset += Int64(chunk.readableBytes)
        if chunk.readableBytes == 0 { break }
      }
      chunk.readWithUnsafeReadableBytes { readable in
        let part = readable.prefix(count - bytes.count)
        bytes.append(contentsOf: part)
        return part.count
      }
    }
    return bytes
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

import EventSourcing
import Feeds
import NIOCore
import NIOPosix
import Synchronization

/// The far end of a stream: takes apart what arrives, and can refuse to take any.
final class Listener: Sendable {
  private struct State {
    var text = ""
    var blocks: [String] = []
    var isWritable = true
    var isCut = false
    var pushCount = 0
    var waiting: [(isDone: @Sendable ([String]) -> Bool, resume: CheckedContinuation<Void, Never>)] = []
    var cutWaiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Called after each block, outside any lock.
  private let onBlock: @Sendable (Listener) -> Void

  init(onBlock: @escaping @Sendable (Listener) -> Void = { _ in }) { self.onBlock = onBlock }

  var blocks: [String] { state.withLock { $0.blocks } }
  /// How often something came without the reader's task.
  var pushCount: Int { state.withLock { $0.pushCount } }
  /// The data of all events, without checkpoints.
  var events: [String] { Self.events(blocks) }

  static func events(_ blocks: [String]) -> [String] {
    blocks.filter { !$0.contains("event: ") }.compactMap { block in
      block.split(separator: "\n").first { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }
  }

  func reader(
    from next: Int64 = 0, expires: Int = .max, isValid: @escaping @Sendable () -> Bool = { true }
  ) -> FeedReader {
    FeedReader(
      from: Position(next), admission: .init(expires: expires, isValid: isValid),
      connection: .init(
        eventLoop: MultiThreadedEventLoopGroup.singleton.any(), isWritable: { self.state.withLock { $0.isWritable } },
        push: { bytes, chunk in
          self.state.withLock { $0.pushCount += 1 }
          var chunk = chunk
          let text = chunk.readString(length: chunk.readableBytes) ?? ""
          let size = String(bytes.readableBytes, radix: 16)
          self.take(text == "\(size)\r\n\(String(buffer: bytes))\r\n" ? String(buffer: bytes) : "a wrong chunk\n\n")
        },
        cut: {
          let waiting = self.state.withLock { state in
            state.isCut = true
            defer { state.cutWaiting = [] }
            return state.cutWaiting
          }
          for one in waiting { one.resume() }
        }))
  }

  func write(_ buffers: [ByteBuffer]) { for buffer in buffers { take(String(buffer: buffer)) } }

  func setWritable(_ isWritable: Bool) { state.withLock { $0.isWritable = isWritable } }

  private func take(_ text: String) {
    let (count, ready) = state.withLock { state in
      state.text += text
      let parts = state.text.components("\n\n")
      state.blocks += parts.dropLast()
      state.text = parts.last ?? ""
      let blocks = state.blocks
      let ready = state.waiting.filter { $0.isDone(blocks) }.map(\.resume)
      state.waiting.removeAll { $0.isDone(blocks) }
      return (parts.count - 1, ready)
    }
    for one in ready { one.resume() }
    for _ in 0..<count { onBlock(self) }
  }

  /// Suspends until what has arrived is enough.
  func wait(until isDone: @escaping @Sendable ([String]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if isDone(state.blocks) { return true }
        state.waiting.append((isDone, continuation))
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  func wait(forEvents count: Int) async { await wait { Self.events($0).count >= count } }

  func waitUntilCut() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isCut { state.cutWaiting.append(continuation) }
        return state.isCut
      }
      if isOver { continuation.resume() }
    }
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}

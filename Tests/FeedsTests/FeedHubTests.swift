import EventSourcing
import Feeds
import GrowingLog
import HangLimit
import Logging
import NIOCore
import Synchronization
import Testing

/// Whoever follows a log gets all of it, once and in order, however it is served.
@Suite(.hangLimit) struct FeedHubTests {
  private let log = GrowingLog()

  private func withHub(
    _ limits: (inout FeedConfiguration) -> Void = { _ in }, now: Int = 0,
    _ body: @escaping @Sendable (FeedHub) async throws -> Void
  ) async throws {
    var configuration = FeedConfiguration()
    configuration.tickInterval = .milliseconds(5)
    limits(&configuration)
    let hub = FeedHub(
      store: log.memory, configuration: configuration, now: { now },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await hub.run() }
      defer { group.cancelAll() }
      try await body(hub)
    }
  }

  /// Lets a reader follow while the body runs.
  private func follow(
    _ hub: FeedHub, _ listener: Listener, _ reader: FeedReader,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let isOver: Void? = try await hub.withTail(of: log.id, for: reader) { tail in
          try await hub.stream(tail, to: reader) { listener.write($0) }
        }
        #expect(isOver != nil)
      }
      defer { group.cancelAll() }
      try await body()
    }
  }

  private func expectAll(_ listener: Listener, from first: Int64 = 0, count: Int) {
    #expect(listener.events == (first..<first + Int64(count)).map { log.entry($0) })
    let ids = listener.blocks.filter { !$0.contains("event: ") && $0 != ":" }.map { $0.prefix(20) }
    #expect(ids == (first..<first + Int64(count)).map { "id: \(Position($0).padded.description)" })
  }

  @Test func `a reader gets what is there and what comes, whole and in order`() async throws {
    try await log.grow(by: 2500)
    let listener = Listener()
    try await withHub { hub in
      try await follow(hub, listener, listener.reader()) {
        await listener.wait(forEvents: 2500)
        for count in 1...60 { try await log.grow(by: count % 7 + 1) }
        let size = try await log.memory.head(of: log.id)?.size.value ?? 0
        await listener.wait(forEvents: Int(size))
        expectAll(listener, count: Int(size))
        #expect(listener.pushCount > 0, "what comes needs no task")
      }
    }
  }

  @Test func `many readers get the same, from wherever they begin`() async throws {
    try await log.grow(by: 300)
    try await withHub { hub in
      let listeners = (0..<40).map { _ in Listener() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, listener) in listeners.enumerated() {
          let first = Int64(index * 7)
          group.addTask {
            try await follow(hub, listener, listener.reader(from: first)) {
              await listener.wait(forEvents: 500 - Int(first))
              expectAll(listener, from: first, count: 500 - Int(first))
            }
          }
        }
        for _ in 0..<40 { try await log.grow(by: 5) }
        try await group.waitForAll()
      }
    }
  }

  @Test func `a reader that takes no more is left to its task and lacks nothing`() async throws {
    try await log.grow(by: 1)
    let count = Mutex(0)
    // Every third block finds the connection full; the task is what empties it.
    let listener = Listener { listener in
      listener.setWritable(
        count.withLock { count in
          count += 1
          return count % 3 != 0
        })
    }
    try await withHub { hub in
      try await follow(hub, listener, listener.reader()) {
        for _ in 0..<200 { try await log.grow(by: 2) }
        await listener.wait(forEvents: 401)
        expectAll(listener, count: 401)
      }
    }
  }

  @Test func `whoever is behind what is kept encoded reads from the store`() async throws {
    let listener = Listener()
    try await log.grow(by: 1)
    try await withHub({ $0.tailByteCountMax = 1 }) { hub in
      try await follow(hub, listener, listener.reader()) {
        for _ in 0..<100 { try await log.grow(by: 3) }
        await listener.wait(forEvents: 301)
        expectAll(listener, count: 301)
      }
    }
  }

  @Test func `a reader that takes nothing keeps nobody else from the store`() async throws {
    try await log.grow(by: 10)
    try await withHub({ $0.catchUpsMax = 1 }) { hub in
      let (stuck, stick) = AsyncStream.makeStream(of: Void.self)
      let (forever, end) = AsyncStream.makeStream(of: Void.self)
      defer { end.finish() }
      let (slow, listener) = (Listener(), Listener())
      try await withThrowingTaskGroup(of: Void.self) { group in
        let reader = slow.reader()
        group.addTask {
          let isOver: Void? = try await hub.withTail(of: log.id, for: reader) { tail in
            try await hub.stream(tail, to: reader) { _ in
              stick.yield()
              for await _ in forever {}
            }
          }
          #expect(isOver != nil)
        }
        defer { group.cancelAll() }
        for await _ in stuck { break }
        try await follow(hub, listener, listener.reader()) { await listener.wait(forEvents: 10) }
        expectAll(listener, count: 10)
      }
    }
  }

  @Test func `while many catch up, each page is short and nothing is left out`() async throws {
    try await log.grow(by: 40)
    try await withHub({
      $0.catchUpsMax = 1
      $0.crowdedCatchUpCount = 3
    }) { hub in
      let listeners = (0..<6).map { _ in Listener() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for listener in listeners {
          group.addTask {
            try await follow(hub, listener, listener.reader()) {
              await listener.wait(forEvents: 40)
              expectAll(listener, count: 40)
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func `a checkpoint follows the events that it covers and repeats the last id`() async throws {
    try await log.grow(by: 3)
    try await log.publish()
    let listener = Listener()
    try await withHub { hub in
      try await follow(hub, listener, listener.reader()) {
        await listener.wait { $0.contains { $0.contains("note of 3") } }
        try await log.grow(by: 2)
        await listener.wait(forEvents: 5)
        try await log.publish()
        await listener.wait { $0.contains { $0.contains("note of 5") } }
      }
    }
    let blocks = listener.blocks.filter { $0 != ":" }
    let expected = { (size: Int) in
      "id: \(Position(Int64(size) - 1).padded.description)\nevent: checkpoint\ndata: {\"note\":\"note of \(size)\\n\",\"size\":\(size)}"
    }
    #expect(blocks.count == 7)
    #expect(blocks[3] == expected(3))
    #expect(blocks[6] == expected(5))
  }

  @Test func `a reader that begins behind a checkpoint gets it only after what it covers`() async throws {
    try await log.grow(by: 4)
    try await log.publish()
    try await log.grow(by: 4)
    let listener = Listener()
    try await withHub { hub in
      try await follow(hub, listener, listener.reader(from: 2)) {
        await listener.wait { $0.contains { $0.contains("note of 4") } }
        expectAll(listener, from: 2, count: 6)
      }
    }
  }

  @Test func `a silent stream is told that the server lives`() async throws {
    try await log.grow(by: 1)
    let listener = Listener()
    try await withHub({ $0.heartbeatInterval = .milliseconds(5) }) { hub in
      try await follow(hub, listener, listener.reader()) {
        await listener.wait { $0.filter { $0 == ":" }.count >= 3 }
        expectAll(listener, count: 1)
      }
    }
  }

  @Test func `a connection that takes nothing for too long is cut`() async throws {
    try await log.grow(by: 1)
    let listener = Listener()
    try await withHub({ $0.stallMax = .milliseconds(20) }) { hub in
      let reader = listener.reader()
      await #expect(throws: ChannelError.self) {
        let isOver: Void? = try await hub.withTail(of: log.id, for: reader) { tail in
          try await hub.stream(tail, to: reader) { _ in
            await listener.waitUntilCut()
            throw ChannelError.ioOnClosedChannel
          }
        }
        #expect(isOver == nil, "only a closed connection ends it")
      }
    }
  }

  @Test func `a reader is cut when its token has expired`() async throws {
    try await log.grow(by: 1)
    let listener = Listener()
    try await withHub(now: 100) { hub in
      try await follow(hub, listener, listener.reader(expires: 100)) { await listener.waitUntilCut() }
    }
  }

  @Test func `a reader that is level is cut before it gets what comes after it was shut out`() async throws {
    try await log.grow(by: 1)
    let listener = Listener()
    let isValid = Mutex(true)
    try await withHub({ $0.tickInterval = .seconds(600) }) { hub in
      try await follow(hub, listener, listener.reader(isValid: { isValid.withLock { $0 } })) {
        // It is level once something came without its task.
        var count = 1
        repeat {
          count += 1
          try await log.grow(by: 1)
          await listener.wait(forEvents: count)
        } while listener.pushCount == 0
        isValid.withLock { $0 = false }
        try await log.grow(by: 1)
        await listener.waitUntilCut()
        expectAll(listener, count: count)
      }
    }
  }

  @Test func `a reader that is shut out is cut although nothing comes`() async throws {
    try await log.grow(by: 1)
    let listener = Listener()
    let isValid = Mutex(true)
    try await withHub { hub in
      try await follow(hub, listener, listener.reader(isValid: { isValid.withLock { $0 } })) {
        await listener.wait(forEvents: 1)
        isValid.withLock { $0 = false }
        await listener.waitUntilCut()
      }
    }
  }

  @Test func `what a reader lacks is not sent once it is shut out`() async throws {
    try await log.grow(by: 3)
    let listener = Listener()
    try await withHub { hub in
      await #expect(throws: ShutOut.self) {
        try await hub.withTail(of: log.id, for: listener.reader(isValid: { false })) { tail in
          try await hub.stream(tail, to: listener.reader(isValid: { false })) { listener.write($0) }
        }
      }
      #expect(listener.blocks.isEmpty)
    }
  }

  @Test func `only so many read at a time`() async throws {
    try await log.grow(by: 1)
    let (first, second) = (Listener(), Listener())
    try await withHub({ $0.readersMax = 1 }) { hub in
      #expect(hub.hasRoom)
      try await follow(hub, first, first.reader()) {
        await first.wait(forEvents: 1)
        #expect(!hub.hasRoom)
        let refused: Void? = try await hub.withTail(of: log.id, for: second.reader()) { _ in }
        #expect(refused == nil)
      }
      #expect(hub.hasRoom)
    }
  }

  @Test func `many requests ask the store in turn, and too many are told so`() async throws {
    try await withHub({
      $0.lookupsMax = 2
      $0.readersMax = 50
    }) { hub in
      let (released, release) = AsyncStream.makeStream(of: Void.self)
      let asking = Crowd()
      let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<53 {
          group.addTask {
            do {
              try await hub.lookUp {
                asking.enter()
                for await _ in released { break }
                asking.leave()
              }
              return true
            } catch is NoTurnLeft {
              return false
            }
          }
        }
        var answers: [Bool] = []
        // Two ask and fifty wait; the one beyond them learns it at once.
        answers.append(try await group.next() ?? true)
        #expect(answers == [false])
        release.finish()
        for try await answer in group { answers.append(answer) }
        return answers.count { $0 }
      }
      #expect(answered == 52)
      #expect(asking.most == 2)
    }
  }

  @Test func `streams end when the hub does, and nobody is let in after that`() async throws {
    try await log.grow(by: 1)
    let hub = FeedHub(
      store: log.memory, now: { 0 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await withTaskGroup(of: Void.self) { inner in
          inner.addTask { await #expect(throws: Never.self) { try await hub.run() } }
          for await _ in running.stream {}
          inner.cancelAll()
        }
      }
      let listener = Listener()
      let reader = listener.reader()
      group.addTask {
        let isOver: Void? = try await hub.withTail(of: log.id, for: reader) { tail in
          try await hub.stream(tail, to: reader) { listener.write($0) }
        }
        #expect(isOver != nil)
      }
      await listener.wait(forEvents: 1)
      running.continuation.finish()
      try await group.waitForAll()
      #expect(!hub.hasRoom)
    }
  }

  @Test func `whoever waits is called when the event is there, or when the time is up`() async throws {
    try await log.grow(by: 1)
    try await withHub { hub in
      let reader = Listener().reader()
      let isOver: Void? = try await hub.withTail(of: log.id, for: reader) { tail in
        await hub.wait(for: Position(5), in: tail, atMost: .milliseconds(10))
        async let waiting: Void = hub.wait(for: Position(3), in: tail, atMost: .seconds(60))
        try await log.grow(by: 3)
        await waiting
      }
      #expect(isOver != nil)
    }
  }
}

/// How many are in at a time.
private final class Crowd: Sendable {
  private let state = Mutex((now: 0, most: 0))

  var most: Int { state.withLock { $0.most } }

  func enter() {
    state.withLock { state in
      state.now += 1
      state.most = max(state.most, state.now)
    }
  }

  func leave() { state.withLock { $0.now -= 1 } }
}

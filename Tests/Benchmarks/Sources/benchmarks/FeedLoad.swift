import CEpoll
import Foundation
import Glibc

/// Many who read a plan's feed as server-sent events, on one thread of this process, while commands arrive one by one.
struct FeedLoad {
  struct Result {
    /// From sending a command to receiving its event, in milliseconds.
    var sent = Quantiles([])
    /// From the commit to receiving the event, in milliseconds. The database notes the time of a commit before it is
    /// flushed, so this is rather too much.
    var committed = Quantiles([])
    var deliveries = 0
    /// Resident memory that each silent subscriber costs the server.
    var kilobytesPerSubscriber = 0.0
  }

  /// The middle and the slow end of many durations.
  struct Quantiles {
    var p50 = Double.nan
    var p99 = Double.nan

    init(_ milliseconds: [Double]) {
      guard !milliseconds.isEmpty else { return }
      let sorted = milliseconds.sorted()
      p50 = sorted[sorted.count / 2]
      p99 = sorted[sorted.count * 99 / 100]
    }
  }

  let address: String
  let token: String
  let plan: String

  /// Opens so many streams at the head of the log, and sends so many commands a second for a while.
  /// - Parameter commits: when each event from a position on was committed, in seconds since 1970.
  func follow(
    subscribers: Int, perSecond: Int, seconds: Double, bodies: [String], memory: () -> Double?,
    commits: (_ from: Int64) throws -> [Int64: Double]
  ) throws -> Result {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let before = memory() ?? .nan
    let sender = try connect()
    defer { close(sender) }
    let head = try report(bodies[0], on: sender, key: "\(UUID())")
    var last: [Int32: Int64] = [:]
    defer { for socket in last.keys { close(socket) } }
    for _ in 0..<subscribers {
      let socket = try connect()
      send(
        "GET", "/v1/plans/\(plan)/feed?lastEventId=\(Self.padded(head))", "Accept: text/event-stream\r\n", on: socket)
      last[socket] = head
    }
    var result = Result()
    var streams = Streams(last: last)
    // Everybody has the head of the answer, and what the opening cost has settled.
    try streams.read(until: .now + .seconds(2))
    result.kilobytesPerSubscriber = ((memory() ?? .nan) - before) * 1024 / Double(subscribers)
    let count = Int(seconds * Double(perSecond))
    let begin = ContinuousClock.now
    for index in 0..<count {
      try streams.read(until: begin + .seconds(Double(index) / Double(perSecond)))
      streams.sent[streams.sent.count + Int(head) + 1] = .now
      self.post(bodies[index % bodies.count], on: sender, key: "\(UUID())")
      streams.answers = sender
    }
    try streams.read(until: .now + .seconds(20)) { $0.deliveries.count == count * subscribers }
    guard streams.deliveries.count == count * subscribers else {
      throw Problem(
        "\(count * subscribers - streams.deliveries.count) deliveries to \(subscribers) are missing; "
          + "\(subscribers - streams.opened.count) streams were not opened")
    }
    result.deliveries = streams.deliveries.count
    result.sent = Quantiles(streams.deliveries.map { $0.sinceSent * 1000 })
    let committed = try commits(head + 1)
    result.committed = Quantiles(
      streams.deliveries.compactMap { one in committed[one.position].map { (one.received - $0) * 1000 } })
    return result
  }

  /// Reads the feed from its beginning until an event, and says how long that took, in seconds.
  func catchUp(through last: Int64) throws -> Double {
    let socket = try connect()
    defer { close(socket) }
    let begin = ContinuousClock.now
    send("GET", "/v1/plans/\(plan)/feed", "Accept: text/event-stream\r\n", on: socket)
    let mark = Array("\nid: \(Self.padded(last))\n".utf8)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var carried = 0
    while true {
      let count = buffer[carried...].withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { throw Problem("the stream broke off") }
      if buffer.withUnsafeBytes({ $0[..<(carried + count)].find(mark, from: 0) }) != nil {
        return (ContinuousClock.now - begin).seconds
      }
      let kept = min(mark.count, carried + count)
      buffer.replaceSubrange(0..<kept, with: Array(buffer[(carried + count - kept)..<(carried + count)]))
      carried = kept
    }
  }

  /// Sends one command and throws unless it is carried out.
  func command(_ name: String, _ body: String) throws {
    let socket = try connect()
    defer { close(socket) }
    send(
      "POST", "/v1/plans/\(plan)/commands/\(name)",
      "Idempotency-Key: \(UUID())\r\nContent-Length: \(body.utf8.count)\r\n", body, on: socket)
    let answer = answer(on: socket)
    guard answer.hasPrefix("HTTP/1.1 201") else { throw Problem("\(name) was not carried out: \(answer)") }
  }

  private func answer(on socket: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  // MARK: - Sockets

  /// What arrives on all streams.
  private struct Streams {
    /// The newest event that each stream has brought.
    var last: [Int32: Int64]
    /// When the command of each position was sent.
    var sent: [Int: ContinuousClock.Instant] = [:]
    /// Seconds since its command was sent, and since 1970.
    var deliveries: [(position: Int64, sinceSent: Double, received: Double)] = []
    /// The connection of the commands, whose answers are taken and thrown away.
    var answers: Int32?
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private let poller = epoll_create1(0)
    private var ready = [epoll_event](repeating: epoll_event(), count: 1024)
    private static let mark = Array("\nid: ".utf8)
    private static let success = Array("HTTP/1.1 200 ".utf8)
    /// The last bytes of each stream, which may begin a mark.
    private var rests: [Int32: [UInt8]] = [:]
    private(set) var opened: Set<Int32> = []

    init(last: [Int32: Int64]) {
      self.last = last
      for socket in last.keys {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: socket))
        epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)
      }
    }

    mutating func read(until end: ContinuousClock.Instant, or isDone: (Streams) -> Bool = { _ in false }) throws {
      while !isDone(self) {
        let left = end - .now
        guard left > .zero else { return }
        let count = epoll_wait(poller, &ready, Int32(ready.count), Int32(max(1, left.seconds * 1000)))
        for index in 0..<Int(max(count, 0)) { try take(ready[index].data.fd) }
        if let answers { while recv(answers, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {} }
      }
    }

    private mutating func take(_ socket: Int32) throws {
      let rest = rests[socket] ?? []
      buffer.replaceSubrange(0..<rest.count, with: rest)
      let received = buffer.withUnsafeMutableBytes { bytes in
        recv(socket, bytes.baseAddress.map { $0 + rest.count }, bytes.count - rest.count, Int32(MSG_DONTWAIT))
      }
      guard received != 0 else { throw Problem("a stream was closed") }
      guard received > 0 else { return }
      let count = rest.count + received
      if !opened.contains(socket) {
        guard buffer.starts(with: Self.success) else {
          throw Problem("a stream was not opened: \(String(decoding: buffer[..<count], as: UTF8.self))")
        }
        opened.insert(socket)
      }
      let (now, time) = (ContinuousClock.now, Date.now.timeIntervalSince1970)
      var newest = last[socket] ?? 0
      buffer.withUnsafeBytes { bytes in
        var offset = 0
        while let start = bytes[..<count].find(Self.mark, from: offset), start + 16 <= count {
          let position = bytes[start..<start + 16].reduce(Int64(0)) { $0 * 10 + Int64($1) - 48 }
          if position == newest + 1, let begun = sent[Int(position)] {
            deliveries.append((position, (now - begun).seconds, time))
            newest = position
          }
          offset = start + 16
        }
        // A mark may be cut in two, and a position that is missed hides those after it.
        rests[socket] = Array(bytes[max(offset, count - Self.mark.count - 16)..<count])
      }
      last[socket] = newest
    }
  }

  private func connect() throws -> Int32 {
    guard let url = URL(string: address), let port = url.port else { throw Problem("\(address) has no port") }
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(port).bigEndian
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Problem("no connection: \(String(cString: strerror(errno)))") }
    var on: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    return socket
  }

  private func send(_ method: String, _ path: String, _ fields: String, _ body: String = "", on socket: Int32) {
    let text =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\(fields)\r\n\(body)"
    _ = Array(text.utf8).withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
  }

  private func post(_ body: String, on socket: Int32, key: String) {
    send(
      "POST", "/v1/plans/\(plan)/commands/report-progress",
      "Idempotency-Key: \(key)\r\nContent-Length: \(body.utf8.count)\r\n", body, on: socket)
  }

  /// Sends one command and gives the position of its event.
  private func report(_ body: String, on socket: Int32, key: String) throws -> Int64 {
    post(body, on: socket, key: key)
    let answer = answer(on: socket)
    guard let mark = answer.range(of: "\"position\":", options: .backwards),
      let position = Int64(answer[mark.upperBound...].prefix { $0.isNumber })
    else { throw Problem("a command was not carried out: \(answer)") }
    return position
  }

  private static func padded(_ position: Int64) -> String { String(format: "%016ld", Int(position)) }
}

extension Slice<UnsafeRawBufferPointer> {
  /// Where the first such bytes end. They begin with a line break, of which there are few.
  fileprivate func find(_ mark: [UInt8], from start: Int) -> Int? {
    guard let base = base.baseAddress else { return nil }
    var offset = start
    while offset + mark.count <= endIndex, let line = memchr(base + offset, 10, endIndex - offset) {
      offset = UnsafeRawPointer(line) - base
      guard offset + mark.count <= endIndex else { return nil }
      if memcmp(base + offset, mark, mark.count) == 0 { return offset + mark.count }
      offset += 1
    }
    return nil
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1_000_000_000_000_000_000
  }
}

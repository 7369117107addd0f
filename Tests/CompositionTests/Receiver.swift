import Foundation
import Glibc
import Synchronization
import Testing

/// Answers the same to whoever connects, and counts them.
final class Receiver: Sendable {
  /// What becomes of a connection after the answer.
  enum End {
    case close
    /// It stays open, and nothing more is said.
    case hold
    /// Instead of an answer.
    case reset
  }

  let port: Int
  private let socket: Int32
  private let held = Mutex<[Int32]>([])
  private let count = Atomic<Int>(0)

  var connections: Int { count.load(ordering: .sequentiallyConsistent) }

  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - answer: said once all of a request was read: to close a connection with something unread in it resets it.
  init(
    at ip: String, port: Int = 0, answering answer: String = "HTTP/1.1 204 No Content\r\n\r\n", end: End = .close
  ) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(port).bigEndian
    place.sin_addr.s_addr = inet_addr(ip)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (socket, isOpen) = withUnsafeMutablePointer(to: &place) { [socket] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        (socket, bind(socket, $0, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0)
      }
    }
    try #require(isOpen)
    self.port = Int(UInt16(bigEndian: place.sin_port))
    // It blocks, so it has a thread of its own, which ends when the socket is shut.
    Thread.detachNewThread { [self] in
      while case let connection = accept(socket, nil, nil), connection >= 0 {
        count.add(1, ordering: .sequentiallyConsistent)
        Self.readRequest(from: connection)
        if end == .reset {
          var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
          setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
          close(connection)
          continue
        }
        let bytes = Array(answer.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if end == .hold { held.withLock { $0.append(connection) } } else { close(connection) }
      }
    }
  }

  /// Head and body may arrive apart.
  private static func readRequest(from connection: Int32) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      guard let head = text.range(of: "\r\n\r\n") else { continue }
      let length = text[..<head.lowerBound].firstMatch(of: /(?i)content-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
      if text[head.upperBound...].utf8.count >= length { return }
    }
  }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    for connection in held.withLock({ $0 }) { close(connection) }
  }
}

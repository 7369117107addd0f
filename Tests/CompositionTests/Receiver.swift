import Foundation
import Glibc
import Synchronization
import Testing

/// Answers the same to whoever connects, and counts them.
final class Receiver: Sendable {
  let port: Int
  private let socket: Int32
  private let held = Mutex<[Int32]>([])
  private let count = Atomic<Int>(0)

  var connections: Int { count.load(ordering: .sequentiallyConsistent) }

  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - answer: before the connection is closed.
  ///   - isHolding: leave the connection open instead, and say nothing more.
  init(
    at ip: String, port: Int = 0, answering answer: String = "HTTP/1.1 204 No Content\r\n\r\n", isHolding: Bool = false
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
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = recv(connection, &buffer, buffer.count, 0)
        let bytes = Array(answer.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if isHolding { held.withLock { $0.append(connection) } } else { close(connection) }
      }
    }
  }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    for connection in held.withLock({ $0 }) { close(connection) }
  }
}

import CEpoll
import Foundation
import Glibc
import Synchronization

/// A receiver of webhooks that takes everything and looks at nothing, on a thread of its own.
final class DeliverySink: Sendable {
  let port: Int
  private let listening: Int32
  private let taken = Atomic<Int>(0)

  /// How many deliveries it has answered.
  var count: Int { taken.load(ordering: .relaxed) }

  init() throws {
    listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (sink, size) = (listening, length)
    let isOpen = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(sink, address, size) == 0 && listen(sink, 128) == 0 && getsockname(sink, address, &length) == 0
      }
    }
    guard isOpen else { throw Problem("no port for deliveries") }
    port = Int(UInt16(bigEndian: place.sin_port))
    Thread.detachNewThread { self.serve() }
  }

  private func serve() {
    let poller = epoll_create1(0)
    watch(listening, poller)
    var ready = [epoll_event](repeating: epoll_event(), count: 64)
    var pending: [Int32: [UInt8]] = [:]
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let answer = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
    while true {
      for index in 0..<Int(max(0, epoll_wait(poller, &ready, Int32(ready.count), -1))) {
        let socket = ready[index].data.fd
        if socket == listening {
          watch(accept(listening, nil, nil), poller)
          continue
        }
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else {
          pending[socket] = nil
          close(socket)
          continue
        }
        pending[socket, default: []] += buffer[..<count]
        while let length = Self.request(in: pending[socket] ?? []) {
          pending[socket]?.removeFirst(length)
          taken.add(1, ordering: .relaxed)
          _ = send(socket, answer, answer.count, Int32(MSG_NOSIGNAL))
        }
      }
    }
  }

  private func watch(_ socket: Int32, _ poller: Int32) {
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: socket))
    epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)
  }

  /// How long the first request is, when all of it is there.
  private static func request(in bytes: [UInt8]) -> Int? {
    guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
    let lines = String(decoding: bytes[..<head], as: UTF8.self).lowercased().split(separator: "\r\n")
    let length = lines.lazy.compactMap { line in
      line.hasPrefix("content-length:") ? Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) : nil
    }.first
    let end = head + (length ?? 0)
    return bytes.count >= end ? end : nil
  }
}

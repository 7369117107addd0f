internal import AsyncHTTPClient
internal import EventSourcing
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import PartnerKit

/// Reads a feed as a client that goes away and comes back, and compares what it got each time.
public struct FeedTrialRun: Sendable {
  private static let timeout: TimeAmount = .seconds(60)
  private static let streamTimeout: Duration = .seconds(300)
  private static let pageByteCountMax = 64 << 20

  /// Of the feed; ends without a slash.
  private let address: String
  private let token: String?

  /// - Parameter address: such as `https://host/v1/plans/PLAN/feeds/FEED`.
  public init(address: String, token: String?) {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address
    self.token = token
  }

  /// - Parameter tell: gets a line for each thing that is right.
  /// - Returns: what is wrong.
  public func run(tell: (String) -> Void) async throws -> [String] {
    var ledger = EventLedger()
    var findings: [String] = []
    // Before the events: a feed goes on growing, and what a checkpoint covers must be among them.
    let note = try await bytes("/log/checkpoint")
    let keys = String(decoding: try await bytes("/log/vkeys"), as: UTF8.self).split(separator: "\n").map(String.init)
    let pages = try await readBatches(&ledger, &findings)
    let entries = ledger.inOrder
    findings += ledger.gaps
    if findings.isEmpty { tell("in batches: \(entries.count) events, requests: \(pages), ids without a gap") }
    guard !entries.isEmpty else { return findings }
    let stream = try await readStream(until: entries.count)
    if stream.events == entries {
      tell("as a stream, left and taken up again \(stream.cuts) times: the same bytes")
    } else {
      findings.append("the stream brought \(stream.events.count) events and not just those of the batches")
    }
    switch FeedTrial.prove(entries, by: note, keys: keys) {
    case .success(let count): tell("the checkpoint is signed and covers the first \(count) events as they came")
    case .failure(let fault): findings.append(fault.text)
    }
    return findings
  }

  private func readBatches(
    _ ledger: inout EventLedger, _ findings: inout [String]
  ) async throws -> Int {
    let origin = address.range(of: "/v1/").map { String(address[..<$0.lowerBound]) } ?? ""
    var (next, pages) = (address, 0)
    while true {
      let response = try await get(next, accept: "application/cloudevents-batch+json")
      let body = Array(try await response.body.collect(upTo: Self.pageByteCountMax).readableBytesView)
      guard let events = CanonicalJSON.elements(ofArray: body) else {
        findings.append("\(next) is no array of canonical JSON")
        return pages
      }
      let known = ledger.count
      for event in events {
        if case .faulty(let faults) = ledger.take(Array(event)) { findings += faults }
      }
      guard let link = Self.next(response.headers) else {
        findings.append("\(next) has no link to what follows")
        return pages
      }
      next = origin + link
      pages += 1
      if events.isEmpty { return pages }
      guard ledger.count > known else {
        findings.append("\(next) leads to events that came before")
        return pages
      }
    }
  }

  /// The target of `Link: <…>; rel="next"` (RFC 8288).
  private static func next(_ headers: HTTPHeaders) -> String? {
    for link in headers["Link"].flatMap({ $0.components(separatedBy: ", <") }) where link.contains("rel=\"next\"") {
      let target = link.split(separator: ">").first.map { $0.hasPrefix("<") ? $0.dropFirst() : $0 }
      if let target { return String(target) }
    }
    return nil
  }

  /// Leaves after a third and after two thirds, and comes back with the last id. A stream that brings less than it
  /// should goes on for ever, so it is given up in the end.
  private func readStream(until count: Int) async throws -> (events: [[UInt8]], cuts: Int) {
    let begun = ContinuousClock.now
    var (events, cuts, last): ([[UInt8]], Int, String?) = ([], 0, nil)
    for goal in [count / 3, count * 2 / 3, count] where goal > events.count {
      let response = try await get(address, accept: "text/event-stream", last: last)
      var reader = EventStreamReader()
      reading: for try await buffer in response.body {
        // Heartbeats come also when no event does.
        guard begun.duration(to: .now) < Self.streamTimeout else { return (events, cuts) }
        for block in reader.take(buffer.readableBytesView) where block.event == "message" {
          events.append(block.data)
          last = block.id
          if events.count == goal { break reading }
        }
      }
      guard events.count == goal else { return (events, cuts) }
      cuts += goal < count ? 1 : 0
    }
    return (events, cuts)
  }

  private func bytes(_ path: String) async throws -> [UInt8] {
    let response = try await get(address + path, accept: "*/*")
    return Array(try await response.body.collect(upTo: Self.pageByteCountMax).readableBytesView)
  }

  private func get(_ address: String, accept: String, last: String? = nil) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: address)
    request.headers.add(name: "Accept", value: accept)
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    if let last { request.headers.add(name: "Last-Event-ID", value: last) }
    let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
    guard response.status == .ok else {
      let problem = try? await response.body.collect(upTo: 64 * 1024)
      let detail = problem.flatMap { try? JSONParser.parse(Array($0.readableBytesView)) }?["detail"]?.string
      throw ConfigurationProblem(
        "\(address) answers with status \(response.status.code)\(detail.map { ": \($0)" } ?? "")")
    }
    return response
  }
}

internal import EventSourcing

/// Checks that each event of a feed was made of an event of the plan's log, of each at most once and in their order: by
/// the disclosure whose digest stands in the event.
struct FeedOrigins {
  private let feed: LogID
  /// The place in the plan's log of the last event that was looked at.
  private var last: Position?

  init(of feed: LogID) { self.feed = feed }

  mutating func check(
    _ page: [StoredEvent], in store: any EventLog, _ findings: inout FindingList
  ) async throws {
    var links: [Position: (digest: String, value: JSON)] = [:]
    for one in try await store.disclosures(of: feed, at: page.map(\.position)) {
      guard let (name, value) = Disclosure(encoded: one.encoded).content, name == ReissuedEvent.linkName else {
        continue
      }
      links[one.position] = (Disclosure(encoded: one.encoded).digest, value)
    }
    let leaves = try await leaves(at: links.values.compactMap { $0.value["position"]?.integer }, in: store)
    for event in page {
      guard let link = links[event.position], let place = link.value["position"]?.integer.map({ Position($0) }) else {
        findings.note(
          Finding(position: event.position, code: "origin", expected: "a link to the plan's log", found: "none"))
        continue
      }
      let digests = (try? JSONParser.parse(event.body))?["data"]?["_sd"]?.array?.compactMap(\.string) ?? []
      if !digests.contains(link.digest) {
        findings.expect(link.digest, digests.last ?? "no digest", "origin-digest", at: event.position)
      }
      findings.expect(
        leaves[place].map { Base64URL.encode($0) } ?? "an event at \(place.value)", link.value["hash"]?.string ?? "",
        "origin-leaf", at: event.position)
      if let last, place <= last {
        findings.expect("after \(last.value)", "\(place.value)", "origin-order", at: event.position)
      }
      last = place
    }
  }

  /// The leaf hashes of some events of the plan's log.
  private func leaves(at positions: [Int64], in store: any EventLog) async throws -> [Position: [UInt8]] {
    guard let first = positions.min(), let last = positions.max() else { return [:] }
    let wanted = Set(positions)
    var leaves: [Position: [UInt8]] = [:]
    try await store.forEachPage(
      of: LogID(plan: feed.plan), from: Position(first), through: Position(last), pageSize: 2000,
      failing: { $0 as any Error }
    ) { page in
      for event in page where wanted.contains(event.position.value) { leaves[event.position] = event.leafHash }
      return true
    }
    return leaves
  }
}

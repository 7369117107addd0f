internal import EventSourcing

/// Checks that each event of a feed was made of an event of the plan's log, of each at most once and in their order, by
/// the disclosure whose digest stands in the event; and that it says nothing that the plan's event does not say.
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
    let originals = try await originals(at: links.values.compactMap { $0.value["position"]?.integer }, in: store)
    for event in page {
      guard let link = links[event.position], let place = link.value["position"]?.integer.map({ Position($0) }) else {
        findings.note(
          Finding(position: event.position, code: "origin", expected: "a link to the plan's log", found: "none"))
        continue
      }
      let said = (try? JSONParser.parse(event.body)) ?? .null
      let digests = said["data"]?["_sd"]?.array?.compactMap(\.string) ?? []
      if let original = originals[place].flatMap({ try? JSONParser.parse($0.body) }),
        let fault = Self.difference(said, original, link: link.digest)
      {
        findings.expect("what the plan's event \(place.value) says", fault, "origin-content", at: event.position)
      }
      if !digests.contains(link.digest) {
        findings.expect(link.digest, digests.last ?? "no digest", "origin-digest", at: event.position)
      }
      findings.expect(
        originals[place].map { Base64URL.encode($0.leafHash) } ?? "an event at \(place.value)",
        link.value["hash"]?.string ?? "",
        "origin-leaf", at: event.position)
      if let last, place <= last {
        findings.expect("after \(last.value)", "\(place.value)", "origin-order", at: event.position)
      }
      last = place
    }
  }

  /// The first thing that an event of a feed says otherwise than the plan's event; it may say less.
  private static func difference(_ said: JSON, _ original: JSON, link: String) -> String? {
    let attributes = ["type", "subject", "time", "effectivedate", "onbehalfof", "recordedsource"]
    if let name = attributes.first(where: { said[$0] != original[$0] }) { return "another \(name)" }
    let known = Set((original["data"]?["_sd"]?.array ?? []).compactMap(\.string)).union([link])
    for member in said["data"]?.members ?? [] {
      if member.key == "_sd" {
        let foreign = member.value.array?.compactMap(\.string).first { !known.contains($0) }
        if foreign != nil { return "another digest" }
      } else if let other = original["data"]?[member.key], !isPart(member.value, of: other) {
        return "another \(member.key)"
      } else if original["data"]?[member.key] == nil {
        return "\(member.key), which it does not"
      }
    }
    return nil
  }

  /// Whether a value is another one, or what is left of it when fields that not all may know are taken out.
  private static func isPart(_ value: JSON, of whole: JSON) -> Bool {
    if value == whole { return true }
    guard let members = value.members, whole.members != nil else { return false }
    return members.allSatisfy { member in whole[member.key].map { isPart(member.value, of: $0) } ?? false }
  }

  /// Some events of the plan's log.
  private func originals(at positions: [Int64], in store: any EventLog) async throws -> [Position: StoredEvent] {
    guard let first = positions.min(), let last = positions.max() else { return [:] }
    let wanted = Set(positions)
    var originals: [Position: StoredEvent] = [:]
    try await store.forEachPage(
      of: LogID(plan: feed.plan), from: Position(first), through: Position(last), pageSize: 2000,
      failing: { $0 as any Error }
    ) { page in
      for event in page where wanted.contains(event.position.value) { originals[event.position] = event }
      return true
    }
    return originals
  }
}

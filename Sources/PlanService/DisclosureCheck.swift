internal import Coordination
internal import EventSourcing

/// Compares the values beside a plan's log with the digests in its events: each value is one that an event speaks of,
/// one that is gone was erased by an event that says so, and one that was erased is gone.
///
/// Memory grows with the values that are gone, not with the log.
struct DisclosureCheck {
  /// The digests of each event of the page at hand that could be read.
  private var digests: [Position: [String]] = [:]
  /// Events that speak of more values than there are, and of how many more.
  private var missing: [Position: Int] = [:]
  /// The fields that events erased, by the event that held them.
  private var erased: [Position: Set<String>] = [:]

  mutating func expect(_ found: [String], at position: Position) { digests[position] = found }

  /// Notes what an event erases.
  mutating func take(_ event: StoredEvent) {
    guard event.type == PersonalDataErased.type, let said = try? JSONParser.parse(event.body)["data"],
      let erasing = FactCatalogue.fact(type: event.type, data: said)
    else { return }
    for erasure in erasing.erasures { erased[erasure.position, default: []].formUnion(erasure.fields) }
  }

  /// Looks up the values of a page, whose digests and erasures were taken.
  mutating func compare(
    _ page: [StoredEvent], of log: LogID, in store: any EventLog, _ findings: inout FindingList
  ) async throws {
    var expected = digests
    digests.removeAll(keepingCapacity: true)
    for value in try await store.disclosures(of: log, at: page.map(\.position)) {
      let digest = Disclosure(encoded: value.encoded).digest
      findings.expect(digest, value.digest, "column digest", at: value.position)
      // What an event that cannot be read speaks of, nobody can tell.
      guard let known = expected[value.position] else { continue }
      if let index = known.firstIndex(of: digest) {
        expected[value.position]?.remove(at: index)
      } else {
        findings.note(
          Finding(
            position: value.position, code: "disclosure", expected: "a value whose digest is in the event",
            found: "another value"))
      }
    }
    for (position, rest) in expected where !rest.isEmpty { missing[position] = rest.count }
  }

  /// Whether values are gone that no event erased as far as the log was read. Whoever erases one meanwhile records that
  /// behind the end.
  var lacksErasures: Bool { missing.contains { $0.value > erased[$0.key]?.count ?? 0 } }

  /// Which fields the lacking values were of, nobody can tell without them: so many may be gone as were erased.
  func finish(_ log: LogID, in store: any EventLog, _ findings: inout FindingList) async throws {
    for (position, count) in missing.sorted(by: { $0.key < $1.key }) {
      let accounted = erased[position]?.count ?? 0
      guard count > accounted else { continue }
      findings.note(
        Finding(
          position: position, code: "disclosure-missing", expected: "values, or an event that erases them",
          found: "\(count) digests without a value, \(accounted) fields erased"))
    }
    for place in erased.keys.sorted() {
      for value in try await store.disclosures(of: log, at: [place]) {
        guard let name = Disclosure(encoded: value.encoded).content?.name, erased[place]?.contains(name) == true else {
          continue
        }
        findings.note(
          Finding(position: place, code: "disclosure-erased", expected: "no value of \(name)", found: "one"))
      }
    }
  }
}

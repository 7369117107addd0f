internal import EventSourcing
internal import PlanService
internal import TamperEvidence

/// What can be said of 256 entries without knowing the others.
struct StretchCheck: Sendable {
  private(set) var findings = FindingList()
  private(set) var leafHashes: [MerkleHash] = []
  /// When each entry was recorded, and in which epoch.
  private(set) var order: [(position: Position, time: Timestamp, epoch: Int)] = []
  private(set) var disclosedCount = 0
  /// Digests in the entries whose values are not there.
  private(set) var withheldCount = 0

  init(_ entries: [UInt8]?, _ disclosures: [UInt8]?, _ index: TileIndex, from first: Position, _ log: LogID) {
    guard let entries else {
      note("entries-missing", EntryBundle(tileIndex: index).path, "another file", at: first)
      return
    }
    let decoded: [[UInt8]]
    do throws(EntryBundleError) { decoded = try EntryBundle(tileIndex: index).decode(entries) } catch {
      note("entries", "\(index.width) entries", "\(error)", at: first)
      return
    }
    leafHashes.reserveCapacity(decoded.count)
    order.reserveCapacity(decoded.count)
    var digests = DisclosedDigests(disclosures ?? [])
    for (offset, entry) in decoded.enumerated() {
      let position = Position(first.value + Int64(offset))
      leafHashes.append(MerkleTree.leafHash(entry))
      guard let (envelope, data) = EntryCheck(log).check(entry, at: position, &findings) else { continue }
      order.append((position, envelope.time, envelope.epoch))
      check(data, &digests, at: position)
    }
    for rest in digests.unused { note("disclosure", "a digest in an event", "none for \(rest)", at: first) }
    if let line = digests.malformedLine { note("disclosure", "position and disclosure", "line \(line)", at: first) }
  }

  private mutating func check(_ data: JSON, _ digests: inout DisclosedDigests, at position: Position) {
    data.forEachDigest { digest in
      if digests.take(digest, at: position) { disclosedCount += 1 } else { withheldCount += 1 }
    }
  }

  private mutating func note(_ code: String, _ expected: String, _ found: String, at position: Position) {
    findings.note(Finding(position: position, code: code, expected: expected, found: found))
  }
}

/// The digests of the disclosed values of a stretch, each until it is found in its event.
private struct DisclosedDigests {
  private var values: [Position: Set<String>] = [:]
  /// The first line that is none, counted from 1.
  private(set) var malformedLine: Int?

  init(_ file: [UInt8]) {
    for (number, line) in file.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let json = try? JSONParser.parse(Array(line)), let position = json["position"]?.integer,
        let encoded = json["disclosure"]?.string, json.members?.count == 2
      else {
        malformedLine = malformedLine ?? number + 1
        continue
      }
      values[Position(position), default: []].insert(Disclosure(encoded: encoded).digest)
    }
  }

  mutating func take(_ digest: String, at position: Position) -> Bool {
    values[position]?.remove(digest) != nil
  }

  /// The positions of values that no event of theirs names.
  var unused: [String] {
    values.filter { !$0.value.isEmpty }.map(\.key).sorted().map { "the value disclosed at position \($0.value)" }
  }
}

extension JSON {
  /// Calls `body` with each digest that stands for an erasable value (`_sd`, RFC 9901), at any depth.
  fileprivate func forEachDigest(_ body: (String) -> Void) {
    switch self {
    case .object(let members):
      for member in members {
        if member.key == "_sd" {
          for digest in member.value.array ?? [] { if let text = digest.string { body(text) } }
        } else {
          member.value.forEachDigest(body)
        }
      }
    case .array(let items): for item in items { item.forEachDigest(body) }
    default: break
    }
  }
}

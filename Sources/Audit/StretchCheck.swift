internal import EventSourcing
internal import PlanService
internal import TamperEvidence

/// What can be said of 256 entries without knowing the others.
struct StretchCheck: Sendable {
  private(set) var findings = FindingList()
  private(set) var leafHashes: [MerkleHash] = []
  /// The root of the leaves, when they fill a tile.
  private(set) var root: MerkleHash?
  /// When each entry was recorded, and in which epoch.
  private(set) var order: [(position: Position, time: Timestamp, epoch: Int)] = []
  private(set) var disclosedCount = 0
  /// Digests in the entries whose values are not there.
  private(set) var withheldCount = 0
  private(set) var recordings = ViewRecordings()

  init(_ entries: [UInt8]?, _ disclosures: [UInt8]?, _ index: TileIndex, from first: Position, _ log: LogID) {
    guard let entries else {
      note("entries-missing", EntryBundle(tileIndex: index).path, "another file", at: first)
      return
    }
    let ranges: [Range<Int>]
    do throws(EntryBundleError) { ranges = try EntryBundle(tileIndex: index).ranges(in: entries) } catch {
      note("entries", "\(index.width) entries", "\(error)", at: first)
      return
    }
    leafHashes.reserveCapacity(ranges.count)
    order.reserveCapacity(ranges.count)
    var values = DisclosedValues(disclosures ?? [])
    let check = EntryCheck(log)
    entries.withUnsafeBufferPointer { bytes in
      for (offset, range) in ranges.enumerated() {
        let entry = UnsafeBufferPointer(rebasing: bytes[range])
        let position = Position(first.value + Int64(offset))
        leafHashes.append(MerkleTree.leafHash(UnsafeRawBufferPointer(entry)))
        guard let (head, epoch) = check.check(entry, at: position, &findings) else { continue }
        if let epoch { order.append((position, head.time, epoch)) }
        recordings.take(UnsafeRawBufferPointer(entry), at: position)
        head.forEachDigest(in: entry) { text in
          guard let digest = MerkleHash(base64URL: text) else { return }
          if values.take(digest, at: position) { disclosedCount += 1 } else { withheldCount += 1 }
        }
      }
    }
    root = Tile.root(of: leafHashes)
    for place in values.unused {
      note(
        "disclosure", "a digest in the event", "none for a value disclosed at position \(place)", at: Position(place))
    }
    if let line = values.malformedLine { note("disclosure", "disclosure and position", "line \(line)", at: first) }
  }

  private mutating func note(_ code: String, _ expected: String, _ found: String, at position: Position) {
    findings.note(Finding(position: position, code: code, expected: expected, found: found))
  }
}

/// The values that a file discloses, in the order of the file, each until its digest is found in its event.
private struct DisclosedValues {
  private var values: [(position: Int64, digest: MerkleHash, isTaken: Bool)] = []
  /// The first line that is none, counted from 1.
  private(set) var malformedLine: Int?

  /// Lines are canonical JSON: `{"disclosure":"…","position":…}`.
  init(_ file: [UInt8]) {
    file.withUnsafeBytes { bytes in
      var (start, number) = (0, 0)
      while start < bytes.count {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? bytes.count
        number += 1
        if let value = Self.value(UnsafeRawBufferPointer(rebasing: bytes[start..<end])), end < bytes.count {
          values.append((value.position, value.digest, false))
        } else {
          malformedLine = malformedLine ?? number
        }
        start = end + 1
      }
    }
  }

  private static func value(_ line: UnsafeRawBufferPointer) -> (position: Int64, digest: MerkleHash)? {
    guard line.starts(with: #"{"disclosure":""#.utf8), line.last == UInt8(ascii: "}") else { return nil }
    guard let quote = line.firstIndex(of: UInt8(ascii: "\""), from: 15), quote > 15,
      Base64URL.isText(UnsafeRawBufferPointer(rebasing: line[15..<quote]))
    else { return nil }
    let rest = line[(quote + 1)...]
    guard rest.starts(with: #","position":"#.utf8) else { return nil }
    let digits = rest.dropFirst(12).dropLast()
    guard 1...16 ~= digits.count, digits.allSatisfy({ (48...57).contains($0) }), digits.count == 1 || digits.first != 48
    else { return nil }
    let position = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
    return (position, MerkleTree.hash(of: UnsafeRawBufferPointer(rebasing: line[15..<quote])))
  }

  mutating func take(_ digest: MerkleHash, at position: Position) -> Bool {
    // In a file that is not in the order of the positions some values are not found, and are then left over.
    var index = firstIndex(of: position.value)
    while index < values.count, values[index].position == position.value {
      if values[index].digest == digest, !values[index].isTaken {
        values[index].isTaken = true
        return true
      }
      index += 1
    }
    return false
  }

  private func firstIndex(of position: Int64) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if values[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The positions of values whose digests are in no event of theirs.
  var unused: [Int64] { values.filter { !$0.isTaken }.map(\.position) }
}

extension MerkleHash {
  /// Reads the 43 digits of base64url (RFC 4648 §5) that 32 bytes have, without making an array of them.
  fileprivate init?(base64URL text: UnsafeBufferPointer<UInt8>) {
    guard text.count == 43 else { return nil }
    let hash = withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { bytes in
      Base64URL.decode(text, into: bytes) == Self.byteCount ? MerkleHash(bytes: bytes) : nil
    }
    guard let hash else { return nil }
    self = hash
  }
}

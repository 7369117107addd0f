import Audit
import Coordination
import EventSourcing
import HangLimit
import PlanService
import TamperEvidence
import Testing

/// Valid files with random damage: no parser traps, and whatever is still read is printed as it was read.
///
/// `make fuzz` looks longer, and where the compiler tells that it has not been yet.
@Suite(.hangLimit)
struct ParserFuzzTests {
  // MARK: - Notes and what they carry

  @Test func `damaged notes are refused, or printed as they were read`() throws {
    let samples = try [Samples.note(cosigners: 0), Samples.note(cosigners: 3)].map(\.bytes)
    fuzz(samples, count: 10_000) { bytes in
      guard let note = try? SignedNote(parsing: bytes) else { return nil }
      return note.bytes
    }
  }

  @Test func `damaged cosignature lines are refused, or printed as they were read`() throws {
    let lines = try (0..<3).map { try Keys.witness($0).cosign(Samples.checkpoint, at: 7).line }
    fuzz([Array(lines[0].utf8), lines.flatMap { Array($0.utf8) }], count: 10_000) { bytes in
      guard let signatures = try? NoteSignature.parse(lines: bytes) else { return nil }
      return signatures.flatMap { Array($0.line.utf8) }
    }
  }

  @Test func `damaged checkpoints are refused, or printed as they were read`() {
    let text = Samples.checkpoint.noteText
    fuzz([Array(text.utf8), Array((text + "extension 1\nextension 2\n").utf8)], count: 20_000) { bytes in
      guard let text = String(validating: bytes, as: UTF8.self), let checkpoint = try? Checkpoint(noteText: text) else {
        return nil
      }
      return Array(checkpoint.noteText.utf8)
    }
  }

  @Test func `damaged verifier keys are refused, or printed as they were read`() throws {
    let keys = try [Keys.log("plans.test").verifierKey, Keys.witness(1).verifierKey].map { Array("\($0)".utf8) }
    // A key ID belongs to the whole key: damage is hardly ever overlooked.
    fuzz(keys, count: 20_000, readMin: 1) { bytes in
      guard let text = String(validating: bytes, as: UTF8.self), let key = try? NoteVerifierKey(parsing: text) else {
        return nil
      }
      return Array(key.description.utf8)
    }
  }

  @Test func `damaged policies are refused, or mean the same when they are printed`() throws {
    let text = try Keys.policy(witnesses: [1, 2, 3], quorum: 2).text
    let log = "# comment\nlog \(try Keys.log("plans.test").verifierKey) https://plans.test/\n"
    fuzz([Array(text.utf8), Array((log + text).utf8)], count: 4000, isExact: false) { bytes in
      guard let policy = try? LogPolicy(parsing: bytes) else { return nil }
      _ = policy.isSatisfied(by: ["w1", "w2"])
      return Array(policy.text.utf8)
    }
  }

  @Test func `damaged proof files are refused, or printed as they were read`() throws {
    let hashes = (0..<7).map { MerkleTree.leafHash([$0]) }
    let note = try Samples.note(cosigners: 1)
    let files = try [
      TlogProofFile(index: 77, hashes: hashes, note: note),
      TlogProofFile(index: 0, hashes: [], extra: [1, 2], note: note),
    ]
    fuzz(files.map(\.bytes), count: 5000) { bytes in
      guard let file = try? TlogProofFile(parsing: bytes) else { return nil }
      _ = try? file.verify(entry: [1], with: [])
      return file.bytes
    }
  }

  @Test func `damaged requests to witnesses are refused, or printed as they were read`() throws {
    let request = try WitnessRequest(
      oldSize: 5, hashes: (0..<6).map { MerkleTree.leafHash([$0]) }, note: Samples.note(cosigners: 0))
    let keys = [try Keys.log(Samples.checkpoint.origin).verifierKey]
    fuzz([request.bytes], count: 5000) { bytes in
      guard let request = try? WitnessRequest(parsing: bytes) else { return nil }
      let known = WitnessedHead(size: 5, root: MerkleTree.leafHash([]))
      _ = Witness.judge(request, known: known) { _ in keys }
      return request.bytes
    }
  }

  // MARK: - Tiles and paths

  @Test func `damaged paths are refused, or printed as they were read`() {
    let paths = [
      "checkpoint", "vkeys", "policy", "tile/0/000", "tile/1/x001/x234/067.p/8", "tile/entries/x018/446.p/255",
      "disclosures/001", "tile/63/000.p/1",
    ]
    fuzz(paths.map { Array($0.utf8) }, count: 40_000) { bytes in
      guard let text = String(validating: bytes, as: UTF8.self), let file = LogFile(path: text) else { return nil }
      return Array(file.path.utf8)
    }
  }

  @Test func `damaged tiles are refused, or printed as they were read`() {
    fuzz([Tile.encode((0..<5).map { MerkleTree.leafHash([$0]) })], count: 5000) { bytes in
      guard let hashes = try? Tile(level: 1, index: 0, width: 5).decode(bytes) else { return nil }
      return Tile.encode(hashes)
    }
  }

  @Test func `damaged bundles of entries are refused, or printed as they were read`() throws {
    let sample = try EntryBundle.encode((0..<5).map { [UInt8](repeating: $0, count: Int($0) * 3) })
    fuzz([sample], count: 20_000) { bytes in
      let known = (try? EntryBundle(index: 3, width: 5).decode(bytes)).map { ($0, 5) }
      guard let entries = try? EntryBundle.decode(bytes) else {
        #expect(known == nil)
        return nil
      }
      if let known { #expect(entries == known.0) }
      return try? EntryBundle.encode(entries)
    }
  }

  // MARK: - JSON and events

  @Test func `damaged JSON is refused, or means the same when it is printed`() {
    let samples = [
      #"{"a":[1,-2,9007199254740991],"b":{"c":null,"d":true},"e":"\u00e4\n\ud83d\ude00"}"#,
      #"[[[[[[[[{"x":[[[[]]]]}]]]]]]]]"#, #" "text\\\"" "#, "-0",
    ]
    fuzz(samples.map { Array($0.utf8) }, count: 20_000, isExact: false) { bytes in
      (try? JSONParser.parse(bytes))?.canonicalBytes
    }
  }

  @Test func `damaged events are refused, or are JSON that says the same`() {
    let real = SampleLog.real.map(\.event.body)
    let samples = stride(from: 0, to: real.count, by: 7).map { real[$0] } + [SampleLog.made(6)[5].event.body]
    var findings = FindingList()
    fuzz(samples, count: 20_000) { bytes in
      guard let (envelope, data) = EventEnvelope.decode(bytes) else { return nil }
      _ = FactCatalogue.fact(type: envelope.type, data: data)
      bytes.withUnsafeBufferPointer { entry in
        let checked = EntryCheck(envelope.log).check(entry, at: envelope.position, &findings)
        // What is read without a tree is what is read with one.
        #expect(checked == nil || checked?.head.time == envelope.time && checked?.epoch == envelope.epoch)
        checked?.head.forEachDigest(in: entry) { _ in }
      }
      // What is read as an event is JSON that says the same.
      guard let json = try? JSONParser.parse(bytes) else { return [] }
      #expect(json["type"]?.string == envelope.type && json["id"]?.string == "\(envelope.position.padded)")
      #expect(json["data"] == data)
      return bytes
    }
  }

  @Test func `damaged disclosures have other digests`() {
    let samples = SampleLog.made(6).flatMap(\.disclosures).map { Array($0.encoded.utf8) }
    #expect(samples.count == 2)
    var digests: [String: [UInt8]] = [:]
    fuzz(samples, count: 20_000) { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      let disclosure = Disclosure(encoded: text)
      #expect(digests[disclosure.digest, default: bytes] == bytes)
      digests[disclosure.digest] = bytes
      return disclosure.content == nil ? nil : Array(disclosure.encoded.utf8)
    }
  }

  // MARK: - Archives

  @Test func `damaged archives are found out, or hold what was signed`() async throws {
    let archive = try await SampleLog(SampleLog.made(3)).archive()
    let (bytes, keys) = (archive.bytes, [try Keys.log(SampleLog.origin(of: SampleLog.plan)).verifierKey])
    var trust = AuditVerification.Trust()
    trust.keys = keys
    var random = SplitMix64(state: 14)
    let mutations = Mutations(samples: [bytes])
    for round in 0..<1500 {
      let damaged = mutations.next(&random)
      // Where the log's own key signed, nothing but what it signed verifies.
      let verification = try await verify(damaged, trusting: trust)
      if verification.findingCount == 0 {
        let told = Archive(damaged)
        for name in ["checkpoint", "tile/entries/000.p/3", "tile/0/000.p/3"] {
          #expect(told[name] == archive[name], "round \(round)")
        }
      }
    }
  }

  // MARK: - Helpers

  /// Parses damaged samples.
  /// - Parameters:
  ///   - isExact: whether what is printed is what was read; otherwise it is read and printed again and then the same.
  ///   - readMin: how many of the inputs must still be readable, so that something is tested.
  ///   - reprint: parses, and prints what was read; nil for what is refused.
  private func fuzz(
    _ samples: [[UInt8]], count: Int, isExact: Bool = true, readMin: Int = 20,
    sourceLocation: SourceLocation = #_sourceLocation, _ reprint: ([UInt8]) -> [UInt8]?
  ) {
    for sample in samples { #expect(reprint(sample) != nil, sourceLocation: sourceLocation) }
    var random = SplitMix64(state: UInt64(count))
    let mutations = Mutations(samples: samples)
    var readCount = 0
    for _ in 0..<count {
      let bytes = mutations.next(&random)
      guard let printed = reprint(bytes) else { continue }
      readCount += 1
      let isEqual = isExact ? printed == bytes : reprint(printed) == printed
      guard isEqual else {
        let (read, printed) = (bytes.map { String($0, radix: 16) }, printed.map { String($0, radix: 16) })
        Issue.record("read \(read), printed \(printed)", sourceLocation: sourceLocation)
        return
      }
    }
    #expect(readCount >= readMin, sourceLocation: sourceLocation)
  }

  private enum Samples {
    static let checkpoint = Checkpoint(origin: "plans.test/a", size: 1234, root: MerkleTree.leafHash([1]))

    static func note(cosigners count: UInt8) throws -> SignedNote {
      try Keys.sign(checkpoint, cosignedBy: (0..<count).map { try Keys.witness($0) })
    }
  }
}

/// Damages samples, one to three times each.
struct Mutations {
  let samples: [[UInt8]]

  /// Bytes that mean something to one of the formats.
  private static let telling =
    Array(" \n\t\r\"\\{}[]:,.+-/=#0189axp\u{0}\u{7F}\u{2014}\u{301}".utf8) + [0xFF, 0x80, 0xC0]
  private static let numbers = [
    "0", "1", "-1", "00", "255", "256", "65535", "65536", "2147483648", "9007199254740992", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e9", "1.5",
  ].map { Array($0.utf8) }

  func next(_ random: inout SplitMix64) -> [UInt8] {
    var bytes = pick(samples, &random)
    for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&bytes, &random) }
    return bytes
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let index = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, index + Int.random(in: 1...20, using: &random))
    switch Int.random(in: 0..<9, using: &random) {
    case 0: if index < bytes.count { bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    case 1: if index < bytes.count { bytes[index] = pick(Self.telling, &random) }
    case 2: bytes.insert(pick(Self.telling, &random), at: index)
    case 3: bytes.removeSubrange(index..<end)
    case 4: bytes.insert(contentsOf: bytes[index..<end], at: index)
    case 5: bytes.removeSubrange(index...)
    case 6: bytes = bytes[..<index] + pick(samples, &random).suffix(bytes.count - index)
    case 7: replaceNumber(in: &bytes, from: index, &random)
    default: swapLines(in: &bytes, &random)
    }
  }

  /// Replaces the next run of digits.
  private func replaceNumber(in bytes: inout [UInt8], from index: Int, _ random: inout SplitMix64) {
    func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
    guard let start = bytes[index...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    bytes.replaceSubrange(start..<end, with: pick(Self.numbers, &random))
  }

  private func swapLines(in bytes: inout [UInt8], _ random: inout SplitMix64) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.swapAt(lines.indices.randomElement(using: &random) ?? 0, lines.indices.randomElement(using: &random) ?? 0)
    bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  private func pick<Element>(_ elements: [Element], _ random: inout SplitMix64) -> Element {
    elements[Int.random(in: elements.indices, using: &random)]
  }
}

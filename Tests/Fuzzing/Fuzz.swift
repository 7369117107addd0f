import Audit
import Coordination
import Dispatch
import EventSourcing
import PlanImport
import PlanService
import TamperEvidence

/// Called by libFuzzer (https://llvm.org/docs/LibFuzzer.html) with one input after the other. The first byte picks the
/// parser. A trap is a find, and so is a file that is printed otherwise than it was read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let choice = input.first else { return 0 }
  let parsers = Parser.allCases
  parsers[Int(choice) % parsers.count].run(Array(input.dropFirst()))
  return 0
}

/// What is fuzzed. The samples in `Corpus` begin with the number of their parser, so new ones come last.
private enum Parser: CaseIterable {
  case note, checkpoint, verifierKey, policy, proofFile, witnessRequest, path, tile, entries, json, event, disclosure
  case archive, stretch, planFile, head

  func run(_ bytes: [UInt8]) {
    switch self {
    case .note: expect(bytes, (try? SignedNote(parsing: bytes))?.bytes)
    case .checkpoint: text(bytes) { expect(bytes, (try? Checkpoint(noteText: $0)).map { Array($0.noteText.utf8) }) }
    case .verifierKey:
      text(bytes) { expect(bytes, (try? NoteVerifierKey(parsing: $0)).map { Array("\($0)".utf8) }) }
    case .policy: expectStable(bytes) { (try? LogPolicy(parsing: $0)).map { Array($0.text.utf8) } }
    case .proofFile:
      let file = try? TlogProofFile(parsing: bytes)
      _ = try? file?.verify(entry: bytes, with: [Log.key.verifierKey])
      expect(bytes, file?.bytes)
    case .witnessRequest:
      let request = try? WitnessRequest(parsing: bytes)
      if let request { _ = Witness.judge(request, known: nil) { _ in [Log.key.verifierKey] } }
      expect(bytes, request?.bytes)
    case .path: text(bytes) { expect(bytes, LogFile(path: $0).map { Array($0.path.utf8) }) }
    case .tile:
      let width = min(256, max(1, bytes.count / MerkleHash.byteCount))
      expect(bytes, (try? Tile(level: 0, index: 0, width: width).decode(bytes)).map(Tile.encode))
    case .entries: expect(bytes, (try? EntryBundle.decode(bytes)).flatMap { try? EntryBundle.encode($0) })
    case .json: expectStable(bytes) { (try? JSONParser.parse($0))?.canonicalBytes }
    case .event:
      guard let (envelope, data) = EventEnvelope.decode(bytes) else { return }
      var findings = FindingList()
      bytes.withUnsafeBufferPointer { entry in
        EntryCheck(envelope.log).check(entry, at: envelope.position, &findings)?.head.forEachDigest(in: entry) { _ in }
      }
      _ = FactCatalogue.fact(type: envelope.type, data: data)
    case .disclosure: text(bytes) { _ = Disclosure(encoded: $0).content }
    case .archive: Log.verify(bytes)
    case .stretch: Log.verify(stretch: bytes)
    case .planFile: _ = try? PlanFile(bytes: bytes)
    case .head: text(bytes) { Log.verify(head: $0) }
    }
  }

  /// A file has one spelling.
  private func expect(_ bytes: [UInt8], _ printed: [UInt8]?) {
    precondition(printed ?? bytes == bytes, "\(self) is printed otherwise than it was read")
  }

  /// A file may be written in several ways; what is printed is printed again as it is.
  private func expectStable(_ bytes: [UInt8], _ reprint: ([UInt8]) -> [UInt8]?) {
    guard let printed = reprint(bytes) else { return }
    precondition(reprint(printed) == printed, "\(self) means something else when it is printed")
  }

  private func text(_ bytes: [UInt8], _ body: (String) -> Void) {
    if let text = String(validating: bytes, as: UTF8.self) { body(text) }
  }
}

/// A log whose key the fuzzer has, since it would never guess a signature.
private enum Log {
  static let plan = EntityID(high: 0x7000, low: 0x8000_0000_0000_0000)
  static let origin = "plans.test/\(plan)/main/1"
  static let key: NoteSigningKey = {
    do { return try NoteSigningKey(name: origin, seed: [UInt8](repeating: 1, count: 32)) } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// Verifies an archive as it is.
  static func verify(_ archive: [UInt8]) {
    wait {
      let verification = await checked { BundleSource(MemoryInput(archive)) }
      await replay(verification) { BundleSource(MemoryInput(archive)) }
    }
  }

  private static func checked(_ open: () -> any AuditSource) async -> AuditVerification? {
    var source = open()
    return try? await AuditVerification.run(&source, parallelism: 1, keepingRecordings: true, progress: { _, _ in })
  }

  /// Replays also what does not verify: a source may give something else the second time.
  private static func replay(_ verification: AuditVerification?, _ open: () -> any AuditSource) async {
    let unverified = verification?.checkpoint.map { VerifiedLog($0, recordings: ViewRecordings()) }
    guard let log = verification?.verified ?? unverified else { return }
    var source = open()
    _ = try? await Replay.run(through: .whole, of: log, in: &source) { _ in }
  }

  /// Verifies a log of one stretch under a checkpoint of just these entries: what stands before the first two bytes of
  /// FF are entries, the rest are disclosures.
  static func verify(stretch bytes: [UInt8]) {
    let end = bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xFF } ?? bytes.endIndex
    let (file, disclosures) = (Array(bytes[..<end]), Array(bytes[end...].dropFirst(2)))
    guard let entries = try? EntryBundle.decode(file) else { return }
    var frontier = MerkleFrontier()
    for entry in entries { frontier.append(MerkleTree.leafHash(entry)) }
    let checkpoint = Checkpoint(origin: origin, size: frontier.size, root: frontier.root)
    guard let note = try? SignedNote.sign(text: checkpoint.noteText, with: [key]) else { return }
    let index = TileIndex(index: 0, width: entries.count)
    let files = [
      LogFile.verifierKeys.path: Array("\(key.verifierKey)\n".utf8), LogFile.checkpoint.path: note.bytes,
      LogFile.entries(EntryBundle(tileIndex: index)).path: file, LogFile.disclosures(index).path: disclosures,
    ]
    wait {
      let verification = await checked { Files(files: files) }
      precondition(verification?.size.value == Int64(entries.count), "every entry is looked at")
      await replay(verification) { Files(files: files) }
    }
  }

  /// Verifies a log of which there is nothing but a checkpoint, whatever that says, signed by the key that it names.
  static func verify(head text: String) {
    guard let checkpoint = try? Checkpoint(noteText: text),
      let key = try? NoteSigningKey(name: checkpoint.origin, seed: [UInt8](repeating: 1, count: 32)),
      let note = try? SignedNote.sign(text: text, with: [key])
    else { return }
    let files = [
      LogFile.verifierKeys.path: Array("\(key.verifierKey)\n".utf8), LogFile.checkpoint.path: note.bytes,
    ]
    wait {
      let verification = await checked { Files(files: files) }
      await replay(verification) { Files(files: files) }
    }
  }

  private struct Files: AuditSource {
    let files: [String: [UInt8]]

    func bytes(of file: LogFile, byteCountMax: Int) -> [UInt8]? { files[file.path] }

    func finish() {}
  }

  /// libFuzzer waits for each input.
  private static func wait(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
      await body()
      done.signal()
    }
    done.wait()
  }
}

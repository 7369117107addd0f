import Audit
import Coordination
import EventSourcing
import HangLimit
import PlanService
import PlanSpecification
import Projections
import TamperEvidence
import Testing

@Suite(.hangLimit)
struct ReplayTests {
  private static let validAt = day("2019-03-05")

  // MARK: - Verdicts

  @Test func `digests that were recorded while people worked are found again`() async throws {
    let (spec, marks) = try story()
    let replay = try await self.replay(spec)
    #expect(replay.comparisons.count == marks.count * ViewDigest.versions.count)
    #expect(Set(replay.comparisons.map(\.verdict)) == [.equal])
    #expect(replay.comparisons.map(\.position).uniqued == marks)
    #expect(replay.comparisons.map(\.recordedBy).uniqued == marks.map { Position($0.value + 1) })
    #expect(Set(replay.comparisons.map(\.view)).count == ViewDigest.versions.count)
  }

  @Test func `a view that shows something else differs, and only that one`() async throws {
    var spec = DeciderSpecification.masterplan()
    let position = try #require(spec.plan.size.lastPosition)
    let digests = ViewDigest.all(of: spec.plan, validAt: Self.validAt)
    let wrong = digests.enumerated().map { index, digest in
      index == 1 ? Self.digest(digest.view.text, digest.version, digests[0].digest.text) : digest
    }
    spec.record(wrong, of: position, validAt: Self.validAt)
    let replay = try await replay(spec)
    #expect(replay.comparisons.map(\.verdict) == digests.indices.map { $0 == 1 ? .differs : .equal })
    #expect(replay.comparisons.map(\.view) == digests.map(\.view.text))
  }

  @Test func `the same views of another day differ`() async throws {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90, ["from": "2019-06-01"])
    let position = try #require(spec.plan.size.lastPosition)
    let digests = ViewDigest.all(of: spec.plan, validAt: day("2019-07-01"))
    spec.record(digests, of: position, validAt: day("2019-07-01"))
    spec.record(digests, of: position, validAt: day("2019-05-01"))
    let verdicts = try await replay(spec).comparisons.map(\.verdict)
    #expect(verdicts.prefix(digests.count).allSatisfy { $0 == .equal })
    #expect(verdicts.dropFirst(digests.count).contains(.differs))
  }

  @Test func `what another fold, another version of a view, or a view unknown here showed is not judged`() async throws
  {
    var spec = DeciderSpecification.masterplan()
    let position = try #require(spec.plan.size.lastPosition)
    let digests = ViewDigest.all(of: spec.plan, validAt: Self.validAt)
    spec.record(digests, of: position, validAt: Self.validAt, foldVersion: Plan.foldVersion + 1)
    let newer = digests.enumerated().map { index, digest in
      index == 2 ? Self.digest(digest.view.text, digest.version + 1, digest.digest.text) : digest
    }
    spec.record(newer + [Self.digest("forgotten", 1, digests[0].digest.text)], of: position, validAt: Self.validAt)
    let verdicts = try await replay(spec).comparisons.map(\.verdict)
    let all = digests.map { _ in Replay.Verdict.otherVersion }
    #expect(verdicts == all + digests.indices.map { $0 == 2 ? .otherVersion : .equal } + [.otherVersion])
  }

  // MARK: - How far

  @Test func `a replay to a position or time stops there, and knows no later recording`() async throws {
    let (spec, marks) = try story()
    let size = spec.plan.size.value
    for position in [0, marks[0].value, marks[0].value + 1, marks[1].value, size - 1] {
      let known = marks.filter { $0.value + 1 <= position }
      // The specification records one event each microsecond.
      let ends: [Replay.End] = [
        .position(Position(position)), .asOf(Timestamp(microsecondsSinceEpoch: position)),
      ]
      for end in ends {
        let replay = try await self.replay(spec, through: end)
        #expect(replay.plan?.size == LogSize(position + 1))
        #expect(replay.comparisons.map(\.position).uniqued == known)
      }
    }
    let beyond = try await replay(spec, through: .position(Position(size + 10)))
    #expect(beyond.plan?.size == spec.plan.size)
    let before = try await replay(spec, through: .asOf(Timestamp(microsecondsSinceEpoch: -1)))
    #expect(before.plan?.size ?? .zero == .zero)
    #expect(before.comparisons.isEmpty && before.atEnd == nil)
    let thatDay = try await replay(spec, through: .endOf(LocalDate(daysSinceEpoch: 0)))
    #expect(thatDay.plan?.size == spec.plan.size)
    let dayBefore = try await replay(spec, through: .endOf(LocalDate(daysSinceEpoch: -1)))
    #expect(dayBefore.plan == nil)
  }

  @Test func `what all views show at the end is told, for the day that is asked for`() async throws {
    let (spec, _) = try story()
    let recordedAt = try #require(spec.plan.lastRecordedAt)
    for asked in [nil, day("2019-03-05"), day("2020-12-31")] {
      let end = try #require(try await replay(spec, validAt: asked).atEnd)
      // The sample events were all recorded in the first second of 1970, in the plan's time zone.
      #expect(end.validAt == asked ?? recordedAt.utcDate)
      #expect(end.digests == ViewDigest.all(of: spec.plan, validAt: end.validAt))
    }
  }

  @Test func `an empty log has no plan`() async throws {
    let replay = try await replay(of: SampleLog([]).bundle())
    #expect(replay.plan == nil && replay.atEnd == nil && replay.comparisons.isEmpty)
  }

  @Test func `every plan that commands can make is folded again`() async throws {
    let replay = try await replay(of: SampleLog(SampleLog.real).bundle())
    let own = DeciderSpecification.everything.plan
    #expect(replay.plan?.size == own.size)
    #expect(replay.atEnd?.digests == replay.atEnd.map { ViewDigest.all(of: own, validAt: $0.validAt) })
  }

  @Test func `progress is told with each stretch of 256 events`() async throws {
    var spec = DeciderSpecification.masterplan()
    for number in 0..<520 { spec.given("register-document", ["key": .string("D\(number)"), "title": "T"]) }
    let bundle = try await SampleLog(spec.history()).bundle()
    var sizes: [LogSize] = []
    var source: any AuditSource = BundleSource(MemoryInput(bundle))
    let replay = try await Replay.run(through: .whole, of: verified(bundle), in: &source) { sizes.append($0) }
    #expect(sizes == [LogSize(256), LogSize(512), LogSize(541)])
    #expect(replay.plan?.size == spec.plan.size && replay.plan?.documents.count == 521)
  }

  // MARK: - Logs that cannot be folded

  @Test func `an event that this build cannot read ends a replay`() async throws {
    let spec = DeciderSpecification.masterplan()
    let cases: [(UnreadableEvent.Reason, (inout [UInt8]) -> Void)] = [
      (.malformed, { $0.removeLast() }),
      (
        .unknownFacts(type: "org.federwerk.plan.created.v9"),
        { $0 = Array(String(decoding: $0, as: UTF8.self).replacing(".created.v1", with: ".created.v9").utf8) }
      ),
      (
        .misplaced,
        { $0 = Array(String(decoding: $0, as: UTF8.self).replacing("0000000000000000", with: "0000000000000001").utf8) }
      ),
    ]
    for (reason, change) in cases {
      let (bundle, checkpoint) = try await signed(spec) { change(&$0[0]) }
      let error = await #expect(throws: UnreadableEvent.self) { try await replay(of: bundle, checkpoint) }
      #expect(error == UnreadableEvent(position: Position(0), reason: reason))
    }
  }

  @Test func `swapped events end a replay at the first of them, unless it ends before`() async throws {
    let spec = DeciderSpecification.masterplan()
    let (bundle, checkpoint) = try await signed(spec) { $0.swapAt(4, 6) }
    let error = await #expect(throws: UnreadableEvent.self) { try await replay(of: bundle, checkpoint) }
    #expect(error == UnreadableEvent(position: Position(4), reason: .misplaced))
    let before = try await replay(of: bundle, checkpoint, through: .position(Position(2)))
    #expect(before.plan?.size == LogSize(3))
  }

  @Test func `what is folded is what was verified, also where the source gives something else then`() async throws {
    let (spec, _) = try story()
    let archive = try await SampleLog(spec.history()).archive()
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: archive["checkpoint"]).text)
    var forged = archive
    try forged.changeEntries(forged.entries) { entries in
      entries[1] = Array(String(decoding: entries[1], as: UTF8.self).replacing("2018", with: "2017").utf8)
    }
    #expect(forged.bytes != archive.bytes)
    await #expect(throws: Unverified.self) { try await verified(forged.bytes) }
    for end in [Replay.End.whole, .position(Position(0))] {
      await #expect(throws: BundleFault.malformed("the entries are not those that the checkpoint covers")) {
        try await replay(of: forged.bytes, checkpoint, through: end)
      }
    }
  }

  @Test func `a log that is not whole ends a replay`() async throws {
    let archive = try await SampleLog(DeciderSpecification.masterplan().history()).archive()
    let checkpoint = try Checkpoint(noteText: SignedNote(parsing: archive["checkpoint"]).text)
    var torn = archive
    torn.remove(archive.entries)
    let error = await #expect(throws: BundleFault.self) { try await replay(of: torn.bytes, checkpoint) }
    #expect(error == .truncated(name: archive.entries))
  }

  // MARK: - Helpers

  /// A plan of which the views were recorded three times, and after which events.
  private func story() throws -> (DeciderSpecification, [Position]) {
    var spec = DeciderSpecification.masterplan()
    var marks: [Position] = []
    for (role, institution, number) in [("lead", "senweb", 90), ("lead", "ihk", 91), ("contributor", "hwk", 92)] {
      spec.assign(role, institution, UInt64(number))
      let position = try #require(spec.plan.size.lastPosition)
      marks.append(position)
      spec.record(ViewDigest.all(of: spec.plan, validAt: Self.validAt), of: position, validAt: Self.validAt)
    }
    return (spec, marks)
  }

  private static func digest(_ view: String, _ version: Int, _ digest: String) -> RecordedViewDigest {
    RecordedViewDigest(view: view, version: version, digest: digest)
  }

  /// A bundle with other entries, and the checkpoint that covers them.
  private func signed(
    _ spec: DeciderSpecification, _ change: (inout [[UInt8]]) -> Void
  ) async throws -> (bundle: [UInt8], checkpoint: Checkpoint) {
    var archive = try await SampleLog(spec.history()).archive()
    let own = try Checkpoint(noteText: SignedNote(parsing: archive["checkpoint"]).text)
    var frontier = MerkleFrontier()
    try archive.changeEntries(archive.entries) { entries in
      change(&entries)
      for entry in entries { frontier.append(MerkleTree.leafHash(entry)) }
    }
    return (archive.bytes, Checkpoint(origin: own.origin, size: frontier.size, root: frontier.root))
  }

  private func replay(
    _ spec: DeciderSpecification, through end: Replay.End = .whole, validAt: LocalDate? = nil
  ) async throws -> Replay {
    try await replay(of: SampleLog(spec.history()).bundle(), through: end, validAt: validAt)
  }

  /// - Parameter checkpoint: what to believe of a bundle that does not verify.
  @discardableResult
  private func replay(
    of bundle: [UInt8], _ checkpoint: Checkpoint? = nil, through end: Replay.End = .whole, validAt: LocalDate? = nil
  ) async throws -> Replay {
    let log =
      if let checkpoint { VerifiedLog(checkpoint, recordings: ViewRecordings()) } else { try await verified(bundle) }
    var source: any AuditSource = BundleSource(MemoryInput(bundle))
    return try await Replay.run(through: end, of: log, in: &source, validAt: validAt) { _ in }
  }

  private struct Unverified: Error { let findings: [Finding] }

  @discardableResult
  private func verified(_ bundle: [UInt8]) async throws -> VerifiedLog {
    let verification = try await verify(bundle)
    guard let log = verification.verified else { throw Unverified(findings: verification.findings) }
    return log
  }
}

extension DeciderSpecification {
  fileprivate func history() -> SampleLog.History { storedHistory { MerkleTree.leafHash($0).bytes } }

  /// Records what views showed.
  fileprivate mutating func record(
    _ digests: [RecordedViewDigest], of position: Position, validAt: LocalDate, foldVersion: Int = Plan.foldVersion
  ) {
    let fact = ViewDigestRecorded(
      position: Int(position.value), validAt: validAt, foldVersion: foldVersion, digests: digests)
    record([NewEvent(plan.subject, fact)], as: .clock, on: today)
  }
}

extension Archive {
  /// The name of the first bundle of entries.
  fileprivate var entries: String { members.first { $0.name.hasPrefix("tile/entries/") }?.name ?? "" }
}

extension [Position] {
  /// Each once, in order.
  fileprivate var uniqued: [Position] { reduce(into: []) { if $0.last != $1 { $0.append($1) } } }
}

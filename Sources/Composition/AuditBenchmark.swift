internal import Audit
internal import Coordination
internal import EventSourcing
internal import Foundation
internal import PlanService
internal import Projections
internal import TamperEvidence

/// Measures what auditors wait for: verifying and replaying a bundle, proofs, answers about the past. For `make bench`.
public struct AuditBenchmark: Sendable {
  public struct Result: Encodable, Sendable {
    public var events: Int64 = 0
    public var exportSeconds = 0.0
    /// One core, one entry after the other, at their real sizes.
    public var hashesPerSecond = 0.0
    public var verifiedPerSecond = 0.0
    public var verifiedPerSecondOnOneCore = 0.0
    public var replayedPerSecond = 0.0
    public var proofP50Milliseconds = 0.0
    public var proofMaxMilliseconds = 0.0
    public var asOfP50Milliseconds = 0.0
    public var asOfP90Milliseconds = 0.0

    enum CodingKeys: String, CodingKey {
      case events
      case exportSeconds = "export_s"
      case hashesPerSecond = "hashes_per_s"
      case verifiedPerSecond = "verified_per_s"
      case verifiedPerSecondOnOneCore = "verified_per_s_one_core"
      case replayedPerSecond = "replayed_per_s"
      case proofP50Milliseconds = "proof_p50_ms"
      case proofMaxMilliseconds = "proof_max_ms"
      case asOfP50Milliseconds = "as_of_p50_ms"
      case asOfP90Milliseconds = "as_of_p90_ms"
    }
  }

  private let plan: String
  private let seed: UInt64
  /// How often a bundle is read for each figure; the median counts.
  private static let rounds = 3
  private static let proofCount = 300
  private static let asOfCount = 60

  public init(plan: String, seed: UInt64) {
    self.plan = plan
    self.seed = seed
  }

  /// - Parameter bundle: where the bundle is written, and left.
  public func run(on federwerk: Federwerk, bundle: String) async throws -> Result {
    var result = Result()
    let id = try await federwerk.planID(plan)
    result.events = try await federwerk.service.snapshot(of: id).plan.size.value
    result.exportSeconds = try await Self.seconds {
      _ = try await federwerk.exportAudit(of: plan, to: bundle, withDisclosures: true) { _ in }
    }
    let count = Double(result.events)
    var seconds: (hashing: [Double], onOneCore: [Double], verifying: [Double], replaying: [Double]) = ([], [], [], [])
    for _ in 0..<Self.rounds {
      seconds.hashing.append(try await hashingSeconds(bundle, result.events))
      seconds.onOneCore.append(try await verifyingSeconds(bundle, parallelism: 1).seconds)
      let cores = ProcessInfo.processInfo.activeProcessorCount
      let (verifying, verified) = try await verifyingSeconds(bundle, parallelism: cores)
      seconds.verifying.append(verifying)
      seconds.replaying.append(
        try await Self.seconds {
          try await FileInput.with(bundle) { file in
            var source: any AuditSource = BundleSource(file)
            _ = try await Replay.run(through: .whole, of: verified, in: &source) { _ in }
          }
        })
    }
    result.hashesPerSecond = count / Self.summary(seconds.hashing).0
    result.verifiedPerSecondOnOneCore = count / Self.summary(seconds.onOneCore).0
    result.verifiedPerSecond = count / Self.summary(seconds.verifying).0
    result.replayedPerSecond = count / Self.summary(seconds.replaying).0
    var random = SplitMix64(state: seed)
    (result.proofP50Milliseconds, _, result.proofMaxMilliseconds) = try await proofs(federwerk, id, &random)
    (result.asOfP50Milliseconds, result.asOfP90Milliseconds, _) = try await pastBoards(federwerk, id, &random)
    return result
  }

  private static func seconds(_ body: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// The hashing alone; reading is not counted.
  private func hashingSeconds(_ bundle: String, _ size: Int64) async throws -> Double {
    try await FileInput.with(bundle) { file in
      var source = BundleSource(file)
      var total = 0.0
      for file in [LogFile.verifierKeys, .policy, .checkpoint] {
        _ = try await source.bytes(of: file, byteCountMax: .max)
      }
      for file in LogFile.files(size: UInt64(size)) {
        guard let bytes = try await source.bytes(of: file, byteCountMax: .max), case .entries(let stretch) = file else {
          continue
        }
        let entries = try stretch.decode(bytes)
        var hashes: [MerkleHash] = []
        hashes.reserveCapacity(entries.count)
        let start = ContinuousClock.now
        for entry in entries { hashes.append(MerkleTree.leafHash(entry)) }
        total += (ContinuousClock.now - start) / .seconds(1)
        precondition(hashes.count == entries.count)
      }
      return total
    }
  }

  private func verifyingSeconds(
    _ bundle: String, parallelism: Int
  ) async throws -> (seconds: Double, verified: VerifiedLog) {
    var verified: VerifiedLog?
    let seconds = try await Self.seconds {
      verified = try await FileInput.with(bundle) { file in
        var source: any AuditSource = BundleSource(file)
        return try await AuditVerification.run(&source, parallelism: parallelism) { _, _ in }.verified
      }
    }
    guard let verified else { throw ConfigurationProblem("the bundle does not verify") }
    return (seconds, verified)
  }

  /// Median, 90th percentile and maximum.
  private static func summary(_ values: [Double]) -> (Double, Double, Double) {
    let sorted = values.sorted()
    return (sorted[sorted.count / 2], sorted[sorted.count * 9 / 10], sorted[sorted.count - 1])
  }

  private func proofs(
    _ federwerk: Federwerk, _ id: EntityID, _ random: inout SplitMix64
  ) async throws -> (Double, Double, Double) {
    let published = federwerk.publisher.published(LogID(plan: id))
    guard let checkpoint = try await published.checkpoint() else { throw ConfigurationProblem("no checkpoint") }
    var milliseconds: [Double] = []
    for _ in 0..<Self.proofCount {
      let position = Position(.random(in: 0..<checkpoint.size.value, using: &random))
      milliseconds.append(
        try await Self.seconds { _ = try await published.proof(of: position, in: checkpoint) } * 1000)
    }
    // What the first ones wait for is a connection and a cold cache.
    return Self.summary(Array(milliseconds.dropFirst(Self.proofCount / 10)))
  }

  /// The measure board as of positions anywhere in the log.
  private func pastBoards(
    _ federwerk: Federwerk, _ id: EntityID, _ random: inout SplitMix64
  ) async throws -> (Double, Double, Double) {
    let size = try await federwerk.service.snapshot(of: id).plan.size.value
    var milliseconds: [Double] = []
    for _ in 0..<Self.asOfCount {
      let position = Position(.random(in: 0..<size, using: &random))
      milliseconds.append(
        try await Self.seconds {
          guard let plan = try await federwerk.service.plan(id, at: .position(position)) else { return }
          let day = plan.today(at: plan.lastRecordedAt ?? Timestamp(microsecondsSinceEpoch: 0))
          _ = JSON.array(MeasureBoard.items(of: plan, validAt: day).prefix(500).map(\.json)).canonicalBytes
        } * 1000)
    }
    return Self.summary(milliseconds)
  }
}

import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanSpecification
import TamperEvidence
import Testing

/// Every operation and every command, asked by every role that does not see everything: of a plan with secrets, and of
/// the same plan without them. No answer differs but in the length of the log, which is no secret.
@Suite(.hangLimit) struct LeakWalkTests {
  /// Who asks; HWK is concerned by none of the secrets.
  struct Reader: Sendable, CustomTestStringConvertible {
    let role: Role
    let institution: String?

    var testDescription: String { "\(role.rawValue) \(institution ?? "")" }
  }

  static let readers = [
    Reader(role: .lead, institution: "hwk"), Reader(role: .contributor, institution: "hwk"),
    Reader(role: .steering, institution: nil), Reader(role: .partner, institution: nil),
  ]

  private static let secrets: [(command: String, fields: JSON)] = [
    ("appoint-contact", ["institution": "senweb", "name": "N"]),
    ("request-support", ["measure": "fachkraefte.1.I", "institution": "senweb", "text": "T"]),
    ("propose-solution", ["issue": id(401), "text": "T"]),
  ]

  private struct Plans {
    let slug: String
    let quiet: Edge
    let loud: Edge
    let quietSize: Int64
    let measures: [String]
    let institutions: [String]
  }

  private static func plans() async throws -> Plans {
    var spec = CommandSamples.spec(for: "raise-issue")
    let quiet = try await edge(spec)
    let quietSize = spec.plan.size.value
    for (command, fields) in secrets { spec.given(command, fields) }
    return Plans(
      slug: spec.plan.slug, quiet: quiet, loud: try await edge(spec), quietSize: quietSize,
      measures: spec.plan.measures.values.map(\.code).sorted(),
      institutions: spec.plan.parties.values.map(\.slug).sorted())
  }

  /// A server whose log holds the history of a specification, on the last day of it.
  private static func edge(_ spec: DeciderSpecification) async throws -> Edge {
    let stored = spec.storedHistory { MerkleTree.leafHash($0).bytes }
    let recordedAt = try #require(stored.last?.event.recordedAt)
    let edge = Edge(at: try #require(Timestamp("\(spec.today)T12:00:00Z")))
    var frontier = MerkleFrontier()
    for (event, _) in stored { frontier.append(MerkleTree.leafHash(event.body)) }
    let log = LogID(plan: spec.plan.id)
    let head = LogHead(
      size: spec.plan.size, epoch: 1, root: frontier.root.bytes, frontier: frontier.bytes, origin: "plans.test",
      lastRecordedAt: recordedAt)
    let outcome = try await edge.memory.append(
      AppendBatch(
        log: log, creation: AppendBatch.Creation(slug: spec.plan.slug), expectedSize: .zero, expectedEpoch: 1,
        newHead: head, events: stored.map(\.event), disclosures: stored.flatMap(\.disclosures), receipts: []))
    guard case .appended = outcome else { throw Unappended(outcome: "\(outcome)") }
    return edge
  }

  private struct Unappended: Error { let outcome: String }

  // MARK: - Reading

  @Test(arguments: readers) func `no operation tells of what is hidden`(reader: Reader) async throws {
    let plans = try await Self.plans()
    let paths = plans.quiet.routes.operations.filter { $0.method == .get && $0.path.hasPrefix("/v1/") }.map(\.path)
    // Checkpoints, tiles and proofs say how long the log is and nothing else: hashes of salted entries.
    let requests = paths.filter { !$0.contains("/log/") }.flatMap { Self.requests($0, plans) }
    #expect(requests.count > 70)
    let told = try await Self.compare(plans, reader, requests) { client, path, token in
      try await client.send(.get, path, token: token)
    }
    #expect(told.count { $0.hasPrefix("200") } > 60)
  }

  private static func requests(_ path: String, _ plans: Plans) -> [String] {
    let path = path.replacing("{plan}", with: plans.slug).replacing("{position}", with: "\(plans.quietSize)")
    let ids = plans.measures.map { path.replacing("{measure}", with: $0) }
    let named =
      path.contains("{measure}")
      ? ids
      : path.contains("{institution}") ? plans.institutions.map { path.replacing("{institution}", with: $0) } : [path]
    let queries =
      switch true {
      case path.hasSuffix("difference"): ["?from=0&to=\(plans.quietSize - 1)"]
      case path.hasSuffix("compare"): ["?from=0", "?from=0&to=\(plans.quietSize - 1)"]
      case path.hasSuffix("timeline"):
        [
          "", "?order=desc&limit=3", "?institution=senweb", "?subject=fachkraefte.1.I",
          "?type=org.federwerk.issue.solution-proposed.v1",
        ]
      case path.hasSuffix("network"): ["", "?format=graphml", "?format=dot"]
      default: ["", "?validAt=2019-12-31"]
      }
    return named.flatMap { name in queries.map { name + $0 } }
  }

  // MARK: - Commands

  @Test(arguments: readers, [false, true])
  func `no refusal tells of what is hidden`(reader: Reader, saysIfMatch: Bool) async throws {
    let plans = try await Self.plans()
    let commands = CommandCatalogue.external.map { $0.name }.filter { $0 != "create-plan" }
    _ = try await Self.compare(plans, reader, commands) { client, command, token in
      var headers = ["Idempotency-Key": "k"]
      if saysIfMatch { headers["If-Match"] = "\"\(plans.quietSize - 1)\"" }
      // The issue with the hidden proposal is what every command about issues is tried on.
      var fields = try #require(CommandSamples.accepted[command])
      if fields["issue"] != nil { fields = fields.replacing("issue", id(401)) }
      return try await client.send(
        .post, "/v1/plans/\(plans.slug)/commands/\(command)?dryRun=true", token: token, headers,
        body: fields.canonicalBytes)
    }
  }

  // MARK: - Comparing

  /// - Returns: what the plan without secrets answers.
  private static func compare(
    _ plans: Plans, _ reader: Reader, _ requests: [String],
    _ ask: @escaping @Sendable (Client, String, String) async throws -> Answer
  ) async throws -> [String] {
    func answers(of edge: Edge) async throws -> [String] {
      let head = "\(try await edge.eventCount() - 1)"
      let token = try await edge.token(reader.role, reader.institution)
      let collected = Collected()
      try await edge.run { client in
        for request in requests {
          let answer = try await ask(client, request, token)
          let isDryRun = answer["Dry-Run"] != nil
          // Drawings, and JSON with decimals, which our parser refuses: their only mention of the length is the
          // position.
          let told =
            answer.json == .null
            ? answer.text.replacing(/\b\d+\b/) { $0.output == head ? "head" : $0.output }
            : told(answer.json, isDryRun: isDryRun).text
          await collected.append("\(answer.status) \(told)")
        }
      }
      return await collected.texts
    }
    let quiet = try await answers(of: plans.quiet)
    let loud = try await answers(of: plans.loud)
    // Nothing would differ where nobody gets in.
    #expect(!quiet.contains { $0.hasPrefix("401") })
    for (request, (before, after)) in zip(requests, zip(quiet, loud)) {
      #expect(before == after, "\(request)")
    }
    return quiet
  }

  private actor Collected {
    var texts: [String] = []
    func append(_ text: String) { texts.append(text) }
  }

  /// What an answer tells besides how long the log is, and besides what a dry run makes up.
  private static func told(_ json: JSON, isDryRun: Bool) -> JSON {
    func without(_ names: Set<String>, _ json: JSON) -> JSON {
      guard let members = json.members else { return json }
      return .object(members.filter { !names.contains($0.key) })
    }
    let whole = without(isDryRun ? ["position", "size", "root"] : ["position", "size"], json)
    let lists = whole.members?.map { member -> JSON.Member in
      if member.key == "to" { return .init(member.key, without(["position"], member.value)) }
      guard ["plans", "events"].contains(member.key), let elements = member.value.array else { return member }
      return .init(member.key, .array(elements.map { without(["size", "position", "subject"], $0) }))
    }
    return lists.map { .object($0) } ?? whole
  }
}

extension JSON {
  fileprivate var text: String { String(decoding: canonicalBytes, as: UTF8.self) }
}

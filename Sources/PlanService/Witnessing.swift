internal import EventSourcing
internal import Synchronization
public import TamperEvidence

/// Reaches witnesses over HTTP.
public protocol WitnessClient: Sendable {
  /// Sends a request to a witness's `add-checkpoint` and gives back status and body. Bounded in time and in bytes.
  func addCheckpoint(_ request: WitnessRequest, at url: String) async throws -> (status: Int, body: [UInt8])
}

/// Asks witnesses to cosign the checkpoints of a plan's own log before they are published (c2sp.org/tlog-witness).
public final class Witnessing: Sendable {
  private struct Known: Hashable {
    let log: LogID
    let witness: PolicyName
  }

  /// A policy of which the witnesses, groups and quorum count.
  public let policy: LogPolicy
  private let client: any WitnessClient
  /// The sizes that the witnesses cosigned last, as far as this program knows.
  private let sizes = Mutex<[Known: LogSize]>([:])

  public init(policy: LogPolicy, client: any WitnessClient) {
    self.policy = policy
    self.client = client
  }

  /// How long those are waited for who have not answered when enough others have.
  private static let grace: Duration = .milliseconds(300)

  /// Adds the cosignatures of the witnesses that answer; whether they are enough is `isSatisfied`. Once they are, one
  /// that is slow or gone is not waited for.
  func cosign(_ note: SignedNote, size: LogSize, of tree: LogTree) async -> SignedNote {
    await withTaskGroup(of: [NoteSignature]?.self) { group in
      for witness in policy.witnesses {
        guard let url = witness.url else { continue }
        group.addTask { await self.cosignatures(of: note, size, tree, witness, url) }
      }
      var cosigned = note
      var isEnding = false
      for await signatures in group {
        guard let signatures else {
          group.cancelAll()
          break
        }
        cosigned = (try? cosigned.adding(signatures)) ?? cosigned
        guard !isEnding, isSatisfied(by: cosigned) else { continue }
        isEnding = true
        group.addTask {
          // Cancelled when all have answered before.
          try? await Task.sleep(for: Self.grace)
          return nil
        }
      }
      return cosigned
    }
  }

  /// Whether enough witnesses have cosigned a note.
  func isSatisfied(by note: SignedNote) -> Bool {
    let keys = policy.witnesses.map(\.key)
    let signers = (try? note.verify(with: keys)) ?? []
    return policy.isSatisfied(by: Set(policy.witnesses.filter { signers.contains($0.key) }.map(\.name)))
  }

  /// What one witness signs; nothing when it does not answer, or not as it should.
  private func cosignatures(
    of note: SignedNote, _ size: LogSize, _ tree: LogTree, _ witness: LogPolicy.Witness, _ url: String
  ) async -> [NoteSignature] {
    let known = Known(log: tree.log, witness: witness.name)
    var old = sizes.withLock { $0[known] ?? .zero }
    // A witness that has seen another size than this program remembers says so once.
    for _ in 0..<2 {
      do {
        guard old <= size else { return [] }
        let proof = try await tree.consistencyProof(from: old, to: size)
        let request = try WitnessRequest(oldSize: UInt64(old.value), hashes: proof.hashes, note: note)
        let (status, body) = try await client.addCheckpoint(request, at: url)
        switch status {
        case 200:
          // Only its own: a line under another's name would take the place of what that one has signed.
          let signatures = try NoteSignature.parse(lines: body).filter { $0.isNamed(witness.key) }
          _ = try note.adding(signatures).verify(with: [witness.key])
          sizes.withLock { $0[known] = size }
          return signatures
        case 409:
          guard let text = String(validating: body, as: UTF8.self), text.utf8.last == UInt8(ascii: "\n"),
            let told = Int64(text.dropLast()), told >= 0
          else { return [] }
          // A size that the log has not reached is none that it can prove; the next checkpoint asks anew.
          guard LogSize(told) <= size else { return [] }
          old = LogSize(told)
          sizes.withLock { $0[known] = old }
        default: return []
        }
      } catch {
        return []
      }
    }
    return []
  }
}

import Crypto

/// What a witness decides (c2sp.org/tlog-witness): whether a checkpoint may be cosigned.
///
/// A witness remembers for each log the largest head that it has cosigned, and cosigns another only when that one
/// continues it. So a log cannot show different histories to those who ask for the same witnesses.
public enum Witness {
  /// Judges a request by what the witness knows.
  ///
  /// - Parameters:
  ///   - known: The latest head that was cosigned for `request.origin`, nil if none ever was.
  ///   - keys: The keys that are trusted to sign for an origin; none for a log that is unknown.
  ///
  /// - Warning: Between the reading of `known` and the storing of the head of a `.cosign` verdict nobody else may store
  ///   one for the same origin, and nothing may be cosigned before it is stored: else a witness goes back and signs
  ///   a fork.
  public static func judge(
    _ request: WitnessRequest, known: WitnessedHead?, keys: (_ origin: String) -> [NoteVerifierKey]
  ) -> WitnessVerdict {
    let claim: Claim
    do {
      claim = try Claim(request.note)
    } catch {
      return .malformedCheckpoint(error)
    }
    let logKeys = keys(request.origin)
    guard !logKeys.isEmpty else { return .unknownOrigin }
    do {
      _ = try request.note.verify(with: logKeys)
    } catch {
      return .untrusted(error)
    }
    guard request.oldSize <= claim.size else { return .oldSizeAboveCheckpoint }
    // A log that was never cosigned is known as the empty tree is: everything continues it.
    let known = known ?? WitnessedHead(size: 0, root: .empty)
    guard request.oldSize == known.size else { return .otherSizeKnown(known.size) }
    guard case .checkpoint(let checkpoint) = claim else { return .inconsistent }
    let proof = ConsistencyProof(oldSize: known.size, newSize: checkpoint.size, hashes: request.hashes)
    guard proof.verifies(oldRoot: known.root, newRoot: checkpoint.root) else { return .inconsistent }
    return .cosign(checkpoint)
  }

  /// Where a witness serves the latest checkpoint that it has cosigned for a log, below its monitoring prefix.
  public static func checkpointPath(origin: String) -> String {
    Hexadecimal.encode(Array(SHA256.hash(data: Array(origin.utf8)))) + "/checkpoint"
  }

  /// An empty tree with the root of another is well formed to a witness: it has an answer of its own, which only a log
  /// that is known and has signed is given.
  private enum Claim {
    case checkpoint(Checkpoint)
    case emptyTreeWithWrongRoot

    init(_ note: SignedNote) throws(CheckpointError) {
      do {
        self = .checkpoint(try Checkpoint(noteText: note.text))
      } catch .wrongEmptyRoot {
        self = .emptyTreeWithWrongRoot
      }
    }

    var size: UInt64 {
      switch self {
      case .checkpoint(let checkpoint): checkpoint.size
      case .emptyTreeWithWrongRoot: 0
      }
    }
  }
}

/// The latest head of a log that a witness has cosigned, and all that it has to remember of it in order to judge.
public struct WitnessedHead: Hashable, Sendable {
  public let size: UInt64
  public let root: MerkleHash

  public init(size: UInt64, root: MerkleHash) {
    self.size = size
    self.root = root
  }
}

/// A witness's answer to a request. The status codes are those of c2sp.org/tlog-witness, "add-checkpoint".
public enum WitnessVerdict: Hashable, Sendable {
  /// 200, once the head is stored: the body is the line of the cosignature of this checkpoint.
  case cosign(Checkpoint)

  /// 400, as for a request that cannot be read: the note is no checkpoint.
  case malformedCheckpoint(CheckpointError)

  /// 400: no proof leads from a size to a smaller one.
  case oldSizeAboveCheckpoint

  /// 403: no trusted key of the log has signed, or the signature of one is wrong.
  case untrusted(SignedNoteError)

  /// 404: the witness does not watch this log.
  case unknownOrigin

  /// 409: the latest cosigned size is this one, which the body tells, in `text/x.tlog.size`.
  case otherSizeKnown(UInt64)

  /// 422: the proof is wrong, the root is another one for the same size, or an empty tree has the root of another. If
  /// the log signed it, it may be evidence of a fork and is worth keeping.
  case inconsistent
}

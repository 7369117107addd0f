public import TamperEvidence

/// The keys of the logs, each named by the origin that it speaks for.
public struct LogKeys: Sendable {
  /// Those that sign: one, or two while a key is exchanged.
  public let signing: @Sendable (_ origin: String) throws -> [NoteSigningKey]
  /// Those that ever signed, so that old checkpoints can be verified; those that sign now come first.
  public let verifying: @Sendable (_ origin: String) throws -> [NoteVerifierKey]

  public init(
    signing: @escaping @Sendable (_ origin: String) throws -> [NoteSigningKey],
    verifying: @escaping @Sendable (_ origin: String) throws -> [NoteVerifierKey]
  ) {
    self.signing = signing
    self.verifying = verifying
  }
}

extension SignedNote {
  /// The checkpoint that a note carries, once the log that it names has signed it with one of `keys`.
  ///
  /// A key speaks for the log whose origin is the key's name (c2sp.org/tlog-policy, "Defining a log"); keys of other
  /// names are passed over. Throws `CheckpointError` or `SignedNoteError`.
  public func checkpoint(signedBy keys: [NoteVerifierKey]) throws -> Checkpoint {
    let checkpoint = try Checkpoint(noteText: text)
    let logKeys = keys.filter { $0.speaks(for: checkpoint.origin) }
    guard !logKeys.isEmpty else { throw SignedNoteError.noKeyOfOrigin(checkpoint.origin) }
    _ = try verify(with: logKeys)
    return checkpoint
  }
}

extension NoteVerifierKey {
  /// True when the key's name is `origin`, byte for byte.
  func speaks(for origin: String) -> Bool {
    name.utf8.elementsEqual(origin.utf8)
  }
}

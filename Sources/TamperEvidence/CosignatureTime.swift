/// When a cosigner saw a checkpoint (c2sp.org/tlog-cosignature, "Format").
///
/// The time is part of what is signed, but it is only what the cosigner's clock said.
public struct CosignatureTime: Hashable, Sendable {
  /// The format forbids larger times, so that signed 64-bit numbers hold them all.
  public static let secondsMax = UInt64(Int64.max)

  static let byteCount = 8

  /// Seconds from the start of 1970 in UTC.
  public let seconds: UInt64

  /// Nil for a time that the format forbids.
  public init?(seconds: UInt64) {
    guard seconds <= Self.secondsMax else { return nil }
    self.seconds = seconds
  }

  /// Reads the eight bytes, the most significant first, that stand before the Ed25519 signature.
  init?(bigEndianBytes bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(seconds: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// What an Ed25519 cosigner signs. The first line keeps it apart from the text of any checkpoint.
  func signedBytes(of noteText: String) -> [UInt8] {
    Array("cosignature/v1\ntime \(seconds)\n\(noteText)".utf8)
  }
}

extension CosignatureTime: Comparable {
  public static func < (left: Self, right: Self) -> Bool {
    left.seconds < right.seconds
  }
}

/// A signature of a note that has been checked: whose it is, and for a cosignature when it was made.
public struct VerifiedSignature: Hashable, Sendable {
  public let key: NoteVerifierKey

  /// Nil for keys whose signatures have no time.
  public let time: CosignatureTime?
}

public import Coordination
internal import Crypto
public import EventSourcing

/// What one view shows of a plan, as a digest that anybody can work out again from the same log.
///
/// No view holds a text that can be erased, since the fold keeps none; a log whose texts are withheld or erased
/// therefore gives the same digests.
public enum ViewDigest {
  /// The versions of the views, in the order of their digests.
  public static var versions: [Int] { ViewCatalogue.all.map(\.version) }

  /// The digests of all views of a plan for one day: base64url of SHA-256 over the canonical JSON (RFC 8785) of a
  /// view's items, or of the view where it is one object, each followed by a line feed.
  public static func all(of plan: Plan, validAt date: LocalDate) -> [RecordedViewDigest] {
    ViewCatalogue.all.map { view in
      var hash = SHA256()
      for piece in view.pieces(plan, date) {
        hash.update(data: piece.canonicalBytes)
        hash.update(data: [UInt8(ascii: "\n")])
      }
      return RecordedViewDigest(
        view: view.name, version: view.version, digest: Base64URL.encode(Array(hash.finalize())))
    }
  }
}

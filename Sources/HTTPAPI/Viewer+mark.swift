internal import Coordination
internal import Crypto
internal import EventSourcing

extension Viewer {
  /// Tells viewers apart in an ETag: nothing for those who see everything.
  var mark: String {
    guard self != .office else { return "" }
    var hash = SHA256()
    for id in own.sorted() { hash.update(data: Array(id.description.utf8)) }
    return ".\(circle.rawValue)-\(Base64URL.encode(Array(hash.finalize().prefix(9))))"
  }
}

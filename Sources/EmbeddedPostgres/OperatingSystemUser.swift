#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A user of the operating system: the one we run as, or the one the server runs as.
struct OperatingSystemUser: Sendable, Equatable {
  let name: String
  let userID: uid_t
  let groupID: gid_t

  /// The user we run as.
  static func current() throws(EmbeddedPostgresError) -> OperatingSystemUser {
    guard let user = OperatingSystemUser(id: geteuid()) else { throw .namelessUser(id: geteuid()) }
    return user
  }

  var isRoot: Bool { userID == 0 }

  init?(id: uid_t) {
    self.init { entry, buffer, size, found in getpwuid_r(id, entry, buffer, size, found) }
  }

  init?(name: String) {
    self.init { entry, buffer, size, found in getpwnam_r(name, entry, buffer, size, found) }
  }

  private typealias LookUp = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> CInt

  private init?(lookUp: LookUp) {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    // Entries that a directory service hands out may be large; past a megabyte we treat the user as unknown.
    var size = 4096
    while size <= 1 << 20 {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      let status = lookUp(&entry, buffer, size, &found)
      if status == ERANGE {
        size *= 4
        continue
      }
      guard status == 0, found != nil, let entryName = entry.pw_name else { return nil }
      name = String(cString: entryName)
      userID = entry.pw_uid
      groupID = entry.pw_gid
      return
    }
    return nil
  }
}

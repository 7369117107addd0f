import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// These functions block; call them through `onBlockingThread`.

/// The path from the root, with links resolved as far as the path exists.
func absolutePath(_ path: String) -> FilePath {
  var absolute = FilePath(path)
  if absolute.isRelative, let folder = getcwd(nil, 0) {
    defer { free(folder) }
    absolute = FilePath(String(cString: folder)).appending(absolute.components)
  }
  absolute = absolute.lexicallyNormalized()
  guard let resolved = realpath(absolute.string, nil) else { return absolute }
  defer { free(resolved) }
  return FilePath(String(cString: resolved))
}

/// The names in a folder, without "." and ".."; none where there is no such folder.
func names(in folder: FilePath) -> [String] {
  guard let stream = opendir(folder.string) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

func exists(_ path: FilePath) -> Bool {
  (try? path.stat(followTargetSymlink: false)) != nil
}

/// Makes a folder and its missing parents; an existing one stays as it is.
func makeFolder(_ path: FilePath, mode: mode_t) throws(EmbeddedPostgresError) {
  let parent = path.removingLastComponent()
  if !parent.isEmpty, parent != path, !exists(parent) { try makeFolder(parent, mode: 0o755) }
  if mkdir(path.string, mode) == 0 {
    // mkdir subtracts the umask; a server under another user still has to pass through.
    guard chmod(path.string, mode) == 0 else { throw .unusable(path) }
    return
  }
  guard errno == EEXIST else { throw .unusable(path) }
  guard let status = try? path.stat(), status.type == .directory else {
    throw .unusablePath(path: path.string, reason: "not a folder")
  }
}

/// Makes a folder that only `owner` may enter, or checks an existing one.
///
/// A folder of somebody else's is refused: in `/tmp` anybody may have put it there. Found after a crash between the two
/// steps: an empty folder of ours that is not yet the owner's; it is handed over again.
func makePrivateFolder(_ path: FilePath, owner: OperatingSystemUser) throws(EmbeddedPostgresError) {
  if mkdir(path.string, 0o700) != 0, errno != EEXIST { throw .unusable(path) }
  guard let status = try? path.stat(followTargetSymlink: false) else { throw .unusable(path) }
  guard status.type == .directory else { throw .unusablePath(path: path.string, reason: "not a folder, or a link") }
  let currentOwner = status.userID.rawValue
  if currentOwner != owner.userID {
    guard currentOwner == geteuid(), names(in: path).isEmpty else {
      let name = OperatingSystemUser(id: currentOwner)?.name ?? "user id \(currentOwner)"
      throw .ownedBySomebodyElse(path: path.string, owner: name, expected: owner.name)
    }
    guard lchown(path.string, owner.userID, owner.groupID) == 0 else { throw .unusable(path) }
  }
  if status.permissions.rawValue & 0o777 != 0o700 {
    guard chmod(path.string, 0o700) == 0 else { throw .unusable(path) }
  }
}

/// Makes a rename in this folder durable.
func synchronizeFolder(_ path: FilePath) throws(EmbeddedPostgresError) {
  do {
    let folder = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
    defer { close(folder.rawValue) }
    guard fsync(folder.rawValue) == 0 else { throw Errno(rawValue: errno) }
  } catch {
    throw .unusablePath(path: path.string, reason: "\(error)")
  }
}

/// Reads a file of at most some kilobytes without following a link in its last component.
func readSmallFile(_ path: FilePath, sizeMax: Int = 65_536) throws(Errno) -> [UInt8] {
  do {
    let file = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
    return try file.closeAfter {
      try [UInt8](unsafeUninitializedCapacity: sizeMax) { buffer, count in
        while count < sizeMax {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
          let read = try file.read(into: rest)
          if read == 0 { break }
          count += read
        }
      }
    }
  } catch {
    throw error as? Errno ?? .ioError
  }
}

/// The last lines of a file, for an error message; empty where it cannot be read.
func lastLines(of path: FilePath, count: Int = 20) -> String {
  guard let bytes = try? readSmallFile(path, sizeMax: 4 << 20) else { return "" }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(count).joined(separator: "\n")
}

extension EmbeddedPostgresError {
  /// The failure that `errno` tells of right now.
  static func unusable(_ path: FilePath) -> EmbeddedPostgresError {
    .unusablePath(path: path.string, reason: "\(Errno(rawValue: errno))")
  }
}

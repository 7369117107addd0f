import Foundation

/// The files of this repository, as the tests lie in it.
enum Repository {
  struct File {
    /// Relative to the repository.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  }

  static let root: URL = {
    let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    return here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }()

  static func text(of path: String) -> String? {
    try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// All files below a folder that hold text, without what was built or checked out.
  static func files(in folder: String = "", extensions: Set<String>? = nil) -> [File] {
    let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
    guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: [.isRegularFileKey]) else {
      return []
    }
    var files: [File] = []
    for case let url as URL in walk {
      let name = url.lastPathComponent
      if name.hasPrefix(".build") || [".git", ".federwerk", "__pycache__", "node_modules"].contains(name) {
        walk.skipDescendants()
        continue
      }
      guard extensions?.contains(url.pathExtension) ?? true,
        (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true,
        let text = try? String(contentsOf: url, encoding: .utf8)
      else { continue }
      files.append(File(path: String(url.path.dropFirst(root.path.count + 1)), text: text))
    }
    return files.sorted { $0.path < $1.path }
  }
}

extension StringProtocol {
  var trimmed: String { trimmingCharacters(in: .whitespaces) }
}

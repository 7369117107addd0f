import Composition
import Foundation
import HangLimit
import Testing

/// Keys are made once and never replaced by accident: what they signed or hashed would be worth nothing.
@Suite(.hangLimit) struct KeyStoreTests {
  private func withHome(_ body: (String) throws -> Void) throws {
    let home = FileManager.default.temporaryDirectory.path + "/federwerk-keys-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    try body(home)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  @Test func `the keys are made with the first start and read with the next`() throws {
    try withHome { home in
      let (first, second) = (try KeyStore(home: home), try KeyStore(home: home))
      #expect(first.tokenSecret == second.tokenSecret && first.receiptSecret == second.receiptSecret)
      let names = try FileManager.default.contentsOfDirectory(atPath: first.folder).sorted()
      #expect(names == ["log.key", "receipts.key", "token.key", "webhooks.key"])
    }
  }

  @Test func `of those who start at once one makes the keys, and all have them`() async throws {
    let parent = FileManager.default.temporaryDirectory.path + "/federwerk-keys-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let home = "\(parent)/home"
    let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<16 { group.addTask { try KeyStore(home: home).tokenSecret } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(secrets.count == 1)
    let folder = try KeyStore(home: home).folder
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["log.key", "receipts.key", "token.key", "webhooks.key"], "nothing lies beside them")
    for path in [folder] + names.map({ "\(folder)/\($0)" }) {
      var status = stat()
      let isThere = stat(path, &status) == 0
      #expect(isThere && status.st_mode & 0o777 == (path == folder ? 0o700 : 0o600), "\(path)")
    }
  }

  @Test(arguments: ["token.key", "receipts.key", "webhooks.key", "log.key", "log.next.key", "log.retired"])
  func `a damaged file is named, and stays`(_ name: String) throws {
    try withHome { home in
      let path = "\(try KeyStore(home: home).folder)/\(name)"
      for content in [[0xFF, 0xFE, 0x0A], Array("short\n".utf8)] {
        try write(content, to: path)
        let problem = #expect(throws: ConfigurationProblem.self) { try KeyStore(home: home) }
        #expect("\(try #require(problem))".contains("\(path) is damaged"))
        #expect(FileManager.default.contents(atPath: path) == Data(content))
      }
    }
  }

  @Test func `what is there and cannot be read is not taken for missing`() throws {
    try withHome { home in
      let path = "\(try KeyStore(home: home).folder)/webhooks.key"
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let problem = #expect(throws: ConfigurationProblem.self) { try KeyStore(home: home) }
      #expect("\(try #require(problem))".contains("cannot be read"))
    }
  }

  @Test func `keys that were retired before are kept when another one is`() throws {
    try withHome { home in
      let old = try KeyStore(home: home)
      let earlier = Data((0..<32).map { UInt8($0) }).base64EncodedString() + "\n"
      try write(Array(earlier.utf8), to: "\(old.folder)/log.retired")
      try old.beginLogKeyExchange()
      try KeyStore(home: home).endLogKeyExchange()
      let retired = try String(contentsOfFile: "\(old.folder)/log.retired", encoding: .utf8)
      #expect(retired.hasPrefix(earlier) && retired.split(separator: "\n").count == 2)
      try write([0xFF], to: "\(old.folder)/log.retired")
      #expect(throws: ConfigurationProblem.self) { try KeyStore(home: home) }
    }
  }
}

public import EventSourcing
public import PlanService
internal import TamperEvidence

/// The export bundle: one archive with all that an auditor needs to verify a log without this program.
///
/// It holds, in this order, what is for people (two readmes, two scripts, the plan file), then `vkeys`, `policy`,
/// `checkpoint`, and the files that `LogFile.files` lists. Reading goes through it once, from the first byte to the
/// last.
public enum AuditBundle {
  /// What is for people, in the order of the bundle; all may be missing from one that somebody made smaller.
  public static let companions = ["README.de.md", "README.en.md", "verify.py", "verify.go", "plan.yaml"]
  static let companionByteCountMax = 16 << 20

  private static func bytes(ofCompanion name: String, plan: [UInt8]) -> [UInt8] {
    switch name {
    case "README.de.md": PackageResources.README_de_md
    case "README.en.md": PackageResources.README_en_md
    case "verify.py": PackageResources.verify_py
    case "verify.go": PackageResources.verify_go
    default: plan
    }
  }

  /// Writes the bundle of a log as of a checkpoint.
  ///
  /// - Parameters:
  ///   - plan: the plan file as of the checkpoint.
  ///   - withDisclosures: whether the erasable values that are still there go with it.
  ///   - progress: called with the number of events written, about every stretch of 256.
  public static func write(
    _ log: PublishedLog, as checkpoint: StoredCheckpoint, plan: [UInt8], modifiedAt seconds: UInt64,
    withDisclosures: Bool, to output: inout some ByteOutput, progress: (LogSize) -> Void
  ) async throws {
    func add(_ name: String, _ bytes: [UInt8], to output: inout some ByteOutput) async throws {
      let member = TarMember(name: name, byteCount: bytes.count)
      let padding = [UInt8](repeating: 0, count: TarArchive.paddingByteCount(bytes.count))
      try await output.write(TarArchive.header(member, modifiedAt: seconds) + bytes + padding)
    }
    for name in companions { try await add(name, bytes(ofCompanion: name, plan: plan), to: &output) }
    for file in [LogFile.verifierKeys, .policy] {
      guard let bytes = try await log.bytes(of: file) else { throw BundleFault.truncated(name: file.path) }
      try await add(file.path, bytes, to: &output)
    }
    try await add(LogFile.checkpoint.path, Array(checkpoint.note.utf8), to: &output)
    for file in LogFile.files(size: UInt64(checkpoint.size.value)) {
      if case .disclosures = file, !withDisclosures { continue }
      guard let bytes = try await log.bytes(of: file) else { throw BundleFault.truncated(name: file.path) }
      if case .disclosures = file, bytes.isEmpty { continue }
      try await add(file.path, bytes, to: &output)
      if case .entries(let bundle) = file {
        progress(LogSize(Int64(bundle.index) * Int64(TileIndex.widthMax) + Int64(bundle.width)))
      }
    }
    try await output.write(TarArchive.end)
  }
}

/// Reads a bundle from the first byte to the last, with memory for one file at a time.
public struct BundleSource<Input: ByteInput>: AuditSource {
  private var input: Input
  /// The member whose content comes next.
  private var pending: TarMember?
  private var hasStarted = false
  private var hasEnded = false

  public init(_ input: Input) { self.input = input }

  public mutating func bytes(of file: LogFile, byteCountMax: Int) async throws -> [UInt8]? {
    if !hasStarted {
      hasStarted = true
      try await advance()
      for name in AuditBundle.companions where pending?.name == name {
        _ = try await content(byteCountMax: AuditBundle.companionByteCountMax)
      }
    }
    guard pending?.name == file.path else { return nil }
    return try await content(byteCountMax: byteCountMax)
  }

  public mutating func finish() async throws {
    if let pending { throw BundleFault.unexpected(name: pending.name) }
    guard hasEnded else { throw BundleFault.truncated(name: "its first header") }
    for _ in 0..<TarArchive.recordBlockCount {
      let rest = try await input.read(TarArchive.blockByteCount)
      if rest.isEmpty { return }
      guard rest.allSatisfy({ $0 == 0 }) else { throw BundleFault.trailing }
    }
    throw BundleFault.trailing
  }

  /// The content of the pending member; afterwards the one after it is pending.
  private mutating func content(byteCountMax: Int) async throws -> [UInt8] {
    guard let member = pending else { return [] }
    guard member.byteCount <= byteCountMax else {
      throw BundleFault.tooLarge(name: member.name, byteCount: member.byteCount, byteCountMax: byteCountMax)
    }
    let bytes = try await input.read(member.byteCount)
    let padding = try await input.read(TarArchive.paddingByteCount(member.byteCount))
    guard bytes.count == member.byteCount, padding.count == TarArchive.paddingByteCount(member.byteCount) else {
      throw BundleFault.truncated(name: member.name)
    }
    guard padding.allSatisfy({ $0 == 0 }) else { throw BundleFault.malformed("bytes follow \(member.name)") }
    try await advance()
    return bytes
  }

  private mutating func advance() async throws {
    pending = nil
    let block = try await input.read(TarArchive.blockByteCount)
    guard block.count == TarArchive.blockByteCount else { throw BundleFault.truncated(name: "a header") }
    guard block.contains(where: { $0 != 0 }) else {
      guard try await input.read(TarArchive.blockByteCount) == [UInt8](repeating: 0, count: TarArchive.blockByteCount)
      else { throw BundleFault.truncated(name: "its end") }
      hasEnded = true
      return
    }
    pending = try TarArchive.member(block)
  }
}

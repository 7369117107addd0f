/// Which checkpoints to believe (c2sp.org/tlog-policy): the logs, the witnesses, and which witnesses must have
/// cosigned.
///
///     log <vkey> [<url>]
///     witness <name> <vkey> [<url>]
///     group <name> all|any|<k> <name>...
///     quorum <name>|none
///
/// A checkpoint is believed when one of the logs has signed it under its own origin, and the quorum has cosigned it. A
/// line can name only what lines before it define, so groups form no circle; a name is a member of at most one group,
/// so that no witness counts twice.
public struct LogPolicy: Hashable, Sendable {
  /// The longest file that is read, in bytes.
  public static let byteCountMax = 64 * 1024

  /// The most logs, the most witnesses and the most groups; the specification asks for at least 32 of each.
  public static let countMax = 256

  public private(set) var logs: [Log] = []
  public private(set) var witnesses: [Witness] = []

  /// Each after the groups that are its members.
  public private(set) var groups: [Group] = []

  /// The witness or group that must have cosigned; nil when the file says `none`.
  public private(set) var quorum: PolicyName?

  private var publicKeysOfLogs: Set<[UInt8]> = []
  private var publicKeysOfWitnesses: Set<[UInt8]> = []
  private var names: Set<PolicyName> = [.none]
  private var members: Set<PolicyName> = []

  /// Makes a policy under the rules of the file format; groups that are members come before the groups they are in.
  public init(
    logs: [Log], witnesses: [Witness], groups: [Group], quorum: PolicyName?
  ) throws(LogPolicyProblem) {
    for log in logs { try add(log) }
    for witness in witnesses { try add(witness) }
    for group in groups { try add(group) }
    if let quorum { try require(quorum) }
    guard text.utf8.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
  }

  public struct Log: Hashable, Sendable {
    /// Its name is the origin of the log.
    public let key: NoteVerifierKey
    public let url: String?

    public init(key: NoteVerifierKey, url: String? = nil) {
      self.key = key
      self.url = url
    }
  }

  public struct Witness: Hashable, Sendable {
    /// What the policy calls the witness; the name of its key is another thing.
    public let name: PolicyName
    public let key: NoteVerifierKey
    public let url: String?

    public init(name: PolicyName, key: NoteVerifierKey, url: String? = nil) {
      self.name = name
      self.key = key
      self.url = url
    }
  }

  public struct Group: Hashable, Sendable {
    public let name: PolicyName
    public let threshold: Threshold

    /// Witnesses and groups.
    public let members: [PolicyName]

    public init(name: PolicyName, threshold: Threshold, members: [PolicyName]) {
      self.name = name
      self.threshold = threshold
      self.members = members
    }
  }

  /// How many members of a group must have cosigned for the group to have cosigned.
  public enum Threshold: Hashable, Sendable {
    case any
    case all
    case atLeast(Int)

    func count(of members: Int) -> Int {
      switch self {
      case .any: 1
      case .all: members
      case .atLeast(let count): count
      }
    }
  }
}

/// A name of a witness or a group: octets that mean nothing outside of their policy. Two spellings of "é" are two
/// names.
public struct PolicyName: Hashable, Sendable {
  /// Stands for the quorum of no witness, and names nothing else.
  static let none: PolicyName = "none"

  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension PolicyName: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral text: String) {
    self.init(text)
  }

  public var description: String { text }
}

// MARK: - Judging

extension LogPolicy {
  /// True when these witnesses are enough. Names that are no witness of the policy count for nothing.
  public func isSatisfied(by names: Set<PolicyName>) -> Bool {
    guard let quorum else { return true }
    var cosigners = names.intersection(witnesses.map(\.name))
    // Members stand before their groups, so that one pass settles all.
    for group in groups {
      let count = group.members.count { cosigners.contains($0) }
      if count >= group.threshold.count(of: group.members.count) { cosigners.insert(group.name) }
    }
    return cosigners.contains(quorum)
  }

  /// The checkpoint that a note carries, once the policy believes it.
  ///
  /// Signatures of keys that the policy does not know are ignored, a failing one of a log or witness that it knows
  /// rejects the note. Throws `CheckpointError`, `SignedNoteError` or `LogPolicyRefusal`.
  public func verify(_ note: SignedNote) throws -> Checkpoint {
    let checkpoint = try Checkpoint(noteText: note.text)
    let logKeys = logs.map(\.key).filter { $0.speaks(for: checkpoint.origin) }
    guard !logKeys.isEmpty else { throw LogPolicyRefusal.unknownLog(origin: checkpoint.origin) }
    let signers = Set(try note.verify(with: logKeys + witnesses.map(\.key)))
    guard logKeys.contains(where: signers.contains) else {
      throw LogPolicyRefusal.logDidNotSign(origin: checkpoint.origin)
    }
    let cosigners = witnesses.filter { signers.contains($0.key) }.map(\.name)
    guard isSatisfied(by: Set(cosigners)) else { throw LogPolicyRefusal.quorumNotReached(cosigners: cosigners) }
    return checkpoint
  }
}

/// Why a policy does not believe a checkpoint whose form and known signatures are right.
public enum LogPolicyRefusal: Error, Hashable {
  /// Only witnesses have signed.
  case logDidNotSign(origin: String)
  case quorumNotReached(cosigners: [PolicyName])
  case unknownLog(origin: String)
}

extension LogPolicyRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .logDidNotSign(let origin): "couldn't accept checkpoint: the log \(origin) has not signed it"
    case .quorumNotReached(let cosigners):
      "couldn't accept checkpoint: the quorum is not reached, "
        + (cosigners.isEmpty
          ? "no known witness has cosigned" : "only cosigned by \(cosigners.map(\.text).joined(separator: ", "))")
    case .unknownLog(let origin): "couldn't accept checkpoint: the policy does not know the log \(origin)"
    }
  }
}

// MARK: - Rules

extension LogPolicy {
  private mutating func add(_ log: Log) throws(LogPolicyProblem) {
    try Self.checkItem(log.key.name)
    guard publicKeysOfLogs.insert(log.key.publicKey).inserted else { throw .duplicateKey }
    if let url = log.url { try Self.checkItem(url) }
    guard logs.count < Self.countMax else { throw .tooMany(max: Self.countMax) }
    logs.append(log)
  }

  private mutating func add(_ witness: Witness) throws(LogPolicyProblem) {
    try Self.checkItem(witness.key.name)
    guard witness.key.algorithm == .cosignature else { throw .notACosigner }
    guard publicKeysOfWitnesses.insert(witness.key.publicKey).inserted else { throw .duplicateKey }
    try define(witness.name)
    if let url = witness.url { try Self.checkItem(url) }
    guard witnesses.count < Self.countMax else { throw .tooMany(max: Self.countMax) }
    witnesses.append(witness)
  }

  private mutating func add(_ group: Group) throws(LogPolicyProblem) {
    let count = group.members.count
    guard count > 0, 1...count ~= group.threshold.count(of: count) else { throw .malformedThreshold }
    for member in group.members {
      guard names.contains(member), member != .none else { throw .unknownName(member) }
      guard members.insert(member).inserted else { throw .alreadyMember(member) }
    }
    // Defined last, since no group is a member of itself.
    try define(group.name)
    guard groups.count < Self.countMax else { throw .tooMany(max: Self.countMax) }
    groups.append(group)
  }

  private mutating func define(_ name: PolicyName) throws(LogPolicyProblem) {
    try Self.checkItem(name.text)
    guard names.insert(name).inserted else { throw .duplicateName(name) }
  }

  private mutating func require(_ name: PolicyName) throws(LogPolicyProblem) {
    guard names.contains(name), name != .none else { throw .unknownName(name) }
    quorum = name
  }

  /// What the file can hold as one item of a line.
  private static func checkItem(_ item: String) throws(LogPolicyProblem) {
    guard !item.isEmpty, item.utf8.allSatisfy({ !isForbidden($0) && !isSpace($0) && $0 != lineFeed }) else {
      throw .malformedItem
    }
  }

  private static func isForbidden(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != lineFeed && byte != tab || byte == 0x7f
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == tab
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let tab = UInt8(ascii: "\t")
}

// MARK: - Files

extension LogPolicy {
  /// The policy as a file: no comments, one space between the items of a line.
  public var text: String {
    let lines =
      logs.map { Self.line(["log", $0.key.description, $0.url]) }
      + witnesses.map { Self.line(["witness", $0.name.text, $0.key.description, $0.url]) }
      + groups.map { Self.line(["group", $0.name.text, $0.threshold.description] + $0.members.map(\.text)) }
    return (lines + ["quorum \(quorum ?? .none)\n"]).joined()
  }

  /// Reads a file. Other than the specification, it must be UTF-8 throughout.
  public init(parsing bytes: [UInt8]) throws(LogPolicyError) {
    guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCountMax: Self.byteCountMax) }
    guard !bytes.contains(where: Self.isForbidden) else { throw .controlCharacter }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    guard bytes.last == Self.lineFeed else { throw .noFinalLineFeed }
    var hasQuorum = false
    let lines = text.utf8.dropLast().split(separator: Self.lineFeed, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let items = line.split(whereSeparator: Self.isSpace).map { String(Substring($0)) }
      guard let keyword = items.first, keyword.utf8.first != UInt8(ascii: "#") else { continue }
      do {
        try read(keyword, Array(items.dropFirst()), hasQuorum: &hasQuorum)
      } catch {
        throw .line(number: index + 1, error)
      }
    }
    guard hasQuorum else { throw .noQuorum }
  }

  private mutating func read(
    _ keyword: String, _ items: [String], hasQuorum: inout Bool
  ) throws(LogPolicyProblem) {
    switch keyword {
    case "log":
      guard 1...2 ~= items.count else { throw .malformedLine }
      try add(Log(key: Self.key(items[0]), url: items.dropFirst().first))
    case "witness":
      guard 2...3 ~= items.count else { throw .malformedLine }
      try add(Witness(name: PolicyName(items[0]), key: Self.key(items[1]), url: items.dropFirst(2).first))
    case "group":
      guard items.count >= 3 else { throw .malformedLine }
      let members = items[2...].map { PolicyName($0) }
      try add(Group(name: PolicyName(items[0]), threshold: Self.threshold(items[1]), members: members))
    case "quorum":
      guard items.count == 1 else { throw .malformedLine }
      guard !hasQuorum else { throw .secondQuorum }
      hasQuorum = true
      if PolicyName(items[0]) != .none { try require(PolicyName(items[0])) }
    default:
      throw .malformedLine
    }
  }

  private static func key(_ text: String) throws(LogPolicyProblem) -> NoteVerifierKey {
    do {
      return try NoteVerifierKey(parsing: text)
    } catch {
      throw .malformedKey(error)
    }
  }

  private static func threshold(_ text: String) throws(LogPolicyProblem) -> Threshold {
    switch text {
    case "any": return .any
    case "all": return .all
    default:
      guard let number = DecimalNumber.parse(text.utf8), let count = Int(exactly: number) else {
        throw .malformedThreshold
      }
      return .atLeast(count)
    }
  }

  private static func line(_ items: [String?]) -> String {
    items.compactMap { $0 }.joined(separator: " ") + "\n"
  }
}

extension LogPolicy.Threshold: CustomStringConvertible {
  public var description: String {
    switch self {
    case .any: "any"
    case .all: "all"
    case .atLeast(let count): "\(count)"
    }
  }
}

/// Why bytes are no policy.
public enum LogPolicyError: Error, Hashable {
  case controlCharacter
  /// Lines count from 1.
  case line(number: Int, LogPolicyProblem)
  case noFinalLineFeed
  case noQuorum
  case notUTF8
  case tooLong(byteCountMax: Int)
}

extension LogPolicyError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .controlCharacter: "couldn't read policy: it contains a control character other than LF and tab"
    case .line(let number, let problem): "couldn't read policy: line \(number): \(problem)"
    case .noFinalLineFeed: "couldn't read policy: its last line does not end in LF"
    case .noQuorum: "couldn't read policy: it has no quorum line; write \"quorum none\" to ask for no witness"
    case .notUTF8: "couldn't read policy: it is not UTF-8"
    case .tooLong(let byteCountMax): "couldn't read policy: it is longer than \(byteCountMax) bytes"
    }
  }
}

/// Which rule of the format a line, or a part of a policy, breaks.
public enum LogPolicyProblem: Error, Hashable {
  case alreadyMember(PolicyName)
  /// Two logs or two witnesses have one public key.
  case duplicateKey
  case duplicateName(PolicyName)
  case malformedItem
  case malformedKey(NoteKeyError)
  case malformedLine
  case malformedThreshold
  case notACosigner
  case secondQuorum
  /// The policy would make a longer file than can be read.
  case tooLong(byteCountMax: Int)
  case tooMany(max: Int)
  case unknownName(PolicyName)
}

extension LogPolicyProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .alreadyMember(let name): "\(name) is a member of a group already"
    case .duplicateKey: "its public key is there already"
    case .duplicateName(let name): "\(name) is defined already"
    case .malformedItem: "a name or a URL is empty or has a space or a control character"
    case .malformedKey(let error): "\(error)"
    case .malformedLine: "it is none of the lines log, witness, group and quorum, or has too few or too many items"
    case .malformedThreshold: "the threshold of a group is any, all, or a number from 1 to that of its members"
    case .notACosigner: "a witness needs a key of type 4"
    case .secondQuorum: "there is a quorum line already"
    case .tooLong(let byteCountMax): "the policy is longer than \(byteCountMax) bytes"
    case .tooMany(let max): "there are more than \(max) logs, witnesses or groups"
    case .unknownName(let name): "no line before defines a witness or group \(name)"
    }
  }
}

import TamperEvidence
import Testing

/// The form of a policy file.
struct LogPolicyTests {
  @Test func `a policy is read, whatever its spacing and comments`() throws {
    let text = """
      # The example of c2sp.org/tlog-policy.
      log \(Keys.log(1)) https://log.example.org/
      \t log\t\(Keys.log(2))  \n
      \t
        # indented comment
      witness X1 \(Keys.witness(1))
      witness X2 \(Keys.witness(2)) https://x2.example.org/prefix#2
      witness X3 \(Keys.witness(3))
      group X-witnesses 2 X1 X2 X3
      witness Y1 \(Keys.witness(4))
      witness ü \(Keys.witness(5))
      group Y-witnesses any Y1 ü
      group X-and-Y all X-witnesses Y-witnesses
      quorum X-and-Y
      log \(Keys.log(3))

      """
    let policy = try LogPolicy(parsing: Array(text.utf8))
    #expect(policy.logs.map(\.key) == [Keys.log(1), Keys.log(2), Keys.log(3)])
    #expect(policy.logs.map(\.url) == ["https://log.example.org/", nil, nil])
    #expect(policy.witnesses.map(\.name) == ["X1", "X2", "X3", "Y1", "ü"])
    #expect(policy.witnesses.map(\.key) == (1...5).map { Keys.witness($0) })
    #expect(policy.witnesses.map(\.url) == [nil, "https://x2.example.org/prefix#2", nil, nil, nil])
    #expect(policy.groups.map(\.name) == ["X-witnesses", "Y-witnesses", "X-and-Y"])
    #expect(policy.groups.map(\.threshold) == [.atLeast(2), .any, .all])
    #expect(policy.groups.map(\.members) == [["X1", "X2", "X3"], ["Y1", "ü"], ["X-witnesses", "Y-witnesses"]])
    #expect(policy.quorum == "X-and-Y")
    let printed = """
      log \(Keys.log(1)) https://log.example.org/
      log \(Keys.log(2))
      log \(Keys.log(3))
      witness X1 \(Keys.witness(1))
      witness X2 \(Keys.witness(2)) https://x2.example.org/prefix#2
      witness X3 \(Keys.witness(3))
      witness Y1 \(Keys.witness(4))
      witness ü \(Keys.witness(5))
      group X-witnesses 2 X1 X2 X3
      group Y-witnesses any Y1 ü
      group X-and-Y all X-witnesses Y-witnesses
      quorum X-and-Y

      """
    #expect(policy.text == printed)
    #expect(try LogPolicy(parsing: Array(printed.utf8)) == policy)
  }

  @Test func `only the quorum is mandatory`() throws {
    let policy = try LogPolicy(parsing: Array("quorum none\n".utf8))
    #expect(policy.logs.isEmpty && policy.witnesses.isEmpty && policy.groups.isEmpty)
    #expect(policy.quorum == nil)
    #expect(policy.text == "quorum none\n")
    #expect(try LogPolicy(logs: [], witnesses: [], groups: [], quorum: nil) == policy)
  }

  @Test func `a file that is no sequence of lines is refused`() {
    let cases: [([UInt8], LogPolicyError)] = [
      ([], .noFinalLineFeed), (Array("quorum none".utf8), .noFinalLineFeed), (Array("\n".utf8), .noQuorum),
      (Array("# quorum none\n".utf8), .noQuorum), (Array("log \(Keys.log(1))\n".utf8), .noQuorum),
      (Array("quorum none\r\n".utf8), .controlCharacter), (Array("quorum\u{b}none\n".utf8), .controlCharacter),
      (Array("#\u{0}\nquorum none\n".utf8), .controlCharacter),
      (Array("#\u{7f}\nquorum none\n".utf8), .controlCharacter),
      (Array("quorum none\n#".utf8) + [0xe9, 10], .notUTF8),
      (
        Array("quorum none\n".utf8) + [UInt8](repeating: 10, count: LogPolicy.byteCountMax),
        .tooLong(byteCountMax: LogPolicy.byteCountMax)
      ),
    ]
    for (bytes, error) in cases { #expect(throws: error) { try LogPolicy(parsing: bytes) } }
  }

  @Test func `a line that breaks a rule is refused and named`() {
    let cases: [(String, LogPolicyProblem)] = [
      // Keywords and the number of items.
      ("logs \(Keys.log(1))", .malformedLine), ("Log \(Keys.log(1))", .malformedLine), ("log", .malformedLine),
      ("log \(Keys.log(1)) url more", .malformedLine), ("witness W", .malformedLine),
      ("witness W \(Keys.witness(9)) url more", .malformedLine), ("group G any", .malformedLine),
      ("group G", .malformedLine), ("quorum", .malformedLine), ("quorum A B", .malformedLine),
      ("\u{a0}", .malformedLine),
      // Keys.
      ("log example.org", .malformedKey(.malformed)), ("witness W example.org", .malformedKey(.malformed)),
      ("witness W \(Keys.log(1))", .notACosigner), ("log \(Keys.log(8))", .duplicateKey),
      ("log \(Keys.log(8, name: "other.example.org"))", .duplicateKey), ("witness C \(Keys.witness(8))", .duplicateKey),
      ("witness C \(Keys.witness(8, name: "other.example.org"))", .duplicateKey),
      // Names.
      ("witness A \(Keys.witness(9))", .duplicateName("A")),
      ("witness none \(Keys.witness(9))", .duplicateName("none")),
      ("group A any B", .duplicateName("A")), ("group none any B", .duplicateName("none")),
      ("group G any none", .unknownName("none")), ("group G any A D", .unknownName("D")),
      ("group G any G", .unknownName("G")), ("quorum D", .unknownName("D")), ("quorum a", .unknownName("a")),
      ("group H any A A", .alreadyMember("A")), ("group H any M", .alreadyMember("M")),
      ("group H any e\u{301}", .unknownName("e\u{301}")),
      // Thresholds.
      ("group H 0 A B", .malformedThreshold), ("group H 3 A B", .malformedThreshold),
      ("group H 01 A B", .malformedThreshold), ("group H +1 A B", .malformedThreshold),
      ("group H -1 A B", .malformedThreshold), ("group H 1.0 A B", .malformedThreshold),
      ("group H ANY A B", .malformedThreshold), ("group H ١ A B", .malformedThreshold),
      ("group H 18446744073709551616 A B", .malformedThreshold),
      ("group H 18446744073709551615 A", .malformedThreshold),
    ]
    let before = """
      log \(Keys.log(8))
      witness A \(Keys.witness(8))
      witness B \(Keys.witness(7))
      witness M \(Keys.witness(6))
      witness \u{e9} \(Keys.witness(5))
      group N any M

      """
    for (line, problem) in cases {
      let text = "\(before)\(line)\nquorum none\n"
      #expect(throws: LogPolicyError.line(number: 7, problem), "\(line)") { try LogPolicy(parsing: Array(text.utf8)) }
    }
    #expect(throws: LogPolicyError.line(number: 8, .secondQuorum)) {
      try LogPolicy(parsing: Array("\(before)quorum A\nquorum A\n".utf8))
    }
    #expect(throws: LogPolicyError.line(number: 8, .secondQuorum)) {
      try LogPolicy(parsing: Array("\(before)quorum none\nquorum none\n".utf8))
    }
  }

  @Test func `a group or quorum cannot name what later lines define`() {
    let witness = "witness W \(Keys.witness(1))\n"
    for (text, line) in [
      ("quorum W\n\(witness)", 1), ("group G any W\n\(witness)quorum none\n", 1),
      ("\(witness)group G any H\ngroup H any W\nquorum none\n", 2),
    ] {
      let name: PolicyName = text.contains("H any") ? "H" : "W"
      #expect(throws: LogPolicyError.line(number: line, .unknownName(name))) {
        try LogPolicy(parsing: Array(text.utf8))
      }
    }
  }

  @Test func `a key can be a log's in one policy and a witness's in another, but both in one`() throws {
    let text = "log \(Keys.log(1))\nwitness W \(Keys.witness(1))\nlog \(Keys.witness(2))\nquorum W\n"
    #expect(try LogPolicy(parsing: Array(text.utf8)).logs.count == 2)
  }

  @Test func `policies of up to 256 of each are read, one more is refused`() throws {
    let most = LogPolicy.countMax
    let key = { (number: Int) in Keys.witness(number % 250 + 1, name: "w\(number)", second: UInt8(number / 250)) }
    let witnesses = (0...most).map { LogPolicy.Witness(name: PolicyName("w\($0)"), key: key($0)) }
    let logs = (0...most).map { LogPolicy.Log(key: key($0)) }
    let groups = (0...most).map { number in
      LogPolicy.Group(
        name: PolicyName("g\(number)"), threshold: .any, members: [PolicyName(number == 0 ? "w0" : "g\(number - 1)")])
    }
    let policy = try LogPolicy(
      logs: logs.dropLast(), witnesses: witnesses.dropLast(), groups: groups.dropLast(), quorum: "g255")
    #expect(try LogPolicy(parsing: Array(policy.text.utf8)) == policy)
    #expect(policy.isSatisfied(by: ["w0"]))
    #expect(!policy.isSatisfied(by: ["w1"]))
    #expect(throws: LogPolicyProblem.tooMany(max: most)) {
      try LogPolicy(logs: logs, witnesses: [], groups: [], quorum: nil)
    }
    #expect(throws: LogPolicyProblem.tooMany(max: most)) {
      try LogPolicy(logs: [], witnesses: witnesses, groups: [], quorum: nil)
    }
    #expect(throws: LogPolicyProblem.tooMany(max: most)) {
      try LogPolicy(logs: [], witnesses: [witnesses[0]], groups: groups, quorum: nil)
    }
  }

  @Test func `a policy that no file can hold is not made`() {
    for item in ["", "a b", "a\tb", "a\nb", "a\u{0}", "a\u{7f}", "a\r\n"] {
      #expect(throws: LogPolicyProblem.malformedItem, "\(item.debugDescription)") {
        try LogPolicy(logs: [.init(key: Keys.log(1), url: item)], witnesses: [], groups: [], quorum: nil)
      }
      let named = LogPolicy.Witness(name: PolicyName(item), key: Keys.witness(1))
      #expect(throws: LogPolicyProblem.malformedItem) {
        try LogPolicy(logs: [], witnesses: [named], groups: [], quorum: nil)
      }
    }
    let long = String(repeating: "x", count: LogPolicy.byteCountMax)
    #expect(throws: LogPolicyProblem.tooLong(byteCountMax: LogPolicy.byteCountMax)) {
      try LogPolicy(logs: [.init(key: Keys.log(1), url: long)], witnesses: [], groups: [], quorum: nil)
    }
    let empty = LogPolicy.Group(name: "G", threshold: .all, members: [])
    #expect(throws: LogPolicyProblem.malformedThreshold) {
      try LogPolicy(logs: [], witnesses: [], groups: [empty], quorum: nil)
    }
  }

  @Test func `random damage never traps, and what is still read is printed and read again`() throws {
    var random = SplitMix64(seed: 64)
    let original = Array(
      "log \(Keys.log(1)) u\nwitness A \(Keys.witness(1))\nwitness B \(Keys.witness(2))\ngroup G 2 A B\nquorum G\n".utf8
    )
    var readCount = 0
    for _ in 0..<3000 {
      let bytes = original.damaged(times: 1...3, inserting: [9, 10, 32, 35, 0xc3], using: &random)
      guard let policy = try? LogPolicy(parsing: bytes) else { continue }
      readCount += 1
      #expect(try LogPolicy(parsing: Array(policy.text.utf8)) == policy)
    }
    #expect(readCount > 10)
  }
}

/// Which witnesses are enough, and which checkpoints are believed.
struct LogPolicyVerdictTests {
  @Test(arguments: [
    ("none", "", true), ("none", "A", true), ("A", "A", true), ("A", "AB", true), ("A", "B", false), ("A", "", false),
    ("any", "", false), ("any", "A", true), ("any", "B", true), ("any", "C", false),
    ("two", "", false), ("two", "C", false), ("two", "CD", true), ("two", "CE", true), ("two", "CDE", true),
    ("all", "", false), ("all", "A", false), ("all", "CD", false), ("all", "ACD", true), ("all", "BDE", true),
    ("all", "ABCDE", true), ("all", "ABC", false), ("all", "Z", false),
  ])
  func `a quorum is reached by the witnesses that make it up`(quorum: String, cosigners: String, isReached: Bool) throws
  {
    let names = ["A", "B", "C", "D", "E"]
    let witnesses = names.enumerated().map { "witness \($1) \(Keys.witness($0 + 1))\n" }.joined()
    let groups = "group any any A B\ngroup two 2 C D E\ngroup all all any two\n"
    let policy = try LogPolicy(parsing: Array("\(witnesses)\(groups)quorum \(quorum)\n".utf8))
    #expect(policy.isSatisfied(by: Set(cosigners.map { PolicyName(String($0)) })) == isReached)
  }

  @Test func `naming a group does not stand for its witnesses`() throws {
    let text = "witness A \(Keys.witness(1))\ngroup G any A\nquorum G\n"
    let policy = try LogPolicy(parsing: Array(text.utf8))
    #expect(!policy.isSatisfied(by: ["G"]))
    #expect(!policy.isSatisfied(by: ["a"]))
    #expect(policy.isSatisfied(by: ["A"]))
  }

  @Test func `names are compared byte for byte, not by how they look`() throws {
    let text = "witness \u{e9} \(Keys.witness(1))\nwitness e\u{301} \(Keys.witness(2))\nquorum \u{e9}\n"
    let policy = try LogPolicy(parsing: Array(text.utf8))
    #expect(policy.isSatisfied(by: ["\u{e9}"]))
    #expect(!policy.isSatisfied(by: ["e\u{301}"]))
  }

  @Test func `a checkpoint that its log signed and the quorum cosigned is believed`() throws {
    let policy = try policy(quorum: "G")
    let note = try Keys.note(checkpoint, logs: [1], witnesses: [1, 2, 3])
    #expect(try policy.verify(SignedNote(parsing: note.bytes)) == checkpoint)
    #expect(try policy.verify(Keys.note(checkpoint, logs: [1], witnesses: [2, 1])) == checkpoint)
    #expect(try self.policy(quorum: "none").verify(Keys.note(checkpoint, logs: [1], witnesses: [])) == checkpoint)
  }

  @Test func `a checkpoint without its quorum is refused`() throws {
    for (witnesses, names) in [([], []), ([1], ["A"]), ([4, 5], []), ([2, 5], ["B"])] as [([Int], [PolicyName])] {
      let note = try Keys.note(checkpoint, logs: [1], witnesses: witnesses)
      #expect(throws: LogPolicyRefusal.quorumNotReached(cosigners: names)) { try policy(quorum: "G").verify(note) }
    }
  }

  @Test func `a witness that cosigned twice counts once`() throws {
    let note = try Keys.note(checkpoint, logs: [1], witnesses: [1])
    let again = try Keys.cosigner(1).cosign(checkpoint, at: 9).line
    let doubled = try SignedNote(parsing: note.bytes + Array(again.utf8))
    #expect(doubled.signatures.count == 3)
    #expect(throws: LogPolicyRefusal.quorumNotReached(cosigners: ["A"])) { try policy(quorum: "G").verify(doubled) }
  }

  @Test func `a checkpoint that only witnesses signed is refused`() throws {
    let note = try Keys.note(checkpoint, logs: [], witnesses: [1, 2, 3])
    #expect(throws: LogPolicyRefusal.logDidNotSign(origin: checkpoint.origin)) { try policy(quorum: "G").verify(note) }
    let unknown = try Keys.note(checkpoint, logs: [], witnesses: [5])
    #expect(throws: SignedNoteError.noKnownSignature) { try policy(quorum: "none").verify(unknown) }
  }

  @Test func `a log speaks for no origin but its own`() throws {
    // Log 2 is in the policy, and signs a checkpoint of log 1.
    let note = try Keys.note(checkpoint, logs: [2], witnesses: [1, 2, 3])
    #expect(throws: LogPolicyRefusal.logDidNotSign(origin: checkpoint.origin)) { try policy(quorum: "G").verify(note) }
    let foreign = Checkpoint(origin: "example.org/3", size: 1, root: MerkleTree.leafHash([]))
    let signed = try Keys.note(foreign, logs: [1, 3], witnesses: [1, 2, 3])
    #expect(throws: LogPolicyRefusal.unknownLog(origin: "example.org/3")) { try policy(quorum: "G").verify(signed) }
  }

  @Test func `a failing signature of the log or of a witness rejects the note`() throws {
    let good = try Keys.note(checkpoint, logs: [1], witnesses: [1, 2, 3])
    let other = Checkpoint(origin: checkpoint.origin, size: 2, root: checkpoint.root)
    let wrong = try Keys.note(other, logs: [1], witnesses: [1, 2, 3, 5]).signatures
    for (signature, isKnown) in zip(wrong, [true, true, true, true, false]) {
      let note = try good.adding([signature])
      guard isKnown else {
        #expect(try policy(quorum: "G").verify(note) == checkpoint)
        continue
      }
      #expect(throws: SignedNoteError.invalidSignature(name: signature.name, keyID: signature.keyID)) {
        try policy(quorum: "G").verify(note)
      }
    }
  }

  @Test func `a note that is no checkpoint is refused`() throws {
    let note = try SignedNote.sign(text: "example.org/1\n1\n", with: [Keys.signer(1)])
    #expect(throws: CheckpointError.tooFewLines) { try policy(quorum: "none").verify(note) }
  }

  private let checkpoint = Checkpoint(origin: "example.org/1", size: 1, root: MerkleTree.leafHash([]))

  private func policy(quorum: String) throws -> LogPolicy {
    let text = """
      log \(Keys.log(1))
      log \(Keys.log(2))
      witness A \(Keys.witness(1))
      witness B \(Keys.witness(2))
      witness C \(Keys.witness(3))
      group G 2 A B C
      quorum \(quorum)

      """
    return try LogPolicy(parsing: Array(text.utf8))
  }
}

/// Keys that are the same in every run: logs `example.org/<n>` and witnesses `witness.example.org/<n>`.
enum Keys {
  static func signer(_ number: Int, name: String? = nil) throws -> NoteSigningKey {
    try NoteSigningKey(name: name ?? "example.org/\(number)", seed: seed(number))
  }

  static func cosigner(_ number: Int, name: String? = nil, second: UInt8 = 0) throws -> NoteSigningKey {
    try NoteSigningKey(
      name: name ?? "witness.example.org/\(number)", algorithm: .cosignature, seed: seed(number, second: second))
  }

  static func log(_ number: Int, name: String? = nil) -> NoteVerifierKey {
    do {
      return try signer(number, name: name).verifierKey
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static func witness(_ number: Int, name: String? = nil, second: UInt8 = 0) -> NoteVerifierKey {
    do {
      return try cosigner(number, name: name, second: second).verifierKey
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The checkpoint, signed by these logs and then cosigned by these witnesses at second 7.
  static func note(_ checkpoint: Checkpoint, logs: [Int], witnesses: [Int]) throws -> SignedNote {
    let signatures =
      try logs.map { try signer($0).signature(of: checkpoint.noteText) }
      + witnesses.map { try cosigner($0).cosign(checkpoint, at: 7) }
    return try SignedNote(parsing: Array((checkpoint.noteText + "\n" + signatures.map(\.line).joined()).utf8))
  }

  private static func seed(_ number: Int, second: UInt8 = 0) -> [UInt8] {
    [UInt8(number), second] + [UInt8](repeating: 3, count: 30)
  }
}

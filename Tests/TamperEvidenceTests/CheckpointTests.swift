import TamperEvidence
import Testing

struct CheckpointTests {
  @Test func `the example of the specification is read and written byte for byte`() throws {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    let checkpoint = try Checkpoint(noteText: text)
    #expect(checkpoint.origin == "example.com/behind-the-sofa")
    #expect(checkpoint.size == 20_852_163)
    #expect(checkpoint.root.base64 == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    #expect(checkpoint.noteText == text)
    #expect(Checkpoint(origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root) == checkpoint)
  }

  @Test func `an empty log has size 0 and the root of nothing`() throws {
    let text = "example.org/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    #expect(Checkpoint(origin: "example.org/log", size: 0, root: .empty).noteText == text)
    #expect(try Checkpoint(noteText: text).size == 0)
  }

  @Test func `size 0 with another root is refused`() {
    let root = MerkleTree.leafHash([])
    #expect(throws: CheckpointError.wrongEmptyRoot) {
      try Checkpoint(noteText: "example.org/log\n0\n\(root.base64)\n")
    }
    #expect(throws: CheckpointError.wrongEmptyRoot) {
      try Checkpoint(validating: "example.org/log", size: 0, root: root)
    }
  }

  @Test func `the largest size is read, the next is refused`() throws {
    #expect(try Checkpoint(noteText: "o\n18446744073709551615\n\(root)\n").size == .max)
    #expect(throws: CheckpointError.malformedSize) { try Checkpoint(noteText: "o\n18446744073709551616\n\(root)\n") }
  }

  @Test(arguments: ["", "00", "01", "007", "+1", "-1", " 1", "1 ", "1.0", "0x1", "1e3", "١", "1\u{301}", "１"])
  func `a size in any spelling but the decimal one is refused`(size: String) {
    #expect(throws: CheckpointError.malformedSize) { try Checkpoint(noteText: "o\n\(size)\n\(root)\n") }
  }

  @Test(arguments: [
    "", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA", "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=", " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
  ])
  func `a root that is not the padded base64 of 32 bytes is refused`(root: String) {
    #expect(throws: CheckpointError.malformedRoot) { try Checkpoint(noteText: "o\n1\n\(root)\n") }
  }

  @Test func `a text with too few lines or without its last LF is refused`() {
    #expect(throws: CheckpointError.noFinalLineFeed) { try Checkpoint(noteText: "") }
    #expect(throws: CheckpointError.tooFewLines) { try Checkpoint(noteText: "\n") }
    #expect(throws: CheckpointError.tooFewLines) { try Checkpoint(noteText: "o\n1\n") }
    #expect(throws: CheckpointError.noFinalLineFeed) { try Checkpoint(noteText: "o\n1\n\(root)") }
    #expect(throws: CheckpointError.malformedRoot) { try Checkpoint(noteText: "o\r\n1\n\(root)\r\n") }
  }

  @Test func `an origin that is no line of a note is refused`() {
    for origin in ["", "a\nb", "a\u{0}", "a\r", "\t"] {
      #expect(throws: CheckpointError.malformedOrigin) { try Checkpoint(validating: origin, size: 1, root: .empty) }
    }
  }

  @Test func `an empty origin is refused in a text`() {
    #expect(throws: CheckpointError.malformedOrigin) { try Checkpoint(noteText: "\n1\n\(root)\n") }
  }

  @Test func `extension lines are kept, empty ones are refused`() throws {
    let text = "o\n1\n\(root)\nextension one\n— two\n"
    let checkpoint = try Checkpoint(noteText: text)
    #expect(checkpoint.extensionLines == ["extension one", "— two"])
    #expect(checkpoint.noteText == text)
    #expect(throws: CheckpointError.malformedExtensionLine) { try Checkpoint(noteText: "o\n1\n\(root)\n\n") }
    #expect(throws: CheckpointError.malformedExtensionLine) { try Checkpoint(noteText: "o\n1\n\(root)\n\nlater\n") }
  }

  @Test func `a text past the limit is refused`() {
    let long = String(repeating: "o", count: SignedNote.byteCountMax)
    #expect(throws: CheckpointError.tooLong(byteCountMax: SignedNote.byteCountMax)) {
      try Checkpoint(noteText: "\(long)\n1\n\(root)\n")
    }
  }

  private let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
}

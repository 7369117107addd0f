internal import EventSourcing
internal import TamperEvidence

/// What a client that reads a feed finds: whether it is whole, and whether it is what was signed.
public enum FeedTrial {
  /// Whether a checkpoint of a feed covers exactly these events, and is signed with one of these keys.
  /// - Parameters:
  ///   - entries: the feed's events from its first one on, at least as many as the checkpoint covers.
  /// - Returns: how many events are proved; or what is wrong.
  public static func prove(_ entries: [[UInt8]], by note: [UInt8], keys: [String]) -> Result<Int, Fault> {
    do {
      let signed = try SignedNote(parsing: note)
      let known = try keys.map { try NoteVerifierKey(parsing: $0) }
      _ = try signed.verify(with: known)
      let checkpoint = try Checkpoint(noteText: signed.text)
      guard checkpoint.size <= UInt64(entries.count) else {
        return .failure(Fault(text: "the checkpoint covers \(checkpoint.size) events, and only \(entries.count) came"))
      }
      var frontier = MerkleFrontier()
      for entry in entries.prefix(Int(checkpoint.size)) { frontier.append(MerkleTree.leafHash(entry)) }
      guard frontier.root == checkpoint.root else {
        return .failure(Fault(text: "the events are not those that the checkpoint of size \(checkpoint.size) covers"))
      }
      return .success(Int(checkpoint.size))
    } catch {
      return .failure(Fault(text: "the checkpoint is not signed as it should be: \(error)"))
    }
  }

  public struct Fault: Error, Hashable {
    public let text: String
  }
}

/// Reads a stream of server-sent events as far as feeds use it.
public struct EventStreamReader: Sendable {
  /// One block of a stream.
  public struct Block: Hashable, Sendable {
    public let id: String?
    public let event: String
    public let data: [UInt8]
  }

  private var line: [UInt8] = []
  private var id: String?
  private var event = "message"
  private var data: [UInt8]?

  public init() {}

  /// Takes what arrived and returns the blocks that are whole.
  public mutating func take(_ bytes: some Sequence<UInt8>) -> [Block] {
    var blocks: [Block] = []
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        line.append(byte)
        continue
      }
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if let block = endLine() { blocks.append(block) }
      line.removeAll(keepingCapacity: true)
    }
    return blocks
  }

  private mutating func endLine() -> Block? {
    guard !line.isEmpty else {
      defer { (event, data) = ("message", nil) }
      return data.map { Block(id: id, event: event, data: $0) }
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "id": id = String(decoding: value, as: UTF8.self)
    case "event": event = String(decoding: value, as: UTF8.self)
    case "data": data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
    default: break
    }
    return nil
  }
}

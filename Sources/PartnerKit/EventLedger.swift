internal import EventSourcing

/// What a client has of one feed, and what is wrong with how it came.
///
/// The ids of a feed have no gaps, an id stands for the same bytes for ever, and those about one subject come in order.
public struct EventLedger: Sendable {
  /// What one event was to this client.
  public enum Verdict: Hashable, Sendable {
    case new
    case repeated
    case faulty([String])
  }

  private var bodies: [Position: [UInt8]] = [:]
  private var lastBySubject: [String: Position] = [:]
  private var source: String?
  /// Of each subject the event that came first: whatever lies before it can only come with a replay.
  private var firstBySubject: [String: Position] = [:]
  public private(set) var repeatedCount = 0

  public init() {}

  /// Different events so far.
  public var count: Int { bodies.count }

  /// The bodies in the order of their ids.
  public var inOrder: [[UInt8]] { bodies.sorted { $0.key < $1.key }.map(\.value) }

  /// Notes an event.
  public mutating func take(_ body: [UInt8]) -> Verdict {
    let event: JSON
    switch CloudEventCheck.read(body) {
    case .success(let read): event = read
    case .failure(let fault): return .faulty([fault.text])
    }
    guard let id = event["id"]?.string, let position = Position(padded: id) else {
      return .faulty(["the id is not sixteen digits"])
    }
    if let known = bodies[position] {
      repeatedCount += 1
      return known == body ? .repeated : .faulty(["\(id) came before with other bytes"])
    }
    bodies[position] = body
    var faults: [String] = []
    if event["sequence"]?.string != id { faults.append("sequence is not the id") }
    let own = event["source"]?.string
    if let source, own != source {
      faults.append("source was \(source) and is \(own ?? ""): another feed, or one that was restored from a backup")
    }
    source = source ?? own
    if let subject = event["partitionkey"]?.string ?? event["subject"]?.string {
      let first = firstBySubject[subject] ?? position
      firstBySubject[subject] = first
      if position >= first, let last = lastBySubject[subject], last > position {
        faults.append("\(id) about \(subject) came after \(last.padded.description)")
      }
      lastBySubject[subject] = max(lastBySubject[subject] ?? position, position)
    }
    return faults.isEmpty ? .new : .faulty(faults)
  }

  /// Ids between the first and the last that are not there, as ranges.
  public var gaps: [String] {
    let known = bodies.keys.sorted()
    return zip(known, known.dropFirst()).filter { $1.value > $0.value + 1 }.map { before, after in
      let (first, last) = (Position(before.value + 1).padded.description, Position(after.value - 1).padded.description)
      return first == last ? "\(first) is missing" : "\(first) to \(last) are missing"
    }
  }

  /// What every client of a feed has to do.
  public static let duties = """
    What a correct client does:
      1. It keeps the id of the last event together with what it did with it, in one transaction.
      2. It comes back with that id after every fault, and waits as Retry-After says.
      3. It takes an id that it has for a repetition: it answers 2xx and does nothing.
      4. It stops at another source, and where it reads a feed at a gap in the ids.
      5. It verifies signature and time before it reads a body, and answers 401 when they are wrong.
      6. It answers within 20 seconds: it stores first and works later.
      7. It passes over types, attributes and fields that it does not know.
      8. It takes what _sd stands for as something that it is not told.
    """
}

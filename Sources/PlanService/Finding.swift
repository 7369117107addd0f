public import EventSourcing

/// Something in a log, or in what was published of it, that does not fit.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
  /// Nil for what concerns the log as a whole.
  public let position: Position?
  public let code: String
  public let expected: String
  public let found: String

  public init(position: Position?, code: String, expected: String, found: String) {
    self.position = position
    self.code = code
    self.expected = expected
    self.found = found
  }

  public var description: String {
    let place = position.map { "position \($0.value)" } ?? "log"
    return "\(place): \(code): expected \(expected), found \(found)"
  }
}

/// Findings in their order, those about the log as a whole last; beyond a limit they are counted, not kept.
public struct FindingList: Sendable {
  /// How many are kept of those that name a position, and of those that name none.
  public static let countMax = 100

  private var ofPositions: [Finding] = []
  private var ofLog: [Finding] = []
  public private(set) var count = 0

  public var kept: [Finding] { ofPositions + ofLog }

  public init() {}

  public mutating func note(_ finding: Finding) {
    count += 1
    keep(finding)
  }

  private mutating func keep(_ finding: Finding) {
    if finding.position == nil {
      if ofLog.count < Self.countMax { ofLog.append(finding) }
    } else if ofPositions.count < Self.countMax {
      ofPositions.append(finding)
    }
  }

  /// Notes a finding where two things that should be equal are not.
  public mutating func expect(_ expected: String, _ found: String, _ code: String, at position: Position?) {
    guard expected != found else { return }
    note(Finding(position: position, code: code, expected: expected, found: found))
  }

  public mutating func add(_ other: FindingList) {
    for finding in other.kept { keep(finding) }
    count += other.count
  }
}

/// What the stored bytes of an entry must be at their place: an event of this log, in canonical form, with its position
/// as its id.
public struct EntryCheck: Sendable {
  public let log: LogID
  private let sourcePrefix: [UInt8]
  private let isReissued: Bool

  public init(_ log: LogID) {
    self.log = log
    isReissued = log.isReissued
    sourcePrefix = log.sourcePrefix
  }

  /// - Returns: what the entry says of its place, and its epoch unless it belongs to another log; nil when it is no
  ///   event.
  public func check(
    _ entry: UnsafeBufferPointer<UInt8>, at position: Position, _ findings: inout FindingList
  ) -> (head: EntryHead, epoch: Int?)? {
    guard let head = EntryHead(reading: entry, isReissued: isReissued) else {
      // A canonical form is part of the one form that events have.
      let bytes = Array(entry)
      let isEvent = (try? JSONParser.parse(bytes)).map { !CanonicalJSON.isCanonical(bytes) && $0["specversion"] != nil }
      findings.note(
        isEvent == true
          ? Finding(position: position, code: "not-canonical", expected: "RFC 8785", found: "other bytes")
          : Finding(position: position, code: "unreadable", expected: "an event", found: "\(entry.count) bytes"))
      return nil
    }
    if head.position != position {
      findings.expect("\(position.value)", "\(head.position.value)", "id", at: position)
    }
    let epoch = head.epoch(in: entry, ofLogWith: sourcePrefix)
    if epoch == nil {
      let source = (try? JSONParser.parse(Array(entry)))?["source"]?.string ?? ""
      findings.expect(String(decoding: sourcePrefix, as: UTF8.self) + "…", source, "source", at: position)
    }
    return (head, epoch)
  }
}

/// What must not run backwards from one entry to the next: recorded time and epoch.
public struct EntryOrder: Sendable {
  private var last: (time: Timestamp, epoch: Int)?

  public init() {}

  public mutating func check(
    _ time: Timestamp, epoch: Int, at position: Position, _ findings: inout FindingList
  ) {
    if let last {
      if time < last.time { findings.expect("not before \(last.time)", "\(time)", "recorded-time", at: position) }
      if epoch < last.epoch { findings.expect("at least \(last.epoch)", "\(epoch)", "epoch", at: position) }
    }
    last = (time, epoch)
  }
}

public import EventSourcing

/// Something that the import noticed, for the people who decide whether to go on.
public struct ImportFinding: Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Sendable, CaseIterable {
    /// The file cannot be imported; nothing is stored.
    case fatal
    /// The plan contradicts itself; it is imported as it stands.
    case contradiction
    /// The plan leaves something open that somebody has to answer.
    case question
    /// Worth knowing.
    case note
  }

  public let severity: Severity
  /// Kebab-case and stable: scripts may rely on it.
  public let code: String
  /// Line of the plan file, from 1.
  public let line: Int?
  /// Where in the file, such as `institutions[3].slug`, or the code of a measure.
  public let path: String
  public let message: LocalizedText
  public let proposal: LocalizedText?

  public init(
    _ severity: Severity, _ code: String, line: Int?, path: String, message: LocalizedText,
    proposal: LocalizedText? = nil
  ) {
    self.severity = severity
    self.code = code
    self.line = line
    self.path = path
    self.message = message
    self.proposal = proposal
  }

  /// Whether the file says something otherwise that no command can change.
  var isUnsupportedChange: Bool { code == "change-not-supported" }

  /// The path of the item that one of its keys is about.
  var itemPath: Substring { path[..<(path.lastIndex(of: ".") ?? path.endIndex)] }

  /// One line in English, as compilers write it.
  public var description: String {
    let place = line.map { "line \($0)" } ?? "no line"
    return "\(place): \(severity.rawValue) \(code)\(path.isEmpty ? "" : " at \(path)"): \(message.english)"
  }
}

/// The text is not a plan file. Carries everything that is wrong with it, in the order of its lines.
public struct PlanFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let findings: [ImportFinding]

  public var description: String { findings.map(\.description).joined(separator: "\n") }
}

extension [ImportFinding] {
  /// By line, then in the order found; those without a line come last.
  func inFileOrder() -> [ImportFinding] {
    enumerated().sorted { ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset) }.map(\.element)
  }
}

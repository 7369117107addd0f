package import EventSourcing

/// Something that the import noticed, for the people who decide whether to go on.
package struct ImportFinding: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Sendable, CaseIterable {
    /// The file cannot be imported; nothing is stored.
    case fatal
    /// The plan contradicts itself; it is imported as it stands.
    case contradiction
    /// The plan leaves something open that somebody has to answer.
    case question
    /// Worth knowing.
    case note
  }

  package let severity: Severity
  /// Kebab-case and stable: scripts may rely on it.
  package let code: String
  /// Line of the plan file, from 1.
  package let line: Int?
  /// Where in the file, such as `institutions[3].slug`, or the code of a measure.
  package let path: String
  package let message: LocalizedText
  package let proposal: LocalizedText?

  package init(
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

  /// One line in English, as compilers write it.
  package var description: String {
    let place = line.map { "line \($0)" } ?? "no line"
    return "\(place): \(severity.rawValue) \(code)\(path.isEmpty ? "" : " at \(path)"): \(message.english)"
  }
}

/// The text is not a plan file. Carries everything that is wrong with it, in the order of its lines.
package struct PlanFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let findings: [ImportFinding]

  package var description: String { findings.map(\.description).joined(separator: "\n") }
}

extension [ImportFinding] {
  /// By line, then in the order found; those without a line come last.
  func inFileOrder() -> [ImportFinding] {
    enumerated().sorted { ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset) }.map(\.element)
  }
}

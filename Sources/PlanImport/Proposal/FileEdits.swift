internal import Coordination
internal import EventSourcing

/// What was edited in a file: what it says otherwise than both plans of its base.
struct FileEdits {
  let steps: [ProposalDraft.Step]
  /// The edits that no command can carry out.
  let findings: [ImportFinding]

  /// - Parameters:
  ///   - shown: the file compared with the plan that it was written from.
  ///   - imported: the file compared with the plan as the files alone make it.
  init(shown: ProposalDraft, imported: ProposalDraft) {
    let asked = Set(shown.steps.map(\.edit))
    let refused = Set(shown.findings)
    // Of an item that is not in that plan, the file has nothing from there: an import has made it since.
    let made = shown.steps.filter(\.makesItem).map(\.path)
    func isOfMade(_ path: String) -> Bool { made.contains { path == $0 || path.hasPrefix("\($0).") } }
    steps = imported.steps.filter { asked.contains($0.edit) || isOfMade($0.path) }
    findings = imported.findings.filter { $0.isUnsupportedChange && (refused.contains($0) || isOfMade($0.path)) }
  }
}

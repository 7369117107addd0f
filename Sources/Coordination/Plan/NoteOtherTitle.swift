public import EventSourcing

/// Notes that the plan or a cluster appears in print under another name too.
public struct NoteOtherTitle: PlanCommand {
  public static let name = "note-other-title"
  public static let summary = LocalizedText(de: "Weiteren Titel festhalten", en: "Note another title")
  public static let roles = Set<Role>.office
  public static let facts: [any PlanFact.Type] = [OtherTitleNoted.self]
  public static let record = Record(
    Self.init(cluster:title:source:),
    Field(
      "cluster", \.cluster, de: "Themencluster; ohne Angabe der Plan", en: "theme cluster; the plan itself when absent"),
    Field("title", \.title), Field("source", \.source))

  public let cluster: Slug?
  public let title: Label
  public let source: [Citation]

  public func decide(_ plan: Plan, _ context: inout DecisionContext) throws(Refusal) -> [NewEvent] {
    try plan.requireCited(source)
    var subject = plan.subject
    var known = plan.otherTitles
    if let cluster {
      let found = try plan.requireCluster(cluster, field: "cluster")
      subject = Subject("theme-clusters", found.id)
      known = found.otherTitles
    }
    try ensure(
      !known.contains { $0.title == title.text }, .taken("title", title.text, by: subject.description, field: "title"))
    return [NewEvent(subject, OtherTitleNoted(title: title, source: source))]
  }
}

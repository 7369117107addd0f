public import EventSourcing

public struct PlanCreated: PlanFact {
  public static let type = "org.federwerk.plan.created.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(slug:title:source:), Field("slug", \.slug), Field("title", \.title), Field("source", \.source))

  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.slug = slug.text
    plan.titles.record(title.text, from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Der Plan \(slug) „\(title)“ wurde angelegt.",
      en: "The plan \(slug), “\(title)”, was created.")
  }
}

public struct PlanVersionRegistered: PlanFact {
  public static let type = "org.federwerk.plan.version-registered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(version:slug:title:from:until:timeZone:leadCap:conditions:ladder:resolutionDate:resolutionBody:source:),
    Field("version", \.version), Field("slug", \.slug), Field("title", \.title), Field("from", \.from),
    Field("until", \.until), Field("timeZone", \.timeZone), Field("leadCap", \.leadCap),
    Field("conditions", \.conditions), Field("ladder", \.ladder), Field("resolutionDate", \.resolutionDate),
    Field("resolutionBody", \.resolutionBody), Field("source", \.source))

  public let version: Identifier<PlanVersion>
  public let slug: Slug
  public let title: Label
  public let from: LocalDate
  public let until: LocalDate
  public let timeZone: Label
  public let leadCap: Int
  public let conditions: [Slug]
  public let ladder: [LadderLevel]
  public let resolutionDate: LocalDate?
  public let resolutionBody: Slug?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.versions.append(
      PlanVersion(
        id: version.value, slug: slug.text, title: title.text, from: from, until: until, timeZone: timeZone.text,
        leadCap: leadCap, conditions: conditions.map(\.text), ladder: ladder, resolutionDate: resolutionDate,
        resolutionBody: resolutionBody?.text, source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Die Fassung \(slug) mit der Laufzeit \(from.german) bis \(until.german) wurde angelegt.",
      en: "The version \(slug) with a term from \(from.english) to \(until.english) was registered.")
  }
}

public struct DocumentRegistered: PlanFact {
  public static let type = "org.federwerk.plan.document-registered.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(key:title:sha256:), Field("key", \.key), Field("title", \.title), Field("sha256", \.sha256))

  public let key: Label
  public let title: Label
  public let sha256: Label?

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.documents[key.text] = Document(key: key.text, title: title.text, sha256: sha256?.text)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Das Dokument \(key) „\(title)“ wurde angelegt.",
      en: "The document \(key), “\(title)”, was registered.")
  }
}

public struct StatedFigureDeclared: PlanFact {
  public static let type = "org.federwerk.plan.stated-figure-declared.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(figure:slug:label:counts:value:source:), Field("figure", \.figure), Field("slug", \.slug),
    Field("label", \.label), Field("counts", \.counts), Field("value", \.value), Field("source", \.source))

  public let figure: Identifier<StatedFigure>
  public let slug: Slug
  public let label: Label
  public let counts: StatedFigure.Counted
  public let value: Int
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.statedFigures.append(
      StatedFigure(
        id: figure.value, slug: slug.text, label: label.text, counts: counts, value: value, source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Der Plan gibt an: \(label) \(value).",
      en: "The plan states \(value) \(counts.rawValue).")
  }
}

public struct SourceCited: PlanFact {
  public static let type = "org.federwerk.plan.source-cited.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(source:), Field("source", \.source))

  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.citations[record.subject.id, default: []] += source
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    let citations = source.map(\.text).joined(separator: ", ")
    return LocalizedText(
      de: "Für \(name) wurde \(citations) als Fundstelle angegeben.",
      en: "\(citations) was cited for \(name).")
  }
}

public struct OtherTitleNoted: PlanFact {
  public static let type = "org.federwerk.plan.other-title-noted.v1"
  public static let circle = Circle.public
  public static let record = Record(Self.init(title:source:), Field("title", \.title), Field("source", \.source))

  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let other = OtherTitle(title: title.text, source: source)
    if let index = plan.clusters.firstIndex(where: { $0.id == record.subject.id }) {
      plan.clusters[index].otherTitles.append(other)
    } else {
      plan.otherTitles.append(other)
    }
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "\(name) erscheint auch unter dem Titel „\(title)“.",
      en: "\(name) also appears under the title “\(title)”.")
  }
}

public struct WordingRevised: PlanFact {
  public static let type = "org.federwerk.plan.wording-revised.v2"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(title:reason:source:), Field("title", \.title), Field("reason", \.reason), Field("source", \.source))

  public let title: Label
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    let id = record.subject.id
    func revise(_ titles: inout Timeline<String>) {
      titles.record(title.text, from: record.effectiveDate, at: record.position)
    }
    if id == plan.id { revise(&plan.titles) }
    if let index = plan.actionFields.firstIndex(where: { $0.id == id }) { revise(&plan.actionFields[index].titles) }
    if let index = plan.clusters.firstIndex(where: { $0.id == id }) { revise(&plan.clusters[index].titles) }
    if let index = plan.goals.firstIndex(where: { $0.id == id }) { revise(&plan.goals[index].titles) }
    if let index = plan.taskFields.firstIndex(where: { $0.id == id }) { revise(&plan.taskFields[index].titles) }
    plan.measures[MeasureID(id)]?.titles.record(title.text, from: record.effectiveDate, at: record.position)
    guard let noun = plan.parties[PartyID(id)]?.noun else { return }
    plan.parties[PartyID(id)]?.names.record(title.text, from: record.effectiveDate, at: record.position)
    // A placeholder may be worded like an institution, which has the name to itself (§30).
    guard noun != .placeholders else { return }
    // The earlier name stays reserved, so that what was said under it keeps its meaning.
    plan.hold(title.text, by: PartyID(id), on: record.effectiveDate)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Der Wortlaut von \(name) heißt ab \(record.effectiveDate.german) „\(title)“.",
      en: "The wording of \(name) is “\(title)” from \(record.effectiveDate.english).")
  }
}

/// How a wording was revised before changes could name their source.
public struct WordingRevisedWithoutSource: PlanFact {
  public static let type = "org.federwerk.plan.wording-revised.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(title:reason:), Field("title", \.title), Field("reason", \.reason))

  public let title: Label
  public let reason: Disclosable

  private var current: WordingRevised { WordingRevised(title: title, reason: reason, source: []) }

  public func apply(to plan: inout Plan, _ record: EventRecord) { current.apply(to: &plan, record) }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText { current.sentence(in: plan, record) }
}

public struct ActionFieldAdded: PlanFact {
  public static let type = "org.federwerk.action-field.added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(number:slug:title:source:), Field("number", \.number), Field("slug", \.slug), Field("title", \.title),
    Field("source", \.source))

  public let number: Int
  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.actionFields.append(
      ActionField(
        id: record.subject.id, number: number, slug: slug.text,
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position), source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Das Handlungsfeld \(slug) „\(title)“ wurde angelegt.",
      en: "The action field \(slug), “\(title)”, was added.")
  }
}

public struct ThemeClusterAdded: PlanFact {
  public static let type = "org.federwerk.theme-cluster.added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(actionField:slug:title:source:), Field("actionField", \.actionField), Field("slug", \.slug),
    Field("title", \.title), Field("source", \.source))

  public let actionField: Identifier<ActionField>
  public let slug: Slug
  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.clusters.append(
      ThemeCluster(
        id: record.subject.id, actionField: actionField.value, slug: slug.text,
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position), source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de: "Das Themencluster \(slug) „\(title)“ wurde angelegt.",
      en: "The theme cluster \(slug), “\(title)”, was added.")
  }
}

public struct GoalSet: PlanFact {
  public static let type = "org.federwerk.goal.set.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(cluster:letter:title:source:), Field("cluster", \.cluster), Field("letter", \.letter),
    Field("title", \.title), Field("source", \.source))

  public let cluster: Identifier<ThemeCluster>
  public let letter: Slug?
  public let title: Label
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.goals.append(
      Goal(
        id: record.subject.id, cluster: cluster.value, letter: letter?.text,
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position), source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Das Ziel \(name) „\(title)“ wurde gesetzt.",
      en: "The goal \(name), “\(title)”, was set.")
  }
}

public struct GoalRevised: PlanFact {
  public static let type = "org.federwerk.goal.revised.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(letter:title:reason:source:), Field("letter", \.letter), Field("title", \.title),
    Field("reason", \.reason), Field("source", \.source))

  public let letter: Slug?
  public let title: Label
  public let reason: Disclosable
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    guard let index = plan.goals.firstIndex(where: { $0.id == record.subject.id }) else { return }
    plan.goals[index].letter = letter?.text
    plan.goals[index].titles.record(title.text, from: record.effectiveDate, at: record.position)
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Das Ziel \(name) lautet jetzt „\(title)“.", en: "The goal \(name) now reads “\(title)”.")
  }
}

public struct TaskFieldAdded: PlanFact {
  public static let type = "org.federwerk.task-field.added.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(cluster:number:title:description:source:), Field("cluster", \.cluster), Field("number", \.number),
    Field("title", \.title), Field("description", \.description), Field("source", \.source))

  public let cluster: Identifier<ThemeCluster>
  public let number: Int?
  public let title: Label
  public let description: Label?
  public let source: [Citation]

  public func apply(to plan: inout Plan, _ record: EventRecord) {
    plan.taskFields.append(
      TaskField(
        id: record.subject.id, cluster: cluster.value, number: number,
        titles: Timeline(title.text, from: record.effectiveDate, at: record.position),
        description: description?.text, source: source))
  }

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    let name = plan.name(of: record)
    return LocalizedText(
      de: "Das Aufgabenfeld \(name) „\(title)“ wurde angelegt.",
      en: "The task field \(name), “\(title)”, was added.")
  }
}

public struct LogEpochOpened: PlanFact {
  public static let type = "org.federwerk.log.epoch-opened.v1"
  public static let circle = Circle.public
  public static let record = Record(
    Self.init(previousEpoch:publishedSize:publishedRoot:reason:), Field("previousEpoch", \.previousEpoch),
    Field("publishedSize", \.publishedSize), Field("publishedRoot", \.publishedRoot), Field("reason", \.reason))

  public let previousEpoch: Int
  /// The largest size of the earlier epoch that was ever published.
  public let publishedSize: Int
  /// Its root in base64, so that an outsider sees what was lost.
  public let publishedRoot: Label
  public let reason: Disclosable

  public func apply(to plan: inout Plan, _ record: EventRecord) {}

  public func sentence(in plan: Plan, _ record: EventRecord) -> LocalizedText {
    LocalizedText(
      de:
        "Nach der Epoche \(previousEpoch) wurde eine neue Logepoche geöffnet; veröffentlicht waren \(publishedSize) Ereignisse.",
      en:
        "A new epoch of the log was opened after epoch \(previousEpoch), of which \(publishedSize) events had been published."
    )
  }
}

internal import Coordination
internal import EventSourcing

extension ProposalDraft {
  mutating func compareAll() {
    guard isNew || plan.slug == file.plan.slug.text else { return refuseOtherPlan() }
    comparePlan()
    compareVersion()
    compareStrategies()
    compareParties()
    compareFigures()
    compareStructure()
    compareRelations()
    compareAssignments()
    compareQuestions()
  }

  private mutating func refuseOtherPlan() {
    note(
      ImportFinding(
        .fatal, "other-plan", line: file.plan.line, path: file.plan.path,
        message: LocalizedText(
          de: "Die Datei ist für den Plan „\(file.plan.slug)“, nicht für „\(plan.slug)“.",
          en: "The file is for the plan “\(file.plan.slug)”, not for “\(plan.slug)”.")))
  }

  // MARK: Plan and version

  private mutating func comparePlan() {
    let header = file.plan
    if isNew {
      count(.plan, \.created)
      append(CreatePlan(slug: header.slug, title: header.title), header)
    }
    for document in file.documents { compare(document) }
    for known in plan.documents.keys.sorted() where !file.documents.contains(where: { $0.key.text == known }) {
      refuseRemoval(known, "documents")
    }
    // Citations of the plan come after the documents that they refer to.
    if !isNew {
      compareWording(
        header, plan.id, .plan, file: header.title.text, plan: plan.title(on: day), source: header.source)
    }
    compareSource(header, plan.id, header.slug.text, file: header.source, plan: [])
    compareOtherTitles(header, header.otherTitles, plan.otherTitles, cluster: nil)
  }

  private mutating func compare(_ document: PlanFile.SourceDocument) {
    guard let known = plan.documents[document.key.text] else {
      count(.documents, \.created)
      return send(
        RegisterDocument.self, document,
        ["key": document.key, "title": document.title, "sha256": document.sha256])
    }
    count(.documents, \.unchanged)
    refuseChanges(
      document, known.key,
      ["title": known.title == document.title.text, "sha256": known.sha256 == document.sha256?.text])
  }

  mutating func compareOtherTitles(
    _ item: any PlanFileItem, _ titles: [PlanFile.OtherTitle], _ known: [OtherTitle], cluster: Slug?
  ) {
    for title in titles {
      guard let same = known.first(where: { $0.title == title.title.text }) else {
        count(.otherTitles, \.created)
        send(NoteOtherTitle.self, title, ["cluster": cluster, "title": title.title, "source": title.source])
        continue
      }
      count(.otherTitles, \.unchanged)
      refuseChanges(title, same.title, ["source": same.source == title.source])
    }
    for gone in known where !titles.contains(where: { $0.title.text == gone.title }) {
      refuseRemoval(gone.title, "\(item.path).otherTitles")
    }
  }

  private mutating func compareVersion() {
    let version = file.version
    guard let known = plan.versions.first(where: { $0.slug == version.slug.text }) else {
      // Another version continues the one that there is; a file that means another name for it is refused.
      for known in plan.versions { refuseRemoval(known.slug, version.path) }
      count(.versions, \.created)
      send(
        RegisterPlanVersion.self, version,
        [
          "id": id(ItemKey.version(version.slug)) as Identifier<PlanVersion>, "slug": version.slug,
          "title": version.title, "from": version.from, "until": version.until, "timeZone": version.timeZone,
          "leadCap": version.leadCap, "conditions": version.conditions, "ladder": version.ladder,
          "resolutionDate": version.resolutionDate, "resolutionBody": version.resolutionBody, "source": version.source,
        ])
      // The conditions are part of the registration.
      guard !(version.horizons.isEmpty && version.labels.isEmpty) else { return }
      return send(ConfigureLists.self, version, ["horizons": version.horizons, "labels": version.labels])
    }
    let isLonger = version.until > known.until
    let lists = known.id == plan.currentVersion?.id ? changedLists(of: version, known) : []
    count(.versions, isLonger || !lists.isEmpty ? \.changed : \.unchanged)
    if isLonger {
      send(
        ExtendPlanTerm.self, version,
        [
          "version": version.slug, "until": version.until, "reason": Self.reason, "source": version.source,
        ])
    }
    for list in lists { send(ConfigureLists.self, version, list) }
    refuseChanges(
      version, known.slug,
      [
        "title": known.title == version.title.text, "from": known.from == version.from,
        "until": known.until <= version.until,
        "timeZone": known.timeZone == version.timeZone?.text ?? "Europe/Berlin",
        "leadCap": known.leadCap == version.leadCap ?? 2,
        "ladder": known.ladder == version.ladder,
        "resolution": known.resolutionDate == version.resolutionDate
          && known.resolutionBody == version.resolutionBody?.text,
        "source": known.source == version.source,
      ])
  }

  /// The lists that the file names otherwise than the plan, each to be set alone, so that an edit of one does not send
  /// the others along; a list that the file does not name stays as it is.
  private func changedLists(
    of version: PlanFile.Version, _ known: PlanVersion
  ) -> [KeyValuePairs<String, any FieldValue>] {
    func differ(_ list: [Slug], _ present: [String]) -> Bool { !list.isEmpty && list.map(\.text) != present }
    var changed: [KeyValuePairs<String, any FieldValue>] = []
    if differ(version.conditions, known.conditions) { changed.append(["conditions": version.conditions]) }
    if differ(version.horizons, known.horizons) { changed.append(["horizons": version.horizons]) }
    if !version.labels.isEmpty, version.labels != known.labels { changed.append(["labels": version.labels]) }
    return changed
  }

  private mutating func compareStrategies() {
    for strategy in file.strategies {
      guard let known = plan.strategies.first(where: { $0.slug == strategy.slug.text }) else {
        count(.strategies, \.created)
        send(
          RegisterStrategy.self, strategy,
          [
            "id": id(ItemKey.strategy(strategy.slug)) as Identifier<Strategy>, "slug": strategy.slug,
            "title": strategy.title, "source": strategy.source,
          ])
        continue
      }
      count(.strategies, \.unchanged)
      refuseChanges(strategy, known.slug, ["title": known.title == strategy.title.text])
      compareSource(strategy, known.id, known.slug, file: strategy.source, plan: known.source)
    }
    for gone in plan.strategies where !file.strategies.contains(where: { $0.slug.text == gone.slug }) {
      refuseRemoval(gone.slug, "strategies")
    }
  }

  private mutating func compareFigures() {
    for figure in file.figures {
      guard let known = plan.statedFigures.first(where: { $0.slug == figure.slug.text }) else {
        count(.statedFigures, \.created)
        send(
          DeclareStatedFigure.self, figure,
          [
            "id": id(ItemKey.figure(figure.slug)) as Identifier<StatedFigure>, "slug": figure.slug,
            "label": figure.label, "counts": figure.counts, "value": figure.value, "source": figure.source,
          ])
        continue
      }
      count(.statedFigures, \.unchanged)
      refuseChanges(
        figure, known.slug,
        [
          "label": known.label == figure.label.text, "counts": known.counts == figure.counts,
          "value": known.value == figure.value, "source": known.source == figure.source,
        ])
    }
    for gone in plan.statedFigures where !file.figures.contains(where: { $0.slug.text == gone.slug }) {
      refuseRemoval(gone.slug, "statedFigures")
    }
  }

  // MARK: Questions

  /// A question is asked once; what becomes of it is the business of the issue register, not of the file.
  private mutating func compareQuestions() {
    var asked: Set<IssueID> = []
    for question in file.questions {
      let issue: IssueID = id(ItemKey.question(question.slug, question.label))
      asked.insert(issue)
      guard let known = plan.issues[issue] else {
        count(.questions, \.created)
        send(
          RaiseIssue.self, question,
          [
            "id": issue, "measure": question.about.flatMap { reference(toMeasure: $0) },
            "kind": Issue.Kind.question, "text": question.label, "source": question.source,
          ])
        continue
      }
      count(.questions, \.unchanged)
      refuseChanges(
        question, question.slug.text,
        [
          "about": known.measure.flatMap { plan.measures[$0] }.map { codeInFile(of: $0) } == question.about,
          "source": known.source == question.source,
        ])
    }
    let left = plan.issues.values.filter { $0.kind == .question && $0.institution == nil && !asked.contains($0.id) }
    guard !left.isEmpty else { return }
    note(
      ImportFinding(
        .note, "questions-stay-open", line: nil, path: "questions",
        message: LocalizedText(
          de: "\(left.count) Fragen des Plans stehen nicht (so) in der Datei; sie bleiben im Meldungsregister.",
          en: "\(left.count) questions of the plan are not (so) in the file; they stay in the issue register.")))
  }
}

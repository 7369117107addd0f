internal import Coordination
internal import EventSourcing
internal import Yams

extension PlanFile {
  /// Reads a plan file.
  ///
  /// - Throws: `PlanFileError` with everything that is wrong. What has no right form cannot be referred to, so one
  ///   mistake may show twice.
  public init(yaml: String) throws(PlanFileError) {
    let yaml = PlanFileText.normalized(yaml)
    let textFindings = PlanFileText.findings(yaml)
    guard textFindings.isEmpty else { throw PlanFileError(findings: textFindings) }
    let reading = PlanFileReading()
    let file = YAMLDocument.parse(yaml, reading.collector).flatMap { reading.file(LocatedNode($0, path: "")) }
    for finding in file?.referenceFindings() ?? [] { reading.collector.add(finding) }
    guard let file, reading.collector.findings.isEmpty else {
      throw PlanFileError(findings: reading.collector.findings.inFileOrder())
    }
    self = file
  }

  /// Reads the bytes of a plan file, which must be UTF-8.
  public init(bytes: some Collection<UInt8>) throws(PlanFileError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PlanFileError(findings: [
        ImportFinding(
          .fatal, "not-utf8", line: nil, path: "",
          message: LocalizedText(de: "Die Datei ist nicht in UTF-8 kodiert.", en: "The file is not encoded in UTF-8."))
      ])
    }
    try self.init(yaml: text)
  }
}

/// Reads each kind of item; what is wrong with one never hides what is wrong with the next.
private struct PlanFileReading {
  let collector = FindingCollector()

  func file(_ root: LocatedNode) -> PlanFile? {
    guard let top = MappingReader(root, collector) else { return nil }
    if let number = top.required("federwerk", as: Int.self), number != PlanFile.formatVersion {
      collector.fatal(
        "unknown-format-version", line: top.node("federwerk")?.line, path: "federwerk",
        de: "Diese Fassung liest Plandateien der Formatversion \(PlanFile.formatVersion).",
        en: "This build reads plan files of format version \(PlanFile.formatVersion).")
    }
    let position: Int? = top.optional("position")
    if let position, position < 0 {
      collector.fatal(
        "invalid-value", line: top.node("position")?.line, path: "position",
        de: "Erwartet wird eine Position (ganze Zahl ab 0).", en: "Expected a position (an integer from 0).")
    }
    let validAt: LocalDate? = top.optional("validAt")
    let plan = mapping("plan", in: top, header)
    let version = mapping("version", in: top, version)
    let documents = top.items("documents", document)
    let institutions = top.items("institutions", institution)
    let groups = top.items("groups", group)
    let placeholders = top.items("placeholders", placeholder)
    let figures = top.items("statedFigures", figure)
    let strategies = top.items("strategies", strategy)
    let questions = top.items("questions", question)
    let actionFields = top.items("actionFields", actionField)
    top.finish()
    guard let plan, let version else { return nil }
    return PlanFile(
      position: position, validAt: validAt, plan: plan, version: version, documents: documents,
      institutions: institutions, groups: groups, placeholders: placeholders, figures: figures, strategies: strategies,
      questions: questions, actionFields: actionFields)
  }

  private func mapping<Item>(_ key: String, in top: MappingReader, _ read: (LocatedNode) -> Item?) -> Item? {
    if let node = top.node(key) { return read(node) }
    if !collector.findings.contains(where: { $0.path == key }) {
      collector.fatal(
        "missing-key", line: top.line, path: key, de: "Der Schlüssel „\(key)“ fehlt.",
        en: "The key “\(key)” is missing.")
    }
    return nil
  }

  // MARK: Plan

  private func header(_ node: LocatedNode) -> PlanFile.Header? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let otherTitles = reader.items("otherTitles", otherTitle)
    let source = reader.source()
    reader.finish()
    guard let slug, let title else { return nil }
    return PlanFile.Header(
      line: reader.line, path: reader.path, slug: slug, title: title, otherTitles: otherTitles, source: source)
  }

  private func otherTitle(_ node: LocatedNode) -> PlanFile.OtherTitle? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let title: Label? = reader.required("title")
    let source = reader.source()
    reader.finish()
    guard let title else { return nil }
    return PlanFile.OtherTitle(line: reader.line, path: reader.path, title: title, source: source)
  }

  private func version(_ node: LocatedNode) -> PlanFile.Version? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let from: LocalDate? = reader.required("from")
    let until: LocalDate? = reader.required("until")
    let timeZone: Label? = reader.optional("timeZone")
    let leadCap: Int? = reader.optional("leadCap")
    let conditions: [Slug] = reader.values("conditions")
    let horizons: [Slug] = reader.values("horizons")
    let labels = reader.items("labels", listLabel)
    let ladder = reader.items("ladder", ladderLevel)
    let resolution = reader.node("resolution").flatMap(resolution)
    let source = reader.source()
    reader.finish()
    guard let slug, let title, let from, let until else { return nil }
    return PlanFile.Version(
      line: reader.line, path: reader.path, slug: slug, title: title, from: from, until: until, timeZone: timeZone,
      leadCap: leadCap, conditions: conditions, horizons: horizons, labels: labels, ladder: ladder,
      resolutionDate: resolution?.date, resolutionBody: resolution?.body,
      source: source.joined(with: resolution?.source ?? []))
  }

  private func resolution(_ node: LocatedNode) -> (date: LocalDate?, body: Slug?, source: [Citation])? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let date: LocalDate? = reader.required("date")
    let body: Slug? = reader.optional("body")
    let source = reader.source(isRequired: false)
    reader.finish()
    return (date, body, source)
  }

  private func ladderLevel(_ node: LocatedNode) -> LadderLevel? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let body: Slug? = reader.optional("body")
    let mandate: LadderLevel.Mandate? = reader.optional("mandate")
    reader.finish()
    guard let slug, let title else { return nil }
    return LadderLevel(slug: slug, title: title, body: body, mandate: mandate)
  }

  private func listLabel(_ node: LocatedNode) -> ListLabel? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let german: Label? = reader.required("de")
    let english: Label? = reader.required("en")
    reader.finish()
    guard let slug, let german, let english else { return nil }
    return ListLabel(slug: slug, german: german, english: english)
  }

  private func document(_ node: LocatedNode) -> PlanFile.SourceDocument? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let key: Label? = reader.required("key")
    let title: Label? = reader.required("title")
    let sha256: Label? = reader.optional("sha256")
    reader.finish()
    guard let key, let title else { return nil }
    return PlanFile.SourceDocument(line: reader.line, path: reader.path, key: key, title: title, sha256: sha256)
  }

  private func figure(_ node: LocatedNode) -> PlanFile.Figure? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let label: Label? = reader.required("label")
    let counts: StatedFigure.Counted? = reader.required("counts")
    let value: Int? = reader.required("value")
    let source = reader.source()
    reader.finish()
    guard let slug, let label, let counts, let value else { return nil }
    return PlanFile.Figure(
      line: reader.line, path: reader.path, slug: slug, label: label, counts: counts, value: value, source: source)
  }

  private func strategy(_ node: LocatedNode) -> PlanFile.Strategy? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let source = reader.source()
    reader.finish()
    guard let slug, let title else { return nil }
    return PlanFile.Strategy(line: reader.line, path: reader.path, slug: slug, title: title, source: source)
  }

  private func question(_ node: LocatedNode) -> PlanFile.Question? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let label: FreeText? = reader.required("label")
    let about: MeasureReference? = reader.optional("about")
    let source = reader.source()
    reader.finish()
    guard let slug, let label else { return nil }
    return PlanFile.Question(
      line: reader.line, path: reader.path, slug: slug, label: label, about: about?.text, source: source)
  }

  // MARK: Parties

  private func institution(_ node: LocatedNode) -> PlanFile.Institution? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let short: Label? = reader.optional("short")
    let name: Label? = reader.required("name")
    let kind: Slug? = reader.required("kind")
    let aliases = reader.items("aliases", alias)
    let unitOf: Slug? = reader.optional("unitOf")
    let hostedBy: Slug? = reader.optional("hostedBy")
    let chairedBy: Slug? = reader.optional("chairedBy")
    let coordinatedBy: Slug? = reader.optional("coordinatedBy")
    let source = reader.source()
    reader.finish()
    guard let slug, let name, let kind else { return nil }
    return PlanFile.Institution(
      line: reader.line, path: reader.path, slug: slug, short: short, name: name, kind: kind, aliases: aliases,
      unitOf: unitOf, hostedBy: hostedBy, chairedBy: chairedBy, coordinatedBy: coordinatedBy, source: source)
  }

  private func alias(_ node: LocatedNode) -> PlanFile.Alias? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let name: Label? = reader.required("name")
    let presumed: Bool? = reader.optional("presumed")
    let source = reader.source()
    reader.finish()
    guard let name else { return nil }
    return PlanFile.Alias(
      line: reader.line, path: reader.path, name: name, isPresumed: presumed ?? false, source: source)
  }

  private func group(_ node: LocatedNode) -> PlanFile.Group? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let short: Label? = reader.optional("short")
    let name: Label? = reader.required("name")
    let kind: Party.GroupKind? = reader.required("kind")
    let of: Slug? = reader.optional("of")
    let members: [Slug] = reader.values("members")
    let aliases = reader.items("aliases", alias)
    let unitOf: Slug? = reader.optional("unitOf")
    let hostedBy: Slug? = reader.optional("hostedBy")
    let chairedBy: Slug? = reader.optional("chairedBy")
    let coordinatedBy: Slug? = reader.optional("coordinatedBy")
    let source = reader.source()
    reader.finish()
    guard let slug, let name, let kind else { return nil }
    return PlanFile.Group(
      line: reader.line, path: reader.path, slug: slug, short: short, name: name, kind: kind, of: of, members: members,
      aliases: aliases, unitOf: unitOf, hostedBy: hostedBy, chairedBy: chairedBy, coordinatedBy: coordinatedBy,
      source: source)
  }

  private func placeholder(_ node: LocatedNode) -> PlanFile.Placeholder? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let label: Label? = reader.required("label")
    let steward: Slug? = reader.required("steward")
    let due: LocalDate? = reader.required("due")
    let isDueInferred: Bool? = reader.optional("dueInferred")
    let source = reader.source()
    reader.finish()
    guard let slug, let label, let steward, let due else { return nil }
    return PlanFile.Placeholder(
      line: reader.line, path: reader.path, slug: slug, label: label, steward: steward, due: due,
      isDueInferred: isDueInferred ?? false, source: source)
  }

  // MARK: Structure

  private func actionField(_ node: LocatedNode) -> PlanFile.ActionField? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let number: Int? = reader.required("number")
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let clusters = reader.items("clusters", cluster)
    let source = reader.source()
    reader.finish()
    guard let number, let slug, let title else { return nil }
    return PlanFile.ActionField(
      line: reader.line, path: reader.path, number: number, slug: slug, title: title, clusters: clusters, source: source
    )
  }

  private func cluster(_ node: LocatedNode) -> PlanFile.Cluster? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let slug: Slug? = reader.required("slug")
    let title: Label? = reader.required("title")
    let otherTitles = reader.items("otherTitles", otherTitle)
    let goals = reader.items("goals", goal)
    let taskFields = reader.items("taskFields") { taskField($0, in: slug?.text ?? "") }
    let source = reader.source()
    reader.finish()
    guard let slug, let title else { return nil }
    return PlanFile.Cluster(
      line: reader.line, path: reader.path, slug: slug, title: title, otherTitles: otherTitles, goals: goals,
      taskFields: taskFields, source: source)
  }

  private func goal(_ node: LocatedNode) -> PlanFile.Goal? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let letter: Slug? = reader.optional("letter")
    let title: Label? = reader.required("title")
    let source = reader.source()
    reader.finish()
    guard let title else { return nil }
    return PlanFile.Goal(line: reader.line, path: reader.path, letter: letter, title: title, source: source)
  }

  private func taskField(_ node: LocatedNode, in cluster: String) -> PlanFile.TaskField? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let number: Int? = reader.optional("number")
    let code = "\(cluster).\(number ?? 1)"
    let title: Label? = reader.required("title")
    let description: Label? = reader.optional("description")
    let measures = reader.items("measures") { measure($0, in: code) }
    let structure = reader.items("structure", block)
    let source = reader.source()
    reader.finish()
    guard let title else { return nil }
    return PlanFile.TaskField(
      line: reader.line, path: reader.path, code: code, number: number, title: title, description: description,
      measures: measures, structure: structure, source: source)
  }

  private func measure(_ node: LocatedNode, in field: String) -> PlanFile.Measure? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let numeral: Numeral? = reader.required("numeral")
    let formerCode: MeasureReference? = reader.optional("formerly")
    let title: Label? = reader.required("title")
    let kind: Measure.Kind? = reader.optional("kind")
    let horizon: Label? = reader.optional("horizon")
    let horizonSource: [Citation] = reader.values("horizonSource", orSingle: true)
    let deliverables: [Label] = reader.values("deliverables")
    let note: Label? = reader.optional("note")
    let external = reader.node("external").flatMap(external)
    let strategies = reader.items("strategies", reference)
    let seeAlso = reader.items("seeAlso", reference)
    let dependsOn = reader.items("dependsOn", orSingle: true, dependency)
    let code = "\(field).\(numeral?.text ?? "")"
    let parts = reader.items("subMeasures") { part($0, of: code, numeral) }
    let source = reader.source()
    reader.finish()
    guard let numeral, let title else { return nil }
    return PlanFile.Measure(
      line: reader.line, path: reader.path, code: code, formerCode: formerCode?.text, numeral: numeral, part: nil,
      title: title, kind: kind, horizon: horizon, deliverables: deliverables, note: note, external: external,
      strategies: strategies,
      seeAlso: seeAlso, dependsOn: dependsOn, parts: parts, source: source.joined(with: horizonSource))
  }

  private func part(_ node: LocatedNode, of code: String, _ numeral: Numeral?) -> PlanFile.Measure? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let letter: Label? = reader.optional("letter")
    let slug: Slug? = reader.optional("slug")
    let formerCode: MeasureReference? = reader.optional("formerly")
    let title: Label? = reader.required("title")
    let kind: Measure.Kind? = reader.optional("kind")
    let note: Label? = reader.optional("note")
    let strategies = reader.items("strategies", reference)
    let seeAlso = reader.items("seeAlso", reference)
    let dependsOn = reader.items("dependsOn", orSingle: true, dependency)
    let external = reader.node("external").flatMap(external)
    let source = reader.source()
    reader.finish()
    let name = letter ?? slug.flatMap { Label(normalized: $0.text) }
    guard let name, (letter == nil) != (slug == nil), letter.map(isLetter) ?? true else {
      collector.fatal(
        "bad-part", line: reader.line, path: reader.path,
        de: "Eine Teilmaßnahme hat entweder einen Buchstaben A–Z („letter“) oder einen Kurznamen („slug“).",
        en: "A sub-measure has either a letter A–Z (“letter”) or a slug (“slug”).")
      return nil
    }
    guard let numeral, let title else { return nil }
    return PlanFile.Measure(
      line: reader.line, path: reader.path, code: "\(code).\(name)", formerCode: formerCode?.text, numeral: numeral,
      part: name, title: title, kind: kind, horizon: nil, deliverables: [], note: note, external: external,
      strategies: strategies,
      seeAlso: seeAlso, dependsOn: dependsOn, parts: [], source: source)
  }

  private func isLetter(_ label: Label) -> Bool { label.text.utf8.count == 1 && ("A"..."Z").contains(label.text) }

  // MARK: Relations

  private func external(_ node: LocatedNode) -> PlanFile.External? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let programme: Slug? = reader.required("programme")
    let id: Label? = reader.required("id")
    reader.finish()
    guard let programme, let id else { return nil }
    return PlanFile.External(line: reader.line, path: reader.path, programme: programme, id: id)
  }

  /// A bare code or slug, or one with citations of its own.
  private func reference(_ node: LocatedNode) -> PlanFile.Reference? {
    guard node.isMapping else {
      guard let to: MeasureReference = collector.value(node) else { return nil }
      return PlanFile.Reference(line: node.line, path: node.path, to: to.text, source: [])
    }
    guard let reader = MappingReader(node, collector) else { return nil }
    let to: MeasureReference? = reader.required("to")
    let source = reader.source()
    reader.finish()
    guard let to else { return nil }
    return PlanFile.Reference(line: reader.line, path: reader.path, to: to.text, source: source)
  }

  private func dependency(_ node: LocatedNode) -> PlanFile.Dependency? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let measure: MeasureReference? = reader.optional("measure")
    let act: Label? = reader.optional("label")
    let source = reader.source()
    reader.finish()
    guard (measure == nil) != (act == nil) else {
      collector.fatal(
        "bad-dependency", line: reader.line, path: reader.path,
        de: "Eine Abhängigkeit nennt entweder eine Maßnahme („measure“) oder einen Akt („label“).",
        en: "A dependency names either a measure (“measure”) or an act (“label”).")
      return nil
    }
    return PlanFile.Dependency(
      line: reader.line, path: reader.path, measure: measure?.text, act: act, source: source)
  }

  // MARK: Responsibilities

  private func block(_ node: LocatedNode) -> PlanFile.Block? {
    guard let reader = MappingReader(node, collector) else { return nil }
    let measures: Label? = reader.required("measures")
    let note: Label? = reader.optional("note")
    let source = reader.source()
    let entries = Self.roleKeys.flatMap { key, role in reader.items(key) { entry($0, role, blockSource: source) } }
    reader.finish()
    guard let measures else { return nil }
    guard let range = MeasureRange(measures.text) else {
      collector.fatal(
        "bad-range", line: reader.line, path: "\(reader.path).measures",
        de:
          "„\(measures)“ ist weder eine Maßnahme wie II, noch ein Bereich wie I-III, noch eine Teilmaßnahme wie II.A.",
        en: "“\(measures)” is neither a measure such as II, nor a range such as I-III, nor a part such as II.A.")
      return nil
    }
    return PlanFile.Block(
      line: reader.line, path: reader.path, range: range, entries: entries, note: note, source: source)
  }

  /// In the order in which they are imported: leads first, because the other roles are checked against them.
  static let roleKeys: [(key: String, role: Assignment.Role)] = [
    ("lead", .lead), ("leadPartner", .leadPartner), ("contributor", .contributor), ("consulted", .consulted),
    ("unclear", .unclear),
  ]

  private func entry(_ node: LocatedNode, _ role: Assignment.Role, blockSource: [Citation]) -> PlanFile.RoleEntry? {
    guard node.isMapping else {
      guard let who: Slug = collector.value(node) else { return nil }
      return PlanFile.RoleEntry(
        line: node.line, path: node.path, role: role, who: who, phase: nil, subject: nil, condition: nil, wording: nil,
        range: nil, from: nil, until: nil, source: blockSource)
    }
    guard let reader = MappingReader(node, collector) else { return nil }
    let who: Slug? = reader.required("who")
    let phase: Label? = reader.optional("phase")
    let subject: Label? = reader.optional("subject")
    let condition: Label? = reader.optional("condition")
    let wording: Label? = reader.optional("wording")
    let range: Label? = reader.optional("range")
    let from: LocalDate? = reader.optional("from")
    let until: LocalDate? = reader.optional("until")
    let source = reader.has("source") ? reader.source() : blockSource
    reader.finish()
    guard let who else { return nil }
    return PlanFile.RoleEntry(
      line: reader.line, path: reader.path, role: role, who: who, phase: phase, subject: subject, condition: condition,
      wording: wording, range: range, from: from, until: until, source: source)
  }
}

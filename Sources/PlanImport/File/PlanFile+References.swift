public import Coordination
internal import EventSourcing

extension PlanFile {
  /// References to nothing, and things that are there twice.
  func referenceFindings() -> [ImportFinding] {
    var check = ReferenceCheck(file: self)
    check.run()
    return check.collector.findings
  }
}

private struct ReferenceCheck {
  let file: PlanFile
  let collector = FindingCollector()
  private let parties: Set<String>
  private let codes: Set<String>

  init(file: PlanFile) {
    self.file = file
    parties = Set(
      file.institutions.map(\.slug.text) + file.groups.map(\.slug.text) + file.placeholders.map(\.slug.text))
    codes = Set(file.measures.map(\.code))
  }

  mutating func run() {
    checkDoubles()
    checkNames()
    checkCitations()
    checkParties()
    checkMeasures()
    for question in file.questions {
      if let about = question.about { require(about, in: codes, question, "about", de: "Maßnahme", en: "measure") }
    }
  }

  // MARK: Doubles

  private func checkDoubles() {
    unique(file.documents.map { ($0, $0.key.text) })
    unique(
      file.institutions.map { ($0, $0.slug.text) } + file.groups.map { ($0, $0.slug.text) }
        + file.placeholders.map { ($0, $0.slug.text) } as [(any PlanFileItem, String)])
    unique(file.figures.map { ($0, $0.slug.text) })
    unique(file.strategies.map { ($0, $0.slug.text) })
    unique(file.questions.map { ($0, $0.slug.text) })
    unique(file.actionFields.map { ($0, $0.slug.text) })
    unique(file.actionFields.map { ($0, String($0.number)) })
    unique(file.clusters.map { ($0, $0.slug.text) })
    unique(file.taskFields.map { ($0, $0.code) })
    unique(file.measures.map { ($0, $0.code) })
    for cluster in file.clusters { unique(cluster.goals.map { ($0, $0.letter?.text ?? "–") }) }
    for group in file.groups { unique(group.members.map { (group, $0.text) }) }
    for item in [file.plan.otherTitles] + file.clusters.map(\.otherTitles) { unique(item.map { ($0, $0.title.text) }) }
    for field in file.taskFields {
      for measure in field.allMeasures {
        unique(
          field.entries(for: measure).map { ($0.entry, $0.entry.naturalKey) }, code: "duplicate-assignment")
        unique(measure.strategies.map { ($0, $0.to) })
        unique(measure.seeAlso.map { ($0, $0.to) })
        unique(measure.dependsOn.map { ($0, $0.measure ?? $0.act?.text ?? "") })
      }
    }
  }

  private func unique(_ items: [(item: any PlanFileItem, name: String)], code: String = "duplicate-item") {
    var lines: [String: Int] = [:]
    for (item, name) in items {
      if let first = lines.updateValue(item.line, forKey: name) {
        lines[name] = first
        collector.fatal(
          code, line: item.line, path: item.path, de: "„\(name)“ steht schon in Zeile \(first).",
          en: "“\(name)” already stands in line \(first).")
      }
    }
  }

  private func checkNames() {
    var holders: [String: (slug: String, line: Int)] = [:]
    func take(_ name: Label?, _ slug: Slug, _ item: any PlanFileItem, isAlias: Bool = false) {
      guard let name else { return }
      if let holder = holders[name.text] {
        // The short form may be the name itself.
        guard holder.slug != slug.text || isAlias else { return }
        collector.fatal(
          "duplicate-name", line: item.line, path: item.path,
          de: "Den Namen „\(name)“ trägt schon „\(holder.slug)“ (Zeile \(holder.line)).",
          en: "The name “\(name)” already belongs to “\(holder.slug)” (line \(holder.line)).",
          proposal: LocalizedText(
            de: "Die Fundstelle dort ergänzen, oder die Namen unterscheiden.",
            en: "Add the citation there, or tell the names apart."))
      } else {
        holders[name.text] = (slug.text, item.line)
      }
    }
    for party in file.parties {
      take(party.name, party.slug, party.item)
      take(party.short, party.slug, party.item)
    }
    for party in file.parties { for alias in party.aliases { take(alias.name, party.slug, alias, isAlias: true) } }
  }

  // MARK: References

  private func require(
    _ reference: String, in known: Set<String>, _ item: any PlanFileItem, _ key: String, de german: String,
    en english: String
  ) {
    guard !known.contains(reference) else { return }
    collector.fatal(
      "unknown-reference", line: item.line, path: "\(item.path).\(key)",
      de: "Nicht in der Datei: \(german) „\(reference)“.", en: "Not in the file: \(english) “\(reference)”.")
  }

  private func requireParty(_ slug: Slug?, _ item: any PlanFileItem, _ key: String) {
    guard let slug else { return }
    require(slug.text, in: parties, item, key, de: "Institution oder Gruppe", en: "institution or group")
  }

  private func checkCitations() {
    let documents = Set(file.documents.map(\.key.text))
    for (item, source) in file.citations {
      for citation in source {
        require(citation.document, in: documents, item, "source", de: "Dokument", en: "document")
      }
    }
  }

  private func checkParties() {
    for party in file.parties {
      requireParty(party.unitOf, party.item, "unitOf")
      requireParty(party.hostedBy, party.item, "hostedBy")
      requireParty(party.chairedBy, party.item, "chairedBy")
      requireParty(party.coordinatedBy, party.item, "coordinatedBy")
      if party.chairedBy != nil, party.coordinatedBy != nil {
        collector.fatal(
          "two-chairs", line: party.item.line, path: party.item.path,
          de: "Entweder „chairedBy“ oder „coordinatedBy“.", en: "Either “chairedBy” or “coordinatedBy”.")
      }
    }
    for group in file.groups {
      for member in group.members { requireParty(member, group, "members") }
      requireParty(group.of, group, "of")
      guard (group.of != nil) != (group.kind == .relative) else { continue }
      collector.fatal(
        "bad-relative-group", line: group.line, path: group.path,
        de: "Genau die relativen Gruppen sagen mit „of“, wovon sie eine sind.",
        en: "Relative groups, and only they, say with “of” what they are one of.")
    }
    for placeholder in file.placeholders { requireParty(placeholder.steward, placeholder, "steward") }
    requireParty(file.version.resolutionBody, file.version, "resolution.body")
    for level in file.version.ladder { requireParty(level.body, file.version, "ladder") }
  }

  private func checkMeasures() {
    let strategies = Set(file.strategies.map(\.slug.text))
    let targets = codes.union(file.clusters.map(\.slug.text))
    for measure in file.measures {
      for link in measure.strategies { require(link.to, in: strategies, link, "to", de: "Strategie", en: "strategy") }
      for link in measure.seeAlso {
        require(link.to, in: targets, link, "to", de: "Maßnahme oder Cluster", en: "measure or cluster")
      }
      for link in measure.dependsOn {
        if let other = link.measure { require(other, in: codes, link, "measure", de: "Maßnahme", en: "measure") }
      }
      if let external = measure.external {
        require(external.programme.text, in: strategies, external, "programme", de: "Programm", en: "programme")
      }
    }
    for field in file.taskFields {
      for block in field.structure {
        for member in block.range.members {
          require("\(field.code).\(member)", in: codes, block, "measures", de: "Maßnahme", en: "measure")
        }
        for entry in block.entries { requireParty(entry.who, entry, "who") }
      }
    }
  }
}

extension PlanFile.RoleEntry {
  /// What tells role entries of one measure apart.
  var naturalKey: String { AssignmentIdentity(self).description }
}

/// What tells the assignments of one measure apart: role, holder, phase and subject.
struct AssignmentIdentity: Hashable, CustomStringConvertible {
  let role: Assignment.Role
  let holder: String
  let phase: String?
  let subject: String?

  init(_ entry: PlanFile.RoleEntry) {
    (role, holder, phase, subject) = (entry.role, entry.who.text, entry.phase?.text, entry.subject?.text)
  }

  init(_ assignment: Assignment, in plan: Plan, on day: LocalDate) {
    role = assignment.role(on: day)
    holder = plan.parties[assignment.holder]?.slug ?? assignment.holder.description
    (phase, subject) = (assignment.phase, assignment.subject)
  }

  var description: String {
    ([role.rawValue, holder] + [phase, subject].compactMap { $0 }).joined(separator: " · ")
  }
}

/// An institution or group, for what they have in common.
struct PartyEntry {
  let item: any PlanFileItem
  let slug: Slug
  let short: Label?
  let name: Label
  let kind: String
  let aliases: [PlanFile.Alias]
  let unitOf: Slug?
  let hostedBy: Slug?
  let chairedBy: Slug?
  let coordinatedBy: Slug?
  let source: [Citation]
}

extension PlanFile {
  /// Institutions and groups in the order of the file.
  var parties: [PartyEntry] {
    institutions.map {
      PartyEntry(
        item: $0, slug: $0.slug, short: $0.short, name: $0.name, kind: $0.kind.text, aliases: $0.aliases,
        unitOf: $0.unitOf, hostedBy: $0.hostedBy, chairedBy: $0.chairedBy, coordinatedBy: $0.coordinatedBy,
        source: $0.source)
    }
      + groups.map {
        PartyEntry(
          item: $0, slug: $0.slug, short: $0.short, name: $0.name, kind: $0.kind.rawValue, aliases: $0.aliases,
          unitOf: $0.unitOf, hostedBy: $0.hostedBy, chairedBy: $0.chairedBy, coordinatedBy: $0.coordinatedBy,
          source: $0.source)
      }
  }

  /// Everything that cites, with what it cites.
  public var citations: [(item: any PlanFileItem, source: [Citation])] {
    var all: [(item: any PlanFileItem, source: [Citation])] = [(plan, plan.source), (version, version.source)]
    all += (plan.otherTitles + clusters.flatMap(\.otherTitles)).map { ($0, $0.source) }
    all += parties.map { ($0.item, $0.source) }
    all += parties.flatMap(\.aliases).map { ($0, $0.source) }
    all += placeholders.map { ($0, $0.source) }
    all += figures.map { ($0, $0.source) }
    all += strategies.map { ($0, $0.source) }
    all += questions.map { ($0, $0.source) }
    all += actionFields.map { ($0, $0.source) }
    all += clusters.map { ($0, $0.source) }
    all += clusters.flatMap(\.goals).map { ($0, $0.source) }
    all += taskFields.map { ($0, $0.source) }
    for measure in measures {
      all.append((measure, measure.source))
      all += (measure.strategies + measure.seeAlso).map { ($0, $0.source) }
      all += measure.dependsOn.map { ($0, $0.source) }
    }
    for block in taskFields.flatMap(\.structure) {
      all.append((block, block.source))
      all += block.entries.map { ($0, $0.source) }
    }
    return all
  }
}

public import EventSourcing

extension Plan {
  func requireUnused(_ id: EntityID) throws(Refusal) {
    try ensure(
      subjects[id] == nil,
      Refusal(
        .conflict, "id-taken", field: "id", de: "Diese Kennung ist vergeben.", en: "This id is already used.",
        facts: [.init("id", .string(id.description))]))
  }

  /// The version that is being delivered, or the one that is named.
  func requireVersion(_ slug: Slug? = nil) throws(Refusal) -> PlanVersion {
    if let slug {
      guard let named = versions.first(where: { $0.slug == slug.text }) else {
        throw .unknown("plan-version", slug.text, field: "version", de: "Planfassung", en: "plan version")
      }
      return named
    }
    guard let currentVersion else {
      throw Refusal(
        .conflict, "no-plan-version", de: "Es gibt noch keine Planfassung.",
        en: "There is no plan version yet; send register-plan-version first.")
    }
    return currentVersion
  }

  /// The version whose rules a measure is under.
  public func version(of measure: Measure) -> PlanVersion? {
    versions.first { $0.id == measure.version } ?? currentVersion
  }

  func requireVersion(of measure: Measure) throws(Refusal) -> PlanVersion {
    if let version = version(of: measure) { return version }
    return try requireVersion()
  }

  public func cluster(slug: String) -> ThemeCluster? { clusters.first { $0.slug == slug } }
  public func cluster(id: EntityID) -> ThemeCluster? { clusters.first { $0.id == id } }
  public func taskField(id: EntityID) -> TaskField? { taskFields.first { $0.id == id } }
  public func actionField(id: EntityID) -> ActionField? { actionFields.first { $0.id == id } }

  func requireCluster(_ slug: Slug, field: String) throws(Refusal) -> ThemeCluster {
    guard let cluster = cluster(slug: slug.text) else {
      throw .unknown("cluster", slug.text, field: field, de: "Themencluster", en: "theme cluster")
    }
    return cluster
  }

  func requireTaskField(_ number: Int, of cluster: ThemeCluster) throws(Refusal) -> TaskField {
    guard let field = taskFields.first(where: { $0.cluster == cluster.id && $0.codeNumber == number }) else {
      throw .unknown(
        "task-field", "\(cluster.slug).\(number)", field: "taskField", de: "Aufgabenfeld", en: "task field")
    }
    return field
  }

  /// A goal by id, or by how it is printed: goal a of a cluster is `fachkraefte.a`.
  func goal(_ reference: String) -> Goal? {
    let id = EntityID(reference)
    return goals.first { $0.id == id || code(of: $0) == reference }
  }

  func requireCited(_ citations: [Citation]) throws(Refusal) {
    for citation in citations where documents[citation.document] == nil {
      throw .unknown("document", citation.document, field: "source", de: "Dokument", en: "document")
    }
  }

  /// A stated figure's counterpart: how many there really are.
  public func count(of counted: StatedFigure.Counted, on date: LocalDate) -> Int {
    switch counted {
    case .actionFields: actionFields.count { $0.exists(on: date) }
    case .themeClusters: clusters.count { $0.exists(on: date) }
    case .goals: goals.count { $0.exists(on: date) }
    case .measures: measures.values.count { $0.parent == nil && lists($0, on: date) }
    case .institutions: parties.values.count { $0.noun == .institutions && $0.exists(on: date) }
    case .taskFields: taskFields.count { $0.exists(on: date) }
    }
  }
}

extension Refusal {
  /// The 404 for a reference to nothing.
  static func unknown(_ noun: String, _ reference: String, field: String, de german: String, en english: String)
    -> Refusal
  {
    Refusal(
      .notFound, "unknown-\(noun)", field: field,
      de: "Nicht gefunden: \(german) „\(reference)“.", en: "There is no \(english) “\(reference)”.",
      facts: [.init("reference", .string(reference))])
  }

  /// The 409 for a name, code or number that something else already has.
  static func taken(_ what: String, _ value: String, by holder: String, field: String) -> Refusal {
    Refusal(
      .conflict, "\(what)-taken", field: field,
      de: "„\(value)“ ist schon vergeben.", en: "“\(value)” is already taken.",
      facts: [.init("value", .string(value)), .init("holder", .string(holder))])
  }
}

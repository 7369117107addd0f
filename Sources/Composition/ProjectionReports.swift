internal import EventLogPostgres
internal import EventSourcing
internal import PlanService
public import ReadModels

/// How the read models of one plan stand.
public struct ProjectionReport: Sendable, Codable {
  public let plan: String
  /// The size of the log, and how many of its events the rows hold.
  public let size: Int64
  public let read: Int64
  public let generation: Int?
  /// Tables whose rows differ from those that the log gives; nil when nobody looked.
  public var differences: [ReadModelDifference]?

  public var text: String {
    guard let generation else { return "\(plan): no rows yet; start the server or run federwerk projections rebuild" }
    let lag = size - read
    var text = "\(plan): generation \(generation), \(read) of \(size) events read\(lag == 0 ? "" : ", \(lag) behind")"
    for difference in differences ?? [] {
      text += "\n  \(difference.table): \(difference.missing) rows missing, \(difference.surplus) too many"
    }
    if differences?.isEmpty == true { text += ", rows equal to those of a rebuild" }
    return text
  }
}

extension Federwerk {
  /// The read models of one plan, or of all.
  public func projectionReports(_ reference: String?) async throws -> [ProjectionReport] {
    var reports: [ProjectionReport] = []
    for (slug, plan) in try await plans(reference) { reports.append(try await report(slug, plan)) }
    return reports
  }

  /// Writes the rows anew beside the ones that are served, and says where they differ.
  public func verifyProjections(
    _ reference: String?, progress: @escaping @Sendable (String) -> Void
  ) async throws -> [ProjectionReport] {
    var reports: [ProjectionReport] = []
    for (slug, plan) in try await plans(reference) {
      let verified = try await Generations(log: log, plan: plan).verify { progress("\(slug): \($0) events read") }
      var report = try await report(slug, plan)
      report.differences = verified?.differences
      reports.append(report)
    }
    return reports
  }

  /// Writes the rows anew beside the ones that are served, then serves the new ones.
  public func rebuildProjections(
    _ reference: String?, progress: @escaping @Sendable (String) -> Void
  ) async throws -> [ProjectionReport] {
    var reports: [ProjectionReport] = []
    for (slug, plan) in try await plans(reference) {
      try await Generations(log: log, plan: plan).rebuild { progress("\(slug): \($0) events read") }
      reports.append(try await report(slug, plan))
    }
    return reports
  }

  private func plans(_ reference: String?) async throws -> [(slug: String, id: EntityID)] {
    guard let reference else {
      return try await log.plans(after: nil, limit: .max).map { ($0.slug, $0.plan) }
    }
    guard let plan = try await service.plan(reference) else {
      throw ConfigurationProblem("there is no plan \(reference)")
    }
    return [(reference, plan)]
  }

  private func report(_ slug: String, _ plan: EntityID) async throws -> ProjectionReport {
    let current = try await Generations(log: log, plan: plan).current()
    let head = try await log.head(of: LogID(plan: plan))
    return ProjectionReport(
      plan: slug, size: head?.size.value ?? 0, read: current?.size ?? 0, generation: current?.number)
  }
}

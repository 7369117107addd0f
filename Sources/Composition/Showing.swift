internal import Coordination
internal import EventSourcing
internal import PlanService
internal import Projections

/// At which moment the command line reads a plan.
package struct ReadingMoment: Sendable {
  /// Recorded: the events up to and including this position.
  package var position: Int64?
  /// Recorded: up to this time, or the end of this day.
  package var asOf: String?
  /// Effective: the day that is read for; today unless given.
  package var validAt: String?

  package init() {}
}

extension Federwerk {
  /// The views that `show` knows.
  package static var viewNames: [String] { ViewCatalogue.all.map(\.name) }

  /// A view of a plan as JSON, as the API gives it to the office; of one measure or institution when it is named.
  package func show(_ view: String, of reference: String, item: String?, at moment: ReadingMoment) async throws
    -> String
  {
    let id = try await planID(reference)
    let (plan, day) = try await plan(id, at: moment)
    guard let named = ViewCatalogue.all.first(where: { $0.name == view }) else {
      throw ConfigurationProblem("there is no view “\(view)”; there are \(Self.viewNames.joined(separator: ", "))")
    }
    var members = named.members(plan, day)
    if let item {
      switch view {
      case MeasureSheet.name:
        guard let measure = plan.measure(item, on: day) else {
          throw ConfigurationProblem("there is no measure “\(item)”")
        }
        members = [.init(view, MeasureSheet.json(measure, plan, day))]
      case InstitutionCard.name:
        guard let party = plan.party(item) else { throw ConfigurationProblem("there is no institution “\(item)”") }
        members = [.init(view, InstitutionCard.json(party, plan, day))]
      default: throw ConfigurationProblem("only measure and institution are shown one by one")
      }
    }
    let head = [JSON.Member].moment(position: plan.size.lastPosition, validAt: day, isSimulated: plan.isSimulated)
    members = try await service.joiningTexts(to: .object(members), of: plan).members ?? []
    return String(decoding: JSON.object(head + members).canonicalBytes, as: UTF8.self)
  }

  /// The plan at a moment, and the day that it is read for.
  func plan(_ id: EntityID, at moment: ReadingMoment) async throws -> (Plan, LocalDate) {
    let now = try await service.now()
    let current = try await service.snapshot(of: id).plan
    let recorded: ReadMoment
    switch (moment.position, moment.asOf) {
    case (nil, nil): recorded = .now
    case (let position?, nil): recorded = .position(Position(position))
    case (nil, let text?):
      guard let time = Timestamp(text) ?? LocalDate(text).map({ current.end(of: $0) }) else {
        throw ConfigurationProblem.asOfMalformed
      }
      guard time <= now || LocalDate(text) == current.today(at: now) else {
        throw ConfigurationProblem.asOfInFuture
      }
      recorded = .asOf(time)
    case (_?, _?): throw ConfigurationProblem.twoMoments
    }
    guard let plan = try await service.plan(id, at: recorded) else {
      throw ConfigurationProblem("the log does not reach that position")
    }
    guard let text = moment.validAt else { return (plan, plan.today(at: now)) }
    guard let day = LocalDate(text) else { throw ConfigurationProblem.validAtMalformed }
    return (plan, day)
  }
}

extension ConfigurationProblem {
  static let asOfMalformed = Self("--as-of takes a day or a time such as 2019-06-30 or 2019-06-30T12:00:00Z")
  static let asOfInFuture = Self("--as-of lies in the future")
  static let twoMoments = Self("give either --position or --as-of")
  static let validAtMalformed = Self("--valid-at takes a day such as 2019-06-30")
}

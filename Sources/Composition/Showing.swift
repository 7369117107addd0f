internal import Coordination
internal import EventSourcing
internal import PlanService
internal import Projections

/// At which moment the command line reads a plan.
public struct ReadingMoment: Sendable {
  /// Recorded: the events up to and including this position.
  public var position: Int64?
  /// Recorded: up to this time, or the end of this day.
  public var asOf: String?
  /// Effective: the day that is read for; today unless given.
  public var validAt: String?

  public init() {}
}

extension Federwerk {
  /// The views that `show` knows.
  public static var viewNames: [String] { ViewCatalogue.all.map(\.name) }

  /// A view of a plan as JSON, as the API gives it to the office; of one measure or institution when it is named.
  public func show(_ view: String, of reference: String, item: String?, at moment: ReadingMoment) async throws
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
    case (let position?, nil):
      recorded = .position(try Position(asked: position))
    case (nil, let text?):
      guard let time = try Self.time(text, in: current, now) else { throw ConfigurationProblem.asOfMalformed }
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

  /// A moment of recorded time, or the end of a day; nil when the text is neither.
  private static func time(_ text: String, in plan: Plan, _ now: Timestamp) throws -> Timestamp? {
    do throws(TimeAhead) { return try plan.time(named: text, at: now) } catch {
      throw ConfigurationProblem.asOfInFuture
    }
  }

  // MARK: - What happened

  /// Which entries of a timeline are shown.
  public struct TimelineFilter: Sendable {
    /// `measures/<id>`, an id, a measure's code or an institution's slug.
    public var subject: String?
    public var institution: String?
    public var actor: String?
    public var type: String?

    public init() {}
  }

  /// How an entry of the timeline is told: as the API does, or for people in their language.
  public enum TimelineForm: Sendable { case json, de, en }

  /// Tells the audit timeline of a plan, oldest first, folded from its log.
  ///
  /// - Parameter print: called for each entry in order.
  public func showTimeline(
    of reference: String, _ filter: TimelineFilter, at moment: ReadingMoment, as form: TimelineForm,
    _ print: (String) -> Void
  ) async throws {
    let id = try await planID(reference)
    let (plan, today) = try await plan(id, at: moment)
    guard let last = plan.size.lastPosition else { return }
    let query = try Self.query(filter, in: plan, today)
    let timeline = FoldedTimeline(store: service.store)
    try await timeline.forEachPage(of: id, through: last) { page in
      let entries = page.filter(query.matches)
      guard form == .json else {
        for entry in entries {
          let sentence = form == .de ? entry.sentence.german : entry.sentence.english
          print("\(entry.position.value)  \(entry.recordedAt)  \(entry.effectiveDate)  \(sentence)")
        }
        return true
      }
      let told = try await service.joiningTexts(to: .array(entries.map(\.json)), of: plan).array ?? []
      for json in told { print(String(decoding: json.canonicalBytes, as: UTF8.self)) }
      return true
    }
  }

  private static func query(
    _ filter: TimelineFilter, in plan: Plan, _ today: LocalDate
  ) throws -> TimelineQuery {
    var query = TimelineQuery()
    query.type = filter.type
    if let text = filter.subject {
      guard let subject = plan.timelineSubject(text, on: today) else {
        throw ConfigurationProblem("there is no subject “\(text)”")
      }
      query.subject = subject
    }
    if let text = filter.institution {
      guard let party = plan.party(text) else { throw ConfigurationProblem("there is no institution “\(text)”") }
      query.institution = party.id.value
    }
    if let text = filter.actor {
      guard let actor = ActorID(text) else {
        throw ConfigurationProblem("--actor takes an actor such as users/… or system:clock")
      }
      query.actor = actor
    }
    return query
  }

  /// What became of a plan between two moments of recorded time, as JSON as the API gives it, without pages.
  ///
  /// - Parameters:
  ///   - from: a position, a time, or a day, which stands for its end.
  ///   - to: the same; now when nil.
  public func comparison(of reference: String, from: String, to: String?) async throws -> String {
    let id = try await planID(reference)
    let now = try await service.now()
    let current = try await service.snapshot(of: id).plan
    func moment(_ text: String) throws -> ReadMoment {
      if let time = try Self.time(text, in: current, now) { return .asOf(time) }
      guard let position = Int64(text), position >= 0, position <= JSON.integerMax else {
        throw ConfigurationProblem.momentMalformed
      }
      guard Position(position) < current.size.nextPosition else {
        throw ConfigurationProblem("the log does not reach position \(position)")
      }
      return .position(Position(position))
    }
    let passage = try await service.passage(
      of: id, from: try moment(from), to: try to.map(moment) ?? .now, for: .office)
    guard let passage else { throw ConfigurationProblem("the first moment comes after the second") }
    let items = passage.items
    return String(
      decoding: passage.answer(listing: items.map(\.json), of: items.count).canonicalBytes, as: UTF8.self)
  }
}

extension Position {
  /// A position that somebody has typed.
  init(asked value: Int64) throws {
    guard value >= 0 else { throw ConfigurationProblem("a position is an integer from 0") }
    self.init(value)
  }
}

extension ConfigurationProblem {
  static let asOfMalformed = Self("--as-of takes a day or a time such as 2019-06-30 or 2019-06-30T12:00:00Z")
  static let asOfInFuture = Self("that moment lies in the future")
  static let momentMalformed = Self(
    "a moment is a position, a day or a time, such as 120, 2019-06-30 or 2019-06-30T12:00:00Z")
  static let twoMoments = Self("give either --position or --as-of")
  static let validAtMalformed = Self("--valid-at takes a day such as 2019-06-30")
}

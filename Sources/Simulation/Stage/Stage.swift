internal import Coordination
internal import EventSourcing

/// Where appointments are kept: the day and its hour, chance, the agenda, and what has been said but not yet recorded.
struct Stage {
  let terms: SimulationTerms
  private(set) var today: LocalDate
  private var now: Timestamp
  private var closingTime: Timestamp
  private var random: SplitMix64
  private var agenda: Agenda
  private var sent: [SimulatedCommand] = []
  private var sentNext = 0
  private var temperaments: [String: Temperament] = [:]
  private(set) var office = PlanActor(id: .system("simulation"), role: .coordinator)

  /// Offices are open from 7 to 16 o'clock UTC. In the time zones of Europe and Africa that is one and the same day.
  private static let openingHour: Int64 = 7
  private static let closingHour: Int64 = 16
  /// How long after opening the first of a day may come, in microseconds.
  private static let latestStart: Int64 = 5 * 3_600_000_000

  init(_ terms: SimulationTerms, from first: LocalDate) {
    self.terms = terms
    today = first
    now = Self.time(of: first, hour: Self.openingHour)
    closingTime = Self.time(of: first, hour: Self.closingHour)
    random = SplitMix64(state: terms.seed)
    agenda = Agenda(period: first...terms.period.upperBound)
  }

  private static func time(of day: LocalDate, hour: Int64) -> Timestamp {
    Timestamp(microsecondsSinceEpoch: (Int64(day.daysSinceEpoch) * 24 + hour) * 3_600_000_000)
  }

  // MARK: The day

  /// - Returns: false when the period is over.
  mutating func beginNextDay() -> Bool {
    guard today < terms.period.upperBound else { return false }
    agenda.finish(today)
    today = today.advanced(byDays: 1)
    // Nobody writes at the stroke of the hour.
    now = Self.time(of: today, hour: Self.openingHour)
      .advanced(byMicroseconds: Int64.random(in: 0...Self.latestStart, using: &random))
    closingTime = Self.time(of: today, hour: Self.closingHour)
    return true
  }

  mutating func takeAppointment() -> (any Appointment)? { agenda.takeNext(on: today) }

  mutating func takeCommand() -> SimulatedCommand? {
    guard sentNext < sent.count else {
      sent.removeAll(keepingCapacity: true)
      sentNext = 0
      return nil
    }
    defer { sentNext += 1 }
    return sent[sentNext]
  }

  // MARK: Making appointments

  /// On a day; offices that are closed then do it on the next Monday.
  mutating func plan(_ appointment: some Appointment, on day: LocalDate) {
    // Day 0 of the epoch was a Thursday.
    let weekday = (day.daysSinceEpoch + 3) % 7
    agenda.add(appointment, on: weekday < 5 ? day : day.advanced(byDays: 7 - weekday))
  }

  mutating func plan(_ appointment: some Appointment, inDays days: ClosedRange<Int>) {
    plan(appointment, on: day(in: days))
  }

  /// Whatever day of the week it is.
  mutating func plan(_ appointment: some Appointment, exactlyOn day: LocalDate) { agenda.add(appointment, on: day) }

  /// Today, after all that is already planned for today.
  mutating func planToday(_ appointment: some Appointment) { plan(appointment, exactlyOn: today) }

  // MARK: Saying something

  /// Sends a command. The day is never too short: the next one comes within a small part of what is left of it.
  mutating func send(
    _ kind: any PlanCommand.Type, _ fields: JSON, as actor: PlanActor, effective: LocalDate? = nil
  ) {
    passTime()
    sent.append(
      SimulatedCommand(kind, fields, as: actor, at: now, on: today, effective: effective ?? today))
  }

  mutating func send(_ command: any PlanCommand, as actor: PlanActor, effective: LocalDate? = nil) {
    passTime()
    sent.append(SimulatedCommand(command, as: actor, at: now, on: today, effective: effective ?? today))
  }

  private mutating func passTime() {
    let left = closingTime.microsecondsSinceEpoch - now.microsecondsSinceEpoch
    now = now.advanced(byMicroseconds: Int64.random(in: 0...(left / 24), using: &random))
  }

  mutating func newID() -> EntityID {
    var source = IdentifierSource(seed: random.next(), at: now)
    return source.next()
  }

  // MARK: Chance

  mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  /// True so many times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { number(in: 1...100) <= percent }

  mutating func day(in days: ClosedRange<Int>) -> LocalDate { today.advanced(byDays: Int32(number(in: days))) }

  mutating func one<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &random) }

  mutating func text(_ texts: [String]) -> JSON { one(of: texts).map { .string($0) } ?? .null }

  // MARK: Who is there

  /// Gets to know the institutions of a plan: who its office is, and how everybody is by nature.
  mutating func meet(_ plan: Plan) {
    let bodies = plan.currentVersion?.ladder.compactMap { $0.body?.text } ?? []
    let host = bodies.first { plan.party($0) != nil }
    office = actor(for: host, .coordinator)
    var leads: [PartyID: Int] = [:]
    for measure in plan.measures.values {
      for assignment in measure.assignments where assignment.leads(on: today) {
        leads[assignment.holder, default: 0] += 1
      }
    }
    for party in plan.parties.values {
      temperaments[party.slug] = Temperament(of: party.slug, leads: leads[party.id] ?? 0, seed: terms.seed)
    }
  }

  func temperament(of party: Party) -> Temperament {
    temperaments[party.slug] ?? Temperament(of: party.slug, leads: 0, seed: terms.seed)
  }

  /// A user of an institution, always the same one.
  func actor(for institution: String?, _ role: Role, partner: String? = nil) -> PlanActor {
    let hash = StableHash.of("\(role.rawValue) \(institution ?? "")", seed: terms.seed)
    var source = IdentifierSource(seed: hash, at: Self.time(of: terms.period.lowerBound, hour: 0))
    return PlanActor(id: .user(source.next()), role: role, institution: institution, partner: partner)
  }

  /// The institution that speaks for a holder: itself, or of a group always the same member. Nobody speaks for a
  /// placeholder, an empty group, or what is no more.
  func voice(of holder: PartyID, in plan: Plan) -> Party? {
    guard let party = plan.parties[holder], party.dissolution.map({ today < $0.from }) ?? true else { return nil }
    switch party.noun {
    case .institutions: return party
    case .placeholders: return nil
    case .groups:
      let members = party.memberships.filter { $0.holds(on: today) }.compactMap { plan.parties[$0.member] }
        .filter { $0.noun == .institutions && $0.dissolution == nil }
        .sorted { $0.slug < $1.slug }
      guard !members.isEmpty else { return nil }
      return members[Int(StableHash.of(party.slug, seed: terms.seed) % UInt64(members.count))]
    }
  }

  /// The lead that speaks for a measure today, and who acts for it; nobody when all its leads are silent.
  func lead(of measure: Measure, in plan: Plan) -> (party: Party, actor: PlanActor)? {
    for assignment in measure.assignments where assignment.leads(on: today) {
      if let party = voice(of: assignment.holder, in: plan), temperament(of: party) != .silent {
        return (party, actor(for: party.slug, .lead))
      }
    }
    return nil
  }
}

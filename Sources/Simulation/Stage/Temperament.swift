/// How an institution answers: its nature for the whole history.
enum Temperament: Sendable {
  case punctual, late
  /// It never reports and never answers; what it leads is only known by the plan.
  case silent

  /// From this many leads on, an institution may be late but not silent: somebody would have asked.
  private static let leadsOfABusyOne = 4

  init(of slug: String, leads: Int, seed: UInt64) {
    switch StableHash.of(slug, seed: seed) % 100 {
    case ..<50: self = .punctual
    case ..<76: self = .late
    default: self = leads < Self.leadsOfABusyOne ? .silent : .late
    }
  }

  /// How many days after a due day it acts.
  var delay: ClosedRange<Int> {
    switch self {
    case .punctual: -12...2
    case .late, .silent: 10...75
    }
  }

  /// How many times in a hundred it misses something altogether.
  var misses: Int {
    switch self {
    case .punctual: 3
    case .late: 22
    case .silent: 100
    }
  }

  /// How many times in a hundred something planned takes longer than planned.
  var slips: Int { self == .punctual ? 15 : 50 }
}

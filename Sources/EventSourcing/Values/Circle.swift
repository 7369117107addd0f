/// How far something may be known, from the fewest to everybody: each circle lies within the next.
public enum Circle: Int, Comparable, CaseIterable, Sendable {
  /// The coordination office, auditors, and whose own affair it is.
  case `internal`
  /// Everyone who takes part: assigned institutions, bodies and partner systems.
  case partners
  /// Anybody.
  case `public`

  public static func < (left: Circle, right: Circle) -> Bool { left.rawValue < right.rawValue }
}

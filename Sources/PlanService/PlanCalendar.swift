package import Coordination
package import EventSourcing
internal import Foundation

extension Plan {
  /// The date in the plan's time zone; UTC while no version names one.
  package func today(at time: Timestamp) -> LocalDate {
    guard let name = currentVersion?.timeZone, let zone = TimeZone(identifier: name) else { return time.utcDate }
    let moment = Date(timeIntervalSince1970: Double(time.microsecondsSinceEpoch) / 1_000_000)
    return time.advanced(byMicroseconds: Int64(zone.secondsFromGMT(for: moment)) * 1_000_000).utcDate
  }
}

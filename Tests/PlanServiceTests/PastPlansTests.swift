import Coordination
import EventSourcing
import Testing

@testable import PlanService

struct PastPlansTests {
  private let key = PastPlans.Key(plan: id(0), epoch: 1, viewer: .office)

  @Test func `moments are kept at even distances`() {
    let past = PastPlans(momentsMax: 20, seriesMax: 2, distance: 10)
    for size in 1...105 { offer(size, to: past) }
    #expect(kept(past) == Array(stride(from: 10, through: 100, by: 10)))
  }

  @Test func `of too many moments every other one goes, and the distance doubles`() {
    let past = PastPlans(momentsMax: 4, seriesMax: 2, distance: 10)
    for size in 1...49 { offer(size, to: past) }
    #expect(kept(past) == [10, 20, 30, 40])
    offer(50, to: past)
    #expect(kept(past) == [20, 40])
    for size in 51...99 { offer(size, to: past) }
    #expect(kept(past) == [20, 40, 60, 80])
    offer(100, to: past)
    #expect(kept(past) == [40, 80])
    for size in 101...240 { offer(size, to: past) }
    #expect(kept(past) == [80, 160, 240])
  }

  @Test func `offers that come in batches are kept where they fall`() {
    let past = PastPlans(momentsMax: 10, seriesMax: 2, distance: 10)
    for size in [7, 14, 21, 28, 35, 42, 142] { offer(size, to: past) }
    #expect(kept(past) == [14, 21, 35, 42, 142])
    // What is folded later may fill a gap, but only one of each distance.
    for size in [142, 141, 55, 53, 57, 100, 9] { offer(size, to: past) }
    #expect(kept(past) == [14, 21, 35, 42, 55, 100, 142])
  }

  @Test(arguments: [(1, 1), (2, 3), (5, 7), (16, 2)])
  func `in whatever order plans are offered, a few are kept far from one another`(momentsMax: Int, distance: Int) {
    var random = SplitMix64(state: UInt64(momentsMax))
    let past = PastPlans(momentsMax: momentsMax, seriesMax: 1, distance: distance)
    var (offered, most): (Set<Int>, Int) = ([], 0)
    for _ in 0..<500 {
      let size = Int.random(in: 1...300, using: &random)
      offered.insert(size)
      offer(size, to: past)
      let kept = kept(past)
      most = max(most, kept.count)
      #expect(kept.count <= momentsMax)
      #expect(offered.isSuperset(of: kept))
      // No two of them in one distance.
      #expect(Set(kept.map { $0 / distance }).count == kept.count)
    }
    #expect(most == momentsMax)
  }

  @Test func `the newest moment is found whose events all belong to the time`() {
    let past = PastPlans(momentsMax: 20, seriesMax: 2, distance: 10)
    for size in stride(from: 10, through: 100, by: 10) { offer(size, to: past) }
    // A plan of so many events was recorded in as many microseconds.
    func found(_ sizeMax: Int64, _ time: Int64) -> Int64? {
      past.plan(for: key, sizeMax: LogSize(sizeMax), asOf: Timestamp(microsecondsSinceEpoch: time))?.size.value
    }
    #expect(found(1000, 55) == 50)
    #expect(found(1000, 50) == 50)
    #expect(found(1000, 49) == 40)
    #expect(found(45, 99) == 40)
    #expect(found(1000, 9) == nil)
    #expect(found(9, 1000) == nil)
    #expect(found(1000, 1000) == 100)
  }

  @Test func `each plan, epoch and viewer has a past of its own`() {
    let past = PastPlans(momentsMax: 4, seriesMax: 10, distance: 10)
    let others = [
      PastPlans.Key(plan: id(1), epoch: 1, viewer: .office), PastPlans.Key(plan: id(0), epoch: 2, viewer: .office),
      PastPlans.Key(plan: id(0), epoch: 1, viewer: .participant),
    ]
    for (index, key) in ([key] + others).enumerated() { offer(10 * (index + 1), to: past, key) }
    for (index, key) in ([key] + others).enumerated() { #expect(kept(past, key) == [10 * (index + 1)]) }
    past.forget(id(0))
    #expect(kept(past, others[0]) == [20])
    for key in [key, others[1], others[2]] { #expect(kept(past, key) == []) }
    offer(15, to: past)
    #expect(kept(past) == [15])
  }

  @Test func `when there are too many pasts, all go but the new one`() {
    let past = PastPlans(momentsMax: 4, seriesMax: 2, distance: 10)
    let keys = (0..<3).map { PastPlans.Key(plan: id($0), epoch: 1, viewer: .office) }
    for key in keys { offer(10, to: past, key) }
    #expect(keys.map { kept(past, $0) } == [[], [], [10]])
    offer(20, to: past, keys[2])
    #expect(kept(past, keys[2]) == [10, 20])
  }

  // MARK: - Helpers

  private func offer(_ size: Int, to past: PastPlans, _ other: PastPlans.Key? = nil) {
    let key = other ?? key
    var plan = Plan(id: key.plan, for: key.viewer)
    let recordedAt = Timestamp(microsecondsSinceEpoch: Int64(size))
    let fact = ViewDigestRecorded(position: 0, validAt: LocalDate(daysSinceEpoch: 0), foldVersion: 1, digests: [])
    // One event at the last position makes a plan of this size.
    plan.apply(
      fact,
      EventRecord(
        position: Position(Int64(size) - 1), subject: plan.subject, recordedAt: recordedAt,
        effectiveDate: LocalDate(daysSinceEpoch: 0), actor: .system("test"), recordedSource: .api))
    past.offer(plan, recordedAt: recordedAt, for: key)
  }

  /// The sizes of the plans that are kept.
  private func kept(_ past: PastPlans, _ other: PastPlans.Key? = nil) -> [Int] {
    var sizes: [Int] = []
    var next = LogSize(.max)
    while let size = past.plan(for: other ?? key, sizeMax: next)?.size {
      sizes.append(Int(size.value))
      next = LogSize(size.value - 1)
    }
    return sizes.reversed()
  }
}

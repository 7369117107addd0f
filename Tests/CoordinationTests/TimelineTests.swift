import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct TimelineTests {
  private static let days = (0..<60).map { LocalDate(daysSinceEpoch: 17_900 + $0) }

  @Test func `before its first entry a timeline has no value`() {
    let timeline = Timeline("a", from: Self.days[5], at: Position(0))
    #expect(timeline.value(at: Self.days[4]) == nil)
    #expect(timeline.value(at: Self.days[5]) == "a")
    #expect(timeline.value(at: Self.days[59]) == "a")
    #expect(Timeline<String>().value(at: Self.days[0]) == nil)
    #expect(Timeline<String>().last == nil)
  }

  @Test func `a late correction shows on its day and not before`() {
    var timeline = Timeline("a", from: Self.days[0], at: Position(0))
    timeline.record("c", from: Self.days[20], at: Position(1))
    timeline.record("b", from: Self.days[10], at: Position(2))
    #expect(timeline.entries.map(\.value) == ["a", "b", "c"])
    #expect(timeline.value(at: Self.days[9]) == "a")
    #expect(timeline.value(at: Self.days[10]) == "b")
    #expect(timeline.value(at: Self.days[20]) == "c")
    #expect(timeline.last == "c")
    #expect(timeline.first == "a")
  }

  @Test func `of two values on one day the one recorded last holds`() {
    var timeline = Timeline("a", from: Self.days[3], at: Position(0))
    timeline.record("b", from: Self.days[3], at: Position(1))
    #expect(timeline.value(at: Self.days[3]) == "b")
    #expect(timeline.entry(at: Self.days[3])?.position == Position(1))
    #expect(timeline.entries.count == 1)
  }

  @Test func `what came since an earlier state is found, wherever it lies`() {
    var timeline = Timeline("a", from: Self.days[0], at: Position(0))
    timeline.record("c", from: Self.days[20], at: Position(1))
    let earlier = timeline
    #expect(timeline.entries(since: earlier, recordedFrom: Position(2)).isEmpty)
    timeline.record("b", from: Self.days[10], at: Position(2))
    timeline.record("d", from: Self.days[20], at: Position(2))
    timeline.record("e", from: Self.days[20], at: Position(3))
    #expect(timeline.entries(since: earlier, recordedFrom: Position(2)).map(\.value) == ["e", "b"])
  }

  @Test func `what was taken back since an earlier state is found, and what takes its place`() {
    var timeline = Timeline("a", from: Self.days[0], at: Position(0))
    timeline.record("b", from: Self.days[10], at: Position(1))
    timeline.record("c", from: Self.days[20], at: Position(2))
    let earlier = timeline
    #expect(timeline.days(changedSince: earlier, recordedFrom: Position(3)).isEmpty)
    timeline.remove(on: Self.days[11])
    #expect(timeline == earlier)
    timeline.remove(on: Self.days[20])
    timeline.remove(on: Self.days[10])
    timeline.record("d", from: Self.days[10], at: Position(1))
    timeline.record("e", from: Self.days[5], at: Position(3))
    #expect(
      timeline.days(changedSince: earlier, recordedFrom: Position(3)) == [Self.days[20], Self.days[10], Self.days[5]])
  }

  @Test func `a timeline answers as a list of everything recorded would`() {
    var random = SplitMix64(state: 13)
    for _ in 0..<100 {
      var timeline = Timeline<Int>()
      var recorded: [(day: LocalDate, value: Int)] = []
      for position in 0..<Int.random(in: 0..<30, using: &random) {
        let day = Self.days[Int.random(in: 0..<60, using: &random)]
        timeline.record(position, from: day, at: Position(Int64(position)))
        recorded.append((day, position))
      }
      for day in Self.days {
        let latest = recorded.filter { $0.day <= day }.map(\.day).max()
        #expect(timeline.value(at: day) == recorded.last { $0.day == latest }?.value)
      }
      #expect(timeline.entries.map(\.effectiveDate) == timeline.entries.map(\.effectiveDate).sorted())
    }
  }
}

struct PersistentMapTests {
  @Test func `a copy keeps its entries when the original changes`() {
    var map: PersistentMap<String, Int> = ["a": 1, "b": 2]
    let snapshot = map
    map["a"] = 9
    map["b"] = nil
    map["c"] = 3
    #expect(snapshot["a"] == 1)
    #expect(snapshot["b"] == 2)
    #expect(snapshot["c"] == nil)
    #expect(Set(map.keys) == ["a", "c"])
    #expect(map.values.sorted() == [3, 9])
    #expect(map.count == 2)
    #expect(map.keys { $0 > 5 } == ["a"])
  }

  @Test func `a snapshot of a plan never changes under its reader`() {
    var spec = DeciderSpecification.masterplan()
    let snapshot = spec.plan
    spec.given("revise-wording", ["item": "fachkraefte.1.I", "title": "Neu"])
    spec.assign("lead", "tu", 60)
    #expect(snapshot.measure("fachkraefte.1.I")?.titles.last == "Maßnahme I")
    #expect(snapshot.measure("fachkraefte.1.I")?.assignments.isEmpty == true)
    #expect(spec.plan.measure("fachkraefte.1.I")?.titles.last == "Neu")
  }
}

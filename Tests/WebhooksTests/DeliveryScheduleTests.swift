import EventSourcing
import Testing
import Webhooks

/// When a delivery is tried again, and when no more.
struct DeliveryScheduleTests {
  private static let start = Timestamp(microsecondsSinceEpoch: 0)
  private let schedule = DeliverySchedule()

  private func seconds(_ state: DeliveryState) -> Double? {
    state.notBefore.map { Double($0.microsecondsSinceEpoch) / 1_000_000 }
  }

  @Test(arguments: [
    (200, DeliveryOutcome.delivered(status: 200)), (204, .delivered(status: 204)), (299, .delivered(status: 299)),
    (301, .rejected(status: 301)), (400, .rejected(status: 400)), (404, .rejected(status: 404)), (410, .gone),
    (429, .throttled(status: 429, seconds: 7)), (502, .throttled(status: 502, seconds: 7)),
    (503, .throttled(status: 503, seconds: 7)), (504, .throttled(status: 504, seconds: 7)),
    (500, .throttled(status: 500, seconds: 7)), (599, .throttled(status: 599, seconds: 7)),
  ]) func `an answer means`(status: Int, outcome: DeliveryOutcome) {
    #expect(DeliveryOutcome(status: status, retryAfter: 7) == outcome)
  }

  @Test func `an answer that does not say for how long means`() {
    #expect(DeliveryOutcome(status: 503, retryAfter: nil) == .throttled(status: 503, seconds: nil))
    let failed = DeliveryOutcome.unreachable(reason: "the receiver answered 500", status: 500)
    #expect(DeliveryOutcome(status: 500, retryAfter: nil) == failed)
  }

  @Test(
    arguments: [
      ("7", 7), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 90), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
      ("Mon, 07 Nov 1994 08:48:07 GMT", 86_400), ("soon", nil), ("", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
      ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 24:49:37 GMT", nil), ("06 Nov 1994 08:49:37 GMT", nil),
    ] as [(String, Int?)]) func `a receiver says how long in seconds or until when`(text: String, seconds: Int?) throws
  {
    let now = try #require(Timestamp("1994-11-06T08:48:07Z"))
    #expect(RetryAfter(text, at: now)?.seconds == seconds)
  }

  @Test func `a receiver that is down is asked for about three days and then parked`() {
    var state = DeliveryState()
    var total = 0.0
    for expected in schedule.delays {
      let verdict = schedule.apply(
        .unreachable(reason: "no connection", status: nil), attempts: 1, to: &state, at: Self.start, chance: 0.5)
      #expect(verdict == .hold && state.status == .active)
      #expect(seconds(state) == Double(expected))
      total += Double(expected)
    }
    #expect((70.0...80.0).contains(total / 3600))
    _ = schedule.apply(.unreachable(reason: "R", status: nil), attempts: 1, to: &state, at: Self.start, chance: 0.5)
    #expect(state.status == .parked && state.notBefore == nil && state.reason == "R")
  }

  @Test func `not all come back at once`() {
    for (chance, expected) in [(0.0, 4.5), (0.5, 5.0), (1.0, 5.5)] {
      var state = DeliveryState()
      _ = schedule.apply(
        .unreachable(reason: "", status: nil), attempts: 1, to: &state, at: Self.start, chance: chance)
      #expect(seconds(state) == expected)
    }
  }

  @Test func `a receiver that asks for time gets it, within reason`() {
    for (asked, expected) in [(60, 60.0), (nil, 5.0), (0, 5.0), (10_000_000, 86_400.0)] as [(Int?, Double)] {
      var state = DeliveryState()
      _ = schedule.apply(
        .throttled(status: 429, seconds: asked), attempts: 1, to: &state, at: Self.start, chance: 0.5)
      #expect(seconds(state) == expected)
    }
  }

  @Test func `a rejection waits by how often its event was rejected, whatever failed before, and parks nothing`() {
    for outage in 0...schedule.delays.count {
      var state = DeliveryState()
      for _ in 0..<outage {
        _ = schedule.apply(.unreachable(reason: "R", status: nil), attempts: 1, to: &state, at: Self.start, chance: 0.5)
      }
      for attempt in 1..<schedule.rejectionsMax {
        let verdict = schedule.apply(
          .rejected(status: 400), attempts: attempt, to: &state, at: Self.start, chance: 0.5)
        #expect(verdict == .hold && state.status == .active)
        #expect(seconds(state) == Double(schedule.delays[attempt - 1]), "after \(outage) failures")
      }
    }
  }

  @Test func `what is taken ends all waiting, what is rejected thrice is set aside, who is gone is left alone`() {
    var state = DeliveryState()
    _ = schedule.apply(.unreachable(reason: "R", status: nil), attempts: 1, to: &state, at: Self.start, chance: 0.5)
    #expect(schedule.apply(.delivered(status: 204), attempts: 1, to: &state, at: Self.start, chance: 0) == .done)
    #expect(state == DeliveryState())
    for attempt in 1...2 {
      let verdict = schedule.apply(
        .rejected(status: 422), attempts: attempt, to: &state, at: Self.start, chance: 0.5)
      #expect(verdict == .hold)
    }
    #expect(
      schedule.apply(.rejected(status: 422), attempts: 3, to: &state, at: Self.start, chance: 0.5) == .setAside)
    #expect(state.failures == 0 && state.notBefore == nil)
    #expect(schedule.apply(.gone, attempts: 1, to: &state, at: Self.start, chance: 0.5) == .hold)
    #expect(state.status == .disabled)
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct OpenLogEpochTests {
  @Test func `a new epoch says what was published of the old one`() {
    let command: JSON = ["previousEpoch": 1, "publishedSize": 7, "publishedRoot": "AAAA", "reason": "Restored backup"]
    DeciderSpecification.masterplan().when("open-log-epoch", command, as: .clock)
      .yields("log.epoch-opened.v1", on: "plans/\(id(0))", command)
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Testing

struct RecordViewDigestsTests {
  private let command: JSON = [
    "position": 3, "validAt": "2019-03-01", "foldVersion": 2,
    "digests": [["view": "measures", "version": 3, "digest": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"]],
  ]

  @Test func `what the views showed at a position is a fact of the log`() {
    DeciderSpecification.masterplan().when("record-view-digests", command, as: .clock)
      .yields("plan.view-digest-recorded.v1", on: "plans/\(id(0))", command)
  }

  @Test func `there is nothing to record of a position that is not there`() {
    DeciderSpecification.masterplan()
      .when("record-view-digests", command.replacing("position", 10_000), as: .clock)
      .isRefused(.rule, "position-in-future", field: "position")
  }

  @Test func `nobody but the program records them`() {
    DeciderSpecification.masterplan().when("record-view-digests", command, as: .office)
      .isRefused(.forbidden, "role-not-allowed")
  }

  @Test func `the plan knows what was recorded last`() {
    var spec = DeciderSpecification.masterplan()
    #expect(spec.plan.lastViewDigest == nil)
    spec.given("record-view-digests", command, as: .clock)
    #expect(spec.plan.lastViewDigest?.fact.position == 3)
    #expect(spec.plan.lastViewDigest?.recordedAt == spec.plan.size.lastPosition)
  }
}

import EventSourcing
import HangLimit
import Testing

/// A timeline of the past names the last position that belongs to it, as every other view does.
@Suite(.hangLimit) struct TimelineMomentTests {
  private static let path = "/v1/plans/industriestadt/timeline"

  @Test func `the answer names the moment that was asked for`() async throws {
    try await Edge().run { client in
      try await client.begin()
      let past = try await client.get("\(Self.path)?position=3&order=desc").json
      #expect(past["position"] == 3)
      #expect(past["entries"]?.array?.map { $0["position"] } == [3, 2, 1, 0])
      let before = try await client.get("\(Self.path)?asOf=2018-01-01").json
      #expect(before["position"] == .null)
      #expect(before["entries"] == [])
      let now = try await client.get("\(Self.path)?to=3").json
      #expect(now["entries"]?.array?.count == 4)
      #expect((now["position"]?.integer ?? 0) > 3)
    }
  }
}

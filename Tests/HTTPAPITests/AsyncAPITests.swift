import Coordination
import EventSourcing
import HTTPAPI
import HTTPTypes
import HangLimit
import PlanSpecification
import Testing

/// The document says what goes out and comes in.
@Suite(.hangLimit) struct AsyncAPITests {
  private static let document = AsyncAPIDocument.json

  @Test func `every kind of event is a message, and every reference leads somewhere`() throws {
    let messages = try #require(Self.document["components"]?["messages"]?.members)
    let names = Set(messages.compactMap { $0.value["name"]?.string })
    #expect(names == Set(FactCatalogue.byType.keys).union(["org.federwerk.external-status.reported.v1"]))
    func follow(_ json: JSON) {
      if let target = json["$ref"]?.string {
        let found = target.split(separator: "/").dropFirst().reduce(Self.document as JSON?) { $0?[String($1)] }
        #expect(found != nil, "\(target)")
      }
      for member in json.members ?? [] { follow(member.value) }
      for element in json.array ?? [] { follow(element) }
    }
    follow(Self.document)
  }

  @Test func `its addresses are routes`() throws {
    let routes = Set(Edge().routes.operations.map(\.path))
    let channels = try #require(Self.document["channels"]?.members)
    let addresses = channels.compactMap { $0.value["address"]?.string }
    #expect(addresses.count == channels.count - 1, "only the receiver's address is not ours")
    for address in addresses { #expect(routes.contains(address), "\(address)") }
    for operation in Self.document["operations"]?.members ?? [] {
      #expect(["send", "receive"].contains(operation.value["action"]?.string))
    }
  }

  @Test func `the facts of every event have the form that is described`() throws {
    for (command, json) in CommandSamples.accepted {
      let outcome = CommandSamples.spec(for: command).when(command, json, as: CommandSamples.actor(for: command))
      for event in try outcome.result.get() {
        let type = Swift.type(of: event.fact).type
        let name = String(type.dropFirst("org.federwerk.".count))
        let known = Self.document["components"]?["schemas"]?[name]?["properties"]?.members?.map(\.key) ?? []
        for member in event.storedData().members ?? [] {
          #expect(known.contains(member.key), "\(type) \(member.key)")
        }
      }
    }
  }

  @Test func `it is served as YAML`() async throws {
    try await Edge().run { client in
      let answer = try await client.send(.get, "/asyncapi.yaml", token: nil)
      #expect(answer.status == 200 && answer["Content-Type"] == "application/yaml")
      #expect(answer.text == AsyncAPIDocument.yaml && answer.text.contains("3.0.0"))
    }
  }
}

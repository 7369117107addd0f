import Composition
import HangLimit
import PlanService
import Testing

@Suite(.hangLimit) struct HTTPLogSourceTests {
  @Test func `a server that never finishes an answer holds nobody`() async throws {
    let answers = ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfeder"]
    for answer in answers {
      let server = try Receiver(at: "127.0.0.1", answering: answer, end: .hold)
      let address = "http://127.0.0.1:\(server.port)/v1/plans/x"
      let source = HTTPLogSource(address: address, token: nil, timeout: .milliseconds(200))
      let problem = await #expect(throws: ConfigurationProblem.self) {
        _ = try await source.bytes(of: .checkpoint, byteCountMax: 1000)
      }
      #expect(problem?.description == "\(address)/log did not give checkpoint in time; try again later")
      server.stop()
    }
  }

  @Test func `a file is what the server gives, nil where there is none, and no longer than allowed`() async throws {
    let file = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfederwerk"
    let server = try Receiver(at: "127.0.0.1", answering: file)
    let source = HTTPLogSource(address: "http://127.0.0.1:\(server.port)/v1/plans/x/log/", token: "t")
    #expect(try await source.bytes(of: .checkpoint, byteCountMax: 9) == Array("federwerk".utf8))
    await #expect(throws: (any Error).self) { _ = try await source.bytes(of: .checkpoint, byteCountMax: 8) }
    server.stop()
    let empty = try Receiver(at: "127.0.0.1", answering: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    let none = HTTPLogSource(address: "http://127.0.0.1:\(empty.port)/v1/plans/x", token: nil)
    #expect(try await none.bytes(of: .policy, byteCountMax: 9) == nil)
    empty.stop()
  }
}

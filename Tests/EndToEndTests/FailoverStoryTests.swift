import EventSourcing
import Foundation
import HangLimit
import TestDatabases
import Testing

/// The database has a synchronous standby, and its primary dies under load.
@Suite(.hangLimit) struct FailoverStoryTests {
  @Test func `when the standby takes over, nothing acknowledged is lost and the server goes on by itself`() async throws
  {
    let home = try Program.makeHome("failover")
    let folder = "\(home)/replicas"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await replicas("up", folder)
    let result: Result<Void, any Error>
    do { result = .success(try await failOver(home, folder)) } catch { result = .failure(error) }
    try await replicas("down", folder)
    try result.get()
    try FileManager.default.removeItem(atPath: home)
  }

  private func failOver(_ home: String, _ folder: String) async throws {
    let hosts = "host=\(folder)/primary.sock,\(folder)/standby.sock dbname=federwerk connect_timeout=5"
    let migrateURL = "\(hosts) user=postgres target_session_attrs=read-write"
    let migrated = try await Program.run(
      ["migrate"], home: home, environment: ["DATABASE_URL": migrateURL, "DATABASE_MIGRATE_URL": migrateURL])
    #expect(migrated.status == 0, "\(migrated.errors)")
    let login = try await Program.run(
      "/usr/bin/env",
      [
        "psql", "-XqAt", "-h", "\(folder)/primary.sock", "-U", "postgres", "-d", "federwerk", "-c",
        "CREATE ROLE plans LOGIN IN ROLE federwerk_app",
      ])
    #expect(login.status == 0, "\(login.errors)")

    let environment = ["DATABASE_URL": "\(hosts) user=plans target_session_attrs=read-write"]
    let server = try await RunningServer.start(home: home, environment: environment)
    let client = try await Client(server, role: "coordinator")
    let created = try await client.send(
      "POST", "/v1/plans", body: #"{"slug":"fault","title":"Ausfallprobe"}"#, headers: ["Idempotency-Key": "make"])
    #expect(created.status == 201, "\(created.text)")
    let callers = PersistentCallers(count: 8)
    await callers.call(client) {
      await callers.waitUntil(acknowledged: 100)
      let failedOver = try? await Program.run("\(Self.script)", ["failover", folder])
      #expect(failedOver?.status == 0, "\(failedOver?.errors ?? "")")
      await callers.waitUntil(acknowledged: callers.acknowledgedCount + 100)
    }
    try await callers.settle(client)
    try await callers.check(try await client.allEvents(of: "fault"), client)
    let verified = try await Program.run(["verify", "fault"], home: home, environment: environment)
    #expect(verified.status == 0, "\(verified.text)")
    await server.stop()
  }

  private static let script = "\(Program.repository)/Tests/OutsideTools/replicas"

  private func replicas(_ action: String, _ folder: String) async throws {
    let output = try await Program.run(Self.script, [action, folder])
    #expect(output.status == 0, "\(action): \(output.errors)")
  }
}

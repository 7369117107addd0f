internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

extension Routes {
  /// The process lives; says nothing about the database.
  @Sendable func health(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    Self.json(["status": "ok"])
  }

  /// Whether commands can be carried out: the store answers and no plan in memory is read-only.
  @Sendable func readiness(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    do throws(EventLogFailure) { _ = try await service.store.storeTime() } catch {
      throw Problem(Unavailability.storeUnavailable)
    }
    let troubles = service.troubles
    guard troubles.isEmpty else {
      throw Problem(
        .serviceUnavailable, "plans-not-writable", de: "Pläne sind hier nur lesbar.",
        en: "Some plans are read-only here.",
        facts: troubles.map { .init($0.key.description, .string(Problem($0.value).code)) }.sorted { $0.key < $1.key },
        retryAfterSeconds: 5)
    }
    return Self.json(["status": "ready"])
  }

  @Sendable func metricsText(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    Self.response(.ok, "text/plain; version=0.0.4; charset=utf-8", ByteBuffer(string: metrics.text))
  }

  @Sendable func asyncAPI(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    Self.response(.ok, "application/yaml", ByteBuffer(string: AsyncAPIDocument.yaml))
  }

  @Sendable func openAPI(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    Self.response(.ok, "application/yaml", ByteBuffer(string: OpenAPIDocument.yaml))
  }
}

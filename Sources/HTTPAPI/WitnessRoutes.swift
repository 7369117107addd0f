internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
public import PlanService
internal import TamperEvidence

/// The HTTP interface of a witness (c2sp.org/tlog-witness): no token, since what it signs convinces by itself.
public struct WitnessRoutes: Sendable {
  private let service: WitnessService
  let logger: Logger

  public init(service: WitnessService, logger: Logger) {
    self.service = service
    self.logger = logger
  }

  func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.post("/add-checkpoint") { request, _ in try await addCheckpoint(request) }
    // A monitor looks there for what was cosigned last.
    router.get("/:log/checkpoint") { _, context in try await checkpoint(context.parameters.get("log") ?? "") }
    return router
  }

  private func addCheckpoint(_ request: Request) async throws -> Response {
    let buffer: ByteBuffer
    do { buffer = try await request.body.collect(upTo: WitnessRequest.byteCountMax) } catch is NIOTooManyBytesError {
      return Self.text(.contentTooLarge, "the request is longer than \(WitnessRequest.byteCountMax) bytes\n")
    }
    let parsed: WitnessRequest
    do { parsed = try WitnessRequest(parsing: Array(buffer.readableBytesView)) } catch {
      return Self.text(.badRequest, "\(error)\n")
    }
    switch try await service.add(parsed) {
    case .cosigned(let line): return Self.text(.ok, line)
    case .verdict(let verdict):
      logger.notice("checkpoint not cosigned", metadata: ["origin": "\(parsed.origin)", "verdict": "\(verdict)"])
      return Self.response(to: verdict)
    }
  }

  private static func response(to verdict: WitnessVerdict) -> Response {
    switch verdict {
    case .cosign: preconditionFailure("what is cosigned is answered with the cosignature")
    case .malformedCheckpoint(let error): text(.badRequest, "\(error)\n")
    case .oldSizeAboveCheckpoint: text(.badRequest, "the old size is above that of the checkpoint\n")
    case .untrusted(let error): text(.forbidden, "\(error)\n")
    case .unknownOrigin: text(.notFound, "this witness does not watch that log\n")
    case .otherSizeKnown(let size): text(.conflict, "\(size)\n", mediaType: "text/x.tlog.size")
    case .inconsistent: text(.unprocessableContent, "the checkpoint does not continue the one cosigned before\n")
    }
  }

  private func checkpoint(_ log: String) async throws -> Response {
    guard let bytes = try await service.checkpoint(named: log) else {
      return Self.text(.notFound, "nothing was cosigned for that log\n")
    }
    return Self.text(.ok, String(decoding: bytes, as: UTF8.self))
  }

  private static func text(
    _ status: HTTPResponse.Status, _ text: String, mediaType: String = "text/plain; charset=utf-8"
  ) -> Response {
    Routes.response(status, mediaType, ByteBuffer(string: text))
  }
}

internal import Coordination
internal import EventSourcing
internal import Hummingbird
internal import PlanService
internal import Projections

/// Draws graphs that are written in DOT.
public protocol GraphDrawer: Sendable {
  /// The drawing as SVG. One at a time; others wait.
  func svg(ofDOT text: String) async throws(GraphDrawerFailure) -> [UInt8]
}

/// Why there is no drawing.
public enum GraphDrawerFailure: Error, Sendable, CustomStringConvertible {
  case notInstalled
  /// Too many others wait for theirs.
  case busy
  case failed(String)

  public var isBusy: Bool { if case .busy = self { true } else { false } }

  public var description: String {
    switch self {
    case .notInstalled: "Graphviz is not installed on the server; on Debian: apt-get install graphviz"
    case .busy: "too many drawings are waiting"
    case .failed(let reason): "Graphviz did not draw the graph: \(reason)"
    }
  }
}

extension Routes {
  private enum NetworkFormat: String, CaseIterable {
    case json, graphml, dot, svg

    var mediaType: String {
      switch self {
      case .json: "application/json"
      case .graphml: "application/graphml+xml"
      case .dot: "text/vnd.graphviz; charset=utf-8"
      case .svg: "image/svg+xml"
      }
    }
  }

  /// Who shares measures with whom, on the day and at the position asked for.
  @Sendable func network(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let format = try Self.networkFormat(request)
    return try await view(
      StakeholderNetwork.name, StakeholderNetwork.version, item: format.rawValue, format.mediaType, request, context,
      parameters: ["format"]
    ) { (plan, date, _) async throws(Problem) -> [UInt8] in
      let network = StakeholderNetwork(of: plan, validAt: date)
      switch format {
      case .json: return network.json.canonicalBytes
      case .graphml: return Array(network.graphML.utf8)
      case .dot: return Array(network.dot.utf8)
      case .svg:
        do throws(GraphDrawerFailure) { return try await drawer.svg(ofDOT: network.dot) } catch {
          throw Problem(
            .serviceUnavailable, "drawing-unavailable", field: "format", de: "Zeichnen ist hier gerade nicht möglich.",
            en: "\(error)", facts: [.init("formats", ["json", "graphml", "dot"])],
            retryAfterSeconds: error.isBusy ? 5 : nil)
        }
      }
    }
  }

  /// What differs between two moments: `from` is the network that `to` is compared with.
  @Sendable func networkDifference(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let id = try await plan(context, for: principal)
    let viewer = try await viewer(principal, of: id, request)
    let values = try request.parameters(Set(["from", "to"].flatMap(Request.momentNames)))
    let positionMin = try request.positionMin()
    let current = try await snapshot(of: id, positionMin: positionMin).plan
    let now: Timestamp
    do throws(Unavailability) { now = try await service.now() } catch { throw Problem(error) }
    var networks: [StakeholderNetwork] = []
    for side in ["from", "to"] {
      var query = try Request.readQuery(side, values, now: now, in: current)
      query.positionMin = positionMin
      let plan = try await folded(id, query, for: viewer, positionField: "\(side)Position")
      networks.append(StakeholderNetwork(of: plan, validAt: query.validAt ?? current.today(at: now)))
    }
    let difference = StakeholderNetwork.difference(from: networks[0], to: networks[1]).json
    // What was only rehearsed must not be mistaken for what happened.
    return Self.json(
      current.isSimulated ? .object((difference.members ?? []) + [.init("simulated", true)]) : difference)
  }

  private static func networkFormat(_ request: Request) throws(Problem) -> NetworkFormat {
    let texts = request.uri.queryParameters.getAll("format")
    guard let text = texts.first else { return .json }
    guard let format = NetworkFormat(rawValue: text) else {
      throw .invalid(
        "format", de: "Erwartet wird json, graphml, dot oder svg.", en: "Expected json, graphml, dot or svg.")
    }
    return format
  }
}

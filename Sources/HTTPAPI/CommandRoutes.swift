internal import Coordination
internal import EventSourcing
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PlanService

extension Routes {
  /// The fields that every command may carry beside its own.
  static let commonFields: Set<String> = ["effectiveDate", "onBehalfOf"]

  @Sendable func createPlan(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    guard principal.plan == nil else {
      throw Problem(
        .forbidden, "token-for-one-plan", de: "Dieses Token gilt nur für einen Plan.",
        en: "This token is for one plan only.")
    }
    let body = try await request.json(byteCountMax: configuration.commandByteCountMax)
    let command = try read(CreatePlan.self, body, prefix: "")
    let asked = try commandRequest(request, principal, [command], body, isList: false)
    return try answer(await service.create(asked, plan: service.planID(createdUnder: asked.receiptKey)))
  }

  @Sendable func command(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let plan = try await plan(context, for: principal)
    let name = context.parameters.get("command") ?? ""
    guard let kind = CommandCatalogue.byName[name], kind.roles != [.system], kind != CreatePlan.self else {
      throw .unknown("command", name, de: "Auftrag")
    }
    let body = try await request.json(byteCountMax: configuration.commandByteCountMax)
    let command = try read(kind, body, prefix: "")
    let asked = try commandRequest(request, principal, [command], body, isList: false)
    return try answer(await service.submit(asked, to: plan))
  }

  @Sendable func commandList(_ request: Request, _ context: Context) async throws(Problem) -> Response {
    let principal = try await principal(request)
    let plan = try await plan(context, for: principal)
    let body = try await request.json(byteCountMax: configuration.listByteCountMax)
    guard let members = body.members, members.allSatisfy({ $0.key == "commands" }),
      let entries = body["commands"]?.array, !entries.isEmpty
    else {
      throw .invalid(
        "commands", de: "Erwartet wird {\"commands\": [{\"command\": …, \"with\": {…}}]}.",
        en: "Expected {\"commands\": [{\"command\": …, \"with\": {…}}]}.")
    }
    let countMax = service.configuration.atomicListCountMax
    guard entries.count <= countMax else {
      throw Problem(
        .contentTooLarge, "list-too-long", field: "commands", de: "Höchstens \(countMax) Aufträge in einer Liste.",
        en: "At most \(countMax) commands in a list.")
    }
    var commands: [RequestedCommand] = []
    for (index, entry) in entries.enumerated() { commands.append(try listed(entry, at: index)) }
    let asked = try commandRequest(request, principal, commands, body, isList: true)
    return try answer(await service.submit(asked, to: plan))
  }

  private func listed(_ entry: JSON, at index: Int) throws(Problem) -> RequestedCommand {
    let path = "commands[\(index)]"
    guard let members = entry.members, members.count == 2, let name = entry["command"]?.string,
      let fields = entry["with"]
    else {
      throw .invalid(path, de: "Erwartet werden „command“ und „with“.", en: "Expected “command” and “with”.")
    }
    guard let kind = CommandCatalogue.byName[name], kind.roles != [.system], kind != CreatePlan.self else {
      throw Problem(
        .notFound, "unknown-command", field: "\(path).command", de: "Diesen Auftrag gibt es nicht.",
        en: "There is no such command.", facts: [.init("reference", .string(name))])
    }
    return try read(kind, fields, prefix: "\(path).with")
  }

  private func read(
    _ kind: any PlanCommand.Type, _ body: JSON, prefix: String
  ) throws(Problem) -> RequestedCommand {
    let requested: RequestedCommand
    do throws(Refusal) {
      let command = try kind.read(body, prefix: prefix, except: Self.commonFields)
      let path = { (name: String) in prefix.isEmpty ? name : "\(prefix).\(name)" }
      requested = RequestedCommand(
        command,
        effectiveDate: try body["effectiveDate"].map { json throws(Refusal) in
          try LocalDate(json: json, field: path("effectiveDate"))
        },
        onBehalfOf: try body["onBehalfOf"].map { json throws(Refusal) in
          try PartyReference(json: json, field: path("onBehalfOf"))
        })
    } catch {
      throw Problem(error)
    }
    try requireReachable(requested.command, prefix: prefix)
    return requested
  }

  private func commandRequest(
    _ request: Request, _ principal: Principal, _ commands: [RequestedCommand], _ body: JSON, isList: Bool
  ) throws(Problem) -> CommandRequest {
    let isDryRun = try request.isDryRun()
    return CommandRequest(
      actor: principal.actor, key: try request.idempotencyKey(lengthMax: configuration.idempotencyKeyLengthMax),
      commands: commands, isList: isList, canonicalBody: body.canonicalBytes, ifMatch: try request.ifMatch(),
      isDryRun: isDryRun)
  }

  func answer(_ answer: CommandAnswer) throws(Problem) -> Response {
    switch answer {
    case .done(let bytes, let position):
      return Self.response(
        .created, "application/json", ByteBuffer(bytes: bytes),
        position.map { [(Headers.planPosition, String($0.value))] } ?? [])
    case .wouldDo(let bytes):
      return Self.response(.created, "application/json", ByteBuffer(bytes: bytes), [(Headers.dryRun, "true")])
    case .refused(let refusal): throw Problem(refusal)
    case .keyReused: throw .keyReused
    case .keyInFlight: throw .keyInFlight
    case .unavailable(let reason): throw Problem(reason)
    }
  }
}

extension PlanCommand {
  fileprivate static func read(
    _ body: JSON, prefix: String, except: Set<String>
  ) throws(Refusal) -> any PlanCommand {
    try record.read(body, prefix: prefix, except: except)
  }
}

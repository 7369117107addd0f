internal import Coordination
internal import EventSourcing

/// The programme that leads a measure tells how it stands, twice a year; sometimes an older status comes later.
struct ReceiveExternalStatus: Appointment {
  private static let statuses = ["Simulation: in Vorbereitung", "Simulation: in Umsetzung", "Simulation: umgesetzt"]
  let measure: MeasureID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let external = plan.measures[measure]?.external else { return }
    let partner = "\(external.programme)-monitoring"
    if plan.partner(partner) == nil {
      stage.send(
        RegisterPartnerSystem.self,
        [
          "slug": .string(partner), "name": .string("Simulation: Monitoring \(external.programme)"),
          "programmes": [.string(external.programme)],
        ], as: stage.office)
    }
    let before = external.status?.percent ?? 0
    let isOlder = stage.chance(12)
    let percent = min(100, before + (isOlder ? 0 : stage.number(in: 4...22)))
    let date = stage.day(in: isOlder ? -240 ... -190 : -50 ... -8)
    let status = Self.statuses[percent < 15 ? 0 : percent < 100 ? 1 : 2]
    stage.send(
      RecordExternalStatus.self,
      [
        "programme": .string(external.programme), "externalID": .string(external.externalID),
        "statusID": .string("simulation-\(external.externalID)-\(stage.today)"), "status": .string(status),
        "percent": .integer(Int64(percent)), "date": .string(date.description),
      ], as: stage.actor(for: nil, .partner, partner: partner))
    stage.plan(self, inDays: 160...200)
  }
}

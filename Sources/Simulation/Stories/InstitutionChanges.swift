internal import Coordination
internal import EventSourcing

extension Survey {
  /// Now and then an institution takes another name. Towards the end of the term a new government reshapes those of the
  /// kind that leads most.
  func planInstitutionChanges(in plan: Plan, on stage: inout Stage) {
    let institutions = plan.parties.values.filter { $0.noun == .institutions }.sorted { $0.slug < $1.slug }
    var leads: [String: Int] = [:]
    for measure in plan.measures.values {
      for assignment in measure.assignments where assignment.leads(on: stage.today) {
        guard let holder = plan.parties[assignment.holder], holder.noun == .institutions else { continue }
        leads[holder.kind, default: 0] += 1
      }
    }
    let leading = leads.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    for _ in 0..<3 {
      guard let party = stage.one(of: institutions.filter { $0.kind != leading }) else { continue }
      stage.plan(Rename(institution: party.id, suffix: "umbenannt"), inDays: 150...1100)
    }
    guard let version = plan.currentVersion, let leading else { return }
    let day = version.until.advanced(byDays: -90)
    // Of six of them three stay as they are, two get another name, and one gives way to a new one.
    for (number, party) in institutions.filter({ $0.kind == leading }).enumerated() {
      switch number % 6 {
      case 0, 4: stage.plan(Rename(institution: party.id, suffix: "neu zugeschnitten"), on: day)
      case 2: stage.plan(Succeed(institution: party.id), on: day)
      default: break
      }
    }
  }
}

struct Rename: Appointment {
  let institution: PartyID
  let suffix: String

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let party = plan.parties[institution], party.dissolution == nil else { return }
    stage.send(
      RenameInstitution.self,
      [
        "institution": .string(party.slug),
        "name": .string("\(party.name(at: stage.today)) (Simulation: \(suffix) \(stage.today.components.year))"),
      ], as: stage.office)
  }
}

/// A new institution takes over all that another one holds, which is dissolved.
struct Succeed: Appointment {
  let institution: PartyID

  func keep(in plan: Plan, on stage: inout Stage) {
    guard let party = plan.parties[institution], party.dissolution == nil else { return }
    let slug = "\(party.slug)-nachfolge"
    let short = party.short(at: stage.today) ?? party.slug
    stage.send(
      RegisterInstitution.self,
      [
        "slug": .string(slug), "short": .string("\(short) (neu)"),
        "name": .string("\(party.name(at: stage.today)) (Simulation: Nachfolge)"), "kind": .string(party.kind),
      ], as: stage.office)
    stage.send(
      SucceedInstitution.self,
      ["predecessors": [.string(party.slug)], "successor": .string(slug), "moveAssignments": true], as: stage.office)
    stage.send(
      DissolveInstitution.self,
      ["institution": .string(party.slug), "successor": .string(slug), "reason": stage.text(Wording.reason)],
      as: stage.office)
  }
}

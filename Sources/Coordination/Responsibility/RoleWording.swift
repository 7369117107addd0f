internal import EventSourcing

extension Assignment.Role {
  var noun: LocalizedText {
    switch self {
    case .lead: LocalizedText(de: "Federführung", en: "lead")
    case .leadPartner: LocalizedText(de: "Partner der Federführung", en: "lead partner")
    case .contributor: LocalizedText(de: "Mitarbeit", en: "contributor")
    case .consulted: LocalizedText(de: "Abstimmung", en: "consulted")
    case .unclear: LocalizedText(de: "ungeklärt", en: "unclear")
    }
  }
}

extension Plan {
  /// The holder of an assignment in the event's measure.
  func holderName(_ id: Identifier<Assignment>, _ record: EventRecord) -> String {
    assignment(id.value).map { name(of: $0.assignment.holder, record) } ?? id.description
  }

  /// A role as the beginning of a sentence.
  func wording(ofRole id: Identifier<Assignment>, _ record: EventRecord) -> LocalizedText {
    let holder = holderName(id, record)
    let measure = name(of: record)
    let role = assignment(id.value)?.assignment.role(on: record.effectiveDate).noun
    return LocalizedText(
      de: "Die Rolle von \(holder) in \(measure) (\(role?.german ?? "unbekannt"))",
      en: "The role of \(holder) in \(measure) (\(role?.english ?? "unknown"))")
  }
}

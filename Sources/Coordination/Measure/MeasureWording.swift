internal import EventSourcing

/// What sentences about measures are made of.
extension Plan {
  /// A condition or horizon in words: as the plan calls it, else the usual conditions in usual words.
  func wording(of term: Slug) -> LocalizedText {
    if let label = versions.reversed().flatMap(\.labels).first(where: { $0.slug == term }) {
      return LocalizedText(de: label.german.text, en: label.english.text)
    }
    switch term.text {
    case "on-track": return LocalizedText(de: "im Plan", en: "on track")
    case "at-risk": return LocalizedText(de: "gefährdet", en: "at risk")
    case "off-track": return LocalizedText(de: "nicht im Plan", en: "off track")
    case "not-assessed": return LocalizedText(de: "nicht bewertet", en: "not assessed")
    default: return LocalizedText(de: term.text, en: term.text)
    }
  }
}

extension Measure.State {
  var wording: LocalizedText {
    switch self {
    case .proposed: LocalizedText(de: "vorgeschlagen", en: "proposed")
    case .admitted: LocalizedText(de: "zugelassen", en: "admitted")
    case .planned: LocalizedText(de: "geplant", en: "planned")
    case .running: LocalizedText(de: "laufend", en: "running")
    case .paused: LocalizedText(de: "ruhend", en: "paused")
    case .completed: LocalizedText(de: "abgeschlossen", en: "completed")
    case .permanent: LocalizedText(de: "verstetigt", en: "permanent")
    case .discontinued: LocalizedText(de: "eingestellt", en: "discontinued")
    case .external: LocalizedText(de: "extern geführt", en: "externally led")
    }
  }
}

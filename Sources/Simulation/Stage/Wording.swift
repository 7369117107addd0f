/// What simulated people write. Every text says on its face that it is simulated, and names nobody.
enum Wording {
  static let going = [
    "Simulation: Die Arbeiten liegen im Zeitplan.", "Simulation: Die nächsten Schritte sind vereinbart.",
    "Simulation: Die Abstimmung mit den Beteiligten ist abgeschlossen.",
    "Simulation: Ein Zwischenergebnis liegt vor und wird geprüft.",
  ]
  static let worsening = [
    "Simulation: Die Abstimmung dauert länger als geplant.",
    "Simulation: Personal fehlt, der Zeitplan verschiebt sich.",
    "Simulation: Die Finanzierung des nächsten Schritts ist offen.",
    "Simulation: Eine Zulieferung steht aus, Teile ruhen.",
  ]
  static let resting = ["Simulation: Die Maßnahme ruht; der Stand ist unverändert."]
  static let contribution = [
    "Simulation: Der eigene Beitrag ist geleistet.", "Simulation: Am eigenen Beitrag wird gearbeitet.",
    "Simulation: Der eigene Beitrag folgt im nächsten Halbjahr.",
  ]
  static let done = ["Simulation: Die Maßnahme ist umgesetzt."]
  static let correction = ["Simulation: Zahlendreher berichtigt.", "Simulation: Stand nach Rücksprache berichtigt."]
  static let question = [
    "Simulation: Wer stimmt die Öffentlichkeitsarbeit ab?", "Simulation: Ist das Vorhaben förderfähig?",
    "Simulation: Welche Stelle ist für die Genehmigung zuständig?",
  ]
  static let obstacle = [
    "Simulation: Die Zusage eines Partners steht aus.", "Simulation: Es fehlt eine Fläche.",
    "Simulation: Das Vergabeverfahren verzögert sich.",
  ]
  static let wish = ["Simulation: Bitte um Klärung.", "Simulation: Bitte um Entscheidung."]
  static let proposal = [
    "Simulation: Gemeinsamer Termin mit allen Beteiligten.", "Simulation: Aufteilung in zwei Schritte.",
    "Simulation: Anschluss an ein laufendes Vorhaben.",
  ]
  static let escalation = ["Simulation: Auf dieser Stufe war keine Einigung möglich."]
  static let decision = ["Simulation: Beschluss wie vorgeschlagen.", "Simulation: Beschluss mit Auflagen."]
  static let order = ["Simulation: Ergebnis vorlegen.", "Simulation: Umsetzung veranlassen und berichten."]
  static let support = ["Simulation: Bitte um Moderation.", "Simulation: Bitte um Hilfe bei der Antragstellung."]
  static let reason = ["Simulation: im Verlauf so angenommen."]
  static let result = ["Simulation: Ergebnis der Prüfung liegt vor."]
}

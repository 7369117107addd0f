public import Coordination
public import EventSourcing
import Testing

/// One command of every kind that is accepted, with every field filled that it has room for.
public enum CommandSamples {
  /// The plan on which a command is accepted: `create-plan` wants one that is not there yet.
  public static func spec(for command: String) -> DeciderSpecification {
    command == "create-plan" ? DeciderSpecification() : begun
  }

  private static let begun: DeciderSpecification = {
    var spec = DeciderSpecification.masterplan()
    spec.assign("lead", "senweb", 90)
    spec.given("add-task-field", ["id": id(14).json, "cluster": "fachkraefte", "number": 2, "title": "Zweites"])
    spec.given(
      "start-successor-version",
      ["id": id(93).json, "slug": "2019-2025", "title": "Fortschreibung", "from": "2019-04-01", "until": "2025-12-31"])
    spec.given("define-group", ["id": id(42).json, "slug": "netz", "name": "Netz", "kind": "open"])
    spec.given("raise-issue", ["id": id(91).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("raise-issue", ["id": id(92).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    spec.given("escalate-issue", ["issue": id(92).json, "deadline": "2019-03-31"])
    spec.giveIssues()
    spec.given("add-alias", ["institution": "ihk", "name": "Kammer"])
    spec.given("appoint-contact", ["institution": "tu", "name": "N"])
    spec.given("register-placeholder", ["slug": "partner", "label": "P", "steward": "senweb", "due": "2019-12-31"])
    spec.assign("contributor", "ihk", 96, ["condition": "ggf."])
    spec.assign("unclear", "hwk", 94)
    spec.assign("contributor", "partner", 95)
    delivered(&spec)
    for slug in ["bek-monitoring", "press"] {
      spec.given("register-partner-system", ["slug": .string(slug), "name": "N", "programmes": ["bek"]])
    }
    spec.given("suspend-partner", ["partner": "press", "reason": "R"])
    spec.given("subscribe-feed", ["partner": "bek-monitoring", "slug": "bek", "terms": [:]])
    spec.given(
      "register-webhook", ["id": id(97).json, "feed": "bek", "address": "https://hooks.example/first"])
    spec.today = day("2019-04-02")
    return spec
  }()

  /// Measures in several states, with all that can be delivered: XI rests, XII is done, XIII examines, XIV is external,
  /// XV runs.
  private static func delivered(_ spec: inout DeciderSpecification) {
    for (number, numeral) in [(301, "XI"), (302, "XII"), (303, "XIII"), (304, "XIV"), (305, "XV")] as [(UInt64, String)]
    {
      let code = JSON.string("fachkraefte.1.\(numeral)")
      spec.given(
        "add-measure",
        [
          "id": id(number).json, "cluster": "fachkraefte", "taskField": 1, "numeral": .string(numeral), "title": "T",
          "kind": .string(numeral == "XIII" ? "examine" : "deliver"),
        ])
      spec.given("assign-lead", ["measure": code, "institution": "senweb"])
      spec.given("report-progress", ["measure": code, "institution": "senweb", "condition": "on-track"])
    }
    spec.given("pause-measure", ["measure": "fachkraefte.1.XI", "reason": "R"])
    spec.given("complete-measure", ["measure": "fachkraefte.1.XII"])
    let running: JSON = ["measure": "fachkraefte.1.XIII"]
    spec.given("start-phase", running.replacing("phase", "Aufbau"))
    spec.given(
      "set-milestone", running.replacing("id", id(310).json).replacing("title", "M").replacing("due", "2022-06-01"))
    spec.given(
      "request-support",
      running.replacing("id", id(311).json).replacing("institution", "senweb").replacing("text", "T"))
    spec.given(
      "link-external-measure", ["measure": "fachkraefte.1.XIV", "programme": "bek", "externalID": "W-99"])
    spec.given(
      "declare-dependency", ["id": id(312).json, "measure": "fachkraefte.1.II", "on": "fachkraefte.1.III"])
    spec.given("link-strategy", ["id": id(313).json, "measure": "fachkraefte.1.III", "strategy": "bek"])
  }

  /// Commands that say something new each time they are sent.
  public static let repeatable: Set<String> = [
    "report-progress", "escalate-issue", "cite-source", "open-log-epoch", "propose-solution", "replace-contact",
    "note-resources", "rotate-credential", "rotate-webhook-secret", "record-view-digests",
  ]

  public static func actor(for command: String) -> PlanActor {
    let roles = CommandCatalogue.byName[command]?.roles ?? []
    if roles == [.system] { return .clock }
    return roles.contains(.coordinator) ? .office : .sample(.lead)
  }

  public static let accepted: [String: JSON] = {
    let terms: JSON = [
      "id": id(60).json, "measure": "fachkraefte.1.III", "institution": "tu", "phase": "Aufbau", "subject": "StEP",
      "condition": "ggf.", "wording": "unter Beteiligung", "range": "I-III", "from": "2019-04-01",
      "until": "2019-05-01", "source": ["S2:1"],
    ]
    var samples: [String: JSON] = [:]
    samples["register-plan-version"] = [
      "id": id(60).json, "slug": "b", "title": "B", "from": "2022-01-01", "until": "2025-12-31",
      "timeZone": "Europe/Berlin", "leadCap": 3, "conditions": ["gut", "schlecht"],
      "ladder": [["slug": "lead", "title": "Federführung", "body": "senweb", "mandate": "decide"]],
      "resolutionDate": "2022-01-01", "resolutionBody": "senat", "source": ["S2:1"],
    ]
    samples["register-document"] = ["key": "S9", "title": "T", "sha256": "ab"]
    samples["declare-stated-figure"] = [
      "id": id(60).json, "slug": "f", "label": "L", "counts": "goals", "value": 11, "source": ["S2:1"],
    ]
    samples["cite-source"] = ["item": "senweb", "source": ["S2:1-2"]]
    samples["add-action-field"] = ["id": id(60).json, "number": 9, "slug": "n", "title": "T", "source": ["S2:1"]]
    samples["add-theme-cluster"] = [
      "id": id(60).json, "actionField": "innovation", "slug": "n", "title": "T", "source": ["S2:1"],
    ]
    samples["set-goal"] = [
      "id": id(60).json, "cluster": "fachkraefte", "letter": "z", "title": "T", "source": ["S2:1"],
    ]
    samples["add-task-field"] = [
      "id": id(60).json, "cluster": "fachkraefte", "number": 9, "title": "T", "description": "D", "source": ["S2:1"],
    ]
    samples["add-measure"] = [
      "id": id(60).json, "cluster": "fachkraefte", "taskField": 1, "numeral": "XX", "title": "T", "kind": "examine",
      "horizon": "H", "deliverables": ["D", "E"], "note": "N", "source": ["S2:1"],
    ]
    samples["add-sub-measure"] = [
      "id": id(60).json, "measure": "fachkraefte.1.I", "part": "Z", "title": "T", "kind": "recurring", "note": "N",
      "source": ["S2:1"],
    ]
    samples["revise-wording"] = ["item": "fachkraefte.1.I", "title": "Neu", "reason": "R", "source": ["S2:1"]]
    samples["adopt-plan"] = [
      "version": "2018-2021", "resolution": "S-1/2018", "date": "2018-09-04", "body": "senat", "source": ["S2:1"],
    ]
    samples["extend-plan-term"] = [
      "version": "2018-2021", "until": "2023-12-31", "reason": "R", "source": ["S2:1"],
    ]
    samples["close-plan"] = ["version": "2018-2021", "date": "2019-04-01", "reason": "R"]
    samples["start-successor-version"] = samples["register-plan-version"]?.replacing("from", "2022-06-01")
    samples["carry-over-measure"] = [
      "id": id(60).json, "measure": "fachkraefte.1.II", "version": "2019-2025", "cluster": "fachkraefte",
      "taskField": 2, "numeral": "V", "source": ["S2:1"],
    ]
    samples["revise-goal"] = [
      "goal": id(12).json, "letter": "y", "title": "Neu", "reason": "R", "source": ["S2:1"],
    ]
    samples["move-measure"] = [
      "measure": "fachkraefte.1.II", "cluster": "fachkraefte", "taskField": 2, "numeral": "V", "reason": "R",
      "source": ["S2:1"],
    ]
    samples["renumber-measure"] = ["measure": "fachkraefte.1.II", "number": "V", "reason": "R", "source": ["S2:1"]]
    samples["configure-lists"] = [
      "conditions": ["gut", "schlecht"], "horizons": ["bald"], "labels": [["slug": "gut", "de": "Gut", "en": "Good"]],
    ]
    samples["note-other-title"] = ["cluster": "fachkraefte", "title": "O", "source": ["S2:1"]]
    samples["register-institution"] = [
      "id": id(60).json, "slug": "n", "short": "S", "name": "N", "kind": "bank", "source": ["S2:1"],
    ]
    samples["add-alias"] = ["institution": "senweb", "name": "A", "presumed": true, "source": ["S2:1"]]
    samples["define-group"] = [
      "id": id(60).json, "slug": "n", "short": "S", "name": "N", "kind": "relative", "of": "kammern",
      "source": ["S2:1"],
    ]
    samples["add-group-member"] = [
      "group": "netz", "member": "tu", "from": "2019-03-01", "until": "2019-04-01", "source": ["S2:1"],
    ]
    samples["declare-unit"] = ["unit": "ihk", "of": "senweb", "source": ["S2:1"]]
    samples["declare-hosting"] = ["body": "skip", "by": "senweb", "source": ["S2:1"]]
    samples["declare-chair"] = ["body": "skip", "by": "senweb", "kind": "chair", "source": ["S2:1"]]
    samples["register-placeholder"] = [
      "id": id(60).json, "slug": "n", "label": "L", "steward": "senweb", "due": "2019-12-31", "dueInferred": true,
      "source": ["S2:1"],
    ]
    samples["rename-institution"] = ["institution": "senweb", "name": "N", "short": "S", "source": ["S2:1"]]
    samples["succeed-institution"] = [
      "predecessors": ["senweb", "ihk"], "successor": "tu", "moveAssignments": true, "assignments": [id(90).json],
      "source": ["S2:1"],
    ]
    samples["dissolve-institution"] = [
      "institution": "zewk", "successor": "tu", "reason": "R", "source": ["S2:1"],
    ]
    samples["withdraw-alias"] = ["institution": "ihk", "name": "Kammer", "reason": "R"]
    samples["remove-group-member"] = ["group": "kammern", "member": "ihk", "until": "2019-05-01", "reason": "R"]
    samples["resolve-placeholder"] = [
      "placeholder": "partner", "institutions": ["hwk", "tu"], "reason": "R", "source": ["S2:1"],
    ]
    let contact: JSON = ["name": "N", "function": "F", "phone": "P", "mail": "M"]
    samples["appoint-contact"] = contact.replacing("institution", "senweb")
    samples["replace-contact"] = contact.replacing("institution", "tu")
    samples["assign-lead"] = terms
    samples["assign-lead-partner"] = terms
    samples["assign-contributor"] = terms
    samples["assign-consulted"] = terms
    samples["assign-unclear"] = terms
    samples["end-assignment"] = ["assignment": id(90).json, "until": "2019-05-01", "reason": "R"]
    samples["report-progress"] = [
      "measure": "fachkraefte.1.I", "institution": "senweb", "condition": "at-risk", "percent": 10, "text": "T",
    ]
    samples["accept-assignment"] = ["assignment": id(90).json]
    samples["decline-assignment"] = ["assignment": id(90).json, "reason": "R"]
    samples["activate-condition"] = ["assignment": id(96).json, "reason": "R", "source": ["S2:1"]]
    samples["clarify-role"] = [
      "assignment": id(94).json, "role": "contributor", "reason": "R", "source": ["S2:1"],
    ]
    samples["grant-lead-cap-exception"] = [
      "measure": "fachkraefte.1.I", "phase": "Aufbau", "leads": 3, "reason": "R",
    ]
    samples["hand-over-lead"] = [
      "id": id(60).json, "assignment": id(90).json, "to": "tu", "from": "2019-05-01", "reason": "R",
    ]
    samples.merge(delivery) { $1 }
    samples["register-strategy"] = ["id": id(60).json, "slug": "n", "title": "T", "source": ["S2:1"]]
    samples["link-strategy"] = ["id": id(60).json, "measure": "fachkraefte.1.I", "strategy": "bek", "source": ["S2:1"]]
    samples["link-external-measure"] = [
      "measure": "fachkraefte.1.I", "programme": "bek", "externalID": "W-14", "source": ["S2:1"],
    ]
    samples["link-measures"] = [
      "id": id(60).json, "measure": "fachkraefte.1.I", "to": "fachkraefte", "source": ["S2:1"],
    ]
    samples["declare-dependency"] = [
      "id": id(60).json, "measure": "fachkraefte.1.I", "on": "fachkraefte.1.II", "source": ["S2:1"],
    ]
    samples["register-partner-system"] = ["id": id(60).json, "slug": "n", "name": "N", "programmes": ["bek"]]
    samples["rotate-credential"] = ["partner": "bek-monitoring", "reason": "R"]
    samples["suspend-partner"] = ["partner": "bek-monitoring", "reason": "R"]
    samples["reinstate-partner"] = ["partner": "press", "reason": "R"]
    let feedTerms: JSON = [
      "types": ["measure.*", "issue.raised"], "subjects": ["fachkraefte.1.I", "senweb"], "programmes": ["bek"],
      "circle": "public", "disclosures": true, "versionMax": 1,
    ]
    samples["subscribe-feed"] = [
      "id": id(60).json, "partner": "bek-monitoring", "slug": "n", "history": true, "terms": feedTerms,
    ]
    samples["change-feed-contract"] = ["feed": "bek", "terms": feedTerms]
    samples["register-webhook"] = [
      "id": id(60).json, "feed": "bek", "address": "https://hooks.example/a", "handshake": true,
    ]
    samples["rotate-webhook-secret"] = ["webhook": id(97).json]
    samples["remove-webhook"] = ["webhook": id(97).json, "reason": "R"]
    samples["end-feed"] = ["feed": "bek", "reason": "R"]
    samples["raise-issue"] = [
      "id": id(60).json, "measure": "fachkraefte.1.I", "institution": "senweb", "kind": "decision-needed",
      "text": "T\nU", "wish": "W", "source": ["S2:1"],
    ]
    samples["escalate-issue"] = [
      "issue": id(91).json, "level": "skip", "urgent": true, "deadline": "2019-06-30", "reason": "R",
    ]
    for (name, issue) in [
      ("take-up-issue", 91), ("withdraw-issue", 91), ("resolve-issue", 403), ("close-issue", 403),
      ("reopen-issue", 404),
    ] as [(String, UInt64)] {
      samples[name] = ["issue": id(issue).json, "reason": "R"]
    }
    samples["propose-solution"] = ["issue": id(401).json, "institution": "senweb", "text": "T"]
    samples["accept-solution"] = ["issue": id(402).json, "institution": "senweb", "reason": "R"]
    samples["return-escalation"] = ["issue": id(92).json, "body": "skip", "reason": "R"]
    samples["set-decision-deadline"] = ["issue": id(92).json, "deadline": "2019-06-30", "reason": "R"]
    samples["decide-escalation"] = [
      "issue": id(92).json, "body": "skip", "outcome": "defer", "text": "T", "deferredTo": "2019-06-30",
      "followUps": [["id": id(411).json, "text": "T", "responsible": "ihk", "due": "2019-05-31"]],
      "noFollowUp": false,
    ]
    samples["complete-follow-up"] = ["followUp": id(410).json, "text": "T"]
    samples["record-missed-deadline"] = ["issue": id(92).json]
    samples["record-view-digests"] = [
      "position": 1, "validAt": "2019-03-01", "foldVersion": 2,
      "digests": [["view": "measures", "version": 3, "digest": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"]],
    ]
    samples["open-log-epoch"] = ["previousEpoch": 1, "publishedSize": 7, "publishedRoot": "AAAA", "reason": "R"]
    let contacts = begun.plan.party("tu")?.contacts.last?.value ?? 0
    samples["erase-personal-data"] = ["event": .integer(contacts), "fields": ["name", "mail"], "reason": "requested"]
    samples["create-plan"] = ["slug": "n", "title": "T", "source": ["S2:1"]]
    return samples
  }()

  private static let delivery: [String: JSON] = {
    let running: JSON = ["measure": "fachkraefte.1.XIII", "reason": "R"]
    let report = begun.plan.measure("fachkraefte.1.XIII")?.reports.first?.position.value ?? 0
    var samples: [String: JSON] = [:]
    samples["prioritise-measure"] = running.replacing("rank", 1).replacing("horizon", "short-term")
    samples["schedule-measure"] = running.replacing("from", "2019-05-01").replacing("until", "2020-05-01")
    samples["set-milestone"] = [
      "id": id(60).json, "measure": "fachkraefte.1.XIII", "title": "M", "due": "2023-01-01", "mandatory": true,
      "beyondTerm": true, "reason": "R", "source": ["S2:952"],
    ]
    samples["reschedule-milestone"] = [
      "measure": "fachkraefte.1.XIII", "milestone": id(310).json, "due": "2023-01-01", "beyondTerm": true,
      "reason": "R",
    ]
    samples["reach-milestone"] = [
      "measure": "fachkraefte.1.XIII", "milestone": id(310).json, "on": "2019-04-01",
    ]
    samples["start-phase"] = ["measure": "fachkraefte.1.XIII", "phase": "Umsetzung"]
    samples["end-phase"] = ["measure": "fachkraefte.1.XIII", "phase": "Aufbau"]
    samples["correct-report"] = [
      "measure": "fachkraefte.1.XIII", "report": .integer(report), "condition": "at-risk", "percent": 10,
      "about": "2019-03-02", "text": "T", "reason": "R",
    ]
    samples["record-deliverable"] = [
      "measure": "fachkraefte.1.XIII", "deliverable": "D", "reference": "https://example.org", "source": ["S2:1"],
    ]
    samples["conclude-examination"] = running.replacing("result", "partly")
    samples["note-resources"] = ["measure": "fachkraefte.1.XIII", "fund": "F", "amount": 1000, "text": "T"]
    samples["highlight-measure"] = running
    samples["request-support"] = [
      "id": id(60).json, "measure": "fachkraefte.1.XIII", "institution": "senweb", "text": "T",
    ]
    samples["grant-support"] = ["measure": "fachkraefte.1.XIII", "request": id(311).json, "text": "T"]
    samples["pause-measure"] = running
    samples["resume-measure"] = ["measure": "fachkraefte.1.XI", "reason": "R"]
    samples["complete-measure"] = ["measure": "fachkraefte.1.XV", "reason": "R"]
    samples["reopen-measure"] = ["measure": "fachkraefte.1.XII", "reason": "R"]
    samples["make-permanent"] = ["measure": "fachkraefte.1.XII", "reason": "R"]
    samples["discontinue-measure"] = running.replacing("decision", "B 1/2019")
    samples["lift-dependency"] = ["link": id(312).json, "reason": "R"]
    samples["declare-cross-cutting"] = ["id": id(60).json, "cluster": "fachkraefte", "source": ["S2:1"]]
    samples["end-link"] = ["link": id(313).json, "reason": "R"]
    samples["record-external-status"] = [
      "programme": "bek", "externalID": "W-99", "statusID": "S-1", "status": "läuft", "percent": 10,
      "date": "2019-03-31",
    ]
    return samples
  }()
}

extension DeciderSpecification {
  /// Issues in the states that the steps of their life start from: taken up, with a proposal, decided, withdrawn.
  fileprivate mutating func giveIssues() {
    for number: UInt64 in 401...404 {
      given("raise-issue", ["id": id(number).json, "measure": "fachkraefte.1.I", "kind": "question", "text": "T"])
    }
    for number: UInt64 in 401...402 { given("take-up-issue", ["issue": id(number).json]) }
    given("propose-solution", ["issue": id(402).json, "text": "T"])
    given("escalate-issue", ["issue": id(403).json, "deadline": "2019-03-31"])
    given(
      "decide-escalation",
      [
        "issue": id(403).json, "body": "skip", "outcome": "decide",
        "followUps": [["id": id(410).json, "text": "T", "responsible": "ihk", "due": "2019-05-31"]],
      ])
    given("withdraw-issue", ["issue": id(404).json])
  }
}

import Coordination
import EventSourcing
import PlanSpecification
import Projections

/// Everything that can be read of a plan, by what it is called.
enum AllViews {
  /// The views that are lists of items.
  static let lists: [any View.Type] = [
    ExternalLinkBoard.self, GapRegister.self, InstitutionList.self, IssueRegister.self, MeasureBoard.self,
    ResponsibilityMatrix.self,
  ]

  /// Types of the module that are read in another way, each used below.
  static let others = ["InstitutionCard", "MeasureSheet", "PlanTree", "StakeholderNetwork", "SubjectDescription"]

  static func texts(of plan: Plan, validAt date: LocalDate) -> [String: String] {
    var texts: [String: String] = [:]
    for view in lists {
      texts[view.name] = view.items(of: plan, validAt: date).map { "\($0.key) \($0.json.text)" }.joined(separator: "\n")
    }
    texts["plan tree"] = PlanTree.json(of: plan, validAt: date).text
    for measure in plan.measures.values {
      texts["sheet of \(measure.code)"] = MeasureSheet.json(measure, plan, date).text
    }
    for party in plan.parties.values {
      texts["card of \(party.slug)"] = InstitutionCard.json(party, plan, date).text
    }
    let network = StakeholderNetwork(of: plan, validAt: date)
    // Without the moment: how long the log is anybody may know, and it grows with what is hidden too.
    texts["network"] = JSON.object(network.members).text
    texts["network, nodes and edges"] = String(describing: [network.nodes]) + String(describing: [network.edges])
    for id in plan.subjects.keys {
      guard let noun = plan.subjects[id]?.noun else { continue }
      texts["\(noun)/\(id)"] = SubjectDescription.fields(of: Subject(noun, id), in: plan).map {
        "\($0.name) \($0.value.text)"
      }.joined(separator: "\n")
    }
    return texts
  }
}

internal import Coordination
internal import EventSourcing

extension ProposalDraft {
  /// Links come after all measures, because they may point forward.
  mutating func compareRelations() {
    for field in file.taskFields {
      for measure in field.allMeasures {
        compareExternal(measure)
        compareLinks(of: measure)
      }
    }
  }

  private mutating func compareExternal(_ measure: PlanFile.Measure) {
    if let known = known(measure.code)?.external(on: day) {
      if known.programme == measure.external?.programme.text, known.externalID == measure.external?.id.text {
        return count(.externalMeasures, \.unchanged)
      }
      count(.externalMeasures, \.ended)
      send(EndLink.self, measure, ["external": reference(measure), "reason": Self.reason])
    }
    if let external = measure.external {
      count(.externalMeasures, \.created)
      send(
        LinkExternalMeasure.self, external,
        [
          "measure": reference(measure), "programme": external.programme, "externalID": external.id,
          "source": measure.source,
        ])
    }
  }

  private mutating func compareLinks(of measure: PlanFile.Measure) {
    var left =
      known(measure.code).map { known in plan.links.filter { $0.measure == known.id && $0.holds(on: day) } } ?? []
    /// The link that the file means, taken from those that are left.
    func take(_ kind: Link.Kind, _ target: String) -> Link? {
      guard let index = left.firstIndex(where: { $0.kind == kind && name(of: $0.target) == target }) else {
        return nil
      }
      return left.remove(at: index)
    }
    for link in measure.strategies {
      if let known = take(.strategy, link.to) {
        keep(known, link, cited: link.source.isEmpty ? known.source : link.source)
      } else {
        create(LinkStrategy.self, measure, link, key: ItemKey.strategyLink(measure.code, link.to), target: "strategy")
      }
    }
    for link in measure.seeAlso {
      if let known = take(.seeAlso, link.to) {
        keep(known, link, cited: link.source.isEmpty ? known.source : link.source)
      } else {
        create(LinkMeasures.self, measure, link, key: ItemKey.seeAlso(measure.code, link.to), target: "to")
      }
    }
    for link in measure.dependsOn {
      let target = link.measure ?? link.act?.text ?? ""
      if let known = take(.dependsOn, target) {
        keep(known, link, cited: link.source)
        continue
      }
      count(.links, \.created)
      send(
        DeclareDependency.self, link,
        [
          "id": freeLinkID(ItemKey.dependency(measure.code, target)), "measure": reference(measure),
          "on": link.measure.flatMap { reference(toMeasure: $0) }, "act": link.act, "source": link.source,
        ])
    }
    for gone in left {
      count(.links, \.ended)
      send(EndLink.self, measure, ["link": Identifier<Link>(gone.id), "reason": Self.reason])
    }
  }

  /// A link's target as the file calls it.
  private func name(of target: Link.Target) -> String {
    if case .measure(let id) = target, let measure = plan.measures[id] { return codeInFile(of: measure) }
    return plan.name(of: target, on: day)
  }

  private func freeLinkID(_ key: String) -> Identifier<Link> {
    freeID(key) { id in plan.links.contains { $0.id == id } }
  }

  private mutating func keep(_ known: Link, _ item: any PlanFileItem, cited source: [Citation]) {
    count(.links, \.unchanged)
    refuseChanges(item, name(of: known.target), ["source": known.source == source])
  }

  private mutating func create<Command: PlanCommand>(
    _ type: Command.Type, _ measure: PlanFile.Measure, _ link: PlanFile.Reference, key: String, target: String
  ) {
    count(.links, \.created)
    send(
      type, link,
      [
        "id": freeLinkID(key), "measure": reference(measure),
        // The slug of a strategy or cluster is no measure's code.
        target: reference(toMeasure: link.to),
        "source": link.source.isEmpty ? measure.source : link.source,
      ])
  }

  private func reference(_ measure: PlanFile.Measure) -> MeasureReference? { reference(toMeasure: measure.code) }
}

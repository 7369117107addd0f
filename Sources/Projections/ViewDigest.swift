package import Coordination
internal import Crypto
package import EventSourcing

/// What one view shows of a plan, as a digest that anybody can work out again from the same log.
///
/// No view holds a text that can be erased, since the fold keeps none; a log whose texts are withheld or erased therefore
/// gives the same digests.
package enum ViewDigest {
  private struct DigestedView: Sendable {
    let name: String
    let version: Int
    let items: @Sendable (Plan, LocalDate) -> [JSON]

    init(_ name: String, _ version: Int, _ items: @escaping @Sendable (Plan, LocalDate) -> [JSON]) {
      self.name = name
      self.version = version
      self.items = items
    }

    init<V: View>(_ view: V.Type) {
      self.init(V.name, V.version) { plan, date in V.items(of: plan, validAt: date).map(\.json) }
    }
  }

  /// All views but the timeline, which is as long as the log and is made of its events one by one.
  private static let views = [
    DigestedView(PlanTree.name, PlanTree.version) { plan, date in [PlanTree.json(of: plan, validAt: date)] },
    DigestedView(MeasureBoard.self),
    DigestedView(MeasureSheet.name, MeasureSheet.version) { plan, date in
      MeasureBoard.ordered(plan).map { MeasureSheet.json($0, plan, date) }
    },
    DigestedView(InstitutionList.self),
    DigestedView(InstitutionCard.name, InstitutionCard.version) { plan, date in
      plan.parties.values.sorted { $0.slug < $1.slug }.map { InstitutionCard.json($0, plan, date) }
    },
    DigestedView(ResponsibilityMatrix.self), DigestedView(GapRegister.self), DigestedView(IssueRegister.self),
    DigestedView(ExternalLinkBoard.self),
    DigestedView(StakeholderNetwork.name, StakeholderNetwork.version) { plan, date in
      [.object(StakeholderNetwork(of: plan, validAt: date).members)]
    },
  ]

  /// The versions of the views, in the order of their digests.
  package static var versions: [Int] { views.map(\.version) }

  /// The digests of all views of a plan for one day: base64url of SHA-256 over the canonical JSON (RFC 8785) of a view's
  /// items, each followed by a line feed.
  package static func all(of plan: Plan, validAt date: LocalDate) -> [RecordedViewDigest] {
    views.map { view in
      var hash = SHA256()
      for item in view.items(plan, date) {
        hash.update(data: item.canonicalBytes)
        hash.update(data: [UInt8(ascii: "\n")])
      }
      return RecordedViewDigest(
        view: view.name, version: view.version, digest: Base64URL.encode(Array(hash.finalize())))
    }
  }
}

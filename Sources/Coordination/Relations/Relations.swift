package import EventSourcing

/// A strategy or programme that the plan refers to.
package struct Strategy: Hashable, Sendable {
  package let id: EntityID
  package let slug: String
  package let title: String
  package let source: [Citation]
}

/// A relation between items of the plan, or from an item to something outside it.
package struct Link: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    case measure(MeasureID)
    case cluster(EntityID)
    case strategy(EntityID)
    /// An act outside the plan that has no owner in it.
    case externalAct(String)
  }

  package enum Kind: String, Sendable {
    case seeAlso = "see-also"
    case dependsOn = "depends-on"
    case strategy
  }

  package let id: EntityID
  package let kind: Kind
  /// The measure that the link starts at; nil for a link of the whole plan.
  package let measure: MeasureID?
  package let target: Target
  package let source: [Citation]
}

internal import Coordination
public import EventSourcing

/// One field of what a subject is.
public struct DescribedField: Hashable, Sendable {
  public let name: String
  public let value: JSON

  init(_ name: String, _ value: JSON) {
    self.name = name
    self.value = value
  }
}

/// A field that an event changed. Nothing before means that it is new, nothing after that it is gone.
public struct FieldChange: Hashable, Sendable {
  public let field: String
  public let before: JSON
  public let after: JSON

  public var json: JSON { ["field": .string(field), "before": before, "after": after] }

  /// The canonical form of the list of `json`.
  public static func canonicalText(of changes: [FieldChange]) -> String {
    var writer = CanonicalJSONWriter(reservingCapacity: 96 * changes.count + 2)
    writer.beginArray()
    for change in changes {
      writer.beginObject()
      writer.key("after")
      writer.write(change.after)
      writer.key("before")
      writer.write(change.before)
      writer.key("field")
      writer.string(change.field)
      writer.endObject()
    }
    writer.endArray()
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// One part of what a subject is: how to describe it, and how to tell in which fields a later state differs.
///
/// Both come from one declaration, so that a part can be neither described without being compared nor the other way
/// round. Only what differs is described: an event leaves most parts of its subject alone, and a timeline is made from
/// millions of events.
struct DescriptionPart<Root>: Sendable {
  /// Tells in which fields the later state of a subject and its plan differs from the one that was remembered.
  typealias Comparison = (Root, Plan) -> [FieldChange]

  enum Comparing: Sendable {
    /// The part follows from the subject alone: whoever keeps the earlier subject need remember nothing else. Told of
    /// the earlier and the later subject, the later plan, and the first position that the earlier one could not know.
    case subjects(@Sendable (Root, Root, Plan, Position, inout [FieldChange]) -> Void)
    /// The part follows from the plan around the subject as well.
    case remembered(@Sendable (Root, Plan) -> Comparison)
  }

  let fields: @Sendable (Root, Plan) -> [DescribedField]
  let comparing: Comparing

  // MARK: What follows from the subject alone

  /// A single value.
  static func value(_ name: String, _ read: @escaping @Sendable (Root) -> JSON) -> Self {
    Self(
      fields: { root, _ in [DescribedField(name, read(root))] },
      comparing: .subjects { old, new, _, _, changes in
        let (old, new) = (read(old), read(new))
        if old != new { changes.append(FieldChange(field: name, before: old, after: new)) }
      })
  }

  /// A value that holds over time, as it will be once everything recorded has taken effect.
  ///
  /// What an event records or takes back for a day before the last change leaves that value alone; it shows as
  /// `name@day`, with what held on that day before and after.
  static func timeline<Value>(
    _ name: String, _ read: @escaping @Sendable (Root) -> Timeline<Value>, _ json: @escaping @Sendable (Value) -> JSON
  ) -> Self {
    timelineInPlan(name, read) { value, _ in json(value) }
  }

  /// A value that holds over time and is told by what the plan says of it and never says otherwise, such as a slug.
  static func timelineInPlan<Value>(
    _ name: String, _ read: @escaping @Sendable (Root) -> Timeline<Value>,
    _ describe: @escaping @Sendable (Value, Plan) -> JSON
  ) -> Self {
    Self(
      fields: { root, plan in [DescribedField(name, read(root).last.map { describe($0, plan) } ?? .null)] },
      comparing: .subjects { old, new, plan, start, changes in
        let (old, new) = (read(old), read(new))
        let json = { (value: Value) in describe(value, plan) }
        guard old.recordCount != new.recordCount || old.removalCount != new.removalCount else { return }
        if let last = change(of: name, old.last, new.last, json) { changes.append(last) }
        changes += earlierChanges(of: name, old, new, recordedFrom: start, json)
      })
  }

  /// What held of many values on days before their last changes; another part tells what holds in the end.
  ///
  /// - Parameters:
  ///   - elements: what is stored; as long as it is the same, nothing is looked at.
  ///   - timelines: each with the name of its field; a name that occurs again gets a number.
  static func earlier<Elements: Equatable & Sendable, Value>(
    _ elements: @escaping @Sendable (Root) -> Elements,
    _ timelines: @escaping @Sendable (Elements) -> [(String, Timeline<Value>)],
    _ json: @escaping @Sendable (Value) -> JSON
  ) -> Self {
    Self(
      fields: { _, _ in [] },
      comparing: .subjects { old, new, _, start, changes in
        let (old, new) = (elements(old), elements(new))
        guard old != new else { return }
        let known = Dictionary(numbered(timelines(old)), uniquingKeysWith: { first, _ in first })
        for (name, values) in numbered(timelines(new)) {
          guard let before = known[name] else { continue }
          changes += earlierChanges(of: name, before, values, recordedFrom: start, json)
        }
      })
  }

  /// What changed of the days before the last change.
  private static func earlierChanges<Value>(
    of name: String, _ old: Timeline<Value>, _ new: Timeline<Value>, recordedFrom start: Position,
    _ json: (Value) -> JSON
  ) -> [FieldChange] {
    guard let last = [old, new].compactMap({ $0.entries.last?.effectiveDate }).max() else { return [] }
    return new.days(changedSince: old, recordedFrom: start).filter { $0 < last }.compactMap { day in
      change(of: "\(name)@\(day)", old.value(at: day), new.value(at: day), json)
    }
  }

  private static func change<Value: Equatable>(
    of field: String, _ old: Value?, _ new: Value?, _ json: (Value) -> JSON
  ) -> FieldChange? {
    guard old != new else { return nil }
    let (before, after) = (old.map(json) ?? .null, new.map(json) ?? .null)
    return before == after ? nil : FieldChange(field: field, before: before, after: after)
  }

  /// Many things of one kind, each a field of its own.
  ///
  /// - Parameters:
  ///   - elements: what is stored; as long as it is the same, nothing is described.
  ///   - describe: the fields; a name that occurs again gets a number.
  static func each<Elements: Equatable & Sendable>(
    _ elements: @escaping @Sendable (Root) -> Elements,
    _ describe: @escaping @Sendable (Elements, Plan) -> [DescribedField]
  ) -> Self {
    Self(
      fields: { root, plan in numbered(describe(elements(root), plan)) },
      comparing: .subjects { old, new, plan, _, changes in
        let (old, new) = (elements(old), elements(new))
        guard old != new else { return }
        changes += differences(numbered(describe(old, plan)), numbered(describe(new, plan)))
      })
  }

  // MARK: What follows from the plan as well

  static func inPlan(_ name: String, _ read: @escaping @Sendable (Root, Plan) -> JSON) -> Self {
    Self(
      fields: { root, plan in [DescribedField(name, read(root, plan))] },
      comparing: .remembered { root, plan in
        let old = read(root, plan)
        return { root, plan in
          let new = read(root, plan)
          return old == new ? [] : [FieldChange(field: name, before: old, after: new)]
        }
      })
  }

  static func eachInPlan<Elements: Equatable & Sendable>(
    _ elements: @escaping @Sendable (Root, Plan) -> Elements,
    _ describe: @escaping @Sendable (Elements, Root, Plan) -> [DescribedField]
  ) -> Self {
    Self(
      fields: { root, plan in numbered(describe(elements(root, plan), root, plan)) },
      comparing: .remembered { root, plan in
        let old = elements(root, plan)
        return { root, plan in
          let new = elements(root, plan)
          guard old != new else { return [] }
          return differences(numbered(describe(old, root, plan)), numbered(describe(new, root, plan)))
        }
      })
  }

  private static func numbered(_ fields: [DescribedField]) -> [DescribedField] {
    numbered(fields.map { ($0.name, $0.value) }).map { DescribedField($0.0, $0.1) }
  }

  /// Gives a number to each name that occurs again.
  private static func numbered<Value>(_ values: [(String, Value)]) -> [(String, Value)] {
    var counts: [String: Int] = [:]
    return values.map { name, value in
      let count = counts[name, default: 0] + 1
      counts[name] = count
      return (count == 1 ? name : "\(name) (\(count))", value)
    }
  }

  private static func differences(_ before: [DescribedField], _ after: [DescribedField]) -> [FieldChange] {
    var old = Dictionary(before.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    var changes = after.compactMap { field -> FieldChange? in
      let value = old.removeValue(forKey: field.name) ?? .null
      return value == field.value ? nil : FieldChange(field: field.name, before: value, after: field.value)
    }
    for field in before where old[field.name] != nil {
      changes.append(FieldChange(field: field.name, before: field.value, after: .null))
    }
    return changes
  }
}

/// How the subjects of one noun are found and what they consist of.
struct SubjectKind: Sendable {
  let fields: @Sendable (EntityID, Plan) -> [DescribedField]
  /// Remembers a subject as it is; what it returns tells how the subject differs in a later plan.
  let remember: @Sendable (EntityID, Plan) -> (Plan) -> [FieldChange]

  init<Root>(_ find: @escaping @Sendable (EntityID, Plan) -> Root?, _ parts: [DescriptionPart<Root>]) {
    let describe: @Sendable (EntityID, Plan) -> [DescribedField] = { id, plan in
      guard let root = find(id, plan) else { return [] }
      return parts.flatMap { $0.fields(root, plan) }
    }
    fields = describe
    remember = { id, plan in
      guard let root = find(id, plan) else {
        return { plan in
          describe(id, plan).filter { !$0.value.isEmpty }.map {
            FieldChange(field: $0.name, before: .null, after: $0.value)
          }
        }
      }
      let start = plan.size.nextPosition
      let comparisons = parts.compactMap { part -> DescriptionPart<Root>.Comparison? in
        if case .remembered(let remember) = part.comparing { remember(root, plan) } else { nil }
      }
      // A subject is kept only where it is compared itself: whoever keeps a plan makes its fold copy what it changes.
      let old = comparisons.count == parts.count ? nil : root
      return { plan in
        guard let new = find(id, plan) else { return [] }
        var changes: [FieldChange] = []
        guard let old else { return comparisons.flatMap { $0(new, plan) } }
        var remembered = comparisons.makeIterator()
        for part in parts {
          switch part.comparing {
          case .subjects(let compare): compare(old, new, plan, start, &changes)
          case .remembered: if let comparison = remembered.next() { changes += comparison(new, plan) }
          }
        }
        return changes
      }
    }
  }
}

extension JSON {
  /// Whether the value says nothing about something new.
  fileprivate var isEmpty: Bool { self == .null || self == 0 || self == false || self == [] }

  /// An object without the members that are null.
  static func present(_ members: KeyValuePairs<String, JSON>) -> JSON {
    .object(members.compactMap { $0.value == .null ? nil : Member($0.key, $0.value) })
  }
}

internal import Coordination
internal import EventSourcing
internal import NIOCore
internal import Synchronization

/// Rendered views by everything they depend on: a hit needs no look at the plan, and nothing ever goes stale.
final class ViewCache: Sendable {
  struct Key: Hashable, Sendable {
    let plan: EntityID
    let viewer: Viewer
    let size: LogSize
    let epoch: Int
    /// Whether the log lacked its end.
    let isRegressed: Bool
    let recordedAt: Int64
    let erasures: Int
    let view: String
    let item: String
    let validAt: LocalDate
    let limit: Int?
    let cursor: PageCursor?
  }

  private let countMax: Int
  private let entries = Mutex<[Key: ByteBuffer]>([:])

  init(countMax: Int) { self.countMax = countMax }

  subscript(key: Key) -> ByteBuffer? {
    get { entries.withLock { $0[key] } }
    set {
      entries.withLock { entries in
        if entries.count >= countMax { entries.removeAll(keepingCapacity: true) }
        entries[key] = newValue
      }
    }
  }
}

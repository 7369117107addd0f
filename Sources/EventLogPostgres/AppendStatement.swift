internal import EventSourcing
internal import Postgres

/// The one call that writes: `ledger.append_events`, for a whole batch, or `ledger.append_erasing_events` for one that
/// erases.
enum AppendStatement {
  private static let sql = """
    SELECT outcome, size, epoch, store_time, receipt_id FROM ledger.append_events(
      $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
    """

  /// The same, and what the events erase: rare, so that other appends do not pay for it.
  private static let erasingSQL = """
    SELECT outcome, size, epoch, store_time, receipt_id FROM ledger.append_erasing_events(
      $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
    """

  static func sql(for batch: AppendBatch) -> String { batch.erasures.isEmpty ? sql : erasingSQL }

  static func parameters(_ batch: AppendBatch) -> [any PostgresEncodable] {
    let events = batch.events
    var parameters: [any PostgresEncodable] = [
      batch.log.plan, batch.log.name, batch.expectedSize.value, Int32(batch.expectedEpoch),
      Int32(batch.newHead.epoch), batch.newHead.origin, batch.newHead.root, batch.newHead.frontier,
      batch.creation?.slug, PostgresArray(events.map { PostgresTimestamp($0.recordedAt) }),
    ]
    parameters += [
      PostgresArray(events.map(\.type)), PostgresArray(events.map(\.subject)),
      PostgresArray(events.map { PostgresDate(daysSinceUnixEpoch: $0.effectiveDate.daysSinceEpoch) }),
      PostgresArray(events.map(\.body)), PostgresArray(events.map(\.leafHash)),
    ]
    let disclosures = batch.disclosures
    let hasDisclosures = !disclosures.isEmpty
    parameters += [
      hasDisclosures ? PostgresArray(disclosures.map(\.position.value)) : nil as PostgresArray<Int64>?,
      hasDisclosures ? PostgresArray(disclosures.map(\.digest)) : nil as PostgresArray<String>?,
      hasDisclosures ? PostgresArray(disclosures.map(\.encoded)) : nil as PostgresArray<String>?,
    ]
    let receipts = batch.receipts
    let hasReceipts = !receipts.isEmpty
    parameters += [
      hasReceipts ? PostgresArray(receipts.map(\.key.digest)) : nil as PostgresArray<EntityID>?,
      hasReceipts ? PostgresArray(receipts.map(\.commandHash)) : nil as PostgresArray<[UInt8]>?,
      hasReceipts ? PostgresArray(receipts.map(\.answer)) : nil as PostgresArray<[UInt8]>?,
    ]
    if !batch.erasures.isEmpty {
      // One element for each value, as two arrays that run side by side.
      let values = batch.erasures.flatMap { erasure in erasure.fields.map { (erasure.position, $0) } }
      parameters += [PostgresArray(values.map(\.0.value)), PostgresArray(values.map(\.1))]
    }
    return parameters
  }

  /// Positions follow from the order of the events, so a batch that names others is refused here.
  static func requireContiguous(_ batch: AppendBatch) throws(EventLogFailure) {
    let isContiguous = batch.events.enumerated().allSatisfy { index, event in
      event.position.value == batch.expectedSize.value + Int64(index)
    }
    guard isContiguous, batch.newHead.size.value == batch.expectedSize.value + Int64(batch.events.count) else {
      throw EventLogFailure(.broken, "the positions or the new head do not fit the expected size")
    }
    guard batch.erasures.isEmpty || !batch.events.isEmpty else {
      throw EventLogFailure(.broken, "an erasure needs an event that says so")
    }
  }

  static func outcome(_ rows: PostgresRows, of batch: AppendBatch) throws(EventLogFailure) -> AppendOutcome {
    do {
      guard let first = rows.first else { throw EventLogFailure(.broken, "append_events returned no row") }
      switch try first.decode(0, as: String.self) {
      case "appended": return .appended(storeTime: Timestamp(try first.decode(3)))
      case "conflict":
        return .conflict(size: LogSize(try first.decode(1)), epoch: Int(try first.decode(2, as: Int32.self)))
      case "key-used":
        let used = Set(try rows.map { try $0.decode(4, as: EntityID.self) })
        return .keysUsed(batch.receipts.map(\.key).filter { used.contains($0.digest) })
      case "slug-taken": return .slugTaken
      case let other: throw EventLogFailure(.broken, "append_events returned the outcome \(other)")
      }
    } catch let failure as EventLogFailure {
      throw failure
    } catch {
      throw EventLogFailure(.broken, "append_events answered with an unexpected type", error)
    }
  }
}

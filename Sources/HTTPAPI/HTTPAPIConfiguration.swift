/// Limits of the HTTP edge.
package struct HTTPAPIConfiguration: Sendable {
  /// Largest body of a single command, in bytes.
  package var commandByteCountMax = 128 * 1024
  /// Largest body of an atomic list, in bytes.
  package var listByteCountMax = 8 * 1024 * 1024
  /// Items per page of a view.
  package var pageItemCountMax = 500
  /// Items per page unless the caller says otherwise.
  package var pageItemCountDefault = 500
  /// Events per page.
  package var eventCountMax = 1000
  package var eventCountDefault = 100
  /// Events that a partner system may report at once.
  package var inboundCountMax = 100
  /// Events of a feed in one answer.
  package var feedCountMax = 1000
  /// How long a reader of a feed may wait for the next event, in milliseconds.
  package var feedWaitMax = 30_000
  /// Verified tokens remembered, so that a busy caller is not verified each time.
  package var tokenCacheCountMax = 10_000
  /// Rendered views remembered.
  package var viewCacheCountMax = 256
  /// Longest Idempotency-Key, in characters.
  package var idempotencyKeyLengthMax = 200

  package init() {}
}

/// Limits of the HTTP edge.
public struct HTTPAPIConfiguration: Sendable {
  /// Largest body of a single command, in bytes.
  public var commandByteCountMax = 128 * 1024
  /// Largest body of an atomic list, in bytes.
  public var listByteCountMax = 8 * 1024 * 1024
  /// Items per page of a view.
  public var pageItemCountMax = 500
  /// Items per page unless the caller says otherwise.
  public var pageItemCountDefault = 500
  /// Events per page.
  public var eventCountMax = 1000
  public var eventCountDefault = 100
  /// Events that a partner system may report at once.
  public var inboundCountMax = 100
  /// Events of a feed in one answer.
  public var feedCountMax = 1000
  /// How long a reader of a feed may wait for the next event, in milliseconds.
  public var feedWaitMax = 30_000
  /// Verified tokens remembered, so that a busy caller is not verified each time.
  public var tokenCacheCountMax = 10_000
  /// Rendered views remembered.
  public var viewCacheCountMax = 256
  /// Longest Idempotency-Key, in characters.
  public var idempotencyKeyLengthMax = 200

  public init() {}
}

public import Metrics
internal import Synchronization

/// Collects the program's metrics and prints them in Prometheus' text format 0.0.4.
///
/// Counters print as they are; timers and recorders print their count and sum. Labels come from the metric's
/// dimensions.
public final class PrometheusRegistry: MetricsFactory {
  /// One series: a name with its dimensions.
  private struct Series: Hashable {
    let name: String
    let dimensions: [String]
  }

  private let series = Mutex<[Series: Meter]>([:])

  public init() {}

  public var text: String {
    let all = series.withLock { $0 }
    var lines: [String] = []
    for name in Set(all.keys.map(\.name)).sorted() {
      let own = all.filter { $0.key.name == name }.sorted {
        $0.key.dimensions.lexicographicallyPrecedes($1.key.dimensions)
      }
      guard let kind = own.first?.value.kind else { continue }
      lines.append("# TYPE \(name) \(kind.rawValue)")
      for (key, meter) in own { lines += meter.lines(name, key.dimensions) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func meter(_ kind: Meter.Kind, _ label: String, _ dimensions: [(String, String)]) -> Meter {
    let name = String(label.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
    let labels = dimensions.map { "\($0.0)=\"\($0.1.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" })\"" }
    return series.withLock { series in
      let key = Series(name: name, dimensions: labels)
      if let known = series[key] { return known }
      let meter = Meter(kind)
      series[key] = meter
      return meter
    }
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    meter(.counter, label, dimensions)
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    meter(aggregate ? .summary : .gauge, label, dimensions)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    meter(.summary, label, dimensions)
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    meter(.gauge, label, dimensions)
  }

  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
}

/// One series' numbers.
private final class Meter: CounterHandler, RecorderHandler, TimerHandler, MeterHandler {
  enum Kind: String { case counter, gauge, summary }

  let kind: Kind
  private let value = Mutex<(sum: Double, count: Int64)>((0, 0))

  init(_ kind: Kind) { self.kind = kind }

  func increment(by amount: Int64) { value.withLock { $0.sum += Double(amount) } }
  func reset() { value.withLock { $0 = (0, 0) } }
  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0.sum = value } }
  func increment(by amount: Double) { value.withLock { $0.sum += amount } }
  func decrement(by amount: Double) { value.withLock { $0.sum -= amount } }

  func record(_ value: Double) {
    self.value.withLock { known in
      known.sum = kind == .gauge ? value : known.sum + value
      known.count += 1
    }
  }

  func lines(_ name: String, _ dimensions: [String]) -> [String] {
    let labels = dimensions.isEmpty ? "" : "{\(dimensions.joined(separator: ","))}"
    let (sum, count) = value.withLock { $0 }
    switch kind {
    case .counter, .gauge: return ["\(name)\(labels) \(sum)"]
    case .summary: return ["\(name)_sum\(labels) \(sum)", "\(name)_count\(labels) \(count)"]
    }
  }
}

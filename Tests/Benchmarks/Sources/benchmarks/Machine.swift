import Foundation

/// What the figures were measured on, and how busy others kept it.
struct Machine {
  static var cpuModel: String { value(in: "/proc/cpuinfo", of: "model name") ?? "unknown" }
  static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }
  static var memoryGigabytes: Int { Int((Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824).rounded()) }

  /// Resident memory of a process in megabytes (10^6 bytes).
  static func residentMegabytes(of process: Int32) -> Double? {
    value(in: "/proc/\(process)/status", of: "VmRSS")?.split(separator: " ").first.flatMap { Double($0) }
      .map { $0 * 1024 / 1_000_000 }
  }

  /// The share of all cores in use over a moment in which the benchmark itself rests: what others do.
  static func busyShare(over seconds: Double = 0.5) -> Double {
    let before = ticks()
    Thread.sleep(forTimeInterval: seconds)
    let after = ticks()
    let total = after.total - before.total
    return total > 0 ? Double(after.busy - before.busy) / Double(total) : 0
  }

  private static func ticks() -> (busy: Int, total: Int) {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let numbers = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { Int($0) }
    // user nice system idle iowait irq softirq steal …
    let total = numbers.prefix(8).reduce(0, +)
    let idle = numbers.count > 4 ? numbers[3] + numbers[4] : 0
    return (total - idle, total)
  }

  private static func value(in path: String, of key: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }),
      let colon = line.firstIndex(of: ":")
    else { return nil }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}

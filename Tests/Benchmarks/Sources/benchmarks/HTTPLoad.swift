import Foundation

/// Requests over HTTP from `wrk`, which keeps its connections alive and sends the next request once one is answered.
struct HTTPLoad {
  /// What wrk saw.
  struct Result: Decodable {
    let requests: Double
    let microseconds: Double
    let refused: Double
    let broken: Double
    let p50: Double
    let p99: Double

    var perSecond: Double { requests / microseconds * 1_000_000 }
  }

  let address: String
  let token: String
  let folder: String
  let seed: UInt64

  /// Sends the bodies in turn, each with a key of its own.
  func post(_ bodies: [String], to path: String, connections: Int, seconds: Double) throws -> Result {
    let list = bodies.map { "[==[\($0)]==]" }.joined(separator: ",\n")
    return try run(
      """
      local bodies = {\(list)}
      local count = 0
      math.randomseed(\(seed))
      local run = "\(UUID().uuidString.prefix(8))"
      wrk.headers["Content-Type"] = "application/json"
      request = function()
        count = count + 1
        wrk.headers["Idempotency-Key"] =
          string.format("%08x-%s-%08x", math.random(0, 0x7fffffff), run, count)
        return wrk.format("POST", "\(path)", nil, bodies[count % #bodies + 1])
      end
      """, path, connections, seconds)
  }

  func get(_ path: String, connections: Int, seconds: Double) throws -> Result {
    try run("", path, connections, seconds)
  }

  /// The body of one answer.
  func fetch(_ path: String) throws -> String {
    try Program.run(
      ["curl", "-sS", "--fail-with-body", "--retry", "20", "--max-time", "60", "-H", "Authorization: Bearer \(token)"]
        + [address + path], folder: folder, limit: 120)
  }

  private func run(_ script: String, _ path: String, _ connections: Int, _ seconds: Double) throws -> Result {
    let file = "\(folder)/\(UUID().uuidString).lua"
    try """
    wrk.headers["Authorization"] = "Bearer \(token)"
    \(script)
    done = function(summary, latency, requests)
      local errors = summary.errors
      io.write(string.format(
        '\\nresult {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %.1f, "p99": %.1f}\\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
    end
    """.write(toFile: file, atomically: true, encoding: .utf8)
    let output = try Program.run(
      ["wrk", "-t1", "-c\(connections)", "-d\(Int(seconds.rounded(.up)))s", "-s", file, address + path],
      folder: folder, limit: Int(seconds) + 30)
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("result ") }) else {
      throw Problem("wrk printed no result: \(output)")
    }
    let result = try JSONDecoder().decode(Result.self, from: Data(line.dropFirst("result ".count).utf8))
    guard result.refused == 0, result.broken == 0 else {
      throw Problem("\(Int(result.refused)) requests of \(path) were refused and \(Int(result.broken)) broke off")
    }
    return result
  }
}

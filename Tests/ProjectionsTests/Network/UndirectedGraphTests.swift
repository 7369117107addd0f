import EventSourcing
import Projections
import Testing

struct UndirectedGraphTests {
  @Test func `on a path the inner vertices lie between, and the graph falls apart without them`() {
    let path = UndirectedGraph(vertexCount: 4, edges: [(0, 1), (1, 2), (2, 3)])
    expect(path.betweenness(), [0, 2.0 / 3, 2.0 / 3, 0])
    #expect(path.articulationPoints() == [1, 2])
  }

  @Test func `the centre of a star lies between all others`() {
    let star = UndirectedGraph(vertexCount: 5, edges: [(0, 4), (1, 4), (2, 4), (3, 4)])
    expect(star.betweenness(), [0, 0, 0, 0, 1])
    #expect(star.articulationPoints() == [4])
  }

  @Test func `on a ring all lie between alike, and it holds without any one`() {
    let ring = UndirectedGraph(vertexCount: 5, edges: [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)])
    expect(ring.betweenness(), Array(repeating: 1.0 / 6, count: 5))
    #expect(ring.articulationPoints() == [])
  }

  @Test func `of two shortest paths each counts half`() {
    let square = UndirectedGraph(vertexCount: 4, edges: [(0, 1), (1, 2), (2, 3), (3, 0)])
    expect(square.betweenness(), Array(repeating: 0.5 / 3, count: 4))
  }

  @Test func `two triangles that share a vertex hang on it, a triangle beside them does not matter`() {
    let graph = UndirectedGraph(
      vertexCount: 9, edges: [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2), (5, 6), (6, 7), (7, 5)])
    #expect(graph.articulationPoints() == [2])
    expect(graph.betweenness(), [0, 0, 4.0 / 28, 0, 0, 0, 0, 0, 0])
    #expect((0..<9).map { graph.degree(of: $0) } == [2, 2, 4, 2, 2, 2, 2, 2, 0])
  }

  @Test(arguments: 0...2)
  func `with fewer than three vertices nothing lies between`(count: Int) {
    let graph = UndirectedGraph(vertexCount: count, edges: count == 2 ? [(0, 1)] : [])
    expect(graph.betweenness(), Array(repeating: 0, count: count))
    #expect(graph.articulationPoints() == [])
  }

  @Test func `a chain of two hundred thousand needs no deep recursion`() {
    let count = 200_000
    let chain = UndirectedGraph(vertexCount: count, edges: (1..<count).map { ($0 - 1, $0) })
    #expect(chain.articulationPoints() == Array(1..<(count - 1)))
  }

  @Test func `random graphs agree with the definitions`() {
    var random = SplitMix64(state: 11)
    for _ in 0..<200 {
      let naive = NaiveGraph(vertexCount: Int.random(in: 0...14, using: &random), using: &random)
      let graph = UndirectedGraph(vertexCount: naive.vertexCount, edges: naive.edges)
      expect(graph.betweenness(), naive.betweenness())
      #expect(graph.articulationPoints() == naive.articulationPoints(), "\(naive.edges)")
    }
  }

  private func expect(
    _ values: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(values.count == expected.count, sourceLocation: sourceLocation)
    for (value, expected) in zip(values, expected) {
      #expect(abs(value - expected) < 1e-12, sourceLocation: sourceLocation)
    }
  }
}

/// The definitions, written down without a thought of cost.
private struct NaiveGraph {
  let vertexCount: Int
  private(set) var edges: [(Int, Int)] = []

  init(vertexCount: Int, using random: inout SplitMix64) {
    self.vertexCount = vertexCount
    let density = Double.random(in: 0...1, using: &random)
    for source in 0..<vertexCount {
      for target in 0..<source where Double.random(in: 0..<1, using: &random) < density * density {
        edges.append(Bool.random(using: &random) ? (source, target) : (target, source))
      }
    }
  }

  func articulationPoints() -> [Int] {
    (0..<vertexCount).filter { componentCount(without: $0) > componentCount(without: nil) }
  }

  /// A vertex that stands alone and is left out takes its component with it, so it never makes more.
  private func componentCount(without vertex: Int?) -> Int {
    var component = Array(0..<vertexCount)
    for _ in 0..<vertexCount {
      for (source, target) in edges where source != vertex && target != vertex {
        let lower = min(component[source], component[target])
        component[source] = lower
        component[target] = lower
      }
    }
    return Set(component.indices.filter { $0 != vertex }.map { component[$0] }).count
  }

  func betweenness() -> [Double] {
    let paths = (0..<vertexCount).map { lengthsAndCounts(from: $0) }
    let pairCount = Double((vertexCount - 1) * (vertexCount - 2)) / 2
    return (0..<vertexCount).map { vertex in
      var sum = 0.0
      for source in 0..<vertexCount where source != vertex {
        for target in 0..<source where target != vertex {
          guard let whole = paths[source][target], let first = paths[source][vertex],
            let second = paths[vertex][target], first.length + second.length == whole.length
          else { continue }
          sum += first.count * second.count / whole.count
        }
      }
      return pairCount > 0 ? sum / pairCount : 0
    }
  }

  private func lengthsAndCounts(from source: Int) -> [Int: (length: Int, count: Double)] {
    var found = [source: (length: 0, count: 1.0)]
    for length in 1...max(1, vertexCount) {
      var next: [Int: Double] = [:]
      for (left, right) in edges + edges.map({ ($1, $0) }) where found[right] == nil {
        if let before = found[left], before.length == length - 1 { next[right, default: 0] += before.count }
      }
      for (vertex, count) in next { found[vertex] = (length, count) }
    }
    return found
  }
}

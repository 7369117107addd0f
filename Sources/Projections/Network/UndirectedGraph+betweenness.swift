extension UndirectedGraph {
  /// How often each vertex lies on the shortest paths between others, from 0 to 1.
  ///
  /// Brandes, A Faster Algorithm for Betweenness Centrality (2001), in O(V·E) without weights. Of several shortest
  /// paths between two vertices each counts as its part; the sum is divided by the number of pairs that a vertex could
  /// lie between, (n−1)(n−2)/2, as NetworkX does.
  public func betweenness() -> [Double] {
    var sums = [Double](repeating: 0, count: vertexCount)
    guard vertexCount > 2 else { return sums }
    var search = ShortestPaths(in: self)
    for source in 0..<vertexCount { search.addDependencies(on: source, to: &sums) }
    // Every pair was searched from both of its ends.
    let scale = 1 / (Double(vertexCount - 1) * Double(vertexCount - 2))
    return sums.map { $0 * scale }
  }
}

/// The shortest paths from one vertex at a time, in arrays that are used again for the next.
private struct ShortestPaths {
  private let graph: UndirectedGraph
  /// The vertices reached, nearest first; also the queue of the search.
  private var reached: [Int] = []
  private var distances: [Int]
  private var pathCounts: [Double]
  private var dependencies: [Double]

  init(in graph: UndirectedGraph) {
    self.graph = graph
    distances = Array(repeating: -1, count: graph.vertexCount)
    pathCounts = Array(repeating: 0, count: graph.vertexCount)
    dependencies = pathCounts
    reached.reserveCapacity(graph.vertexCount)
  }

  mutating func addDependencies(on source: Int, to sums: inout [Double]) {
    search(from: source)
    // From the farthest inwards: what depends on a vertex is passed on to those before it, by their part of the paths.
    for vertex in reached.reversed() where vertex != source {
      let share = (1 + dependencies[vertex]) / pathCounts[vertex]
      let distance = distances[vertex] - 1
      for slot in graph.row(of: vertex) {
        let before = graph.neighbour(in: slot)
        if distances[before] == distance { dependencies[before] += pathCounts[before] * share }
      }
      sums[vertex] += dependencies[vertex]
    }
    for vertex in reached {
      distances[vertex] = -1
      pathCounts[vertex] = 0
      dependencies[vertex] = 0
    }
  }

  private mutating func search(from source: Int) {
    reached.removeAll(keepingCapacity: true)
    reached.append(source)
    distances[source] = 0
    pathCounts[source] = 1
    var next = 0
    while next < reached.count {
      let vertex = reached[next]
      next += 1
      let distance = distances[vertex] + 1
      let pathCount = pathCounts[vertex]
      for slot in graph.row(of: vertex) {
        let neighbour = graph.neighbour(in: slot)
        if distances[neighbour] < 0 {
          distances[neighbour] = distance
          reached.append(neighbour)
        }
        if distances[neighbour] == distance { pathCounts[neighbour] += pathCount }
      }
    }
  }
}

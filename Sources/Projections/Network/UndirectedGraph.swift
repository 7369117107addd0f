/// A simple undirected graph on the vertices `0 ..< vertexCount`.
///
/// The neighbours of all vertices lie one after the other in one array (compressed rows), which is what makes the
/// algorithms on it cheap.
public struct UndirectedGraph: Sendable {
  public let vertexCount: Int
  private let neighbours: [Int]
  /// Where the row of each vertex begins; one entry more says where the last one ends.
  private let rowStarts: [Int]

  /// Each pair of different vertices stands at most once among the edges, in either direction.
  public init(vertexCount: Int, edges: [(Int, Int)]) {
    var starts = [Int](repeating: 0, count: vertexCount + 1)
    for (source, target) in edges {
      starts[source + 1] += 1
      starts[target + 1] += 1
    }
    for vertex in 0..<vertexCount { starts[vertex + 1] += starts[vertex] }
    var next = starts
    var neighbours = [Int](repeating: 0, count: 2 * edges.count)
    for (source, target) in edges {
      neighbours[next[source]] = target
      neighbours[next[target]] = source
      next[source] += 1
      next[target] += 1
    }
    self.vertexCount = vertexCount
    self.neighbours = neighbours
    rowStarts = starts
  }

  public func degree(of vertex: Int) -> Int { row(of: vertex).count }

  /// The slots that hold the neighbours of a vertex.
  func row(of vertex: Int) -> Range<Int> { rowStarts[vertex]..<rowStarts[vertex + 1] }

  func neighbour(in slot: Int) -> Int { neighbours[slot] }
}

extension UndirectedGraph {
  /// The vertices without which a part of the graph falls apart, in ascending order.
  ///
  /// Hopcroft and Tarjan's depth-first search (1973) in O(V+E), with a stack of its own, so that a long chain needs no
  /// deep recursion.
  public func articulationPoints() -> [Int] {
    var isArticulation = [Bool](repeating: false, count: vertexCount)
    /// When the search came to a vertex, from 1; 0 before that.
    var entered = [Int](repeating: 0, count: vertexCount)
    /// The earliest vertex that can be reached from here and below without the edge to the parent.
    var lowest = entered
    var parents = [Int](repeating: -1, count: vertexCount)
    var nextSlots = (0..<vertexCount).map { row(of: $0).lowerBound }
    var clock = 0
    var path: [Int] = []
    func enter(_ vertex: Int) {
      clock += 1
      entered[vertex] = clock
      lowest[vertex] = clock
      path.append(vertex)
    }
    for root in 0..<vertexCount where entered[root] == 0 {
      var rootChildren = 0
      enter(root)
      while let vertex = path.last {
        if nextSlots[vertex] < row(of: vertex).upperBound {
          let neighbour = neighbour(in: nextSlots[vertex])
          nextSlots[vertex] += 1
          if entered[neighbour] == 0 {
            parents[neighbour] = vertex
            enter(neighbour)
          } else if neighbour != parents[vertex] {
            lowest[vertex] = min(lowest[vertex], entered[neighbour])
          }
          continue
        }
        path.removeLast()
        guard let parent = path.last else { continue }
        lowest[parent] = min(lowest[parent], lowest[vertex])
        if parent == root {
          rootChildren += 1
        } else if lowest[vertex] >= entered[parent] {
          isArticulation[parent] = true
        }
      }
      isArticulation[root] = rootChildren > 1
    }
    return isArticulation.indices.filter { isArticulation[$0] }
  }
}

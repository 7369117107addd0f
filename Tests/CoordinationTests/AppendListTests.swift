import Coordination
import Testing

struct AppendListTests {
  @Test(arguments: [0, 1, 31, 32, 33, 64, 100, 1023, 1024, 1025, 2100])
  func `a list holds what was appended, in order`(count: Int) {
    var list = AppendList<Int>()
    for number in 0..<count { list.append(number) }
    #expect(Array(list) == Array(0..<count))
    #expect(list.count == count)
    #expect(list.last == (0..<count).last)
  }

  @Test func `a copy keeps what it had`() {
    var list = AppendList<Int>()
    for number in 0..<40 { list.append(number) }
    let copy = list
    for number in 40..<80 { list.append(number) }
    #expect(Array(copy) == Array(0..<40))
    #expect(Array(list) == Array(0..<80))
    #expect(copy != list)
  }
}

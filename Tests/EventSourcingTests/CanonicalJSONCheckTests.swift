import EventSourcing
import Testing

struct CanonicalJSONCheckTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-1", "9007199254740991", "-9007199254740991", "\"\"", "\"ä€😀\"", "[]", "{}",
    #"[1,"a",[],{}]"#, #"{"a":1,"b":{"c":[null]}}"#, #""\b\t\n\f\r\"\\\u0000\u001f""#, #"{"":0,"A":1,"a":2}"#,
    // Ascending by UTF-16: the surrogates of the second come before the private use character of the third.
    "{\"\u{1F600}\":1,\"\u{FB33}\":2}",
  ])
  func `what is written in the canonical form is canonical`(text: String) throws {
    #expect(CanonicalJSON.isCanonical(Array(text.utf8)))
    #expect(try JSONParser.parse(Array(text.utf8)).canonicalBytes == Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "1 ", " 1", "01", "-0", "-", "+1", "1.0", "1e3", "9007199254740992", "nul", "truee", "[1, 2]", "[1,]",
    "[,1]",
    "[1", "{\"a\":1", "{\"a\" :1}", "{\"a\":1,}", "{\"a\"}", "{a:1}", #"{"b":1,"a":2}"#, #"{"a":1,"a":2}"#, #""\/""#,
    #""\u0041""#,
    #""\u000a""#, #""\u001F""#, #""\u00e4""#, #""\x""#, "\"\\", "\"a", "\"a\nb\"", #""a" "b""#,
    "{\"\u{FB33}\":1,\"\u{1F600}\":2}",
  ])
  func `every other spelling is not`(text: String) {
    #expect(!CanonicalJSON.isCanonical(Array(text.utf8)))
  }

  @Test func `bytes that are no text and values nested too deep are not`() {
    #expect(!CanonicalJSON.isCanonical([0x22, 0xFF, 0x22]))
    #expect(!CanonicalJSON.isCanonical([0x22, 0xC3, 0x22]))
    #expect(!CanonicalJSON.isCanonical([0x22, 0xED, 0xA0, 0x80, 0x22]))
    let nested = { (depth: Int) in [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth) }
    #expect(
      CanonicalJSON.isCanonical(nested(JSONParser.depthMax))
        == ((try? JSONParser.parse(nested(JSONParser.depthMax))) != nil))
    #expect(!CanonicalJSON.isCanonical(nested(JSONParser.depthMax + 1)))
    #expect(!CanonicalJSON.isCanonical(nested(100_000)))
  }

  @Test func `it agrees with reading and writing again, also on what somebody changed`() throws {
    var random = SplitMix64(state: 20_180_904)
    let sample = Array(
      #"{"a":[1,-2,{"k":"ä\n\u0001"}],"b":{"":null,"x":true},"c":"\\\"","d":9007199254740991}"#.utf8)
    var canonical = 0
    for _ in 0..<50_000 {
      var changed = sample
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: changed[index] = sample[Int.random(in: 0..<sample.count, using: &random)]
        case 1: changed.remove(at: index)
        default: changed.insert(sample[Int.random(in: 0..<sample.count, using: &random)], at: index)
        }
      }
      let expected = (try? JSONParser.parse(changed))?.canonicalBytes == changed
      #expect(CanonicalJSON.isCanonical(changed) == expected, "\(String(decoding: changed, as: UTF8.self))")
      if expected { canonical += 1 }
    }
    // Both answers occur often enough to mean something.
    #expect(canonical > 1000 && canonical < 49_000)
  }
}

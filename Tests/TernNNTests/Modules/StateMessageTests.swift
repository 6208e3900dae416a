import TernNN
import TernTensor
import Testing

@Suite("Names of a file in messages about a state")
struct StateMessageTests {
  @Test("What would steer a terminal is escaped, long names and long lists are cut; the lists themselves are whole")
  func names() throws {
    let model = Dense(2, 1)
    let hostile = "a\u{1B}[2J\u{202E}b\n"
    let long = String(repeating: "9", count: 1 << 20)
    let entries = [hostile, long] + (0..<1000).map { "extra\($0)" }
    let state = entries.map { StateEntry(name: $0, Tensor<Float>([1])) }
    let error = #expect(throws: StateMismatch.self) { try model.load(state) }
    let text = error?.description ?? ""
    #expect(text.contains("missing: weight, bias; unexpected: a\\u{1B}[2J\\u{202E}b\\u{A}, 9999"))
    #expect(text.contains("… (1048576 bytes), extra0, extra1") && text.hasSuffix("extra97 and 902 more"))
    #expect(!text.contains("\u{1B}") && !text.contains("\n") && text.utf8.count < 5000)
    #expect(error?.unexpected.count == 1002 && error?.unexpected.contains(long) == true)
  }
}

import Foundation
import SwiftProtobuf
import Tern
import TernData
import TernMessages
import Testing

@testable import TernONNX

@Suite("Damaged ONNX files")
struct ImportFuzzTests {
  /// The same numbers every time.
  struct Words: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  static let numbers: [Int64] = [
    0, -1, 1, 2, -2, 3, 7, -7, 64, 1000, 1 << 20, 1 << 31, -(1 << 31), 1 << 40, 1 << 48, .max, .min,
  ]

  private func damage(_ tensor: inout Onnx_TensorProto, _ words: inout Words) {
    switch Int.random(in: 0..<3, using: &words) {
    case 0:
      guard let axis = tensor.dims.indices.randomElement(using: &words) else { return }
      tensor.dims[axis] = Self.numbers.randomElement(using: &words)!
    case 1:
      guard tensor.rawData.count >= 8 else { return }
      var bytes = [UInt8](tensor.rawData)
      let place = Int.random(in: 0..<bytes.count / 8, using: &words) * 8
      let number = Self.numbers.randomElement(using: &words)!
      for index in 0..<8 { bytes[place + index] = UInt8(truncatingIfNeeded: number >> Int64(8 * index)) }
      tensor.rawData = Data(bytes)
    default: tensor.dataType = Int32.random(in: 0..<20, using: &words)
    }
  }

  private func damage(_ graph: inout Onnx_GraphProto, _ words: inout Words, _ operations: [String]) {
    guard let index = graph.node.indices.randomElement(using: &words) else { return }
    var node = graph.node[index]
    switch Int.random(in: 0..<7, using: &words) {
    case 0, 1, 2:
      guard let place = node.attribute.indices.randomElement(using: &words) else { return }
      let number = Self.numbers.randomElement(using: &words)!
      if node.attribute[place].hasG {
        damage(&node.attribute[place].g, &words, operations)
      } else if node.attribute[place].hasT {
        damage(&node.attribute[place].t, &words)
      } else if let axis = node.attribute[place].ints.indices.randomElement(using: &words) {
        node.attribute[place].ints[axis] = number
      } else {
        node.attribute[place].i = number
        node.attribute[place].f = Float(number)
      }
    case 3: node.opType = operations.randomElement(using: &words)!
    case 4:
      guard let place = node.input.indices.randomElement(using: &words) else { return }
      node.input[place] =
        (graph.initializer.map(\.name) + graph.node.flatMap(\.output)).randomElement(using: &words) ?? ""
    case 5: _ = node.input.popLast()
    default:
      if let place = graph.initializer.indices.randomElement(using: &words) {
        damage(&graph.initializer[place], &words)
      }
    }
    graph.node[index] = node
  }

  @Test("damaged files give an error or an answer, never a trap")
  func mutants() throws {
    let isFull = ProcessInfo.processInfo.environment["TERN_FULL"] == "1"
    let names = ["images", "sequences", "attention", "attention-dynamo", "loops"]
    let operations = NodeCall.operators.keys.sorted()
    var (answers, errors) = (0, 0)
    for (position, name) in names.enumerated() {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(ImportTests.folder)/\(name).onnx")))
      let proto = try Onnx_ModelProto(serializedBytes: bytes)
      let file = try NPZFile(contentsOf: "\(ImportTests.folder)/\(name).npz")
      let input = try ONNXTensor(file.array("in.x"))
      for count in 0..<(isFull ? 20_000 : 400) {
        var words = Words(state: UInt64(position << 32 + count))
        var damaged = bytes
        if count % 3 == 0 {
          for _ in 0..<Int.random(in: 1...4, using: &words) {
            damaged[Int.random(in: damaged.indices, using: &words)] = UInt8.random(in: 0...255, using: &words)
          }
        } else {
          var copy = proto
          for _ in 0..<Int.random(in: 1...2, using: &words) { damage(&copy.graph, &words, operations) }
          damaged = try copy.serializedBytes()
        }
        do {
          let network = try ONNXNetwork(ONNXModel(bytes: damaged))
          (network.elementLimit, network.nodeLimit) = (1 << 18, 1 << 10)
          network.isTraining = count % 4 == 0
          _ = try network.run(["x": input])
          answers += 1
        } catch { errors += 1 }
      }
    }
    #expect(answers > 0 && errors > 0)
  }
}

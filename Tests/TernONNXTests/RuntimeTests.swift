import Tern
import TernData
import TernMessages
import Testing

@testable import TernONNX

/// Expected numbers are those of ONNX Runtime 1.32.
@Suite("What ONNX Runtime makes of what ONNX leaves open")
struct RuntimeTests {
  private func resize(_ scales: [Float], _ mode: String, _ rule: String, nearest: String = "floor") -> RuntimeNode {
    var node = RuntimeNode("Resize", ["x", "", "scales"])
    node.add("scales", scales, [scales.count])
    node.set("mode", mode)
    node.set("coordinate_transformation_mode", rule)
    node.set("nearest_mode", nearest)
    return node
  }

  @Test(
    "Resize by scales that give no whole lengths, in single precision",
    arguments: [
      (5, 1.7, "align_corners", "linear", "floor", [0, 0.5714286, 1.4285716, 3.142857, 5.4285717, 8.285715, 12, 16]),
      (5, 1.7, "align_corners", "nearest", "round_prefer_floor", [0, 1, 1, 4, 4, 9, 9, 16]),
      (10, 0.7, "asymmetric", "nearest", "floor", [0, 1, 4, 16, 25, 49, 64]),
      (11, 0.7, "half_pixel", "nearest", "round_prefer_floor", [0, 4, 9, 16, 36, 49, 81]),
      (9, 1.1, "half_pixel", "linear", "floor", [0, 1, 4, 9, 16, 25, 36, 49, 64]),
      (6, 0.45, "align_corners", "cubic", "floor", [0, 25]),
    ] as [(Int, Float, String, String, String, [Float])])
  func resizes(length: Int, scale: Float, rule: String, mode: String, nearest: String, wanted: [Float]) throws {
    let x = Tensor((0..<length).map { Float($0 * $0) }).reshaped(1, 1, length)
    let y = try #require(try resize([1, 1, scale], mode, rule, nearest: nearest).run(x))
    #expect(y.shape == [1, 1, wanted.count])
    #expect(y.count == wanted.count && zip(y.scalars, wanted).allSatisfy { abs($0 - $1) < 1e-5 }, "\(y)")
  }

  @Test("Images by their rounded lengths too")
  func images() throws {
    let x = Tensor((0..<15).map { Float($0 * $0) }).reshaped(1, 1, 3, 5)
    let y = try #require(try resize([1, 1, 1, 1.7], "linear", "align_corners").run(x))
    #expect(y.shape == [1, 1, 3, 8])
    let row: [Float] = [0, 0.5714286, 1.4285716, 3.142857, 5.4285717, 8.285715, 12, 16]
    #expect(zip(y.scalars, row).allSatisfy { abs($0 - $1) < 1e-5 }, "\(y)")
  }

  @Test("Aligned corners that mean two things are refused where the producer is not known")
  func ambiguous() throws {
    var node = resize([1, 1, 1.7], "linear", "align_corners")
    let x = Tensor<Float>(zeros: [1, 1, 5])
    node.producer = "a tool"
    let error = #expect(throws: ONNXError.self) { try node.run(x) }
    #expect(error?.description.hasPrefix("Resize \"y\": 5 places by a scale of 1.7") == true, "\(error!)")
    node.producer = "pytorch"
    #expect(try node.run(x)?.shape == [1, 1, 8])
    var whole = resize([1, 1, 2], "linear", "align_corners")
    whole.producer = "a tool"
    #expect(try whole.run(x)?.shape == [1, 1, 10])
  }

  private static let recurrent: [(String, [String], [Float], [Float], [Float])] = [
    ("RNN", ["Affine", "LeakyRelu"], [0.5, 0.2], [0.25], [0.5, 0.125, 0.176, -0.017, -0.15, 0.3375, -0.08, 0.05]),
    (
      "LSTM", ["HardSigmoid", "Affine", "Tanh", "Sigmoid", "ScaledTanh", "Elu"], [0.3, 0.7, 1.5, 0.6],
      [0.45, 0.1, 0.8],
      [
        -0.05486684, 0.03769827, -0.03162647, 0.22734927, 0.01279408, 0.02624355, 1.047250, -0.05015633,
      ]
    ),
    (
      "GRU", ["HardSigmoid", "ThresholdedRelu", "Sigmoid", "Affine"], [0.3, 0.2, 0.9], [0.4, 0.1],
      [0, 0, -0.23307091, 0.21407539, 0, 0, 0.58904856, -0.06562239]
    ),
  ]

  @Test("Activations of recurrent nodes take their numbers in turn", arguments: recurrent)
  func activations(
    operation: String, names: [String], alphas: [Float], betas: [Float], wanted: [Float]
  ) throws {
    let gates = operation == "LSTM" ? 4 : operation == "GRU" ? 3 : 1
    var node = RuntimeNode(operation, ["x", "w", "r"])
    node.opset = 14
    node.add("w", (0..<2 * gates).map { Float(Double($0) * 0.3 - 0.5) }, [2, gates, 1])
    node.add("r", (0..<2 * gates).map { Float(0.4 - Double($0) * 0.1) }, [2, gates, 1])
    node.set("hidden_size", 1)
    node.set("direction", "bidirectional")
    node.set("activations", names)
    node.set("activation_alpha", alphas)
    node.set("activation_beta", betas)
    let y = try #require(try node.run(Tensor<Float>([-1, 0.5, 2, -0.25]).reshaped(2, 2, 1)))
    #expect(y.shape == [2, 2, 2, 1] && zip(y.scalars, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(y)")
    node.node.attribute.removeAll { $0.name == "activation_alpha" }
    if operation != "LSTM" {
      let error = #expect(throws: ONNXError.self) { try node.run(Tensor<Float>(zeros: [2, 2, 1])) }
      #expect(error?.description.contains("without a number of activation_alpha") == true, "\(error!)")
    }
  }

  @Test("A recurrent layer of 8 bits, with a zero point for each direction")
  func quantized() throws {
    var node = RuntimeNode("DynamicQuantizeLSTM", ["x", "w", "r", "b", "", "", "", "", "ws", "wz", "rs", "rz"])
    node.node.domain = "com.microsoft"
    node.add("w", (0..<16).map { UInt8($0 * 37 % 256) }, [2, 2, 4])
    node.add("r", (0..<8).map { UInt8(($0 * 91 + 5) % 256) }, [2, 1, 4])
    node.add("b", (0..<16).map { Float($0) * 0.05 - 0.4 }, [2, 8])
    node.add("ws", [Float(0.01), 0.02], [2])
    node.add("rs", [Float(0.015), 0.005], [2])
    node.add("wz", [UInt8(128), 100], [2])
    node.add("rz", [UInt8(128), 120], [2])
    node.set("hidden_size", 1)
    node.set("direction", "bidirectional")
    let y = try #require(try node.run(Tensor<Float>([-1, 0.5, 2, -0.25, 0.75, 1.5, -2, 0.1]).reshaped(2, 2, 2)))
    let wanted: [Float] = [
      -0.2758188, -0.00097133, -0.60135257, -0.10758993, -0.23082201, -0.06049759, -0.3441264, -0.5691065,
    ]
    #expect(y.shape == [2, 2, 2, 1] && zip(y.scalars, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(y)")
    node.node.domain = "com.example"
    let error = #expect(throws: ONNXError.self) { try node.network() }
    #expect(error?.unsupported == ["com.example.DynamicQuantizeLSTM"])
    (node.node.domain, node.node.opType) = ("", "com.microsoft.DynamicQuantizeLSTM")
    #expect(throws: ONNXError.self) { try node.network() }
  }

  // MARK: 64 bits without sign

  private static let large: [UInt64] = [1 << 63 + 1 << 40 + 1, 5, .max, 1 << 63]

  private func unsigned(
    _ operation: String, _ constant: [UInt64]? = nil, output: Int32 = 13,
    _ change: (inout RuntimeNode) -> Void = { _ in }
  ) throws -> StoredArray {
    var node = RuntimeNode(operation, constant == nil ? ["x"] : ["x", "c"])
    if let constant { node.add("c", constant, [constant.count]) }
    change(&node)
    let network = try node.network(input: 13, output: output)
    let bytes = Self.large.withUnsafeBytes { [UInt8]($0) }
    let x = try ONNXTensor(StoredArray(type: .uint64, shape: [4], bytes: bytes[...], source: "test"))
    return network.stored(try #require(try network.run(["x": x])["y"]), as: "y")
  }

  private func words(_ array: StoredArray) -> [UInt64] {
    #expect(array.type == .uint64)
    return array.bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
  }

  @Test("Numbers from 2⁶³ on are computed modulo 2⁶⁴")
  func moduloArithmetic() throws {
    let x = Self.large
    #expect(words(try unsigned("Identity")) == x)
    #expect(words(try unsigned("Add", [3])) == x.map { $0 &+ 3 })
    #expect(words(try unsigned("Sub", [6])) == x.map { $0 &- 6 })
    #expect(words(try unsigned("Mul", [.max])) == x.map { $0 &* .max })
    #expect(words(try unsigned("ReduceSum", nil) { $0.set("keepdims", 0) }) == [x.reduce(0, &+)])
    #expect(words(try unsigned("BitwiseAnd", [UInt64.max << 8])) == x.map { $0 & (UInt64.max << 8) })
    for direction in ["LEFT", "RIGHT"] {
      let shifted = words(try unsigned("BitShift", [1]) { $0.set("direction", direction) })
      #expect(shifted == x.map { direction == "LEFT" ? $0 << 1 : $0 >> 1 })
    }
  }

  @Test("Shifts by more bits than there are, and by numbers below 0, leave the sign alone")
  func wideShifts() throws {
    for (direction, wanted) in [("RIGHT", [-1, 0, -1, -1]), ("LEFT", [0, 0, 0, 0])] as [(String, [Int32])] {
      for (type, by) in [(6, [32, 33, -1, 100]), (3, [8, 9, -1, 127])] as [(Int32, [Int32])] {
        var node = RuntimeNode("BitShift", ["x", "c"])
        var tensor = Onnx_TensorProto()
        (tensor.name, tensor.dataType, tensor.dims, tensor.int32Data) = ("c", type, [4], by)
        node.constants = [tensor]
        node.set("direction", direction)
        let network = try node.network(input: type, output: type)
        let y = try network.run(["x": ONNXTensor(Tensor([-8, 4, -1, -128] as [Int32]))])["y"]
        #expect(y?.tensor(Int32.self)?.scalars == wanted)
      }
    }
  }

  @Test("Numbers from 2⁶³ on are larger than all others")
  func order() throws {
    let x = Self.large
    #expect(words(try unsigned("Max", [6])) == x.map { max($0, 6) })
    #expect(words(try unsigned("Min", [1 << 63])) == x.map { min($0, 1 << 63) })
    for (name, compare) in [("Less", (<)), ("Greater", (>)), ("LessOrEqual", (<=)), ("GreaterOrEqual", (>=))]
      as [(String, (UInt64, UInt64) -> Bool)]
    {
      let found = try unsigned(name, [1 << 63], output: 9)
      #expect(found.type == .bool && Array(found.bytes) == x.map { compare($0, 1 << 63) ? 1 : 0 }, "\(name)")
    }
    for name in ["ReduceMax", "Div", "Mod", "ArgMax", "Clip", "TopK"] {
      let constant: [UInt64]? = ["Div", "Mod", "Clip"].contains(name) ? [3] : nil
      let error = #expect(throws: ONNXError.self) { try unsigned(name, constant) }
      #expect(error?.description == "\(name) \"y\": whole numbers from 2⁶³ on, which it does not take in Tern")
    }
  }

  @Test("Cast from and to 64 bits without sign")
  func casts() throws {
    let double = try unsigned("Cast", output: 11) { $0.set("to", 11) }
    #expect(try (double.tensor() as Tensor<Double>).scalars == Self.large.map { Double($0) })
    let single = try unsigned("Cast", output: 1) { $0.set("to", 1) }
    #expect(try (single.tensor() as Tensor<Float>).scalars == Self.large.map { Float($0) })
    let narrow = try unsigned("Cast", output: 2) { $0.set("to", 2) }
    #expect(Array(narrow.bytes) == Self.large.map { UInt8(truncatingIfNeeded: $0) })
    var node = RuntimeNode("Cast", ["x"])
    node.set("to", 13)
    let network = try node.network(output: 13)
    func run(_ x: [Float]) throws -> StoredArray {
      network.stored(try #require(try network.run(["x": ONNXTensor(Tensor(x))])["y"]), as: "y")
    }
    #expect(words(try run([0x1p63, 2.7, 0x1.fffffep63, 0])) == [1 << 63, 2, 0xffff_ff00_0000_0000, 0])
    for value: Float in [-1, 0x1p64, .infinity, .nan] {
      let error = #expect(throws: ONNXError.self) { try run([value]) }
      #expect(error?.description == "Cast \"y\": numbers that 64 bits without sign do not have")
    }
  }
}

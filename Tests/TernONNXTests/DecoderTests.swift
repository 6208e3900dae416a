import Tern
import TernModels
import Testing

@testable import TernONNX

/// Attention to what came before: keys and values of earlier calls go in, and those of all calls come out.
private final class Decoder: Module {
  let (query, key, value, out) = (Dense(16, 16), Dense(16, 16), Dense(16, 16), Dense(16, 16))
  let norm = LayerNorm(16)

  private func heads(_ x: Tensor<Float>) -> Tensor<Float> { x.reshaped([-1, x.shape[1], 2, 8]).permuted(0, 2, 1, 3) }

  func step(
    _ x: Tensor<Float>, _ keys: Tensor<Float>, _ values: Tensor<Float>
  ) -> (Tensor<Float>, Tensor<Float>, Tensor<Float>) {
    let keys = concatenate([keys, heads(key(x))], along: 2)
    let values = concatenate([values, heads(value(x))], along: 2)
    let attended = scaledDotProductAttention(heads(query(x)), keys, values)
    return (norm(x + out(attended.permuted(0, 2, 1, 3).reshaped([-1, x.shape[1], 16]))), keys, values)
  }
}

private final class Reader: Module { let lstm = LSTM(4, 3, batchFirst: true) }

@Suite("Decoders, masks and packed sequences in ONNX")
struct DecoderTests {
  private func random(_ shape: [Int], _ seed: UInt64) -> Tensor<Float> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
  }

  /// What the file's own network gives is what the module gave, for another batch than the example's.
  private func expectEqual(
    _ onnx: ONNXModel, _ inputs: [String: ONNXTensor], _ wanted: KeyValuePairs<String, Tensor<Float>>
  ) throws {
    let results = try ONNXNetwork(onnx).run(inputs)
    for (name, tensor) in wanted {
      let result = try #require(results[name]?.tensor(Float.self))
      #expect(result.shape == tensor.shape && (result - tensor).abs().max().item < 1e-5, "\(name)")
    }
  }

  @Test("Keys and values of earlier calls go in and out")
  func decoder() throws {
    let model = Decoder()
    let onnx = try ONNXModel(
      exporting: model, inputs: "x", "k", "v", outputs: "y", "keys", "values", examples: random([1, 3, 16], 1),
      random([1, 2, 5, 8], 2), random([1, 2, 5, 8], 3)
    ) { model.step($0, $1, $2) }
    let (x, k, v) = (random([4, 3, 16], 4), random([4, 2, 5, 8], 5), random([4, 2, 5, 8], 6))
    let (y, keys, values) = withoutGradients { model.step(x, k, v) }
    try expectEqual(
      onnx, ["x": ONNXTensor(x), "k": ONNXTensor(k), "v": ONNXTensor(v)], ["y": y, "keys": keys, "values": values])
  }

  @Test("A mask of keys is an input")
  func mask() throws {
    let model = MultiHeadAttention(16, heads: 2, batchFirst: true)
    let onnx = try ONNXModel(
      exporting: model, inputs: "x", "mask", outputs: "y", examples: random([1, 4, 16], 1),
      Tensor<Bool>([true, true, true, false], shape: [1, 4])
    ) { x, mask in model(x, x, x, keyMask: mask) }
    let x = random([2, 4, 16], 2)
    let mask = Tensor<Bool>([true, true, true, false, true, false, true, true], shape: [2, 4])
    let y = withoutGradients { model(x, x, x, keyMask: mask) }
    try expectEqual(onnx, ["x": ONNXTensor(x), "mask": ONNXTensor(mask)], ["y": y])
  }

  @Test("A cache that begins empty goes out")
  func cache() throws {
    let model = GPT2(GPT2Configuration(vocabulary: 31, positions: 16, features: 16, layers: 2, heads: 2))
    model.eval()
    let onnx = try ONNXModel(
      exporting: model, inputs: "tokens", outputs: "y", examples: Tensor<Int>([[1, 2, 3]])
    ) { model.next($0, caches: model.makeCaches()) }
    let tokens = Tensor<Int>([[1, 2, 3], [4, 5, 6]])
    let y = withoutGradients { model.next(tokens, caches: model.makeCaches()) }
    try expectEqual(onnx, ["tokens": ONNXTensor(tokens)], ["y": y])
  }

  @Test("Packed sequences, whose order is known when they are packed, are refused by the operations that pack them")
  func packed() {
    let model = Reader()
    do {
      _ = try ONNXModel(
        exporting: model, inputs: "x", outputs: "y", examples: random([1, 4, 4], 1)
      ) { model.lstm($0, lengths: [Int](repeating: 3, count: $0.shape[0])).output }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.problems.count == 2, "\(error)")
      #expect(error.problems.allSatisfy { $0.contains("constant that depends on the batch") }, "\(error)")
    }
  }
}

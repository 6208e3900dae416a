import Foundation
import TernMessages

extension ONNXGraph {
  /// Makes convolutions with a batch normalization behind them one convolution: w·γ/√(σ² + ε) and
  /// (b − μ)·γ/√(σ² + ε) + β, in double precision.
  func foldNormalizations() {
    var uses: [String: Int] = [:]
    for name in nodes.lazy.flatMap({ $0.input }) { uses[name, default: 0] += 1 }
    var makers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() { for name in node.output { makers[name] = index } }
    let places = Dictionary(uniqueKeysWithValues: initializers.enumerated().map { ($1.name, $0) })
    func numbers(_ name: String) -> [Double]? {
      guard let place = places[name], initializers[place].dataType == 1 else { return nil }
      return initializers[place].rawData.withUnsafeBytes { raw in
        (0..<raw.count / 4).map { Double(raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)) }
      }
    }
    func replaced(_ name: String, _ values: [Double], like dims: [Int64], isShared: Bool) -> String {
      var tensor = Onnx_TensorProto()
      tensor.dataType = 1
      tensor.dims = dims
      tensor.rawData = values.map { Float($0) }.withUnsafeBytes { Data($0) }
      if let place = places[name], !isShared {
        tensor.name = name
        initializers[place] = tensor
      } else {
        tensor.name = isShared || !claim(name) ? fresh(name) : name
        initializers.append(tensor)
      }
      return tensor.name
    }
    var removed = Set<Int>()
    for (index, norm) in nodes.enumerated() where norm.opType == "BatchNormalization" {
      guard let maker = makers[norm.input[0]], nodes[maker].opType == "Conv", uses[norm.input[0]] == 1,
        let place = places[nodes[maker].input[1]], let weight = numbers(nodes[maker].input[1]),
        let gamma = numbers(norm.input[1]), let beta = numbers(norm.input[2]), let mean = numbers(norm.input[3]),
        let variance = numbers(norm.input[4])
      else { continue }
      let conv = nodes[maker]
      var bias = [Double](repeating: 0, count: gamma.count)
      if conv.input.count > 2 {
        guard let own = numbers(conv.input[2]) else { continue }
        bias = own
      }
      let epsilon = Double(norm.attribute.first { $0.name == "epsilon" }?.f ?? 1e-5)
      let scale = gamma.indices.map { gamma[$0] / (variance[$0] + epsilon).squareRoot() }
      let width = weight.count / max(1, scale.count)
      let folded = weight.indices.map { weight[$0] * scale[$0 / width] }
      let shift = scale.indices.map { (bias[$0] - mean[$0]) * scale[$0] + beta[$0] }
      let dims = initializers[place].dims
      let name = replaced(conv.input[1], folded, like: dims, isShared: uses[conv.input[1]] != 1)
      let stem = conv.input[1]
      let biasName =
        conv.input.count > 2 ? conv.input[2] : stem.hasSuffix("weight") ? stem.dropLast(6) + "bias" : stem + "_bias"
      let isShared = conv.input.count > 2 && uses[conv.input[2]] != 1
      nodes[maker].input = [
        conv.input[0], name, replaced(biasName, shift, like: [Int64(shift.count)], isShared: isShared),
      ]
      nodes[maker].output = norm.output
      removed.insert(index)
    }
    nodes = nodes.indices.filter { !removed.contains($0) }.map { nodes[$0] }
  }

  /// Leaves out what no result needs.
  func dropUnused(keeping outputs: [String]) {
    var needed = Set(outputs)
    var kept: [Onnx_NodeProto] = []
    for node in nodes.reversed() where node.output.contains(where: needed.contains) {
      needed.formUnion(node.input)
      kept.append(node)
    }
    nodes = kept.reversed()
    initializers = initializers.filter { needed.contains($0.name) }
  }
}

import TernNN
import TernTensor

extension ONNXGraph {
  /// Recurrent networks over batches [N, T, inputs]: one operator a layer, its gates in ONNX's order.
  ///
  /// PyTorch's order, which the weights have, is i f g o of LSTM and r z n of GRU; ONNX's is i o f c and z r h. A GRU resets
  /// behind the product with the hidden state, as PyTorch's does.
  func recurrent<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    guard let network = layer as? Recurrent<L.Scalar> else { return nil }
    let shape = shape(of: layer, x)
    guard network.batchFirst, x.shape.count == 3 else {
      return refuse(network, "only batchFirst: true has the batch as the first axis", x, shape: shape)
    }
    let (operation, order): (String, [Int])
    switch network {
    case let network as LSTM<L.Scalar>:
      guard network.projectionSize == nil else {
        return refuse(network, "ONNX has no projections", x, shape: shape)
      }
      (operation, order) = ("LSTM", [0, 3, 1, 2])
    case is GRU<L.Scalar>: (operation, order) = ("GRU", [1, 0, 2])
    default: return refuse(network, "no exporter for this layer", x, shape: shape)
    }
    let (features, directions) = (network.hiddenFeatures, network.bidirectional ? 2 : 1)
    let parameters = Dictionary(uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter) })
    /// A parameter of each direction with its gates in order, stacked.
    func stacked(_ names: [String], _ index: Int) -> ONNXValue {
      var blocks: [Tensor<L.Scalar>] = []
      for suffix in ["", "_reverse"].prefix(directions) {
        for name in names {
          guard let parameter = parameters["\(name)_l\(index)\(suffix)"] as? Parameter<L.Scalar> else { continue }
          blocks += order.map { parameter.value[$0 * features..<($0 + 1) * features] }
        }
      }
      let all = concatenate(blocks, along: 0)
      let sizes = [directions, all.shape[0] / directions] + all.shape.dropFirst()
      return constant(all.reshaped(sizes), name: fresh("\(path(of: network))\(names[0])_l\(index)"))
    }
    let (batch, length) = (x.shape[0], x.shape[1])
    var value = node("Transpose", [x], shape: [length, batch, x.shape[2]], ["perm": .ints([1, 0, 2])])
    for index in 0..<network.layers {
      var inputs = [value, stacked(["weight_ih"], index), stacked(["weight_hh"], index)]
      if parameters["bias_ih_l0"] != nil { inputs.append(stacked(["bias_ih", "bias_hh"], index)) }
      var attributes: [String: ONNXAttribute] = [
        "hidden_size": .int(features), "direction": .string(directions == 2 ? "bidirectional" : "forward"),
      ]
      if operation == "GRU" { attributes["linear_before_reset"] = .int(1) }
      // [T, directions, N, features] to [T, N, directions · features].
      let all = node(operation, inputs, shape: [length, directions, batch, features], attributes)
      let turned = node(
        "Transpose", [all], shape: [length, batch, directions, features], ["perm": .ints([0, 2, 1, 3])])
      value = node("Reshape", [turned, integers([0, 0, -1])], shape: [length, batch, directions * features])
    }
    return node("Transpose", [value], shape: shape, ["perm": .ints([1, 0, 2])])
  }
}

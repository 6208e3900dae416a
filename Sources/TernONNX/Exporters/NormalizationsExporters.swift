import TernTensor

extension OperationExporters {
  /// Normalizations over channels and over rows.
  static let normalizations: [String: Exporter] = [
    "batchNorm with statistics": { x throws(Refusal) in
      var place = 3
      func next(_ name: String) -> String? {
        guard x.flag(name) else { return nil }
        defer { place += 1 }
        return x.inputs[place].name
      }
      let channels = x.inputs[1].shape
      guard let count = channels.fixed?.first else { throw Refusal("channels that depend on the batch") }
      let (scale, shift) = (next("hasScale"), next("hasShift"))
      func filled(_ value: Float) -> String {
        x.graph.constant(Tensor<Float>(full: [count], value), prefix: "filled")
      }
      var result = x.node(
        "BatchNormalization", [x.x, scale ?? filled(1), shift ?? filled(0), x.y, x.inputs[2].name],
        ["epsilon": .float(try x.number("epsilon"))])
      if let residual = next("hasResidual") { result = x.node("Add", [result, residual]) }
      return x.flag("appliesReLU") ? x.node("Relu", [result]) : result
    },
    "batchNorm": channels, "groupNorm": channels, "instanceNorm": channels, "synchronized batchNorm": channels,
    "layerNorm": { x throws(Refusal) in
      let count = try x.integer("axes")
      guard let extents = Array(x.shape.suffix(count)).fixed else { throw Refusal("rows along the batch") }
      let scale =
        x.flag("hasScale") ? x.y : x.graph.constant(Tensor<Float>(ones: extents), prefix: "ones")
      return x.node(
        "LayerNormalization", [x.x, scale] + (x.flag("hasShift") ? [x.inputs[2].name] : []),
        ["axis": .int(-count), "epsilon": .float(try x.number("epsilon"))])
    },
    "rmsNorm": { x throws(Refusal) in
      // x/√(mean of x² + ε)·γ
      let axes = (1...max(1, try x.integer("axes"))).map { -$0 }
      let mean = x.node("ReduceMean", [x.node("Mul", [x.x, x.x]), x.integers(axes)], ["keepdims": .int(1)])
      let root = x.node("Sqrt", [x.node("Add", [mean, try x.scalar("epsilon")])])
      let result = x.node("Div", [x.x, root])
      return x.flag("hasScale") ? x.node("Mul", [result, x.y]) : result
    },
    "localResponseNorm": { x throws(Refusal) in
      let size = try x.integer("size")
      let (alpha, beta, k) = (try x.number("alpha"), try x.number("beta"), try x.number("k"))
      guard x.shape[1].isFixed else { throw Refusal("channels that depend on the batch") }
      // Squares of the window's channels, one after the other: channels beyond the ends count as 0.
      var pads = [Int](repeating: 0, count: 2 * x.rank)
      (pads[1], pads[x.rank + 1]) = (size / 2, (size - 1) / 2)
      let padded = x.node("Pad", [x.node("Mul", [x.x, x.x]), x.integers(pads)])
      var sum = ""
      for first in 0..<size {
        let part = x.node(
          "Slice",
          [padded, x.integers([first]), x.integers([first + x.shape[1].fixed]), x.integers([1]), x.integers([1])])
        sum = sum.isEmpty ? part : x.node("Add", [sum, part])
      }
      let base = x.node("Add", [x.node("Mul", [sum, x.constant(alpha / Double(size))]), x.constant(k)])
      return x.node("Mul", [x.x, x.node("Pow", [base, x.constant(-beta)])])
    },
  ]

  /// Channels along the second axis: by statistics of the values themselves, or by numbers that are given.
  private static let channels: Exporter = { x throws(Refusal) in
    let others = x.shape.indices.filter { $0 != 1 }
    /// A vector of the channels beside the values.
    func spread(_ index: Int) -> String {
      var shape = [Extent](repeating: 1, count: x.rank)
      shape[1] = x.shape[1]
      return x.reshaped(x.inputs[index].name, from: x.inputs[index].shape, to: shape)
    }
    var (result, place) = (x.x, 1)
    if x.word("form") == "affine" {
      if x.flag("hasCenter") { result = x.node("Sub", [result, spread(1)]) }
      place = 2
    } else {
      let axes = x.integers(others)
      let centered = x.node("Sub", [result, x.node("ReduceMean", [result, axes], ["keepdims": .int(1)])])
      let variance = x.node("ReduceMean", [x.node("Mul", [centered, centered]), axes], ["keepdims": .int(1)])
      result = x.node("Div", [centered, x.node("Sqrt", [x.node("Add", [variance, try x.scalar("epsilon")])])])
    }
    if x.flag("hasScale") { result = x.node("Mul", [result, spread(place)]) }
    if x.flag("hasShift") { result = x.node("Add", [result, spread(place + 1)]) }
    if x.flag("hasResidual") { result = x.node("Add", [result, x.inputs[place + 2].name]) }
    return x.flag("appliesReLU") ? x.node("Relu", [result]) : result
  }
}

import TernTensor

extension OperationExporters {
  /// Products of matrices, and convolutions.
  static let products: [String: Exporter] = [
    "matmul": same("MatMul"), "dot": same("MatMul"),
    "addmm": { x throws(Refusal) in try added(x) }, "baddbmm": { x throws(Refusal) in try added(x) },
    "linear": { x in
      let product = x.node("Gemm", x.inputs.map { $0.name }, ["transB": .int(1)])
      return x.flag("appliesReLU") ? x.node("Relu", [product]) : product
    },
    "convolution": { x throws(Refusal) in
      let (images, out, before) = (try x.integers("images"), try x.integers("out"), try x.integers("padding"))
      let (stride, reach) = (try x.integers("stride"), try reach(x))
      let after = images.indices.map { max(0, (out[$0] - 1) * stride[$0] + reach[$0] - images[$0] - before[$0]) }
      let result = x.node(
        "Conv", x.inputs.map { $0.name }, try convolution(x).merging(["pads": .ints(before + after)]) { $1 })
      return x.flag("appliesReLU") ? x.node("Relu", [result]) : result
    },
    "transposed convolution": { x throws(Refusal) in
      // The geometry is that of the convolution whose gradient this is: its images are the result.
      let (result, given, before) = (try x.integers("images"), try x.integers("out"), try x.integers("padding"))
      let (stride, reach) = (try x.integers("stride"), try reach(x))
      let surplus = result.indices.map { (given[$0] - 1) * stride[$0] + reach[$0] - before[$0] - result[$0] }
      return x.node(
        "ConvTranspose", x.inputs.map { $0.name },
        try convolution(x).merging([
          "pads": .ints(before + surplus.map { max(0, $0) }), "output_padding": .ints(surplus.map { max(0, -$0) }),
        ]) { $1 })
    },
  ]

  /// β·input + α·(a·b)
  private static func added(_ x: TracedOperation) throws(Refusal) -> String {
    let (beta, alpha) = (try x.number("beta"), try x.number("alpha"))
    var product = x.node("MatMul", [x.y, x.inputs[2].name])
    if alpha != 1 { product = x.node("Mul", [product, x.constant(alpha)]) }
    if beta == 0 { return product }
    return x.node("Add", [beta == 1 ? x.x : x.node("Mul", [x.x, x.constant(beta)]), product])
  }

  private static func convolution(_ x: TracedOperation) throws(Refusal) -> [String: ONNXAttribute] {
    [
      "kernel_shape": .ints(try x.integers("kernel")), "strides": .ints(try x.integers("stride")),
      "dilations": .ints(try x.integers("dilation")), "group": .int(try x.integer("groups")),
    ]
  }

  /// From the first to the last pixel that a kernel sees.
  private static func reach(_ x: TracedOperation) throws(Refusal) -> [Int] {
    zip(try x.integers("kernel"), try x.integers("dilation")).map { ($0 - 1) * $1 + 1 }
  }
}

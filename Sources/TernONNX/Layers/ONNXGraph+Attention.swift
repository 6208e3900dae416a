import TernNN
import TernTensor

extension ONNXGraph {
  /// Self-attention and encoders over batches [N, T, features], without masks.
  func attention<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    switch layer {
    case let attention as MultiHeadAttention<Scalar>: return selfAttention(attention, x)
    case let block as TransformerEncoderLayer<Scalar>:
      func network(_ x: ONNXValue) -> ONNXValue {
        let inner = self.layer(block.linear1, x)
        let active =
          block.activation == .relu ? node("Relu", [inner], shape: inner.shape) : self.layer(GELU<Scalar>(), inner)
        return self.layer(block.linear2, active)
      }
      func add(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { node("Add", [a, b], shape: a.shape) }
      if block.normFirst {
        let y = add(x, self.layer(block.selfAttn, self.layer(block.norm1, x)))
        return add(y, network(self.layer(block.norm2, y)))
      }
      let y = self.layer(block.norm1, add(x, self.layer(block.selfAttn, x)))
      return self.layer(block.norm2, add(y, network(y)))
    case let encoder as TransformerEncoder<Scalar>:
      let result = encoder.layers.reduce(x) { self.layer($1, $0) }
      return encoder.norm.map { self.layer($0, result) } ?? result
    default: return nil
    }
  }

  /// softmax(q·kᵀ/√d)·v of each head, of queries, keys and values that one product makes.
  private func selfAttention<Scalar>(_ attention: MultiHeadAttention<Scalar>, _ x: ONNXValue) -> ONNXValue {
    guard attention.batchFirst, x.shape.count == 3 else {
      return refuse(attention, "only batchFirst: true has the batch as the first axis", x)
    }
    guard let weight = attention.inProjWeight, attention.biasK == nil, !attention.appendsZeros else {
      return refuse(attention, "keys and values of other sizes, or appended ones, have no exporter", x)
    }
    let (batch, length, features) = (x.shape[0], x.shape[1], x.shape[2])
    let (heads, size) = (attention.heads, features / attention.heads)
    let turned = node("Transpose", [state(weight)], shape: weight.shape.reversed(), ["perm": .ints([1, 0])])
    var all = node("MatMul", [x, turned], shape: [batch, length, 3 * features])
    if let bias = attention.inProjBias { all = node("Add", [all, state(bias)], shape: all.shape) }
    all = node("Reshape", [all, integers([0, 0, 3, heads, size])], shape: [batch, length, 3, heads, size])
    all = node("Transpose", [all], shape: [3, batch, heads, length, size], ["perm": .ints([2, 0, 3, 1, 4])])
    let shape = [1, batch, heads, length, size]
    let parts = ["query", "key", "value"].map { ONNXValue(name: fresh($0), shape: shape) }
    add("Split", [all.name], parts.map(\.name), ["axis": .int(0), "num_outputs": .int(3)])
    let keys = node("Transpose", [parts[1]], shape: [1, batch, heads, size, length], ["perm": .ints([0, 1, 2, 4, 3])])
    let scores = [1, batch, heads, length, length]
    let queries = node("Mul", [parts[0], constant(1 / Double(size).squareRoot())], shape: shape)
    let weights = node(
      "Softmax", [node("MatMul", [queries, keys], shape: scores)], shape: scores, ["axis": .int(-1)])
    let read = node("MatMul", [weights, parts[2]], shape: shape)
    let joined = node("Transpose", [read], shape: [batch, length, heads, size, 1], ["perm": .ints([1, 3, 2, 4, 0])])
    return layer(attention.outProj, node("Reshape", [joined, integers([0, 0, -1])], shape: x.shape))
  }
}

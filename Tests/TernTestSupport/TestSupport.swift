package import TernTensor

/// One tensor in one of many layouts, with the layout's name for messages.
package struct LaidOut<Scalar: TensorScalar> {
  package let label: String
  package let tensor: Tensor<Scalar>
}

/// The same values in every layout a tensor can have: each compares equal to `values` in row-major order.
package func everyLayout<Scalar: NumericScalar>(_ values: Tensor<Scalar>) -> [LaidOut<Scalar>] {
  everyLayout(values, filler: 77)
}

/// The same values in every layout, with a filler between and around them.
package func everyLayout<Scalar: TensorScalar>(_ values: Tensor<Scalar>, filler: Scalar) -> [LaidOut<Scalar>] {
  let shape = values.shape
  var result = [LaidOut(label: "contiguous", tensor: values.contiguous)]
  func add(_ label: String, _ tensor: Tensor<Scalar>) {
    precondition(tensor.shape == shape, "\(label): \(tensor.shape) for \(shape)")
    result.append(LaidOut(label: label, tensor: tensor))
  }
  guard !shape.isEmpty else {
    let padded = Tensor<Scalar>([filler, values.item, filler])
    add("an element of a vector", padded[1])
    return result
  }
  let axes = Array(shape.indices)
  add("axes reversed in memory", laidOut(values, order: axes.reversed()))
  if axes.count == 4 { add("channels last", laidOut(values, order: [0, 2, 3, 1])) }
  if axes.count == 3 { add("channels last", laidOut(values, order: [0, 2, 1])) }
  var wide = Tensor<Scalar>(full: shape.map { 2 * $0 + 1 }, filler)
  let stepped = axes.map { AxisIndex.slice(1, 2 * shape[$0], step: 2) }
  wide[stepped] = values
  add("stepped", wide[stepped])
  var padded = Tensor<Scalar>(full: shape.map { $0 + 2 }, filler)
  let inner = axes.map { AxisIndex.slice(1, shape[$0] + 1) }
  padded[inner] = values
  add("sliced", padded[inner])
  let reversed = axes.map { _ in AxisIndex.slice(step: -1) }
  add("reversed", values[reversed].contiguous[reversed])
  return result
}

/// A tensor whose first row along the first axis repeats without taking memory.
package func broadcastLayout<Scalar: TensorScalar>(_ values: Tensor<Scalar>) -> LaidOut<Scalar>? {
  guard let extent = values.shape.first, extent > 0 else { return nil }
  return LaidOut(label: "broadcast", tensor: values[0..<1].contiguous.broadcast(to: values.shape))
}

private func laidOut<Scalar: TensorScalar>(_ values: Tensor<Scalar>, order: [Int]) -> Tensor<Scalar> {
  var inverse = order
  for (i, axis) in order.enumerated() { inverse[axis] = i }
  return values.permuted(order).contiguous.permuted(inverse)
}

/// The largest difference of two tensors of one shape, relative to the largest value; NaN and infinities must agree.
package func relativeDifference<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let (x, y) = (a.scalars.map(\.number), b.scalars.map(\.number))
  let scale = y.filter(\.isFinite).map(abs).max().map { Swift.max($0, 1e-300) } ?? 1
  var largest = 0.0
  for (u, v) in zip(x, y) {
    if u.isNaN && v.isNaN || u == v { continue }
    guard u.isFinite && v.isFinite else { return .infinity }
    largest = Swift.max(largest, abs(u - v) / scale)
  }
  return largest
}

/// What a child process wrote before it stopped.
package func text(_ bytes: [UInt8]?) -> String {
  String(decoding: bytes ?? [], as: UTF8.self)
}

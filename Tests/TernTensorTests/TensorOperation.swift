import TernTensor
import TernTestSupport
import Testing

/// An operation with shapes to try it on: a new operation joins the tests of gradients and layouts with one row.
struct TensorOperation: Sendable, CustomTestStringConvertible {
  let name: String
  let shapes: [[Int]]
  let function: @Sendable ([Tensor<Double>]) -> Tensor<Double>

  init(_ name: String, _ shapes: [Int]..., function: @escaping @Sendable ([Tensor<Double>]) -> Tensor<Double>) {
    self.name = name
    self.shapes = shapes
    self.function = function
  }

  var testDescription: String { name }

  /// Values of both signs, all different, at least 0.04 from each other and from 0: away from kinks and ties.
  var points: [Tensor<Double>] {
    shapes.enumerated().map { place, shape in
      let count = shape.reduce(1, *)
      let values = (0..<count).map { i -> Double in
        let rank = (i * 17 + 5 * place) % 97
        return (rank % 3 == 0 ? -1 : 1) * (0.3 + 0.02 * Double(rank))
      }
      return Tensor(values, shape: shape)
    }
  }

  /// Values and gradients of a weighted sum.
  func valueAndSlopes(_ points: [Tensor<Double>]) -> (Tensor<Double>, [Tensor<Double>]) {
    let variables = points.map { $0.asVariable() }
    let value = function(variables)
    let weights = Tensor<Double>(rangeFrom: 1, to: Double(value.count) + 1).reshaped(value.shape)
    return (value.detached(), gradients(of: (value * weights).sum(), at: variables))
  }

  /// Fails where a gradient of first or second order differs from finite differences.
  func expectGradients() {
    let check = checkGradients(at: points, of: function)
    #expect(check.passes(), "\(name): \(check)")
  }

  /// Fails where the results depend on how an operand lies in memory.
  func expectLayoutsAgree(_ tolerance: Double = 1e-14) {
    let (expected, slopes) = valueAndSlopes(points)
    for place in points.indices {
      for layout in everyLayout(points[place]) {
        var inputs = points
        inputs[place] = layout.tensor
        let (value, found) = valueAndSlopes(inputs)
        #expect(relativeDifference(value, expected) <= tolerance, "\(name), input \(place) \(layout.label)")
        for (slope, other) in zip(found, slopes) {
          #expect(
            relativeDifference(slope, other) <= tolerance, "\(name), gradients with input \(place) \(layout.label)")
        }
      }
      guard let repeated = broadcastLayout(points[place]) else { continue }
      var (inputs, whole) = (points, points)
      inputs[place] = repeated.tensor
      whole[place] = repeated.tensor.contiguous
      #expect(
        relativeDifference(valueAndSlopes(inputs).0, valueAndSlopes(whole).0) <= tolerance,
        "\(name), input \(place) \(repeated.label)")
    }
  }
}

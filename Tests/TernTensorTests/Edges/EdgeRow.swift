import TernTensor
import Testing

/// A function of one element at some places: its value, derivative and second derivative there; NaN stands for "not looked at".
struct EdgeRow<Scalar: FloatingScalar>: Sendable {
  var name: String
  var function: @Sendable (Tensor<Scalar>) -> Tensor<Scalar>
  var places: [Double]
  var values: [Double]
  var derivatives: [Double]
  var seconds: [Double]

  init(
    _ name: String, at places: [Double], values: [Double], derivatives: [Double], seconds: [Double],
    _ function: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    (self.name, self.places, self.values, self.derivatives, self.seconds) = (name, places, values, derivatives, seconds)
    self.function = function
  }

  /// Holds values and derivatives, fused and recorded, to what they should be.
  func check() {
    let x = Tensor(places.map { Scalar($0) }).asVariable()
    let y = function(x)
    let fused = gradients(of: y.sum(), at: [x], retainGraph: true)[0]
    let recorded = gradients(of: y.sum(), at: [x], createGraph: true)[0]
    expect(y, values, "value")
    expect(fused, derivatives, "derivative")
    expect(recorded, derivatives, "recorded derivative")
    guard recorded.requiresGradient else { return }
    expect(gradients(of: recorded.sum(), at: [x])[0], seconds, "second derivative")
  }

  private func expect(_ found: Tensor<Scalar>, _ wanted: [Double], _ what: String) {
    for (i, value) in found.scalars.enumerated() where !wanted[i].isNaN {
      if !isClose(value, wanted[i]) {
        Issue.record("\(name) of \(Scalar.self) at \(places[i]): \(what) \(value), expected \(wanted[i])")
      }
    }
  }
}

/// Whether a value is the expected one rounded, within a few units; tiny ones within the least normal number.
func isClose<Scalar: FloatingScalar>(_ value: Scalar, _ wanted: Double, units: Double = 64) -> Bool {
  let target = Scalar(wanted)
  if value == target { return true }
  if !value.isFinite || !target.isFinite { return false }
  let bound = Scalar(units) * Scalar.ulpOfOne * Swift.abs(target)
  return Swift.abs(value - target) <= Swift.max(bound, 4 * .leastNormalMagnitude)
}

/// Holds a tensor to what it should be.
func expectClose<Scalar: FloatingScalar>(
  _ found: Tensor<Scalar>, _ wanted: [Double], _ what: String, units: Double = 64,
  location: SourceLocation = #_sourceLocation
) {
  let values = found.scalars
  let matches = values.count == wanted.count && zip(values, wanted).allSatisfy { isClose($0, $1, units: units) }
  if !matches { Issue.record("\(what) of \(Scalar.self): \(values), expected \(wanted)", sourceLocation: location) }
}

/// The gradients of a function's sum at its arguments, fused and recorded, and those of a sum of the recorded ones.
func sumDerivatives<Scalar: FloatingScalar>(
  at places: [[Double]], weights: [Double]? = nil, _ function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> (value: Tensor<Scalar>, fused: [Tensor<Scalar>], recorded: [Tensor<Scalar>], second: [Tensor<Scalar>]) {
  let x = places.map { Tensor($0.map { Scalar($0) }).asVariable() }
  let y = function(x)
  let seed = weights.map { Tensor($0.map { Scalar($0) }).reshaped(y.shape) } ?? Tensor(ones: y.shape)
  let fused = gradients(of: y, at: x, gradient: seed, retainGraph: true)
  let recorded = gradients(of: y, at: x, gradient: seed, createGraph: true)
  let total = recorded.map { $0.sum() }.reduce(Tensor(0)) { $0 + $1 }
  let second = total.requiresGradient ? gradients(of: total, at: x) : x.map { Tensor(zeros: $0.shape) }
  return (y.detached(), fused, recorded, second)
}

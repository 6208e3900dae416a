import TernTensor
import Testing

private let inf = Double.infinity

/// Normalizations whose scale or shift is infinite, as limits of large ones.
@Suite("Normalizations with an infinite scale or shift") struct InfiniteScaleTests {
  private typealias Norm<Scalar: FloatingScalar> = (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>

  /// Values of three channels and three features, one slice of equal values among them.
  private func input<Scalar: FloatingScalar>(_ shape: [Int]) -> Tensor<Scalar> {
    let count = shape.reduce(1, *)
    let values: [Scalar] = (0..<count).map { (i: Int) -> Scalar in Scalar((i * 5 + i / 9) % 7 - 3) }
    return Tensor(values, shape: shape)
  }

  private func seed<Scalar: FloatingScalar>(_ shape: [Int]) -> Tensor<Scalar> {
    let count = shape.reduce(1, *)
    let values: [Scalar] = (0..<count).map { (i: Int) -> Scalar in Scalar(i * 3 % 5 - 1) }
    return Tensor(values, shape: shape)
  }

  private func norms<Scalar: FloatingScalar>() -> [(String, [Int], Norm<Scalar>)] {
    let zeros = Tensor<Scalar>([0, 1, -1])
    let ones = Tensor<Scalar>([1, 4, 9])
    var rows: [(String, [Int], Norm<Scalar>)] = []
    rows.append(("layer", [4, 3], { layerNorm($0, normalizedShape: [3], scale: $1, shift: $2) }))
    rows.append(("RMS", [4, 3], { rmsNorm($0, normalizedShape: [3], scale: $1) + $2 }))
    rows.append(("batch", [5, 3, 4], { batchNorm($0, scale: $1, shift: $2).output }))
    rows.append(("batch, ReLU", [5, 3, 4], { batchNorm($0, scale: $1, shift: $2, activation: .relu).output }))
    rows.append(
      ("batch in evaluation", [5, 3, 4], { batchNorm($0, mean: zeros, variance: ones, scale: $1, shift: $2) }))
    rows.append(("instance", [2, 3, 4], { instanceNorm($0, scale: $1, shift: $2).output }))
    rows.append(("group", [2, 3, 4], { groupNorm($0, groups: 1, scale: $1, shift: $2) }))
    return rows
  }

  /// The result is ±∞ by the sign of that of a scale of 10⁶, and so are the gradients, but for those near 0.
  @Test func limitsOfLargeScales() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      for (name, shape, norm) in norms() as [(String, [Int], Norm<Scalar>)] {
        for sign in [1.0, -1] {
          func run(_ large: Double) -> (y: [Double], gradients: [[Double]], recorded: [[Double]], hasNaN: Bool) {
            let x = (input(shape) as Tensor<Scalar>).asVariable()
            let scale = Tensor<Scalar>([Scalar(sign * large), 2, 0.5]).asVariable()
            let shift = Tensor<Scalar>([1, -1, 0]).asVariable()
            let y = norm(x, scale, shift)
            let weights: Tensor<Scalar> = seed(shape)
            let fused = gradients(of: y, at: [x, scale, shift], gradient: weights, retainGraph: true)
            let recorded = gradients(of: y, at: [x, scale, shift], gradient: weights, createGraph: true)
            func numbers(_ t: Tensor<Scalar>) -> [Double] { t.scalars.map { Double($0) } }
            let values = numbers(y)
            let all = fused.map(numbers)
            return (values, all, recorded.map(numbers), (values + all.flatMap { $0 }).contains { $0.isNaN })
          }
          let label = "\(name) of \(Scalar.self), \(sign * inf)"
          let (large, limit) = (run(1e6), run(inf))
          #expect(!limit.hasNaN, "\(label): \(limit.y), \(limit.gradients)")
          for (a, b) in zip(limit.gradients.joined(), limit.recorded.joined()) {
            #expect(a == b || abs(a - b) < 1e-5, "\(label): \(limit.gradients), \(limit.recorded)")
          }
          for (a, b) in zip(large.y, limit.y) {
            #expect(
              abs(a) > 1000 ? b == (a > 0 ? inf : -inf) : abs(a - b) < 1e-3, "\(label): \(b) where 10⁶ gives \(a)")
          }
          for (i, part) in ["x", "scale", "shift"].enumerated() {
            for (a, b) in zip(large.gradients[i], limit.gradients[i]) where abs(a) > 1000 || abs(b) < inf {
              #expect(
                abs(a) > 1000 ? b == (a > 0 ? inf : -inf) : abs(a - b) < 1e-2,
                "\(label), gradient of \(part): \(b) where 10⁶ gives \(a)")
            }
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func whatIsZeroStaysSo() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let flat = Tensor<Scalar>(full: [2, 3, 4], 5).asVariable()
      for (name, shape, norm) in norms() as [(String, [Int], Norm<Scalar>)] where name != "RMS" {
        if shape[0] == 5 { continue }
        let x = flat.reshaped([24])[0..<shape.reduce(1, *)].reshaped(shape)
        let y = norm(x, Tensor(full: [3], .infinity), Tensor([1, 2, 3]))
        #expect(!y.scalars.contains { $0.isNaN || $0.isInfinite }, "\(name): \(y.scalars)")
        #expect(gradients(of: y.sum(), at: [flat])[0].scalars.allSatisfy { $0 == 0 }, "\(name)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func infiniteShifts() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      for (name, shape, norm) in norms() as [(String, [Int], Norm<Scalar>)] {
        let x = (input(shape) as Tensor<Scalar>).asVariable()
        let scale = Tensor<Scalar>([1, 2, 0.5]).asVariable()
        let shift = Tensor<Scalar>([.infinity, -.infinity, 0]).asVariable()
        let y = norm(x, scale, shift)
        let finite = norm(x, scale, Tensor([10, -10, 0]))
        #expect(!y.scalars.contains { $0.isNaN }, "\(name): \(y.scalars)")
        let weights: Tensor<Scalar> = seed(shape)
        let found = gradients(of: y, at: [x, scale], gradient: weights)
        let wanted = gradients(of: finite, at: [x, scale], gradient: weights)
        for (a, b) in zip(found, wanted) {
          #expect((a - b).abs().max().item < 1e-4, "\(name) of \(Scalar.self): \(a.scalars), \(b.scalars)")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  /// An infinite element has the whole length of its slice, which other slices do not notice; NaN stays.
  @Test func rootMeanSquaresOfInfiniteElements() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let rows: [Scalar] = [.infinity, 1, 1e30, 3, 4, 0, -.infinity, .infinity, 2, .infinity, .nan, 1]
      let x = Tensor<Scalar>(rows, shape: [4, 3]).asVariable()
      let y = rmsNorm(x, normalizedShape: [3], scale: Tensor([1, 2, 3]))
      let wanted: [Double] = [1.7320508, 0, 0, 1.0392305, 2.7712813, 0, -1.2247449, 2.4494897, 0]
      for (i, value) in wanted.enumerated() {
        let found = Double(y.detached().scalars[i])
        #expect(abs(found - value) < 1e-5, "\(Scalar.self), element \(i): \(found), expected \(value)")
      }
      #expect(y.detached().scalars[9...].contains { $0.isNaN })
      let weights = Tensor<Scalar>([1, 2, 3, 1, 2, 3, 1, 2, 3, 0, 0, 0], shape: [4, 3])
      let derivatives = gradients(of: y, at: [x], gradient: weights)[0].scalars
      #expect(derivatives[0..<3].allSatisfy { $0 == 0 } && derivatives[6..<9].allSatisfy { $0 == 0 }, "\(derivatives)")
      #expect(derivatives[3..<6].contains { $0 != 0 }, "\(derivatives)")
    }
    check(Float.self)
    check(Double.self)
  }
}

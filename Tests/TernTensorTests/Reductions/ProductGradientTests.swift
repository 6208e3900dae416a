import TernTensor
import Testing

/// Gradients of products beside products of the others in Double, with zeros, infinities and what leaves the range.
@Suite struct ProductGradientTests {
  /// Factors by kind: ordinary ones, one zero here and there, two, great and small ones, and one infinity.
  private func factors(_ kind: Int, _ count: Int) -> [Double] {
    (0..<count).map { index in
      let draw = index &* 7919 % 53
      let sign: Double = draw % 3 == 0 ? -1 : 1
      switch kind {
      case 1 where draw == 5, 2 where draw < 9, 5 where draw == 7: return 0
      case 3: return sign * (draw % 2 == 0 ? 1e12 : 1e-12) * (1 + Double(draw) / 64)
      case 4 where draw == 11: return .infinity
      case 5 where draw == 8: return -.infinity
      case 6: return 1e-3
      default: return sign * (0.5 + Double(draw) / 40)
      }
    }
  }

  private func check<Scalar: FloatingScalar>(_: Scalar.Type, _ tolerance: Double) {
    for kind in 0...6 {
      for shape in [[3, 1, 5], [2, 7, 3], [2, 33, 1], [1, 64, 40], [3, 70, 33], [1, 200, 1], [4, 0, 3]] {
        let count = shape.reduce(1, *)
        let x = Tensor<Scalar>(factors(kind, count).map { Scalar($0) }, shape: shape)
        let variable = x.asVariable()
        let cotangent = Tensor<Scalar>(
          (0..<shape[0] * shape[2]).map { Scalar($0 % 4) - 1 }, shape: [shape[0], shape[2]])
        let found = gradients(of: variable.product(along: 1), at: [variable], gradient: cotangent)[0]
        let (values, upstream) = (x.scalars.map { Double($0) }, cotangent.scalars.map { Double($0) })
        let expected = (0..<count).map { at -> Scalar in
          let (o, r, c) = (at / (shape[1] * shape[2]), at / shape[2] % shape[1], at % shape[2])
          var (product, exponent) = (upstream[o * shape[2] + c], 0)
          if product == 0 { return 0 }
          let others = (0..<shape[1]).filter { $0 != r }.map { values[(o * shape[1] + $0) * shape[2] + c] }
          // An infinity beside a 0 has no limit.
          if others.contains(0) && others.contains(where: \.isInfinite) { return .nan }
          for other in others {
            product *= other
            if product.isFinite && product != 0 {
              exponent += Int(product.exponent)
              product = product.significand * (product < 0 ? -1 : 1)
            }
          }
          return Scalar(
            Double(sign: .plus, exponent: Swift.max(-2000, Swift.min(2000, exponent)), significand: product))
        }
        let isRight = zip(found.scalars, expected).allSatisfy { found, expected in
          if expected.isNaN || found == expected { return true }
          let distance = abs(Double(found) - Double(expected))
          return distance <= tolerance * abs(Double(expected)) + 2 * Double(Scalar.leastNonzeroMagnitude)
        }
        #expect(isRight, "kind \(kind), \(shape)")
      }
    }
  }

  @Test("products of the others, whatever they are")
  func others() {
    check(Float.self, 1e-5)
    check(Double.self, 1e-13)
  }

  @Test("any layout, and axes that do not follow each other")
  func layouts() {
    let x = Tensor<Double>((0..<120).map { Double($0 % 11) - 3 }, shape: [2, 3, 4, 5])
    let orders: [[Int]] = [[0, 1, 2, 3], [3, 1, 0, 2], [0, 2, 3, 1]]
    for axes in [[0], [1, 2], [0, 3], [1, 3], [0, 1, 2, 3]] {
      let plain = x.asVariable()
      let expected = gradients(of: plain.product(along: axes).sum(), at: [plain])[0]
      for order in orders {
        var back = order
        for (place, axis) in order.enumerated() { back[axis] = place }
        let moved = x.permuted(order).contiguous.permuted(back).asVariable()
        let found = gradients(of: moved.product(along: axes).sum(), at: [moved])[0]
        #expect(found.scalars == expected.scalars, "axes \(axes), order \(order)")
      }
    }
    // A broadcast tensor.
    let row = Tensor<Float>([2, 3, 0]).asVariable()
    let wide = row.broadcast(to: [4, 3])
    #expect(gradients(of: wide.product(along: 1).sum(), at: [row])[0].scalars == [0, 0, 24])
  }
}

import TernTensor
import Testing

/// Softmax of short rows, which are taken side by side, beside the formula in Double.
@Suite struct ShortRowsTests {
  private func check<Scalar: FloatingScalar>(_: Scalar.Type, _ tolerance: Double) {
    for n in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64] {
      for rows in [1, 5, 8, 16, 19, 37] {
        let x = Tensor<Scalar>((0..<rows * n).map { Scalar($0 &* 7919 % 101) / 10 - 5 }, shape: [rows, n])
        let g = Tensor<Scalar>((0..<rows * n).map { Scalar($0 &* 104_729 % 17) - 8 }, shape: [rows, n])
        let variable = x.asVariable()
        let (y, z) = (variable.softmax(), variable.logSoftmax())
        let dy = gradients(of: y, at: [variable], gradient: g)[0]
        let dz = gradients(of: z, at: [variable], gradient: g)[0]
        var worst = 0.0
        for r in 0..<rows {
          let (values, upstream) = (x[r].scalars.map { Double($0) }, g[r].scalars.map { Double($0) })
          let most = values.max()!
          let terms = values.map { ($0 - most).exponential }
          let sum = terms.reduce(0, +)
          let (shares, total) = (terms.map { $0 / sum }, upstream.reduce(0, +))
          let mean = zip(shares, upstream).map(*).reduce(0, +)
          for i in 0..<n {
            worst = max(worst, abs(Double(y[r, i].item) - shares[i]))
            worst = max(worst, abs(Double(dy[r, i].item) - shares[i] * (upstream[i] - mean)) / 16)
            worst = max(worst, abs(Double(dz[r, i].item) - (upstream[i] - shares[i] * total)) / 256)
            worst = max(worst, abs(Double(z[r, i].item) - (values[i] - most - sum.logarithm)) / 16)
          }
        }
        #expect(worst < tolerance, "\(Scalar.self), \(rows) rows of \(n)")
      }
    }
  }

  @Test("values and gradients of rows of 1 to 64 elements")
  func values() {
    check(Float.self, 3e-7)
    check(Double.self, 1e-15)
  }

  @Test("the ends of the range, and gradients that are no numbers")
  func ends() {
    let (inf, nan) = (Float.infinity, Float.nan)
    let x = Tensor<Float>(
      Array([[-inf, -inf, -inf], [-inf, 0, -inf], [1e30, -1e30, 1e30], [nan, 0, 1]].joined()), shape: [4, 3])
    let y = x.softmax()
    #expect(y[0].isNaN().all().item && y[3].isNaN().all().item)
    #expect(y[1].scalars == [0, 1, 0] && y[2].scalars == [0.5, 0, 0.5])
    let variable = x[1..<3].detached().asVariable()
    let gradient = gradients(
      of: variable.softmax(), at: [variable], gradient: Tensor([inf, 1, nan, 1, inf, 3], shape: [2, 3]))[0]
    // Where the share is 0 the upstream does not matter.
    #expect(gradient[0].scalars == [0, 0, 0] && gradient[1].scalars == [-0.5, 0, 0.5])
  }
}

extension Double {
  fileprivate var exponential: Double { Tensor<Double>(self).exp().item }
  fileprivate var logarithm: Double { Tensor<Double>(self).log().item }
}

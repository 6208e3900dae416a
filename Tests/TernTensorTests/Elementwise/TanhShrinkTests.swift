import TernTensor
import Testing

/// x − tanh x where it cancels.
@Suite struct TanhShrinkTests {
  /// Computed with mpmath at 40 digits.
  static let values: [(x: Double, y: Double)] = [
    (1e-100, 3.3333333333333333335e-301), (1e-7, 3.3333333333333195475e-22),
    (-0.001953125, -2.4835230760858698952e-9), (0.125, 0.00064699822840379194535),
    (-0.5, -0.037882842739990241498), (0.75, 0.11485104761271268079), (0.9990234375, 0.23783971786641560561),
    (1, 0.23840584404423511188), (-1.0009765625, -0.23897258028747247294), (1.5, 0.59485174635513356176),
    (4, 3.0006707002609329562), (-30, -29),
  ]

  @Test func keepsItsDigitsNearZero() {
    let doubles = Tensor(Self.values.map(\.x)).tanhShrink().scalars
    for (found, (x, y)) in zip(doubles, Self.values) {
      #expect(abs(found - y) <= 4 * y.ulp, "\(found) at \(x), expected \(y)")
    }
    // 1e-7 is another number in Float.
    let short = Self.values.filter { Double(Float($0.x)) == $0.x }
    let floats = Tensor(short.map { Float($0.x) }).tanhShrink().scalars
    for (found, (x, y)) in zip(floats, short) {
      #expect(abs(found - Float(y)) <= 4 * Float(y).ulp, "\(found) at \(x), expected \(y)")
    }
  }

  @Test func ends() {
    let y = Tensor<Double>([.infinity, -.infinity, 0, -0.0, .nan, 1e300, -1e300, .leastNonzeroMagnitude]).tanhShrink()
      .scalars
    #expect(y[0] == .infinity && y[1] == -.infinity && y[4].isNaN && y[5] == 1e300 && y[6] == -1e300 && y[7] == 0)
    #expect(y[2].sign == .plus && y[2] == 0 && y[3].sign == .minus && y[3] == 0)
  }

  @Test func derivativeIsTheSquareOfTanh() {
    let x = Tensor<Double>([1e-100, 1e-7, 0.5, -2, 0, .infinity]).asVariable()
    let found = gradients(of: x.tanhShrink().sum(), at: [x])[0].scalars
    for (value, derivative) in zip([1e-100, 1e-7, 0.5, -2, 0, .infinity], found) {
      let exact = value.isFinite ? Tensor(value).tanh().item * Tensor(value).tanh().item : 1
      #expect(abs(derivative - exact) <= 2 * exact.ulp, "\(derivative) at \(value), expected \(exact)")
    }
  }
}

import TernTensor
import Testing

/// The regularized incomplete beta function beside mpmath: a, b, x and I, Double within 16 units in the last place.
@Suite struct IncompleteBetaTests {
  @Test func values() {
    let rows: [(a: Double, b: Double, x: Double, value: Double)] = [
      (2.0, 3.0, 0.25, 0.26171875),
      (2.5, 1.5, 0.9, 0.9021193570586202),
      (0.5, 0.5, 0.1, 0.20483276469913345),
      (0.5, 0.5, 0.75, 0.6666666666666666),
      (5.0, 0.5, 0.2, 8.630216153154254e-05),
      (0.5, 5.0, 0.99, 0.9999999999752874),
      (300.0, 400.0, 0.43, 0.5318676325257012),
      (0.082, 1970.0, 0.000582, 0.9845636189008533),
      (2338.8, 2680.2, 0.4656, 0.47821378831621514),
      (25.3, 0.0586, 0.9706, 0.021203741844031843),
      (1.0, 1.0, 0.37, 0.37),
      (0.001, 2.0, 1e-05, 0.9895416378660649),
      (40.0, 7.0, 0.05, 6.310838011212652e-46),
      (10000.0, 20000.0, 0.3333, 0.49565691682090707),
      (12.5, 3.5, 0.999999, 1.0),
      (1.0, 15.0, 0.0625, 0.6201875941847543),
      (1.0, 3.5, 0.4, 0.8326871194438397),
      (15.0, 1.0, 0.96, 0.5420863798609088),
      (1.0, 40.0, 0.03, 0.7042877126008672),
      (1.0, 10000.0, 0.0001, 0.6321389535670701),
    ]
    let x = Tensor(rows.map(\.x))
    let found = betainc(Tensor(rows.map(\.a)), Tensor(rows.map(\.b)), x).scalars
    for (value, row) in zip(found, rows) {
      #expect(abs(value - row.value) <= 16 * row.value.ulp, "\(row): \(value)")
    }
  }

  @Test func ends() {
    let a = Tensor<Double>([2, 2, 0, 2, .infinity, 2, 0, -1, 2, 2, .infinity, .nan])
    let b = Tensor<Double>([3, 3, 2, 0, 2, .infinity, 0, 2, 3, 3, .infinity, 2])
    let x = Tensor<Double>([0, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.1, 1.1, 0.5, 0.5])
    let found = betainc(a, b, x).scalars
    let numbers: [Double] = [0, 1, 1, 0, 0, 1]
    #expect(Array(found.prefix(6)) == numbers)
    #expect(found.dropFirst(6).filter { !$0.isNaN }.isEmpty)
  }

  @Test func bothSidesMakeOne() {
    let a = Tensor<Double>([0.3, 2, 30]).reshaped([3, 1])
    let x = Tensor<Double>([0.125, 0.5, 0.875])
    let (lower, upper) = (betainc(a, Tensor(4), x), betainc(Tensor(4), a, 1 - x))
    #expect((lower + upper - 1).abs().max().item <= 1e-15)
  }

  @Test func derivativeIsTheDensity() {
    let x = Tensor<Double>([0.2, 0.5, 0.9]).asVariable()
    let (a, b) = (Tensor<Double>(2), Tensor<Double>(3))
    let slope = gradients(of: betainc(a, b, x).sum(), at: [x])[0].scalars
    let expected = [0.2, 0.5, 0.9].map { 12 * $0 * (1 - $0) * (1 - $0) }
    for (value, exact) in zip(slope, expected) { #expect(abs(value - exact) <= 1e-14) }
  }

  @Test func noDerivativeAtTheShapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      betainc(Tensor<Float>([2]).asVariable(), Tensor([3]), Tensor([0.5])).sum().backward()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("betainc: there is no derivative at a and b"))
  }
}

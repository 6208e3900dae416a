import TernTensor
import Testing

/// Formulas whose numbers are variables of another type than the tensor's.
@Suite struct MixedArithmeticTests {
  private let x = Tensor<Float>([1, -2, 4])
  private let rate = 0.5
  private let n = 4

  @Test func numbersOfOtherTypesStandOnBothSides() {
    #expect((x + rate).scalars == [1.5, -1.5, 4.5])
    #expect((x - rate).scalars == [0.5, -2.5, 3.5])
    #expect((x * rate).scalars == [0.5, -1, 2])
    #expect((x / rate).scalars == [2, -4, 8])
    #expect((rate + x).scalars == [1.5, -1.5, 4.5])
    #expect((rate - x).scalars == [-0.5, 2.5, -3.5])
    #expect((rate * x).scalars == [0.5, -1, 2])
    #expect((rate / x).scalars == [0.5, -0.25, 0.125])
    #expect((x + n).scalars == [5, 2, 8])
    #expect((n - x).scalars == [3, 6, 0])
    #expect((x / n).scalars == [0.25, -0.5, 1])
    #expect((n * x).scalars == [4, -8, 16])
    let (byte, word) = (UInt8(2), Int32(-1))
    #expect((x * byte * word).scalars == [-2, 4, -8])
    let (wide, third) = (Tensor<Double>([1, 2]), Float(0.25))
    #expect((wide * third + n).scalars == [4.25, 4.5])
  }

  @Test func theyChangeATensorInPlace() {
    var y = x
    y += rate
    y *= n
    y -= 2
    y /= rate
    #expect(y.scalars == [8, -16, 32])
  }

  @Test func literalsAndNumbersOfTheTensorsTypeStayWhatTheyAre() {
    let scale: Float = 0.1
    // 0.1 as a Float, not one rounded on the way.
    #expect((x * 0.1).scalars == x.scalars.map { $0 * 0.1 })
    #expect((x * scale + 1 - 2 * x).scalars == x.scalars.map { $0 * scale + 1 - 2 * $0 })
    let counts = Tensor<Int>([1, 2]) * 3 + 1
    #expect(counts.scalars == [4, 7])
    let big = Tensor<Int>([1]) * (Int.max - 1)
    #expect(big.item == Int.max - 1)
    let mixed = x * 2 + [1, 1, 1] - 0.5
    #expect(mixed.scalars == [2.5, -3.5, 8.5])
  }

  @Test func theirGradientsAreThoseOfTheFormula() {
    let v = x.asVariable()
    (v * rate + n * v * v / 2 - rate / v).sum().backward()
    // 1/2 + 4v + 1/(2v²)
    #expect(v.gradient!.scalars == [5, -7.375, 16.53125])
  }

  @Test func aGenericFormulaTakesThemToo() {
    func step<Scalar: FloatingScalar>(_ w: Tensor<Scalar>, _ g: Tensor<Scalar>, rate: Double, n: Int) -> Tensor<Scalar>
    {
      w - rate * g / n
    }
    #expect(step(x, x, rate: rate, n: n).scalars == [0.875, -1.75, 3.5])
    #expect(step(Tensor<Double>([8]), Tensor([8]), rate: rate, n: n).item == 7)
  }
}

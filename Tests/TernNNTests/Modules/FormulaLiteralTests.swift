import TernNN
import TernTensor
import Testing

/// Literals in sums, differences and products with a tensor are of its type, not Int's: 1 / 4 is a quarter. The compiler takes
/// them for Int where the quotient itself divides a tensor or stands beside a parameter.
@Suite struct FormulaLiteralTests {
  private func check<Scalar: FloatingScalar>(_: Scalar.Type) {
    let x = Tensor<Scalar>([8, -2])
    #expect(x * (1 / 4) == Tensor([2, -0.5]) && (1 / 4) * x == Tensor([2, -0.5]) && 2 / 4 * x == Tensor([4, -1]))
    #expect(x + 1 / 2 == Tensor([8.5, -1.5]) && 3 / 2 + x == Tensor([9.5, -0.5]))
    #expect(x - 1 / 2 == Tensor([7.5, -2.5]) && 3 / 2 - x == Tensor([-6.5, 3.5]))
    #expect(Tensor<Scalar>([8]).pow(1 / 3) == Tensor<Scalar>([8]).pow(Scalar(1) / 3))
    var y = x
    y *= 1 / 4
    y += 1 / 2
    y -= 1 / 4
    #expect(y == Tensor([2.25, -0.25]))
  }

  @Test func literalsAreOfTheTensorsType() {
    check(Float.self)
    check(Double.self)
    let x = Tensor<Float>([8, -2])
    #expect(x * (1 / 4) == Tensor([2, -0.5]))
  }

  @Test func variablesAreConverted() {
    let (x, count, rate, byte) = (Tensor<Float>([8, -2]), 4, 0.25, UInt8(2))
    #expect(x * count == Tensor([32, -8]) && x / count == Tensor([2, -0.5]) && x * (1 / rate) == Tensor([32, -8]))
    #expect(count - x == Tensor([-4, 6]) && x + byte == Tensor([10, 0]) && rate * Parameter(x) == Tensor([2, -0.5]))
    #expect(x * (count / 8) == Tensor([0, 0]))
    #expect(x.pow(byte == 2 ? count / 2 : 0) == Tensor([64, 4]) && x.pow(-rate * 4) == x.pow(Float(-1)))
  }
}

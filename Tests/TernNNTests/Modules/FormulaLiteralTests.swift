import TernNN
import TernTensor
import Testing

/// Literals in formulas are of the tensor's type, not Int's: 1 / 4 is a quarter.
@Suite struct FormulaLiteralTests {
  private func check<Scalar: FloatingScalar>(_: Scalar.Type) {
    let x = Tensor<Scalar>([8, -2])
    #expect(x * (1 / 4) == Tensor([2, -0.5]) && (1 / 4) * x == Tensor([2, -0.5]) && 2 / 4 * x == Tensor([4, -1]))
    #expect(x / (1 / 2) == Tensor([16, -4]) && (1 / 2) / x == Tensor([0.0625, -0.25]))
    #expect(x + 1 / 2 == Tensor([8.5, -1.5]) && 3 / 2 + x == Tensor([9.5, -0.5]))
    #expect(x - 1 / 2 == Tensor([7.5, -2.5]) && 3 / 2 - x == Tensor([-6.5, 3.5]))
    #expect(Tensor<Scalar>([8]).pow(1 / 3) == Tensor<Scalar>([8]).pow(Scalar(1) / 3))
    var y = x
    y *= 1 / 4
    y += 1 / 2
    y -= 1 / 4
    y /= 1 / 8
    #expect(y == Tensor([18, -2]))
    let w = Parameter(x)
    #expect(w * (1 / 4) == Tensor([2, -0.5]) && (1 / 4) * w == Tensor([2, -0.5]))
    #expect(w / (1 / 2) == Tensor([16, -4]) && (1 / 2) / w == Tensor([0.0625, -0.25]))
    #expect(w + 1 / 2 == Tensor([8.5, -1.5]) && 1 / 2 + w == Tensor([8.5, -1.5]))
    #expect(w - 1 / 2 == Tensor([7.5, -2.5]) && 1 / 2 - w == Tensor([-7.5, 2.5]))
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

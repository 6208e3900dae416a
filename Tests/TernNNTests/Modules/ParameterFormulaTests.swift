import TernNN
import TernTensor
import Testing

/// Formulas in which a parameter stands for its value.
@Suite struct ParameterFormulaTests {
  @Test func aParameterStandsForItsValue() {
    let (p, x) = (Parameter(Tensor<Float>([2, -4])), Tensor<Float>([1, 3]))
    let (rate, n) = (0.5, 4)
    #expect((p + x).scalars == [3, -1] && (x + p).scalars == [3, -1])
    #expect((p - x).scalars == [1, -7] && (x - p).scalars == [-1, 7])
    #expect((p * x).scalars == [2, -12] && (x * p).scalars == [2, -12])
    #expect((p / x).scalars == [2, -4 / 3] && (x / p).scalars == [0.5, -0.75])
    #expect((p * p + p).scalars == [6, 12] && (-p).scalars == [-2, 4])
    #expect((p * 2).scalars == [4, -8] && (1 - p).scalars == [-1, 5])
    #expect((p * rate).scalars == [1, -2] && (rate / p).scalars == [0.25, -0.125])
    #expect((p / n).scalars == [0.5, -1] && (n + p).scalars == [6, 0])
    var y = x
    y += p
    y *= p
    #expect(y.scalars == [6, 4])
    let wide = Parameter(Tensor<Double>([2]))
    #expect((wide * Float(0.25) + 1).item == 1.5)
  }

  @Test func theGradientGoesToTheParameter() {
    let (p, x, rate) = (Parameter(Tensor<Float>([2, -4])), Tensor<Float>([1, 3]), 0.5)
    (rate * p * p - x / p + 2 * p).sum().backward()
    // p + x/p² + 2
    #expect(p.gradient!.scalars == [4.25, -1.8125])
    p.value -= rate * p.gradient!
    #expect(p.value.scalars == [-0.125, -3.09375])
  }

  @Test func aFrozenParameterIsAConstant() {
    let p = Parameter(Tensor<Float>([2]))
    p.isFrozen = true
    let v = Tensor<Float>([3]).asVariable()
    (v * p).sum().backward()
    #expect(v.gradient!.item == 2 && p.gradient == nil)
  }
}

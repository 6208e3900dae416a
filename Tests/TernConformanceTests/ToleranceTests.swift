import TernConformance
import TernTensor
import Testing

@Suite struct ToleranceTests {
  private let tolerance = Tolerance(relative: 1e-3, absolute: 1e-2)

  private func disagreement(_ actual: [Double], _ expected: [Double]) -> String? {
    tolerance.disagreement(AnyTensor(Tensor(actual)), AnyTensor(Tensor(expected)))
  }

  @Test func distancesUpToTheBoundAgree() {
    #expect(disagreement([100.1, -0.01, 0], [100, 0, -0.0]) == nil)
    #expect(
      disagreement([1, 100.2], [1, 100])?.hasPrefix(
        "1 of 2 elements are off, the farthest at [1]: 100.2, expected 100.0, off by 0.2") == true)
  }

  @Test func whatIsNotFiniteAgreesWithItselfAlone() {
    #expect(disagreement([.nan, .infinity, -.infinity], [.nan, .infinity, -.infinity]) == nil)
    #expect(disagreement([.infinity], [-.infinity]) != nil)
    #expect(disagreement([.nan], [0]) != nil)
    #expect(disagreement([0], [.nan]) != nil)
    #expect(disagreement([1e300], [.infinity]) != nil)
  }

  @Test func typeAndShapeHaveToAgree() {
    let double = AnyTensor(Tensor<Double>([1, 2]))
    #expect(tolerance.disagreement(AnyTensor(Tensor<Float>([1, 2])), double) == "is of float32, expected float64")
    let row = AnyTensor(Tensor<Double>([1, 2], shape: [1, 2]))
    #expect(tolerance.disagreement(row, double) == "has shape [1, 2], expected [2]")
  }

  @Test func wholeNumbersAgreeExactly() {
    let expected = AnyTensor(Tensor<Int>([1000, 2], shape: [2, 1]))
    #expect(tolerance.disagreement(expected, expected) == nil)
    #expect(
      tolerance.disagreement(AnyTensor(Tensor<Int>([1000, 3], shape: [2, 1])), expected)
        == "1 of 2 elements differ, the first at [1, 0]: 3, expected 2")
  }

  @Test func aBoundOfZeroAsksForEquality() {
    let exact = Tolerance(relative: 0, absolute: 0)
    let one = AnyTensor(Tensor<Double>([1]))
    #expect(exact.disagreement(one, one) == nil)
    #expect(exact.disagreement(AnyTensor(Tensor<Double>([1 + .ulpOfOne])), one) != nil)
  }
}

import Foundation
import TernTensor
import Testing

private protocol Answers {
  static func answers(_ x: [Double]) -> [(name: String, found: Tensor<Double>, wanted: [Double])]
}

private enum FunctionAnswers: Answers {
  // Deprecated, so that the functions may be called.
  @available(*, deprecated)
  static func answers(_ x: [Double]) -> [(name: String, found: Tensor<Double>, wanted: [Double])] {
    let t = Tensor(x)
    return [
      ("exp", exp(t), x.map { Foundation.exp($0) }),
      ("exp2", exp2(t), x.map { Foundation.exp2($0) }),
      ("expm1", expm1(t), x.map { Foundation.expm1($0) }),
      ("log", log(t), x.map { Foundation.log($0) }),
      ("log2", log2(t), x.map { Foundation.log2($0) }),
      ("log10", log10(t), x.map { Foundation.log10($0) }),
      ("log1p", log1p(t), x.map { Foundation.log1p($0) }),
      ("sqrt", sqrt(t), x.map { Foundation.sqrt($0) }),
      ("cbrt", cbrt(t), x.map { Foundation.cbrt($0) }),
      ("sin", sin(t), x.map { Foundation.sin($0) }),
      ("cos", cos(t), x.map { Foundation.cos($0) }),
      ("tan", tan(t), x.map { Foundation.tan($0) }),
      ("asin", asin(t), x.map { Foundation.asin($0) }),
      ("acos", acos(t), x.map { Foundation.acos($0) }),
      ("atan", atan(t), x.map { Foundation.atan($0) }),
      ("sinh", sinh(t), x.map { Foundation.sinh($0) }),
      ("cosh", cosh(t), x.map { Foundation.cosh($0) }),
      ("tanh", tanh(t), x.map { Foundation.tanh($0) }),
      ("asinh", asinh(t), x.map { Foundation.asinh($0) }),
      ("acosh", acosh(t), x.map { Foundation.acosh($0) }),
      ("atanh", atanh(t), x.map { Foundation.atanh($0) }),
      ("erf", erf(t), x.map { Foundation.erf($0) }),
      ("erfc", erfc(t), x.map { Foundation.erfc($0) }),
      ("lgamma", lgamma(t), x.map { Foundation.lgamma($0) }),
      ("floor", floor(t), x.map { Foundation.floor($0) }),
      ("ceil", ceil(t), x.map { Foundation.ceil($0) }),
      ("round", round(t), x.map { Foundation.rint($0) }),
      ("trunc", trunc(t), x.map { Foundation.trunc($0) }),
      ("abs", abs(t), x.map { Swift.abs($0) }),
      ("fabs", fabs(t), x.map { Swift.abs($0) }), ("pow", pow(t, 2.5), x.map { Foundation.pow($0, 2.5) }),
      ("pow of tensors", pow(t, t), x.map { Foundation.pow($0, $0) }),
      ("whole pow", pow(t, x.count), x.map { Foundation.pow($0, 4) }),
      ("max", max(t, 0.6), x.map { Swift.max($0, 0.6) }), ("min", min(t, 0.6), x.map { Swift.min($0, 0.6) }),
      ("max of tensors", max(t, 1 - t), x.map { Swift.max($0, 1 - $0) }),
      ("min of tensors", min(t, 1 - t), x.map { Swift.min($0, 1 - $0) }),
      ("max of a number", max(0.6, t), x.map { Swift.max($0, 0.6) }),
      ("min of a number", min(0.6, t), x.map { Swift.min($0, 0.6) }),
    ]
  }
}

/// The functions of numbers, of tensors, beside Foundation's.
@Suite struct FunctionsOfNumbersTests {
  private func answers(_ type: any Answers.Type, _ x: [Double]) -> [(
    name: String, found: Tensor<Double>, wanted: [Double]
  )] {
    type.answers(x)
  }

  @Test func theyGiveFoundationsValues() {
    // acosh has no values here, in both.
    for (name, found, wanted) in answers(FunctionAnswers.self, [0.125, 0.5, 0.75, 0.9375]) {
      for (a, b) in zip(found.scalars, wanted) {
        #expect(a.isNaN && b.isNaN || Swift.abs(a - b) <= 1e-14 * Swift.max(1, Swift.abs(b)), "\(name): \(a), \(b)")
      }
    }
  }
}

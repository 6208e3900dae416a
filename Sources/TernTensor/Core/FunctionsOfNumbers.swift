// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import TernBackend

// The functions that C and Swift have for numbers, for tensors. They work and say what to write instead: were they missing
// or unavailable, the compiler would try Foundation's with every reading of the formula around them, for up to half a
// minute, and then name neither.

@available(*, deprecated, message: "x.exp()")
public func exp<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.exp() }
@available(*, deprecated, message: "x.exp2()")
public func exp2<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.exp2() }
@available(*, deprecated, message: "x.expm1()")
public func expm1<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.expm1() }
@available(*, deprecated, message: "x.log()")
public func log<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.log() }
@available(*, deprecated, message: "x.log2()")
public func log2<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.log2() }
@available(*, deprecated, message: "x.log10()")
public func log10<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.log10() }
@available(*, deprecated, message: "x.log1p()")
public func log1p<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.log1p() }
@available(*, deprecated, message: "x.sqrt()")
public func sqrt<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.sqrt() }
@available(*, deprecated, message: "x.cbrt()")
public func cbrt<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.cbrt() }
@available(*, deprecated, message: "x.sin()")
public func sin<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.sin() }
@available(*, deprecated, message: "x.cos()")
public func cos<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.cos() }
@available(*, deprecated, message: "x.tan()")
public func tan<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.tan() }
@available(*, deprecated, message: "x.asin()")
public func asin<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.asin() }
@available(*, deprecated, message: "x.acos()")
public func acos<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.acos() }
@available(*, deprecated, message: "x.atan()")
public func atan<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.atan() }
@available(*, deprecated, message: "x.sinh()")
public func sinh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.sinh() }
@available(*, deprecated, message: "x.cosh()")
public func cosh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.cosh() }
@available(*, deprecated, message: "x.tanh()")
public func tanh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.tanh() }
@available(*, deprecated, message: "x.asinh()")
public func asinh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.asinh() }
@available(*, deprecated, message: "x.acosh()")
public func acosh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.acosh() }
@available(*, deprecated, message: "x.atanh()")
public func atanh<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.atanh() }
@available(*, deprecated, message: "x.erf()")
public func erf<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.erf() }
@available(*, deprecated, message: "x.erfc()")
public func erfc<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.erfc() }
@available(*, deprecated, message: "x.lgamma()")
public func lgamma<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.lgamma() }
@available(*, deprecated, message: "x.floor()")
public func floor<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.floor() }
@available(*, deprecated, message: "x.ceil()")
public func ceil<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.ceil() }
@available(*, deprecated, message: "x.round()")
public func round<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.round() }
@available(*, deprecated, message: "x.trunc()")
public func trunc<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.trunc() }
@available(*, deprecated, message: "x.abs()")
public func abs<Scalar: NumericScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.abs() }
@available(*, deprecated, message: "x.abs()")
public func fabs<Scalar: NumericScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.abs() }

@available(*, deprecated, message: "x.pow(2)")
public func pow<Scalar: NumericScalar>(_ x: Tensor<Scalar>, _ exponent: Tensor<Scalar>) -> Tensor<Scalar> {
  x.pow(exponent)
}
@available(*, deprecated, message: "x.pow(2)")
public func pow<Scalar: NumericScalar>(_ x: Tensor<Scalar>, _ exponent: Scalar) -> Tensor<Scalar> { x.pow(exponent) }
@available(*, deprecated, message: "x.pow(2)")
@_disfavoredOverload
public func pow<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ exponent: Int) -> Tensor<Scalar> { x.pow(exponent) }
@available(*, deprecated, message: "x.pow(0.5)")
@_disfavoredOverload
public func pow(_ x: Tensor<Float>, _ exponent: Double) -> Tensor<Float> { x.pow(exponent) }

@available(*, deprecated, renamed: "maximum")
public func max<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { maximum(a, b) }
@available(*, deprecated, renamed: "maximum")
public func max<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> { maximum(a, b) }
@available(*, deprecated, renamed: "maximum")
public func max<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> { maximum(Tensor(a), b) }

@available(*, deprecated, renamed: "minimum")
public func min<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { minimum(a, b) }
@available(*, deprecated, renamed: "minimum")
public func min<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> { minimum(a, b) }
@available(*, deprecated, renamed: "minimum")
public func min<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> { minimum(Tensor(a), b) }

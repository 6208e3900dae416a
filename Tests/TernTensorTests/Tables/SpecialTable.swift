import TernTensor
import TernTestSupport

// Special functions, away from poles and ends.

let specialTable: [TensorOperation] = [
  .elementwise("exp2", -2..<2) { $0.exp2() },
  .elementwise("cbrt above 0", 0.5..<3) { $0.cbrt() },
  .elementwise("cbrt below 0", -3..<(-0.5)) { $0.cbrt() },
  .elementwise("sinc", -3..<3) { $0.sinc() },
  .elementwise("lgamma", 0.5..<4) { $0.lgamma() },
  .elementwise("lgamma below 0", -1.8..<(-1.2)) { $0.lgamma() },
  .elementwise("digamma", 0.5..<4) { $0.digamma() },
  .elementwise("polygamma", 1..<4) { $0.polygamma(0) + $0.polygamma(2) },
  .elementwise("multivariateLGamma", 2..<4) { $0.multivariateLGamma(dimensions: 3) },
  .elementwise("erfInverse", -0.9..<0.9) { $0.erfInverse() },
  .elementwise("scaledErfc", -1..<3) { $0.scaledErfc() },
  .elementwise("ndtr", -2..<2) { $0.ndtr() },
  .elementwise("ndtri", 0.1..<0.9) { $0.ndtri() },
  .elementwise("logNdtr", -3..<2) { $0.logNdtr() },
  .elementwise("besselI0", -3..<3) { $0.besselI0() },
  .elementwise("besselI1", -3..<3) { $0.besselI1() },
  .elementwise("scaledBesselI0", 0.1..<3) { $0.scaledBesselI0() },
  .elementwise("scaledBesselI1", -3..<(-0.1)) { $0.scaledBesselI1() },
  .elementwise("entropy", 0.3..<3) { $0.entropy() },
  .elementwise("logit", 0.1..<0.9) { $0.logit() + $0.logit(eps: 0.05) },
  .elementwise("xlogy", -2..<2, 0.5..<3) { xlogy($0, $1) },
  .elementwise("xlogy with numbers", 0.5..<3) { xlogy($0, 1.5) + xlogy(1.5, $0) },
  .elementwise("xlog1py", -2..<2, -0.5..<3) { xlog1py($0, $1) },
  .elementwise("xlog1py with numbers", 0.5..<3) { xlog1py($0, 1.5) + xlog1py(1.5, $0) },
  .elementwise("logAddExp2", -2..<2, -2..<2) { logAddExp2($0, $1) },
  .elementwise("zeta", 0.5..<3) { zeta(2.5, $0) + zeta(Tensor(3), $0) },
  .elementwise("gammainc", 0.5..<3) { gammainc(Tensor(2.5), $0) },
  .elementwise("gammaincc", 0.5..<3) { gammaincc(Tensor(0.7), $0) },
  .elementwise("gammainc of both", 0.5..<3, 0.5..<3, order: 0) { gammainc($0, $1) - gammaincc($0, $1) },
  .elementwise("zeta of exponents", 1.5..<4, order: 0) { zeta($0, 1.5) },
]

import TernTensor
import TernTestSupport

/// Draws with hostile shapes, counts and parameters.
let hostileRandomTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("randomExponential") { n in _ = Tensor<Float>(randomExponential: n.list(), rate: Float(n.real())) }
  table.add("randomLogNormal") { n in
    _ = Tensor<Double>(randomLogNormal: n.list(), mean: n.real(), deviation: n.real())
  }
  table.add("randomCauchy") { n in _ = Tensor<Double>(randomCauchy: n.list(), median: n.real(), scale: n.real()) }
  table.add("randomGeometric") { n in _ = Tensor<Int>(randomGeometric: n.list(), probability: n.real()) }
  table.add("randomPoisson") { n in _ = Tensor<Int>(randomPoisson: n.list(), rate: n.real()) }
  table.add("randomPoissonOf") { n in _ = Tensor<Float>(randomPoisson: n.floats()) }
  table.add("randomBinomial") { n in _ = Tensor<Float>(randomBinomial: n.floats(), probability: n.floats()) }
  table.add("randomBernoulliOf") { n in _ = Tensor<Bool>(randomBernoulli: n.floats()) }
  table.add("randomNormalAround") { n in _ = Tensor(randomNormalAround: n.floats(), deviation: n.floats()) }
  table.add("randomGamma") { n in _ = Tensor(randomGamma: n.floats()) }
  table.add("randomBeta") { n in _ = Tensor(randomBeta: n.floats(), n.floats()) }
  table.add("randomDirichlet") { n in _ = Tensor(randomDirichlet: n.floats()) }
  table.add("multinomial") { n in _ = n.floats().multinomial(n.any(), replacing: n.flag()) }
  table.add("multinomialOfWeights") { n in
    _ = Tensor<Float>(randomUniform: [n.flag() ? 1 : 3, 5]).multinomial(n.any(), replacing: n.flag())
  }
  return table
}

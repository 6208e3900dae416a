import TernTensor
import TernTestSupport

/// Reductions, products and linear algebra with hostile axes and numbers.
let hostileOperationsTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("sum") { n in _ = n.floats().sum(along: n.list(), keepingAxes: n.flag()) }
  table.add("sum of integers") { n in _ = n.integers().sum(along: n.list()) }
  table.add("mean") { n in _ = n.floats().mean(along: n.list()) }
  table.add("variance") { n in _ = n.floats().variance(along: n.list(), correction: n.real()) }
  table.add("product") { n in _ = n.floats().product(along: n.list()) }
  table.add("norm") { n in _ = n.floats().norm(n.real(), along: n.list()) }
  table.add("normalized") { n in _ = n.floats().normalized(order: n.real(), along: n.list()) }
  table.add("logSumExp") { n in _ = n.floats().logSumExp(along: n.list()) }
  table.add("amax") { n in _ = n.floats().amax(along: n.list()) }
  table.add("max") { n in _ = n.floats().max(along: n.any()) }
  table.add("amin") { n in _ = n.floats().amin(along: n.list()) }
  table.add("argmax") { n in _ = n.floats().argmax(along: n.any()) }
  table.add("standardDeviation") { n in _ = n.floats().standardDeviation(along: n.list(), correction: n.real()) }
  table.add("cumulativeMin") { n in _ = n.floats().cumulativeMin(along: n.any()) }
  table.add("softmin") { n in _ = n.floats().softmin(along: n.any()) }
  table.add("glu") { n in _ = n.floats().glu(axis: n.any()) }
  table.add("argmin") { n in _ = n.floats().argmin(along: n.any()) }
  table.add("all") { n in _ = n.floats().all(along: n.list()) }
  table.add("countNonZero") { n in _ = n.floats().countNonZero(along: n.list()) }
  table.add("cumulativeSum") { n in _ = n.floats().cumulativeSum(along: n.any()) }
  table.add("cumulativeProduct") { n in _ = n.floats().cumulativeProduct(along: n.any()) }
  table.add("logCumulativeSumExp") { n in _ = n.floats().logCumulativeSumExp(along: n.any()) }
  table.add("cumulativeMax") { n in _ = n.floats().cumulativeMax(along: n.any()) }
  table.add("softmax") { n in _ = n.floats().softmax(along: n.any()) }
  table.add("logSoftmax") { n in _ = n.floats().logSoftmax(along: n.any()) }
  table.add("sorted") { n in _ = n.floats().sorted(along: n.any(), descending: n.flag()) }
  table.add("argsort") { n in _ = n.floats().argsort(along: n.any()) }
  table.add("topK") { n in _ = n.floats().topK(n.any(), along: n.any()) }
  table.add("round") { n in _ = n.floats().round(decimals: n.any()) }
  table.add("integer arithmetic") { n in
    let (x, y) = (n.integers(), n.integers())
    _ = (x + y, x - y, x * y)
  }
  table.add("integer scalars") { n in
    let (x, y) = (n.integers(), n.any())
    _ = (x + y, x - y, y - x, x * y)
  }
  table.add("pow") { n in _ = n.integers().pow(n.any()) }
  table.add("cast") { n in _ = (Tensor<Double>([n.real()]) * n.real()).cast(to: Int32.self) }
  table.add("matmul") { n in _ = matmul(n.floats(), n.floats()) }
  table.add("matmul of integers") { n in _ = matmul(n.integers(), n.integers()) }
  table.add("linear") { n in _ = linear(n.floats(), n.floats(2), bias: n.flag() ? nil : n.floats(1)) }
  table.add("tensordot") { n in _ = tensordot(n.floats(), n.floats(), axes: n.any()) }
  table.add("tensordot of axes") { n in _ = tensordot(n.floats(), n.floats(), axes: n.list(), n.list()) }
  table.add("kron") { n in _ = kron(n.floats(), n.floats()) }
  table.add("outer") { n in _ = outer(n.floats(1), n.floats(1)) }
  table.add("einsum") { n in
    let equation = n.one(of: ["ij,jk->ik", "ii->i", "...i,i->...", "ij->ji", "ab,cd->abcd", "i,i->", "->", "ij", "é"])
    _ = equation.contains(",") ? einsum(equation, n.floats(), n.floats()) : einsum(equation, n.floats())
  }
  table.add("cosineSimilarity") { n in _ = cosineSimilarity(n.floats(), n.floats(), along: n.any()) }
  table.add("allDistances") { n in _ = allDistances(n.floats(2), n.floats(2), p: n.real()) }
  table.add("matrixPower") { n in _ = try n.floats(2).matrixPower(n.any()) }
  table.add("matrixNorm") { n in _ = try n.floats().matrixNorm(.one, along: (n.any(), n.any())) }
  table.add("leastSquares") { n in _ = try leastSquares(n.floats(), n.floats()) }
  table.add("solve") { n in _ = try solve(n.floats(), n.floats(), side: n.flag() ? .left : .right) }
  table.add("solveTriangular") { n in _ = try solveTriangular(n.floats(), n.floats(), .upper) }
  table.add("inverse") { n in _ = try n.floats().inverse() }
  table.add("determinant") { n in _ = n.floats().determinant() }
  table.add("qrDecomposition") { n in _ = n.floats().qrDecomposition(full: n.flag()) }
  table.add("singularValueDecomposition") { n in _ = try n.floats().singularValueDecomposition(full: n.flag()) }
  table.add("luFactorization") { n in _ = n.floats().luFactorization() }
  table.add("choleskyFactor") { n in _ = try n.floats().choleskyFactor() }
  table.add("pseudoInverse") { n in _ = try n.floats().pseudoInverse() }
  table.add("matrixExponential") { n in _ = n.floats().matrixExponential() }
  table.add("batchNorm") { n in _ = batchNorm(n.floats(), epsilon: 1e-5) }
  table.add("groupNorm") { n in _ = groupNorm(n.floats(), groups: n.any()) }
  table.add("instanceNorm") { n in _ = instanceNorm(n.floats()) }
  table.add("layerNorm") { n in
    let x = n.floats()
    _ = layerNorm(x, normalizedShape: n.flag() ? Array(x.shape.suffix(1)) : n.list())
  }
  table.add("rmsNorm") { n in _ = rmsNorm(n.floats(), normalizedShape: n.list()) }
  table.add("localResponseNorm") { n in _ = localResponseNorm(n.floats(), size: n.any()) }
  table.add("scaledDotProductAttention") { n in
    _ = scaledDotProductAttention(
      n.floats(), n.floats(), n.floats(), causal: n.flag(), groupedQueries: n.flag(), dropout: n.real())
  }
  table.add("multiHeadAttention") { n in
    let x = n.floats(3)
    let features = x.shape[2]
    let weight = features < 100 ? Tensor<Float>(ones: [3 * features, features]) : n.floats(2)
    _ = multiHeadAttention(
      x, x, x, heads: n.any(), projection: .joint(weight), outputWeight: n.floats(2), dropout: n.real())
  }
  table.add("multiHeadAttentionWithWeights") { n in
    let x = n.floats(3)
    let features = x.shape[2]
    let weight = features < 100 ? Tensor<Float>(ones: [3 * features, features]) : n.floats(2)
    _ = multiHeadAttentionWithWeights(
      x, x, x, heads: n.any(), projection: .joint(weight), outputWeight: n.floats(2), dropout: n.real())
  }
  return table
}

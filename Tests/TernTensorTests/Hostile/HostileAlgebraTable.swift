import TernTensor
import TernTestSupport

/// Products of vectors, differences, integrals and distances with hostile axes, orders and counts.
let hostileAlgebraTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("cross") { n in _ = cross(n.floats(), n.floats(), along: n.any()) }
  table.add("vecdot") { n in _ = vecdot(n.floats(), n.floats(), along: n.any()) }
  table.add("multiDot") { n in _ = multiDot((0..<n.below(4)).map { _ in n.floats(1 + n.below(2)) }) }
  table.add("vandermonde") { n in _ = n.floats().vandermonde(columns: n.any(), descending: n.flag()) }
  table.add("vandermonde of integers") { n in _ = n.integers().vandermonde(columns: n.any()) }
  table.add("addmv") { n in _ = addmv(n.floats(), n.floats(2), n.floats(1)) }
  table.add("addr") { n in _ = addr(n.floats(), n.floats(1), n.floats(1)) }
  table.add("addbmm") { n in _ = addbmm(n.floats(), n.floats(3), n.floats(3)) }
  table.add("differences") { n in
    _ = n.floats().differences(order: n.any(), along: n.any(), before: n.flag() ? n.floats() : nil)
  }
  table.add("differences of truth values") { n in
    _ = n.tensor(Bool.self).differences(order: n.any(), along: n.any())
  }
  table.add("centralDifferences") { n in
    _ = n.floats().centralDifferences(
      along: n.flag() ? nil : n.list(), spacing: (0..<n.below(3)).map { _ in Float(n.real()) }, edgeOrder: n.any())
  }
  table.add("centralDifferences at places") { n in
    _ = n.floats().centralDifferences(
      along: n.flag() ? nil : n.list(), coordinates: (0..<n.below(3)).map { _ in n.floats(1) },
      edgeOrder: 1 + n.below(2))
  }
  table.add("trapezoid") { n in _ = n.floats().trapezoid(spacing: Float(n.real()), along: n.any()) }
  table.add("trapezoid at places") { n in _ = n.floats().trapezoid(at: n.floats(), along: n.any()) }
  table.add("cumulativeTrapezoid") { n in _ = n.floats().cumulativeTrapezoid(along: n.any()) }
  table.add("cumulativeTrapezoid at places") { n in _ = n.floats().cumulativeTrapezoid(at: n.floats(), along: n.any()) }
  table.add("covariance") { n in
    _ = n.floats().covariance(
      correction: n.any(), frequencies: n.flag() ? n.integers(1) : nil, weights: n.flag() ? n.floats(1) : nil)
  }
  table.add("pairDistances") { n in _ = n.floats(2).pairDistances(p: n.real()) }
  table.add("renormalized") { n in
    _ = n.floats().renormalized(p: n.real(), along: n.any(), maximum: Float(n.real()))
  }
  table.add("tensorInverse") { n in _ = try n.floats().tensorInverse(leading: n.any()) }
  table.add("tensorSolve") { n in _ = try tensorSolve(n.floats(), n.floats(), axes: n.list()) }
  table.add("ldlFactorization of pivots") { n in
    let pivots = Tensor<Int32>(n.list(3).map { Int32(truncatingIfNeeded: $0) })
    _ = try LDLFactorization(factors: Tensor<Float>(eye: 3), pivots: pivots).solve(n.floats(2))
  }
  table.add("householderReflectors") { n in _ = n.floats().householderReflectors().product() }
  table.add("reflectors multiplied") { n in
    let reflectors = HouseholderReflectors(packed: n.floats(), factors: n.floats())
    _ = reflectors.multiplied(by: n.floats(), side: n.flag() ? .left : .right, transposed: n.flag())
  }
  table.add("lowRankSingularValueDecomposition") { n in
    _ = try n.floats().lowRankSingularValueDecomposition(
      rank: n.any(), iterations: Swift.min(n.any(), 3), subtracting: n.flag() ? n.floats() : nil)
  }
  table.add("principalComponents") { n in
    _ = try n.floats().principalComponents(
      n.flag() ? nil : n.any(), centering: n.flag(), iterations: Swift.min(n.any(), 3))
  }
  table.add("eigenDecomposition") { n in _ = try n.floats().eigenDecomposition() }
  table.add("choleskyInverse") { n in _ = try choleskyInverse(n.floats(), n.flag() ? .lower : .upper) }
  table.add("matrixRank with tolerances") { n in
    _ = try n.floats().matrixRank(relativeTolerances: n.floats(), absoluteTolerances: n.flag() ? n.floats() : nil)
  }
  table.add("pseudoInverse with tolerances") { n in
    _ = try n.floats().pseudoInverse(relativeTolerances: n.floats(), absoluteTolerances: n.flag() ? n.floats() : nil)
  }
  return table
}

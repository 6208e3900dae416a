import TernTensor
import TernTestSupport

private func row(
  _ name: String, _ shapes: [[Int]], also: [[[Int]]] = [], order: Int = 2,
  _ function: @escaping @Sendable (Operands) throws -> Tensor<Double>
) -> TensorOperation {
  TensorOperation(name, shapes: shapes, also: also, order: order) { inputs in
    do { return try function(inputs) } catch { fatalError("\(name): \(error)") }
  }.within(1e-11)
}

/// Square matrices far from singular; of other shapes the numbers themselves, so that the library says what is wrong.
private func regular(_ x: Tensor<Double>) -> Tensor<Double> {
  x.rank == 2 && x.shape[0] == x.shape[1] ? x * 0.3 + Tensor(eye: x.shape[0]) * 3 : x
}

/// Products of vectors, differences, integrals, covariances and distances.
let algebraTable: [TensorOperation] = [
  row("cross", [[4, 3], [4, 3]], also: [[[3], [2, 3]], [[0, 3], [0, 3]]]) { cross($0[0], $0[1]) },
  row("cross along the first axis", [[3, 2], [3, 2]]) { cross($0[0], $0[1], along: 0) },
  row("vecdot", [[2, 3], [2, 3]], also: [[[2, 1, 3], [4, 3]], [[2, 0], [2, 0]]]) { vecdot($0[0], $0[1]) },
  row("inner", [[2, 3], [4, 3]], also: [[[3], [2, 3]], [[], [2]]]) { inner($0[0], $0[1]) },
  row("multiDot", [[2, 3], [3, 1], [1, 4]], also: [[[3], [3, 2], [2]]]) { multiDot($0.tensors) },
  row("vandermonde", [[3]], also: [[[2, 2]]]) { $0[0].vandermonde(columns: 4) },
  row("vandermonde, descending", [[3]]) { $0[0].vandermonde(descending: true) },
  row("trace", [[3, 4]], also: [[[0, 2]]]) { $0[0].trace() },
  row("addmv", [[2], [2, 3], [3]], also: [[[], [2, 3], [3]]]) { addmv($0[0], $0[1], $0[2], beta: 0.5, alpha: 2) },
  row("addr", [[2, 3], [2], [3]], also: [[[3], [2], [3]]]) { addr($0[0], $0[1], $0[2], beta: 0.5, alpha: 2) },
  row("addbmm", [[2, 2], [3, 2, 1], [3, 1, 2]], also: [[[2], [3, 2, 1], [3, 1, 2]]]) {
    addbmm($0[0], $0[1], $0[2], beta: 0.5, alpha: 2)
  },
  row("differences", [[3, 4]], also: [[[3, 1]], [[0, 4]]]) { $0[0].differences(order: 2) },
  row("differences, joined", [[3, 2], [1, 2], [2, 2]]) {
    $0[0].differences(along: 0, before: $0[1], after: $0[2])
  },
  row("centralDifferences", [[3, 4]]) { stack($0[0].centralDifferences(spacing: [0.5, 2])) },
  row("centralDifferences, second order", [[4]]) { stack($0[0].centralDifferences(edgeOrder: 2)) },
  row("centralDifferences, uneven", [[2, 4]]) {
    let places = Tensor<Double>([0, 1, 1.5, 3])
    return $0[0].centralDifferences(along: [1], coordinates: [places], edgeOrder: 2)[0]
  },
  row("trapezoid", [[2, 3]], also: [[[2, 0]], [[2, 1]]]) { $0[0].trapezoid(spacing: 0.5) },
  row("trapezoid at places", [[2, 3], [3]], also: [[[2, 3], [2, 3]]]) { $0[0].trapezoid(at: $0[1]) },
  row("cumulativeTrapezoid", [[2, 3]], also: [[[2, 1]]]) { $0[0].cumulativeTrapezoid(spacing: 0.5) },
  row("cumulativeTrapezoid at places", [[3, 2], [3]]) { $0[0].cumulativeTrapezoid(at: $0[1], along: 0) },
  row("covariance", [[2, 4]], also: [[[4]]]) { $0[0].covariance() },
  row("covariance, weighted", [[2, 4], [4]]) {
    $0[0].covariance(frequencies: Tensor([1, 2, 0, 1]), weights: $0[1].square())
  },
  row("correlation", [[2, 4]]) { $0[0].correlation() },
  row("distance", [[2, 3], [3]]) { distance($0[0], $0[1], p: 3) },
  row("pairDistances", [[3, 2]], also: [[[1, 2]]]) { $0[0].pairDistances() },
  row("renormalized", [[2, 3]]) { $0[0].renormalized(along: 0, maximum: 0.1) },
  row("tensorInverse", [[4, 4]]) { try regular($0[0]).reshaped([4, 2, 2]).tensorInverse(leading: 1) },
  row("tensorSolve", [[4, 4], [2, 2]]) { try tensorSolve(regular($0[0]).reshaped([2, 2, 4]), $0[1]) },
]

import Tern

private let whole: [(name: String, apply: @Sendable (Tensor<Float>) -> Void)] = [
  ("sum", { _ = $0.sum() }), ("max", { _ = $0.max() }), ("var", { _ = $0.variance() }),
]

private let alongAxis: [(name: String, apply: @Sendable (Tensor<Float>, Int) -> Void)] = [
  ("sum", { _ = $0.sum(along: $1) }), ("mean", { _ = $0.mean(along: $1) }), ("var", { _ = $0.variance(along: $1) }),
  ("argmax", { _ = $0.argmax(along: $1) }), ("logsumexp", { _ = $0.logSumExp(along: $1) }),
]

extension Workload {
  /// Sums, extremes and statistics, of everything and along an axis.
  static var reductions: [Workload] {
    [1_000, 100_000, 10_000_000].flatMap { n in
      whole.map { function in
        Workload("reduce/\(function.name)_\(n)") {
          let a = random(n)
          return unrecorded { function.apply(a) }
        }
      }
    }
      + [0, 1].flatMap { axis in
        alongAxis.map { function in
          Workload("reduce/\(function.name)_4096x1024_axis\(axis)") {
            let a = random(4096, 1024)
            return unrecorded { function.apply(a, axis) }
          }
        }
      }
  }
}

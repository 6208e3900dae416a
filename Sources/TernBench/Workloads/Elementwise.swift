import Tern

private let functions: [(name: String, apply: @Sendable (Tensor<Float>, Tensor<Float>) -> Tensor<Float>)] = [
  ("add", { $0 + $1 }), ("mul", { $0 * $1 }), ("exp", { a, _ in a.exp() }), ("tanh", { a, _ in a.tanh() }),
  ("relu", { a, _ in a.relu() }), ("gelu", { a, _ in a.gelu() }), ("sigmoid", { a, _ in a.sigmoid() }),
]

extension Workload {
  /// Functions of every element.
  static var elementwise: [Workload] {
    [1_000, 100_000, 10_000_000].flatMap { n in
      functions.map { function in
        Workload("elementwise/\(function.name)_\(n)") {
          let (a, b) = (random(n), random(n))
          return unrecorded { _ = function.apply(a, b) }
        }
      }
    } + [
      Workload("elementwise/broadcast_add_bias_4096x1024") {
        let (a, b) = (random(4096, 1024), random(1024))
        return unrecorded { _ = a + b }
      }
    ]
  }
}

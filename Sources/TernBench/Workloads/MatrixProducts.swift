import Tern

extension Workload {
  /// Products of matrices and of a batch of them.
  static var matrixProducts: [Workload] {
    let sizes = [(64, 64, 64), (128, 512, 784), (512, 512, 512), (2048, 2048, 2048), (4096, 64, 576), (64, 25088, 144)]
    return sizes.map { m, n, k in
      Workload("matmul/\(m)x\(n)x\(k)") {
        let (a, b) = (random(m, k), random(k, n))
        return unrecorded { _ = matmul(a, b) }
      }
    } + [
      Workload("matmul/batched_128x64x64x64") {
        let (a, b) = (random(128, 64, 64), random(128, 64, 64))
        return unrecorded { _ = matmul(a, b) }
      }
    ]
  }
}

import Tern

extension Workload {
  /// Normalizations and softmax with their gradients.
  static var normalizations: [Workload] {
    [batchNormalization(128, 1024), batchNormalization(64, 64, 32, 32), batchNormalization(8, 256, 56, 56)] + [
      Workload("norm/layer_norm_2048x768_fwd_bwd") {
        forwardBackward([random(2048, 768), Tensor(ones: [768]), Tensor(zeros: [768])]) {
          layerNorm($0[0], normalizedShape: [768], scale: $0[1], shift: $0[2])
        }
      },
      Workload("norm/softmax_2048x1000_fwd_bwd") {
        forwardBackward([random(2048, 1000)]) { $0[0].softmax(along: 1) }
      },
    ]
  }

  /// A layer in training, running statistics included.
  private static func batchNormalization(_ shape: Int...) -> Workload {
    let extents = shape.map(String.init).joined(separator: "x")
    return Workload("norm/batch_norm_\(extents)_train_fwd_bwd") {
      let layer: any Layer<Float> = shape.count == 4 ? BatchNorm2d(shape[1]) : BatchNorm1d(shape[1])
      let parameters = layer.parameters
      let pass = forwardBackward([input(shape)]) { layer.forward($0[0]) }
      return {
        for parameter in parameters { parameter.zeroGradient() }
        pass()
      }
    }
  }
}

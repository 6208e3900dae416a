import Tern

extension Workload {
  /// A convolution with the gradients of its images and its kernels.
  static var convolutions: [Workload] {
    [
      convolution("3x3_c16_h32", 64, 16, 32, 16, 3), convolution("3x3_c64_h56", 8, 64, 56, 64, 3),
      convolution("3x3_c256_h14", 16, 256, 14, 256, 3), convolution("3x3_s2_c64_h32", 32, 64, 32, 128, 3, stride: 2),
      convolution("1x1_c256_h14", 32, 256, 14, 64, 1), convolution("5x5_c6_h14", 128, 6, 14, 16, 5),
      convolution("7x7_s2_c3_h112", 8, 3, 112, 64, 7, stride: 2),
      convolution("depthwise3x3_c96_h28", 32, 96, 28, 96, 3, groups: 96),
    ]
  }

  /// Shapes beside those of `convolutions`: odd channels and batches, oblong images, even kernels, dilation.
  static var neighbors: [Workload] {
    [
      neighbor("3x3_c17", 7, 17, 27, 31, 33, 3), neighbor("3x3_c48", 65, 48, 27, 31, 40, 3),
      neighbor("3x3_c64", 1, 64, 56, 56, 64, 3), neighbor("2x2_c32", 32, 32, 28, 28, 48, 2),
      neighbor("4x4_s2_c24", 16, 24, 30, 30, 40, 4, stride: 2),
      neighbor("3x3_d2_c32", 16, 32, 28, 28, 32, 3, dilation: 2), neighbor("5x5_c5", 65, 5, 27, 31, 9, 5),
      neighbor("depthwise5x5_c33", 7, 33, 27, 31, 33, 5, groups: 33),
    ]
  }

  private static func convolution(
    _ label: String, _ n: Int, _ c: Int, _ size: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Workload {
    convolution("conv/\(label)_n\(n)_fwd_bwd", [n, c, size, size], outputs, kernel, stride, 1, groups)
  }

  private static func neighbor(
    _ label: String, _ n: Int, _ c: Int, _ height: Int, _ width: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1,
    dilation: Int = 1, groups: Int = 1
  ) -> Workload {
    convolution(
      "near/\(label)_h\(height)x\(width)_n\(n)_fwd_bwd", [n, c, height, width], outputs, kernel, stride, dilation,
      groups)
  }

  private static func convolution(
    _ name: String, _ x: [Int], _ outputs: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ groups: Int
  ) -> Workload {
    Workload(name) {
      forwardBackward([images(x[0], x[1], x[2], x[3]), random(outputs, x[1] / groups, kernel, kernel)]) {
        conv2D(
          $0[0], $0[1], stride: Pair(stride), padding: Padding2D(kernel / 2 * dilation), dilation: Pair(dilation),
          groups: groups)
      }
    }
  }
}

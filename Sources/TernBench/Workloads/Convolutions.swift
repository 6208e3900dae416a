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

  private static func convolution(
    _ label: String, _ n: Int, _ c: Int, _ size: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Workload {
    Workload("conv/\(label)_n\(n)_fwd_bwd") {
      forwardBackward([images(n, c, size, size), random(outputs, c / groups, kernel, kernel)]) {
        conv2D($0[0], $0[1], stride: Pair(stride), padding: Padding2D(kernel / 2), groups: groups)
      }
    }
  }
}

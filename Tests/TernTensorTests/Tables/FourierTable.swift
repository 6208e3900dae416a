import TernTensor
import TernTestSupport

private func row(
  _ name: String, _ shapes: [[Int]], also: [[[Int]]] = [], order: Int = 2,
  _ function: @escaping @Sendable (Operands) -> Tensor<Double>
) -> TensorOperation {
  TensorOperation(name, shapes: shapes, also: also, order: order, function: function).within(1e-11)
}

/// Both parts in one tensor.
private func parts(_ z: ComplexPair<Double>) -> Tensor<Double> { stack([z.real, z.imaginary]) }

private func pair(_ operands: Operands) -> ComplexPair<Double> {
  ComplexPair(real: operands[0], imaginary: operands[1])
}

/// Fourier transforms, with shapes to try them on.
let fourierTable: [TensorOperation] = [
  row("fft", [[2, 6], [2, 6]], also: [[[7], [7]], [[0, 3], [0, 3]]]) { parts(pair($0).fft()) },
  row("fft of real numbers", [[5]]) { parts($0[0].fft(size: 6, normalization: .ortho)) },
  row("ifft", [[4, 2], [4, 2]]) { parts(pair($0).ifft(along: 0)) },
  row("fftn", [[2, 3], [2, 3]]) { parts(pair($0).fftn(sizes: [3, 2])) },
  row("fftn of real numbers", [[2, 3]]) { parts($0[0].fftn()) },
  row("ifftn", [[2, 3], [2, 3]]) { parts(pair($0).ifftn()) },
  row("rfft", [[2, 6]], also: [[[5]], [[0, 4]]]) { parts($0[0].rfft()) },
  row("rfftn", [[3, 4]]) { parts($0[0].rfftn()) },
  row("irfft", [[2, 4], [2, 4]], also: [[[3], [3]]]) { pair($0).irfft() },
  row("irfft, odd", [[2, 4], [2, 4]]) { pair($0).irfft(size: 7) },
  row("irfftn", [[3, 3], [3, 3]]) { pair($0).irfftn() },
  row("hfft", [[2, 4], [2, 4]]) { pair($0).hfft() },
  row("hfftn", [[3, 3], [3, 3]]) { pair($0).hfftn() },
  row("ihfft", [[2, 5]]) { parts($0[0].ihfft()) },
  row("ihfftn", [[3, 4]]) { parts($0[0].ihfftn()) },
  row("fftShifted", [[3, 4]]) { $0[0].fftShifted() },
  row("ifftShifted", [[3, 4]]) { $0[0].ifftShifted(along: [0]) },
  row("stft", [[12], [4]], also: [[[2, 9], [4]]]) { parts($0[0].stft(4, hop: 2, window: $0[1])) },
  row("istft", [[3, 4], [3, 4]]) { pair($0).istft(4, hop: 2, window: Tensor<Double>([0.5, 1, 0.7, 0.6])) },
]

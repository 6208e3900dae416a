import TernBackend
import TernNN
import TernTensor

/// A convolution without bias, a batch normalization and an activation: 0, 1 and 2, as torchvision's Conv2dNormActivation.
///
/// - Parameters:
///   - kernel: height and width, odd; padding keeps the extents at stride 1.
///   - activation: the layer behind the normalization; none when `nil`.
func convNormActivation<Scalar: FloatingScalar>(
  _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
  epsilon: Double = 1e-5, momentum: Double = 0.1, activation: (any Layer<Scalar>)?
) -> Sequential<Scalar> {
  Sequential<Scalar> {
    Conv2D<Scalar>(
      inputs, outputs, kernelSize: kernel, stride: stride, padding: Padding2D((kernel - 1) / 2 * dilation),
      dilation: dilation, groups: groups, bias: false)
    BatchNorm2d<Scalar>(outputs, epsilon: epsilon, momentum: momentum)
    if let activation { activation }
  }
}

/// The multiple of `divisor` next to a number of channels, at least `divisor` and at most a tenth below the number, as the
/// authors of MobileNet round.
func divisible(_ channels: Double, by divisor: Int = 8) -> Int {
  let rounded = max(divisor, Int(channels + Double(divisor) / 2) / divisor * divisor)
  return Double(rounded) < 0.9 * channels ? rounded + divisor : rounded
}

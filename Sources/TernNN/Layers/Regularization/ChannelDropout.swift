import TernBackend
import TernTensor

// Dropout of whole channels: neighbors in a sequence or image are so alike that single elements would come back.

/// The base class of dropouts of channels. Source: Tompson et al. 2015, "Efficient object localization using convolutional
/// networks".
public class ChannelDropout<Scalar: FloatingScalar>: DropoutLayer<Scalar> {
  /// How many axes lie behind the channels; stops for an input of another rank.
  func spatialAxes(_ shape: [Int]) -> Int { 0 }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    isTraining ? dropped(input, sharing: spatialAxes(input.shape)) : input.unchanged("dropout")
  }

  func dropped(_ input: Tensor<Scalar>, sharing axes: Int) -> Tensor<Scalar> {
    channelDropout(input, probability: probability, sharing: axes, generator: generator)
  }
}

/// While training, sets channels of sequences [N, C, L] or [C, L] to zero and scales the others up.
public final class Dropout1D<Scalar: FloatingScalar>: ChannelDropout<Scalar> {
  override func spatialAxes(_ shape: [Int]) -> Int {
    check(
      shape.count == 2 || shape.count == 3, "Dropout1D", "input \(shape) is not of rank 3, or 2 without a batch")
    return 1
  }
}

/// While training, sets channels of images [N, C, H, W] or [C, H, W] to zero and scales the others up.
public final class Dropout2D<Scalar: FloatingScalar>: ChannelDropout<Scalar> {
  override func spatialAxes(_ shape: [Int]) -> Int {
    check(
      shape.count == 3 || shape.count == 4, "Dropout2D", "input \(shape) is not of rank 4, or 3 without a batch")
    return 2
  }
}

/// While training, sets channels of volumes [N, C, D, H, W] or [C, D, H, W] to zero and scales the others up.
public final class Dropout3D<Scalar: FloatingScalar>: ChannelDropout<Scalar> {
  override func spatialAxes(_ shape: [Int]) -> Int {
    check(
      shape.count == 4 || shape.count == 5, "Dropout3D", "input \(shape) is not of rank 5, or 4 without a batch")
    return 3
  }
}

/// While training, sets channels of [N, C, ..] to what the SELU takes −∞ to, see ``AlphaDropout``.
public final class FeatureAlphaDropout<Scalar: FloatingScalar>: ChannelDropout<Scalar> {
  override func spatialAxes(_ shape: [Int]) -> Int {
    check(shape.count >= 2, "FeatureAlphaDropout", "input \(shape) is not [N, C, ..]")
    return shape.count - 2
  }

  override func dropped(_ input: Tensor<Scalar>, sharing axes: Int) -> Tensor<Scalar> {
    alphaDropout(input, probability: probability, sharing: axes, generator: generator)
  }
}

/// Elements that share the last axes are zero together with probability p, the rest are divided by 1 − p: with 2 axes
/// whole channels of images.
///
/// Gradient: the same mask and factor on dL/dy. Stops for a probability outside 0 … 1 and for more axes than there are.
public func channelDropout<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, probability p: Double, sharing axes: Int, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(p >= 0 && p <= 1, "channelDropout", "a probability of \(p)")
  if p == 0 { return x.unchanged("channelDropout") }
  if p == 1 { return zeroProduct(x, Tensor(zeros: x.shape)) }
  return zeroProduct(x, keptElements(x, p, sharing: axes, generator, "channelDropout") * Scalar(1 / (1 - p)))
}

/// 1 with probability 1 − p, else 0, in x's shape with the last axes of extent one.
func keptElements<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ p: Double, sharing axes: Int, _ generator: RandomGenerator?, _ operation: String
) -> Tensor<Scalar> {
  check(axes >= 0 && axes <= x.rank, operation, "\(axes) shared axes of \(x.shape)")
  let shape = x.shape.dropLast(axes) + [Int](repeating: 1, count: axes)
  return Tensor(randomBernoulli: Array(shape), probability: 1 - p, generator: generator)
}

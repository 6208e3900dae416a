import TernBackend
import TernTensor

/// Weight normalization: w = g·v/‖v‖, a length and a direction for every channel, as
/// `torch.nn.utils.parametrizations.weight_norm`.
///
/// ‖v‖ is the norm over all axes but one. The originals are g, `original0`, of extent 1 in all axes but that one, and v,
/// `original1`, of the parameter's shape; they start as ‖w‖ and w. States with PyTorch's older names are read with a
/// renaming: `weight_g` is `parametrizations.weight.original0`, `weight_v` `.original1`.
///
/// Source: Salimans & Kingma 2016, "Weight normalization: a simple reparameterization to accelerate training of deep
/// neural networks".
public final class WeightNormalization<Scalar: FloatingScalar>: Parametrization {
  /// The axis whose slices have a length each; `nil` where the whole has one.
  public let axis: Int?

  /// Creates a weight normalization.
  ///
  /// - Parameter axis: the axis whose slices have a length each, that of the outputs; negative ones count from the end;
  ///   `nil` gives the whole one length, where PyTorch has `dim=None` and `dim=-1`.
  public init(axis: Int? = 0) { self.axis = axis }

  /// Stops for an axis that the parameter does not have.
  public func prepare(for value: Tensor<Scalar>) {
    guard let axis else { return }
    check(
      axis >= -value.rank && axis < value.rank, "WeightNormalization", "axis \(axis) of a parameter \(value.shape)")
  }

  /// ‖w‖ and w.
  public func originals(of value: Tensor<Scalar>) -> [Tensor<Scalar>] { [length(value), value] }

  /// g·v/‖v‖ of g and v. Stops where it is not the parameter's first parametrization, the one that takes several originals.
  public func value(of originals: [Tensor<Scalar>]) -> Tensor<Scalar> {
    check(
      originals.count == 2, "WeightNormalization",
      "\(originals.count) originals, expected 2: it has to be the parameter's first parametrization")
    return originals[1] * (originals[0] / length(originals[1]))
  }

  private func length(_ v: Tensor<Scalar>) -> Tensor<Scalar> {
    guard let axis else { return v.norm() }
    let position = axis < 0 ? axis + v.rank : axis
    let others = (0..<v.rank).filter { $0 != position }
    return others.isEmpty ? v.abs() : v.norm(along: others, keepingAxes: true)
  }
}

extension WeightNormalization: SelfCopying {
  func duplicate() -> any Module { WeightNormalization(axis: axis) }
}

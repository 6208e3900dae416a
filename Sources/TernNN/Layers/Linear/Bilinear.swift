import TernBackend
import TernTensor

/// A layer of two inputs: y_o = Σᵢⱼ x1ᵢ·W_oᵢⱼ·x2ⱼ + b_o, see ``bilinear(_:_:_:bias:file:line:)``.
///
/// W [outputs, first, second] and b [outputs] start uniform in ±1/√first, as PyTorch's Bilinear does.
public final class Bilinear<Scalar: FloatingScalar>: Module {
  /// W, [outputs, first, second].
  public let weight: Parameter<Scalar>
  /// b, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?

  /// A layer from `first` and `second` to `outputs` features.
  public init(
    first: Int, second: Int, outputs: Int, bias: Bool, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      first >= 1 && second >= 1 && outputs >= 1, "Bilinear", "from \(first) and \(second) to \(outputs) features")
    weight = Parameter(.uniform([outputs, first, second], fanIn: first))
    self.bias = bias ? Parameter(.uniform([outputs], fanIn: first)) : nil
  }

  /// A layer from `first` and `second` to `outputs` features.
  public convenience init(_ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true) {
    self.init(first: first, second: second, outputs: outputs, bias: bias, of: Scalar.self)
  }

  /// [.., first] and [.., second] to [.., outputs].
  public func callAsFunction(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    bilinear(first, second, weight.value, bias: bias?.value, file: file, line: line)
  }
}

extension Bilinear where Scalar == Float {
  /// A layer from `first` and `second` to `outputs` features.
  public convenience init(_ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true) {
    self.init(first: first, second: second, outputs: outputs, bias: bias, of: Float.self)
  }
}

extension Bilinear: SelfCopying {
  func duplicate() -> any Module {
    Bilinear(
      first: weight.shape[1], second: weight.shape[2], outputs: weight.shape[0], bias: bias != nil, of: Scalar.self)
  }
}

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

  /// Creates a layer of two inputs.
  ///
  /// - Parameters:
  ///   - first: features of the first input, at least 1.
  ///   - second: features of the second input, at least 1.
  ///   - outputs: features of the result, at least 1.
  ///   - bias: whether b is added.
  public init(
    _ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      first >= 1 && second >= 1 && outputs >= 1, "Bilinear", "from \(first) and \(second) to \(outputs) features")
    weight = Parameter(.uniform([outputs, first, second], fanIn: first))
    self.bias = bias ? Parameter(.uniform([outputs], fanIn: first)) : nil
  }

  /// Creates a layer of two inputs, with `Float` values.
  ///
  /// - Parameters:
  ///   - first: features of the first input, at least 1.
  ///   - second: features of the second input, at least 1.
  ///   - outputs: features of the result, at least 1.
  ///   - bias: whether b is added.
  public convenience init(
    _ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(first, second, outputs, bias: bias, fileID: file, line: line) }

  /// [.., first] and [.., second] to [.., outputs].
  public func callAsFunction(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    bilinear(first, second, weight.value, bias: bias?.value, file: file, line: line)
  }
}

extension Bilinear: SelfCopying {
  func duplicate() -> any Module {
    Bilinear(weight.shape[1], weight.shape[2], weight.shape[0], bias: bias != nil)
  }
}

import TernBackend
import TernNN
import TernTensor

/// Where an activation is so flat that next to no gradient passes: at or beyond a lower and an upper value.
public struct Saturation: Sendable, Hashable {
  /// What is not above this is flat; nothing where `nil`.
  public var low: Double?
  /// What is not below this is flat; nothing where `nil`.
  public var high: Double?

  /// A range between two flat ends.
  ///
  /// - Parameters:
  ///   - low: The lower flat end.
  ///   - high: The upper flat end.
  public init(low: Double? = nil, high: Double? = nil) {
    self.low = low
    self.high = high
  }

  /// The sigmoid's: the outer twentieth of its range at both ends, 0.05 and 0.95, where its derivative is below 0.0475.
  public static let sigmoid = Saturation(low: 0.05, high: 0.95)
  /// The hyperbolic tangent's: the outer twentieth of its range at both ends, −0.9 and 0.9.
  public static let tanh = Saturation(low: -0.9, high: 0.9)
  /// The ReLU's: what it answers with zero.
  public static let relu = Saturation(low: 0)

  /// That of a layer of the library, where it has flat ends: sigmoids, hyperbolic tangents, ReLUs and their hard forms.
  ///
  /// - Parameter module: The layer.
  public init?(of module: any Module) {
    switch module {
    case is Sigmoid<Float>, is Sigmoid<Double>: self = .sigmoid
    case is Tanh<Float>, is Tanh<Double>: self = .tanh
    case is ReLU<Float>, is ReLU<Double>: self = .relu
    case is ReLU6<Float>, is ReLU6<Double>: self.init(low: 0, high: 6)
    case is HardSigmoid<Float>, is HardSigmoid<Double>: self.init(low: 0, high: 1)
    case let layer as HardTanh<Float>: self.init(low: layer.low, high: layer.high)
    case let layer as HardTanh<Double>: self.init(low: layer.low, high: layer.high)
    default: return nil
    }
  }

  /// The fraction of values that are flat, and that of units which are flat for every sample of the batch.
  ///
  /// The units of [N, F] and [N, C, …] are what lies along axis 1, a channel with all its places; those of a tensor of
  /// rank 1 are its values.
  public func shares<Scalar: FloatingScalar>(
    of values: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Double, units: Double) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return withoutGradients {
      guard values.count > 0 else { return (.nan, .nan) }
      var flat = Tensor<Bool>(zeros: values.shape)
      if let low { flat = flat .|| (values .<= Scalar(low)) }
      if let high { flat = flat .|| (values .>= Scalar(high)) }
      let others = values.rank < 2 ? [] : (0..<values.rank).filter { $0 != 1 }
      let units = others.isEmpty ? flat : flat.all(along: others)
      func share(_ flags: Tensor<Bool>) -> Double { Double(flags.countNonZero().item) / Double(flags.count) }
      return (share(flat), share(units))
    }
  }
}

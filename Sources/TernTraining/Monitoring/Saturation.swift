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
      let dense = values.detached().contiguous
      let isSplit = values.rank >= 2
      let (samples, units) = isSplit ? (values.shape[0], values.shape[1]) : (1, values.count)
      let places = isSplit ? values.count / (samples * units) : 1
      let (low, high) = (low.map { Scalar($0) }, high.map { Scalar($0) })
      nonisolated(unsafe) let source = dense.pointer
      nonisolated(unsafe) let counts = UnsafeMutablePointer<Int>.allocate(capacity: units)
      defer { counts.deallocate() }
      // How many values of each unit are flat.
      Workers.run(count: units, grain: max((1 << 17) / (samples * places), 1)) { range in
        for unit in range { counts[unit] = 0 }
        for sample in 0..<samples {
          for unit in range {
            let values = UnsafeBufferPointer(start: source + (sample * units + unit) * places, count: places)
            counts[unit] &+= flatCount(values, low, high)
          }
        }
      }
      let all = UnsafeBufferPointer(start: counts, count: units)
      let dead = all.count { $0 == samples * places }
      return withExtendedLifetime(dense) {
        (Double(all.reduce(0, +)) / Double(values.count), Double(dead) / Double(units))
      }
    }
  }
}

/// How many values are not above `low` or not below `high`.
@inline(__always)
private func flatCount<Scalar: FloatingScalar>(
  _ values: UnsafeBufferPointer<Scalar>, _ low: Scalar?, _ high: Scalar?
) -> Int {
  var count = 0
  switch (low, high) {
  case (let low?, nil): for value in values { count &+= value <= low ? 1 : 0 }
  case (nil, let high?): for value in values { count &+= value >= high ? 1 : 0 }
  case (let low?, let high?): for value in values { count &+= value <= low || value >= high ? 1 : 0 }
  case (nil, nil): break
  }
  return count
}

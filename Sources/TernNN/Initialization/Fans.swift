import TernBackend
import TernTensor

/// How many values go into one output of a weight, and into how many outputs one value goes.
///
/// For weights [outputs, inputs, kernel…]: fanIn = inputs · kernel, fanOut = outputs · kernel. Stops below rank 2.
public func fans(of shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> (fanIn: Int, fanOut: Int) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(shape.count >= 2, "fans", "\(shape) is of rank \(shape.count): weights have outputs and inputs")
  check(Layout.holds(shape), "fans", "\(shape) is more than a tensor can hold (2⁴⁸)")
  let kernel = shape.dropFirst(2).reduce(1, *)
  return (shape[1] * kernel, shape[0] * kernel)
}

/// Which of the two fans an initializer keeps the variance by.
public enum FanMode: Sendable {
  /// By the values that go in: the variance of the activations stays.
  case fanIn
  /// By the outputs a value goes to: the variance of the gradients stays.
  case fanOut
}

/// What follows a weight, which decides by how much it may be larger: its gain.
public enum Nonlinearity: Sendable, Hashable {
  /// Nothing, or a convolution: 1.
  case linear
  /// The logistic function: 1.
  case sigmoid
  /// The hyperbolic tangent: 5/3.
  case tanh
  /// max(x, 0): √2.
  case relu
  /// A ReLU with slope a below zero: √(2/(1 + a²)).
  case leakyReLU(slope: Double = 0.01)
  /// The self-normalizing unit: 3/4.
  case selu

  /// The factor that keeps the variance through the function, as PyTorch's `calculate_gain`.
  public var gain: Double {
    switch self {
    case .linear, .sigmoid: 1
    case .tanh: 5.0 / 3
    case .relu: 2.0.squareRoot()
    case .leakyReLU(let slope): (2 / (1 + slope * slope)).squareRoot()
    case .selu: 0.75
    }
  }
}

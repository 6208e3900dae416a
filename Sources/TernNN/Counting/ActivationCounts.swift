import TernTensor

// How activations, and what only moves values, count; the table is at ``OperationCounting``.

/// A layer that does as much for every element of its result.
protocol CountedByElement: OperationCounting {
  /// Operations for an element of the result.
  var operationsPerElement: Int { get }
}

extension CountedByElement {
  /// One, whatever the function.
  var operationsPerElement: Int { 1 }

  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: output.reduce(operationsPerElement, *))
  }
}

extension ReLU: CountedByElement {}
extension Sigmoid: CountedByElement {}
extension Tanh: CountedByElement {}
extension SiLU: CountedByElement {}
extension LeakyReLU: CountedByElement {}
extension GELU: CountedByElement {}
extension PReLU: CountedByElement {}
extension RReLU: CountedByElement {}
extension ReLU6: CountedByElement {}
extension HardTanh: CountedByElement {}
extension HardSigmoid: CountedByElement {}
extension HardSwish: CountedByElement {}
extension Threshold: CountedByElement {}
extension SoftSign: CountedByElement {}
extension HardShrink: CountedByElement {}
extension SoftShrink: CountedByElement {}
extension ELU: CountedByElement {}
extension SELU: CountedByElement {}
extension CELU: CountedByElement {}
extension Mish: CountedByElement {}
extension SoftPlus: CountedByElement {}
extension LogSigmoid: CountedByElement {}
extension TanhShrink: CountedByElement {}

/// Half of the input is the gate of the other half.
extension GLU: CountedByElement {
  var operationsPerElement: Int { 2 }
}

/// Maximum, difference, exponential, sum, and a quotient or a difference.
extension Softmax: CountedByElement {
  var operationsPerElement: Int { 5 }
}
extension Softmax2D: CountedByElement {
  var operationsPerElement: Int { 5 }
}
extension Softmin: CountedByElement {
  var operationsPerElement: Int { 5 }
}
extension LogSoftmax: CountedByElement {
  var operationsPerElement: Int { 5 }
}

/// A layer that hands values on in evaluation, at most to other places.
protocol CountedAsNothing: CountedByElement {}

extension CountedAsNothing {
  var operationsPerElement: Int { 0 }
}

extension Identity: CountedAsNothing {}
extension Flatten: CountedAsNothing {}
extension Unflatten: CountedAsNothing {}
extension Dropout: CountedAsNothing {}
extension AlphaDropout: CountedAsNothing {}
extension ChannelDropout: CountedAsNothing {}
extension PaddingLayer: CountedAsNothing {}
extension PixelShuffle: CountedAsNothing {}
extension PixelUnshuffle: CountedAsNothing {}
extension ChannelShuffle: CountedAsNothing {}
extension Unfold: CountedAsNothing {}

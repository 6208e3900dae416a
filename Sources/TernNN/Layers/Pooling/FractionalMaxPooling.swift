import TernBackend
import TernTensor

/// The maximum of windows of images whose distances vary at random: [N, C, H, W] to [N, C, H′, W′], see
/// ``fractionalMaxPool2DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
public final class FractionalMaxPool2D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Pair
  /// The extents of the result; `nil` where they are fractions of the input's.
  public let outputSize: Pair?
  /// The result's extents divided by the input's; `nil` where the extents are given.
  public let outputRatio: [Double]?
  /// Where the distances come from; the task's or the global generator when `nil`.
  public let generator: RandomGenerator?

  /// Creates a fractional maximum pooling to given extents.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - outputSize: height and width of the result in pixels; one number is both.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(
    _ kernelSize: some PairConvertible, outputSize: some PairConvertible, generator: RandomGenerator? = nil
  ) {
    (self.kernelSize, self.outputSize, outputRatio) = (kernelSize.pair, outputSize.pair, nil)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to given extents, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - outputSize: height and width of the result in pixels; one number is both.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(
    _ kernelSize: some PairConvertible, outputSize: some PairConvertible, generator: RandomGenerator? = nil
  ) where Scalar == Float {
    (self.kernelSize, self.outputSize, outputRatio) = (kernelSize.pair, outputSize.pair, nil)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to fractions of the input's extents.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - outputRatio: one number for both axes, or one for each, between 0 and 1.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(_ kernelSize: some PairConvertible, outputRatio: [Double], generator: RandomGenerator? = nil) {
    (self.kernelSize, outputSize, self.outputRatio) = (kernelSize.pair, nil, outputRatio)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to fractions of the input's extents, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - outputRatio: one number for both axes, or one for each, between 0 and 1.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(_ kernelSize: some PairConvertible, outputRatio: [Double], generator: RandomGenerator? = nil)
  where Scalar == Float {
    (self.kernelSize, outputSize, self.outputRatio) = (kernelSize.pair, nil, outputRatio)
    self.generator = generator
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if let outputRatio {
      return fractionalMaxPool2DWithIndices(
        input, kernelSize: kernelSize, outputRatio: outputRatio, generator: generator
      ).values
    }
    return fractionalMaxPool2D(input, kernelSize: kernelSize, outputSize: outputSize ?? 1, generator: generator)
  }
}

extension FractionalMaxPool2D: SelfCopying {
  func duplicate() -> any Module {
    let generator = CopyScope.copied(generator)
    if let outputRatio { return FractionalMaxPool2D(kernelSize, outputRatio: outputRatio, generator: generator) }
    return FractionalMaxPool2D(kernelSize, outputSize: outputSize ?? 1, generator: generator)
  }
}

extension FractionalMaxPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.vertical * kernelSize.horizontal - 1)
  }
}

/// The maximum of windows of volumes whose distances vary at random: [N, C, D, H, W] to [N, C, D′, H′, W′], see
/// ``fractionalMaxPool3DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
public final class FractionalMaxPool3D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Triple
  /// The extents of the result; `nil` where they are fractions of the input's.
  public let outputSize: Triple?
  /// The result's extents divided by the input's; `nil` where the extents are given.
  public let outputRatio: [Double]?
  /// Where the distances come from; the task's or the global generator when `nil`.
  public let generator: RandomGenerator?

  /// Creates a fractional maximum pooling to given extents.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - outputSize: depth, height and width of the result in voxels; one number is all three.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(
    _ kernelSize: some TripleConvertible, outputSize: some TripleConvertible, generator: RandomGenerator? = nil
  ) {
    (self.kernelSize, self.outputSize, outputRatio) = (kernelSize.triple, outputSize.triple, nil)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to given extents, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - outputSize: depth, height and width of the result in voxels; one number is all three.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(
    _ kernelSize: some TripleConvertible, outputSize: some TripleConvertible, generator: RandomGenerator? = nil
  ) where Scalar == Float {
    (self.kernelSize, self.outputSize, outputRatio) = (kernelSize.triple, outputSize.triple, nil)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to fractions of the input's extents.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - outputRatio: one number for all axes, or one for each, between 0 and 1.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(_ kernelSize: some TripleConvertible, outputRatio: [Double], generator: RandomGenerator? = nil) {
    (self.kernelSize, outputSize, self.outputRatio) = (kernelSize.triple, nil, outputRatio)
    self.generator = generator
  }

  /// Creates a fractional maximum pooling to fractions of the input's extents, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - outputRatio: one number for all axes, or one for each, between 0 and 1.
  ///   - generator: where the distances come from; the task's or the global generator when `nil`.
  public init(_ kernelSize: some TripleConvertible, outputRatio: [Double], generator: RandomGenerator? = nil)
  where Scalar == Float {
    (self.kernelSize, outputSize, self.outputRatio) = (kernelSize.triple, nil, outputRatio)
    self.generator = generator
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if let outputRatio {
      return fractionalMaxPool3DWithIndices(
        input, kernelSize: kernelSize, outputRatio: outputRatio, generator: generator
      ).values
    }
    return fractionalMaxPool3D(input, kernelSize: kernelSize, outputSize: outputSize ?? 1, generator: generator)
  }
}

extension FractionalMaxPool3D: SelfCopying {
  func duplicate() -> any Module {
    let generator = CopyScope.copied(generator)
    if let outputRatio { return FractionalMaxPool3D(kernelSize, outputRatio: outputRatio, generator: generator) }
    return FractionalMaxPool3D(kernelSize, outputSize: outputSize ?? 1, generator: generator)
  }
}

extension FractionalMaxPool3D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.depth * kernelSize.vertical * kernelSize.horizontal - 1)
  }
}

import TernBackend
import TernTensor

/// y = x: takes the place of a layer where none is wanted.
public final class Identity<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unchanged("identity") }

  override var operationsPerElement: Int { 0 }
}

/// Axes joined into one, all but the batch by default: [N, C, H, W] becomes [N, C·H·W].
///
/// ```swift
/// let network = Sequential { Conv2D(1, 4, kernelSize: 3) ; ReLU() ; Flatten() ; Dense(4 * 26 * 26, 10) }
/// let scores = network(Tensor(randomNormal: [8, 1, 28, 28]))  // [8, 10]
/// ```
public final class Flatten<Scalar: FloatingScalar>: Layer, CountedAsNothing {
  /// The first axis joined.
  public let first: Int
  /// The last axis joined.
  public let last: Int

  /// Creates a layer that joins axes into one.
  ///
  /// - Parameters:
  ///   - from: the first axis joined.
  ///   - to: the last axis joined; a negative one counts from the end.
  public init(from: Int = 1, to: Int = -1) {
    (first, last) = (from, to)
  }

  /// Creates a layer that joins axes into one, with `Float` values.
  ///
  /// - Parameters:
  ///   - from: the first axis joined.
  ///   - to: the last axis joined; a negative one counts from the end.
  public init(from: Int = 1, to: Int = -1) where Scalar == Float {
    (first, last) = (from, to)
  }

  /// The input under its new shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.flattened(from: first, to: last) }
}

/// An axis taken apart into several: with axis 1 and [2, 3], [N, 6, L] becomes [N, 2, 3, L].
public final class Unflatten<Scalar: FloatingScalar>: Layer, CountedAsNothing {
  /// The axis.
  public let axis: Int
  /// The extents it is taken apart into; one may be −1.
  public let shape: [Int]

  /// Creates a layer that splits an axis.
  ///
  /// - Parameters:
  ///   - axis: the axis that is split; a negative one counts from the end.
  ///   - shape: the extents it is split into; one may be −1.
  public init(_ axis: Int, to shape: [Int]) {
    (self.axis, self.shape) = (axis, shape)
  }

  /// Creates a layer that splits an axis, with `Float` values.
  ///
  /// - Parameters:
  ///   - axis: the axis that is split; a negative one counts from the end.
  ///   - shape: the extents it is split into; one may be −1.
  public init(_ axis: Int, to shape: [Int]) where Scalar == Float {
    (self.axis, self.shape) = (axis, shape)
  }

  /// The input under its new shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unflattened(axis, to: shape) }
}

/// A residual block: y = body(x) + shortcut(x). Source: He et al. 2016, "Deep residual learning for image recognition".
public final class Residual<Scalar: FloatingScalar>: Layer, Nesting {
  /// What is learned beside the shortcut.
  public let body: any Layer<Scalar>
  /// The way around the body; `nil` is the input itself.
  public let shortcut: (any Layer<Scalar>)?

  /// The body, where it adds the shortcut itself.
  let fusedBody: FusedLayer<Scalar>?
  let nesting: Int

  /// Creates a residual block.
  ///
  /// - Parameters:
  ///   - body: the layers whose result is added to the shortcut's.
  ///   - shortcut: the way around the body, to the same shape; the input itself when `nil`.
  public init(
    _ body: any Layer<Scalar>, shortcut: (any Layer<Scalar>)? = nil, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.body = body
    self.shortcut = shortcut
    fusedBody = FusedLayer(body, residual: true)
    nesting = nestingDepth("Residual", [body] + (shortcut.map { [$0] } ?? []))
  }

  /// Creates a residual block with `Float` values.
  ///
  /// - Parameters:
  ///   - body: the layers whose result is added to the shortcut's.
  ///   - shortcut: the way around the body, to the same shape; the input itself when `nil`.
  public convenience init(
    _ body: any Layer<Scalar>, shortcut: (any Layer<Scalar>)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(body, shortcut: shortcut, fileID: file, line: line)
  }

  /// Creates a residual block whose body the builder lists.
  ///
  /// - Parameters:
  ///   - shortcut: the way around the body, to the same shape; the input itself when `nil`.
  ///   - body: lists the layers whose result is added to the shortcut's.
  public convenience init(
    shortcut: (any Layer<Scalar>)? = nil, @LayerBuilder<Scalar> _ body: () -> [any Layer<Scalar>],
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(Sequential(body(), fileID: file, line: line), shortcut: shortcut, fileID: file, line: line)
  }

  /// Creates a residual block whose body the builder lists, with `Float` values.
  ///
  /// - Parameters:
  ///   - shortcut: the way around the body, to the same shape; the input itself when `nil`.
  ///   - body: lists the layers whose result is added to the shortcut's.
  public convenience init(
    shortcut: (any Layer<Scalar>)? = nil, @LayerBuilder<Scalar> _ body: () -> [any Layer<Scalar>],
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(Sequential(body(), fileID: file, line: line), shortcut: shortcut, fileID: file, line: line)
  }

  /// body(x) + shortcut(x); stops where their shapes differ.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if let fusedBody, !LayerObservers.isListening { return forward(input, fusedBody, activation: .identity) }
    let inner = call(body, input)
    return inner + around(input, inner.shape)
  }

  /// The sum, activated, where the body takes it over.
  func forward(
    _ input: Tensor<Scalar>, _ body: FusedLayer<Scalar>, activation: FusedActivation
  ) -> Tensor<Scalar> {
    var value = input
    return body.run(&value, adding: { self.around(input, $0) }, activation: activation)
  }

  /// shortcut(x), of the shape of what the body gives.
  private func around(_ input: Tensor<Scalar>, _ inner: [Int]) -> Tensor<Scalar> {
    let around = shortcut.map { call($0, input) } ?? input
    check(
      inner == around.shape, "residual",
      "the body gives \(inner), the shortcut \(around.shape) for input \(input.shape)")
    return around
  }

  private func call(_ layer: some Layer<Scalar>, _ input: Tensor<Scalar>) -> Tensor<Scalar> { layer(input) }
}

extension Residual: SelfCopying {
  func duplicate() -> any Module {
    Residual(CopyScope.copied(body), shortcut: shortcut.map(CopyScope.copied))
  }
}

extension Residual: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, 1) }
}

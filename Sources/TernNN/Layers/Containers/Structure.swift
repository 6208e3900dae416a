import TernBackend
import TernTensor

/// The input itself: holds the place of a layer where none is wanted.
public final class Identity<Scalar: FloatingScalar>: Layer {
  /// An identity over a scalar type.
  public init(of _: Scalar.Type) {}
  /// An identity.
  public convenience init() { self.init(of: Scalar.self) }
  /// y = x.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unchanged("identity") }
}

extension Identity where Scalar == Float {
  /// An identity.
  public convenience init() { self.init(of: Float.self) }
}

/// Axes joined into one, all but the batch by default: [N, C, H, W] becomes [N, C·H·W].
public final class Flatten<Scalar: FloatingScalar>: Layer {
  /// The first axis joined.
  public let first: Int
  /// The last axis joined.
  public let last: Int

  /// Joins the axes `from` to `to`.
  public init(from: Int, to: Int, of _: Scalar.Type) {
    first = from
    last = to
  }

  /// Joins the axes `from` to `to`.
  public convenience init(from: Int = 1, to: Int = -1) { self.init(from: from, to: to, of: Scalar.self) }

  /// The input under its new shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.flattened(from: first, to: last) }
}

extension Flatten where Scalar == Float {
  /// Joins the axes `from` to `to`.
  public convenience init(from: Int = 1, to: Int = -1) { self.init(from: from, to: to, of: Float.self) }
}

/// An axis taken apart into several: with axis 1 and [2, 3], [N, 6, L] becomes [N, 2, 3, L].
public final class Unflatten<Scalar: FloatingScalar>: Layer {
  /// The axis.
  public let axis: Int
  /// The extents it is taken apart into; one may be −1.
  public let shape: [Int]

  /// Takes an axis apart.
  public init(axis: Int, shape: [Int], of _: Scalar.Type) {
    self.axis = axis
    self.shape = shape
  }

  /// Takes an axis apart.
  public convenience init(_ axis: Int, to shape: [Int]) { self.init(axis: axis, shape: shape, of: Scalar.self) }

  /// The input under its new shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unflattened(axis, to: shape) }
}

extension Unflatten where Scalar == Float {
  /// Takes an axis apart.
  public convenience init(_ axis: Int, to shape: [Int]) { self.init(axis: axis, shape: shape, of: Float.self) }
}

/// A residual block: y = body(x) + shortcut(x). Source: He et al. 2016, "Deep residual learning for image recognition".
public final class Residual<Scalar: FloatingScalar>: Layer {
  /// What is learned beside the shortcut.
  public let body: any Layer<Scalar>
  /// The way around the body; `nil` is the input itself.
  public let shortcut: (any Layer<Scalar>)?

  /// The body, where it adds the shortcut itself.
  let fusedBody: FusedLayer<Scalar>?
  let nesting: Int

  /// A block of a body and a way around it.
  public init(
    body: any Layer<Scalar>, shortcut: (any Layer<Scalar>)?, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.body = body
    self.shortcut = shortcut
    fusedBody = FusedLayer(body, residual: true)
    nesting = nestingDepth("Residual", [body] + (shortcut.map { [$0] } ?? []))
  }

  /// A block of a body and a way around it; without a shortcut the input itself is added.
  public convenience init(_ body: any Layer<Scalar>, shortcut: (any Layer<Scalar>)? = nil) {
    self.init(body: body, shortcut: shortcut, of: Scalar.self)
  }

  /// A block whose body the builder lists.
  public convenience init(
    shortcut: (any Layer<Scalar>)? = nil, @LayerBuilder<Scalar> _ body: () -> [any Layer<Scalar>],
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(body: Sequential(layers: body(), of: Scalar.self), shortcut: shortcut, of: Scalar.self)
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

extension Residual: Nesting {}

extension Residual where Scalar == Float {
  /// A block of a body and a way around it; without a shortcut the input itself is added.
  public convenience init(_ body: any Layer<Float>, shortcut: (any Layer<Float>)? = nil) {
    self.init(body: body, shortcut: shortcut, of: Float.self)
  }

  /// A block whose body the builder lists.
  public convenience init(
    shortcut: (any Layer<Float>)? = nil, @LayerBuilder<Float> _ body: () -> [any Layer<Float>],
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(body: Sequential(layers: body(), of: Float.self), shortcut: shortcut, of: Float.self)
  }
}

extension Residual: SelfCopying {
  func duplicate() -> any Module {
    Residual(body: CopyScope.copied(body), shortcut: shortcut.map(CopyScope.copied), of: Scalar.self)
  }
}

extension Identity: CountedAsNothing {}

extension Flatten: CountedAsNothing {}

extension Unflatten: CountedAsNothing {}

extension Residual: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, 1) }
}

import TernBackend
import TernTensor

/// Layers one after the other: the result of each is the input of the next.
///
/// ```swift
/// let model = Sequential {
///   Dense(784, 128)
///   if normalized { BatchNorm1d(128) }
///   ReLU()
///   for _ in 0..<depth { Dense(128, 128) }
/// }
/// ```
///
/// Names below it are positions: `0.weight`, `1.running_mean`.
public final class Sequential<Scalar: FloatingScalar>: Layer, Nesting {
  /// The layers in their order.
  public private(set) var layers: [any Layer<Scalar>]

  /// How each layer runs while nobody watches.
  private var steps: [Step]
  /// The last layer as one that can be fused with what follows, with a residual or without.
  private(set) var fusedLast: (residual: FusedLayer<Scalar>?, plain: FusedLayer<Scalar>?)

  private enum Step {
    /// By a call.
    case alone
    /// As what may write its input's memory, as one with the ReLU behind it where there is one.
    case fused(FusedLayer<Scalar>, activation: FusedActivation)
    /// In evaluation as one with the normalization, and with the ReLU behind that where there is one.
    case normalized(Conv2D<Scalar>, BatchNorm<Scalar>, activation: FusedActivation)
    /// Over its input's memory where nothing else refers to that, and nothing is recorded.
    case inPlace(UnaryKernel)
    /// In bfloat16 as one with the activation, the dropout and the dense layer behind it.
    case feedForward(FeedForwardLayers<Scalar>)
  }

  /// How many sequences and residual blocks are inside each other, this one included.
  private(set) var nesting: Int

  /// Creates a sequence of given layers. Stops where they are nested more than 1000 deep.
  ///
  /// - Parameter layers: the layers in their order.
  public init(_ layers: [any Layer<Scalar>], fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.layers = layers
    nesting = nestingDepth("Sequential", layers)
    steps = Self.steps(layers)
    fusedLast = Self.fusedLast(layers)
  }

  private static func fusedLast(
    _ layers: [any Layer<Scalar>]
  ) -> (residual: FusedLayer<Scalar>?, plain: FusedLayer<Scalar>?) {
    (
      layers.last.flatMap { FusedLayer($0, residual: true) }, layers.last.flatMap { FusedLayer($0, residual: false) }
    )
  }

  private static func steps(_ layers: [any Layer<Scalar>]) -> [Step] {
    func activation(at position: Int) -> FusedActivation {
      position < layers.count && layers[position] is ReLU<Scalar> ? .relu : .identity
    }
    return layers.indices.map { position in
      if let convolution = layers[position] as? Conv2D<Scalar>, position + 1 < layers.count,
        let norm = layers[position + 1] as? BatchNorm<Scalar>
      {
        return .normalized(convolution, norm, activation: activation(at: position + 2))
      }
      if let kernel = inPlaceKernel(layers[position]) { return .inPlace(kernel) }
      if let layers = FeedForwardLayers(layers[position...]) { return .feedForward(layers) }
      guard let layer = FusedLayer(layers[position], residual: false) else { return .alone }
      return .fused(layer, activation: activation(at: position + 1))
    }
  }

  /// The kernel of an activation that may write over its input.
  private static func inPlaceKernel(_ layer: any Layer<Scalar>) -> UnaryKernel? {
    switch layer {
    case is SiLU<Scalar>: .silu
    case is HardSwish<Scalar>: .hardSwish
    case is Sigmoid<Scalar>: .sigmoid
    case is Tanh<Scalar>: .tanh
    case let gelu as GELU<Scalar> where gelu.approximate == .none: .gelu
    default: nil
    }
  }

  /// Creates a sequence of given layers with `Float` values. Stops where they are nested more than 1000 deep.
  ///
  /// - Parameter layers: the layers in their order.
  public convenience init(
    _ layers: [any Layer<Scalar>], file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(layers, fileID: file, line: line)
  }

  /// Creates a sequence of the layers that a block lists.
  ///
  /// - Parameter layers: lists the layers in their order; may contain `if`, `switch` and `for`.
  public convenience init(
    @LayerBuilder<Scalar> _ layers: () -> [any Layer<Scalar>], fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(layers(), fileID: file, line: line)
  }

  /// Creates a sequence of the layers that a block lists, with `Float` values.
  ///
  /// - Parameter layers: lists the layers in their order; may contain `if`, `switch` and `for`.
  public convenience init(
    @LayerBuilder<Scalar> _ layers: () -> [any Layer<Scalar>], file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(layers(), fileID: file, line: line)
  }

  /// Creates a sequence of given layers.
  ///
  /// - Parameters:
  ///   - layers: the layers in their order.
  ///   - scalar: the scalar type, which the layers have already.
  @available(*, deprecated, message: "use Sequential(layers)")
  public convenience init(layers: [any Layer<Scalar>], of scalar: Scalar.Type) { self.init(layers) }

  /// The positions are names by themselves.
  public var savedNames: [String: String] { ["layers": ""] }

  /// The last layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    var result = layers.isEmpty ? input.unchanged("sequential") : input
    advance(layers.count, &result)
    return result
  }

  /// Whether a layer may run as one with the one after it.
  func isFused(after position: Int) -> Bool {
    switch steps[position] {
    case .alone, .feedForward, .inPlace: false
    case .fused(_, let activation): activation != .identity
    case .normalized: true
    }
  }

  /// Replaces a value by what the layers from `first` to before `count` make of it.
  func advance(from first: Int = 0, _ count: Int, _ value: inout Tensor<Scalar>) {
    // Who watches a layer is to see what it answers.
    let isWatched = LayerObservers.watches(layers)
    var position = first
    /// The activation where the layer it is stands among those that run; then it is passed over.
    func taken(_ activation: FusedActivation) -> FusedActivation {
      if activation == .identity || position + 1 >= count { return .identity }
      position += 1
      return activation
    }
    while position < count {
      let layer = layers[position]
      switch isWatched ? .alone : steps[position] {
      case .fused(let layer, let activation): value = layer.run(&value, activation: taken(activation))
      case .feedForward(let layers):
        if position + layers.count <= count, let result = layers.run(value) {
          value = result
          position += layers.count - 1
        } else {
          value = FusedLayer.dense(layers.first).run(&value)
        }
      case .normalized(let convolution, let norm, let activation)
      where position + 1 < count && convolution.canFuse(norm):
        position += 1
        value = convolution.forward(value, normalizedBy: norm, activation: taken(activation))
      case .inPlace(let kernel):
        if Recording.isOn || !value.update(kernel) { value = run(layer, value) }
      case .alone, .normalized: value = run(layer, value)
      }
      position += 1
    }
  }

  private func run(_ layer: some Layer<Scalar>, _ input: Tensor<Scalar>) -> Tensor<Scalar> { layer(input) }

  /// How many layers there are.
  public var count: Int { layers.count }

  /// The layer at a position; setting it puts another in its place. Stops for a position that is not there.
  ///
  /// An optimizer that was made before goes on changing the parameters it was made for.
  public subscript(
    _ position: Int, file file: StaticString = #fileID, line line: UInt = #line
  ) -> any Layer<Scalar> {
    get { layer(position, file, line) }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      replace(position, by: newValue)
    }
  }

  /// The layer at a position, as a collection has it.
  @_disfavoredOverload
  public subscript(_ position: Int) -> any Layer<Scalar> {
    get {
      checkPosition(position)
      return layers[position]
    }
    set { replace(position, by: newValue) }
  }

  private func layer(_ position: Int, _ file: StaticString, _ line: UInt) -> any Layer<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkPosition(position)
    return layers[position]
  }

  private func replace(_ position: Int, by layer: any Layer<Scalar>) {
    checkPosition(position)
    layers[position] = layer
    nesting = nestingDepth("Sequential", layers)
    steps = Self.steps(layers)
    fusedLast = Self.fusedLast(layers)
  }

  /// The layer at a position, of a type that is known: `net[0, as: Dense.self].weight`. Stops where it is of another.
  public subscript<L: Layer>(
    _ position: Int, as type: L.Type, file file: StaticString = #fileID, line line: UInt = #line
  ) -> L where L.Scalar == Scalar {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let held = layer(position, file, line)
    guard let found = held as? L else {
      fail("Sequential", "layer \(position) is a \(Swift.type(of: held)), not a \(type)")
    }
    return found
  }

  private func checkPosition(_ position: Int) {
    check(layers.indices.contains(position), "Sequential", "layer \(position) is not one of the \(layers.count)")
  }
}

/// A layer that holds others.
protocol Nesting {
  var nesting: Int { get }
}

/// One more than the deepest of some layers; what is nested much deeper than networks are would overflow the stack where
/// it runs, is looked through or ends.
func nestingDepth<Scalar>(_ name: String, _ layers: [any Layer<Scalar>]) -> Int {
  var deepest = 0
  for layer in layers { deepest = max(deepest, (layer as? any Nesting)?.nesting ?? 0) }
  check(deepest < 1000, name, "layers inside each other \(deepest + 1) deep (at most 1000)")
  return deepest + 1
}

extension Sequential: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of layers.
  public var endIndex: Int { layers.count }
}

/// Collects the layers of a block, all of one scalar type.
@resultBuilder
public enum LayerBuilder<Scalar: FloatingScalar> {
  /// One layer.
  public static func buildExpression<L: Layer>(_ layer: L) -> [any Layer<Scalar>] where L.Scalar == Scalar { [layer] }
  /// A layer of a type known at run time.
  public static func buildExpression(_ layer: any Layer<Scalar>) -> [any Layer<Scalar>] { [layer] }
  /// Several layers.
  public static func buildExpression(_ layers: [any Layer<Scalar>]) -> [any Layer<Scalar>] { layers }
  /// One part after the other.
  public static func buildBlock(_ parts: [any Layer<Scalar>]...) -> [any Layer<Scalar>] { parts.flatMap { $0 } }
  /// `if` without `else`.
  public static func buildOptional(_ part: [any Layer<Scalar>]?) -> [any Layer<Scalar>] { part ?? [] }
  /// The branch of `if`.
  public static func buildEither(first part: [any Layer<Scalar>]) -> [any Layer<Scalar>] { part }
  /// The branch of `else`.
  public static func buildEither(second part: [any Layer<Scalar>]) -> [any Layer<Scalar>] { part }
  /// `for`.
  public static func buildArray(_ parts: [[any Layer<Scalar>]]) -> [any Layer<Scalar>] { parts.flatMap { $0 } }
}

extension Sequential: SelfCopying {
  func duplicate() -> any Module {
    Sequential(layers.map(CopyScope.copied))
  }
}

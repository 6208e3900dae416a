import Synchronization
import TernBackend
import TernTensor

/// What a module learns: a value that an optimizer changes, and the gradient that backward passes add up for it.
///
/// It is the one identity that outlives a step. Reading ``value`` while operations are recorded gives a variable of the
/// graph. A tensor read before an update keeps the old values: the update happens in place only where nothing shares
/// the memory.
public final class Parameter<Scalar: FloatingScalar>: AnyParameter, @unchecked Sendable {
  private let leaf = VariableNode()
  private let lock = UpdateLock()
  // Under the lock.
  @exclusivity(unchecked) private var held: Tensor<Scalar>
  @exclusivity(unchecked) private var isKept = false
  @exclusivity(unchecked) private var replacement: TensorBody?
  @exclusivity(unchecked) private var list: ParametrizationList<Scalar>?

  /// Creates a parameter that starts at the given values.
  ///
  /// - Parameter value: the values; what it is recorded for is left out.
  public init(_ value: Tensor<Scalar>) { held = value.detached() }

  /// The values: part of the graph where operations are recorded and the parameter is not frozen.
  ///
  /// Those of a parametrized one are computed whenever they are read, see ``parametrize(with:file:line:)``.
  /// Stops when a value of another shape is set.
  public var value: Tensor<Scalar> {
    get {
      var (body, isFrozen, substitute, computation) = locked { (held.body, isKept, replacement, list) }
      if let replay = Replay.current {
        let value = replay.read(self, (substitute ?? body, isFrozen, substitute != nil))
        isFrozen = value.isFrozen
        (body, substitute) = value.isSubstitute ? (body, value.body) : (value.body, nil)
      }
      if let substitute { return Tensor(body: Recording.isOn ? substitute : substitute.detached) }
      if let computation { return computation.value }
      return Tensor(body: isFrozen || !Recording.isOn ? body : body.with(node: leaf))
    }
    set {
      let shape = self.shape
      check(
        newValue.shape == shape, "parameter", "a value of shape \(newValue.shape) for one of shape \(shape)")
      let value = newValue.detached()
      if let list = parametrizations { return list.set(value) }
      locked { held = value }
    }
  }

  /// What stands for it in a graph.
  package var variable: VariableNode { leaf }

  /// The sum of the gradients that arrived since it was cleared; `nil` before the first.
  public var gradient: Tensor<Scalar>? {
    get { leaf.gradient.map(Tensor.init(body:)) }
    set {
      if let newValue {
        check(newValue.shape == shape, "parameter", "a gradient of shape \(newValue.shape) for one of shape \(shape)")
      }
      leaf.gradient = newValue?.body
    }
  }

  /// Whether it keeps its value: not recorded, not changed by optimizers.
  public var isFrozen: Bool {
    get {
      let (isKept, list) = locked { (self.isKept, self.list) }
      return list?.originals.list.allSatisfy { $0.isFrozen } ?? isKept
    }
    set {
      for original in originals { original.isFrozen = newValue }
      locked { isKept = newValue }
    }
  }

  /// The shape of the value.
  public var shape: [Int] { locked { held.shape } }

  /// The number of values.
  public var count: Int { locked { held.count } }

  /// The element type.
  public var dtype: DType { Scalar.dtype }

  /// The Euclidean norm of the gradient, in double; `nil` without one.
  public var gradientNorm: Double? {
    gradient.map { gradient in
      let wide = gradient.detached().cast(to: Double.self)
      return (wide * wide).sum().item.squareRoot()
    }
  }

  /// Forgets the gradient; of a parametrized one those of its originals.
  public func zeroGradient() {
    gradient = nil
    for original in originals { original.zeroGradient() }
  }

  /// What readers get in place of the value, recorded as it is: how a module becomes a function of its parameters.
  package var substitute: Tensor<Scalar>? {
    get { locked { replacement }.map(Tensor.init(body:)) }
    set { locked { replacement = newValue?.body } }
  }

  /// What its value is computed from; `nil` where it is not parametrized.
  var parametrizations: ParametrizationList<Scalar>? { locked { list } }

  /// Computes the value from these originals from here on.
  func attach(_ parametrizations: ParametrizationList<Scalar>) {
    gradient = nil
    locked {
      list = parametrizations
      // The shape is all that is left to say.
      held = Tensor<Scalar>(0).broadcast(to: held.shape)
    }
  }

  /// A plain parameter of this value.
  func detach(_ value: Tensor<Scalar>) {
    let isFrozen = isFrozen
    let value = value.detached()
    locked {
      list = nil
      held = value
      isKept = isFrozen
    }
  }

  /// Hands the value to `body` for an update: until ``endUpdate()`` readers wait. Its memory is this parameter's alone.
  ///
  /// Who takes several takes them in the order of their addresses.
  func beginUpdate(_ body: (inout Tensor<Scalar>) -> Void) {
    lock.lock()
    held.makeUnique()
    body(&held)
  }

  /// Lets readers see the updated value.
  func endUpdate() { lock.unlock() }

  /// Changes the value, in place where nothing else shares its memory.
  package func update(_ change: (inout Tensor<Scalar>) -> Void) {
    if let list = parametrizations {
      var value = withoutGradients { list.value }
      value.makeUnique()
      change(&value)
      return list.set(value)
    }
    beginUpdate(change)
    endUpdate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  package var stored: TensorBody {
    get {
      if let list = parametrizations { return withoutGradients { list.value }.body }
      return locked { held.body }
    }
    set {
      if let list = parametrizations { return list.set(Tensor(body: newValue)) }
      locked { held = Tensor(body: newValue) }
    }
  }
}

/// A parameter of some scalar type.
public protocol AnyParameter<Scalar>: AnyObject, Sendable {
  /// The scalar type of the value.
  associatedtype Scalar: FloatingScalar

  /// The shape of the value.
  var shape: [Int] { get }
  /// The number of values.
  var count: Int { get }
  /// The element type.
  var dtype: DType { get }
  /// Whether it keeps its value.
  var isFrozen: Bool { get set }
  /// The Euclidean norm of the gradient, in double; `nil` without one.
  var gradientNorm: Double? { get }
  /// Forgets the gradient.
  func zeroGradient()
}

extension AnyParameter {
  /// The parameter with its scalar type: what a function over `some AnyParameter` works with, whichever type it is.
  package var typed: Parameter<Scalar> {
    guard let parameter = self as? Parameter<Scalar> else {
      fail("parameter", "\(type(of: self)) is not one of the library's")
    }
    return parameter
  }

  package var body: TensorBody {
    get { typed.stored }
    set { typed.stored = newValue }
  }
}

/// What a module keeps besides its parameters, as running statistics: saved with it, not trained.
public final class Buffer<Scalar: TensorScalar>: AnyBuffer, ReplayedValue {
  private let state: Mutex<TensorBody>

  /// Creates a buffer that starts at the given values.
  ///
  /// - Parameter value: the values; what it is recorded for is left out.
  public init(_ value: Tensor<Scalar>) {
    state = Mutex(value.detached().body)
  }

  /// The values, a constant of the graph. Stops when a value of another shape is set.
  public var value: Tensor<Scalar> {
    get { Tensor(body: stored) }
    set {
      access { body in
        check(
          newValue.shape == body.layout.shape, "buffer",
          "a value of shape \(newValue.shape) for one of shape \(body.layout.shape)")
        body = newValue.detached().body
      }
    }
  }

  /// Reads or changes the value, as it is for the work that runs.
  private func access(_ body: (inout TensorBody) -> Void) {
    if let replay = Replay.current { replay.access(self, body) } else { direct(body) }
  }

  /// Reads or changes the value itself.
  package func direct(_ body: (inout TensorBody) -> Void) { state.withLock { body(&$0) } }

  /// The shape of the value.
  public var shape: [Int] { state.withLock { $0.layout.shape } }
  /// The number of values.
  public var count: Int { state.withLock { $0.layout.count } }
  /// The element type.
  public var dtype: DType { Scalar.dtype }

  /// Changes the value, in place where nothing else shares its memory.
  package func update(_ change: (UnsafeMutablePointer<Scalar>) -> Void) {
    access { body in
      if !body.isUnique() || !body.layout.isContiguous { body = Tensor<Scalar>(body: body).copied().body }
      change(body.pointer.assumingMemoryBound(to: Scalar.self))
    }
  }

  package var stored: TensorBody {
    get {
      if Replay.current == nil { return state.withLock { $0 } }
      var found: TensorBody?
      access { found = $0 }
      return found ?? state.withLock { $0 }
    }
    set { access { $0 = newValue } }
  }
}

/// A buffer of some scalar type.
public protocol AnyBuffer: AnyObject, Sendable {
  /// The shape of the value.
  var shape: [Int] { get }
  /// The number of values.
  var count: Int { get }
  /// The element type.
  var dtype: DType { get }
}

extension AnyBuffer {
  package var body: TensorBody {
    get {
      switch self {
      case let buffer as Buffer<Float>: buffer.stored
      case let buffer as Buffer<Double>: buffer.stored
      case let buffer as Buffer<Int>: buffer.stored
      case let buffer as Buffer<Int32>: buffer.stored
      case let buffer as Buffer<UInt8>: buffer.stored
      case let buffer as Buffer<Bool>: buffer.stored
      default: fail("buffer", "\(type(of: self)) is not one of the library's")
      }
    }
    set {
      switch self {
      case let buffer as Buffer<Float>: buffer.stored = newValue
      case let buffer as Buffer<Double>: buffer.stored = newValue
      case let buffer as Buffer<Int>: buffer.stored = newValue
      case let buffer as Buffer<Int32>: buffer.stored = newValue
      case let buffer as Buffer<UInt8>: buffer.stored = newValue
      case let buffer as Buffer<Bool>: buffer.stored = newValue
      default: fail("buffer", "\(type(of: self)) is not one of the library's")
      }
    }
  }
}

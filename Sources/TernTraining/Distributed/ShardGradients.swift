import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// The gradients of some parameters that one shard, or several together, gave; `nil` where there is none.
struct ShardGradients: Sendable {
  private(set) var bodies: [TensorBody?]

  /// None.
  init(count: Int) { bodies = Array(repeating: nil, count: count) }

  /// Takes the gradients away from the parameters.
  init(taking parameters: [any AnyParameter]) {
    bodies = parameters.map { $0.takeGradient() }
  }

  /// Which parameters have one.
  var isPresent: [Bool] { bodies.map { $0 != nil } }

  /// Whether all values are.
  var isFinite: Bool {
    bodies.allSatisfy { body in
      guard let body else { return true }
      return body.dtype == .float32 ? Tensor<Float>(body: body).isAllFinite : Tensor<Double>(body: body).isAllFinite
    }
  }

  /// Gives the parameters these gradients.
  func give(to parameters: [any AnyParameter]) {
    for (parameter, body) in zip(parameters, bodies) { parameter.heldGradient = body }
  }

  /// Takes the body of a parameter, which is then the caller's alone.
  mutating func take(_ index: Int) -> TensorBody? {
    let body = bodies[index]
    bodies[index] = nil
    return body
  }

  mutating func set(_ index: Int, _ body: TensorBody?) { bodies[index] = body }

  /// Adds the gradients of the shards that follow.
  mutating func add(_ other: consuming ShardGradients) {
    var other = other
    withoutGradients {
      for index in bodies.indices {
        bodies[index] = Self.sum(take(index), other.take(index))
      }
    }
  }

  /// The gradient of one parameter, and that of the shards that follow.
  static func sum(_ own: consuming TensorBody?, _ added: consuming TensorBody?) -> TensorBody? {
    switch (consume own, consume added) {
    case (var own?, let added?):
      sumGradients(&own, added)
      return own
    case (let one?, nil), (nil, let one?): return one.addingZero
    case (nil, nil): return nil
    }
  }
}

extension TensorBody {
  /// The sum with zeros, as of a shard on another rank that has no gradient: −0 becomes 0.
  var addingZero: TensorBody {
    switch dtype {
    case .float32: (Tensor<Float>(body: self) + 0).body
    case .float64: (Tensor<Double>(body: self) + 0).body
    default: self
    }
  }
}

extension AnyParameter {
  /// The gradient, whatever its type.
  var heldGradient: TensorBody? {
    get { typed.gradient?.body }
    set { typed.gradient = newValue.map { Tensor<Scalar>(body: $0) } }
  }

  /// Takes the gradient away.
  func takeGradient() -> TensorBody? {
    let body = heldGradient?.detached
    heldGradient = nil
    return body
  }

  /// What stands for the parameter in a graph.
  var node: VariableNode { typed.variable }

  /// Divides the gradient by a number.
  func divideHeldGradient(by count: Double) {
    guard let gradient = typed.gradient else { return }
    typed.gradient = withoutGradients { gradient.detached() / Scalar(count) }
  }
}

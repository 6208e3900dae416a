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
    bodies = parameters.map { parameter in
      let body = parameter.heldGradient?.detached
      parameter.heldGradient = nil
      return body
    }
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
        switch (take(index), other.take(index)) {
        case (var own?, let added?):
          sumGradients(&own, added)
          bodies[index] = own
        case (let one?, nil), (nil, let one?): bodies[index] = one.addingZero
        case (nil, nil): break
        }
      }
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

  /// Divides the gradient by a number.
  func divideHeldGradient(by count: Double) {
    guard let gradient = typed.gradient else { return }
    typed.gradient = withoutGradients { gradient.detached() / Scalar(count) }
  }
}

import TernBackend
import TernNN
import TernTensor

/// A loss or a gradient that is not finite, in a loop of one's own: what, and where it began.
public struct NonFiniteFinding: Error, Sendable, CustomStringConvertible {
  /// What is not finite: `the loss is nan`, or which parameter's gradient.
  public let what: String
  /// Where it began, where that was found.
  public let origin: NonFiniteOrigin?

  /// One line.
  public var description: String { origin.map { "\(what); \($0)" } ?? what }
}

/// Looks for the operation that made a value which is not finite, in a loop of one's own.
///
/// ```swift
/// let finder = NonFiniteGuard(model)
/// for batch in loader {
///   optimizer.zeroGradients()
///   try finder.backward(batch) { crossEntropy(model(batch.inputs), batch.labels) }
///   optimizer.step()
/// }
/// ```
///
/// While all is finite a step costs a look at the loss and the gradients. Where something is not, the closure runs once more
/// from the same random numbers and buffers, with every operation watched, and a ``NonFiniteFinding`` names the first whose
/// result was not finite from inputs that were, from which the loss or the gradient descends. Infinities that were put there
/// on purpose, as masks are, are not blamed.
public final class NonFiniteGuard {
  private let model: any Module
  private let buffers: [any AnyBuffer]
  private let parameters: [(name: String, parameter: any AnyParameter)]

  /// A guard of a model.
  ///
  /// - Parameter model: The model.
  public init(_ model: some Module) {
    self.model = model
    buffers = model.namedBuffers.map { $0.buffer }
    parameters = model.namedParameters
  }

  /// Computes a loss, and adds its gradients to those of the parameters, as `backward()` does.
  ///
  /// - Parameters:
  ///   - batch: the batch, in which data that is not finite is recognized; may be left out.
  ///   - samples: the places of its samples in the data set, which are named then.
  ///   - loss: the loss, a single value; where that is not finite, or a gradient, it runs twice.
  /// - Returns: the loss.
  /// - Throws: ``NonFiniteFinding``: there are no gradients then, and the buffers are as after one run; what `loss` throws.
  @discardableResult
  public func backward<Scalar: FloatingScalar>(
    _ batch: Any? = nil, samples: [Int] = [], _ loss: () throws -> Tensor<Scalar>, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (start, generator) = (bodies, Random.generator.state)
    let value = try loss()
    check(value.count == 1, "NonFiniteGuard", "a loss of shape \(value.shape) (a single value)")
    let isLossFinite = value.isAllFinite
    if isLossFinite {
      if value.requiresGradient { value.backward() }
      if parameters.allSatisfy({ $0.parameter.hasFiniteGradient }) { return value }
    }
    let name = parameters.first { !$0.parameter.hasFiniteGradient }?.name
    for entry in parameters { entry.parameter.zeroGradient() }
    let after = bodies
    put(start)
    defer {
      put(after)
      for entry in parameters { entry.parameter.zeroGradient() }
    }
    let search = NonFiniteSearch(
      model, batch: batch.map { tensors(in: $0) } ?? [], samples: samples, notesNodes: isLossFinite)
    let origin: NonFiniteOrigin? = OperationObservers.with(search) {
      Random.with(RandomGenerator(state: generator)) {
        guard let again = try? loss() else { return nil }
        if isLossFinite, again.requiresGradient { again.backward() }
        return isLossFinite ? search.originOfGradients() : search.origin(of: again.body)
      }
    }
    let number = value.scalars.first.map { $0.isNaN ? "nan" : "\($0)" } ?? ""
    throw NonFiniteFinding(
      what: isLossFinite ? "the gradient of \(name ?? "a parameter") is not finite" : "the loss is \(number)",
      origin: origin)
  }

  private var bodies: [TensorBody] {
    var bodies: [TensorBody] = []
    for buffer in buffers { bodies.append(buffer.body.detached) }
    return bodies
  }

  private func put(_ bodies: [TensorBody]) {
    for (buffer, body) in zip(buffers, bodies) { buffer.body = body }
  }
}

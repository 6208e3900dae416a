import TernBackend
import TernTensor

/// Limited-memory BFGS, as `torch.optim.LBFGS`: steps along −H·∇L with H, an inverse of the second derivatives, from the
/// last changes of the parameters and their gradients.
///
/// ```swift
/// let optimizer = LBFGS(model, lineSearch: .strongWolfe)
/// for _ in 0..<20 {
///   optimizer.step {
///     optimizer.zeroGradients()
///     let loss = meanSquaredError(model(inputs), targets)
///     loss.backward()
///     return loss
///   }
/// }
/// ```
///
/// One ``step(_:)`` makes up to ``maxIterations`` iterations, each of which works the loss out at least once more. All
/// vectors are kept in Double, 2·(history + 1) as long as the parameters. It has one group of parameters.
///
/// Source: Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization".
public final class LBFGS: Optimizer, ParameterSource {
  /// How far an iteration goes along its direction.
  public enum LineSearch: Sendable {
    /// As far as the learning rate says; at the first by η·min(1, 1/Σ|∇L|).
    case fixed
    /// To a point where the strong Wolfe conditions hold, tried first at the fixed length.
    case strongWolfe
  }

  /// η, the step along the direction.
  public var learningRate: Double
  /// The most iterations of a step.
  public let maxIterations: Int
  /// How often a step may work the loss out, checked after each iteration.
  public let maxEvaluations: Int
  /// A step ends where no element of the gradient is larger.
  public let gradientTolerance: Double
  /// A step ends where the loss, or every parameter, changes less.
  public let changeTolerance: Double
  /// How many changes are remembered.
  public let historySize: Int
  /// How far an iteration goes.
  public let lineSearch: LineSearch
  /// The iterations of all steps so far.
  public private(set) var iterations = 0
  /// How often the loss was worked out so far.
  public private(set) var evaluations = 0

  private let flat: FlatParameters
  private var memory = Memory()

  /// What goes from one iteration to the next.
  private struct Memory {
    var direction: Tensor<Double>?
    var gradient: Tensor<Double>?
    /// The step along the direction.
    var step = 0.0
    /// What the inverse is a multiple of before the changes come in.
    var scale = 1.0
    var changes: [Change] = []
  }

  /// A change of the parameters and of the gradient with it.
  private struct Change {
    let moved: Tensor<Double>
    let turned: Tensor<Double>
    /// 1 over their inner product.
    let weight: Double
  }

  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the step along the direction, at least 0.
  ///   - maxIterations: iterations of a step, at least 1.
  ///   - maxEvaluations: evaluations of the loss in a step; 5/4 of the iterations when `nil`.
  ///   - gradientTolerance: a step ends where no gradient is larger.
  ///   - changeTolerance: a step ends where neither loss nor parameters change by more.
  ///   - historySize: how many past changes approximate the curvature, at least 1.
  ///   - lineSearch: how the length of an iteration is found.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1, maxIterations: Int = 20, maxEvaluations: Int? = nil,
    gradientTolerance: Double = 1e-7, changeTolerance: Double = 1e-9, historySize: Int = 100,
    lineSearch: LineSearch = .fixed,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(learningRate >= 0, "LBFGS", "a learning rate of \(learningRate)")
    check(
      maxIterations >= 1 && historySize >= 1, "LBFGS", "\(maxIterations) iterations, a history of \(historySize)")
    self.learningRate = learningRate
    self.maxIterations = maxIterations
    self.maxEvaluations = maxEvaluations ?? (maxIterations > 1 << 48 ? .max : maxIterations * 5 / 4)
    self.gradientTolerance = gradientTolerance
    self.changeTolerance = changeTolerance
    self.historySize = historySize
    self.lineSearch = lineSearch
    flat = FlatParameters(model)
    check(!flat.entries.isEmpty, "LBFGS", "the model has no parameters")
  }

  /// The parameters that it changes, with their names, each once.
  public var namedParameters: [(name: String, parameter: any AnyParameter)] { flat.entries }

  /// The learning rate of its one group.
  public var learningRates: [Double] {
    get { [learningRate] }
    set { learningRate = newValue[0] }
  }

  /// Stops: this method works the loss out again and again, and takes a closure for it.
  @_disfavoredOverload
  public func step() {
    fail("LBFGS", "step takes a closure that works the loss out: step { …; return loss }")
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for (_, parameter) in flat.entries { parameter.zeroGradient() }
  }

  /// Iterates until a tolerance or a limit is reached; returns the loss at the start.
  @discardableResult
  public func step<Scalar: FloatingScalar>(_ closure: () -> Tensor<Scalar>) -> Tensor<Scalar> {
    let original = withGradients(closure)
    OperationObservers.section("optimizer") {
      withoutGradients { minimize(original.detached().item.number) { withGradients(closure).detached().item.number } }
    }
    return original
  }

  private func minimize(_ first: Double, _ evaluate: () -> Double) {
    var (loss, gradient) = (first, flat.gradients)
    var calls = 1
    evaluations += 1
    defer { evaluations += calls - 1 }
    guard gradient.reach > gradientTolerance else { return }
    for iteration in 1...maxIterations {
      iterations += 1
      let direction = direction(gradient)
      (memory.direction, memory.gradient) = (direction, gradient)
      let previous = loss
      memory.step = learningRate * (iterations == 1 ? min(1, 1 / gradient.abs().sum().item) : 1)
      let derivative = dot(gradient, direction).item
      if derivative > -changeTolerance { return }

      let start = flat.values
      switch lineSearch {
      case .strongWolfe:
        let search = WolfeSearch(
          start: .init(step: 0, loss: loss, gradient: gradient, derivative: derivative), reach: direction.reach,
          tolerance: changeTolerance, limit: maxEvaluations - calls)
        let (point, tried) = search.run(from: memory.step) { step in
          flat.move(from: start, along: direction, by: step)
          let (loss, gradient) = (evaluate(), flat.gradients)
          return .init(step: step, loss: loss, gradient: gradient, derivative: dot(gradient, direction).item)
        }
        (loss, gradient, memory.step) = (point.loss, point.gradient, point.step)
        calls += tried
        flat.move(from: start, along: direction, by: memory.step)
      case .fixed:
        flat.move(from: start, along: direction, by: memory.step)
        // The loss after the last iteration is for the next step to work out.
        if iteration < maxIterations {
          loss = evaluate()
          gradient = flat.gradients
          calls += 1
        }
      }
      if iteration == maxIterations || calls >= maxEvaluations || gradient.reach <= gradientTolerance { return }
      if direction.reach * abs(memory.step) <= changeTolerance || abs(loss - previous) < changeTolerance { return }
    }
  }

  /// −H·∇L by the two loops over the changes, after the last change has come in.
  private func direction(_ gradient: Tensor<Double>) -> Tensor<Double> {
    guard let last = memory.direction, let before = memory.gradient else { return -gradient }
    let (turned, moved) = (gradient - before, last * memory.step)
    let product = dot(turned, moved).item
    if product > 1e-10 {
      if memory.changes.count == historySize { memory.changes.removeFirst() }
      memory.changes.append(Change(moved: moved, turned: turned, weight: 1 / product))
      memory.scale = product / dot(turned, turned).item
    }
    var result = -gradient
    var coefficients: [Double] = []
    for change in memory.changes.reversed() {
      let coefficient = dot(change.moved, result).item * change.weight
      result.add(change.turned, times: -coefficient)
      coefficients.append(coefficient)
    }
    result.scale(by: memory.scale)
    for (change, coefficient) in zip(memory.changes, coefficients.reversed()) {
      result.add(change.moved, times: coefficient - dot(change.turned, result).item * change.weight)
    }
    return result
  }

  /// The direction, the gradient and the remembered changes by the parameters' names, and the scalars.
  public var state: OptimizerState {
    var scalars = [
      "learning_rate": learningRate, "iterations": Double(iterations), "evaluations": Double(evaluations),
      "history": Double(memory.changes.count), "step": memory.step, "scale": memory.scale,
    ]
    var tensors: [StateEntry] = []
    if let direction = memory.direction { tensors += flat.named(direction, "direction") }
    if let gradient = memory.gradient { tensors += flat.named(gradient, "gradient") }
    for (index, change) in memory.changes.enumerated() {
      scalars["weight.\(index)"] = change.weight
      tensors += flat.named(change.moved, "moved.\(index)") + flat.named(change.turned, "turned.\(index)")
    }
    return OptimizerState(tensors: tensors, scalars: scalars)
  }

  /// Restores a state; everything is checked first.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  public func load(_ state: OptimizerState) throws(StateMismatch) {
    var reader = StateReader(state)
    let rate = reader.number("learning_rate", in: 0..<Double.infinity)
    let counts = (reader.count("iterations"), reader.count("evaluations"))
    var read = Memory()
    (read.step, read.scale) = (reader.number("step"), reader.number("scale"))
    if counts.0 > 0 {
      read.direction = flat.vector("direction", &reader)
      read.gradient = flat.vector("gradient", &reader)
    }
    let length = reader.count("history")
    // A wrong count must not ask for more than the state can hold.
    for index in 0..<min(length, state.tensors.count + 1) {
      read.changes.append(
        Change(
          moved: flat.vector("moved.\(index)", &reader), turned: flat.vector("turned.\(index)", &reader),
          weight: reader.number("weight.\(index)")))
    }
    try reader.finish()
    read.changes.removeFirst(max(0, read.changes.count - historySize))
    (learningRate, iterations, evaluations, memory) = (rate, counts.0, counts.1, read)
  }
}

extension Tensor where Scalar == Double {
  /// The largest |x|; 0 for none.
  fileprivate var reach: Double { count == 0 ? 0 : Swift.max(amax().item, -amin().item) }

  /// x ← x + factor·other, for a vector that nobody else holds; the product is rounded by itself.
  fileprivate mutating func add(_ other: Tensor, times factor: Double) {
    makeUnique()
    let (out, source) = (mutablePointer, other.pointer)
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      for i in range { out[i] += source[i] * factor }
    }
  }

  /// x ← factor·x.
  fileprivate mutating func scale(by factor: Double) {
    makeUnique()
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      for i in range { out[i] *= factor }
    }
  }
}

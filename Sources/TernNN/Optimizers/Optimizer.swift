import TernBackend
import TernTensor

/// What changes parameters against their gradients, one step at a time.
public protocol Optimizer: AnyObject {
  /// The length of a step; schedules change it.
  var learningRate: Double { get set }

  /// Changes every parameter that has a gradient and is not frozen.
  func step()

  /// Forgets the gradients of all parameters.
  func zeroGradients()

  /// What a later optimizer of the same kind over the same model needs to go on to the same bits.
  var state: OptimizerState { get }

  /// Takes over a state; everything is checked first.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  func load(_ state: OptimizerState) throws(StateMismatch)
}

/// The moments of an optimizer under the parameters' names, and its numbers.
public struct OptimizerState: Sendable {
  /// Moments, as `features.0.weight/momentum`.
  public var tensors: [StateEntry]
  /// Counts and rates.
  public var numbers: [String: Double]

  /// A state of moments and numbers.
  public init(tensors: [StateEntry], numbers: [String: Double]) {
    self.tensors = tensors
    self.numbers = numbers
  }
}

/// What optimizers share that keep moments beside each parameter: names, steps, and state.
///
/// A subclass names its moments and updates one parameter at a time.
public class ParameterOptimizer: Optimizer {
  /// The length of a step.
  public var learningRate: Double
  let entries: [(name: String, parameter: any AnyParameter)]
  /// For every parameter its moments, in the order of `momentNames`; made at its first step.
  private var moments: [[TensorBody]]
  /// For every parameter how many steps it took.
  private var steps: [Int]

  /// The names of the moments that each parameter has.
  var momentNames: [String] { [] }

  init(_ entries: [(name: String, parameter: any AnyParameter)], learningRate: Double) {
    check(!entries.isEmpty, "\(type(of: self))", "the model has no parameters")
    check(learningRate >= 0, "\(type(of: self))", "a learning rate of \(learningRate)")
    self.learningRate = learningRate
    self.entries = entries
    moments = Array(repeating: [], count: entries.count)
    steps = Array(repeating: 0, count: entries.count)
  }

  /// Updates n values from their gradients: `p` and the moments in place; `step` counts from 1 for each parameter.
  func update<Scalar: FloatingScalar>(
    _ n: Int, _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ moments: [UnsafeMutablePointer<Scalar>],
    step: Int
  ) {
    fail("\(type(of: self))", "has no update")
  }

  /// Changes every parameter that has a gradient and is not frozen.
  public func step() {
    for (index, entry) in entries.enumerated() where !entry.parameter.isFrozen {
      switch entry.parameter {
      case let parameter as Parameter<Float>: step(index, parameter)
      case let parameter as Parameter<Double>: step(index, parameter)
      default: fail("\(type(of: self))", "\(entry.name) is no parameter of the library's")
      }
    }
  }

  private func step<Scalar: FloatingScalar>(_ index: Int, _ parameter: Parameter<Scalar>) {
    guard let received = parameter.gradient else { return }
    steps[index] += 1
    parameter.update { value in
      if moments[index].isEmpty {
        moments[index] = momentNames.map { _ in
          let moment = Tensor<Scalar>(uninitialized: value.layout)
          Scalar.fill(moment.count, moment.mutablePointer, 1, 0)
          return moment.body
        }
      }
      // All of them lie as the parameter lies, so that one loop takes them together.
      let layout = value.layout
      let gradient = received.layout.lies(like: layout) ? received.detached() : received.detached().copied(layout)
      var slots: [Tensor<Scalar>] = moments[index].map { Tensor(body: $0) }
      moments[index] = []
      for i in slots.indices {
        if !slots[i].layout.lies(like: layout) { slots[i] = slots[i].copied(layout) }
        slots[i].makeUnique()
      }
      let (p, g, m) = (value.mutablePointer, gradient.pointer, slots.map(\.mutablePointer))
      Workers.run(count: value.count, grain: StridedLoop.grain) { range in
        let at = range.lowerBound
        update(range.count, p + at, g + at, m.map { $0 + at }, step: steps[index])
      }
      moments[index] = slots.map(\.body)
    }
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for entry in entries { entry.parameter.zeroGradient() }
  }

  /// The moments by name, the steps of each parameter, and the learning rate.
  public var state: OptimizerState {
    var tensors: [StateEntry] = []
    var numbers = ["learning_rate": learningRate]
    for (index, entry) in entries.enumerated() {
      numbers["\(entry.name)/step"] = Double(steps[index])
      for (name, body) in zip(momentNames, moments[index]) {
        tensors.append(StateEntry(name: "\(entry.name)/\(name)", body: body))
      }
    }
    return OptimizerState(tensors: tensors, numbers: numbers)
  }

  /// Takes over a state; everything is checked first.
  public func load(_ state: OptimizerState) throws(StateMismatch) {
    var mismatch = StateMismatch()
    let given = Dictionary(state.tensors.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    var known: Set<String> = []
    var counts: [Int] = []
    for entry in entries {
      let count = Int(state.numbers["\(entry.name)/step"] ?? -1)
      if count < 0 { mismatch.missing.append("\(entry.name)/step") }
      counts.append(Swift.max(count, 0))
      for name in momentNames {
        let key = "\(entry.name)/\(name)"
        known.insert(key)
        guard let moment = given[key] else {
          if count > 0 { mismatch.missing.append(key) }
          continue
        }
        if moment.shape != entry.parameter.shape || moment.dtype != entry.parameter.dtype {
          mismatch.mismatched.append(
            "\(key) \(moment.shape) of \(moment.dtype) for \(entry.parameter.shape) of \(entry.parameter.dtype)")
        }
      }
    }
    guard let rate = state.numbers["learning_rate"] else {
      mismatch.missing.append("learning_rate")
      throw mismatch
    }
    mismatch.unexpected = state.tensors.map(\.name).filter { !known.contains($0) }
    if !mismatch.isEmpty { throw mismatch }
    learningRate = rate
    steps = counts
    for (index, entry) in entries.enumerated() {
      moments[index] = momentNames.compactMap { given["\(entry.name)/\($0)"]?.body }
    }
  }
}

import TernBackend
import TernTensor

/// What changes parameters against their gradients, one step at a time.
public protocol Optimizer: AnyObject {
  /// The length of a step, of every group of parameters; schedules change them.
  var learningRates: [Double] { get set }

  /// The momentum of every group (μ, or β₁ of Adam's kind), which schedules may cycle; `nil`
  /// where the method has none.
  var momenta: [Double]? { get set }

  /// Changes every parameter that has a gradient and is not frozen.
  @_disfavoredOverload
  func step()

  /// Takes a step with the gradients that `closure` leaves; returns the loss at the start.
  ///
  /// The closure forgets the old gradients, works out the loss, calls `backward()` and returns the loss. Methods that
  /// search along a line call it several times.
  @discardableResult
  func step<Scalar: FloatingScalar>(_ closure: () -> Tensor<Scalar>) -> Tensor<Scalar>

  /// Forgets the gradients of all parameters.
  func zeroGradients()

  /// What a later optimizer of the same kind over the same model needs to go on to the same bits.
  var state: OptimizerState { get }

  /// Restores a state; everything is checked first.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  func load(_ state: OptimizerState) throws(StateMismatch)
}

extension Optimizer {
  /// Changes every parameter that has a gradient and is not frozen; messages name the caller's line.
  public func step(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let change: () -> Void = step
    OperationObservers.section("optimizer", change)
  }

  /// The length of a step: that of the parameters in no group of their own.
  public var learningRate: Double {
    get { learningRates[0] }
    set { learningRates[0] = newValue }
  }

  /// None, and nothing to set.
  public var momenta: [Double]? {
    get { nil }
    set {}
  }

  /// One call of the closure, then a step.
  @discardableResult
  public func step<Scalar: FloatingScalar>(_ closure: () -> Tensor<Scalar>) -> Tensor<Scalar> {
    let loss = closure()
    step()
    return loss
  }
}

/// The moments of an optimizer under the parameters' names, and its scalars: steps, rates and momenta.
public struct OptimizerState: Sendable {
  /// Moments, as `features.0.weight/momentum`.
  public var tensors: [StateEntry]
  /// Counts and rates.
  public var scalars: [String: Double]

  /// A state of moments and scalars.
  ///
  /// - Parameters:
  ///   - tensors: moments, as `features.0.weight/momentum`.
  ///   - scalars: counts and rates by their names.
  public init(tensors: [StateEntry], scalars: [String: Double]) {
    self.tensors = tensors
    self.scalars = scalars
  }

  /// The older name of ``scalars``.
  @available(*, deprecated, renamed: "scalars")
  public var numbers: [String: Double] {
    get { scalars }
    set { scalars = newValue }
  }

  /// The older name of ``init(tensors:scalars:)``.
  @available(*, deprecated, renamed: "init(tensors:scalars:)")
  public init(tensors: [StateEntry], numbers: [String: Double]) {
    self.init(tensors: tensors, scalars: numbers)
  }
}

/// Takes a state apart and collects what is wrong with it.
package struct StateReader {
  private let scalars: [String: Double]
  private let tensors: [String: StateEntry]
  private var known: Set<String> = []
  private var mismatch = StateMismatch()

  package init(_ state: OptimizerState) {
    scalars = state.scalars
    tensors = Dictionary(state.tensors.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// A number that must be there unless there is another to take.
  package mutating func number(_ key: String, default other: Double? = nil) -> Double {
    known.insert(key)
    if let value = scalars[key] { return value }
    if other == nil { mismatch.missing.append(key) }
    return other ?? 0
  }

  /// A whole number from 0.
  package mutating func count(_ key: String) -> Int {
    let value = number(key)
    // A larger one could not be counted on from in Double.
    guard let count = Int(exactly: value), 0..<1 << 53 ~= count else {
      mismatch.mismatched.append("\(key) \(value) for a count")
      return 0
    }
    return count
  }

  /// A number that has to be in a range, as rates and momenta are; NaN is in none.
  package mutating func number(_ key: String, in range: Range<Double>, default other: Double? = nil) -> Double {
    let value = number(key, default: other)
    if scalars[key] != nil, !range.contains(value) {
      let end = range.upperBound == .infinity ? "a finite number" : "a number below \(range.upperBound)"
      mismatch.refused.append("\(key) \(value), expected \(end) from \(range.lowerBound)")
      return range.lowerBound
    }
    return value
  }

  /// A tensor of one shape and kind, which must be there where `isNeeded`.
  package mutating func tensor(_ key: String, _ shape: [Int], _ dtype: DType, isNeeded: Bool = true) -> TensorBody? {
    known.insert(key)
    guard let entry = tensors[key] else {
      if isNeeded { mismatch.missing.append(key) }
      return nil
    }
    if entry.shape != shape || entry.dtype != dtype {
      mismatch.mismatched.append("\(key) \(entry.shape) of \(entry.dtype) for \(shape) of \(dtype)")
    }
    return entry.body
  }

  /// Notes what cannot be: what came, what was expected.
  package mutating func refuse(_ finding: String) { mismatch.refused.append(finding) }

  /// Throws where something was missing or wrong, or where something is left that nobody asked for.
  package mutating func finish() throws(StateMismatch) {
    mismatch.unexpected = (Array(scalars.keys) + Array(tensors.keys)).filter { !known.contains($0) }.sorted()
    if !mismatch.isEmpty { throw mismatch }
  }
}

import TernBackend
import TernTensor

/// A number, or several, about a model's answers, accumulated over batches.
///
/// ```swift
/// var accuracy = Accuracy()
/// var f1 = F1Score(classes: 10, average: .macro)
/// for batch in loader {
///   let logits = model(batch.inputs)
///   accuracy.update(logits, batch.labels)
///   f1.update(logits, batch.labels)
/// }
/// print(accuracy.value, f1.value)
/// ```
///
/// A metric is a value that counts: two batches after each other give what both together give, and `merge` adds what
/// another copy has seen, in another task or process. What it has counted is its ``state``.
public protocol Metric: Sendable {
  /// What a batch is: ``ClassificationBatch`` or ``RegressionBatch``.
  associatedtype Batch
  /// What comes out.
  associatedtype Value

  /// Counts a batch.
  mutating func update(_ batch: Batch)
  /// The metric of everything that was counted.
  var value: Value { get }
  /// Forgets what was counted; settings stay.
  mutating func reset()
  /// Counts what `other`, which has the same settings, has counted.
  mutating func merge(_ other: Self)
  /// What was counted, as plain tensors, to be saved or sent; settings are not in it.
  var state: [String: Tensor<Double>] { get }
  /// Takes `state`, that of a metric with the same settings, in place of what was counted.
  ///
  /// - Throws: a `MetricStateError` for entries that are missing, or that such a metric cannot have counted; nothing has
  ///   changed then.
  mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError)
}

/// A saved state that a metric cannot have counted.
public struct MetricStateError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which entry it is about.
  public var name: String
  /// What is wrong with it.
  public var reason: String

  /// One line.
  public var description: String { "metric state: \"\(name)\" \(reason)" }
}

/// What stands for a number that is 0/0, such as the precision of a class that was never predicted.
public enum AbsentValue: Sendable, Hashable {
  /// 0, also in means: scikit-learn's `zero_division=0`.
  case zero
  /// 1, also in means: scikit-learn's `zero_division=1`.
  case one
  /// Not a number, and so is every mean in which it has a weight.
  case nan
  /// Not a number by itself, and left out of means: scikit-learn's `zero_division=np.nan`.
  case skip

  /// The number itself.
  var number: Double {
    switch self {
    case .zero: 0
    case .one: 1
    case .nan, .skip: .nan
    }
  }

  /// a/b, or this where b is 0.
  func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? number : a / b }
}

/// How a number for each class becomes one.
public enum ClassAverage: Sendable, Hashable {
  /// The mean of the classes' numbers.
  case macro
  /// The number of all classes' counts together.
  case micro
  /// The mean of the classes' numbers, weighted by how often each class is the label.
  case weighted
  /// The number of this class alone, such as 1 of two.
  case only(Int)

  /// The mean of `values`; those that are left out of means count for nothing.
  func mean(_ values: [Double], weights: [Double], absent: AbsentValue) -> Double {
    if case .only(let index) = self { return values[index] }
    let isWeighted = self == .weighted
    var (sum, total, plain, count) = (0.0, 0.0, 0.0, 0)
    for (value, weight) in zip(values, weights) where !(value.isNaN && absent == .skip) {
      sum += isWeighted && weight == 0 ? 0 : value * (isWeighted ? weight : 1)
      total += isWeighted ? weight : 1
      plain += value
      count += 1
    }
    // Without weights, as scikit-learn: the plain mean.
    if total == 0 { return count == 0 ? .nan : plain / Double(count) }
    return sum / total
  }
}

/// Entries of a saved state, checked.
extension [String: Tensor<Double>] {
  /// The `count` numbers of an entry, which `isValid` describes as `wanted`.
  func numbers(
    _ name: String, count: Int? = nil, _ wanted: String, where isValid: (Double) -> Bool
  ) throws(MetricStateError) -> [Double] {
    guard let tensor = self[name] else { throw MetricStateError(name: name, reason: "is missing") }
    let values = tensor.scalars
    if let count, values.count != count {
      throw MetricStateError(name: name, reason: "has \(values.count) numbers, not \(count)")
    }
    for value in values where !isValid(value) {
      throw MetricStateError(name: name, reason: "has \(value), which is not \(wanted)")
    }
    return values
  }

  /// Counts: whole numbers from 0 to 2⁵³.
  func counts(_ name: String, count: Int? = nil) throws(MetricStateError) -> [Int] {
    try numbers(name, count: count, "a count") { $0 >= 0 && $0 <= 0x1p53 && $0 == $0.rounded() }.map { Int($0) }
  }
}

/// A tensor of counts.
func countTensor(_ counts: [Int]) -> Tensor<Double> { Tensor(counts.map { Double($0) }) }

/// A sum that keeps what rounding loses (Neumaier), so that the order of batches does not show.
struct CompensatedSum: Sendable, Equatable {
  private(set) var sum = 0.0
  private(set) var lost = 0.0

  /// The sum.
  var value: Double { lost.isFinite ? sum + lost : sum }

  mutating func add(_ x: Double) {
    let next = sum + x
    lost += abs(sum) >= abs(x) ? (sum - next) + x : (x - next) + sum
    sum = next
  }

  mutating func add(_ other: CompensatedSum) {
    add(other.sum)
    lost += other.lost
  }

  /// Both numbers, as a state has them.
  var parts: [Double] { [sum, lost] }

  init() {}
  init(sum: Double, lost: Double) { (self.sum, self.lost) = (sum, lost) }
}

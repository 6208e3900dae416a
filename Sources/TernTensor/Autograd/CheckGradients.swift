import TernBackend

/// How far the graph's gradients are from finite differences.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// The largest relative error of a first derivative.
  public var firstOrder = 0.0
  /// The largest relative error of a second derivative; `nil` when it was not asked for.
  public var secondOrder: Double?
  /// Where the largest errors are, with both numbers.
  public var worst: [String] = []

  /// Whether the errors stay below the bounds.
  public func passes(firstOrder first: Double = 1e-7, secondOrder second: Double = 1e-6) -> Bool {
    firstOrder <= first && (secondOrder ?? 0) <= second
  }

  /// The errors and where they are.
  public var description: String {
    let second = secondOrder.map { ", second order \($0)" } ?? ""
    return "first order \(firstOrder)\(second)" + worst.map { "\n  \($0)" }.joined()
  }
}

/// Compares the gradients of a function with finite differences of it, in Double.
///
/// With weights w and tangents t drawn once, L = Σ w·f(x) and S = Σ t·dL/dx; the first order compares dL/dx with
/// differences of L, the second dS/dx with differences of S, by the five-point formula
/// (−f(x+2h) + 8f(x+h) − 8f(x−h) + f(x−2h)) / 12h. An error is relative to the largest derivative of its tensor, or to 1
/// where that is smaller. Random numbers that the function draws are the same in every call.
///
/// - Parameters:
///   - points: where; keep away from kinks.
///   - order: 1, or 2 for the second derivatives as well.
///   - step: h, relative to the size of the element where that is above 1.
///   - function: from the points, which it receives as variables, to a tensor of any shape.
public func checkGradients(
  at points: [Tensor<Double>], order: Int = 2, step: Double = 1e-3,
  of function: ([Tensor<Double>]) -> Tensor<Double>,
  file: StaticString = #fileID, line: UInt = #line
) -> GradientCheck {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  // Every call draws the same numbers, from a generator of its own: the task's stays where it is.
  let start = Random.generator.state
  let seeds = RandomGenerator(seed: 0x7465_726e)
  let tangents = points.map { Tensor<Double>(randomUniform: $0.shape, in: 0.5..<1.5, generator: seeds) }
  let shape = Random.with(RandomGenerator(state: start)) { withoutGradients { function(points) }.shape }
  let weights = Tensor<Double>(randomUniform: shape, in: 0.5..<1.5, generator: seeds)

  func loss(_ points: [Tensor<Double>]) -> Tensor<Double> {
    Random.with(RandomGenerator(state: start)) { (function(points) * weights).sum() }
  }
  func derivative(_ points: [Tensor<Double>]) -> Tensor<Double> {
    let variables = points.map { $0.requiresGradient ? $0 : $0.asVariable() }
    let value = loss(variables)
    guard value.requiresGradient else { return Tensor(0) }
    let derivatives = gradients(of: value, at: variables, createGraph: true)
    return zip(derivatives, tangents).map { ($0 * $1).sum() }.reduce(Tensor(0)) { $0 + $1 }
  }

  var result = GradientCheck()
  result.firstOrder = compare(points, "first", step, &result.worst, loss)
  if order >= 2 { result.secondOrder = compare(points, "second", step, &result.worst, derivative) }
  return result
}

/// The largest relative error of the graph's gradient of `value` against its differences.
private func compare(
  _ points: [Tensor<Double>], _ order: String, _ step: Double, _ worst: inout [String],
  _ value: ([Tensor<Double>]) -> Tensor<Double>
) -> Double {
  let variables = points.map { $0.detached().asVariable() }
  let result = withGradients { value(variables) }
  let exact =
    result.requiresGradient ? gradients(of: result, at: variables) : points.map { Tensor(zeros: $0.shape) }
  var largest = 0.0
  for index in points.indices {
    let scalars = points[index].scalars
    let derivatives = exact[index].scalars
    let differences = scalars.indices.map { element -> Double in
      let h = step * Swift.max(1, abs(scalars[element]))
      func at(_ distance: Double) -> Double {
        var moved = scalars
        moved[element] += distance
        var inputs = points
        inputs[index] = Tensor(moved, shape: points[index].shape)
        return value(inputs).item
      }
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    }
    let scale = Swift.max(1, differences.map(abs).max() ?? 0)
    for element in scalars.indices {
      let error = abs(derivatives[element] - differences[element]) / scale
      if error <= largest { continue }
      largest = error.isNaN ? .infinity : error
      worst.removeAll { $0.hasPrefix(order) }
      worst.append(
        "\(order) order, input \(index), element \(element): \(derivatives[element]) by the graph, "
          + "\(differences[element]) by differences")
    }
    if derivatives.contains(where: \.isNaN) != differences.contains(where: \.isNaN) { largest = .infinity }
  }
  return largest
}

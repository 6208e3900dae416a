import Foundation
import TernTensor

/// The search for a point along a line where the strong Wolfe conditions hold, as `torch.optim.LBFGS` makes it.
///
/// Sufficient decrease f(t) ≤ f(0) + c₁·t·f'(0), and |f'(t)| ≤ c₂·|f'(0)|, with c₁ = 10⁻⁴ and c₂ = 0.9: an interval that
/// holds such a point is found first, then made smaller by cubics through its ends.
///
/// Source: Nocedal & Wright 2006, "Numerical optimization", algorithms 3.5 and 3.6; Schmidt's minFunc.
struct WolfeSearch {
  /// A step and what was found there.
  struct Point {
    var step: Double
    var loss: Double
    var gradient: Tensor<Double>
    /// The derivative along the line.
    var derivative: Double
  }

  private static let (decrease, curvature) = (1e-4, 0.9)

  /// The start of the line, at the step 0.
  let start: Point
  /// The largest element of the direction.
  let reach: Double
  /// Intervals shorter than this are not searched.
  let tolerance: Double
  /// How many points are tried besides the first.
  let limit: Int

  /// The best point found, and how many were tried, where `evaluate` says what is found at a step.
  func run(from first: Double, _ evaluate: (Double) -> Point) -> (point: Point, evaluations: Int) {
    var tried = 0
    var (ends, isDone) = bracket(first, &tried, evaluate)
    var low = ends[0].loss <= ends[1].loss ? 0 : 1
    var wasSlow = false
    while !isDone && tried < limit && abs(ends[1].step - ends[0].step) * reach >= tolerance {
      let new = evaluate(next(ends, &wasSlow))
      tried += 1
      if !isLower(new) || new.loss >= ends[low].loss {
        ends[1 - low] = new
        low = ends[0].loss <= ends[1].loss ? 0 : 1
      } else {
        if isFlat(new) {
          isDone = true
        } else if new.derivative * (ends[1 - low].step - ends[low].step) >= 0 {
          ends[1 - low] = ends[low]
        }
        ends[low] = new
      }
    }
    return (ends[low], tried + 1)
  }

  private func isLower(_ point: Point) -> Bool {
    !(point.loss > start.loss + Self.decrease * point.step * start.derivative)
  }

  private func isFlat(_ point: Point) -> Bool { abs(point.derivative) <= -Self.curvature * start.derivative }

  /// Two points with what is sought between them, or twice the point that was sought.
  private func bracket(
    _ first: Double, _ tried: inout Int, _ evaluate: (Double) -> Point
  ) -> (ends: [Point], isDone: Bool) {
    var (previous, point) = (start, evaluate(first))
    while tried < limit {
      if !isLower(point) || (tried > 1 && point.loss >= previous.loss) { return ([previous, point], false) }
      if isFlat(point) { return ([point, point], true) }
      if point.derivative >= 0 { return ([previous, point], false) }
      let bounds = (point.step + 0.01 * (point.step - previous.step), point.step * 10)
      let step = Self.cubicMinimum(previous, point, bounds)
      previous = point
      point = evaluate(step)
      tried += 1
    }
    return ([start, point], false)
  }

  /// The step to try between two points: not too close to one of them twice.
  private func next(_ ends: [Point], _ wasSlow: inout Bool) -> Double {
    let (least, greatest) = (min(ends[0].step, ends[1].step), max(ends[0].step, ends[1].step))
    let step = Self.cubicMinimum(ends[0], ends[1], (least, greatest))
    let margin = 0.1 * (greatest - least)
    guard min(greatest - step, step - least) < margin else {
      wasSlow = false
      return step
    }
    guard wasSlow || step >= greatest || step <= least else {
      wasSlow = true
      return step
    }
    wasSlow = false
    return abs(step - greatest) < abs(step - least) ? greatest - margin : least + margin
  }

  /// Where the cubic through two points with their derivatives is least, within bounds; their middle where it has no minimum.
  private static func cubicMinimum(_ a: Point, _ b: Point, _ bounds: (Double, Double)) -> Double {
    let d1 = a.derivative + b.derivative - 3 * (a.loss - b.loss) / (a.step - b.step)
    let square = d1 * d1 - a.derivative * b.derivative
    guard square >= 0 else { return (bounds.0 + bounds.1) / 2 }
    let d2 = square.squareRoot()
    let least =
      a.step <= b.step
      ? b.step - (b.step - a.step) * ((b.derivative + d2 - d1) / (b.derivative - a.derivative + 2 * d2))
      : a.step - (a.step - b.step) * ((a.derivative + d2 - d1) / (a.derivative - b.derivative + 2 * d2))
    // A NaN is brought to the lower bound.
    return least >= bounds.0 ? min(least, bounds.1) : bounds.0
  }
}

import Tern

/// The 15th, 50th and 85th percentiles of what every unit of a layer is given, over a training.
package struct InputPercentiles {
  package static let fractions = [0.15, 0.5, 0.85]

  /// A step and its percentiles [3][units].
  package private(set) var points: [(step: Int, values: [[Double]])] = []

  package init() {}

  /// Keeps the percentiles of inputs [samples, units].
  package mutating func add(_ inputs: Tensor<Float>, step: Int) {
    let ordered = inputs.sorted(along: 0).values
    let last = inputs.shape[0] - 1
    points.append(
      (
        step,
        InputPercentiles.fractions.map { fraction in
          let place = fraction * Double(last)
          let (low, part) = (Int(place), place - place.rounded(.down))
          let (below, above) = (ordered[low].scalars, ordered[min(low + 1, last)].scalars)
          return zip(below, above).map { Double($0) + part * (Double($1) - Double($0)) }
        }
      ))
  }

  /// How far the percentiles lie from where they end, in units of the distance of the outer two there: the mean over the
  /// percentiles, the units and all moments but the last.
  package var unrest: Double {
    guard let end = points.last?.values, points.count > 1 else { return .nan }
    var values: [Double] = []
    for (_, point) in points.dropLast() {
      for unit in end[0].indices {
        let spread = end[2][unit] - end[0][unit]
        let distances = (0..<3).map { abs(point[$0][unit] - end[$0][unit]) / spread }
        values.append(Spread(distances).mean)
      }
    }
    return Spread(values).mean
  }

  /// By how much the distance of the outer two percentiles grew from the first moment to the last, for a middle unit.
  package var growth: Double {
    guard let start = points.first?.values, let end = points.last?.values, points.count > 1 else { return .nan }
    let ratios = end[0].indices.map { (end[2][$0] - end[0][$0]) / (start[2][$0] - start[0][$0]) }
    return ratios.sorted()[ratios.count / 2]
  }
}

import TernTensor

/// Order statistics, sums that pass over NaN, histograms.
enum OrderStatistics: ConformanceFamily {
  static let name = "order_statistics"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): return try numeric(x, arguments)
    case .int32(let x): return try numeric(x, arguments)
    case .uint8(let x): return try numeric(x, arguments)
    case .bool: throw arguments.unknownOperation
    case .float, .double:
      let x = try arguments.tensor(0)
      return try floating(x, arguments) ?? histograms(x, arguments) ?? numeric(x, arguments)
    }
  }

  private static func numeric<Scalar: NumericScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (axis, keep) = try (attributes.int("dim"), attributes.bool("keepdim"))
    switch arguments.operation {
    case "median":
      guard let axis else { return results(x.median()) }
      let (values, indices) = x.median(along: axis, keepingAxes: keep)
      return results(values, indices)
    case "kthvalue":
      let k = try attributes.int("k", default: 1)
      let (values, indices) = x.kthValue(k, along: axis ?? -1, keepingAxes: keep)
      return results(values, indices)
    case "mode":
      let (values, indices) = x.mode(along: axis ?? -1, keepingAxes: keep)
      return results(values, indices)
    case "aminmax":
      let (least, greatest) = x.extrema(along: axis, keepingAxes: keep)
      return results(least, greatest)
    case "bucketize":
      return results(
        searchSorted(try arguments.typed(1, Scalar.self), x, right: try attributes.bool("right")))
    case "searchsorted":
      return results(
        searchSorted(
          x, try arguments.typed(1), sorter: try arguments.index(2), right: try attributes.bool("right")))
    default: throw arguments.unknownOperation
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let (axes, keep) = try (attributes.ints("dim"), attributes.bool("keepdim"))
    let correction = try attributes.number("correction", default: 1)
    switch arguments.operation {
    case "nanmedian":
      guard let axis = axes?.first else { return results(x.nanMedian()) }
      let (values, indices) = x.nanMedian(along: axis, keepingAxes: keep)
      return results(values, indices)
    case "quantile", "nanquantile":
      let way = QuantileInterpolation(rawValue: attributes.string("interpolation") ?? "linear") ?? .linear
      let q = try arguments.tensor(1)
      return arguments.operation == "quantile"
        ? results(x.quantile(q, along: axes?.first, keepingAxes: keep, interpolation: way))
        : results(x.nanQuantile(q, along: axes?.first, keepingAxes: keep, interpolation: way))
    case "nansum": return results(x.nanSum(along: axes, keepingAxes: keep))
    case "nanmean": return results(x.nanMean(along: axes, keepingAxes: keep))
    case "var_mean":
      let (variance, mean) = x.varianceAndMean(along: axes, correction: correction, keepingAxes: keep)
      return results(variance, mean)
    case "std_mean":
      let (deviation, mean) = x.standardDeviationAndMean(along: axes, correction: correction, keepingAxes: keep)
      return results(deviation, mean)
    default: return nil
    }
  }

  private static func histograms<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let density = try attributes.bool("density")
    let bins = try attributes.ints("bins")
    let range = try attributes.numbers("range")?.map { Scalar($0) }
    switch arguments.operation {
    case "histogram":
      guard let bins else {
        return results(
          x.histogram(edges: try arguments.tensor(1), weights: try arguments.optionalTensor(2), density: density))
      }
      let found = x.histogram(
        bins: bins[0], range: range.map { $0[0]...$0[1] }, weights: try arguments.optionalTensor(1), density: density)
      return results(found.values, found.edges)
    case "histogramdd":
      guard let bins else {
        return results(
          x.multidimensionalHistogram(
            edges: [try arguments.tensor(1), try arguments.tensor(2)], weights: try arguments.optionalTensor(3),
            density: density))
      }
      let ranges = range.map { list in bins.indices.map { list[2 * $0]...list[2 * $0 + 1] } }
      let found = x.multidimensionalHistogram(
        bins: bins, ranges: ranges, weights: try arguments.optionalTensor(1), density: density)
      return results(found.values) + found.edges.map { AnyTensor($0) }
    case "histc":
      return results(
        x.binCounts(
          bins: bins?.first ?? 100, min: try arguments.scalar("min", default: 0),
          max: try arguments.scalar("max", default: 0)))
    default: return nil
    }
  }
}

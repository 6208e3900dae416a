import TernBackend

/// A sparse linear map along one axis: output i is Σₖ weight[k] · input[index[k]] / divisor[i], over k from start[i] up to
/// start[i + 1].
///
/// Averages and interpolations are such maps along both axes of an image; their derivative is the same map transposed,
/// and so is that one's.
struct ResamplingWeights: Sendable {
  let inputs: Int
  let starts: Tensor<Int>
  let indices: Tensor<Int>
  let weights: Tensor<Double>
  let divisors: Tensor<Double>
  /// The most terms that an output has.
  let terms: Int

  var outputs: Int { divisors.count }

  /// - Parameter rows: for each output its terms.
  init(inputs: Int, rows: [[(index: Int, weight: Double)]], divisors: [Double]? = nil) {
    self.inputs = inputs
    var starts = [0]
    for row in rows { starts.append(starts[starts.count - 1] + row.count) }
    self.starts = Tensor(starts)
    indices = Tensor(rows.flatMap { $0.map(\.index) })
    weights = Tensor(rows.flatMap { $0.map(\.weight) })
    self.divisors = Tensor(divisors ?? rows.map { _ in 1 })
    terms = rows.map(\.count).max() ?? 0
  }

  /// Sums over windows, divided.
  init(sumsOver windows: PoolingWindows, divisors: [Double]) {
    let inside = windows.inside
    self.init(
      inputs: windows.extent,
      rows: zip(inside.starts, inside.ends).map { start, end in (start..<Swift.max(start, end)).map { ($0, 1) } },
      divisors: divisors)
  }

  /// The map with inputs and outputs exchanged.
  var transposed: ResamplingWeights {
    let (starts, indices, weights, divisors) = (starts.scalars, indices.scalars, weights.scalars, divisors.scalars)
    var rows = [[(index: Int, weight: Double)]](repeating: [], count: inputs)
    for output in 0..<outputs {
      for k in starts[output]..<starts[output + 1] { rows[indices[k]].append((output, weights[k] / divisors[output])) }
    }
    return ResamplingWeights(inputs: outputs, rows: rows)
  }
}

/// Images resampled along both axes, recorded.
///
/// - Parameter x: [batch, channels, height, width], the extents being the maps' inputs.
func resampled<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, rows: ResamplingWeights, columns: ResamplingWeights
) -> Tensor<Scalar> {
  let planes = ImagePlanes(x)
  let (width, inner) = (planes.width, planes.inner)
  let result = planes.images(rows.outputs, columns.outputs, of: Scalar.self)
  let factors = [rows.weights, rows.divisors, columns.weights, columns.divisors].map { $0.cast(to: Scalar.self) }
  let maps = ResamplingAxes(
    height: planes.height, width: width, inner: inner, outHeight: rows.outputs, outWidth: columns.outputs,
    rowStart: rows.starts.pointer, rowIndex: rows.indices.pointer, columnStart: columns.starts.pointer,
    columnIndex: columns.indices.pointer)
  let out = result.mutablePointer
  let work = (rows.terms * width + columns.terms * columns.outputs) * inner
  withExtendedLifetime((planes, rows, columns, factors)) {
    Workers.run(
      count: result.isEmpty ? 0 : planes.planes * rows.outputs,
      grain: Swift.max(1, 2 * StridedLoop.grain / Swift.max(work, 1))
    ) { range in
      withScratch(3 * width * inner, of: Scalar.self) { scratch in
        Scalar.resample(
          maps, factors[0].pointer, factors[1].pointer, factors[2].pointer, factors[3].pointer, range.lowerBound,
          range.count, out, planes.tensor.pointer, scratch)
      }
    }
  }
  return result.moved(name, from: x) { gradient in
    resampled(name, gradient, rows: rows.transposed, columns: columns.transposed)
  }
}

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
  /// The weights and the divisors in single precision.
  private let singles: (weights: Tensor<Float>, divisors: Tensor<Float>)
  /// The most terms that an output has.
  let terms: Int

  var outputs: Int { divisors.count }

  /// - Parameters:
  ///   - divisors: 1 for every output when `nil`.
  ///   - terms: gives the terms of an output, each as an index of an input and its weight.
  init(
    inputs: Int, outputs: Int, divisors: [Double]? = nil, reserving count: Int = 1,
    _ terms: (_ output: Int, _ add: (Int, Double) -> Void) -> Void
  ) {
    var (starts, indices, weights, most) = ([0], [Int](), [Double](), 0)
    starts.reserveCapacity(outputs + 1)
    indices.reserveCapacity(outputs * count)
    weights.reserveCapacity(outputs * count)
    for output in 0..<outputs {
      terms(output) { index, weight in
        indices.append(index)
        weights.append(weight)
      }
      most = Swift.max(most, indices.count - starts[output])
      starts.append(indices.count)
    }
    self.init(
      inputs: inputs, starts: starts, indices: indices, weights: weights,
      divisors: divisors ?? [Double](repeating: 1, count: outputs), terms: most)
  }

  private init(
    inputs: Int, starts: [Int], indices: [Int], weights: [Double], divisors: [Double], terms: Int
  ) {
    self.inputs = inputs
    self.starts = Tensor(starts)
    self.indices = Tensor(indices)
    self.weights = Tensor(weights)
    self.divisors = Tensor(divisors)
    singles = (Tensor(weights.map { Float($0) }), Tensor(divisors.map { Float($0) }))
    self.terms = terms
  }

  /// The weights and the divisors in a scalar type.
  fileprivate func factors<Scalar: FloatingScalar>(_: Scalar.Type) -> [Tensor<Scalar>] {
    Scalar.self == Float.self
      ? [Tensor(body: singles.weights.body), Tensor(body: singles.divisors.body)]
      : [Tensor(body: weights.body), Tensor(body: divisors.body)]
  }

  /// The map of one input to one output that changes nothing.
  static let single = ResamplingWeights(inputs: 1, outputs: 1) { $1(0, 1) }

  /// Sums over windows, divided.
  init(sumsOver windows: PoolingWindows, divisors: [Double]) {
    let inside = windows.inside
    self.init(inputs: windows.extent, outputs: windows.count, divisors: divisors, reserving: windows.reach) {
      output, add in
      for index in inside.starts[output]..<Swift.max(inside.starts[output], inside.ends[output]) { add(index, 1) }
    }
  }

  /// Means over windows that do not reach outside.
  init(meansOver windows: PoolingWindows) {
    self.init(sumsOver: windows, divisors: zip(windows.starts, windows.ends).map { Double($1 - $0) })
  }

  /// The map as a matrix [outputs, inputs], row by row.
  var matrix: [Double] {
    var matrix = [Double](repeating: 0, count: outputs * inputs)
    for output in 0..<outputs {
      for k in starts.pointer[output]..<starts.pointer[output + 1] {
        matrix[output * inputs + indices.pointer[k]] += weights.pointer[k] / divisors.pointer[output]
      }
    }
    return withExtendedLifetime(self) { matrix }
  }

  /// The map with inputs and outputs exchanged.
  var transposed: ResamplingWeights {
    let (from, count) = (indices.pointer, indices.count)
    defer { withExtendedLifetime(self) {} }
    // Where the next term of each input goes.
    var starts = [Int](repeating: 0, count: inputs + 1)
    for k in 0..<count { starts[from[k] + 1] += 1 }
    let most = starts.max() ?? 0
    for input in 0..<inputs { starts[input + 1] += starts[input] }
    var next = starts
    var (outputs, factors) = ([Int](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for output in 0..<self.outputs {
      for k in self.starts.pointer[output]..<self.starts.pointer[output + 1] {
        let place = next[from[k]]
        next[from[k]] += 1
        (outputs[place], factors[place]) = (output, weights.pointer[k] / divisors.pointer[output])
      }
    }
    return ResamplingWeights(
      inputs: self.outputs, starts: starts, indices: outputs, weights: factors,
      divisors: [Double](repeating: 1, count: inputs), terms: most)
  }
}

/// Images resampled along both axes, recorded.
///
/// - Parameters:
///   - x: [batch, channels, height, width], the extents being the maps' inputs.
///   - channelsLast: how x is read and the result is laid out; as x is when `nil`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func resampled<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, rows: ResamplingWeights, columns: ResamplingWeights,
  channelsLast: Bool? = nil
) -> Tensor<Scalar> {
  if channelsLast == nil && !x.isEmpty && rows.isMean && columns.isMean && !OperationObservers.isListening {
    return globalMeans(name, x)
  }
  if channelsLast == nil && x.layout.isTransposed && !OperationObservers.isListening {
    // The order of the axes does not matter: planes as they are in memory.
    return resampled(name, x.transposed(-1, -2), rows: columns, columns: rows).transposed(-1, -2)
  }
  let planes = channelsLast.map { ImagePlanes(x, channelsLast: $0) } ?? ImagePlanes(x)
  let (width, inner) = (planes.width, planes.inner)
  let result = planes.images(rows.outputs, columns.outputs, of: Scalar.self)
  let factors = rows.factors(Scalar.self) + columns.factors(Scalar.self)
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
      withScratch(resamplingScratch(maps, terms: columns.terms), of: Scalar.self) { scratch in
        Scalar.resample(
          maps, factors[0].pointer, factors[1].pointer, factors[2].pointer, factors[3].pointer, range.lowerBound,
          range.count, out, planes.tensor.pointer, scratch)
      }
    }
  }
  // The gradient of an image of one pixel has both layouts; that of x has the layout of x.
  let isChannelsLast = planes.isChannelsLast
  OperationArguments.note(
    name, ["rows": .numbers(rows.matrix), "columns": .numbers(columns.matrix)])
  return result.moved(name, from: x) { gradient in
    resampled(
      name, gradient, rows: rows.transposed, columns: columns.transposed, channelsLast: isChannelsLast)
  }
}

/// Sequences, images or volumes [batch, channels, ..] resampled along every axis, recorded.
func resampled<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, _ maps: [ResamplingWeights]
) -> Tensor<Scalar> {
  switch maps.count {
  case 1: return resampled(name, x.expandedAxis(at: 2), rows: .single, columns: maps[0]).squeezed([2])
  case 2: return resampled(name, x, rows: maps[0], columns: maps[1])
  default: break
  }
  let (n, c, depth) = (x.shape[0], x.shape[1], maps[0].outputs)
  /// Slices [outer, depth, inner], whose values are the channels of one column of pixels.
  func deep(_ slices: Tensor<Scalar>) -> Tensor<Scalar> {
    resampled(name, slices.transposed(1, 2).expandedAxis(at: 3), rows: maps[0], columns: .single, channelsLast: true)
      .squeezed([3]).transposed(1, 2)
  }
  let (h, w) = (x.shape[3], x.shape[4])
  let inside = x.permuted([0, 2, 3, 4, 1])
  if !x.layout.isContiguous && inside.layout.isContiguous {
    let slices = deep(inside.reshaped(n, x.shape[2], h * w * c)).reshaped(n * depth, h, w, c).permuted([0, 3, 1, 2])
    let images = resampled(name, slices, rows: maps[1], columns: maps[2])
    return images.permuted([0, 2, 3, 1]).reshaped(n, depth, maps[1].outputs, maps[2].outputs, c)
      .permuted([0, 4, 1, 2, 3])
  }
  let slices = deep(x.reshaped(n * c, x.shape[2], h * w)).reshaped(n, c * depth, h, w)
  return resampled(name, slices, rows: maps[1], columns: maps[2], channelsLast: false)
    .reshaped(n, c, depth, maps[1].outputs, maps[2].outputs)
}

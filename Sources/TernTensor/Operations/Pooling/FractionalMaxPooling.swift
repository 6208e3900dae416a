import TernBackend

/// A max pooling over windows whose distances vary at random, of two or three axes.
private struct FractionalPooling {
  let operation: String
  let kernel: [Int]
  let sizes: [Int]

  private var axes: Int { kernel.count }

  /// The first positions of the windows along an axis: ⌊(i + u)·α⌋ − ⌊u·α⌋ with α = (extent − kernel) / (size − 1); the last
  /// window ends with the axis.
  private func starts<Scalar: FloatingScalar>(_ sample: Scalar, _ extent: Int, _ axis: Int) -> [Int] {
    let (size, last) = (sizes[axis], extent - kernel[axis])
    if size == 1 { return [last] }
    let step = Scalar(last) / Scalar(size - 1)
    let first = Int(sample * step)
    return (0..<size - 1).map { Int((Scalar($0) + sample) * step) - first } + [last]
  }

  private func checkArguments<Scalar>(_ shape: [Int], _ samples: Tensor<Scalar>) {
    check(!kernel.contains { $0 < 1 }, operation, "kernel \(extents(kernel)) is not positive")
    check(!sizes.contains { $0 < 1 }, operation, "an output of \(extents(sizes))")
    Sizes.check(kernel + sizes, operation, "an extent of")
    let images = Array(shape.suffix(axes))
    check(
      (0..<axes).allSatisfy { sizes[$0] + kernel[$0] - 1 <= images[$0] }, operation,
      "an output of \(extents(sizes)) of windows \(extents(kernel)) from input \(shape): "
        + "output and kernel, less one, are more than there is")
    check(
      Layout.product(images) <= Int(Int32.max), operation, "images of \(extents(images)) have more than 2³¹ − 1 pixels")
    let wanted = [shape[0], shape[1], axes]
    check(samples.shape == wanted, operation, "samples \(samples.shape), \(wanted) are wanted")
  }

  /// The maxima, recorded, and their positions.
  func maxima<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ samples: Tensor<Scalar>?, _ generator: RandomGenerator?
  ) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
    check(
      x.rank == axes + 2 || x.rank == axes + 1, operation,
      "input \(x.shape) is neither [batch, channels, \(axisNames(axes))] nor [channels, \(axisNames(axes))]")
    if x.rank == axes + 1 {
      let (values, indices) = maxima(
        x.expandedAxis(at: 0), samples.map { $0.rank == 2 ? $0.expandedAxis(at: 0) : $0 }, generator)
      return (values.squeezed(0), indices.squeezed(0))
    }
    let shape = x.shape
    let samples =
      samples?.detached() ?? Tensor<Scalar>(randomUniform: [shape[0], shape[1], axes], generator: generator)
    checkArguments(shape, samples)
    let result = Array(shape.prefix(2)) + sizes
    requireImages(result, operation)
    let values = Tensor<Scalar>(uninitialized: Layout(result))
    let rows = Array(result.dropFirst(2).dropLast())
    let positions = Tensor<Int32>(uninitialized: Layout([result[0], result[1], rows.reduce(1, *), sizes[axes - 1]]))
    let (source, numbers) = (x.detached().contiguous, samples.contiguous)
    check(
      numbers.scalars.allSatisfy { $0 >= 0 && $0 < 1 }, operation, "samples that are not between 0 and 1, without 1")
    let (out, index) = (values.mutablePointer, positions.mutablePointer)
    withExtendedLifetime((source, numbers)) {
      let planes = result[0] * result[1]
      let work = sizes.reduce(1) { Sizes.saturated($0, times: $1) }
      let cost = Sizes.saturated(work, times: kernel.reduce(1) { Sizes.saturated($0, times: $1) })
      Workers.run(count: planes, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, cost))) { range in
        for plane in range {
          scan(
            plane, shape, source.pointer, numbers.pointer + plane * axes, out + plane * work, index + plane * work)
        }
      }
    }
    let height = Layout.product(Array(shape[2..<shape.count - 1]))
    let argmax = ArgmaxPositions(
      positions: positions, height: height, width: shape[shape.count - 1], isChannelsLast: false)
    let recorded = values.moved("pooling", from: x) { gradient in
      argmax.scatter(gradient.reshaped(argmax.positions.shape)).reshaped(shape)
    }
    return (recorded, positions.cast(to: Int.self).reshaped(result))
  }

  /// The maxima of one plane.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func scan<Scalar: FloatingScalar>(
    _ plane: Int, _ shape: [Int], _ x: UnsafePointer<Scalar>, _ samples: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, _ index: UnsafeMutablePointer<Int32>
  ) {
    let isFlat = axes == 2
    let (depth, height, width) = (isFlat ? 1 : shape[2], shape[shape.count - 2], shape[shape.count - 1])
    // Images have the sample of the width first, volumes that of the depth.
    let columns = starts(samples[isFlat ? 0 : 2], width, axes - 1)
    let rows = starts(samples[1], height, axes - 2)
    let slices = isFlat ? [0] : starts(samples[0], depth, 0)
    let (deep, tall, wide) = (isFlat ? 1 : kernel[0], kernel[axes - 2], kernel[axes - 1])
    let source = x + plane * depth * height * width
    var at = 0
    for slice in slices {
      for row in rows {
        for column in columns {
          var best = -Scalar.infinity
          var place = (slice * height + row) * width + column
          for z in slice..<slice + deep {
            for y in row..<row + tall {
              let line = (z * height + y) * width
              for i in line + column..<line + column + wide {
                let value = source[i]
                if value > best || value.isNaN { (best, place) = (value, i) }
              }
            }
          }
          out[at] = best
          index[at] = Int32(truncatingIfNeeded: place)
          at += 1
        }
      }
    }
  }
}

/// ⌊extent · ratio⌋ for each of the last axes; stops for a ratio outside 0 … 1.
private func sizes(_ shape: [Int], _ ratios: [Double], _ axes: Int, _ operation: String) -> [Int] {
  check(
    ratios.count == 1 || ratios.count == axes, operation, "\(ratios.count) ratios \(ratios) for \(axes) axes")
  check(ratios.allSatisfy { $0 > 0 && $0 < 1 }, operation, "a ratio \(ratios) that is not between 0 and 1")
  check(shape.count >= axes, operation, "input \(shape) has fewer than \(axes) axes")
  return (0..<axes).map { Int(Double(shape[shape.count - axes + $0]) * ratios[ratios.count == 1 ? 0 : $0]) }
}

/// The maximum of windows whose distances vary at random, so that an output is any fraction of the input, and its position
/// row · width + column.
///
/// Along an axis window i begins at ⌊(i + u)·α⌋ − ⌊u·α⌋ with α = (extent − kernel) / (size − 1) and u uniform in 0 ..< 1 for
/// every channel of every image; the last one ends with the axis. The gradient goes to the first maximum. Stops where
/// windows do not fit. Source: Graham 2014, "Fractional max-pooling".
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image without a batch.
///   - kernelSize: height and width of a window.
///   - outputSize: height and width of the result.
///   - samples: u for width and height, [batch, channels, 2], or without a batch; drawn when `nil`.
///   - generator: where u comes from; the task's or the global generator when `nil`.
public func fractionalMaxPool2DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, outputSize: some PairConvertible,
  samples: Tensor<Scalar>? = nil, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return FractionalPooling(
    operation: "fractionalMaxPool2D", kernel: kernelSize.pair.array, sizes: outputSize.pair.array
  ).maxima(x, samples, generator)
}

/// The maximum of windows whose distances vary at random, see
/// ``fractionalMaxPool2DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
public func fractionalMaxPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, outputSize: some PairConvertible,
  samples: Tensor<Scalar>? = nil, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return fractionalMaxPool2DWithIndices(
    x, kernelSize: kernelSize, outputSize: outputSize, samples: samples, generator: generator
  ).values
}

/// The same to ⌊extent · ratio⌋ pixels, see
/// ``fractionalMaxPool2DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
///
/// - Parameter outputRatio: one number for both axes, or one for each, between 0 and 1.
public func fractionalMaxPool2DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, outputRatio: [Double], samples: Tensor<Scalar>? = nil,
  generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return FractionalPooling(
    operation: "fractionalMaxPool2D", kernel: kernelSize.pair.array,
    sizes: sizes(x.shape, outputRatio, 2, "fractionalMaxPool2D")
  ).maxima(x, samples, generator)
}

/// The maximum of windows of volumes whose distances vary at random, and its position (slice · height + row) · width +
/// column, see ``fractionalMaxPool2DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume without a batch.
///   - samples: u for depth, height and width, [batch, channels, 3], or without a batch; drawn when `nil`.
public func fractionalMaxPool3DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, outputSize: some TripleConvertible,
  samples: Tensor<Scalar>? = nil, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return FractionalPooling(
    operation: "fractionalMaxPool3D", kernel: kernelSize.triple.array, sizes: outputSize.triple.array
  ).maxima(x, samples, generator)
}

/// The maximum of windows of volumes whose distances vary at random, see
/// ``fractionalMaxPool3DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
public func fractionalMaxPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, outputSize: some TripleConvertible,
  samples: Tensor<Scalar>? = nil, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return fractionalMaxPool3DWithIndices(
    x, kernelSize: kernelSize, outputSize: outputSize, samples: samples, generator: generator
  ).values
}

/// The same to ⌊extent · ratio⌋ voxels, see
/// ``fractionalMaxPool3DWithIndices(_:kernelSize:outputSize:samples:generator:file:line:)``.
///
/// - Parameter outputRatio: one number for all axes, or one for each, between 0 and 1.
public func fractionalMaxPool3DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, outputRatio: [Double], samples: Tensor<Scalar>? = nil,
  generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return FractionalPooling(
    operation: "fractionalMaxPool3D", kernel: kernelSize.triple.array,
    sizes: sizes(x.shape, outputRatio, 3, "fractionalMaxPool3D")
  ).maxima(x, samples, generator)
}

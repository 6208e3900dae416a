import TernBackend

/// The arguments of a max unpooling of one to three axes.
private struct Unpooling {
  let operation: String
  let kernel: [Int], stride: [Int], padding: [Int]

  init(_ operation: String, _ kernel: [Int], _ stride: [Int]?, _ padding: [Int]) {
    (self.operation, self.kernel, self.stride, self.padding) = (operation, kernel, stride ?? kernel, padding)
  }

  private var axes: Int { kernel.count }

  /// The extents of the result: those from which the windows make the input's, or what is wanted where the windows may
  /// come from it.
  private func sizes(_ shape: [Int], _ wanted: [Int]?) -> [Int] {
    check(!kernel.contains { $0 < 1 }, operation, "kernel \(extents(kernel)) is not positive")
    check(!stride.contains { $0 < 1 }, operation, "stride \(extents(stride)) is not positive")
    check(!padding.contains { $0 < 0 }, operation, "padding \(extents(padding)) is negative")
    Sizes.check(kernel + stride + padding + (wanted ?? []), operation, "an extent or distance of")
    let usual: [Int] = (0..<axes).map { axis in
      let images = shape[shape.count - axes + axis]
      let steps = Sizes.product([Swift.max(images - 1, 0), stride[axis]], operation, "strides over the input of")
      return (images == 0 ? -stride[axis] : steps) + kernel[axis] - 2 * padding[axis]
    }
    let sizes = wanted ?? usual
    check(
      (0..<axes).allSatisfy { abs(sizes[$0] - usual[$0]) < stride[$0] }, operation,
      "an output of \(extents(sizes)) for input \(shape): by less than the stride \(extents(stride)) from \(extents(usual))"
    )
    check(!sizes.contains { $0 < 0 }, operation, "input \(shape) would become images of \(extents(sizes))")
    return sizes
  }

  func callAsFunction<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ indices: Tensor<Int>, _ wanted: [Int]?
  ) -> Tensor<Scalar> {
    let shape = x.shape
    check(
      shape.count == axes + 2 || shape.count == axes + 1, operation,
      "input \(shape) is neither [batch, channels, \(axisNames(axes))] nor [channels, \(axisNames(axes))]")
    check(indices.shape == shape, operation, "indices \(indices.shape) for input \(shape)")
    let sizes = sizes(shape, wanted)
    let outer = Array(shape.dropLast(axes))
    check(Layout.holds(outer + sizes), operation, "a result \(outer + sizes) is more than a tensor can hold (2⁴⁸)")
    let (planes, windows, pixels) = (
      Layout.product(outer), Layout.product(Array(shape.suffix(axes))), Layout.product(sizes)
    )
    check(pixels <= Int(Int32.max), operation, "images of \(extents(sizes)) have more than 2³¹ − 1 pixels")
    let places = indices.contiguous
    let positions = Tensor<Int32>(uninitialized: Layout([planes, 1, windows, 1]))
    let index = positions.mutablePointer
    for i in 0..<places.count {
      let place = places.pointer[i]
      if place < 0 || place >= pixels { fail(operation, "index \(place) for images of \(extents(sizes))") }
      index[i] = Int32(place)
    }
    let source = x.detached().contiguous
    let result = Tensor<Scalar>(zeros: outer + sizes)
    let (out, values) = (result.mutablePointer, source.pointer)
    withExtendedLifetime((source, places)) {
      Workers.run(count: planes, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, windows))) { range in
        for plane in range {
          let first = plane * windows
          Scalar.scatter(windows, out + plane * pixels, 1, places.pointer + first, values + first)
        }
      }
    }
    let argmax = ArgmaxPositions(positions: positions, height: pixels, width: 1, isChannelsLast: false)
    return result.moved("unpooling", from: x) { gradient in
      argmax.gather(gradient.reshaped([planes, 1, pixels, 1])).reshaped(shape)
    }
  }
}

/// The values of a max pooling put back where they were: zero but at `indices`, the positions that
/// ``maxPool2DWithIndices(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)`` gives. The last of several values
/// at one position stays; the gradient of each is the one at its position.
///
/// An extent is (extent − 1)·stride + kernel − 2·padding, or that of `outputSize`, which differs by less than the stride.
/// Stops for other sizes, and for an index outside the image.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image without a batch.
///   - indices: row · width + column for each value, of the shape of x.
///   - stride: the kernel's extents when `nil`.
///   - outputSize: height and width of the result.
public func maxUnpool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, indices: Tensor<Int>, kernelSize: some PairConvertible,
  stride: (some PairConvertible)? = nil as Pair?, padding: some PairConvertible = 0,
  outputSize: (some PairConvertible)? = nil as Pair?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Unpooling("maxUnpool2D", kernelSize.pair.array, stride?.pair.array, padding.pair.array)(
    x, indices, outputSize?.pair.array)
}

/// The values of a max pooling of sequences put back where they were, see
/// ``maxUnpool2D(_:indices:kernelSize:stride:padding:outputSize:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, length], or one sequence without a batch.
///   - indices: the position of each value, of the shape of x.
public func maxUnpool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, indices: Tensor<Int>, kernelSize: Int, stride: Int? = nil, padding: Int = 0,
  outputSize: Int? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Unpooling("maxUnpool1D", [kernelSize], stride.map { [$0] }, [padding])(x, indices, outputSize.map { [$0] })
}

/// The values of a max pooling of volumes put back where they were, see
/// ``maxUnpool2D(_:indices:kernelSize:stride:padding:outputSize:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume without a batch.
///   - indices: (slice · height + row) · width + column for each value, of the shape of x.
public func maxUnpool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, indices: Tensor<Int>, kernelSize: some TripleConvertible,
  stride: (some TripleConvertible)? = nil as Triple?, padding: some TripleConvertible = 0,
  outputSize: (some TripleConvertible)? = nil as Triple?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Unpooling("maxUnpool3D", kernelSize.triple.array, stride?.triple.array, padding.triple.array)(
    x, indices, outputSize?.triple.array)
}

import TernBackend

/// Images as kernels over planes read them: `planes` blocks of [height][width][inner].
///
/// Row-major images have a plane for each channel and an inner extent of 1; channels-last images have one for each image
/// and the channels inside. Any other layout is copied to channels-last.
struct ImagePlanes<Scalar: TensorScalar> {
  let tensor: Tensor<Scalar>
  let isChannelsLast: Bool

  /// - Parameter x: of rank 4.
  init(_ x: Tensor<Scalar>) {
    let wanted = Layout(x.shape, order: [0, 2, 3, 1])
    isChannelsLast = !x.layout.isContiguous
    tensor = !isChannelsLast || x.layout.hasLayout(of: wanted) ? x.detached() : x.detached().copied(wanted)
  }

  /// As `channelsLast` says, copied where it lies otherwise.
  init(_ x: Tensor<Scalar>, channelsLast: Bool) {
    let wanted = ImagePlanes.layout(x.shape, channelsLast: channelsLast)
    isChannelsLast = channelsLast
    tensor = x.layout.hasLayout(of: wanted) ? x.detached() : x.detached().copied(wanted)
  }

  var planes: Int { isChannelsLast ? tensor.shape[0] : tensor.shape[0] * tensor.shape[1] }
  var inner: Int { isChannelsLast ? tensor.shape[1] : 1 }
  var height: Int { tensor.shape[2] }
  var width: Int { tensor.shape[3] }

  /// New images of other extents that lie in the same way.
  func images<Other: TensorScalar>(_ height: Int, _ width: Int, of: Other.Type) -> Tensor<Other> {
    let shape = [tensor.shape[0], tensor.shape[1], height, width]
    return Tensor(uninitialized: ImagePlanes.layout(shape, channelsLast: isChannelsLast))
  }

  private static func layout(_ shape: [Int], channelsLast: Bool) -> Layout {
    channelsLast ? Layout(shape, order: [0, 2, 3, 1]) : Layout(shape)
  }
}

/// Stops unless there is memory for images of a shape, before tables for them are made.
func requireImages(_ shape: [Int], _ operation: @autoclosure () -> String) {
  check(Layout.holds(shape), operation(), "a result \(shape) is more than a tensor can hold (2⁴⁸)")
  MemoryPool.require(count: Layout.product(shape), of: 4, operation(), "a result \(shape)")
}

extension Tensor {
  /// Calls `body` with the tensor as images [batch, channels, height, width], or volumes where `axes` is 3, and brings the
  /// results back to its own form: without a batch where it has none, without a height where `axes` is 1.
  func asImages<Result: TensorScalar>(
    _ operation: String, axes: Int, _ body: (Tensor) -> Tensor<Result>
  ) -> Tensor<Result> {
    let names = axisNames(axes)
    check(
      rank == axes + 2 || rank == axes + 1, operation,
      "input \(shape) is neither [batch, channels, \(names)] nor [channels, \(names)]")
    let added = (rank == axes + 1 ? [0] : []) + (axes == 1 ? [2] : [])
    if added.isEmpty { return body(self) }
    return body(added.reduce(self) { $0.expandedAxis(at: $1) }).squeezed(added)
  }
}

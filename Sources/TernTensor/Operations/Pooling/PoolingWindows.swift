import TernBackend

/// The windows of a pooling along one axis: for each output, where its window begins and ends.
///
/// Windows may reach outside 0 ..< extent; `inside` clips them to it.
struct PoolingWindows: Hashable, Sendable {
  let extent: Int
  let starts: [Int]
  let ends: [Int]
  let dilation: Int

  var count: Int { starts.count }
  /// The most positions that a window takes.
  var reach: Int { zip(starts, ends).map { ($1 - $0 + dilation - 1) / dilation }.max() ?? 0 }

  /// The length of the windows and the step from one to the next where these are the same for all windows, no window
  /// reaches into another or outside, and the first begins at 0.
  var regular: (length: Int, step: Int)? {
    guard let last = ends.last, dilation == 1, starts[0] == 0, last <= extent else { return nil }
    let (length, step) = (ends[0], starts.count > 1 ? starts[1] : ends[0])
    let isRegular = starts.indices.allSatisfy { starts[$0] == $0 * step && ends[$0] == $0 * step + length }
    return isRegular && step >= length ? (length, step) : nil
  }

  /// The windows of adaptive pooling: output i takes ⌊i·extent/count⌋ up to ⌈(i+1)·extent/count⌉.
  init(adaptive extent: Int, to count: Int) {
    self.extent = extent
    requireWindows(count, over: extent, "adaptive pooling")
    _ = Sizes.product([count + 1, extent], "adaptive pooling", "an output and input of")
    starts = (0..<count).map { $0 * extent / count }
    ends = (0..<count).map { (($0 + 1) * extent + count - 1) / count }
    dilation = 1
  }

  fileprivate init(_ extent: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, count: Int) {
    self.extent = extent
    self.dilation = dilation
    requireWindows(count, over: extent, "pooling")
    starts = (0..<count).map { $0 * stride - padding }
    ends = starts.map { Swift.min($0 + (kernel - 1) * dilation + 1, extent + padding) }
  }

  /// The parts of the windows inside the axis; the first position of a dilated window is one it has.
  var inside: PoolingWindows {
    PoolingWindows(
      extent: extent,
      starts: starts.map { $0 < 0 ? $0 + (-$0 + dilation - 1) / dilation * dilation : $0 },
      ends: ends.map { Swift.min($0, extent) }, dilation: dilation)
  }

  private init(extent: Int, starts: [Int], ends: [Int], dilation: Int) {
    (self.extent, self.starts, self.ends, self.dilation) = (extent, starts, ends, dilation)
  }
}

/// Stops unless as many windows can be described: their terms take memory, too.
func requireWindows(_ count: Int, over extent: Int, _ operation: @autoclosure () -> String) {
  Sizes.check(count, operation(), "an output of")
  MemoryPool.require(count: count + extent, of: 64, operation(), "\(count) windows over \(extent) pixels")
}

/// The arguments of a pooling as its caller gave them, of one to three axes, for checks and messages.
struct PoolingArguments {
  let operation: String
  let kernel: [Int]
  let stride: [Int]
  var padding: [Int]
  var dilation: [Int]
  let ceilMode: Bool

  init(
    _ operation: String, _ kernel: [Int], _ stride: [Int]?, padding: [Int]? = nil, dilation: [Int]? = nil,
    ceilMode: Bool
  ) {
    self.operation = operation
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding ?? kernel.map { _ in 0 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.ceilMode = ceilMode
  }

  private func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    check(condition, operation, message())
  }

  /// The windows along the last axes of `shape`: three for volumes, else two (a sequence has height 1).
  func windows(_ shape: [Int]) -> [PoolingWindows] {
    let images = Array(shape.suffix(kernel.count))
    require(!kernel.contains { $0 < 1 }, "kernel \(extents(kernel)) is not positive")
    require(!stride.contains { $0 < 1 }, "stride \(extents(stride)) is not positive")
    require(!dilation.contains { $0 < 1 }, "dilation \(extents(dilation)) is not positive")
    require(!images.contains(0), "input \(shape) has no pixels")
    Sizes.check(kernel + stride + dilation + padding, operation, "an extent or distance of")
    let reach: [Int] = kernel.indices.map { axis in
      Sizes.product([kernel[axis] - 1, dilation[axis]], operation, "the reach of a window") + 1
    }
    require(
      kernel.indices.allSatisfy { axis in padding[axis] >= 0 && padding[axis] <= reach[axis] / 2 },
      "padding \(extents(padding)) is not between 0 and half of the kernel \(extents(reach))")
    let counts = kernel.indices.map { count(images[$0], reach[$0], axis: $0) }
    let padded: [Int] = kernel.indices.map { axis in images[axis] + 2 * padding[axis] }
    require(
      !counts.contains { $0 < 1 },
      "kernel \(extents(kernel)) is larger than the padded input (\(extents(reach)) > \(extents(padded)))")
    let windows = kernel.indices.map { axis in
      PoolingWindows(
        images[axis], kernel[axis], stride[axis], padding[axis], dilation[axis], count: counts[axis])
    }
    return kernel.count == 1 ? [PoolingWindows(adaptive: 1, to: 1)] + windows : windows
  }

  /// Windows along one axis. Rounding up allows a last window that only begins inside the input or its padding before.
  private func count(_ extent: Int, _ reach: Int, axis: Int) -> Int {
    let (stride, padding) = (stride[axis], padding[axis])
    let room = extent + 2 * padding - reach + (ceilMode ? stride - 1 : 0)
    let count = (room >= 0 ? room / stride : (room - stride + 1) / stride) + 1
    return ceilMode && (count - 1) * stride >= extent + padding ? count - 1 : count
  }
}

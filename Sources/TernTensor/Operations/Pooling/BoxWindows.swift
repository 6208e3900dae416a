import TernBackend

// Small windows of volumes in one pass: their maxima, and their sums with the derivative, which are sums of windows, too.

/// The boxes of poolings used last.
private let knownBoxes = RecentValues<[PoolingWindows], BoxWindows?>(limit: 64)

/// Windows over the three axes of volumes [batch, channels, depth, height, width].
struct BoxWindows: Sendable {
  /// The volumes' extents.
  let extents: [Int]
  /// Whether all windows have the same extents.
  private let isEven: Bool
  /// For each axis where the windows begin and where they end, inside the volume.
  private let starts: [Tensor<Int>], ends: [Tensor<Int>]
  private let dilations: [Int]

  var counts: [Int] { starts.map(\.count) }

  /// Those of windows along each axis, of few windows from the last call; `nil` where a window has many elements: steps
  /// along single axes are then fewer.
  static func of(_ windows: [PoolingWindows]) -> BoxWindows? {
    if windows.contains(where: { $0.count > 64 }) { return BoxWindows(windows) }
    return knownBoxes.value(for: windows) { BoxWindows(windows) }
  }

  private init?(_ windows: [PoolingWindows]) {
    guard windows.reduce(1, { Sizes.saturated($0, times: $1.reach) }) <= 64 else { return nil }
    let inside = windows.map(\.inside)
    self.init(
      extents: windows.map(\.extent), starts: inside.map { Tensor($0.starts) }, ends: inside.map { Tensor($0.ends) },
      dilations: windows.map(\.dilation))
  }

  private init(extents: [Int], starts: [Tensor<Int>], ends: [Tensor<Int>], dilations: [Int]) {
    (self.extents, self.starts, self.ends, self.dilations) = (extents, starts, ends, dilations)
    isEven = zip(starts, ends).allSatisfy { starts, ends in
      let lengths = zip(starts.scalars, ends.scalars).map { $1 - $0 }
      return lengths.allSatisfy { $0 == lengths[0] }
    }
  }

  /// For each element of the volumes, the windows that have it; `nil` where these do not follow each other.
  var transposed: BoxWindows? {
    guard dilations == [1, 1, 1] else { return nil }
    var (first, last): ([Tensor<Int>], [Tensor<Int>]) = ([], [])
    for axis in 0..<3 {
      let (from, to) = (starts[axis].scalars, ends[axis].scalars)
      let pairs = zip(from, from.dropFirst()).map { $0 <= $1 } + zip(to, to.dropFirst()).map { $0 <= $1 }
      if pairs.contains(false) || zip(from, to).contains(where: { $0 >= $1 }) { return nil }
      var (firsts, lasts, window) = ([Int](), [Int](), 0)
      for position in 0..<extents[axis] {
        while window < from.count && to[window] <= position { window += 1 }
        var end = window
        while end < from.count && from[end] <= position { end += 1 }
        firsts.append(window)
        lasts.append(end)
      }
      first.append(Tensor(firsts))
      last.append(Tensor(lasts))
    }
    return BoxWindows(extents: counts, starts: first, ends: last, dilations: dilations)
  }

  fileprivate func grid(inner: Int) -> BoxGrid {
    let counts = counts
    return BoxGrid(
      depth: extents[0], height: extents[1], width: extents[2], inner: inner, outDepth: counts[0], outHeight: counts[1],
      outWidth: counts[2], dilationDeep: dilations[0], dilationDown: dilations[1], dilationAcross: dilations[2],
      depthStart: starts[0].pointer, depthEnd: ends[0].pointer, rowStart: starts[1].pointer, rowEnd: ends[1].pointer,
      columnStart: starts[2].pointer, columnEnd: ends[2].pointer)
  }

  /// Whether planes enough for all threads make the windows worth one pass, or few elements.
  private func isDivisible<Scalar>(_ x: Tensor<Scalar>) -> Bool {
    let isLast = VolumePlanes<Scalar>.isLast(x)
    return (isLast ? x.shape[0] : x.shape[0] * x.shape[1]) >= 8 || x.count <= StridedLoop.grain
  }

  /// Calls `body` with the first plane and the number of planes of every chunk.
  fileprivate func run(_ planes: VolumePlanes<some TensorScalar>, _ body: (BoxGrid, Int, Int) -> Void) {
    let grid = grid(inner: planes.inner)
    let work = Swift.max(Layout.product(extents), Layout.product(counts)) * planes.inner
    withExtendedLifetime((self, planes)) {
      Workers.run(count: planes.count, grain: Swift.max(1, StridedLoop.grain / Swift.max(work, 1))) {
        body(grid, $0.lowerBound, $0.count)
      }
    }
  }
}

/// Volumes as kernels read them: `count` planes of [depth][height][width][inner]; row-major or with the channels last.
struct VolumePlanes<Scalar: TensorScalar> {
  let tensor: Tensor<Scalar>
  let isChannelsLast: Bool

  /// - Parameter channelsLast: how they lie; as x does when `nil`.
  init(_ x: Tensor<Scalar>, channelsLast: Bool? = nil) {
    isChannelsLast = channelsLast ?? VolumePlanes.isLast(x)
    let wanted = VolumePlanes.layout(x.shape, isChannelsLast)
    tensor = x.layout.hasLayout(of: wanted) ? x.detached() : x.detached().copied(wanted)
  }

  static func isLast(_ x: Tensor<Scalar>) -> Bool {
    !x.layout.isContiguous && x.shape[1] > 1 && x.shape[3] * x.shape[4] > 1
  }

  var count: Int { isChannelsLast ? tensor.shape[0] : tensor.shape[0] * tensor.shape[1] }
  var inner: Int { isChannelsLast ? tensor.shape[1] : 1 }

  /// New volumes of other extents that lie in the same way.
  func volumes<Other: TensorScalar>(_ extents: [Int], of: Other.Type) -> Tensor<Other> {
    Tensor(uninitialized: VolumePlanes.layout([tensor.shape[0], tensor.shape[1]] + extents, isChannelsLast))
  }

  static func layout(_ shape: [Int], _ channelsLast: Bool) -> Layout {
    channelsLast ? Layout(shape, order: [0, 2, 3, 4, 1]) : Layout(shape)
  }
}

extension BoxWindows {
  /// The maxima of the windows and their positions, as kernels over planes take them: those of each plane in a row; `nil`
  /// where steps along single axes are faster.
  func maxima<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>
  ) -> (values: Tensor<Scalar>, positions: Tensor<Int32>, isChannelsLast: Bool)? {
    let isShort = counts[2] < 8 || (isEven && Layout.product(counts) <= 1024)
    guard isDivisible(x), VolumePlanes.isLast(x) || isShort else { return nil }
    let planes = VolumePlanes(x)
    let values = planes.volumes(counts, of: Scalar.self)
    let positions = planes.volumes(counts, of: Int32.self)
    let (out, index, from) = (values.mutablePointer, positions.mutablePointer, planes.tensor.pointer)
    if !values.isEmpty { run(planes) { Scalar.boxMaximum($0, $1, $2, out, index, from) } }
    return (values, positions, planes.isChannelsLast)
  }

  /// The sums of the windows over `divisor`, recorded; `nil` where steps along single axes are faster.
  func sums<Scalar: FloatingScalar>(_ name: StaticString, _ x: Tensor<Scalar>, divisor: Scalar) -> Tensor<Scalar>? {
    guard isDivisible(x) else { return nil }
    if x.node == nil || !Recording.isOn { return sums(name, x, divisor: divisor, transposed: nil) }
    return transposed.map { sums(name, x, divisor: divisor, transposed: $0) }
  }

  /// The sums of the windows over `divisor`, recorded where there is `transposed`, which maps gradients back.
  private func sums<Scalar: FloatingScalar>(
    _ name: StaticString, _ x: Tensor<Scalar>, divisor: Scalar, transposed: BoxWindows?, channelsLast: Bool? = nil
  ) -> Tensor<Scalar> {
    let planes = VolumePlanes(x, channelsLast: channelsLast)
    let result = planes.volumes(counts, of: Scalar.self)
    let (out, from, scratch) = (result.mutablePointer, planes.tensor.pointer, extents[2] * planes.inner)
    if !result.isEmpty {
      run(planes) { grid, first, count in
        withScratch(scratch, of: Scalar.self) {
          Scalar.boxSum(grid, first, count, divisor: divisor, out, from, $0)
        }
      }
    }
    let isChannelsLast = planes.isChannelsLast
    guard let transposed else { return result }
    return result.moved(name, from: x) {
      transposed.sums(name, $0, divisor: divisor, transposed: self, channelsLast: isChannelsLast)
    }
  }
}

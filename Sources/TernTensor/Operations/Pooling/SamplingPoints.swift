import TernBackend

/// How ``gridSample(_:at:mode:padding:alignsCorners:file:line:)`` makes values between pixels.
public enum GridSampleMode: Sendable {
  /// The nearest pixel, the even one of two; the grid has no gradient.
  case nearest
  /// Between the two neighbors along every axis.
  case linear
  /// Through four neighbors along every axis, by Keys' cubic convolution with a = −¾.
  case cubic

  /// Pixels that count along one axis.
  var taps: Int {
    switch self {
    case .nearest: 1
    case .linear: 2
    case .cubic: 4
    }
  }

  /// The highest derivative of the weights that is not 0.
  fileprivate var degree: Int { taps - 1 }
}

/// What ``gridSample(_:at:mode:padding:alignsCorners:file:line:)`` finds outside an image.
public enum GridSamplePadding: Sendable {
  /// Zeros.
  case zeros
  /// The pixel at the edge.
  case border
  /// The image, mirrored again and again: at the centers of its outermost pixels where corners are aligned, else at
  /// their edges.
  case reflection
}

/// The pixels that positions read along one axis of images, with their weights or the weights' derivatives.
struct SamplingAxis: Sendable {
  let extent: Int
  let mode: GridSampleMode
  let padding: GridSamplePadding
  let alignsCorners: Bool

  /// The pixels of a coordinate in −1 ... 1 and their weights, differentiated `order` times; −1 names no pixel.
  @inline(__always) func pixels(
    _ coordinate: Double, order: Int, _ indices: UnsafeMutablePointer<Int>, _ weights: UnsafeMutablePointer<Double>
  ) {
    let size = Double(extent)
    var position = alignsCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2
    var slope = alignsCorners ? (size - 1) / 2 : size / 2
    let moves = mode != .cubic
    if moves && padding != .zeros { inside(&position, &slope) }
    // A mirrored infinity is nowhere.
    if position.isNaN || (position.isInfinite && padding == .reflection) {
      for tap in 0..<mode.taps { (indices[tap], weights[tap]) = (0, .nan) }
      return
    }
    // Far outside is as good as just outside, once it is not moved.
    position = Swift.min(Swift.max(position, -0x1p40), 0x1p40)
    if mode == .nearest {
      let index = Int(position.rounded(.toNearestOrEven))
      indices[0] = index >= 0 && index < extent ? index : -1
      weights[0] = order == 0 ? 1 : 0
      return
    }
    var first = Int(position)
    if Double(first) > position { first -= 1 }
    let part = position - Double(first)
    var factor = 1.0
    for _ in 0..<order { factor *= slope }
    if mode == .linear {
      for tap in 0..<2 {
        let index = first + tap
        indices[tap] = index >= 0 && index < extent ? index : -1
      }
      switch order {
      case 0: (weights[0], weights[1]) = (1 - part, part)
      case 1: (weights[0], weights[1]) = (-factor, factor)
      default: (weights[0], weights[1]) = (0, 0)
      }
      return
    }
    for tap in 0..<4 {
      var at = Double(first + tap - 1)
      if padding != .zeros {
        var unused = 0.0
        inside(&at, &unused)
      }
      indices[tap] = at >= 0 && at < size ? Int(at) : -1
    }
    weights[0] = outer(part + 1, order) * factor
    weights[1] = inner(part, order) * factor
    let turned = order % 2 == 0 ? factor : -factor
    weights[2] = inner(1 - part, order) * turned
    weights[3] = outer(2 - part, order) * turned
  }

  /// Moves a position into the image, and gives its slope the derivative of the move: 0 at the edges of a border.
  @inline(__always) private func inside(_ position: inout Double, _ slope: inout Double) {
    let last = Double(extent - 1)
    if padding == .reflection {
      let (low, span) = alignsCorners ? (0, last) : (-0.5, last + 1)
      if span == 0 {
        (position, slope) = (position.isFinite ? 0 : .nan, 0)
      } else {
        var distance = position - low
        if distance < 0 { (distance, slope) = (-distance, -slope) }
        if distance >= span {
          let rest = distance.truncatingRemainder(dividingBy: 2 * span)
          let isTurned = rest >= span
          distance = isTurned ? 2 * span - rest : rest
          if isTurned { slope = -slope }
        }
        position = distance + low
      }
    }
    if position <= 0 { (position, slope) = (0, 0) }
    if position >= last { (position, slope) = (last, 0) }
  }

  /// Keys' cubic below distance 1, (a + 2)x³ − (a + 3)x² + 1, and its derivatives.
  @inline(__always) private func inner(_ x: Double, _ order: Int) -> Double {
    switch order {
    case 0: (1.25 * x - 2.25) * x * x + 1
    case 1: (3.75 * x - 4.5) * x
    case 2: 7.5 * x - 4.5
    case 3: 7.5
    default: 0
    }
  }

  /// Keys' cubic from distance 1 to 2, a(x³ − 5x² + 8x − 4), and its derivatives.
  @inline(__always) private func outer(_ x: Double, _ order: Int) -> Double {
    switch order {
    case 0: -0.75 * (((x - 5) * x + 8) * x - 4)
    case 1: -0.75 * ((3 * x - 10) * x + 8)
    case 2: -0.75 * (6 * x - 10)
    case 3: -4.5
    default: 0
    }
  }
}

/// What sampled positions read: along each axis the pixels, of all axes their products.
struct SamplingPoints: Sendable {
  /// In the order of the image's axes; coordinate 0 of the grid is that of the last.
  let axes: [SamplingAxis]
  /// How often the weights are differentiated by the coordinate of each axis.
  var orders: [Int]

  var terms: Int { axes.reduce(1) { $0 * $1.mode.taps } }
  /// Whether all weights are 0.
  var isZero: Bool { zip(axes, orders).contains { $1 > $0.mode.degree } }

  /// The same, differentiated by the coordinate of an axis.
  func differentiated(by axis: Int) -> SamplingPoints {
    var result = self
    result.orders[axis] += 1
    return result
  }

  /// Writes term k of point i to place k · count + i, for points whose coordinates follow each other; a term of a pixel
  /// that is not there has weight 0.
  func fill<Scalar: FloatingScalar>(
    _ count: Int, _ grid: UnsafePointer<Scalar>, _ indices: UnsafeMutablePointer<Int32>,
    _ weights: UnsafeMutablePointer<Scalar>
  ) {
    let (rank, taps) = (axes.count, axes[0].mode.taps)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 12) { places in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { factors in
        let (place, factor) = (places.baseAddress!, factors.baseAddress!)
        if rank == 2 && taps == 2 {
          let (height, width, rowOrder, columnOrder) = (axes[0], axes[1], orders[0], orders[1])
          for i in 0..<count {
            height.pixels(Double(grid[2 &* i &+ 1]), order: rowOrder, place, factor)
            width.pixels(Double(grid[2 &* i]), order: columnOrder, place + 2, factor + 2)
            for k in 0..<4 {
              let (row, column, at) = (place[k &>> 1], place[2 &+ (k & 1)], k &* count &+ i)
              let counts = row >= 0 && column >= 0
              indices[at] = counts ? Int32(truncatingIfNeeded: row &* width.extent &+ column) : 0
              weights[at] = counts ? Scalar(factor[k &>> 1] * factor[2 &+ (k & 1)]) : 0
            }
          }
          return
        }
        for i in 0..<count {
          for axis in 0..<rank {
            axes[axis].pixels(
              Double(grid[i &* rank &+ (rank &- 1 &- axis)]), order: orders[axis], place + 4 &* axis,
              factor + 4 &* axis)
          }
          var at = i
          /// The terms of the last two axes of one slice.
          func slice(_ first: Int, _ weight: Double, isThere: Bool) {
            let (height, width) = (axes[rank &- 2].extent, axes[rank &- 1].extent)
            let (rows, columns) = (4 &* (rank &- 2), 4 &* (rank &- 1))
            for u in 0..<taps {
              let row = place[rows &+ u]
              let (start, partial) = ((first &* height &+ row) &* width, weight * factor[rows &+ u])
              for v in 0..<taps {
                let column = place[columns &+ v]
                let counts = isThere && row >= 0 && column >= 0
                indices[at] = counts ? Int32(truncatingIfNeeded: start &+ column) : 0
                weights[at] = counts ? Scalar(partial * factor[columns &+ v]) : 0
                at &+= count
              }
            }
          }
          if rank == 2 {
            slice(0, 1, isThere: true)
          } else {
            for t in 0..<taps { slice(Swift.max(place[t], 0), factor[t], isThere: place[t] >= 0) }
          }
        }
      }
    }
  }
}

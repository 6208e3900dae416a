import TernBackend

// Counts of values in bins. A bin holds what is not below its left edge and below its right one, the last bin its right
// edge too; what lies outside, and NaN, is not counted. None of them has derivatives.

/// The edges of the bins of one axis, and how a value finds its bin.
private struct Bins<Scalar: FloatingScalar> {
  let edges: [Scalar]
  /// The edges are at even distances, so that the bin is known but for rounding.
  let isEven: Bool
  /// Rounding is corrected by looking at the edges.
  var looksAtEdges = true
  var count: Int { edges.count - 1 }
}

extension Tensor where Scalar: FloatingScalar {
  /// How many elements lie in each of some bins of one width.
  ///
  /// - Parameters:
  ///   - bins: how many.
  ///   - range: from the first edge to the last; from the least to the greatest element where left out.
  ///   - weights: what each element counts, of the shape of this tensor; 1 where left out.
  ///   - density: divides by the sum and by the widths of the bins, so that the integral is 1.
  /// - Returns: the histogram, [bins], and the edges, [bins + 1].
  public func histogram(
    bins: Int, range: ClosedRange<Scalar>? = nil, weights: Tensor? = nil, density: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Tensor, edges: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let rows = detached().reshaped([count, 1])
    let edges = rows.evenBins(bins, range, axis: 0, widening: 0.5, "histogram")
    return (rows.counted([edges], flat(weights, "histogram"), density, "histogram"), Tensor(edges.edges))
  }

  /// How many elements lie between each two neighbors of some edges: [edges − 1].
  ///
  /// - Parameters:
  ///   - edges: ascending, a vector of one edge at least.
  ///   - weights: what each element counts, of the shape of this tensor; 1 where left out.
  ///   - density: divides by the sum and by the widths of the bins, so that the integral is 1.
  public func histogram(
    edges: Tensor, weights: Tensor? = nil, density: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let rows = detached().reshaped([count, 1])
    return rows.counted([bins(edges, "histogram")], flat(weights, "histogram"), density, "histogram")
  }

  /// How many rows lie in each box of a grid: the last axis has the coordinates of a point.
  ///
  /// - Parameters:
  ///   - bins: how many for each coordinate.
  ///   - ranges: for each coordinate from the first edge to the last; from the least to the greatest where left out.
  ///   - weights: what each point counts, of this shape without the last axis; 1 where left out.
  ///   - density: divides by the sum and by the volumes of the boxes, so that the integral is 1.
  /// - Returns: the histogram, an axis for each coordinate, and the edges of each.
  public func multidimensionalHistogram(
    bins: [Int], ranges: [ClosedRange<Scalar>]? = nil, weights: Tensor? = nil, density: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Tensor, edges: [Tensor]) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let rows = points(bins.count, "multidimensionalHistogram")
    check(
      ranges == nil || ranges!.count == bins.count, "multidimensionalHistogram",
      "\(ranges?.count ?? 0) ranges for \(bins.count) coordinates")
    let edges = bins.enumerated().map {
      rows.evenBins($1, ranges?[$0], axis: $0, widening: 0.5, "multidimensionalHistogram")
    }
    let weights = pointWeights(weights, "multidimensionalHistogram")
    return (
      rows.counted(edges, weights, density, "multidimensionalHistogram"), edges.map { Tensor($0.edges) }
    )
  }

  /// How many rows lie in each box of a grid with some edges for each coordinate.
  public func multidimensionalHistogram(
    edges: [Tensor], weights: Tensor? = nil, density: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let rows = points(edges.count, "multidimensionalHistogram")
    return rows.counted(
      edges.map { bins($0, "multidimensionalHistogram") }, pointWeights(weights, "multidimensionalHistogram"), density,
      "multidimensionalHistogram")
  }

  /// How many elements lie in each of some bins of one width from a least to a greatest value: [bins].
  ///
  /// As ``histogram(bins:range:weights:density:file:line:)``, but an element's bin is worked out, (x − min)·bins/(max − min),
  /// and not compared with edges.
  /// - Parameters:
  ///   - low: the least value; with `high` equal to it both are the data's.
  ///   - high: the greatest value.
  public func binCounts(
    bins: Int = 100, min low: Scalar = 0, max high: Scalar = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(low <= high, "binCounts", "from \(low) to \(high): the minimum is above the maximum")
    let rows = detached().reshaped([count, 1])
    var edges = rows.evenBins(bins, low == high ? nil : low...high, axis: 0, widening: 1, "binCounts")
    edges.looksAtEdges = false
    return rows.counted([edges], nil, false, "binCounts")
  }

  /// The numbers of the bins that the elements lie in: between which edges, which ascend, each is.
  ///
  /// i with edges[i − 1] < x ≤ edges[i], or with ≤ and < from the right; 0 before all, n behind all, where NaN is.
  /// - Parameter right: an edge belongs to the bin on its right.
  public func bucketized(
    at edges: Tensor, right: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(edges.rank == 1, "bucketized", "edges \(edges.shape), expected a vector")
    return searchSorted(edges, self, right: right)
  }

  // MARK: - Checks

  private func bins(_ edges: Tensor, _ name: String) -> Bins<Scalar> {
    check(edges.rank == 1 && edges.count > 0, name, "edges \(edges.shape), expected a vector of one at least")
    let list = edges.scalars
    for (a, b) in zip(list, list.dropFirst()) { check(a <= b, name, "edges do not ascend: \(a), \(b)") }
    return Bins(edges: list, isEven: false)
  }

  private func flat(_ weights: Tensor?, _ name: String) -> Tensor? {
    guard let weights else { return nil }
    check(weights.shape == shape, name, "weights \(weights.shape) for \(shape)")
    return weights.detached().reshaped([count])
  }

  private func points(_ coordinates: Int, _ name: String) -> Tensor {
    check(rank >= 2, name, "\(shape), expected points in the last of two axes at least")
    let width = shape[rank - 1]
    check(coordinates == width, name, "bins for \(coordinates) coordinates, points \(shape) have \(width)")
    return detached().reshaped([Layout.product(Array(shape.dropLast())), width])
  }

  private func pointWeights(_ weights: Tensor?, _ name: String) -> Tensor? {
    guard let weights else { return nil }
    check(weights.shape == Array(shape.dropLast()), name, "weights \(weights.shape) for points \(shape)")
    return weights.detached().reshaped([weights.count])
  }

  /// Bins of one width for a coordinate of points [n, coordinates].
  private func evenBins(
    _ count: Int, _ range: ClosedRange<Scalar>?, axis: Int, widening: Scalar, _ name: String
  ) -> Bins<Scalar> {
    check(count > 0, name, "\(count) bins")
    MemoryPool.require(count: count, of: 32, name, "\(count) bins")
    var (low, high): (Scalar, Scalar) = (0, 0)
    if let range {
      (low, high) = (range.lowerBound, range.upperBound)
    } else if shape[0] > 0 {
      let column = selected(axis: 1, index: axis)
      (low, high) = (column.min().item, column.max().item)
    } else if widening != 1 {
      high = 1
    }
    check(low.isFinite && high.isFinite, name, "the range from \(low) to \(high) is not finite")
    if low == high { (low, high) = (low - widening, high + widening) }
    // Beside so large a value the widening is nothing.
    let most = Scalar.greatestFiniteMagnitude
    if low == high { (low, high) = (Swift.max(low.nextDown, -most), Swift.min(high.nextUp, most)) }
    return Bins(edges: Tensor(linspace: low, high, count: count + 1).scalars, isEven: true)
  }

  // MARK: - Counting

  /// The histogram of points [n, coordinates].
  private func counted(_ bins: [Bins<Scalar>], _ weights: Tensor?, _ density: Bool, _ name: String) -> Tensor {
    let extents = bins.map(\.count)
    check(Layout.holds(extents), name, "\(extents) boxes are more than a tensor can hold (2⁴⁸)")
    let total = Layout.product(extents)
    let n = shape[0]
    // Chunks depend on sizes alone.
    let chunks = Swift.max(1, Swift.min(16, n / 32_768, (1 << 22) / Swift.max(total, 1)))
    MemoryPool.require(count: total, of: 8 * (chunks + 1), name, "\(extents) boxes")
    let length = (n + chunks - 1) / chunks
    let (points, given) = (contiguous, weights?.contiguous)
    let sums = Tensor<Double>(zeros: [chunks, total])
    let (out, x, w) = (sums.mutablePointer, points.pointer, given?.pointer)
    if total > 0 && n > 0 {
      Workers.run(chunks: chunks) { chunk in
        let first = chunk * length
        let rows = Swift.max(0, Swift.min(length, n - first))
        Scalar.count(
          rows, bins, x + first * bins.count, w.map { $0 + first }, out + chunk * total)
      }
    }
    withExtendedLifetime((points, given)) {}
    OperationObservers.looped("histogram", sums.body)
    var result = sums.sum(along: 0).reshaped(extents)
    if density {
      var measure = result.sum()
      for (axis, bin) in bins.enumerated() {
        var wide = [Int](repeating: 1, count: bins.count)
        wide[axis] = bin.count
        let widths = zip(bin.edges, bin.edges.dropFirst()).map { Double($1) - Double($0) }
        measure = measure * Tensor<Double>(widths).reshaped(wide)
      }
      result = result / measure
    }
    return result.cast(to: Scalar.self)
  }
}

extension FloatingScalar {
  /// Adds the weights of some points to their boxes.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func count(
    _ n: Int, _ bins: [Bins<Self>], _ x: UnsafePointer<Self>, _ weights: UnsafePointer<Self>?,
    _ out: UnsafeMutablePointer<Double>
  ) {
    if bins.count == 1 {
      bins[0].edges.withUnsafeBufferPointer { edges in
        let bin = bins[0]
        let (first, scale) = (edges.baseAddress!, Self(bin.count) / (edges[bin.count] - edges[0]))
        let (count, isEven, looks) = (bin.count, bin.isEven, bin.looksAtEdges)
        for i in 0..<n {
          let place = binNumber(x[i], first, count, isEven, looks, scale)
          if place >= 0 { out[place] += weights.map { Double($0[i]) } ?? 1 }
        }
      }
      return
    }
    // Coordinate by coordinate: the number of each point's box, −1 for none.
    withUnsafeTemporaryAllocation(of: Int.self, capacity: Swift.min(n, 1024)) { boxes in
      for first in stride(from: 0, to: n, by: 1024) {
        let rows = Swift.min(1024, n - first)
        boxes.baseAddress!.initialize(repeating: 0, count: rows)
        for (axis, bin) in bins.enumerated() {
          bin.edges.withUnsafeBufferPointer { edges in
            let (start, scale) = (edges.baseAddress!, Self(bin.count) / (edges[bin.count] - edges[0]))
            let (count, isEven, column) = (bin.count, bin.isEven, x + first * bins.count + axis)
            for i in 0..<rows {
              let place = binNumber(column[i * bins.count], start, count, isEven, true, scale)
              boxes[i] = place < 0 || boxes[i] < 0 ? -1 : boxes[i] * count + place
            }
          }
        }
        for i in 0..<rows where boxes[i] >= 0 {
          out[boxes[i]] += weights.map { Double($0[first + i]) } ?? 1
        }
      }
    }
  }

  /// The bin of a value, −1 for none.
  @inline(__always)
  private static func binNumber(
    _ value: Self, _ edges: UnsafePointer<Self>, _ count: Int, _ isEven: Bool, _ looks: Bool, _ scale: Self
  ) -> Int {
    guard value >= edges[0] && value <= edges[count] && count > 0 else { return -1 }
    if isEven {
      if !looks {
        let (low, high) = (edges[0], edges[count])
        let guess = (value - low) * Self(count) / (high - low)
        // Of a width beyond the range, halves.
        var place = guess
        if !guess.isFinite {
          let (part, whole): (Self, Self) = (value / 2 - low / 2, high / 2 - low / 2)
          place = part / whole * Self(count)
        }
        return place < Self(count - 1) ? Int(Double(place)) : count - 1
      }
      let guess = (value - edges[0]) * scale
      var place = guess < Self(count - 1) ? Int(Double(guess)) : count - 1
      while place > 0 && value < edges[place] { place -= 1 }
      while place < count - 1 && value >= edges[place + 1] { place += 1 }
      return place
    }
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= value { low = middle } else { high = middle }
    }
    return low
  }
}

import TernBackend

extension Tensor {
  /// The elements to be subtracted, with those before and after them along an axis.
  fileprivate func extended(_ before: Tensor?, _ after: Tensor?, _ axis: Int, _ name: String) -> Tensor {
    for other in [before, after] {
      guard let other else { continue }
      var (own, its) = (shape, other.shape)
      check(its.count == rank, name, "\(its) joined to \(shape)")
      (own[axis], its[axis]) = (0, 0)
      check(own == its, name, "\(other.shape) joined to \(shape) along axis \(axis)")
    }
    if before == nil && after == nil { return self }
    return concatenate([before, self, after].compactMap { $0 }, along: axis)
  }

  /// Neighbors along an axis: all but the last, and all but the first.
  fileprivate func neighbors(_ axis: Int) -> (lower: Tensor, upper: Tensor) {
    let length = shape[axis] - 1
    return (narrowed(axis: axis, start: 0, length: length), narrowed(axis: axis, start: 1, length: length))
  }

  fileprivate func differences(
    _ order: Int, _ axis: Int, _ before: Tensor?, _ after: Tensor?, _ subtracted: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "differences")
    check(order >= 0, "differences", "an order of \(order)")
    if order == 0 { return self }
    var result = extended(before, after, axis, "differences")
    let extent = result.shape[axis]
    if order >= extent || result.isEmpty {
      return result.narrowed(axis: axis, start: 0, length: Swift.max(extent - Swift.min(order, extent), 0))
    }
    for _ in 0..<order {
      let (lower, upper) = result.neighbors(axis)
      result = subtracted(upper, lower)
    }
    return result
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Differences of neighbors along an axis: yᵢ = xᵢ₊₁ − xᵢ, repeated `order` times.
  ///
  /// The axis loses `order` elements, down to none. Integers wrap. Of order 0 the tensor itself.
  /// - Parameters:
  ///   - before: elements put before those of the tensor; `after` likewise behind them.
  public func differences(
    order: Int = 1, along axis: Int = -1, before: Tensor? = nil, after: Tensor? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return differences(order, axis, before, after) { $0 - $1 }
  }
}

extension Tensor where Scalar == Bool {
  /// Whether neighbors along an axis differ, repeated `order` times; see the differences of numbers.
  public func differences(
    order: Int = 1, along axis: Int = -1, before: Tensor? = nil, after: Tensor? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return differences(order, axis, before, after) { $0 .^ $1 }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The derivative along each of some axes by finite differences, one tensor an axis.
  ///
  /// Inside by central differences (xᵢ₊₁ − xᵢ₋₁)/2h; at the edges one-sided, from two points (`edgeOrder` 1) or three (2).
  /// Stops where an axis has fewer than edgeOrder + 1 elements.
  /// - Parameters:
  ///   - axes: all where none are given.
  ///   - spacing: h, one for all axes or one for each.
  public func centralDifferences(
    along axes: [Int]? = nil, spacing: [Scalar] = [1], edgeOrder: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = requireGrid(axes, spacing.count, edgeOrder)
    return axes.enumerated().map { place, axis in
      let h = spacing.count == 1 ? spacing[0] : spacing[place]
      func part(_ start: Int, _ length: Int) -> Tensor { narrowed(axis: axis, start: start, length: length) }
      func at(_ index: Int) -> Tensor { part(index < 0 ? index + shape[axis] : index, 1) }
      let inside = Swift.max(shape[axis] - 2, 0)
      let middle = inside == 0 ? part(0, 0) : (part(2, inside) - part(0, inside)) / (2 * h)
      let (first, last): (Tensor, Tensor)
      if edgeOrder == 1 {
        (first, last) = ((at(1) - at(0)) / h, (at(-1) - at(-2)) / h)
      } else {
        (first, last) = (
          (at(1) * 2 - at(0) * 1.5 - at(2) * 0.5) / h, (at(-1) * 1.5 + at(-3) * 0.5 - at(-2) * 2) / h
        )
      }
      return concatenate([first, middle, last], along: axis)
    }
  }

  /// The derivative along each of some axes by finite differences of a grid whose points have unequal distances.
  ///
  /// Second order inside; at the edges of order `edgeOrder`, 1 or 2.
  /// - Parameters:
  ///   - axes: all where none are given.
  ///   - coordinates: the places of the points along each of the axes, a vector each.
  public func centralDifferences(
    along axes: [Int]? = nil, coordinates: [Tensor], edgeOrder: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = requireGrid(axes, coordinates.count, edgeOrder)
    check(
      coordinates.count == axes.count, "centralDifferences",
      "coordinates of \(coordinates.count) axes for \(axes.count)")
    return zip(axes, coordinates).map { axis, places in
      check(
        places.shape == [shape[axis]], "centralDifferences",
        "coordinates \(places.shape) along axis \(axis) of \(shape) ([\(shape[axis])] expected)")
      return unevenDifferences(axis, places, edgeOrder)
    }
  }

  private func requireGrid(_ axes: [Int]?, _ count: Int, _ edgeOrder: Int) -> [Int] {
    check(edgeOrder == 1 || edgeOrder == 2, "centralDifferences", "an edge order of \(edgeOrder), expected 1 or 2")
    let axes = axes.map { resolve(axes: $0, rank: rank, "centralDifferences") } ?? Array(0..<rank)
    check(count == 1 || count == axes.count, "centralDifferences", "\(count) spacings for \(axes.count) axes")
    for axis in axes {
      check(
        shape[axis] > edgeOrder, "centralDifferences",
        "axis \(axis) of \(shape) has \(shape[axis]) elements; an edge of order \(edgeOrder) takes \(edgeOrder + 1)")
    }
    return axes
  }

  private func unevenDifferences(_ axis: Int, _ places: Tensor, _ edgeOrder: Int) -> Tensor {
    let extent = shape[axis]
    func part(_ start: Int, _ length: Int) -> Tensor { narrowed(axis: axis, start: start, length: length) }
    func along(_ weights: Tensor) -> Tensor {
      var extents = [Int](repeating: 1, count: rank)
      extents[axis] = weights.count
      return weights.reshaped(extents)
    }
    let steps = places.differences()
    func step(_ index: Int) -> Tensor { steps.narrowed(axis: 0, start: index, length: 1) }
    var parts: [Tensor] = []
    /// The sum of three parts with their weights.
    func sum(_ start: Int, _ length: Int, _ a: Tensor, _ b: Tensor, _ c: Tensor) -> Tensor {
      let outer: Tensor = part(start, length) * along(a) + part(start + 1, length) * along(b)
      return outer + part(start + 2, length) * along(c)
    }
    if edgeOrder == 1 {
      parts.append((part(1, 1) - part(0, 1)) / along(step(0)))
    } else {
      let (p, q) = (step(0), step(1))
      parts.append(sum(0, 1, -(p * 2 + q) / (p * (p + q)), (p + q) / (p * q), -p / (q * (p + q))))
    }
    if extent > 2 {
      let (p, q) = steps.neighbors(0)
      parts.append(sum(0, extent - 2, -q / (p * (p + q)), (q - p) / (p * q), p / (q * (p + q))))
    }
    if edgeOrder == 1 {
      parts.append((part(extent - 1, 1) - part(extent - 2, 1)) / along(step(extent - 2)))
    } else {
      let (p, q) = (step(extent - 3), step(extent - 2))
      parts.append(sum(extent - 3, 1, q / (p * (p + q)), -(p + q) / (p * q), (q * 2 + p) / (q * (p + q))))
    }
    return concatenate(parts, along: axis)
  }
}

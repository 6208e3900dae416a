import TernBackend

// The order of elements in memory, which no result depends on: said, and asked for.

extension Tensor {
  /// A copy in memory of its own, in the order of this tensor's; a tensor is a value, so that none is needed to keep one.
  ///
  /// Gradient: dL/dy.
  public func clone() -> Tensor { copied(layout.forResult) }

  /// Whether the elements lie in row-major order without gaps.
  public var isContiguous: Bool { layout.isContiguous }

  /// The same values in row-major order without gaps: this tensor where it is, else a copy.
  public func asContiguous() -> Tensor { layout.isContiguous ? unchanged("asContiguous") : copied() }

  /// Whether axis 1 is the fastest in memory, [batch, …, channels] without gaps; never below rank 3.
  public var isChannelsLast: Bool {
    guard rank >= 3 else { return false }
    let order = [0] + Array(2..<rank) + [1]
    return Layout(order.map { shape[$0] }, strides: order.map { layout.strides[$0] }).isContiguous
  }

  /// The same values and shape with axis 1 the fastest in memory, as ``Conv2D`` has its results: a copy where it is not.
  ///
  /// Stops below rank 3.
  public func asChannelsLast(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank >= 3, "asChannelsLast", "\(shape) has no channels before other axes")
    if isChannelsLast { return unchanged("asChannelsLast") }
    return copied(Layout(shape, order: [0] + Array(2..<rank) + [1]))
  }
}

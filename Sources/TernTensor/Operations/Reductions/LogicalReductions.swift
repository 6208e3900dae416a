import TernBackend

// Reductions to truth values: an element counts as true unless it is false or zero; NaN is true.

extension Tensor {
  /// Whether all elements are true over the given axes, or over all; true of nothing.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func all(along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Bool>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return truths("all", .minimum, of: true, axes, keepingAxes)
  }

  /// Whether all elements are true over one axis or several.
  public func all(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Bool> {
    all(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// Whether any element is true over the given axes, or over all; false of nothing.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func any(along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Bool>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return truths("any", .maximum, of: false, axes, keepingAxes)
  }

  /// Whether any element is true over one axis or several.
  public func any(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Bool> {
    any(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// How many elements are not zero (or true) over the given axes, or over all.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func countNonZero(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return test(.isNonZero).sum(along: axes, keepingAxes: keepingAxes)
  }

  /// How many elements are not zero (or true) over one axis or several.
  public func countNonZero(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    countNonZero(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  private func truths(
    _ name: String, _ kernel: ReductionKernel, of nothing: Bool, _ axes: [Int]?, _ keepingAxes: Bool
  ) -> Tensor<Bool> {
    let reduced = ReducedAxes(axes, of: shape, name)
    if isEmpty { return Tensor<Bool>(full: reduced.keptShape, nothing).dropping(reduced, unless: keepingAxes) }
    let bits = test(.isNonZero)
    // A Bool is a byte of 0 or 1: the greatest tells whether any is 1, the least whether all are.
    let bytes = Tensor<UInt8>(body: bits.body.view(bits.layout, as: .uint8))
    let body = bytes.reducedKeeping(kernel, reduced).body
    let result = Tensor<Bool>(body: body.view(body.layout, as: .bool)).dropping(reduced, unless: keepingAxes)
    if OperationObservers.isListening {
      OperationArguments.note("truths", ["axes": .integers(reduced.axes), "isAll": .flag(kernel == .minimum)])
      OperationObservers.ended("truths", from: [bits.body], result.body)
    }
    return result
  }
}

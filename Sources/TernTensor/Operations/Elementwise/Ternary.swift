import TernBackend

// Functions of three tensors in one pass: interpolation, sums with products and quotients, clamping to tensors.

extension Tensor where Scalar: NumericScalar {
  /// A row of n elements of a function of three: `(n, out, outStep, a, aStep, b, bStep, c, cStep)`.
  typealias TernaryRow = (
    Int, UnsafeMutablePointer<Scalar>, Int, UnsafePointer<Scalar>, Int, UnsafePointer<Scalar>, Int,
    UnsafePointer<Scalar>, Int
  ) -> Void

  /// Applies `row` to every row of a new tensor and three operands that broadcast; not recorded.
  static func mapRows(
    _ a: Tensor, _ b: Tensor, _ c: Tensor, _ operation: String, _ row: TernaryRow
  ) -> Tensor {
    let shape = broadcastShape(broadcastShape(a.shape, b.shape, operation), c.shape, operation)
    let layout = Layout.forResult(shape, a.layout, b.layout)
    let result = Tensor(uninitialized: layout)
    let (out, x, y, z) = (result.mutablePointer, a.pointer, b.pointer, c.pointer)
    let strides = [layout.strides] + [a, b, c].map { broadcastStrides($0.layout, to: shape) }
    StridedLoop(shape, strides).run { n, offset, step in
      row(
        n, out + offset[0], step[0], x + offset[1], step[1], y + offset[2], step[2], z + offset[3], step[3])
    }
    withExtendedLifetime((a, b, c)) {}
    return result
  }
}

/// `out[i] = body(a[i], b[i], c[i])`
@inline(__always)
func tripleLoop<T>(
  _ n: Int, _ out: UnsafeMutablePointer<T>, _ so: Int, _ a: UnsafePointer<T>, _ sa: Int, _ b: UnsafePointer<T>,
  _ sb: Int, _ c: UnsafePointer<T>, _ sc: Int, _ body: (T, T, T) -> T
) {
  if so == 1 && sa == 1 && sb == 1 && sc == 1 {
    for i in 0..<n { out[i] = body(a[i], b[i], c[i]) }
  } else if so == 1 && sa == 1 && sb == 1 && sc == 0 {
    let last = c[0]
    for i in 0..<n { out[i] = body(a[i], b[i], last) }
  } else {
    for i in 0..<n { out[i &* so] = body(a[i &* sa], b[i &* sb], c[i &* sc]) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// A kernel's function of three operands that broadcast; not recorded.
  static func map(
    _ operation: String, _ kernel: TernaryKernel, _ a: Tensor, _ b: Tensor, _ c: Tensor, _ p0: Scalar = 1,
    _ p1: Scalar = 0
  ) -> Tensor {
    if a.layout.isDense && a.layout.hasLayout(of: b.layout) && a.layout.hasLayout(of: c.layout) {
      let result = Tensor(uninitialized: a.layout)
      let (out, x, y, z) = (result.mutablePointer, a.pointer, b.pointer, c.pointer)
      Workers.run(count: a.count, grain: StridedLoop.grain) { range in
        let at = range.lowerBound
        Scalar.ternary(kernel, range.count, out + at, 1, x + at, 1, y + at, 1, z + at, 1, p0, p1)
      }
      return result
    }
    return mapRows(a, b, c, operation) { Scalar.ternary(kernel, $0, $1, $2, $3, $4, $5, $6, $7, $8, p0, p1) }
  }
}

extension NumericScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  @specialized(where Self == Int)
  @specialized(where Self == Int32)
  @specialized(where Self == UInt8)
  fileprivate static func clampRow(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int,
    _ low: UnsafePointer<Self>, _ sl: Int, _ high: UnsafePointer<Self>, _ sh: Int
  ) {
    tripleLoop(n, out, so, x, sx, low, sl, high, sh) { x, low, high in
      let raised = x < low || low != low ? low : x
      return raised > high || high != high ? high : raised
    }
  }
}

/// a + w·(b − a), between a for w = 0 and b for w = 1; the shapes broadcast.
///
/// Gradients: dL/dy·(1 − w), dL/dy·w, and dL/dy·(b − a) at the weight.
public func lerp<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, weight: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return lerpValues(a, b, weight)
    .recorded("lerp", from: a, b, weight, saving: [.first, .second, .third]) {
      [aShape = a.shape, bShape = b.shape, wShape = weight.shape] d in
      d.send(0) { zeroProduct(d.gradient, 1 - d.input(2)).summed(to: aShape) }
      d.send(1) { zeroProduct(d.gradient, d.input(2)).summed(to: bShape) }
      d.send(2) { zeroProduct(d.gradient, d.input(1) - d.input(0)).summed(to: wShape) }
    }
}

/// x plus a term times a value; x alone for a value of 0, whatever the term is. Not recorded.
private func addedTerm<Scalar: FloatingScalar>(
  _ name: String, _ kernel: TernaryKernel, _ x: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>,
  _ value: Scalar
) -> Tensor<Scalar> {
  if value != 0 { return .map(name, kernel, x, a, b, value) }
  let shape = broadcastShape(broadcastShape(x.shape, a.shape, name), b.shape, name)
  return x.detached().broadcast(to: shape).contiguous
}

/// The end itself for one weight of 0 or 1, whatever stands at the other end.
private func lerpValues<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ weight: Tensor<Scalar>
) -> Tensor<Scalar> {
  if weight.rank == 0, weight.item == 0 || weight.item == 1 {
    let end = weight.item == 0 ? a : b
    return end.detached().broadcast(to: broadcastShape(a.shape, b.shape, "lerp")).contiguous
  }
  return .map("lerp", .lerp, a, b, weight)
}

/// a + w·(b − a) with one weight for all elements.
public func lerp<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, weight: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  lerp(a, b, weight: Tensor(weight), file: file, line: line)
}

/// x + value·a·b, element by element; the shapes broadcast.
///
/// Gradients: dL/dy, dL/dy·value·b and dL/dy·value·a.
public func addcmul<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, value: Scalar = 1, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  OperationArguments.note("addcmul", ["value": .number(value.number)])
  return addedTerm("addcmul", .addProduct, x, a, b, value)
    .recorded("addcmul", from: x, a, b, saving: [.second, .third]) {
      [xShape = x.shape, aShape = a.shape, bShape = b.shape] d in
      d.send(0) { d.gradient.summed(to: xShape) }
      d.send(1) { zeroProduct(d.gradient * value, d.input(2)).summed(to: aShape) }
      d.send(2) { zeroProduct(d.gradient * value, d.input(1)).summed(to: bShape) }
    }
}

/// x + value·a·b of integers; wraps beyond their range.
public func addcmul<Scalar: IntegerScalar>(
  _ x: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, value: Scalar = 1, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x + a * value * b
}

/// x + value·a/b, element by element; the shapes broadcast.
///
/// Gradients: dL/dy, dL/dy·value/b and −dL/dy·value·a/b².
public func addcdiv<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, value: Scalar = 1, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  OperationArguments.note("addcdiv", ["value": .number(value.number)])
  return addedTerm("addcdiv", .addQuotient, x, a, b, value)
    .recorded("addcdiv", from: x, a, b, saving: [.second, .third]) {
      [xShape = x.shape, aShape = a.shape, bShape = b.shape] d in
      d.send(0) { d.gradient.summed(to: xShape) }
      d.send(1) { zeroQuotient(d.gradient * value, d.input(2)).summed(to: aShape) }
      d.send(2) {
        let (a, b) = (d.input(1), d.input(2))
        let ratio = zeroQuotient(zeroProduct(d.gradient * value, a / b), b)
        return -ratio.summed(to: bShape)
      }
    }
}

extension Tensor where Scalar: NumericScalar {
  /// The values clamped to [min, max], bounds that broadcast with them: min(max(x, low), high). NaN of any is NaN.
  ///
  /// Gradients: of x dL/dy from bound to bound, both included; of the minimum dL/dy where x is below it and it is below the maximum, of
  /// the maximum dL/dy where x is above it or the minimum is; 0 elsewhere.
  public func clamped(min low: Tensor, max high: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Tensor.mapRows(self, low, high, "clamped") { Scalar.clampRow($0, $1, $2, $3, $4, $5, $6, $7, $8) }
      .recorded("clamped", from: self, low, high, saving: [.first, .second, .third]) {
        [shape, lowShape = low.shape, highShape = high.shape] d in
        let (x, low, high) = (d.input(0), d.input(1), d.input(2))
        d.send(0) { select((x .>= low) .&& (x .<= high), d.gradient, 0).summed(to: shape) }
        d.send(1) { select((x .< low) .&& (low .< high), d.gradient, 0).summed(to: lowShape) }
        d.send(2) { select((x .> high) .|| (high .< low), d.gradient, 0).summed(to: highShape) }
      }
  }

  /// The values not below a minimum that broadcasts with them: max(x, low). NaN of either is NaN.
  ///
  /// Gradients: of x dL/dy where it is not below the minimum, of the minimum dL/dy where x is; 0 elsewhere.
  public func clamped(min low: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    OperationArguments.note("clamped", ["isMinimum": .flag(true)])
    return Tensor.map("clamped", .maximum, self, low)
      .recorded("clamped", from: self, low, saving: [.first, .second]) { [shape, lowShape = low.shape] d in
        let (x, low) = (d.input(0), d.input(1))
        d.send(0) { select(x .>= low, d.gradient, 0).summed(to: shape) }
        d.send(1) { select(x .< low, d.gradient, 0).summed(to: lowShape) }
      }
  }

  /// The values not above a maximum that broadcasts with them: min(x, high). NaN of either is NaN.
  ///
  /// Gradients: of x dL/dy where it is not above the maximum, of the maximum dL/dy where x is; 0 elsewhere.
  public func clamped(max high: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    OperationArguments.note("clamped", ["isMinimum": .flag(false)])
    return Tensor.map("clamped", .minimum, self, high)
      .recorded("clamped", from: self, high, saving: [.first, .second]) { [shape, highShape = high.shape] d in
        let (x, high) = (d.input(0), d.input(1))
        d.send(0) { select(x .<= high, d.gradient, 0).summed(to: shape) }
        d.send(1) { select(x .> high, d.gradient, 0).summed(to: highShape) }
      }
  }
}

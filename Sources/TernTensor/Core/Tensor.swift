import TernBackend

/// An array of any rank whose elements are all of one type, a value like Swift's own arrays.
///
/// Copying is O(1); writing copies only where the memory is shared. Views (slices, transposes, broadcasts) share memory
/// with what they were taken from and never alias it: a write through one is not seen by the other. A tensor that was
/// computed from variables remembers how, see ``backward(_:retainGraph:createGraph:file:line:)``.
public struct Tensor<Scalar: TensorScalar>: Sendable {
  package var body: TensorBody

  package init(body: TensorBody) {
    assert(body.dtype == Scalar.dtype)
    self.body = body
  }

  /// New memory in row-major order, not yet written.
  package init(uninitialized shape: [Int]) {
    body = TensorBody(uninitialized: Layout(shape), dtype: Scalar.dtype)
  }

  package init(uninitialized layout: Layout) {
    assert(layout.isDense)
    body = TensorBody(uninitialized: layout, dtype: Scalar.dtype)
  }

  /// A row-major tensor whose memory `fill` writes.
  package init(shape: [Int], _ fill: (UnsafeMutablePointer<Scalar>) -> Void) {
    self.init(uninitialized: shape)
    fill(mutablePointer)
  }

  /// The extent of every axis; empty for a single value.
  public var shape: [Int] { body.layout.shape }
  /// The number of axes.
  public var rank: Int { body.layout.shape.count }
  /// The number of elements: the product of the extents, 1 for rank 0.
  public var count: Int { body.layout.count }
  /// Whether there are no elements.
  public var isEmpty: Bool { body.layout.count == 0 }
  /// The element type as a value.
  public var dtype: DType { body.dtype }

  package var layout: Layout { body.layout }
  package var node: Node? { body.node }

  /// The first element; valid while the tensor lives.
  package var pointer: UnsafePointer<Scalar> { UnsafePointer(mutablePointer) }

  /// The first element, for writing what nobody else refers to yet.
  package var mutablePointer: UnsafeMutablePointer<Scalar> {
    body.pointer.assumingMemoryBound(to: Scalar.self)
  }

  /// The same values, row-major without gaps.
  package var contiguous: Tensor { layout.isContiguous ? self : copied() }

  /// A row-major copy.
  package func copied(_ layout: Layout? = nil) -> Tensor {
    let result = Tensor(uninitialized: layout ?? Layout(shape))
    copyElements(from: self.body, to: result.body, Scalar.self)
    return result.moved("copy", from: self) { $0 }
  }

  /// The elements in row-major order.
  public var scalars: [Scalar] {
    // Filling an empty array writes its count into memory that all empty arrays share.
    if count == 0 { return [] }
    let source = withoutGradients { contiguous }
    return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.baseAddress!.initialize(from: source.pointer, count: count)
      removeSignsOfNaN(buffer.baseAddress!, count)
      initialized = count
    }
  }

  /// The only element of a tensor that has one; stops with its shape otherwise.
  public var item: Scalar {
    check(count == 1, "item", "\(shape) has \(count) elements, not one")
    return unsigned(pointer[0])
  }

  /// Calls `body` with the elements in row-major order, without copying where they lie so.
  public func withUnsafeScalars<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let source = withoutGradients { contiguous }
    return try withExtendedLifetime(source) {
      try body(UnsafeBufferPointer(start: source.pointer, count: count))
    }
  }

  /// Makes the memory this tensor's own, whole and row-major, before it is written in place.
  package mutating func makeUnique() {
    if body.isUnique(), body.node == nil, layout.isDense { return }
    let source = self
    self = withoutGradients { source.detached().copied(layout.isDense ? layout : nil) }
  }

  /// Calls `body` with the elements in row-major order for writing. The result is a constant of the graph.
  public mutating func withUnsafeMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result,
    file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if !layout.isContiguous { self = withoutGradients { contiguous } }
    makeUnique()
    return try body(UnsafeMutableBufferPointer(start: mutablePointer, count: count))
  }
}

extension Tensor: Equatable {
  /// Whether shapes and all elements are equal (NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.withUnsafeScalars { x in b.withUnsafeScalars { y in x.elementsEqual(y) } }
  }
}

/// The value itself, of NaN the one without a sign: that of 0/0 has one, and Swift prints it as `-nan`.
@inline(__always)
func unsigned<Scalar: TensorScalar>(_ value: Scalar) -> Scalar { value == value ? value : withoutSign(value) }

/// Leaves NaN without a sign, see ``unsigned(_:)``.
private func removeSignsOfNaN<Scalar: TensorScalar>(_ x: UnsafeMutablePointer<Scalar>, _ count: Int) {
  func remove<Number: BinaryFloatingPoint>(_ x: UnsafeMutablePointer<Number>) {
    var others = 0
    for i in 0..<count { others |= x[i] == x[i] ? 0 : 1 }
    if others != 0 { for i in 0..<count where x[i] != x[i] { x[i] = x[i].magnitude } }
  }
  switch Scalar.dtype {
  case .float32: remove(UnsafeMutableRawPointer(x).assumingMemoryBound(to: Float.self))
  case .float64: remove(UnsafeMutableRawPointer(x).assumingMemoryBound(to: Double.self))
  case .bfloat16:
    let x = UnsafeMutableRawPointer(x).assumingMemoryBound(to: BFloat16.self)
    for i in 0..<count where x[i].isNaN { x[i] = x[i].magnitude }
  default: break
  }
}

private func withoutSign<Scalar: TensorScalar>(_ value: Scalar) -> Scalar {
  switch value {
  case let value as Float: value.magnitude as! Scalar
  case let value as Double: value.magnitude as! Scalar
  case let value as BFloat16: value.magnitude as! Scalar
  default: value
  }
}

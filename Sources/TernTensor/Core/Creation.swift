import TernBackend

extension Tensor {
  /// A tensor with every element equal to `value`.
  ///
  /// - Parameters:
  ///   - shape: The extents of the axes.
  ///   - value: The value.
  public init(full shape: [Int], _ value: Scalar, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(uninitialized: shape)
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      Scalar.fill(range.count, out + range.lowerBound, 1, value)
    }
    OperationObservers.looped("fill", body)
  }

  /// A tensor of zeros (false for Bool).
  ///
  /// - Parameter shape: The extents of the axes.
  public init(zeros shape: [Int], file: StaticString = #fileID, line: UInt = #line) {
    self.init(full: shape, .zero, file: file, line: line)
  }

  /// A tensor of ones (true for Bool).
  ///
  /// - Parameter shape: The extents of the axes.
  public init(ones shape: [Int], file: StaticString = #fileID, line: UInt = #line) {
    self.init(full: shape, .one, file: file, line: line)
  }

  /// A single value, of rank 0.
  ///
  /// - Parameter value: The value.
  public init(_ value: Scalar) { self.init(full: [], value) }

  /// A vector of the given elements.
  ///
  /// - Parameter scalars: The elements in row-major order.
  public init(_ scalars: [Scalar]) { self.init(scalars, shape: [scalars.count]) }

  /// The given elements in row-major order.
  ///
  /// Stops when their number is not the product of the shape.
  ///
  /// - Parameters:
  ///   - scalars: The elements in row-major order.
  ///   - shape: The extents of the axes.
  public init(_ scalars: [Scalar], shape: [Int], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let count = Layout.product(shape)
    check(
      scalars.count == count, "tensor",
      "\(scalars.count) elements for shape \(shape), which has \(count)")
    self.init(shape: shape) { out in
      scalars.withUnsafeBufferPointer { if count > 0 { out.update(from: $0.baseAddress!, count: count) } }
    }
  }

  /// Zeros of the shape of another tensor.
  ///
  /// - Parameter other: The tensor whose shape is taken.
  public init<Other: TensorScalar>(zerosLike other: Tensor<Other>) { self.init(zeros: other.shape) }

  /// Ones of the shape of another tensor.
  ///
  /// - Parameter other: The tensor whose shape is taken.
  public init<Other: TensorScalar>(onesLike other: Tensor<Other>) { self.init(ones: other.shape) }
}

extension Tensor where Scalar: NumericScalar {
  /// The identity matrix, or its first columns: ones on the diagonal, [rows, columns].
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns; as many as rows where it is not given.
  public init(eye rows: Int, columns: Int? = nil, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let columns = columns ?? rows
    check(rows >= 0 && columns >= 0, "eye", "[\(rows), \(columns)] has a negative extent")
    self.init(zeros: [rows, columns])
    let out = mutablePointer
    for i in 0..<Swift.min(rows, columns) { out[i * columns + i] = 1 }
  }

  /// The numbers start, start + step, … before `end`, never `end` itself: element i is start + i·step.
  ///
  /// Integers are counted exactly. Stops for a step of zero, and where the elements have no finite number.
  ///
  /// - Parameters:
  ///   - start: The first element.
  ///   - end: The bound, never an element itself.
  ///   - step: The step, of either sign.
  public init(
    rangeFrom start: Scalar = 0, to end: Scalar, by step: Scalar = 1, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(step != 0, "range", "step is 0, expected another number")
    if let first = start as? any IntegerScalar {
      func integers<Integer: IntegerScalar>(_ first: Integer) -> Tensor {
        Tensor<Integer>(integersFrom: first, to: end as! Integer, by: step as! Integer) as! Tensor
      }
      self = integers(first)
      return
    }
    let (a, b, s) = (start.number, end.number, step.number)
    let distance = b - a
    // The distance of two numbers may leave the range where the steps between them are few.
    let extent = (distance.isFinite ? distance / s : b / s - a / s).rounded(.up)
    // NaN is below nothing.
    check(extent < 0x1p62, "range", "from \(start) to \(end) by \(step) has no finite number of elements")
    func element(_ i: Int) -> Scalar {
      let way = Scalar(number: Double(i)) * step
      return way.number.isFinite ? start + way : Scalar(number: (a * 0.5 + Double(i) * (s * 0.5)) * 2)
    }
    // Rounding can put the last ones at the end.
    var (count, below) = (Int(Swift.max(0, extent)), 0)
    while below < count {
      let middle = below + (count - below) / 2
      if step > 0 ? element(middle) >= end : element(middle) <= end { count = middle } else { below = middle + 1 }
    }
    self.init(shape: [count]) { out in
      for i in 0..<count { out[i] = element(i) }
    }
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The integers of a range, a vector.
  ///
  /// - Parameter range: The integers.
  public init(_ range: Range<Scalar>) {
    self.init(integersFrom: range.lowerBound, to: range.upperBound, by: 1)
  }

  /// first, first + step, … before `end`, counted without rounding.
  fileprivate init(integersFrom first: Scalar, to end: Scalar, by step: Scalar) {
    let isEmpty = step > 0 ? first >= end : first <= end
    // What is left of 64 bits when it wraps is the distance.
    let distance =
      step > 0
      ? UInt(truncatingIfNeeded: end) &- UInt(truncatingIfNeeded: first)
      : UInt(truncatingIfNeeded: first) &- UInt(truncatingIfNeeded: end)
    let count = isEmpty ? 0 : (distance - 1) / UInt(step.magnitude) + 1
    check(count < 1 << 62, "range", "from \(first) to \(end) by \(step) has \(count) elements, too many")
    self.init(shape: [Int(count)]) { out in
      for i in 0..<Int(count) { out[i] = first &+ Scalar(truncatingIfNeeded: i) &* step }
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// `count` evenly spaced numbers from `start` to `end`, both included; symmetric about the middle.
  ///
  /// - Parameters:
  ///   - start: The first element.
  ///   - end: The last element.
  ///   - count: The number of elements, at least 0.
  public init(linspace start: Scalar, _ end: Scalar, count: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "linspace", "a count of \(count)")
    let step = count > 1 ? (end - start) / Scalar(count - 1) : 0
    self.init(shape: [count]) { out in
      if !step.isFinite {
        // The distance leaves the range: (1 − t)·start + t·end, where an end of weight 0 adds nothing.
        for i in 0..<count {
          let (left, right) = (Scalar(count - 1 - i) / Scalar(count - 1), Scalar(i) / Scalar(count - 1))
          out[i] = left == 0 ? end : right == 0 ? start : start * left + end * right
        }
        return
      }
      for i in 0..<count {
        out[i] = i < (count + 1) / 2 ? start + Scalar(i) * step : end - Scalar(count - 1 - i) * step
      }
    }
  }

  /// `count` numbers from baseˢᵗᵃʳᵗ to baseᵉⁿᵈ, both included, whose logarithms are evenly spaced.
  ///
  /// - Parameters:
  ///   - start: The exponent of the first element.
  ///   - end: The last element.
  ///   - count: The number of elements, at least 0.
  ///   - base: The base of the powers.
  public init(
    logspace start: Scalar, _ end: Scalar, count: Int, base: Scalar = 10, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "logspace", "a count of \(count)")
    self = TernTensor.pow(Double(base), Tensor<Double>(linspace: Double(start), Double(end), count: count)).cast(
      to: Scalar.self)
  }
}

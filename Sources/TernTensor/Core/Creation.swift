import TernBackend

extension Tensor {
  /// A tensor with every element equal to `value`.
  public init(full shape: [Int], _ value: Scalar) {
    self.init(uninitialized: shape)
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      Scalar.fill(range.count, out + range.lowerBound, 1, value)
    }
  }

  /// A tensor of zeros (false for Bool).
  public init(zeros shape: [Int]) { self.init(full: shape, .zero) }

  /// A tensor of ones (true for Bool).
  public init(ones shape: [Int]) { self.init(full: shape, .one) }

  /// A single value, of rank 0.
  public init(_ value: Scalar) { self.init(full: [], value) }

  /// A vector of the given elements.
  public init(_ scalars: [Scalar]) { self.init(scalars, shape: [scalars.count]) }

  /// The given elements in row-major order.
  ///
  /// Stops when their number is not the product of the shape.
  public init(_ scalars: [Scalar], shape: [Int]) {
    let count = Layout.product(shape)
    check(
      scalars.count == count, "tensor",
      "\(scalars.count) elements for shape \(shape), which has \(count)")
    self.init(shape: shape) { out in
      scalars.withUnsafeBufferPointer { if count > 0 { out.update(from: $0.baseAddress!, count: count) } }
    }
  }

  /// Zeros of the shape of another tensor.
  public init<Other: TensorScalar>(zerosLike other: Tensor<Other>) { self.init(zeros: other.shape) }

  /// Ones of the shape of another tensor.
  public init<Other: TensorScalar>(onesLike other: Tensor<Other>) { self.init(ones: other.shape) }
}

extension Tensor where Scalar: NumericScalar {
  /// The identity matrix, or its first columns: ones on the diagonal, [rows, columns].
  public init(eye rows: Int, columns: Int? = nil) {
    let columns = columns ?? rows
    check(rows >= 0 && columns >= 0, "eye", "[\(rows), \(columns)] has a negative extent")
    self.init(zeros: [rows, columns])
    let out = mutablePointer
    for i in 0..<Swift.min(rows, columns) { out[i * columns + i] = 1 }
  }

  /// The numbers start, start + step, … before `end`: element i is start + i·step.
  public init(rangeFrom start: Scalar = 0, to end: Scalar, by step: Scalar = 1) {
    check(step != 0, "range", "a step of zero")
    let (a, b, s) = (start.number, end.number, step.number)
    let count = Swift.max(0, ((b - a) / s).rounded(.up))
    check(count < 0x1p62, "range", "from \(start) to \(end) by \(step) has no finite number of elements")
    self.init(shape: [Int(count)]) { out in
      for i in 0..<Int(count) { out[i] = start + Scalar(number: Double(i)) * step }
    }
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The integers of a range, a vector.
  public init(_ range: Range<Scalar>) {
    self.init(shape: [range.count]) { out in
      for (i, value) in range.enumerated() { out[i] = value }
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// `count` evenly spaced numbers from `start` to `end`, both included; symmetric about the middle.
  public init(linspace start: Scalar, _ end: Scalar, count: Int) {
    check(count >= 0, "linspace", "a count of \(count)")
    let step = count > 1 ? (end - start) / Scalar(count - 1) : 0
    self.init(shape: [count]) { out in
      for i in 0..<count {
        out[i] = i < (count + 1) / 2 ? start + Scalar(i) * step : end - Scalar(count - 1 - i) * step
      }
    }
  }
}

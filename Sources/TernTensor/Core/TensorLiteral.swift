import TernBackend

/// A number, or a list of literals of one shape: what `[[1, 2], [3, 4]]` is before it becomes a tensor.
public struct TensorLiteral<Scalar: TensorScalar>: Sendable {
  fileprivate let shape: [Int]
  fileprivate let scalars: [Scalar]

  /// A single value, of rank 0.
  ///
  /// - Parameter value: The value.
  public init(_ value: Scalar) {
    shape = []
    scalars = [value]
  }

  /// Literals of one shape stacked along a new first axis; stops where shapes differ.
  fileprivate init(_ elements: [TensorLiteral]) {
    let first = elements.first?.shape ?? []
    for (index, element) in elements.enumerated() {
      check(
        element.shape == first, "literal",
        "element \(index) has shape \(element.shape), element 0 has \(first)")
    }
    shape = [elements.count] + first
    scalars = elements.flatMap(\.scalars)
  }
}

extension TensorLiteral: ExpressibleByArrayLiteral {
  /// Literals of one shape stacked along a new first axis; stops where shapes differ.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: TensorLiteral...) { self.init(elements) }
}

extension TensorLiteral: ExpressibleByIntegerLiteral where Scalar: ExpressibleByIntegerLiteral {
  /// A single value.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Scalar.IntegerLiteralType) { self.init(Scalar(integerLiteral: value)) }
}

extension TensorLiteral: ExpressibleByFloatLiteral where Scalar: ExpressibleByFloatLiteral {
  /// A single value.
  ///
  /// - Parameter value: The literal.
  public init(floatLiteral value: Scalar.FloatLiteralType) { self.init(Scalar(floatLiteral: value)) }
}

extension TensorLiteral: ExpressibleByBooleanLiteral where Scalar: ExpressibleByBooleanLiteral {
  /// A single value.
  ///
  /// - Parameter value: The literal.
  public init(booleanLiteral value: Scalar.BooleanLiteralType) { self.init(Scalar(booleanLiteral: value)) }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// The tensor a nested list spells out: `let t: Tensor<Float> = [[1, 2], [3, 4]]` has shape [2, 2].
  ///
  /// Stops where the parts of a list differ in shape.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: TensorLiteral<Scalar>...) { self.init(literal: TensorLiteral(elements)) }

  private init(literal: TensorLiteral<Scalar>) { self.init(literal.scalars, shape: literal.shape) }
}

extension Tensor {
  /// A matrix of the given rows: `Tensor<Float>([[a, b], [c, d]])`.
  ///
  /// Stops when the rows differ in length.
  ///
  /// - Parameter rows: The rows.
  public init<Row: Collection>(_ rows: [Row], file: StaticString = #fileID, line: UInt = #line)
  where Row.Element == Scalar {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(stacking: rows.map { Tensor(Array($0)) })
  }

  /// Matrices of one shape along a new first axis.
  ///
  /// Stops when they differ in shape.
  ///
  /// - Parameter matrices: The matrices, each as its rows.
  public init<Row: Collection>(_ matrices: [[Row]], file: StaticString = #fileID, line: UInt = #line)
  where Row.Element == Scalar {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(stacking: matrices.map { Tensor($0) })
  }

  /// Tensors of rank 3 of one shape along a new first axis.
  ///
  /// Stops when they differ in shape.
  ///
  /// - Parameter parts: The parts, each as its matrices.
  public init<Row: Collection>(_ parts: [[[Row]]], file: StaticString = #fileID, line: UInt = #line)
  where Row.Element == Scalar {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(stacking: parts.map { Tensor($0) })
  }

  private init(stacking parts: [Tensor]) {
    let first = parts.first?.shape ?? []
    for (index, part) in parts.enumerated() {
      check(part.shape == first, "tensor", "element \(index) has shape \(part.shape), element 0 has \(first)")
    }
    self.init(parts.flatMap(\.scalars), shape: [parts.count] + first)
  }
}

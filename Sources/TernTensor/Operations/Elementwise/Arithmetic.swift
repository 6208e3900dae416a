import TernBackend

// Sum, difference, product and quotient, element by element; operands broadcast.

extension Tensor where Scalar: NumericScalar {
  /// a + b, element by element; the shapes broadcast.
  @specialized(where Scalar == Float)
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    sum("add", .add, a, b)
  }

  /// a − b, element by element; the shapes broadcast.
  @specialized(where Scalar == Float)
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    sum("subtract", .sub, a, b)
  }

  /// a · b, element by element; the shapes broadcast.
  @specialized(where Scalar == Float)
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    combine(
      "multiply", .mul, a, b, firstNeeds: .second, secondNeeds: .first,
      { zeroProduct($0.gradient, $0.input(1)) }, { zeroProduct($0.gradient, $0.input(0)) })
  }

  /// −a, element by element.
  public static prefix func - (a: Tensor) -> Tensor {
    a.map(.neg).recorded("negate", from: a) { d in d.send(0) { -d.gradient } }
  }

  /// a + scale·b in one pass; the shapes broadcast.
  public func adding(
    _ other: Tensor, scaledBy scale: Scalar, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return .sum("adding", .add, self, other, scale: scale)
  }

  /// a − scale·b in one pass; the shapes broadcast.
  public func subtracting(
    _ other: Tensor, scaledBy scale: Scalar, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return .sum("subtracting", .sub, self, other, scale: scale)
  }

  /// a + b for every element of a.
  public static func + (a: Tensor, b: Scalar) -> Tensor {
    OperationArguments.note("add", ["scalar": .number(b.number)])
    return a.map(.addScalar, b).recorded("add", from: a) { d in d.send(0) { d.gradient } }
  }

  /// a + b for every element of b.
  public static func + (a: Scalar, b: Tensor) -> Tensor { b + a }

  /// a − b for every element of a.
  public static func - (a: Tensor, b: Scalar) -> Tensor {
    OperationArguments.note("subtract", ["scalar": .number(b.number)])
    return a.map(.addScalar, b.negated).recorded("subtract", from: a) { d in d.send(0) { d.gradient } }
  }

  /// a − b for every element of b.
  public static func - (a: Scalar, b: Tensor) -> Tensor {
    OperationArguments.note("subtract", ["scalar": .number(a.number), "isReversed": .flag(true)])
    return map("subtract", .sub, Tensor(a), b).recorded("subtract", from: b) { d in d.send(0) { -d.gradient } }
  }

  /// a · b for every element of a.
  public static func * (a: Tensor, b: Scalar) -> Tensor {
    OperationArguments.note("multiply", ["scalar": .number(b.number)])
    return a.map(.mulScalar, b).recorded("multiply", from: a) { d in
      d.send(0) { b != 0 && b - b == 0 ? d.gradient * b : zeroProduct(d.gradient, Tensor(b)) }
    }
  }

  /// a · b for every element of b.
  public static func * (a: Scalar, b: Tensor) -> Tensor { b * a }

  /// Adds b, which broadcasts to a, element by element.
  public static func += (a: inout Tensor, b: Tensor) { if !a.update(.add, b) { a = a + b } }
  /// Subtracts b, which broadcasts to a, element by element.
  public static func -= (a: inout Tensor, b: Tensor) { if !a.update(.sub, b) { a = a - b } }
  /// Multiplies by b, which broadcasts to a, element by element.
  public static func *= (a: inout Tensor, b: Tensor) { if !a.update(.mul, b) { a = a * b } }
  /// Adds a number to every element.
  public static func += (a: inout Tensor, b: Scalar) { if !a.update(.addScalar, b) { a = a + b } }
  /// Subtracts a number from every element.
  public static func -= (a: inout Tensor, b: Scalar) { if !a.update(.addScalar, b.negated) { a = a - b } }
  /// Multiplies every element by a number.
  public static func *= (a: inout Tensor, b: Scalar) { if !a.update(.mulScalar, b) { a = a * b } }

  /// a ± s·b, recorded.
  private static func sum(
    _ name: StaticString, _ kernel: BinaryKernel, _ a: Tensor, _ b: Tensor, scale: Scalar = 1
  ) -> Tensor {
    if scale != 1 { OperationArguments.note(name, ["scale": .number(scale.number)]) }
    if let count = a.body.memory.smallCount(like: b.body.memory, atMost: StridedLoop.grain) {
      // What is left when an operation is small is its overhead.
      var result = Tensor(body: TensorBody(uninitializedLike: a.body.memory))
      Scalar.binary(kernel, count, result.mutablePointer, 1, a.pointer, 1, b.pointer, 1, scale)
      if a.body.node != nil || b.body.node != nil, Recording.isOn {
        result.body.node = SumNode(a.body.node, b.body.node, scale: kernel == .add ? scale : 0 - scale)
      }
      if OperationObservers.isListening { OperationObservers.ended(name, from: [a.body, b.body], result.body) }
      return result
    }
    var result = map("\(name)", kernel, a, b, scale)
    if a.node != nil || b.node != nil, Recording.isOn {
      result.body.node = SumNode(result.layout, a, b, scale: kernel == .add ? scale : 0 - scale)
    }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [a.body, b.body], result.body) }
    return result
  }

  /// A recorded operation of two operands that broadcast.
  ///
  /// - Parameters:
  ///   - firstNeeds: what the first operand's derivative reads; `secondNeeds` likewise.
  ///   - first: dL/da before it is summed to the shape of a; `second` likewise.
  @specialized(where Scalar == Float)
  package static func combine(
    _ name: StaticString, _ kernel: BinaryKernel, _ a: Tensor, _ b: Tensor, alpha: Scalar = 1,
    firstNeeds: Saving = [], secondNeeds: Saving = [],
    _ first: @escaping @Sendable (PairDerivation<Scalar>) -> Tensor,
    _ second: @escaping @Sendable (PairDerivation<Scalar>) -> Tensor
  ) -> Tensor {
    map("\(name)", kernel, a, b, alpha).recordedPair(
      name, a, b, firstNeeds: firstNeeds, secondNeeds: secondNeeds, first, second)
  }

  /// Sums over whatever broadcasting repeated, so that the result has `shape`.
  package func summed(to shape: [Int]) -> Tensor {
    self.shape == shape ? self : Tensor(body: sumGradient(body, to: shape))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// a / b, element by element; the shapes broadcast.
  @specialized(where Scalar == Float)
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    combine(
      "divide", .div, a, b, firstNeeds: .second, secondNeeds: [.first, .second],
      { zeroQuotient($0.gradient, $0.input(1)) },
      { d in
        let b = d.input(1)
        return -zeroQuotient(zeroProduct(d.gradient, d.input(0) / b), b)
      })
  }

  /// a / b for every element of a.
  public static func / (a: Tensor, b: Scalar) -> Tensor {
    OperationArguments.note("divide", ["scalar": .number(b.number)])
    return map("divide", .div, a, Tensor(b)).recorded("divide", from: a) { d in
      d.send(0) { zeroQuotient(d.gradient, Tensor(b)) }
    }
  }

  /// a / b for every element of b.
  public static func / (a: Scalar, b: Tensor) -> Tensor { Tensor(a) / b }

  /// Divides by b, which broadcasts to a, element by element.
  public static func /= (a: inout Tensor, b: Tensor) { if !a.update(.div, b) { a = a / b } }
  /// Divides every element by a number.
  public static func /= (a: inout Tensor, b: Scalar) { if !a.update(.div, Tensor(b)) { a = a / b } }
}

import TernBackend

// Sum, difference, product and quotient, element by element; operands broadcast.

extension Tensor where Scalar: NumericScalar {
  /// a + b, element by element; the shapes broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    combine("add", .add, a, b, { $0.gradient }, { $0.gradient })
  }

  /// a − b, element by element; the shapes broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    combine("subtract", .sub, a, b, { $0.gradient }, { -$0.gradient })
  }

  /// a · b, element by element; the shapes broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    combine(
      "multiply", .mul, a, b, firstNeeds: .second, secondNeeds: .first,
      { $0.gradient * $0.input(1) }, { $0.gradient * $0.input(0) })
  }

  /// −a, element by element.
  public static prefix func - (a: Tensor) -> Tensor {
    a.map(.neg).recorded("negate", from: a) { d in d.send(0) { -d.gradient } }
  }

  /// a + scale·b in one pass; the shapes broadcast.
  public func adding(_ other: Tensor, scaledBy scale: Scalar) -> Tensor {
    .combine("adding", .add, self, other, alpha: scale, { $0.gradient }, { $0.gradient * scale })
  }

  /// a − scale·b in one pass; the shapes broadcast.
  public func subtracting(_ other: Tensor, scaledBy scale: Scalar) -> Tensor {
    .combine("subtracting", .sub, self, other, alpha: scale, { $0.gradient }, { -($0.gradient * scale) })
  }

  /// a + b for every element of a.
  public static func + (a: Tensor, b: Scalar) -> Tensor {
    a.map(.addScalar, b).recorded("add", from: a) { d in d.send(0) { d.gradient } }
  }

  /// a + b for every element of b.
  public static func + (a: Scalar, b: Tensor) -> Tensor { b + a }

  /// a − b for every element of a.
  public static func - (a: Tensor, b: Scalar) -> Tensor {
    a.map(.addScalar, 0 - b).recorded("subtract", from: a) { d in d.send(0) { d.gradient } }
  }

  /// a − b for every element of b.
  public static func - (a: Scalar, b: Tensor) -> Tensor {
    map("subtract", .sub, Tensor(a), b).recorded("subtract", from: b) { d in d.send(0) { -d.gradient } }
  }

  /// a · b for every element of a.
  public static func * (a: Tensor, b: Scalar) -> Tensor {
    a.map(.mulScalar, b).recorded("multiply", from: a) { d in d.send(0) { d.gradient * b } }
  }

  /// a · b for every element of b.
  public static func * (a: Scalar, b: Tensor) -> Tensor { b * a }

  /// Adds b, which broadcasts to a, element by element.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// Subtracts b, which broadcasts to a, element by element.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// Multiplies by b, which broadcasts to a, element by element.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// Adds a number to every element.
  public static func += (a: inout Tensor, b: Scalar) { a = a + b }
  /// Subtracts a number from every element.
  public static func -= (a: inout Tensor, b: Scalar) { a = a - b }
  /// Multiplies every element by a number.
  public static func *= (a: inout Tensor, b: Scalar) { a = a * b }

  /// A recorded operation of two operands that broadcast.
  ///
  /// - Parameters:
  ///   - firstNeeds: what the first operand's derivative reads; `secondNeeds` likewise.
  ///   - first: dL/da before it is summed to the shape of a; `second` likewise.
  package static func combine(
    _ name: StaticString, _ kernel: BinaryKernel, _ a: Tensor, _ b: Tensor, alpha: Scalar = 1,
    firstNeeds: Saving = [], secondNeeds: Saving = [],
    _ first: @escaping @Sendable (Derivation<Scalar>) -> Tensor,
    _ second: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    map("\(name)", kernel, a, b, alpha).recordedPair(
      name, a, b, firstNeeds: firstNeeds, secondNeeds: secondNeeds, first, second)
  }

  /// Records a result of two operands that broadcast to it.
  package func recordedPair(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, firstNeeds: Saving = [], secondNeeds: Saving = [],
    _ first: @escaping @Sendable (Derivation<Scalar>) -> Tensor,
    _ second: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    guard a.node != nil || b.node != nil, Recording.isOn else { return self }
    let saving = (a.node == nil ? [] : firstNeeds).union(b.node == nil ? [] : secondNeeds)
    return recorded(name, from: a, b, saving: saving) { [aShape = a.shape, bShape = b.shape] d in
      d.send(0) { first(d).summed(to: aShape) }
      d.send(1) { second(d).summed(to: bShape) }
    }
  }

  /// Sums over whatever broadcasting repeated, so that the result has `shape`.
  package func summed(to shape: [Int]) -> Tensor {
    self.shape == shape ? self : Tensor(body: sumGradient(body, to: shape))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// a / b, element by element; the shapes broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    combine(
      "divide", .div, a, b, firstNeeds: .second, secondNeeds: [.first, .second],
      { $0.gradient / $0.input(1) },
      { d in
        let b = d.input(1)
        return -(d.gradient * (d.input(0) / b) / b)
      })
  }

  /// a / b for every element of a.
  public static func / (a: Tensor, b: Scalar) -> Tensor {
    map("divide", .div, a, Tensor(b)).recorded("divide", from: a) { d in d.send(0) { d.gradient / b } }
  }

  /// a / b for every element of b.
  public static func / (a: Scalar, b: Tensor) -> Tensor { Tensor(a) / b }

  /// Divides by b, which broadcasts to a, element by element.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
  /// Divides every element by a number.
  public static func /= (a: inout Tensor, b: Scalar) { a = a / b }
}

import TernBackend
import TernTensor

extension NodeCall {
  /// Products of matrices.
  static let products: [String: GraphOperator] = [
    "MatMul": { [try $0.matrixProduct($0.numeric)] },
    "Gemm": { [try $0.gemm($0.numeric)] },
    "Einsum": { try $0.floating($0.einstein, $0.einstein) },
    "Det": { try $0.floating($0.determinant, $0.determinant) },
  ]

  private func determinant<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    try require(
      x.rank >= 2 && x.shape[x.rank - 1] == x.shape[x.rank - 2] && !x.isEmpty, "matrices of shape \(x.shape)")
    return ONNXTensor(x.determinant())
  }

  private func matrixProduct<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (a, b): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    return ONNXTensor(try product(a, b))
  }

  /// a · b, after checks of their shapes.
  func product<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) throws -> Tensor<Scalar> {
    try require(a.rank > 0 && b.rank > 0, "a product of shapes \(a.shape) and \(b.shape)")
    let inner = b.shape[Swift.max(b.rank - 2, 0)]
    try require(a.shape[a.rank - 1] == inner, "a product of shapes \(a.shape) and \(b.shape)")
    let batch = try broadcast(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    try allow(batch + [a.rank > 1 ? a.shape[a.rank - 2] : 1, b.rank > 1 ? b.shape[b.rank - 1] : 1])
    return matmul(a, b)
  }

  /// alpha · op(a) · op(b) + beta · c
  private func gemm<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (a, b): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    let c: Tensor<Scalar>? = try optional(2)
    try require(a.rank == 2 && b.rank == 2, "a product of shapes \(a.shape) and \(b.shape)")
    let (transposesA, transposesB) = (try flag("transA"), try flag("transB"))
    let (alpha, beta) = (try float("alpha", 1), try float("beta", 1))
    let (rows, inner) = transposesA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (other, columns) = transposesB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    try require(inner == other, "a product of \(rows)×\(inner) and \(other)×\(columns)")
    try allow([rows, columns])
    if let c {
      try require(
        c.rank <= 2 && (try broadcast(c.shape, [rows, columns])) == [rows, columns],
        "adds \(c.shape) to \([rows, columns])")
    }
    let left = transposesA ? a.transposed() : a
    if alpha == 1, beta == 1, let c, c.shape == [columns], Scalar.self is any FloatingScalar.Type {
      switch Scalar.dtype {
      case .float32: return ONNXTensor(linearProduct(Tensor<Float>(body: left.body), b.body, c.body, transposesB))
      case .float64: return ONNXTensor(linearProduct(Tensor<Double>(body: left.body), b.body, c.body, transposesB))
      default: break
      }
    }
    var result = matmul(left, transposesB ? b.transposed() : b)
    if alpha != 1 { result = result * Scalar(number: alpha) }
    if let c { result = result + (beta == 1 ? c : c * Scalar(number: beta)) }
    return ONNXTensor(result)
  }

  private func linearProduct<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: TensorBody, _ bias: TensorBody, _ isTransposed: Bool
  ) -> Tensor<Scalar> {
    let weight = Tensor<Scalar>(body: weight)
    return linear(x, isTransposed ? weight : weight.transposed(), bias: Tensor<Scalar>(body: bias))
  }

  private func einstein<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let operands: [Tensor<Scalar>] = try tensors()
    let equation = String(try text("equation", "").filter { $0 != " " })
    try checkEquation(equation, operands.map(\.shape))
    return ONNXTensor(einsum(equation, operands))
  }

  /// Throws where an equation of Einstein's summation does not go with the shapes.
  private func checkEquation(_ equation: String, _ shapes: [[Int]]) throws {
    let sides = equation.components(separatedByText: "->")
    let parts = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    try require(
      sides.count <= 2 && parts.count == shapes.count, "the equation \"\(equation)\" for \(shapes.count) tensors")
    var extents: [Character: Int] = [:]
    var wide: [Int] = []
    func letters(_ text: String) throws -> (before: [Character], after: [Character], hasEllipsis: Bool) {
      let halves = text.components(separatedByText: "...")
      let all = halves.map { Array($0) }
      try require(
        all.count <= 2 && all.joined().allSatisfy { $0.isASCII && $0.isLetter }, "the equation \"\(equation)\"")
      return (all[0], all.count == 2 ? all[1] : [], all.count == 2)
    }
    for (part, shape) in zip(parts, shapes) {
      let (before, after, hasEllipsis) = try letters(part)
      let named = before.count + after.count
      try require(hasEllipsis ? named <= shape.count : named == shape.count, "\"\(part)\" for shape \(shape)")
      var own: [Character: Int] = [:]
      let tail = Array(shape.suffix(after.count))
      for (letter, extent) in zip(before + after, Array(shape.prefix(before.count)) + tail) {
        try require(own[letter] == nil || own[letter] == extent, "\"\(part)\" for shape \(shape)")
        own[letter] = extent
        let known = extents[letter] ?? 1
        try require(known == extent || known == 1 || extent == 1, "\(letter) has the extents \(known) and \(extent)")
        extents[letter] = known == 1 ? extent : known
      }
      if hasEllipsis { wide = try broadcast(wide, Array(shape[before.count..<shape.count - after.count])) }
    }
    if sides.count == 2 {
      let (before, after, hasEllipsis) = try letters(sides[1])
      let result = before + after
      try require(
        Set(result).count == result.count && result.allSatisfy { extents[$0] != nil } && (hasEllipsis || wide.isEmpty),
        "the equation \"\(equation)\"")
      try allow(result.map { extents[$0] ?? 1 } + wide)
    } else {
      try allow(extents.keys.sorted().map { extents[$0] ?? 1 } + wide)
    }
    // Products in between have at most all labels.
    var work = wide.reduce(1) { Swift.min($0.multipliedReportingOverflow(by: $1).partialValue, 1 << 40) }
    for extent in extents.values { work = Swift.min(work, 1 << 40) * Swift.min(Swift.max(extent, 1), 1 << 20) }
    try require(shapes.count <= 2 || work <= run.limit, "the products of \"\(equation)\" are too large")
  }
}

extension String {
  /// The parts between occurrences of a text.
  func components(separatedByText text: String) -> [String] {
    var parts: [String] = [""]
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) {
        parts.append("")
        rest = rest.dropFirst(text.count)
      } else {
        parts[parts.count - 1].append(rest.removeFirst())
      }
    }
    return parts
  }
}

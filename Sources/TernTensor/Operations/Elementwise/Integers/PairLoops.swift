import TernBackend

// Functions of pairs of values that are written in Swift.

extension Tensor {
  /// f of all pairs of elements; the shapes broadcast.
  @inline(__always)
  static func mapPairs<Result: TensorScalar>(
    _ a: Tensor, _ b: Tensor, to: Result.Type, _ name: String, _ f: (Scalar, Scalar) -> Result
  ) -> Tensor<Result> {
    mapRows(a, b, to: Result.self, name) { rows, n, steps, out, so, x, sx, y, sy, _ in
      for row in 0..<rows {
        let (target, first, second) = (out + row * steps.out, x + row * steps.a, y + row * steps.b)
        if so == 1 && sx == 1 && sy == 1 {
          for i in 0..<n { target[i] = f(first[i], second[i]) }
        } else if so == 1 && sx == 1 && sy == 0 {
          let value = second[0]
          for i in 0..<n { target[i] = f(first[i], value) }
        } else if so == 1 && sx == 0 && sy == 1 {
          let value = first[0]
          for i in 0..<n { target[i] = f(value, second[i]) }
        } else {
          for i in 0..<n { target[i * so] = f(first[i * sx], second[i * sy]) }
        }
      }
    }
  }

  /// f of every element.
  @inline(__always)
  func mapElements<Result: TensorScalar>(to: Result.Type, _ f: (Scalar) -> Result) -> Tensor<Result> {
    mapRows(to: Result.self) { n, out, so, x, sx, _ in
      if so == 1 && sx == 1 {
        for i in 0..<n { out[i] = f(x[i]) }
      } else {
        for i in 0..<n { out[i * so] = f(x[i * sx]) }
      }
    }
  }
}

import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// eˣ/Σeˣ along an axis: numbers that sum to one; computed from x − max x, so that nothing overflows.
  ///
  /// Gradient: y·(g − Σ g·y) with g = dL/dy. A slice of nothing but −∞ gives NaN.
  public func softmax(along axis: Int = -1) -> Tensor {
    let at = axisOfRows(axis, "softmax")
    return rows(at, Scalar.softmax).recorded("softmax", from: self, saving: .output) { d in
      d.send(0) {
        let weighted = d.gradient * d.output
        return weighted - d.output * weighted.sum(along: d.output.rank == 0 ? [] : [at], keepingAxes: true)
      }
    }
  }

  /// log softmax: x − log Σeˣ along an axis, without leaving the range of the numbers.
  ///
  /// Gradient: g − eʸ·Σg with g = dL/dy.
  public func logSoftmax(along axis: Int = -1) -> Tensor {
    let at = axisOfRows(axis, "logSoftmax")
    return rows(at, Scalar.logSoftmax).recorded("logSoftmax", from: self, saving: .output) { d in
      d.send(0) {
        d.gradient - d.output.exp() * d.gradient.sum(along: d.output.rank == 0 ? [] : [at], keepingAxes: true)
      }
    }
  }

  private func axisOfRows(_ axis: Int, _ operation: String) -> Int {
    // PyTorch takes a single value as a vector of one.
    rank == 0
      ? (axis == 0 || axis == -1 ? 0 : resolve(axis: axis, rank: 0, operation))
      : resolve(axis: axis, rank: rank, operation)
  }

  /// Applies a kernel to [outer, n, inner] around an axis, in pieces of the outer extent.
  private func rows(
    _ axis: Int, _ kernel: @escaping (Int, Int, Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>) -> Void
  ) -> Tensor {
    let source = detached().contiguous
    let result = Tensor(uninitialized: shape)
    if isEmpty { return result }
    let n = rank == 0 ? 1 : shape[axis]
    let inner = rank == 0 ? 1 : shape[(axis + 1)...].reduce(1, *)
    let outer = count / (n * inner)
    let (out, x) = (result.mutablePointer, source.pointer)
    Workers.run(count: outer, grain: Swift.max(1, StridedLoop.grain / (n * inner))) { range in
      let at = range.lowerBound * n * inner
      kernel(range.count, n, inner, out + at, x + at)
    }
    return result
  }
}

import TernBackend

/// ‖a − b‖ₚ over all elements; the shapes broadcast.
///
/// - Parameter p: the order of the norm, see ``Tensor/norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
public func distance<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, p: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return (a - b).norm(p)
}

extension Tensor where Scalar: FloatingScalar {
  /// The distances ‖xᵢ − xⱼ‖ₚ of all pairs i < j of the rows of [n, features], in order of i, then j: [n·(n − 1)/2].
  ///
  /// Gradients are those of the norm, 0 where rows coincide.
  /// - Parameter p: the order of the norm, at least 0.
  public func pairDistances(p: Double = 2, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 2, "pairDistances", "rows of a matrix expected: \(shape)")
    check(p >= 0, "pairDistances", "an order of \(p)")
    let n = shape[0]
    if n < 2 { return Tensor(zeros: [0]) }
    guard let order = distanceOrder(p), shape[1] > 0 else { return pairsOfAll(p) }
    MemoryPool.require(
      count: Sizes.saturated(n, times: n - 1) / 2, of: MemoryLayout<Scalar>.stride, "pairDistances",
      "the distances of all pairs of \(shape)")
    return detached().contiguous.distancesOfPairs(order)
      .recorded("pairDistances", from: self, saving: [.first, .output]) { d in
        let x = d.input(0)
        if !d.createGraph, let gradient = pairGradient(x.contiguous, d.output, d.gradient, order: order) {
          return d.send(0) { gradient }
        }
        sendComposedGradients(d) { $0[0].pairsOfAll(p) }
      }
  }

  /// The distances as a composition: those of all pairs, of which some are taken.
  private func pairsOfAll(_ p: Double) -> Tensor {
    let n = shape[0]
    let places = (0..<(n - 1)).flatMap { i in (i + 1..<n).map { i * n + $0 } }
    return allDistances(self, self, p: p).reshaped([n * n]).taking(Tensor<Int>(places))
  }

  /// The distances of order 1, 2 or, for 0, ∞ of contiguous rows, some of them at a time to all behind the first of them.
  private func distancesOfPairs(_ order: Int32) -> Tensor {
    let (n, features, block) = (shape[0], shape[1], 32)
    let result = Tensor(uninitialized: [n * (n - 1) / 2])
    let (out, x) = (result.mutablePointer, pointer)
    Workers.run(count: (n + block - 2) / block, grain: Swift.max(1, 0x8000 / (block * n * features))) { chunks in
      for chunk in chunks {
        let first = chunk * block
        let (rows, others) = (Swift.min(block, n - 1 - first), n - 1 - first)
        withScratch(rows * others, of: Scalar.self) { square in
          Scalar.distances(
            order: order, rows, others, features: features, square, x + first * features, x + (first + 1) * features)
          for row in 0..<rows {
            let i = first + row
            Scalar.copy(others - row, out + pairStart(i, n), 1, UnsafePointer(square + row * others + row), 1)
          }
        }
      }
    }
    return result
  }

  /// Every slice along an axis scaled down to a p-norm of at most `maximum`: x · maximum / (‖x‖ₚ + 1e-7) where it is above.
  ///
  /// - Parameters:
  ///   - p: the order of the norm, above 0.
  ///   - axis: whose slices have their norms limited.
  ///   - maximum: at least 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func renormalized(
    p: Double = 2, along axis: Int, maximum: Scalar, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank > 1, "renormalized", "\(shape) has no slices with elements of their own")
    check(p > 0, "renormalized", "an order of \(p)")
    check(maximum >= 0, "renormalized", "a norm of at most \(maximum)")
    let axis = resolve(axis: axis, rank: rank, "renormalized")
    let norms = norm(p, along: (0..<rank).filter { $0 != axis }, keepingAxes: true)
    if norms.node == nil || !Recording.isOn {
      let own = norms.detached().contiguous
      return self
        * Tensor(shape: own.shape) { scale in
          let norms = own.pointer
          for i in 0..<own.count { scale[i] = norms[i] > maximum ? maximum / (norms[i] + 1e-7) : 1 }
        }
    }
    let isAbove = norms.detached() .> maximum
    let scale = select(isAbove, maximum / (select(isAbove, norms, 1) + 1e-7), 1)
    return self * scale
  }
}

/// Where the pairs whose first row is i begin.
private func pairStart(_ i: Int, _ n: Int) -> Int { i * (2 * n - i - 1) / 2 }

/// dL/dx of the distances y of all pairs of contiguous rows: that of all distances, the weights of a pair counting for both
/// of its rows; `nil` where weights leave the range.
private func pairGradient<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ gradient: Tensor<Scalar>, order: Int32
) -> Tensor<Scalar>? {
  guard let weights = distanceWeights(gradient, y, order: order) else { return nil }
  let square = pairSquare(weights, x.shape[0])
  return distanceGradient(x, x, square, order == 0 ? pairSquare(y.contiguous, x.shape[0]) : square, order: order)
}

/// What belongs to pairs i < j at both their places of [n, n], 0 on the diagonal.
private func pairSquare<Scalar: FloatingScalar>(_ pairs: Tensor<Scalar>, _ n: Int) -> Tensor<Scalar> {
  let square = Tensor<Scalar>(uninitialized: [n, n])
  let (out, w) = (square.mutablePointer, pairs.pointer)
  Scalar.fill(n, out, n + 1, 0)
  Workers.run(count: n - 1, grain: Swift.max(1, StridedLoop.grain / n)) { rows in
    for i in rows {
      let (count, part) = (n - 1 - i, w + pairStart(i, n))
      Scalar.copy(count, out + i * (n + 1) + 1, 1, part, 1)
      Scalar.copy(count, out + i * (n + 1) + n, n, part, 1)
    }
  }
  return withExtendedLifetime(pairs) { square }
}

import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// Categories drawn by weight: each index with a probability in proportion to its element.
  ///
  /// Without replacement indices come in the order of drawing: each is drawn by weight from those that are left
  /// (Efraimidis and Spirakis 2006: the greatest wᵢ/eᵢ of exponential numbers e).
  ///
  /// - Parameters:
  ///   - count: the categories drawn from every row, at least 1; without replacement at most as many as have a weight.
  ///   - replacing: whether a category may come again.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  /// - Returns: [count] of weights [n], [m, count] of weights [m, n].
  ///
  /// Weights need not sum to 1. Stops where one is negative, infinite or NaN, and where those of a row are all 0.
  public func multinomial(
    _ count: Int, replacing: Bool = false, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let operation = "multinomial"
    check(rank == 1 || rank == 2, operation, "weights \(shape) are not [n] or [m, n]")
    let (rows, n) = (rank == 2 ? shape[0] : 1, shape[rank - 1])
    check(n > 0, operation, "weights \(shape) have no categories")
    check(count > 0, operation, "count is \(count), expected at least 1")
    check(replacing || count <= n, operation, "\(count) of \(n) categories without replacement")
    let total = Sizes.product([rows, count], operation, "the result")
    MemoryPool.require(count: total, of: 16, operation, "\(total) draws")
    let table = CategoryTable(withoutGradients { self.detached() }, rows: rows, categories: n, operation)
    let result = replacing ? table.replacing(count, generator) : table.distinct(count, generator, operation)
    return rank == 2 ? result : result.reshaped([count])
  }
}

/// The weights of rows of categories, as Doubles.
struct CategoryTable {
  let rows: Int
  let categories: Int
  private let weights: Tensor<Double>

  /// Stops where a weight is negative, infinite or NaN, and where those of a row are all 0.
  init<Scalar: FloatingScalar>(
    _ weights: Tensor<Scalar>, rows: Int, categories: Int, _ operation: String
  ) {
    let values = weights.cast(to: Double.self).contiguous
    (self.rows, self.categories, self.weights) = (rows, categories, values)
    let x = values.pointer
    for row in 0..<rows {
      let at = x + row * categories
      var (wrong, greatest) = (0, 0.0)
      for i in 0..<categories {
        wrong |= at[i] >= 0 && at[i] < .infinity ? 0 : 1
        greatest = at[i] > greatest ? at[i] : greatest
      }
      if wrong != 0, let i = (0..<categories).first(where: { !(at[$0] >= 0 && at[$0] < .infinity) }) {
        fail(operation, "a weight is \(at[i]), expected a finite number, at least 0")
      }
      check(greatest > 0, operation, rows > 1 ? "the weights of row \(row) are all 0" : "the weights are all 0")
    }
  }

  /// [rows, count]: categories that may come again, by inverting the distribution function.
  func replacing(_ count: Int, _ generator: RandomGenerator?) -> Tensor<Int> {
    let state = (generator ?? Random.generator).claim()
    let (sums, n) = (Tensor<Double>(uninitialized: [rows, categories]), categories)
    let (sum, x) = (sums.mutablePointer, weights.pointer)
    Workers.run(count: rows, grain: Swift.max(1, StridedLoop.grain / n)) { range in
      for row in range {
        // Of the greatest weight 1, so that sums stay in the range.
        let at = x + row * n
        var (greatest, running) = (at[0], 0.0)
        for i in 0..<n { greatest = Swift.max(greatest, at[i]) }
        for i in 0..<n {
          running += at[i] / greatest
          sum[row * n + i] = running
        }
      }
    }
    let result = Tensor<Int>(uninitialized: [rows, count])
    let out = result.mutablePointer
    withExtendedLifetime((sums, weights)) {
      ElementWords.run(count: rows * count, state: state, blocks: 1) { words, i in
        let at = sum + i / count * n
        let wanted = words.uniform() * at[n - 1]
        // The first whose sum is above; an entry of weight 0 never is. Rounding may reach the total.
        var (low, high) = (0, n - 1)
        while low < high {
          let middle = (low + high) / 2
          if at[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        while low > 0 && at[low - 1] == at[low] { low -= 1 }
        out[i] = low
      }
    }
    OperationObservers.looped("random", result.body)
    return result
  }

  /// [rows, count]: categories that come once at most.
  func distinct(_ count: Int, _ generator: RandomGenerator?, _ operation: String) -> Tensor<Int> {
    let x = weights.pointer
    if count > 1 {
      for row in 0..<rows {
        var weighted = 0
        for i in 0..<categories { weighted += x[row * categories + i] > 0 ? 1 : 0 }
        check(
          weighted >= count, operation,
          "\(count) categories without replacement where \(weighted) have a weight above 0")
      }
    }
    let keys = withExtendedLifetime(weights) {
      // An entry of weight 0 comes after all that have one, however small.
      Tensor<Double>(drawn: [rows, categories], generator) { words, i in
        let exponential = PortableMath.log(-PortableMath.log(words.uniform()))
        return x[i] > 0 ? PortableMath.log(Swift.max(x[i], .leastNormalMagnitude)) - exponential : -.infinity
      }
    }
    if count == 1 { return keys.argmax(along: 1, keepingAxes: true) }
    return keys.topK(count, along: 1).indices.contiguous
  }
}

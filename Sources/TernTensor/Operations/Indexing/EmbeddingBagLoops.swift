import TernBackend

// The loops over bags.
extension Bags {
  /// Sums or means of some bags.
  func sum<Scalar: FloatingScalar>(
    _ bags: Range<Int>, _ features: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>,
    _ samples: [Scalar]?, isMean: Bool
  ) {
    starts.withUnsafeBufferPointer { starts in
      func run(_ factors: UnsafePointer<Scalar>?) {
        func sum(_ places: UnsafePointer<Int>?) {
          Scalar.bagSums(
            bags.count, starts: starts.baseAddress! + bags.lowerBound, entries: entries.pointer, places: places,
            factors: factors, isMean: isMean, features: features, out + bags.lowerBound * features, x)
        }
        if let places { places.withUnsafeBufferPointer { sum($0.baseAddress) } } else { sum(nil) }
      }
      if let samples { samples.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
    }
  }

  /// Adds some columns of the bags' gradients, times the entries' factors, to the entries' rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func spread<Scalar: FloatingScalar>(
    _ features: Int, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ factors: [Scalar]?
  ) {
    let entries = entries.pointer
    for bag in 0..<count {
      let source = g + bag * features
      for k in starts[bag]..<starts[bag + 1] {
        let target = out + entries[k] * features
        if let factors {
          let factor = factors[k]
          if factor == 0 { continue }
          for j in columns { target[j] += factor * source[j] }
        } else {
          for j in columns { target[j] += source[j] }
        }
      }
    }
  }

  /// Adds some columns of the gradients of maxima to the elements they were taken from.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func give<Scalar: FloatingScalar>(
    _ features: Int, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ rows: UnsafePointer<Int>
  ) {
    for bag in 0..<count {
      let first = bag * features
      for j in columns where rows[first + j] >= 0 { out[rows[first + j] * features + j] += g[first + j] }
    }
  }

  /// The scalar products of the gradients of some bags and their entries' rows, at the entries' places.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func dots<Scalar: FloatingScalar>(
    _ bags: Range<Int>, _ features: Int, _ out: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ x: UnsafePointer<Scalar>
  ) {
    let entries = entries.pointer
    for bag in bags {
      let source = g + bag * features
      for k in starts[bag]..<starts[bag + 1] {
        out[place(k)] = Scalar.dot(features, source, 1, x + entries[k] * features, 1)
      }
    }
  }

  /// Maxima of some bags, and the rows they come from; −1 in empty bags.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func maximum<Scalar: FloatingScalar>(
    _ bags: Range<Int>, _ features: Int, _ out: UnsafeMutablePointer<Scalar>, _ rows: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Scalar>
  ) {
    let entries = entries.pointer
    for bag in bags {
      let (target, chosen) = (out + bag * features, rows + bag * features)
      for j in 0..<features { chosen[j] = -1 }
      for k in starts[bag]..<starts[bag + 1] {
        let (index, row) = (entries[k], x + entries[k] * features)
        let isFirst = k == starts[bag]
        for j in 0..<features {
          let (value, most) = (row[j], target[j])
          let isLarger = isFirst || value > most || value.isNaN && !most.isNaN
          target[j] = isLarger ? value : most
          chosen[j] = isLarger ? index : chosen[j]
        }
      }
    }
  }

  /// Bags per chunk.
  func grain(_ features: Int) -> Int {
    let average = Double(entries.count) / Double(Swift.max(count, 1)) * Double(features)
    return Swift.max(1, Int(Double(StridedLoop.grain) / Swift.max(average, 1)))
  }
}

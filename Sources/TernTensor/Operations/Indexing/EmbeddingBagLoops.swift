import TernBackend

// The loops over bags.
extension Bags {
  /// Sums or means of some bags, added to zeros.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func sum<Scalar: FloatingScalar>(
    _ bags: Range<Int>, _ features: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>,
    _ samples: [Scalar]?, isMean: Bool
  ) {
    let (target, source) = (UnsafeMutableRawPointer(out), UnsafeRawPointer(x))
    switch Scalar.dtype {
    case .float64: sumRows(bags, features, target, source, samples?.map { Double($0) }, isMean, of: Double.self)
    default: sumRows(bags, features, target, source, samples?.map { Float($0) }, isMean, of: Float.self)
    }
  }

  /// The same, 32 columns at a time, whose sums stay in registers.
  @inline(__always)
  private func sumRows<T: SIMDScalar & BinaryFloatingPoint>(
    _ bags: Range<Int>, _ features: Int, _ out: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, _ samples: [T]?,
    _ isMean: Bool, of: T.Type
  ) {
    let size = MemoryLayout<T>.stride
    for bag in bags {
      let (first, end) = (starts[bag], starts[bag + 1])
      let count = isMean ? T(Swift.max(1, end - first)) : 1
      var column = 0
      while column + 32 <= features {
        var (low, high) = (SIMD16<T>(repeating: 0), SIMD16<T>(repeating: 0))
        for k in first..<end {
          let row = x + (entries[k] * features + column) * size
          let a = row.loadUnaligned(as: SIMD16<T>.self)
          let b = (row + 16 * size).loadUnaligned(as: SIMD16<T>.self)
          if let samples {
            let factor = samples[places[k]]
            // What has no weight must not matter, infinities and NaN included.
            if factor != 0 { (low, high) = (low + factor * a, high + factor * b) }
          } else {
            (low, high) = (low + a, high + b)
          }
        }
        if count > 1 { (low, high) = (low / count, high / count) }
        let target = out + (bag * features + column) * size
        target.storeBytes(of: low, as: SIMD16<T>.self)
        (target + 16 * size).storeBytes(of: high, as: SIMD16<T>.self)
        column += 32
      }
      let target = (out + bag * features * size).assumingMemoryBound(to: T.self)
      for j in column..<features {
        var sum: T = 0
        for k in first..<end {
          let value = (x + entries[k] * features * size).assumingMemoryBound(to: T.self)[j]
          if let samples {
            let factor = samples[places[k]]
            if factor != 0 { sum += factor * value }
          } else {
            sum += value
          }
        }
        target[j] = count > 1 ? sum / count : sum
      }
    }
  }

  /// Adds some columns of the bags' gradients, times the entries' factors, to the entries' rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func spread<Scalar: FloatingScalar>(
    _ features: Int, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ factors: [Scalar]?
  ) {
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
    for bag in bags {
      let source = g + bag * features
      for k in starts[bag]..<starts[bag + 1] {
        out[places[k]] = Scalar.dot(features, source, 1, x + entries[k] * features, 1)
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

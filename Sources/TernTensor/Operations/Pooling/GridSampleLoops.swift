import TernBackend

/// out[i] = Σₖ weights[k, i] · x[indices[k, i]].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func gatherPlane<Scalar: FloatingScalar>(
  _ count: Int, _ terms: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>,
  _ indices: UnsafePointer<Int32>, _ weights: UnsafePointer<Scalar>
) {
  if terms == 4 {
    let (j1, j2, j3) = (indices + count, indices + 2 * count, indices + 3 * count)
    let (w1, w2, w3) = (weights + count, weights + 2 * count, weights + 3 * count)
    for i in 0..<count {
      let low = weighted(weights[i], x[Int(indices[i])]) + weighted(w1[i], x[Int(j1[i])])
      out[i] = low + (weighted(w2[i], x[Int(j2[i])]) + weighted(w3[i], x[Int(j3[i])]))
    }
    return
  }
  for i in 0..<count {
    var (sum, at): (Scalar, Int) = (0, i)
    for _ in 0..<terms {
      sum += weighted(weights[at], x[Int(indices[at])])
      at &+= count
    }
    out[i] = sum
  }
}

/// weight · value, where a weight of 0 leaves nothing of an infinity.
@inline(__always)
func weighted<Scalar: FloatingScalar>(_ weight: Scalar, _ value: Scalar) -> Scalar {
  weight == 0 ? 0 : weight * value
}

/// sums[k, i] += g[i] · x[indices[k, i]].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func pixelProducts<Scalar: FloatingScalar>(
  _ count: Int, _ terms: Int, _ sums: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ gStep: Int,
  _ x: UnsafePointer<Scalar>, _ xStep: Int, _ indices: UnsafePointer<Int32>
) {
  for i in 0..<count {
    let value = g[i &* gStep]
    var at = i
    for _ in 0..<terms {
      sums[at] += value * x[Int(indices[at]) &* xStep]
      at &+= count
    }
  }
}

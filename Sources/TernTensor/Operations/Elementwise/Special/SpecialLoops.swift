import TernBackend

// Functions of single values over tensors, by kernels or one value at a time, then in Double for both precisions: Float
// results are within half a unit in the last place, and the same bits on any thread count.

extension Tensor where Scalar: FloatingScalar {
  /// Chunk size, in elements: these functions take tens of nanoseconds a value.
  static var specialGrain: Int { 4_096 }

  /// f of every element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func mapValues(_ f: (Double) -> Double) -> Tensor {
    let result = Tensor(uninitialized: layout.forResult)
    let (out, x) = (result.mutablePointer, pointer)
    StridedLoop(shape, [result.layout.strides, layout.strides]).run(grain: Self.specialGrain) { n, offset, step in
      let (target, source) = (out + offset[0], x + offset[1])
      for i in 0..<n { target[i * step[0]] = Scalar(f(Double(source[i * step[1]]))) }
    }
    return result
  }

  /// A function of every element that takes up to `block` numbers at once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func mapBlocks(
    _ block: Int, _ f: (_ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: layout.forResult)
    let (out, x) = (result.mutablePointer, pointer)
    StridedLoop(shape, [result.layout.strides, layout.strides]).run(grain: Self.specialGrain) { n, offset, step in
      let (target, source) = (out + offset[0], x + offset[1])
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * block) { numbers in
        let number = numbers.baseAddress!
        for first in stride(from: 0, to: n, by: block) {
          let count = Swift.min(block, n - first)
          for i in 0..<count { number[i] = Double(source[(first &+ i) &* step[1]]) }
          f(count, number + block, number)
          for i in 0..<count { target[(first &+ i) &* step[0]] = Scalar(number[block &+ i]) }
        }
      }
    }
    return result
  }

  /// f of all pairs of elements; the shapes broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func mapValues(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, _ f: (Double, Double) -> Double
  ) -> Tensor {
    let shape = broadcastShape(a.shape, b.shape, "\(name)")
    let result = Tensor(uninitialized: Layout.forResult(shape, a.layout, b.layout))
    let strides = [
      result.layout.strides, broadcastStrides(a.layout, to: shape), broadcastStrides(b.layout, to: shape),
    ]
    let (out, x, y) = (result.mutablePointer, a.pointer, b.pointer)
    StridedLoop(shape, strides).run(grain: Self.specialGrain) { n, offset, step in
      let (target, first, second) = (out + offset[0], x + offset[1], y + offset[2])
      for i in 0..<n {
        target[i * step[0]] = Scalar(f(Double(first[i * step[1]]), Double(second[i * step[2]])))
      }
    }
    return result
  }

  /// A kernel's function of every element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func mapSpecial(_ function: SpecialFunction) -> Tensor {
    mapRows(to: Scalar.self) { n, out, so, x, sx, _ in Scalar.special(function, n, out, so, x, sx) }
  }

  /// A kernel's function of the elements above a bound, f of the others.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func mapSpecial(_ function: SpecialFunction, above bound: Scalar, else f: (Double) -> Double) -> Tensor {
    mapRows(to: Scalar.self) { n, out, so, x, sx, _ in
      Scalar.special(function, n, out, so, x, sx)
      for i in 0..<n where !(x[i &* sx] > bound) { out[i &* so] = Scalar(f(Double(x[i &* sx]))) }
    }
  }

  /// A kernel's function of all pairs of elements; the shapes broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func mapSpecial(_ name: StaticString, _ function: SpecialPair, _ a: Tensor, _ b: Tensor) -> Tensor {
    mapRows(a, b, to: Scalar.self, "\(name)") { rows, n, steps, out, so, x, sx, y, sy, _ in
      let isRepeated = rows > 1 && n < 256 && so == 1 && sx == 1 && sy == 1 && steps.b == 0
      if isRepeated && steps.out == n && steps.a == n {
        // A short row that is repeated: as a longer one, for fewer calls.
        let most = Swift.min(rows, 1_024 / n)
        withScratch(most * n, of: Scalar.self) { repeated in
          for row in 0..<most { Scalar.copy(n, repeated + row * n, 1, y, 1) }
          for row in stride(from: 0, to: rows, by: most) {
            let count = Swift.min(most, rows - row) * n
            Scalar.special(function, count, out + row * n, 1, x + row * n, 1, repeated, 1)
          }
        }
        return
      }
      for row in 0..<rows {
        Scalar.special(function, n, out + row * steps.out, so, x + row * steps.a, sx, y + row * steps.b, sy)
      }
    }
  }

  /// A kernel's function of all pairs of elements, f where that gives NaN; the shapes broadcast.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func mapSpecial(
    _ name: StaticString, _ function: SpecialPair, _ a: Tensor, _ b: Tensor, else f: (Double, Double) -> Double
  ) -> Tensor {
    mapRows(a, b, to: Scalar.self, "\(name)") { rows, n, steps, out, so, x, sx, y, sy, _ in
      for row in 0..<rows {
        let (target, first, second) = (out + row * steps.out, x + row * steps.a, y + row * steps.b)
        Scalar.special(function, n, target, so, first, sx, second, sy)
        for i in 0..<n where target[i &* so].isNaN {
          target[i &* so] = Scalar(f(Double(first[i &* sx]), Double(second[i &* sy])))
        }
      }
    }
  }

  /// A recorded kernel's function of every element.
  package func special(
    _ name: StaticString, _ function: SpecialFunction, saving: Saving = .first,
    derivative: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    mapSpecial(function).recorded(name, from: self, saving: saving) { d in d.send(0) { derivative(d) } }
  }

  /// A recorded function of every element.
  package func special(
    _ name: StaticString, saving: Saving = .first, _ f: (Double) -> Double,
    derivative: @escaping @Sendable (Derivation<Scalar>) -> Tensor
  ) -> Tensor {
    mapValues(f).recorded(name, from: self, saving: saving) { d in d.send(0) { derivative(d) } }
  }
}

import TernBackend

// Elements chosen by a mask.

extension Tensor {
  /// One value where the mask holds, the elements elsewhere; mask and tensor broadcast.
  ///
  /// Gradient: 0 where the mask holds.
  public func filled(with value: Scalar, where mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return select(mask, value, self)
  }

  /// The elements where the mask holds, a vector in row-major order; mask and tensor broadcast.
  ///
  /// Gradient: goes back to where the elements came from, 0 elsewhere.
  public func elements(where mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let whole = broadcastShape(shape, mask.shape, "elements")
    if node == nil || !Recording.isOn { return detached().broadcast(to: whole).kept(mask.broadcast(to: whole)) }
    let positions = truePositions(mask.broadcast(to: whole).contiguous)
    return broadcast(to: whole).reshaped([Layout.product(whole)]).taking(positions, along: 0)
  }

  /// The indices of all elements that are not zero (or true), [count, rank], in row-major order.
  public func nonZero() -> Tensor<Int> {
    let mask = detached().test(.isNonZero).contiguous
    if rank == 2 { return truePlaces(mask) }
    let positions = truePositions(mask)
    let (shape, rank) = (shape, rank)
    let result = Tensor<Int>(uninitialized: [positions.count, rank])
    if result.isEmpty { return result }
    let (out, at, n) = (result.mutablePointer, positions.pointer, shape[rank - 1])
    Workers.run(count: positions.count, grain: StridedLoop.grain / 2) { range in
      // What is in the row of the one before shares its indices but for the last.
      var start = -n
      for i in range {
        let to = out + i &* rank
        if at[i] &- start < n {
          for axis in 0..<rank &- 1 { to[axis] = (to - rank)[axis] }
        } else {
          var remainder = at[i] / n
          start = remainder &* n
          for axis in stride(from: rank - 2, through: 0, by: -1) {
            to[axis] = remainder % shape[axis]
            remainder /= shape[axis]
          }
        }
        to[rank &- 1] = at[i] &- start
      }
    }
    withExtendedLifetime(positions) {}
    return result
  }

  /// The indices of the first elements that are not zero, [count, rank], in row-major order, whatever number there are.
  ///
  /// - Parameters:
  ///   - count: how many rows the result has.
  ///   - filling: what rows beyond the elements have.
  public func nonZero(
    count: Int, filling: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "nonZero", "a count of \(count)")
    let found = nonZero()
    let missing = count - found.shape[0]
    if missing <= 0 { return found.narrowed(axis: 0, start: 0, length: count) }
    return concatenate([found, Tensor<Int>(full: [missing, rank], filling)], along: 0)
  }

  /// The elements where a mask of the same shape holds, in row-major order; not recorded.
  private func kept(_ mask: Tensor<Bool>) -> Tensor {
    let (flags, source) = (mask.contiguous, contiguous)
    let chunks = TrueChunks(flags)
    let result = Tensor(uninitialized: [chunks.total])
    switch MemoryLayout<Scalar>.stride {
    case 8: chunks.pick(result.mutablePointer, source.pointer, UInt64.self)
    case 4: chunks.pick(result.mutablePointer, source.pointer, UInt32.self)
    case 2: chunks.pick(result.mutablePointer, source.pointer, UInt16.self)
    default: chunks.pick(result.mutablePointer, source.pointer, UInt8.self)
    }
    withExtendedLifetime(source) {}
    return result
  }
}

extension Tensor {
  /// A copy with the first of some values, in row-major order, where a mask of the same shape holds; `nil` where there are
  /// too few. Not recorded.
  func replaced(where mask: Tensor<Bool>, by values: Tensor) -> Tensor? {
    let chunks = TrueChunks(mask.contiguous)
    if chunks.total > values.count { return nil }
    let (source, others) = (contiguous, values.contiguous)
    if chunks.total == 0 { return source.copied() }
    let result = Tensor(uninitialized: shape)
    switch MemoryLayout<Scalar>.stride {
    case 8: chunks.merge(result.mutablePointer, source.pointer, others.pointer, UInt64.self)
    case 4: chunks.merge(result.mutablePointer, source.pointer, others.pointer, UInt32.self)
    case 2: chunks.merge(result.mutablePointer, source.pointer, others.pointer, UInt16.self)
    default: chunks.merge(result.mutablePointer, source.pointer, others.pointer, UInt8.self)
    }
    withExtendedLifetime((source, others)) {}
    return result
  }
}

/// Where a contiguous mask holds, as positions of the row-major order.
package func truePositions(_ mask: Tensor<Bool>) -> Tensor<Int> {
  let chunks = TrueChunks(mask)
  let result = Tensor<Int>(uninitialized: [chunks.total])
  let out = result.mutablePointer
  chunks.run { out[$0] = $1 }
  return result
}

/// Where a contiguous mask of rank 2 holds, as rows and columns, [count, 2].
private func truePlaces(_ mask: Tensor<Bool>) -> Tensor<Int> {
  let chunks = TrueChunks(mask)
  let result = Tensor<Int>(uninitialized: [chunks.total, 2])
  if !result.isEmpty { chunks.writePlaces(result.mutablePointer, mask.shape[1]) }
  return result
}

/// A contiguous mask in chunks of even length, each with how many of its elements and of those before it hold.
private struct TrueChunks {
  private static let length = StridedLoop.grain / 2
  private let mask: Tensor<Bool>
  /// How many elements before each chunk hold, and in the end how many do at all.
  private let starts: [Int]
  var total: Int { starts[starts.count - 1] }

  init(_ mask: Tensor<Bool>) {
    self.mask = mask
    let (n, flags) = (mask.count, UnsafeRawPointer(mask.pointer).assumingMemoryBound(to: UInt8.self))
    let chunks = (n + Self.length - 1) / Self.length
    var counts = [Int](repeating: 0, count: chunks)
    counts.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let counts = buffer
      Workers.run(chunks: chunks) { chunk in
        var (at, count) = (chunk * Self.length, 0)
        let end = Swift.min(n, at + Self.length)
        while at < end {
          // Sums of bytes, as many as cannot overflow.
          let stop = Swift.min(end, at + 255 * 16)
          var sums = SIMD16<UInt8>.zero
          while at + 16 <= stop {
            sums &+= UnsafeRawPointer(flags + at).loadUnaligned(as: SIMD16<UInt8>.self)
            at += 16
          }
          for lane in 0..<16 { count += Int(sums[lane]) }
          if stop == end || at + 16 > end {
            while at < end {
              count += Int(flags[at])
              at += 1
            }
          }
        }
        counts[chunk] = count
      }
    }
    var (starts, sum) = ([Int](), 0)
    starts.reserveCapacity(chunks + 1)
    for count in counts {
      starts.append(sum)
      sum += count
    }
    starts.append(sum)
    self.starts = starts
  }

  /// Calls `body(number, position)` for every element that holds: the how many-th it is, and where it stands.
  @inline(__always)
  func run(_ body: (Int, Int) -> Void) {
    let flags = UnsafeRawPointer(mask.pointer).assumingMemoryBound(to: UInt8.self)
    Workers.run(chunks: starts.count - 1) { chunk in
      var (at, number) = (chunk * Self.length, starts[chunk])
      let end = starts[chunk + 1]
      // Without a branch for each element: what does not hold is written, too, and written over by the next.
      while number < end {
        body(number, at)
        number &+= Int(flags[at])
        at &+= 1
      }
    }
    withExtendedLifetime(mask) {}
  }

  /// The row and the column of every element that holds, in rows of n.
  func writePlaces(_ out: UnsafeMutablePointer<Int>, _ n: Int) {
    let flags = UnsafeRawPointer(mask.pointer).assumingMemoryBound(to: UInt8.self)
    Workers.run(chunks: starts.count - 1) { chunk in
      var number = starts[chunk]
      let end = starts[chunk + 1]
      var (row, column) = (chunk * Self.length).quotientAndRemainder(dividingBy: n)
      var line = flags + row * n
      while number < end {
        // To the end of the row; what does not hold is written over by the next.
        while number < end && column < n {
          out[2 &* number] = row
          out[2 &* number &+ 1] = column
          number &+= Int(line[column])
          column &+= 1
        }
        (row, column, line) = (row &+ 1, 0, line + n)
      }
    }
    withExtendedLifetime(mask) {}
  }

  /// x, but the next of some values where an element holds, of elements as wide as T; some holds.
  func merge<T: BitwiseCopyable>(
    _ out: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, _ values: UnsafeRawPointer, _: T.Type
  ) {
    let flags = UnsafeRawPointer(mask.pointer).assumingMemoryBound(to: UInt8.self)
    let (out, x, values) = (
      out.assumingMemoryBound(to: T.self), x.assumingMemoryBound(to: T.self), values.assumingMemoryBound(to: T.self)
    )
    let (last, n) = (total - 1, mask.count)
    Workers.run(chunks: starts.count - 1) { chunk in
      var number = starts[chunk]
      for at in chunk * Self.length..<Swift.min(n, (chunk + 1) * Self.length) {
        let value = values[Swift.min(number, last)]
        out[at] = flags[at] != 0 ? value : x[at]
        number &+= Int(flags[at])
      }
    }
    withExtendedLifetime(mask) {}
  }

  /// `out[number] = x[position]`, of elements as wide as T.
  func pick<T: BitwiseCopyable>(_ out: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, _: T.Type) {
    let (out, x) = (out.assumingMemoryBound(to: T.self), x.assumingMemoryBound(to: T.self))
    run { out[$0] = x[$1] }
  }
}

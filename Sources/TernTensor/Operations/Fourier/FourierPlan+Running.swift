import TernBackend

/// Two arrays [length, lanes] of complex numbers, the second for what a stage leaves.
struct FourierBuffers<Scalar: FloatingScalar> {
  private let memory: Tensor<Scalar>
  private let size: Int
  private(set) var real: UnsafeMutablePointer<Scalar>
  private(set) var imaginary: UnsafeMutablePointer<Scalar>
  private(set) var otherReal: UnsafeMutablePointer<Scalar>
  private(set) var otherImaginary: UnsafeMutablePointer<Scalar>

  init(_ length: Int, _ lanes: Int) {
    // Rows of their own lines of the cache, and arrays that do not share sets of it.
    size = length * lanes + 16
    memory = Tensor(uninitialized: [4 * size])
    let start = memory.mutablePointer
    (real, imaginary, otherReal, otherImaginary) = (start, start + size, start + 2 * size, start + 3 * size)
  }

  mutating func exchange() {
    (real, otherReal) = (otherReal, real)
    (imaginary, otherImaginary) = (otherImaginary, imaginary)
  }

  /// Real parts for imaginary ones: what makes a forward transform of a backward one.
  mutating func turn() {
    (real, imaginary) = (imaginary, real)
    (otherReal, otherImaginary) = (otherImaginary, otherReal)
  }
}

extension FourierPlan {
  /// How many elements of a buffer a transform of this length takes.
  var bufferLength: Int { chirp.map { $0.inner.n } ?? n }

  /// Transforms `lanes` sequences side by side, [n, lanes].
  func run(_ lanes: Int, _ x: inout FourierBuffers<Scalar>) {
    if let chirp { return run(chirp, lanes, &x) }
    var s = lanes
    for stage in stages {
      Scalar.fourierStage(
        radix: stage.radix, stage.m, s, x.otherReal, x.otherImaginary, x.real, x.imaginary, stage.factors.pointer)
      x.exchange()
      s *= stage.radix
    }
  }

  private func run(_ chirp: Chirp, _ lanes: Int, _ x: inout FourierBuffers<Scalar>) {
    let (m, re, im) = (chirp.inner.n, chirp.real.pointer, chirp.imaginary.pointer)
    Scalar.fourierMultiply(n, lanes, x.real, x.imaginary, x.real, x.imaginary, re, im, row: 1, column: 0)
    Scalar.fill((m - n) * lanes, x.real + n * lanes, 1, 0)
    Scalar.fill((m - n) * lanes, x.imaginary + n * lanes, 1, 0)
    chirp.inner.run(lanes, &x)
    Scalar.fourierMultiply(
      m, lanes, x.real, x.imaginary, x.real, x.imaginary, chirp.filterReal.pointer, chirp.filterImaginary.pointer,
      row: 1, column: 0)
    x.turn()
    chirp.inner.run(lanes, &x)
    x.turn()
    Scalar.fourierMultiply(n, lanes, x.real, x.imaginary, x.real, x.imaginary, re, im, row: 1, column: 0)
  }

  /// Transforms one sequence from x to y, which do not overlap, on all workers.
  func runAlone(
    _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>, _ yr: UnsafeMutablePointer<Scalar>,
    _ yi: UnsafeMutablePointer<Scalar>
  ) {
    if let chirp { return runAlone(chirp, xr, xi, yr, yi) }
    if let split { return runAlone(split, xr, xi, yr, yi) }
    var buffers = FourierBuffers<Scalar>(n, 1)
    Scalar.copy(n, buffers.real, 1, xr, 1)
    Scalar.copy(n, buffers.imaginary, 1, xi, 1)
    run(1, &buffers)
    Scalar.copy(n, yr, 1, UnsafePointer(buffers.real), 1)
    Scalar.copy(n, yi, 1, UnsafePointer(buffers.imaginary), 1)
    withExtendedLifetime(buffers) {}
  }

  private func runAlone(
    _ split: Split, _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>, _ yr: UnsafeMutablePointer<Scalar>,
    _ yi: UnsafeMutablePointer<Scalar>
  ) {
    let (rows, columns) = (split.rows.n, split.columns.n)
    let middle = Tensor<Scalar>(uninitialized: [2 * n])
    let (tr, ti) = (middle.mutablePointer, middle.mutablePointer + n)
    let (wr, wi) = (split.real.pointer, split.imaginary.pointer)
    let width = fourierLanes(Scalar.self)
    Workers.run(count: (columns + width - 1) / width, grain: Swift.max(1, 0x2000 / (rows * width))) { range in
      var buffers = FourierBuffers<Scalar>(rows, width)
      for block in range {
        let first = block * width
        let lanes = Swift.min(width, columns - first)
        Scalar.copy2D(rows, lanes, buffers.real, lanes, 1, xr + first, columns, 1)
        Scalar.copy2D(rows, lanes, buffers.imaginary, lanes, 1, xi + first, columns, 1)
        split.rows.run(lanes, &buffers)
        Scalar.fourierMultiply(
          rows, lanes, buffers.otherReal, buffers.otherImaginary, buffers.real, buffers.imaginary, wr + first,
          wi + first, row: columns, column: 1)
        Scalar.copy2D(rows, lanes, tr + first, columns, 1, buffers.otherReal, lanes, 1)
        Scalar.copy2D(rows, lanes, ti + first, columns, 1, buffers.otherImaginary, lanes, 1)
      }
      withExtendedLifetime(buffers) {}
    }
    Workers.run(count: (rows + width - 1) / width, grain: Swift.max(1, 0x2000 / (columns * width))) { range in
      var buffers = FourierBuffers<Scalar>(columns, width)
      for block in range {
        let first = block * width
        let lanes = Swift.min(width, rows - first)
        Scalar.copy2D(columns, lanes, buffers.real, lanes, 1, tr + first * columns, 1, columns)
        Scalar.copy2D(columns, lanes, buffers.imaginary, lanes, 1, ti + first * columns, 1, columns)
        split.columns.run(lanes, &buffers)
        Scalar.copy2D(columns, lanes, yr + first, rows, 1, buffers.real, lanes, 1)
        Scalar.copy2D(columns, lanes, yi + first, rows, 1, buffers.imaginary, lanes, 1)
      }
      withExtendedLifetime(buffers) {}
    }
    withExtendedLifetime(middle) {}
  }

  private func runAlone(
    _ chirp: Chirp, _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>, _ yr: UnsafeMutablePointer<Scalar>,
    _ yi: UnsafeMutablePointer<Scalar>
  ) {
    let (m, re, im) = (chirp.inner.n, chirp.real.pointer, chirp.imaginary.pointer)
    let buffers = FourierBuffers<Scalar>(m, 1)
    let (ar, ai) = (buffers.real, buffers.imaginary)
    let (br, bi) = (buffers.otherReal, buffers.otherImaginary)
    Scalar.fourierMultiply(1, n, ar, ai, xr, xi, re, im, row: 0, column: 1)
    Scalar.fill(m - n, ar + n, 1, 0)
    Scalar.fill(m - n, ai + n, 1, 0)
    chirp.inner.runAlone(ar, ai, br, bi)
    Scalar.fourierMultiply(
      1, m, br, bi, br, bi, chirp.filterReal.pointer, chirp.filterImaginary.pointer, row: 0, column: 1)
    chirp.inner.runAlone(bi, br, ai, ar)
    Scalar.fourierMultiply(1, n, yr, yi, ar, ai, re, im, row: 0, column: 1)
    withExtendedLifetime(buffers) {}
  }
}

/// How many sequences are transformed side by side: two registers of AVX-512.
func fourierLanes<Scalar: FloatingScalar>(_: Scalar.Type) -> Int { 128 / MemoryLayout<Scalar>.stride }

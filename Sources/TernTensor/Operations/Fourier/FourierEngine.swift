import TernBackend

/// What a transform along one axis makes of what.
enum FourierKind: Sendable {
  /// n complex numbers of n.
  case complex
  /// The first n/2 + 1 complex numbers of n real ones.
  case realToHalf
  /// n real numbers of the first n/2 + 1 complex ones; what has to be real is taken for it.
  case halfToReal
}

/// One transform along an axis of dense tensors [outer, extent, inner], times `scale`.
///
/// The sum has e^(−2πi·jk/n), or e^(+2πi·jk/n) where `isBackward`; from real numbers it is the forward one, to real numbers
/// the backward one.
struct FourierEngine<Scalar: FloatingScalar> {
  let kind: FourierKind
  let n: Int
  let isBackward: Bool
  let scale: Scalar

  private var half: Int { n / 2 + 1 }
  /// Two real numbers are the parts of one complex number.
  private var isPacked: Bool { kind != .complex && n % 2 == 0 }
  /// The length of the complex transform.
  private var length: Int { isPacked ? n / 2 : n }
  private var inputExtent: Int { kind == .halfToReal ? half : n }
  private var outputExtent: Int { kind == .realToHalf ? half : n }

  /// Reads x [outer, extent, inner] and writes y, of which a real side has no imaginary part.
  func run(
    outer: Int, inner: Int, _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>?,
    _ yr: UnsafeMutablePointer<Scalar>, _ yi: UnsafeMutablePointer<Scalar>?
  ) {
    let plan = FourierPlan<Scalar>.of(length)
    let factors: (Tensor<Scalar>, Tensor<Scalar>)? = isPacked ? realFactors(n) : nil
    let lanes = inner > 1 ? inner : outer
    let (isLong, most) = (length > 2048, fourierLanes(Scalar.self))
    if (lanes < 4 || isLong && (inner == 1 || inner < most / 2)) && (plan.split != nil || plan.chirp != nil) {
      // Long sequences are divided among the workers one by one, shorter ones are given out whole.
      let grain = length > 0x8000 && outer * inner < 64 ? outer * inner : Swift.max(1, 0x2000 / length)
      Workers.run(count: outer * inner, grain: grain) { range in
        for index in range {
          let (o, i) = index.quotientAndRemainder(dividingBy: inner)
          let (x, y) = (o * inputExtent * inner + i, o * outputExtent * inner + i)
          runAlone(plan, factors, inner, xr + x, xi.map { $0 + x }, yr + y, yi.map { $0 + y })
        }
      }
      return
    }
    // A line of the cache of long columns: what is computed with stays in the cache of a core.
    let width = Swift.min(isLong ? most / 2 : most, lanes)
    let blocks = (lanes + width - 1) / width
    let count = blocks * (inner > 1 ? outer : 1)
    let grain = Swift.max(1, 0x2000 / Swift.max(1, length * width))
    Workers.run(count: count, grain: grain) { range in
      var buffers = FourierBuffers<Scalar>(Swift.max(plan.bufferLength, inputExtent, outputExtent), width)
      for index in range {
        let (o, block) = inner > 1 ? index.quotientAndRemainder(dividingBy: blocks) : (0, index)
        let first = block * width
        let (x, y) =
          inner > 1
          ? (o * inputExtent * inner + first, o * outputExtent * inner + first)
          : (first * inputExtent, first * outputExtent)
        let side = Side(
          lanes: Swift.min(width, lanes - first), step: inner > 1 ? inner : 1, input: inner > 1 ? 1 : inputExtent,
          output: inner > 1 ? 1 : outputExtent)
        runBlock(plan, factors, side, &buffers, xr + x, xi.map { $0 + x }, yr + y, yi.map { $0 + y })
      }
      withExtendedLifetime(buffers) {}
    }
  }

  /// How sequences that are transformed together lie: how many, from element to element, and from one to the next.
  private struct Side {
    let lanes: Int
    let step: Int
    let input: Int
    let output: Int
  }

  /// Reads a block, transforms it where it is near, and writes it.
  private func runBlock(
    _ plan: FourierPlan<Scalar>, _ factors: (Tensor<Scalar>, Tensor<Scalar>)?, _ side: Side,
    _ b: inout FourierBuffers<Scalar>, _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>?,
    _ yr: UnsafeMutablePointer<Scalar>, _ yi: UnsafeMutablePointer<Scalar>?
  ) {
    let (lanes, step) = (side.lanes, side.step)
    func read(_ rows: Int, _ to: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ step: Int) {
      Scalar.copy2D(rows, lanes, to, lanes, 1, x, step, side.input)
    }
    func write(_ rows: Int, _ y: UnsafeMutablePointer<Scalar>, _ step: Int, _ from: UnsafeMutablePointer<Scalar>) {
      if scale != 1 { Scalar.unary(.mulScalar, rows * lanes, from, 1, from, 1, scale, 0) }
      Scalar.copy2D(rows, lanes, y, step, side.output, from, lanes, 1)
    }
    switch kind {
    case .complex:
      if isBackward { b.turn() }
      read(n, isBackward ? b.imaginary : b.real, xr, step)
      if let xi {
        read(n, isBackward ? b.real : b.imaginary, xi, step)
      } else {
        Scalar.fill(n * lanes, isBackward ? b.real : b.imaginary, 1, 0)
      }
      plan.run(lanes, &b)
      write(n, yr, step, isBackward ? b.imaginary : b.real)
      if let yi { write(n, yi, step, isBackward ? b.real : b.imaginary) }
    case .realToHalf:
      if let factors {
        read(length, b.real, xr, 2 * step)
        read(length, b.imaginary, xr + step, 2 * step)
        plan.run(lanes, &b)
        Scalar.fourierSplit(
          length, lanes, b.otherReal, b.otherImaginary, b.real, b.imaginary, factors.0.pointer, factors.1.pointer)
        b.exchange()
      } else {
        read(n, b.real, xr, step)
        Scalar.fill(n * lanes, b.imaginary, 1, 0)
        plan.run(lanes, &b)
      }
      write(half, yr, step, b.real)
      if let yi { write(half, yi, step, b.imaginary) }
    case .halfToReal:
      read(half, b.real, xr, step)
      read(half, b.imaginary, xi!, step)
      if let factors {
        Scalar.fourierMerge(
          length, lanes, b.otherReal, b.otherImaginary, b.real, b.imaginary, factors.0.pointer, factors.1.pointer)
        b.exchange()
        b.turn()
        plan.run(lanes, &b)
        write(length, yr, 2 * step, b.imaginary)
        write(length, yr + step, 2 * step, b.real)
      } else {
        mirror(lanes, b.real, b.imaginary)
        b.turn()
        plan.run(lanes, &b)
        write(n, yr, step, b.imaginary)
      }
    }
  }

  /// The second half of a spectrum of odd length whose first is at hand: conjugates in reverse.
  private func mirror(_ lanes: Int, _ re: UnsafeMutablePointer<Scalar>, _ im: UnsafeMutablePointer<Scalar>) {
    Scalar.fill(lanes, im, 1, 0)
    for k in half..<Swift.max(n, half) {
      Scalar.copy(lanes, re + k * lanes, 1, UnsafePointer(re + (n - k) * lanes), 1)
      Scalar.unary(.neg, lanes, im + k * lanes, 1, im + (n - k) * lanes, 1, 0, 0)
    }
  }

  /// One long sequence, on all workers.
  private func runAlone(
    _ plan: FourierPlan<Scalar>, _ factors: (Tensor<Scalar>, Tensor<Scalar>)?, _ step: Int,
    _ xr: UnsafePointer<Scalar>, _ xi: UnsafePointer<Scalar>?, _ yr: UnsafeMutablePointer<Scalar>,
    _ yi: UnsafeMutablePointer<Scalar>?
  ) {
    let b = FourierBuffers<Scalar>(Swift.max(length, half), 1)
    defer { withExtendedLifetime(b) {} }
    func write(_ rows: Int, _ y: UnsafeMutablePointer<Scalar>, _ step: Int, _ from: UnsafeMutablePointer<Scalar>) {
      Scalar.unary(.mulScalar, rows, y, step, from, 1, scale, 0)
    }
    switch kind {
    case .complex:
      let isRead = step == 1 && xi != nil
      let isWritten = step == 1 && scale == 1 && yi != nil
      if !isRead {
        Scalar.copy(n, b.real, 1, xr, step)
        if let xi { Scalar.copy(n, b.imaginary, 1, xi, step) } else { Scalar.fill(n, b.imaginary, 1, 0) }
      }
      let from = isRead ? (xr, xi!) : (UnsafePointer(b.real), UnsafePointer(b.imaginary))
      let to = isWritten ? (yr, yi!) : (b.otherReal, b.otherImaginary)
      if isBackward {
        plan.runAlone(from.1, from.0, to.1, to.0)
      } else {
        plan.runAlone(from.0, from.1, to.0, to.1)
      }
      if isWritten { return }
      write(n, yr, step, b.otherReal)
      if let yi { write(n, yi, step, b.otherImaginary) }
    case .realToHalf:
      if let factors {
        Scalar.copy(length, b.real, 1, xr, 2 * step)
        Scalar.copy(length, b.imaginary, 1, xr + step, 2 * step)
        plan.runAlone(b.real, b.imaginary, b.otherReal, b.otherImaginary)
        Scalar.fourierSplit(
          length, 1, b.real, b.imaginary, b.otherReal, b.otherImaginary, factors.0.pointer, factors.1.pointer)
        write(half, yr, step, b.real)
        if let yi { write(half, yi, step, b.imaginary) }
      } else {
        Scalar.copy(n, b.real, 1, xr, step)
        Scalar.fill(n, b.imaginary, 1, 0)
        plan.runAlone(b.real, b.imaginary, b.otherReal, b.otherImaginary)
        write(half, yr, step, b.otherReal)
        if let yi { write(half, yi, step, b.otherImaginary) }
      }
    case .halfToReal:
      Scalar.copy(half, b.real, 1, xr, step)
      Scalar.copy(half, b.imaginary, 1, xi!, step)
      if let factors {
        Scalar.fourierMerge(
          length, 1, b.otherReal, b.otherImaginary, b.real, b.imaginary, factors.0.pointer, factors.1.pointer)
        plan.runAlone(b.otherImaginary, b.otherReal, b.imaginary, b.real)
        write(length, yr, 2 * step, b.real)
        write(length, yr + step, 2 * step, b.imaginary)
      } else {
        mirror(1, b.real, b.imaginary)
        plan.runAlone(b.imaginary, b.real, b.otherImaginary, b.otherReal)
        write(n, yr, step, b.otherReal)
      }
    }
  }
}

import TernBackend

private func interpolated<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ sizes: [Int], _ scales: [Double?], _ mode: InterpolationMode, _ alignsCorners: Bool,
  _ antialiases: Bool
) -> Tensor<Scalar> {
  let (axes, filters) = (x.rank - 2, mode == .linear || mode == .cubic || mode == .lanczos)
  check(
    !alignsCorners || mode == .linear || mode == .cubic, "interpolate",
    "corners are aligned in linear and cubic interpolation only, not in \(mode)")
  check(
    !antialiases || filters, "interpolate",
    "linear, cubic and Lanczos interpolation antialias, not \(mode)")
  check(antialiases || mode != .lanczos, "interpolate", "Lanczos interpolation always antialiases: antialiases: true")
  check(!sizes.contains { $0 < 1 }, "interpolate", "an output of \(extents(sizes)) for input \(x.shape)")
  check(!x.shape.suffix(axes).contains(0), "interpolate", "input \(x.shape) has no pixels")
  Sizes.check(sizes, "interpolate", "an output of")
  requireImages(x.shape.dropLast(axes) + sizes, "interpolate")
  let maps = (0..<axes).map { axis in
    InterpolationAxis(
      from: x.shape[axis + 2], to: sizes[axis], alignsCorners: alignsCorners, scale: scales[axis]
    ).weights(mode, antialiases: antialiases)
  }
  return resampled("interpolation", x, maps)
}

/// One number for each axis of sequences, images or volumes, from one for all or one for each.
private func perAxis<Number, Scalar>(_ numbers: [Number], _ x: Tensor<Scalar>) -> [Number] {
  check(
    (3...5).contains(x.rank), "interpolate",
    "input \(x.shape) is neither a batch of sequences nor of images nor of volumes")
  let axes = x.rank - 2
  check(
    numbers.count == 1 || numbers.count == axes, "interpolate",
    "\(numbers.count) numbers \(numbers) for \(axes) axes of \(x.shape)")
  return numbers.count == axes ? numbers : [Number](repeating: numbers[0], count: axes)
}

/// Sequences, images or volumes resampled to another size.
///
/// Output i lies at (i + ½)·H/size − ½ of the input, clamped to its edges; with `alignsCorners` at i·(H − 1)/(size − 1), so that
/// the first and the last pixels coincide. Stops for ranks other than 3, 4 and 5.
///
/// - Parameters:
///   - x: [batch, channels, length], [batch, channels, height, width] or [batch, channels, depth, height, width].
///   - size: the extents of the result: one number for all axes, or one for each.
///   - alignsCorners: for `.linear` and `.cubic` only.
///   - antialiases: whether the filter is stretched where the result is smaller, so that every pixel of the input counts;
///     for `.linear`, `.cubic` and `.lanczos`.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let sizes = perAxis(size, x)
  return interpolated(x, sizes, sizes.map { _ in nil }, mode, alignsCorners, antialiases)
}

/// Sequences, images or volumes resampled to ⌊extent · scale⌋, see
/// ``interpolate(_:size:mode:alignsCorners:antialiases:file:line:)``.
///
/// - Parameters:
///   - scale: one number for all axes, or one for each.
///   - recomputesScale: whether positions are worked out with the ratio of the extents instead of the given scale; always
///     for `.area`.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: [Double], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  recomputesScale: Bool = false, antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let scales = perAxis(scale, x)
  check(scales.allSatisfy { $0 > 0 && $0.isFinite }, "interpolate", "scale \(scale) is not positive")
  let sizes = zip(x.shape.dropFirst(2), scales).map { extent, scale -> Int in
    let size = (Double(extent) * scale).rounded(.down)
    check(size <= 0x1p48, "interpolate", "scale \(scale) makes \(size) pixels of \(extent) (at most 2⁴⁸)")
    return Int(size)
  }
  return interpolated(x, sizes, scales.map { recomputesScale ? nil : 1 / $0 }, mode, alignsCorners, antialiases)
}

/// Sequences, images or volumes resampled by one scale along every axis, see
/// ``interpolate(_:scale:mode:alignsCorners:recomputesScale:antialiases:file:line:)-(_,[Double],_,_,_,_,_,_)``.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  recomputesScale: Bool = false, antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(
    x, scale: [scale], mode: mode, alignsCorners: alignsCorners, recomputesScale: recomputesScale,
    antialiases: antialiases, file: file, line: line)
}

/// Resizes every axis by the same whole factor.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Int, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(
    x, scale: [Double(scale)], mode: mode, alignsCorners: alignsCorners, antialiases: antialiases, file: file,
    line: line)
}

/// Resizes each axis by a whole factor.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(
    x, scale: scale.map(Double.init), mode: mode, alignsCorners: alignsCorners, antialiases: antialiases, file: file,
    line: line)
}

/// Resizes every axis to the same extent.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: Int, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(
    x, size: [size], mode: mode, alignsCorners: alignsCorners, antialiases: antialiases, file: file, line: line)
}

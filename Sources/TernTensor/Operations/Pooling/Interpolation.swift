import TernBackend

/// How values between pixels are made.
public enum InterpolationMode: Sendable {
  /// The pixel at ⌊i·scale⌋.
  case nearest
  /// The pixel whose center is nearest: the one at ⌊(i + ½)·scale⌋.
  case nearestExact
  /// Between the two neighbors along every axis: linear for sequences, bilinear for images.
  case linear
}

extension ResamplingWeights {
  /// - Parameters:
  ///   - scale: the input's pixels for one of the output; the ratio of the extents when `nil`.
  fileprivate init(
    from inputs: Int, to outputs: Int, _ mode: InterpolationMode, alignsCorners: Bool, scale: Double?
  ) {
    requireWindows(outputs, over: inputs, "interpolate")
    let scale = scale ?? Double(inputs) / Double(outputs)
    let aligned = outputs > 1 ? Double(inputs - 1) / Double(outputs - 1) : 0
    let rows = (0..<outputs).map { output -> [(index: Int, weight: Double)] in
      let place = Double(output)
      switch mode {
      case .nearest, .nearestExact:
        // Rounded to Float before it is floored: a position just below a whole number because of rounding is that number.
        let position = (place + (mode == .nearest ? 0 : 0.5)) * scale
        return [(Swift.min(Int(Float(position).rounded(.down)), inputs - 1), 1)]
      case .linear:
        let position = alignsCorners ? place * aligned : Swift.max(0, (place + 0.5) * scale - 0.5)
        let first = Swift.min(Int(position), inputs - 1)
        let second = Swift.min(first + 1, inputs - 1)
        let part = Swift.min(Swift.max(position - Double(first), 0), 1)
        return [(first, 1 - part), (second, part)]
      }
    }
    self.init(inputs: inputs, rows: rows)
  }
}

private func interpolated<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ sizes: [Int], _ scales: [Double?], _ mode: InterpolationMode, _ alignsCorners: Bool
) -> Tensor<Scalar> {
  let axes = x.rank - 2
  check(
    !alignsCorners || mode == .linear, "interpolate", "corners are aligned in linear interpolation only, not in \(mode)"
  )
  check(!sizes.contains { $0 < 1 }, "interpolate", "an output of \(extents(sizes)) for input \(x.shape)")
  check(!x.shape.suffix(axes).contains(0), "interpolate", "input \(x.shape) has no pixels")
  Sizes.check(sizes, "interpolate", "an output of")
  requireImages(x.shape.dropLast(axes) + sizes, "interpolate")
  return x.asImages("interpolate", axes: axes) { images in
    let shift = 2 - axes
    let maps = (0..<2).map { axis in
      axis < shift
        ? ResamplingWeights(from: 1, to: 1, .nearest, alignsCorners: false, scale: nil)
        : ResamplingWeights(
          from: images.shape[axis + 2], to: sizes[axis - shift], mode, alignsCorners: alignsCorners,
          scale: scales[axis - shift])
    }
    return resampled("interpolation", images, rows: maps[0], columns: maps[1])
  }
}

/// One number for each axis of images or sequences, from one for all or one for each.
private func perAxis<Number, Scalar>(_ numbers: [Number], _ x: Tensor<Scalar>) -> [Number] {
  check(x.rank == 3 || x.rank == 4, "interpolate", "input \(x.shape) is neither a batch of sequences nor of images")
  let axes = x.rank - 2
  check(
    numbers.count == 1 || numbers.count == axes, "interpolate",
    "\(numbers.count) numbers \(numbers) for \(axes) axes of \(x.shape)")
  return numbers.count == axes ? numbers : [Number](repeating: numbers[0], count: axes)
}

/// Images or sequences resampled to another size.
///
/// Output i lies at (i + ½)·H/size − ½ of the input, clamped to its edges; with `alignsCorners` at i·(H − 1)/(size − 1), so that
/// the first and the last pixels coincide. Stops for ranks other than 3 and 4.
///
/// - Parameters:
///   - x: [batch, channels, height, width] or [batch, channels, length].
///   - size: the extents of the result: one number for all axes, or one for each.
///   - alignsCorners: for `.linear` only.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let sizes = perAxis(size, x)
  return interpolated(x, sizes, sizes.map { _ in nil }, mode, alignsCorners)
}

/// Images or sequences resampled to ⌊extent · scale⌋, see ``interpolate(_:size:mode:alignsCorners:file:line:)``; the positions are
/// worked out with the given scale, not with the ratio of the extents.
///
/// - Parameter scale: one number for all axes, or one for each.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: [Double], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
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
  return interpolated(x, sizes, scales.map { 1 / $0 }, mode, alignsCorners)
}

/// Images or sequences resampled by one scale along every axis, see ``interpolate(_:scale:mode:alignsCorners:file:line:)-(_,[Double],_,_,_,_)``.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(x, scale: [scale], mode: mode, alignsCorners: alignsCorners, file: file, line: line)
}

/// Resizes every axis by the same whole factor.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Int, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(x, scale: [Double(scale)], mode: mode, alignsCorners: alignsCorners, file: file, line: line)
}

/// Resizes each axis by a whole factor.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(x, scale: scale.map(Double.init), mode: mode, alignsCorners: alignsCorners, file: file, line: line)
}

/// Resizes every axis to the same extent.
public func interpolate<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, size: Int, mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  interpolate(x, size: [size], mode: mode, alignsCorners: alignsCorners, file: file, line: line)
}

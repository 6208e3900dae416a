import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The first n/2 + 1 numbers of the discrete Fourier transform along an axis: yₖ = Σⱼ xⱼ·e^(−2πi·jk/n).
  ///
  /// The others are their conjugates in reverse. The gradient is a transform the other way. Stops for a length below 1.
  /// - Parameters:
  ///   - size: n; the input is cut off or continued with zeros.
  ///   - normalization: which direction is divided.
  /// - Complexity: O(n·log n) a sequence.
  public func rfft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return halfTransformed("rfft", size.map { [$0] }, [axis], normalization, isBackward: false)
  }

  /// Half of the transform along several axes, of which the last is halved: [n₀, n₁, …, n/2 + 1].
  ///
  /// - Parameters:
  ///   - sizes: a length an axis, −1 for the input's; without axes those of the last axes.
  ///   - axes: all, or the last of as many as there are sizes, where none are named.
  public func rfftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return halfTransformed("rfftn", sizes, axes, normalization, isBackward: false)
  }

  /// The inverse transform of a real sequence along an axis, its first n/2 + 1 numbers: what
  /// ``ComplexPair/hfft(size:along:normalization:file:line:)`` undoes.
  public func ihfft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return halfTransformed("ihfft", size.map { [$0] }, [axis], normalization, isBackward: true).conjugate
  }

  /// Half of the inverse transform of a real tensor along several axes: what ``ComplexPair/hfftn(sizes:along:normalization:file:line:)`` undoes.
  public func ihfftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return halfTransformed("ihfftn", sizes, axes, normalization, isBackward: true).conjugate
  }

  /// The whole transform of real numbers along an axis. See ``ComplexPair/fft(size:along:normalization:file:line:)``.
  public func fft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return ComplexPair(self).transformed("fft", size.map { [$0] }, [axis], normalization, isBackward: false)
  }

  /// The whole transform of real numbers along several axes. See ``ComplexPair/fftn(sizes:along:normalization:file:line:)``.
  public func fftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return ComplexPair(self).transformed("fftn", sizes, axes, normalization, isBackward: false)
  }

  /// The forward transform, with the factor of either direction.
  private func halfTransformed(
    _ name: StaticString, _ sizes: [Int]?, _ axes: [Int]?, _ normalization: FourierNormalization, isBackward: Bool
  ) -> ComplexPair<Scalar> {
    let plan = FourierAxes(shape, sizes, axes, half: false, "\(name)")
    var x = self
    for (axis, n) in zip(plan.axes, plan.extents) { x = x.fitted(to: n, along: axis) }
    let (last, n) = (plan.axes.last!, plan.extents.last!)
    let first = FourierStep<Scalar>(
      kind: .realToHalf, n: n, axis: last - rank, isBackward: false,
      scale: fourierScale(plan.count, normalization, isBackward: isBackward, Scalar.self), name: name)
    var parts = first(x, nil)
    for (axis, n) in zip(plan.axes, plan.extents).dropLast() {
      let step = FourierStep<Scalar>(kind: .complex, n: n, axis: axis - rank, isBackward: false, scale: 1, name: name)
      parts = step(parts[0], parts[1])
    }
    return ComplexPair(parts: parts[0], parts[1])
  }
}

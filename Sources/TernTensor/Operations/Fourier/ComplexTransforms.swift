import TernBackend

extension ComplexPair {
  /// The discrete Fourier transform along an axis: yₖ = Σⱼ xⱼ·e^(−2πi·jk/n).
  ///
  /// Own mixed-radix stages of 4, 2, 3, 5 and other primes up to 31, a convolution with a chirp for others. The gradient is a
  /// transform the other way. Same bits on any number of threads. Stops for a length below 1.
  /// - Parameters:
  ///   - size: n; the input is cut off or continued with zeros.
  ///   - normalization: which direction is divided.
  /// - Complexity: O(n·log n) a sequence.
  public func fft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return transformed("fft", size.map { [$0] }, [axis], normalization, isBackward: false)
  }

  /// The inverse transform along an axis: xⱼ = 1/n · Σₖ yₖ·e^(+2πi·jk/n). See ``fft(size:along:normalization:file:line:)``.
  public func ifft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return transformed("ifft", size.map { [$0] }, [axis], normalization, isBackward: true)
  }

  /// The transform along several axes, one after the other.
  ///
  /// - Parameters:
  ///   - sizes: a length an axis, −1 for the input's; without axes those of the last axes.
  ///   - axes: all, or the last of as many as there are sizes, where none are named.
  public func fftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return transformed("fftn", sizes, axes, normalization, isBackward: false)
  }

  /// The inverse transform along several axes. See ``fftn(sizes:along:normalization:file:line:)``.
  public func ifftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return transformed("ifftn", sizes, axes, normalization, isBackward: true)
  }

  func transformed(
    _ name: StaticString, _ sizes: [Int]?, _ axes: [Int]?, _ normalization: FourierNormalization, isBackward: Bool
  ) -> ComplexPair {
    let plan = FourierAxes(shape, sizes, axes, half: false, "\(name)")
    var scale = fourierScale(plan.count, normalization, isBackward: isBackward, Scalar.self)
    var result = self
    for (axis, n) in zip(plan.axes, plan.extents).reversed() {
      let step = FourierStep<Scalar>(
        kind: .complex, n: n, axis: axis - result.real.rank, isBackward: isBackward, scale: scale, name: name)
      let parts = step(
        result.real.fitted(to: n, along: axis), result.imaginary.fitted(to: n, along: axis))
      result = ComplexPair(parts: parts[0], parts[1])
      scale = 1
    }
    return result
  }

  /// The real sequence along an axis whose transform begins with these n/2 + 1 numbers: what
  /// ``Tensor/rfft(size:along:normalization:file:line:)`` undoes.
  ///
  /// The imaginary parts of the first number, and of the last where n is even, do not matter.
  /// - Parameter size: n, 2·(extent − 1) where it is not given.
  public func irfft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return realTransformed("irfft", size.map { [$0] }, [axis], normalization, isBackward: true)
  }

  /// The real tensor whose transform along several axes has this half. The last of the axes is the halved one.
  ///
  /// - Parameter sizes: of the result along the axes; −1, for the input's, is 2·(extent − 1) at the last.
  public func irfftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return realTransformed("irfftn", sizes, axes, normalization, isBackward: true)
  }

  /// The transform, which is real, of a sequence whose second half mirrors its first: conj xⱼ = xₙ₋ⱼ, from n/2 + 1 numbers.
  ///
  /// - Parameter size: n, 2·(extent − 1) where it is not given.
  public func hfft(
    size: Int? = nil, along axis: Int = -1, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return conjugate.realTransformed("hfft", size.map { [$0] }, [axis], normalization, isBackward: false)
  }

  /// The real transform along several axes of what mirrors itself, from its half along the last of them.
  public func hfftn(
    sizes: [Int]? = nil, along axes: [Int]? = nil, normalization: FourierNormalization = .backward,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return conjugate.realTransformed("hfftn", sizes, axes, normalization, isBackward: false)
  }

  /// The backward transform, with the factor of either direction.
  private func realTransformed(
    _ name: StaticString, _ sizes: [Int]?, _ axes: [Int]?, _ normalization: FourierNormalization, isBackward: Bool
  ) -> Tensor<Scalar> {
    let plan = FourierAxes(shape, sizes, axes, half: true, "\(name)")
    var scale = fourierScale(plan.count, normalization, isBackward: isBackward, Scalar.self)
    let (last, n) = (plan.axes.last!, plan.extents.last!)
    var (real, imaginary) = (real.fitted(to: n / 2 + 1, along: last), imaginary.fitted(to: n / 2 + 1, along: last))
    for (axis, extent) in zip(plan.axes.dropLast(), plan.extents.dropLast()) {
      let step = FourierStep<Scalar>(
        kind: .complex, n: extent, axis: axis - real.rank, isBackward: true, scale: scale, name: name)
      let parts = step(real.fitted(to: extent, along: axis), imaginary.fitted(to: extent, along: axis))
      (real, imaginary, scale) = (parts[0], parts[1], 1)
    }
    let step = FourierStep<Scalar>(
      kind: .halfToReal, n: n, axis: last - real.rank, isBackward: true, scale: scale, name: name)
    return step(real, imaginary)[0]
  }
}

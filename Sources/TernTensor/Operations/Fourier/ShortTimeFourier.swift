import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The short-time Fourier transform of signals [L] or [batch, L]: a spectrum of every part of n samples, `hop` apart.
  ///
  /// Result […, frequencies, parts], n/2 + 1 frequencies or, not `onesided`, n. Stops where the signal, with what is put
  /// around it, is shorter than n.
  /// - Parameters:
  ///   - n: samples a transform.
  ///   - hop: from one part to the next, n/4 where it is not given.
  ///   - window: weights of the samples of a part, at most n; a shorter one is in the middle. Without one all count.
  ///   - center: part t has sample t·hop in its middle; n/2 samples are put before and after the signal.
  ///   - padding: what is put there.
  ///   - normalized: divides by √n.
  public func stft(
    _ n: Int, hop: Int? = nil, window: Tensor? = nil, center: Bool = true, padding: PaddingMode<Scalar> = .reflect,
    normalized: Bool = false, onesided: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> ComplexPair<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 1 || rank == 2, "stft", "signals [L] or [batch, L] expected: \(shape)")
    let hop = hop ?? n / 4
    requireParts("stft", n, hop, window)
    var x = rank == 1 ? expandedAxis(at: 0) : self
    if center { x = x.padded([(n / 2, n / 2)], padding) }
    check(x.shape[1] >= n, "stft", "\(shape) has \(x.shape[1]) samples for a transform of \(n)")
    var parts = x.overlappingParts(n, hop)
    if let window { parts = parts * window.inMiddle(of: n) }
    let normalization: FourierNormalization = normalized ? .ortho : .backward
    let spectrum = onesided ? parts.rfft(normalization: normalization) : parts.fft(normalization: normalization)
    return spectrum.map {
      let moved = $0.transposed()
      return rank == 1 ? moved.squeezed(0) : moved
    }
  }

  /// The windows of a transform of signals, checked.
  fileprivate func requireParts(_ name: String, _ n: Int, _ hop: Int, _ window: Tensor?) {
    Sizes.check([n, hop], name, "a length of")
    check(n > 0, name, "a transform of \(n) samples")
    check(hop > 0, name, "a hop of \(hop) samples")
    guard let window else { return }
    check(
      window.rank == 1 && window.count <= n && window.count > 0, name, "a window \(window.shape) for \(n) samples")
  }

  /// A window with zeros on both sides.
  fileprivate func inMiddle(of n: Int) -> Tensor {
    let before = (n - count) / 2
    return count == n ? self : padded([(before, n - count - before)])
  }

  /// [batch, L] as parts [batch, parts, n], `hop` apart. Gradient: the parts' sum where they lie.
  fileprivate func overlappingParts(_ n: Int, _ hop: Int) -> Tensor {
    let (batch, length) = (shape[0], shape[1])
    let parts = (length - n) / hop + 1
    check(
      Layout.holds([batch, parts, n]), "stft", "\(parts) parts of \(n) samples are more than a tensor can hold (2⁴⁸)")
    let result = Tensor(uninitialized: [batch, parts, n])
    let source = detached().contiguous
    let (x, out) = (source.pointer, result.mutablePointer)
    Workers.run(count: batch * parts, grain: Swift.max(1, 0x4000 / n)) { range in
      for place in range {
        let (b, t) = place.quotientAndRemainder(dividingBy: parts)
        Scalar.copy(n, out + place * n, 1, x + b * length + t * hop, 1)
      }
    }
    withExtendedLifetime(source) {}
    return result.moved("overlappingParts", from: self) { $0.overlapAdded(length, hop) }
  }

  /// Parts [batch, parts, n] added where they lie, `hop` apart, to [batch, length].
  fileprivate func overlapAdded(_ length: Int, _ hop: Int) -> Tensor {
    let (batch, parts, n) = (shape[0], shape[1], shape[2])
    let result = Tensor(zeros: [batch, length])
    let source = detached().contiguous
    let (x, out) = (source.pointer, result.mutablePointer)
    Workers.run(count: batch, grain: 1) { range in
      for b in range {
        for t in 0..<parts {
          let sums = out + b * length + t * hop
          Scalar.binary(.add, n, sums, 1, UnsafePointer(sums), 1, x + (b * parts + t) * n, 1, 1)
        }
      }
    }
    withExtendedLifetime(source) {}
    return result.moved("overlapAdded", from: self) { $0.overlappingParts(n, hop) }
  }
}

extension ComplexPair {
  /// The signal of a short-time Fourier transform […, frequencies, parts]: its parts' inverse transforms, windowed and added,
  /// divided by the sum of the squares of the windows there (Griffin and Lim, 1984).
  ///
  /// [L] or [batch, L]. Stops where the windows leave a sample without weight.
  /// - Parameters:
  ///   - n: samples a transform.
  ///   - hop: from one part to the next, n/4 where it is not given.
  ///   - window: as for the transform.
  ///   - center: the transform's parts had their sample in the middle: n/2 samples at either end are left out.
  ///   - normalized: the transform was divided by √n.
  ///   - onesided: there are n/2 + 1 frequencies, not n, of which the others do not matter, as those of a real signal. Where it
  ///     is left out their number tells.
  ///   - length: of the signal; beyond the parts it is 0.
  public func istft(
    _ n: Int, hop: Int? = nil, window: Tensor<Scalar>? = nil, center: Bool = true, normalized: Bool = false,
    onesided: Bool? = nil, length: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let rank = shape.count
    check(
      rank == 2 || rank == 3, "istft", "spectra [frequencies, parts] or [batch, frequencies, parts] expected: \(shape)")
    let hop = hop ?? n / 4
    real.requireParts("istft", n, hop, window)
    let frequencies = onesided ?? (shape[rank - 2] != n) ? n / 2 + 1 : n
    check(
      shape[rank - 2] == frequencies, "istft", "\(shape) has \(shape[rank - 2]) frequencies (\(frequencies) expected)")
    let parts = shape[rank - 1]
    check(parts > 0, "istft", "\(shape) has no parts")
    check(length == nil || length! > 0, "istft", "a signal of \(length ?? 0) samples")
    if let length { Sizes.check(length, "istft", "a length of") }
    let batched = rank == 3 ? self : map { $0.expandedAxis(at: 0) }
    let spectra = batched.map { $0.transposed().narrowed(axis: 2, start: 0, length: n / 2 + 1) }
    var signal = spectra.irfft(size: n, normalization: normalized ? .ortho : .backward)
    let weights = window.map { $0.inMiddle(of: n) } ?? Tensor(ones: [n])
    if window != nil { signal = signal * weights }
    check(
      Layout.holds([parts, hop]), "istft", "\(parts) parts \(hop) samples apart are more than a tensor can hold (2⁴⁸)")
    let whole = n + hop * (parts - 1)
    let sum = signal.overlapAdded(whole, hop)
    let squares = weights.square().broadcast(to: [1, parts, n]).overlapAdded(whole, hop)
    let start = center ? n / 2 : 0
    let end = length.map { start + $0 } ?? (center ? whole - n / 2 : whole)
    let last = Swift.min(end, whole)
    check(last > start, "istft", "\(parts) parts of \(n) samples leave no signal")
    let (numerator, divisor) = (
      sum.narrowed(axis: 1, start: start, length: last - start),
      squares.narrowed(axis: 1, start: start, length: last - start)
    )
    let least = divisor.detached().amin().item
    check(least > 1e-11, "istft", "the windows, \(hop) samples apart, leave a sample with a weight of \(least)")
    var result = numerator / divisor
    if end > last { result = result.fitted(to: end - start, along: 1) }
    return rank == 3 ? result : result.squeezed(0)
  }
}

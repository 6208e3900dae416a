import Foundation
import TernBackend

/// A window that a part of a signal is multiplied by before its transform. With N = count − 1, or count where it is
/// periodic, and k = 0 … count − 1:
public enum SignalWindow: Sendable {
  /// (1 − cos 2πk/N)/2.
  case hann
  /// 0.54 − 0.46·cos 2πk/N.
  case hamming
  /// α − (1 − α)·cos 2πk/N.
  case generalHamming(alpha: Double)
  /// 0.42 − 0.5·cos 2πk/N + 0.08·cos 4πk/N.
  case blackman
  /// 0.3635819 − 0.4891775·cos 2πk/N + 0.1365995·cos 4πk/N − 0.0106411·cos 6πk/N.
  case nuttall
  /// Σᵢ (−1)ⁱ·aᵢ·cos 2πik/N.
  case generalCosine([Double])
  /// 1 − |2k/N − 1|, a triangle.
  case bartlett
  /// sin π(k + 1/2)/(N + 1).
  case cosine
  /// e^(−|k − center|/decay); the center is N/2 where it is not given.
  case exponential(center: Double? = nil, decay: Double = 1)
  /// e^(−(k − N/2)²/2σ²) of a standard deviation σ in samples.
  case gaussian(deviation: Double)
  /// I₀(β·√(1 − (2k/N − 1)²))/I₀(β).
  case kaiser(beta: Double = 12)

  /// The weight of sample k of `count`.
  fileprivate func value(_ k: Int, _ count: Int, _ isPeriodic: Bool) -> Double {
    if count == 1 { return single }
    let n = Double(isPeriodic ? count : count - 1)
    let x = Double(k)
    func cosines(_ a: [Double]) -> Double {
      a.enumerated().reduce(0) { sum, term in
        let (i, factor) = term
        return sum + (i % 2 == 0 ? factor : -factor) * cos(2 * Double.pi * Double(i) * x / n)
      }
    }
    switch self {
    case .hann: return cosines([0.5, 0.5])
    case .hamming: return cosines([0.54, 0.46])
    case .generalHamming(let alpha): return cosines([alpha, 1 - alpha])
    case .blackman: return cosines([0.42, 0.5, 0.08])
    case .nuttall: return cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411])
    case .generalCosine(let a): return cosines(a)
    case .bartlett: return 1 - Swift.abs(2 * x / n - 1)
    case .cosine: return sin(Double.pi * (x + 0.5) / (n + 1))
    case .exponential(let center, let decay): return exp(-Swift.abs(x - (center ?? n / 2)) / decay)
    case .gaussian(let deviation):
      let z = (x - n / 2) / deviation
      return exp(-z * z / 2)
    case .kaiser(let beta):
      let place = 2 * x / n - 1
      return besselRatio(Swift.abs(beta) * Swift.max(0, 1 - place * place).squareRoot(), Swift.abs(beta))
    }
  }

  /// The weight of a sample that is alone.
  private var single: Double {
    guard case .exponential(let center?, let decay) = self else { return 1 }
    return exp(-Swift.abs(center) / decay)
  }
}

/// I₀(x)/I₀(y) of modified Bessel functions for 0 ≤ x ≤ y.
private func besselRatio(_ x: Double, _ y: Double) -> Double {
  exp(x - y) * BesselValues.besselI(0, x, scaled: true) / BesselValues.besselI(0, y, scaled: true)
}

extension Tensor where Scalar: FloatingScalar {
  /// A window of `count` samples, computed in Double.
  ///
  /// - Parameter isPeriodic: the window of count + 1 samples without its last, as transforms of parts of a signal take it;
  ///   PyTorch's `torch.hann_window` is periodic, `torch.signal.windows.hann` is not.
  public init(
    window: SignalWindow, count: Int, isPeriodic: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Sizes.check(count, "window", "a count of")
    check(count >= 0, "window", "\(count) samples")
    if case .gaussian(let deviation) = window { check(deviation > 0, "window", "a deviation of \(deviation)") }
    if case .exponential(_, let decay) = window { check(decay > 0, "window", "a decay of \(decay)") }
    self.init(uninitialized: [count])
    let out = mutablePointer
    Workers.run(count: count, grain: 0x1000) { range in
      for k in range { out[k] = Scalar(window.value(k, count, isPeriodic)) }
    }
  }

  /// The frequencies of a transform of n samples, in cycles per unit of the spacing: [0, 1, … n/2 − 1, −n/2, … −1]/(n·spacing).
  ///
  /// - Parameter spacing: the time between samples.
  public init(fftFrequencies n: Int, spacing: Scalar = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Sizes.check(n, "fftFrequencies", "a length of")
    check(n >= 0, "fftFrequencies", "\(n) samples")
    self.init(uninitialized: [n])
    let out = mutablePointer
    let positive = (n + 1) / 2
    for k in 0..<n { out[k] = Scalar(k < positive ? k : k - n) / (Scalar(n) * spacing) }
  }

  /// The frequencies of a transform of n real samples: [0, 1, … n/2]/(n·spacing).
  ///
  /// - Parameter spacing: the time between samples.
  public init(rfftFrequencies n: Int, spacing: Scalar = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Sizes.check(n, "rfftFrequencies", "a length of")
    check(n >= 0, "rfftFrequencies", "\(n) samples")
    self.init(uninitialized: [n / 2 + 1])
    let out = mutablePointer
    for k in 0...(n / 2) { out[k] = Scalar(k) / (Scalar(n) * spacing) }
  }
}

extension Tensor {
  /// A spectrum with the frequency 0 in the middle of each of some axes, of all where none are named.
  public func fftShifted(along axes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = axes.map { resolve(axes: $0, rank: rank, "fftShifted") } ?? Array(0..<rank)
    return axes.isEmpty ? self : rolled(by: axes.map { shape[$0] / 2 }, along: axes)
  }

  /// What ``fftShifted(along:file:line:)`` undoes: the frequency 0 goes from the middle to the beginning.
  public func ifftShifted(along axes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = axes.map { resolve(axes: $0, rank: rank, "ifftShifted") } ?? Array(0..<rank)
    return axes.isEmpty ? self : rolled(by: axes.map { (shape[$0] + 1) / 2 }, along: axes)
  }
}

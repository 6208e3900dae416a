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

  /// Writes the weights of `m` samples of `count` from number `first` on, by kernels; `spare` has room for as many.
  fileprivate func fill(
    _ out: UnsafeMutablePointer<Double>, _ spare: UnsafeMutablePointer<Double>, _ first: Int, _ m: Int, of count: Int,
    isPeriodic: Bool
  ) {
    if count == 1 { return out.update(repeating: single, count: m) }
    let n = Double(isPeriodic ? count : count - 1)
    /// f of a number for each sample.
    func map(_ kernel: UnaryKernel, _ target: UnsafeMutablePointer<Double>, _ argument: (Double) -> Double) {
      for i in 0..<m { target[i] = argument(Double(first &+ i)) }
      Double.unary(kernel, m, target, 1, target, 1, 0, 0)
    }
    func cosines(_ a: [Double]) {
      out.update(repeating: a.first ?? 0, count: m)
      for (i, factor) in a.enumerated().dropFirst() {
        let (angle, sign) = (2 * Double.pi * Double(i), i % 2 == 0 ? factor : -factor)
        map(.cos, spare) { angle * $0 / n }
        for k in 0..<m { out[k] += sign * spare[k] }
      }
    }
    switch self {
    case .hann: cosines([0.5, 0.5])
    case .hamming: cosines([0.54, 0.46])
    case .generalHamming(let alpha): cosines([alpha, 1 - alpha])
    case .blackman: cosines([0.42, 0.5, 0.08])
    case .nuttall: cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411])
    case .generalCosine(let a): cosines(a)
    case .bartlett:
      for i in 0..<m { out[i] = 1 - Swift.abs(2 * Double(first &+ i) / n - 1) }
    case .cosine: map(.sin, out) { Double.pi * ($0 + 0.5) / (n + 1) }
    case .exponential(let center, let decay):
      let middle = center ?? n / 2
      map(.exp, out) { -Swift.abs($0 - middle) / decay }
    case .gaussian(let deviation):
      map(.exp, out) { k in
        let z = (k - n / 2) / deviation
        return -z * z / 2
      }
    case .kaiser(let beta):
      // I₀(x)/I₀(β) of the scaled e^−x·I₀(x).
      let greatest = Swift.abs(beta)
      var whole = greatest
      withUnsafeMutablePointer(to: &whole) { Double.special(.scaledBesselI0, 1, $0, 1, $0, 1) }
      for i in 0..<m {
        let place = 2 * Double(first &+ i) / n - 1
        out[i] = greatest * Swift.max(0, 1 - place * place).squareRoot()
        spare[i] = out[i] - greatest
      }
      Double.unary(.exp, m, spare, 1, spare, 1, 0, 0)
      Double.special(.scaledBesselI0, m, out, 1, out, 1)
      for i in 0..<m { out[i] = out[i] * spare[i] / whole }
    }
  }

  /// The weight of a sample that is alone.
  private var single: Double {
    guard case .exponential(let center?, let decay) = self else { return 1 }
    return exp(-Swift.abs(center) / decay)
  }
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
      let room = 1_024
      withScratch(2 * room, of: Double.self) { values in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: room) {
          let m = Swift.min(room, range.upperBound - first)
          window.fill(values, values + room, first, m, of: count, isPeriodic: isPeriodic)
          Double.convert(m, out + first, 1, values, 1)
        }
      }
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

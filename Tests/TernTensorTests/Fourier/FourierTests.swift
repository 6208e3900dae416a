import Foundation
import TernTensor
import TernTestSupport
import Testing

/// Lengths of every kind: of each radix, of several, powers, primes that go through a chirp, and long ones in two passes.
private let lengths = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 25, 29, 31, 32, 37, 41, 60, 64, 74, 97, 101, 128, 210, 243,
  256, 500, 961, 1000, 1009, 1024, 2018, 2048, 4096, 6561, 10007,
]

/// Transforms of every length, alone and in batches, against the sum that defines them.
@Suite struct FourierTests {
  @Test(arguments: lengths) func againstTheDefinition(_ n: Int) {
    for batch in [1, 3, 17] {
      agrees(n, batch, Double.self, 1e-13)
      agrees(n, batch, Float.self, 2e-5)
    }
  }

  private func agrees<Scalar: FloatingScalar>(_ n: Int, _ batch: Int, _: Scalar.Type, _ bound: Double) {
    let re = Tensor<Scalar>(randomNormal: [batch, n], generator: RandomGenerator(seed: 1))
    let im = Tensor<Scalar>(randomNormal: [batch, n], generator: RandomGenerator(seed: 2))
    let y = ComplexPair(real: re, imaginary: im).fft()
    let size = Double(n).squareRoot()
    let (a, b) = (re.scalars.map { Double($0) }, im.scalars.map { Double($0) })
    let (yr, yi) = (y.real.scalars, y.imaginary.scalars)
    var worst = 0.0
    for place in 0..<batch {
      for k in stride(from: 0, to: n, by: max(1, n / 7)) {
        var (sumReal, sumImaginary) = (0.0, 0.0)
        for j in 0..<n {
          let angle = -2 * Double.pi * Double(j * k % n) / Double(n)
          let (c, s) = (cos(angle), sin(angle))
          sumReal += a[place * n + j] * c - b[place * n + j] * s
          sumImaginary += a[place * n + j] * s + b[place * n + j] * c
        }
        worst = max(worst, abs(sumReal - Double(yr[place * n + k])), abs(sumImaginary - Double(yi[place * n + k])))
      }
    }
    #expect(worst / size <= bound, "the transform of \(batch) × \(n) in \(Scalar.self): \(worst / size)")
    func near(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ what: String) {
      let difference = (x - y).abs().max().item.number / size
      #expect(difference <= bound, "\(what) of \(batch) × \(n) in \(Scalar.self): \(difference)")
    }
    let back = y.ifft()
    near(back.real, re, "there and back")
    near(back.imaginary, im, "there and back")
    let (half, whole) = (re.rfft(), re.fft())
    near(half.real, whole.real.narrowed(axis: 1, start: 0, length: n / 2 + 1), "half")
    near(half.imaginary, whole.imaginary.narrowed(axis: 1, start: 0, length: n / 2 + 1), "half")
    near(half.irfft(size: n), re, "half and back")
    let columns = ComplexPair(real: re.transposed(), imaginary: im.transposed()).fft(along: 0)
    near(columns.real.transposed(), y.real, "columns")
    near(columns.imaginary.transposed(), y.imaginary, "columns")
  }

  @Test func signalsComeBackFromTheirSpectra() {
    let x = Tensor<Double>(randomNormal: [2, 1000], generator: RandomGenerator(seed: 3))
    let window = Tensor<Double>(window: .hann, count: 64, isPeriodic: true)
    let back = x.stft(64, hop: 16, window: window).istft(64, hop: 16, window: window, length: 1000)
    let difference = (back - x).abs().max().item
    #expect(difference < 1e-13)
  }

  @Test func aPulseHasAFlatSpectrum() {
    let spectrum = Tensor<Float>([1, 0, 0, 0, 0, 0]).rfft()
    #expect(spectrum.real == Tensor<Float>(ones: [4]))
    #expect(spectrum.imaginary == Tensor<Float>(zeros: [4]))
  }

  @Test func frequenciesAndShifts() {
    let frequencies = Tensor<Double>(fftFrequencies: 5, spacing: 0.5)
    #expect(frequencies == Tensor<Double>([0, 0.4, 0.8, -0.8, -0.4]))
    #expect(frequencies.fftShifted().ifftShifted() == frequencies)
    #expect(Tensor<Double>(rfftFrequencies: 4) == Tensor<Double>([0, 0.25, 0.5]))
  }
}

#if os(Linux)
  @Suite struct FourierMessageTests {
    @Test func lengthsAndWindows() async {
      let length = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor<Float>(zeros: [4]).rfft(size: 0)
      }
      let lengthText = text(length?.standardErrorContent)
      #expect(lengthText.contains("rfft: a transform of 0 elements along axis 0 of [4]"))
      let window = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor<Float>(zeros: [40]).stft(8, window: Tensor<Float>(ones: [9]))
      }
      let windowText = text(window?.standardErrorContent)
      #expect(windowText.contains("stft: a window [9] for 8 samples"))
      let gap = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let x = Tensor<Float>(zeros: [40]).stft(8, hop: 8)
        _ = x.istft(8, hop: 8, window: Tensor<Float>([1, 0, 0, 0, 0, 0, 0, 1]))
      }
      let gapText = text(gap?.standardErrorContent)
      #expect(gapText.contains("istft: the windows, 8 samples apart, leave a sample"))
    }
  }
#endif

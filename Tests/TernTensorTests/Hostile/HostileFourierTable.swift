import TernTensor
import TernTestSupport

/// Fourier transforms with hostile lengths, axes and windows.
let hostileFourierTable = makeTable()

private func pair(_ n: inout HostileNumbers) -> ComplexPair<Float> {
  let x = n.floats()
  return ComplexPair(real: x, imaginary: n.flag() ? x : n.floats())
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("fft") { n in _ = pair(&n).fft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("fft of real numbers") { n in _ = n.floats().fft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("ifft") { n in _ = pair(&n).ifft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("fftn") { n in _ = pair(&n).fftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list()) }
  table.add("fftn of real numbers") { n in
    _ = n.floats().fftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list())
  }
  table.add("ifftn") { n in _ = pair(&n).ifftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list()) }
  table.add("rfft") { n in _ = n.floats().rfft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("rfftn") { n in _ = n.floats().rfftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list()) }
  table.add("irfft") { n in _ = pair(&n).irfft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("irfftn") { n in _ = pair(&n).irfftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list()) }
  table.add("hfft") { n in _ = pair(&n).hfft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("hfftn") { n in _ = pair(&n).hfftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list()) }
  table.add("ihfft") { n in _ = n.floats().ihfft(size: n.flag() ? nil : n.any(), along: n.any()) }
  table.add("ihfftn") { n in
    _ = n.floats().ihfftn(sizes: n.flag() ? nil : n.list(), along: n.flag() ? nil : n.list())
  }
  table.add("fftShifted") { n in _ = n.floats().fftShifted(along: n.flag() ? nil : n.list()) }
  table.add("ifftShifted") { n in _ = n.floats().ifftShifted(along: n.flag() ? nil : n.list()) }
  table.add("window") { n in
    let window = n.one(of: [
      SignalWindow.hann, .kaiser(beta: n.real()), .gaussian(deviation: n.real()), .exponential(decay: n.real()),
    ])
    _ = Tensor<Float>(window: window, count: n.any(), isPeriodic: n.flag())
  }
  table.add("fftFrequencies") { n in _ = Tensor<Float>(fftFrequencies: n.any(), spacing: Float(n.real())) }
  table.add("rfftFrequencies") { n in _ = Tensor<Float>(rfftFrequencies: n.any(), spacing: Float(n.real())) }
  table.add("stft") { n in
    _ = n.floats(1 + n.below(2)).stft(
      n.any(), hop: n.flag() ? nil : n.any(), window: n.flag() ? nil : n.floats(1), center: n.flag(),
      onesided: n.flag())
  }
  table.add("istft") { n in
    _ = pair(&n).istft(
      n.any(), hop: n.flag() ? nil : n.any(), window: n.flag() ? nil : n.floats(1), center: n.flag(),
      onesided: n.flag(), length: n.flag() ? nil : n.any())
  }
  return table
}

import Foundation
import TernBackend
import Testing

private func draw<T: BinaryFloatingPoint>(
  _ kernel: (Int, UnsafeMutablePointer<T>, UInt64, UInt64, Int) -> Void, _ n: Int, seed: UInt64 = 42,
  stream: UInt64 = 7, first: Int = 0
) -> [T] {
  var out = Array(repeating: T(9), count: n)
  out.withUnsafeMutableBufferPointer {
    guard let out = $0.baseAddress else { return }
    kernel(n, out, seed, stream, first)
  }
  return out
}

/// A sum over the bits of the first draws, the same on every level of the CPU.
func randomFingerprint() -> UInt64 {
  var sum: UInt64 = 0
  func add(_ bits: UInt64) { sum = (sum &* 0x9E37_79B9_7F4A_7C15) ^ bits }
  draw(Float.uniform, 1000).forEach { add(UInt64($0.bitPattern)) }
  draw(Float.normal, 1000).forEach { add(UInt64($0.bitPattern)) }
  draw(Double.uniform, 1000).forEach { add($0.bitPattern) }
  draw(Double.normal, 1000).forEach { add($0.bitPattern) }
  return sum
}

@Suite("Random kernels") struct KernelsRandomTests {
  @Test("Philox answers Random123's known answers")
  func knownAnswers() {
    #expect(Philox.block(seed: 0, stream: 0, counter: 0) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(seed: .max, stream: .max, counter: .max) == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e, counter: 0x85a3_08d3_243f_6a88)
        == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test("uniform values are the blocks' words, scaled")
  func words() {
    let floats = draw(Float.uniform, 600)
    let doubles = draw(Double.uniform, 600)
    for i in 0..<600 {
      let a = Philox.block(seed: 42, stream: 7, counter: UInt64(i / 4))
      let word = [a.0, a.1, a.2, a.3][i % 4]
      #expect(floats[i] == Float(word >> 8) / 16_777_216)
      let b = Philox.block(seed: 42, stream: 7, counter: UInt64(i / 2))
      let bits = i % 2 == 0 ? UInt64(b.1) << 32 | UInt64(b.0) : UInt64(b.3) << 32 | UInt64(b.2)
      #expect(doubles[i] == Double(bits >> 11) / 9_007_199_254_740_992)
    }
  }

  @Test("normal values are Box and Muller's of the blocks' words")
  func boxMuller() {
    let floats = draw(Float.normal, 4000)
    let doubles = draw(Double.normal, 4000)
    for i in stride(from: 0, to: 4000, by: 2) {
      let a = Philox.block(seed: 42, stream: 7, counter: UInt64(i / 4))
      let (w0, w1) = i % 4 == 0 ? (a.0, a.1) : (a.2, a.3)
      let radius = (-2 * log((Double(w0) + 0.5) * 0x1p-32)).squareRoot()
      let angle = 2 * Double.pi * Double(w1) * 0x1p-32
      #expect(abs(Double(floats[i]) - radius * cos(angle)) < 4e-6 * max(radius, 1 / radius))
      #expect(abs(Double(floats[i + 1]) - radius * sin(angle)) < 4e-6 * max(radius, 1 / radius))
      let b = Philox.block(seed: 42, stream: 7, counter: UInt64(i / 2))
      let first = UInt64(b.1) << 32 | UInt64(b.0)
      let second = UInt64(b.3) << 32 | UInt64(b.2)
      let r = (-2 * log(Double(first >> 11) * 0x1p-53 + 0x1p-54)).squareRoot()
      let turn = 2 * Double.pi * (Double(second) * 0x1p-64)
      #expect(abs(doubles[i] - r * cos(turn)) < 1e-14 * max(r, 1 / r))
      #expect(abs(doubles[i + 1] - r * sin(turn)) < 1e-14 * max(r, 1 / r))
    }
  }

  @Test("a draw may be split anywhere", arguments: [0, 1, 2, 3, 5, 255, 256, 257, 1001])
  func splits(first: Int) {
    for n in [0, 1, 3, 300] {
      #expect(draw(Float.uniform, n, first: first) == Array(draw(Float.uniform, first + n)[first...]))
      #expect(draw(Double.uniform, n, first: first) == Array(draw(Double.uniform, first + n)[first...]))
      #expect(draw(Float.normal, n, first: first) == Array(draw(Float.normal, first + n)[first...]))
      #expect(draw(Double.normal, n, first: first) == Array(draw(Double.normal, first + n)[first...]))
    }
  }

  @Test("the values are spread as they should be")
  func distribution() {
    let n = 200_000
    let uniform = draw(Float.uniform, n).map { Double($0) }
    let normal = draw(Float.normal, n).map { Double($0) }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 } && normal.allSatisfy { $0.isFinite })
    func moment(_ x: [Double], _ power: Double) -> Double { x.reduce(0) { $0 + pow($1, power) } / Double(n) }
    // Five standard errors each.
    #expect(abs(moment(uniform, 1) - 0.5) < 5 * 0.2887 / Double(n).squareRoot())
    #expect(abs(moment(uniform, 2) - 1.0 / 3) < 5 * 0.2981 / Double(n).squareRoot())
    #expect(abs(moment(normal, 1)) < 5 / Double(n).squareRoot())
    #expect(abs(moment(normal, 2) - 1) < 5 * 1.4142 / Double(n).squareRoot())
    #expect(abs(moment(normal, 3)) < 5 * 3.873 / Double(n).squareRoot())
    #expect(abs(moment(normal, 4) - 3) < 5 * 9.798 / Double(n).squareRoot())
    #expect(
      abs(Double(normal.filter { abs($0) > 1.959964 }.count) / Double(n) - 0.05) < 5 * 0.218 / Double(n).squareRoot())
  }

  @Test("other seeds and other streams are other numbers")
  func streams() {
    let here = draw(Float.uniform, 100)
    #expect(here != draw(Float.uniform, 100, seed: 43))
    #expect(here != draw(Float.uniform, 100, stream: 8))
    #expect(here == draw(Float.uniform, 100))
  }
}

import TernBackend
import Testing

/// Kernels with non-temporal stores give the bits of those that do not, at any place, length and step.
@Suite struct KernelsNonTemporalTests {
  static let counts = [1, 15, 16, 17, 255, 256, 257, 511, 513, 1000, 4099]

  private func expectSame<Scalar: FloatingKernelScalar>(_: Scalar.Type, _ count: Int) {
    let x = (0..<(2 * count + 8)).map { Scalar(($0 * 37) % 101) / 7 - 6 }
    for first in 0..<4 {
      for step in [1, 2, 0] {
        var (plain, nonTemporal) = (
          [Scalar](repeating: 9, count: count + 8), [Scalar](repeating: 9, count: count + 8)
        )
        x.withUnsafeBufferPointer { x in
          let input = x.baseAddress! + first
          plain.withUnsafeMutableBufferPointer {
            Scalar.unary(.leakyReLU, count, $0.baseAddress! + first, 1, input, step, 0.25, 0)
          }
          nonTemporal.withUnsafeMutableBufferPointer {
            Scalar.unaryNonTemporal(.leakyReLU, count, $0.baseAddress! + first, input, step, 0.25, 0)
          }
        }
        NonTemporalStores.fence()
        #expect(plain == nonTemporal, "leakyReLU of \(count) \(Scalar.self) from \(first) on, step \(step)")
        x.withUnsafeBufferPointer { x in
          let input = x.baseAddress! + first
          plain.withUnsafeMutableBufferPointer {
            Scalar.binary(.sub, count, $0.baseAddress! + first, 1, input, 1, input + 3, step, 0.5)
          }
          nonTemporal.withUnsafeMutableBufferPointer {
            Scalar.binaryNonTemporal(.sub, count, $0.baseAddress! + first, input, 1, input + 3, step, 0.5)
          }
        }
        NonTemporalStores.fence()
        #expect(plain == nonTemporal, "sub of \(count) \(Scalar.self) from \(first) on, step \(step)")
        // A row times one number, on either side.
        for (left, right) in [(1, step), (step, 1)] {
          x.withUnsafeBufferPointer { x in
            let input = x.baseAddress! + first
            plain.withUnsafeMutableBufferPointer {
              Scalar.binary(.mul, count, $0.baseAddress! + first, 1, input, left, input + 3, right, 1)
            }
            nonTemporal.withUnsafeMutableBufferPointer {
              Scalar.binaryNonTemporal(.mul, count, $0.baseAddress! + first, input, left, input + 3, right, 1)
            }
          }
          NonTemporalStores.fence()
          #expect(plain == nonTemporal, "mul of \(count) \(Scalar.self) from \(first) on, steps \(left), \(right)")
        }
      }
    }
  }

  @Test(arguments: counts) func inFloat(count: Int) { expectSame(Float.self, count) }

  @Test(arguments: counts) func inDouble(count: Int) { expectSame(Double.self, count) }
}

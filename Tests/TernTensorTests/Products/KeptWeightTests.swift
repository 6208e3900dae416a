import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

/// Weights that are packed once: the same bits at every call, and those of the new elements after a change.
@Suite struct KeptWeightTests {
  private func normal(_ shape: [Int], seed: UInt64) -> Tensor<Float> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
  }

  /// Calls `run` several times, changes the weight in place, and calls it again.
  private func check(
    _ shape: [Int], _ precision: FloatPrecision, _ comment: String, _ run: (Tensor<Float>) -> Tensor<Float>
  ) {
    var weight = normal(shape, seed: 2)
    func call(_ weight: Tensor<Float>) -> Tensor<Float> {
      withPrecision(precision) { withoutGradients { run(weight) } }
    }
    let first = call(weight)
    for _ in 0..<3 { #expect(call(weight) == first, "\(comment)") }
    let before = weight.pointer
    weight.withUnsafeMutableScalars { for i in $0.indices { $0[i] *= 2 } }
    // Nothing else holds the memory: it was changed in place.
    #expect(weight.pointer == before, "\(comment)")
    let fresh = call(weight.copied())
    for _ in 0..<3 { #expect(call(weight) == fresh, "\(comment)") }
    #expect(fresh != first, "\(comment)")
    // Others that hold the memory keep what was packed for them.
    let held = weight
    weight.withUnsafeMutableScalars { $0[0] += 100 }
    #expect(call(held) == fresh, "\(comment)")
    #expect(call(weight) == call(weight.copied()), "\(comment)")
  }

  @Test(arguments: [FloatPrecision.float32, .bfloat16]) func ofLinearMaps(_ precision: FloatPrecision) {
    for rows in [1, 2, 3, 4, 5, 31, 300] {
      for (inputs, outputs) in [(37, 50), (64, 256), (1030, 333), (700, 900)] {
        let x = normal([rows, inputs], seed: 1)
        check([outputs, inputs], precision, "\(rows) rows, \(inputs) to \(outputs)") { linear(x, $0) }
      }
    }
  }

  /// Direct, 1×1, by rows of patches, Winograd's, strided, depthwise, grouped.
  @Test(arguments: [
    ([2, 3, 12, 12], [8, 3, 3, 3], 1, 1), ([2, 24, 20, 20], [72, 24, 1, 1], 1, 1),
    ([1, 160, 7, 7], [200, 160, 1, 1], 1, 1),
    ([4, 64, 24, 24], [64, 64, 3, 3], 1, 1), ([4, 32, 24, 24], [32, 32, 3, 3], 1, 1),
    ([8, 64, 32, 32], [64, 64, 3, 3], 2, 1),
    ([1, 352, 5, 5], [352, 352, 3, 3], 1, 1), ([2, 16, 12, 12], [16, 1, 3, 3], 1, 16),
    ([1, 8, 11, 11], [12, 4, 3, 3], 2, 2),
  ]) func ofConvolutions(_ input: [Int], _ kernel: [Int], _ stride: Int, _ groups: Int) {
    let (x, bias) = (normal(input, seed: 1), normal([kernel[0]], seed: 3))
    for precision in FloatPrecision.allCases {
      for bias in [nil, bias] {
        check(kernel, precision, "\(kernel) \(precision)") {
          conv2D(x, $0, bias: bias, stride: stride, padding: kernel[2] / 2, groups: groups, activation: .relu)
        }
      }
    }
  }

  /// Threads that call at once get what one gets.
  @Test func onSeveralThreads() async {
    let (weight, x) = (normal([130, 70], seed: 2), normal([3, 70], seed: 1))
    let expected = withPrecision(.bfloat16) { linear(x, weight.copied()) }
    await withTaskGroup(of: Tensor<Float>.self) { group in
      for _ in 0..<32 { group.addTask { withPrecision(.bfloat16) { linear(x, weight) } } }
      for await found in group { #expect(found == expected) }
    }
  }
}

import TernTensor
import TernTestSupport
import Testing

/// Operations that work in the order in which their operands lie in memory, beside the same of row-major operands.
@Suite struct MemoryOrderTests {
  private func normal(_ shape: [Int], _ seed: UInt64 = 5) -> Tensor<Double> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
  }

  /// The same values with the last two axes exchanged in memory.
  private func across(_ x: Tensor<Double>) -> Tensor<Double> {
    (x.transposed(-1, -2) + 0).transposed(-1, -2)
  }

  private func check(
    _ label: String, _ x: Tensor<Double>, _ f: (Tensor<Double>) -> Tensor<Double>,
    location: SourceLocation = #_sourceLocation
  ) {
    let (plain, turned) = (x.asVariable(), across(x).asVariable())
    let (expected, found) = (f(plain), f(turned))
    #expect(relativeDifference(found, expected) < 1e-13, "\(label)", sourceLocation: location)
    let cotangent = normal(expected.shape, 9)
    let wanted = gradients(of: expected, at: [plain], gradient: cotangent)[0]
    let gradient = gradients(of: found, at: [turned], gradient: alsoAcross(cotangent))[0]
    #expect(relativeDifference(gradient, wanted) < 1e-12, "gradient of \(label)", sourceLocation: location)
  }

  private func alsoAcross(_ x: Tensor<Double>) -> Tensor<Double> { x.rank < 2 ? x : across(x) }

  @Test func imagesAndVolumes() {
    let (sequences, images, volumes) = (normal([2, 9, 12]), normal([2, 3, 6, 8]), normal([2, 3, 4, 6, 5]))
    check("avgPool1D", sequences) { avgPool1D($0, kernelSize: 3) }
    check("avgPool1D of padded sequences", sequences) { avgPool1D($0, kernelSize: 3, stride: 2, padding: 1) }
    check("adaptiveAvgPool1D", sequences) { adaptiveAvgPool1D($0, outputSize: 4) }
    check("avgPool2D", images) { avgPool2D($0, kernelSize: Pair(2, 3), padding: Pair(0, 1), countsPadding: false) }
    check("adaptiveAvgPool2D", images) { adaptiveAvgPool2D($0, height: 4, width: 3) }
    check("maxPool2D", images) { maxPool2D($0, kernelSize: 2) }
    check("avgPool3D", volumes) { avgPool3D($0, kernelSize: Triple(2, 3, 2), ceilMode: true) }
    check("avgPool3D with a divisor", volumes) { avgPool3D($0, kernelSize: Triple(2, 3, 2), divisor: 5) }
    check("lpPool3D", volumes) { lpPool3D($0, p: 2, kernelSize: Triple(2, 2, 3)) }
    check("maxPool3D", volumes) { maxPool3D($0, kernelSize: Triple(2, 3, 2)) }
    check("groupNorm", normal([2, 4, 3, 5])) { groupNorm($0, groups: 2, scale: Tensor([1, 2, 3, 4])) }
  }

  @Test func productsAndSums() {
    let (a, b) = (normal([7, 5]), normal([7, 5], 6))
    check("einsum of rows", a) { einsum("ij,ij->i", $0, b) }
    check("einsum of columns", a) { einsum("ij,ij->j", $0, b) }
    check("einsum of all", a) { einsum("ij,ij->", $0, b) }
    check("einsum of pairs", a) { einsum("ij,ji->ji", $0, b.transposed()) }
    check("addr", a) { addr($0, normal([7], 6), normal([5], 8), beta: 0.5, alpha: 2) }
    check("cross", normal([6, 3])) { cross($0, normal([6, 3], 6)) }
    check("cross along the first axis", normal([3, 6])) { cross($0, normal([3, 6], 6), along: 0) }
    check("kron", normal([2, 3])) { kron($0, normal([9, 4], 6)) }
    check("nanSum", a) { $0.nanSum(along: 1) }
    check("repeatingElements", a) { $0.repeatingElements(2, along: 1) }
    check("tiled", a) { $0.tiled([2, 3]) }
    check("rfft", normal([6, 8])) { $0.rfft().real }
    check("fft2", normal([6, 8])) { ComplexPair(real: $0, imaginary: $0 * 2).fftn(along: [0, 1]).imaginary }
  }

  @Test func sumsWithoutNaN() {
    var values = normal([40, 60]).scalars
    for i in stride(from: 0, to: values.count, by: 7) { values[i] = .nan }
    let x = Tensor(values, shape: [40, 60])
    let cleaned = Tensor(values.map { $0.isNaN ? 0 : $0 }, shape: [40, 60])
    for layout in everyLayout(x) {
      for axes in [[0], [1], [0, 1]] {
        #expect(relativeDifference(layout.tensor.nanSum(along: axes), cleaned.sum(along: axes)) < 1e-13)
      }
      #expect(abs(layout.tensor.nanSum().item - cleaned.sum().item) < 1e-11)
    }
    let variable = Tensor<Double>([1, .nan, 3]).asVariable()
    #expect(gradients(of: variable.nanSum(), at: [variable])[0].scalars == [1, 0, 1])
    #expect(Tensor<Double>([.infinity, .nan, 3]).nanSum().item == .infinity)
  }
}
